/**
 * Whether a run of a source would find something to do now, for `on_arrival`. Nothing is written, and no file is read: one
 * that was touched and holds the same bytes counts, and the run that looks at it notes its new stamp.
 *
 * What the newest run saw and could not take (unreadable, no contract) would start a run at each look. It is tried again
 * when it or its contract changed, and else with growing pauses.
 */
import { stat } from 'node:fs/promises'
import type { FileVersion, RunRecord, SourceConfig } from '@tidegate/core'
import { contractPath, type Project } from '../open-project.ts'
import { findWork } from '../plan/find-work.ts'

export interface FoundFiles {
  readonly found: boolean
  /** Files that a run would look into, those included that it could not take before. */
  readonly files: number
}

const HISTORY = 12
const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000

export async function hasWork(
  project: Pick<Project, 'config' | 'exclude' | 'effects'>,
  source: SourceConfig,
): Promise<FoundFiles> {
  const quiet = { ...project, effects: { ...project.effects, report: () => {} } }
  let asked = 0
  const { plans } = await findWork(quiet, source, { hash: () => Promise.resolve(`unread-${++asked}`) })
  const versions = [
    ...new Map(plans.flatMap(({ work }) => work).map(({ version }) => [version.path, version])).values(),
  ]
  const files = versions.length + Math.max(0, ...plans.map(({ unreadable }) => unreadable.length))
  if (versions.length === 0) return { found: false, files }
  const { ledger, clock } = project.effects
  const runs = (await ledger.listRuns({ source: source.name, limit: HISTORY })).filter(
    ({ command }) => command === 'ingest',
  )
  const [last] = runs
  if (last === undefined || clock.nowMs() >= last.startedAtMs + pauseAfter(runs)) return { found: true, files }
  return { found: await someAreNew(source, versions, last.startedAtMs - source.ready.settleMs), files }
}

/** Doubled with each run in a row that loaded nothing. Pure. */
export function pauseAfter(newestFirst: readonly Pick<RunRecord, 'filesLoaded' | 'filesSkipped'>[]): number {
  const idle = newestFirst.findIndex(({ filesLoaded, filesSkipped }) => filesLoaded + filesSkipped > 0)
  const inRow = idle < 0 ? newestFirst.length : idle
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, inRow - 1))
}

/** Came into their folder, or got a contract, after that moment. A file that is moved keeps the time of its bytes. */
async function someAreNew(source: SourceConfig, versions: readonly FileVersion[], sinceMs: number): Promise<boolean> {
  for (const dataset of new Set(versions.map((version) => version.dataset))) {
    if ((await changedMs(contractPath(source, dataset))) >= sinceMs) return true
  }
  for (const { uri, modifiedAtMs } of versions) {
    if (modifiedAtMs >= sinceMs || (await changedMs(uri)) >= sinceMs) return true
  }
  return false
}

async function changedMs(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined)
  return found === undefined ? 0 : Math.max(found.ctimeMs, found.mtimeMs)
}
