import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isNetworkFileSystem } from '@tidegate/state'
import { messageOf } from '@tidegate/core'
import type { Probe } from './diagnose-machine.ts'

/** SQLite's locks are not to be trusted over a network: two runs could write to the state at once. */
export function probeStatePlace(state: string, mountinfo?: string): readonly Probe[] {
  if (/^postgres(?:ql)?:\/\//i.test(state)) return []
  const { kind, type, mountPoint } = isNetworkFileSystem(state, mountinfo)
  if (kind !== 'network') return []
  return [
    {
      what: 'place of the state database',
      outcome: 'bad',
      found: `${mountPoint} is ${type}, a network file system`,
      fix: 'Put `state:` on a local disk, or on Postgres (state: postgres://…). The commit logs stay beside the data.',
    },
  ]
}

/** How far the clock of a file system may be from ours before files look younger or older than they are. */
const SKEW_MS = 2_000

/** Settle windows and retentions compare times of files with the clock of this machine. */
export async function probeClock(folder: string, nowMs: () => number): Promise<readonly Probe[]> {
  let own: string | undefined
  try {
    own = await mkdtemp(path.join(folder, '.tidegate-clock-'))
    const file = path.join(own, 'now')
    const before = nowMs()
    await writeFile(file, '')
    const after = nowMs()
    const { mtimeMs } = await stat(file)
    const skewMs = mtimeMs < before ? mtimeMs - before : Math.max(0, mtimeMs - after)
    if (Math.abs(skewMs) <= SKEW_MS) return []
    return [
      {
        what: `clock of ${folder}`,
        outcome: 'warn',
        found: `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} the clock of this machine`,
        fix: 'Set both by NTP, or make `ready.settle` and the retentions longer than the difference.',
      },
    ]
  } catch (error) {
    return [{ what: `clock of ${folder}`, outcome: 'warn', found: `it cannot be asked: ${messageOf(error)}` }]
  } finally {
    if (own !== undefined) await rm(own, { recursive: true, force: true })
  }
}
