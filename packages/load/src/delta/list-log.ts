import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbsent } from '../durable.ts'
import { isFields } from './actions.ts'

export const DELTA_LOG = '_delta_log'

export interface Checkpoint {
  readonly version: number
  /** Names in the log folder: one, or all parts in order. */
  readonly files: readonly string[]
}

export interface LogListing {
  readonly commits: ReadonlySet<number>
  /** Complete checkpoints of the first specification, newest first. */
  readonly checkpoints: readonly Checkpoint[]
  /** There are checkpoints named by a UUID, which only the second specification has. */
  readonly hasV2Checkpoints: boolean
  /** Highest version that any name speaks of; -1 without a log. */
  readonly last: number
}

const COMMIT = /^(\d{20})\.json$/
const CLASSIC = /^(\d{20})\.checkpoint\.parquet$/
const PART = /^(\d{20})\.checkpoint\.(\d{10})\.(\d{10})\.parquet$/
const NAMED = /^(\d{20})\.checkpoint\.[0-9A-Fa-f-]{36}\.(?:json|parquet)$/

export function commitName(version: number): string {
  return `${String(version).padStart(20, '0')}.json`
}

export async function listLog(directory: string): Promise<LogListing> {
  try {
    return sortNames(await readdir(join(directory, DELTA_LOG)))
  } catch (error) {
    if (isAbsent(error)) return sortNames([])
    throw error
  }
}

/** Pure. Multi-part checkpoints of which a part is missing are left out: they are being written, or never were finished. */
export function sortNames(names: readonly string[]): LogListing {
  const commits = new Set<number>()
  const checkpoints: Checkpoint[] = []
  const parts = new Map<string, string[]>()
  let hasV2Checkpoints = false
  for (const name of names) {
    const commit = COMMIT.exec(name)
    if (commit !== null) commits.add(Number(commit[1]))
    const classic = CLASSIC.exec(name)
    if (classic !== null) checkpoints.push({ version: Number(classic[1]), files: [name] })
    const part = PART.exec(name)
    if (part !== null) {
      const key = `${part[1]}.${part[3]}`
      parts.set(key, [...(parts.get(key) ?? []), name])
    }
    hasV2Checkpoints ||= NAMED.test(name)
  }
  for (const [key, files] of parts) {
    const [version, count] = key.split('.').map(Number)
    if (version !== undefined && files.length === count) checkpoints.push({ version, files: files.toSorted() })
  }
  checkpoints.sort((a, b) => b.version - a.version || a.files.length - b.files.length)
  const last = Math.max(-1, ...checkpoints.slice(0, 1).map(({ version }) => version), highest(commits))
  return { commits, checkpoints, hasV2Checkpoints, last }
}

/**
 * The version that `_last_checkpoint` points to, or undefined. The file is only a hint for stores where listing is dear:
 * here the listing decides, and the hint serves to notice that the end of a log was lost.
 */
export async function readLastCheckpoint(directory: string): Promise<number | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(directory, DELTA_LOG, '_last_checkpoint'), 'utf8'))
    const version = isFields(value) ? value['version'] : undefined
    return Number.isSafeInteger(version) ? Number(version) : undefined
  } catch (error) {
    if (isAbsent(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}

function highest(numbers: Iterable<number>): number {
  let most = -1
  for (const number of numbers) if (number > most) most = number
  return most
}
