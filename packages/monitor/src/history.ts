/**
 * The past as plain data: read once, then every view is a pure function of it.
 */
import type { CheckRecord, FileFailure, FileRecord, HistoryReader, RunRecord, WatermarkRecord } from '@tidegate/core'

export interface History {
  /** Start of the window, Unix milliseconds, inclusive. */
  readonly sinceMs: number
  /** When it was read: the end of the window. */
  readonly readAtMs: number
  /** Runs begun in the window, and the newest 10 of each source however old. Newest first. */
  readonly runs: readonly RunRecord[]
  /** Files decided in the window, and the newest loaded one of each source however old. Newest first. */
  readonly files: readonly FileRecord[]
  /** Every held file version known, however old. */
  readonly held: readonly HeldFile[]
  /** Files that could not be judged, in the window. Newest first. */
  readonly failures: readonly FileFailure[]
  /** Check results in the window. Newest first. */
  readonly checks: readonly CheckRecord[]
  readonly watermarks: readonly WatermarkRecord[]
  readonly leases: readonly { readonly source: string; readonly what: string; readonly expiresAtMs: number }[]
}

export interface HeldFile {
  readonly file: FileRecord
  /** A later version of the same path was judged since: about this one nothing is left to do. */
  readonly superseded: boolean
}

export interface HistoryWindow {
  /** Unix milliseconds, inclusive. */
  readonly sinceMs: number
  readonly nowMs: number
  /** Only these sources. @defaultValue all that have a history */
  readonly sources?: readonly string[] | undefined
}

/** Reads what the views need of the window. Costs grow with the window, not with the age of the project. */
export async function readHistory(reader: HistoryReader, window: HistoryWindow): Promise<History> {
  const { sinceMs, nowMs } = window
  const wanted = window.sources === undefined ? undefined : new Set(window.sources)
  const scopes = wanted === undefined ? [{}] : Array.from(wanted, (source) => ({ source }))
  const [runs, files, failures, checks, held] = await Promise.all([
    readScopes(scopes, (scope) => reader.listRuns({ ...scope, sinceMs })),
    readScopes(scopes, (scope) => reader.listFiles({ ...scope, sinceMs })),
    readScopes(scopes, (scope) => reader.listFailures({ ...scope, sinceMs })),
    readScopes(scopes, (scope) => reader.listChecks({ ...scope, sinceMs })),
    readScopes(scopes, (scope) => reader.listFiles({ ...scope, outcome: 'held' })),
  ])
  const watermarks = (await reader.listWatermarks()).filter(({ source }) => wanted?.has(source) ?? true)
  const leases = (await reader.listLeases(nowMs)).filter(({ source }) => wanted?.has(source) ?? true)

  const sources = wanted ?? new Set([...runs, ...files, ...held, ...watermarks].map(({ source }) => source))
  const latest = await readLatest(reader, sources)
  const earliestHeldMs = held.reduce((least, file) => Math.min(least, file.decidedAtMs), Number.POSITIVE_INFINITY)
  const laterFiles =
    held.length === 0 || earliestHeldMs >= sinceMs
      ? files
      : await readScopes(scopes, (scope) => reader.listFiles({ ...scope, sinceMs: earliestHeldMs }))

  return {
    sinceMs,
    readAtMs: nowMs,
    runs: newestFirst(unique([...runs, ...latest.runs], byId), (run) => run.startedAtMs),
    files: newestFirst(unique([...files, ...latest.files], byPlaceAndId), (file) => file.decidedAtMs),
    held: markSuperseded(held, laterFiles),
    failures: newestFirst(failures, (failure) => failure.failedAtMs),
    checks: newestFirst(checks, (check) => check.checkedAtMs),
    watermarks,
    leases: leases.map(({ source, owner, expiresAtMs }) => ({ source, what: owner.what, expiresAtMs })),
  }
}

async function readScopes<Scope, Item>(
  scopes: readonly Scope[],
  read: (scope: Scope) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  return (await Promise.all(scopes.map((scope) => read(scope)))).flat()
}

/** Enough to find the last one that loaded among those that only looked. */
const LATEST_RUNS = 10

/** A source that was quiet for longer than the window must show when it last did something, not that it never did. */
async function readLatest(
  reader: HistoryReader,
  sources: Iterable<string>,
): Promise<{ runs: readonly RunRecord[]; files: readonly FileRecord[] }> {
  const runs: RunRecord[] = []
  const files: FileRecord[] = []
  for (const source of sources) {
    runs.push(...(await reader.listRuns({ source, limit: LATEST_RUNS })))
    files.push(...(await reader.listFiles({ source, outcome: 'loaded', limit: 1 })))
  }
  return { runs, files }
}

function markSuperseded(held: readonly FileRecord[], files: readonly FileRecord[]): readonly HeldFile[] {
  const newest = new Map<string, number>()
  for (const file of [...held, ...files]) {
    const key = pathKey(file)
    newest.set(key, Math.max(newest.get(key) ?? 0, file.ordinal))
  }
  return newestFirst(held, (file) => file.decidedAtMs).map((file) => ({
    file,
    superseded: (newest.get(pathKey(file)) ?? 0) > file.ordinal,
  }))
}

function pathKey(file: FileRecord): string {
  return JSON.stringify([file.source, file.path])
}

function byId(record: { readonly id: string }): string {
  return record.id
}

/** Two targets may have decided differently of the same version. */
function byPlaceAndId({ location, id }: FileRecord): string {
  return JSON.stringify([location, id])
}

function unique<Item>(items: readonly Item[], key: (item: Item) => string): readonly Item[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}

function newestFirst<Item>(items: readonly Item[], timeMs: (item: Item) => number): readonly Item[] {
  return items.toSorted((a, b) => timeMs(b) - timeMs(a))
}
