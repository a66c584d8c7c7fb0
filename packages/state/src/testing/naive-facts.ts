/** What the fact reader says, summed in plain loops over the lists of everything. */
import type {
  CheckDay,
  CheckFailures,
  CheckRecord,
  FactWindow,
  FileHour,
  FileRecord,
  FileSums,
  FolderSums,
  ScoreBins,
} from '@tidegate/core'
import type { State } from '../state.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export async function naiveFileHours(state: State, window: FactWindow): Promise<readonly FileHour[]> {
  const files = await filesIn(state, window)
  return grouped(files, (file) => [file.source, file.dataset, floor(file.decidedAtMs, HOUR_MS)]).map(
    ([[source, dataset, hourMs], group]) => ({ source, dataset, hourMs, ...sumsOf(group) }),
  )
}

export async function naiveFolders(state: State, window: FactWindow): Promise<readonly FolderSums[]> {
  const files = await filesIn(state, window)
  return grouped(files, (file) => [file.source, file.dataset, folderOf(file.path)]).map(
    ([[source, dataset, folder], group]) => ({
      source,
      dataset,
      folder,
      ...sumsOf(group),
      firstMs: Math.min(...group.map((file) => file.decidedAtMs)),
      lastMs: Math.max(...group.map((file) => file.decidedAtMs)),
    }),
  )
}

export async function naiveScores(state: State, window: FactWindow): Promise<readonly ScoreBins[]> {
  const files = (await filesIn(state, window)).filter((file) => file.score !== null)
  return grouped(files, (file) => [file.source, file.dataset, floor(file.decidedAtMs, DAY_MS)]).map(
    ([[source, dataset, dayMs], group]) => {
      const bins = Array.from({ length: 21 }, () => 0)
      for (const { score } of group) {
        const bin = score === 100 ? 20 : Math.floor((score ?? 0) / 5)
        bins[bin] = (bins[bin] ?? 0) + 1
      }
      return { source, dataset, dayMs, bins }
    },
  )
}

export async function naiveCheckDays(state: State, window: FactWindow): Promise<readonly CheckDay[]> {
  const records = await checksIn(state, { ...window, sinceMs: floor(window.sinceMs, DAY_MS) })
  return grouped(records, (record) => [
    record.source,
    record.dataset,
    record.result.id,
    floor(record.checkedAtMs, DAY_MS),
    record.result.severity,
  ]).map(([[source, dataset, check, dayMs, severity], group]) => ({
    source,
    dataset,
    check,
    type: group[0]?.result.type ?? '',
    columns: group[0]?.result.columns ?? [],
    severity: severity as CheckDay['severity'],
    dimension: group[0]?.result.dimension ?? 'validity',
    dayMs,
    passed: group.filter(({ result }) => result.outcome === 'passed').length,
    failed: group.filter(({ result }) => result.outcome === 'failed').length,
    errors: group.filter(({ result }) => result.outcome === 'error').length,
    unexpectedRows: group.reduce((sum, { result }) => sum + (result.unexpectedCount ?? 0), 0),
    lastMs: Math.max(...group.map((record) => record.checkedAtMs)),
  }))
}

export async function naiveCheckFailures(state: State, window: FactWindow): Promise<readonly CheckFailures[]> {
  const records = (await checksIn(state, window)).filter(({ result }) => result.outcome !== 'passed')
  return grouped(records, (record) => [
    record.source,
    record.dataset,
    record.result.id,
    floor(record.checkedAtMs, HOUR_MS),
  ]).map(([[source, dataset, check, hourMs], group]) => ({
    source,
    dataset,
    check,
    hourMs,
    failed: group.filter(({ result }) => result.outcome === 'failed').length,
    errors: group.filter(({ result }) => result.outcome === 'error').length,
    files: new Set(group.map((record) => record.file)).size,
  }))
}

async function filesIn(state: State, { sinceMs, untilMs, sources }: FactWindow): Promise<readonly FileRecord[]> {
  return (await state.listFiles()).filter(
    (file) =>
      file.decidedAtMs >= sinceMs &&
      file.decidedAtMs < untilMs &&
      (sources === undefined || sources.includes(file.source)),
  )
}

async function checksIn(state: State, { sinceMs, untilMs, sources }: FactWindow): Promise<readonly CheckRecord[]> {
  return (await state.listChecks()).filter(
    (one) =>
      one.checkedAtMs >= sinceMs &&
      one.checkedAtMs < untilMs &&
      (sources === undefined || sources.includes(one.source)),
  )
}

function folderOf(path: string): string {
  const parts = path.split('/')
  parts.pop()
  while (parts.at(-1) === '') parts.pop()
  return parts.join('/')
}

function sumsOf(files: readonly FileRecord[]): FileSums {
  const sum = (of: (file: FileRecord) => number): number => files.reduce((total, file) => total + of(file), 0)
  const scores = files.flatMap((file) => file.score ?? [])
  return {
    loaded: files.filter((file) => file.outcome === 'loaded').length,
    held: files.filter((file) => file.outcome === 'held').length,
    skipped: files.filter((file) => file.outcome === 'skipped').length,
    repaired: files.filter((file) => file.repair !== undefined && file.outcome !== 'skipped').length,
    rowsRead: sum((file) => file.rowsRead),
    rowsLoaded: sum((file) => file.rowsLoaded),
    rowsRejected: sum((file) => file.rowsRejected),
    rowsDropped: sum((file) => file.rowsDropped),
    rowsReplayed: sum((file) => file.rowsReplayed ?? 0),
    rowsDiscarded: sum((file) => file.rowsDiscarded ?? 0),
    bytes: sum((file) => file.bytes),
    scored: scores.length,
    scoreSum: scores.reduce((total, score) => total + score, 0),
    scoreMin: scores.length === 0 ? null : Math.min(...scores),
  }
}

/** By key, in the order of the bytes of its texts and the size of its numbers. */
function grouped<Item, Key extends readonly (string | number)[]>(
  items: readonly Item[],
  keyOf: (item: Item) => [...Key],
): [[...Key], readonly Item[]][] {
  const groups = Map.groupBy(items, (item) => JSON.stringify(keyOf(item)))
  return [...groups]
    .map(([key, group]): [[...Key], readonly Item[]] => [JSON.parse(key) as [...Key], group])
    .toSorted(([left], [right]) => compareKeys(left, right))
}

function compareKeys(left: readonly (string | number)[], right: readonly (string | number)[]): number {
  for (const [place, one] of left.entries()) {
    const other = right[place] ?? ''
    const order =
      typeof one === 'number' ? one - Number(other) : Buffer.compare(Buffer.from(one), Buffer.from(String(other)))
    if (order !== 0) return order
  }
  return 0
}

function floor(atMs: number, unitMs: number): number {
  return Math.floor(atMs / unitMs) * unitMs
}
