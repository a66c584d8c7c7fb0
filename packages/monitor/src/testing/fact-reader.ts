/** A FactReader over lists in memory: the plain meaning of each method, for tests to compare with. */
import type {
  Capped,
  CheckRecord,
  FactReader,
  FactWindow,
  FileQuery,
  FileRecord,
  FileSums,
  QuarantineSums,
} from '@tidegate/core'
import type { Records } from './facts-builder.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export function readerOf(records: Records): FactReader {
  const { runs = [], files = [], failures = [], checks = [], watermarks = [] } = records
  const { schemas = [], contracts = [] } = records
  const filesOf = (window: Partial<FactWindow>): readonly FileRecord[] =>
    newestFirst(
      inWindow(files, window, (file) => file.decidedAtMs),
      (file) => file.decidedAtMs,
    )
  const checksOf = (window: FactWindow): readonly CheckRecord[] =>
    newestFirst(
      inWindow(checks, window, (check) => check.checkedAtMs),
      (check) => check.checkedAtMs,
    )
  return {
    factRuns: async (window, latest, limit) => {
      const ours = newestFirst(ofSources(runs, window), (run) => run.startedAtMs)
      const seen = new Map<string, number>()
      const kept = ours.filter((run) => {
        const rank = (seen.get(run.source) ?? 0) + 1
        seen.set(run.source, rank)
        return rank <= latest || (run.startedAtMs >= window.sinceMs && run.startedAtMs < window.untilMs)
      })
      return capped(kept, limit)
    },
    sumFileHours: async (window) =>
      grouped(filesOf(window), (file) => [file.source, file.dataset, floor(file.decidedAtMs, HOUR)]).map(
        ([file, group]) => ({
          source: file.source,
          dataset: file.dataset,
          hourMs: floor(file.decidedAtMs, HOUR),
          ...sumsOf(group),
        }),
      ),
    sumFolders: async (window, limit) =>
      capped(
        grouped(filesOf(window), (file) => [file.source, file.dataset, folderOf(file)]).map(([file, group]) => ({
          source: file.source,
          dataset: file.dataset,
          folder: folderOf(file),
          firstMs: Math.min(...group.map((item) => item.decidedAtMs)),
          lastMs: Math.max(...group.map((item) => item.decidedAtMs)),
          ...sumsOf(group),
        })),
        limit,
      ),
    sumScores: async (window) =>
      grouped(
        filesOf(window).filter(({ score }) => score !== null),
        (file) => [file.source, file.dataset, floor(file.decidedAtMs, DAY)],
      ).map(([file, group]) => ({
        source: file.source,
        dataset: file.dataset,
        dayMs: floor(file.decidedAtMs, DAY),
        bins: Array.from(
          { length: 21 },
          (_, bin) => group.filter(({ score }) => Math.floor((score ?? 0) / 5) === bin).length,
        ),
      })),
    sumCheckDays: async (window) =>
      grouped(checksOf(window), ({ source, dataset, result, checkedAtMs }) => [
        source,
        dataset,
        result.id,
        floor(checkedAtMs, DAY),
      ]).map(([newest, group]) => ({
        source: newest.source,
        dataset: newest.dataset,
        check: newest.result.id,
        type: newest.result.type,
        columns: newest.result.columns,
        severity: newest.result.severity,
        dimension: newest.result.dimension,
        dayMs: floor(newest.checkedAtMs, DAY),
        passed: group.filter(({ result }) => result.outcome === 'passed').length,
        failed: group.filter(({ result }) => result.outcome === 'failed').length,
        errors: group.filter(({ result }) => result.outcome === 'error').length,
        unexpectedRows: group.reduce((sum, { result }) => sum + (result.unexpectedCount ?? 0), 0),
        lastMs: newest.checkedAtMs,
      })),
    sumCheckFailures: async (window) =>
      grouped(
        checksOf(window).filter(({ result }) => result.outcome !== 'passed'),
        ({ source, dataset, result, checkedAtMs }) => [source, dataset, result.id, floor(checkedAtMs, HOUR)],
      ).map(([newest, group]) => ({
        source: newest.source,
        dataset: newest.dataset,
        check: newest.result.id,
        hourMs: floor(newest.checkedAtMs, HOUR),
        failed: group.filter(({ result }) => result.outcome === 'failed').length,
        errors: group.filter(({ result }) => result.outcome === 'error').length,
        files: new Set(group.map(({ file }) => file)).size,
      })),
    failedChecks: async (window, perCheck) => {
      const bad = checksOf(window).filter(({ result }) => result.outcome !== 'passed')
      const kept = new Set(
        grouped(bad, ({ source, dataset, result }) => [source, dataset, result.id]).flatMap(([, group]) =>
          group.slice(0, perCheck),
        ),
      )
      return { items: bad.filter((record) => kept.has(record)), total: bad.length }
    },
    queryFiles: async (query) => queryFiles(filesOf(query), query),
    lastLoaded: async (sources) =>
      grouped(newestFirst(ofSources(files, { sources }), (file) => file.decidedAtMs).filter(isLoaded), ({ source }) => [
        source,
      ]).map(([file]) => file),
    openHeld: async (sources, limit) =>
      capped(
        newestFirst(ofSources(files, { sources }), (file) => file.decidedAtMs).filter((file) => isOpen(file, files)),
        limit,
      ),
    factFailures: async (window, limit) =>
      capped(
        newestFirst(
          inWindow(failures, window, (item) => item.failedAtMs),
          (item) => item.failedAtMs,
        ),
        limit,
      ),
    sumQuarantine: async (window) =>
      ofSources(records.quarantine ?? quarantineOf(files), window).filter(
        ({ dayMs, status }) => status === 'open' || (dayMs >= floor(window.sinceMs, DAY) && dayMs < window.untilMs),
      ),
    sumRepairs: async (window) =>
      grouped(
        filesOf(window).filter((file) => isLoaded(file) && file.repair !== undefined),
        (file) => [file.source, file.dataset, floor(file.decidedAtMs, DAY), file.repair?.codes, file.repair?.status],
      ).map(([file, group]) => ({
        source: file.source,
        dataset: file.dataset,
        dayMs: floor(file.decidedAtMs, DAY),
        codes: (file.repair?.codes ?? []).join(','),
        status: file.repair?.status ?? 'repaired',
        files: group.length,
        rowsLoaded: total(group, ({ rowsLoaded }) => rowsLoaded),
        rowsLost: total(group, ({ repair }) => (typeof repair?.rowsLost === 'number' ? repair.rowsLost : 0)),
        unknownLoss: total(group, ({ repair }) => Number(repair?.rowsLost === 'unknown')),
        cellsNulled: total(group, ({ repair }) => repair?.cellsNulled ?? 0),
      })),
    schemaVersions: async (window) => ofSources(schemas, window),
    contractVersions: async (window) => ofSources(contracts, window),
    listWatermarks: async () => watermarks,
    listLeases: async () => [],
  }
}

function quarantineOf(files: readonly FileRecord[]): readonly QuarantineSums[] {
  const records = files
    .filter(({ outcome, rowsRejected }) => outcome === 'held' || (outcome === 'loaded' && rowsRejected > 0))
    .map((file) => ({ file, reason: file.reasons[0]?.check ?? '', isHeld: file.outcome === 'held' }))
  return grouped(records, ({ file, reason, isHeld }) => [
    file.source,
    file.dataset,
    isHeld,
    isOpen(file, files),
    reason,
    floor(file.decidedAtMs, DAY),
  ]).map(([{ file, reason, isHeld }, group]) => ({
    source: file.source,
    dataset: file.dataset,
    kind: isHeld ? 'held' : 'rows',
    status: !isHeld || isOpen(file, files) ? 'open' : 'superseded',
    reason,
    dayMs: floor(file.decidedAtMs, DAY),
    items: group.length,
    rows: total(group, (item) => item.file.rowsRejected),
    bytes: isHeld ? total(group, (item) => item.file.bytes) : 0,
  }))
}

function queryFiles(files: readonly FileRecord[], { order = 'newest', limit }: FileQuery): Capped<FileRecord> {
  const sorted = files.toSorted((a, b) => {
    if (order === 'lowest-score') return (a.score ?? 101) - (b.score ?? 101)
    return order === 'most-rows' ? b.rowsRead - a.rowsRead : b.decidedAtMs - a.decidedAtMs
  })
  return capped(sorted, limit)
}

function isLoaded({ outcome }: FileRecord): boolean {
  return outcome === 'loaded'
}

function isOpen(file: FileRecord, files: readonly FileRecord[]): boolean {
  const isLater = (other: FileRecord): boolean =>
    other.source === file.source && other.path === file.path && other.ordinal > file.ordinal
  return file.outcome === 'held' && !files.some(isLater)
}

function folderOf({ path }: FileRecord): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

function sumsOf(files: readonly FileRecord[]): FileSums {
  const judged = files.filter(({ outcome }) => outcome !== 'skipped')
  const scores = files.flatMap(({ score }) => score ?? [])
  return {
    loaded: files.filter(isLoaded).length,
    held: files.filter(({ outcome }) => outcome === 'held').length,
    skipped: files.length - judged.length,
    repaired: judged.filter(({ repair }) => repair !== undefined).length,
    rowsRead: total(files, ({ rowsRead }) => rowsRead),
    rowsLoaded: total(files, ({ rowsLoaded }) => rowsLoaded),
    rowsRejected: total(files, ({ rowsRejected }) => rowsRejected),
    rowsDropped: total(files, ({ rowsDropped }) => rowsDropped),
    rowsReplayed: total(files, ({ rowsReplayed }) => rowsReplayed ?? 0),
    rowsDiscarded: total(files, ({ rowsDiscarded }) => rowsDiscarded ?? 0),
    bytes: total(files, ({ bytes }) => bytes),
    scored: scores.length,
    scoreSum: total(scores, (score) => score),
    scoreMin: scores.length === 0 ? null : Math.min(...scores),
  }
}

function total<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0)
}

function floor(ms: number, size: number): number {
  return Math.floor(ms / size) * size
}

function ofSources<Item extends { readonly source: string }>(
  items: readonly Item[],
  { sources }: Pick<Partial<FactWindow>, 'sources'>,
): readonly Item[] {
  return items.filter(({ source }) => sources?.includes(source) ?? true)
}

function inWindow<Item extends { readonly source: string }>(
  items: readonly Item[],
  window: Partial<FactWindow>,
  timeMs: (item: Item) => number,
): readonly Item[] {
  const { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = window
  return ofSources(items, window).filter((item) => timeMs(item) >= sinceMs && timeMs(item) < untilMs)
}

function newestFirst<Item>(items: readonly Item[], timeMs: (item: Item) => number): readonly Item[] {
  return items.toSorted((a, b) => timeMs(b) - timeMs(a))
}

function capped<Item>(items: readonly Item[], limit: number): Capped<Item> {
  return { items: items.slice(0, limit), total: items.length }
}

/** The first item of each group and the group, ordered by key. */
function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => readonly unknown[],
): readonly (readonly [Item, readonly Item[]])[] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = JSON.stringify(keyOf(item))
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return Array.from(groups.keys())
    .toSorted()
    .flatMap((key): (readonly [Item, readonly Item[]])[] => {
      const group = groups.get(key) ?? []
      return group[0] === undefined ? [] : [[group[0], group]]
    })
}
