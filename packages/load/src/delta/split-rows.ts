/**
 * Rows of several file versions on their way into parts: staged once in their order (a heap), then without those that lost
 * to another with the same key, a part for each partition, in which the rows of a file lie together.
 */
import type { FileRows, QueryOptions, Session, WritePlan } from '@tidegate/core'
import { copiedFiles, copyStatement, keyName, type CopiedFile, type CopySettings } from './copy-rows.ts'
import { fileList } from './parquet-list.ts'
import type { PlannedColumn } from './plan-columns.ts'

/** One staged file with the rows of one call, in the order in which they came. */
export interface Heap {
  /** Absolute. */
  readonly path: string
  readonly files: readonly FileRows[]
  readonly planned: readonly PlannedColumn[]
}

export interface SplitPart {
  readonly copied: CopiedFile
  readonly ranges: readonly FileRows[]
}

const ROW = 'file_row_number'

/**
 * Writes the rows of a heap that are not among the losers: a part per partition.
 *
 * @param losers absolute path of what {@link writeLosers} wrote
 * @param nextPath absolute path of the next part
 */
export async function splitHeap(
  session: Session,
  heap: Heap,
  nextPath: () => string,
  settings: CopySettings,
  { losers, at }: { readonly losers?: string | undefined; readonly at: number } = { at: 0 },
  options?: QueryOptions,
): Promise<readonly SplitPart[]> {
  const { dialect } = session
  const partitions = heap.planned.filter(({ isPartition }) => isPartition)
  const keys = partitions.map((_, index) => dialect.identifier(keyName(index)))
  const rows = `read_parquet(${fileList(dialect, [heap.path])}, file_row_number = true, hive_partitioning = false)`
  const lost =
    losers === undefined
      ? ''
      : ` WHERE ${ROW} NOT IN (SELECT lost_row FROM read_parquet(${fileList(dialect, [losers])}) WHERE heap = ${at})`
  const from = `(SELECT * FROM ${rows}${lost})`
  const counted = await session.query(
    `SELECT f.at, count(*)${keys.map((key) => `, r.${key}`).join('')} FROM ${from} r ASOF JOIN ${startsSql(heap.files)} f
     ON r.${ROW} >= f.start GROUP BY ALL ORDER BY ${[...keys.map((key) => `r.${key}`), 'f.at'].join(', ')}`,
    options,
  )
  const groups = Map.groupBy(counted.rows, (row) => row.slice(2).join('/'))
  const columns = heap.planned
    .filter(({ isPartition }) => !isPartition)
    .map(({ field }) => dialect.identifier(field.name))
    .join(', ')
  const parts: SplitPart[] = []
  for (const group of groups.values()) {
    const values = (group[0] ?? []).slice(2).map(String)
    const where = values.map((value, index) => `${keys[index]} = ${dialect.literal(value)}`)
    const filter = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`
    const select = `SELECT ${columns} FROM ${from}${filter} ORDER BY ${ROW}`
    const [copied] = copiedFiles(await session.query(copyStatement(session, select, nextPath(), settings), options))
    if (copied === undefined) continue
    parts.push({
      copied: { ...copied, keys: new Map(values.map((value, index) => [keyName(index), value])) },
      ranges: group.flatMap(([file, count]) => {
        const own = heap.files[Number(file)]
        return own === undefined ? [] : [{ file: own.file, rows: Number(count) }]
      }),
    })
  }
  return parts
}

/**
 * Writes which rows of the heaps lost: of those with the same keys one stays, with the highest order, else the last. Rows
 * with a NULL among the keys all stay.
 *
 * @param dedup columns by the table's names or in another case
 * @returns how many rows of which file version lost
 */
export async function writeLosers(
  session: Session,
  heaps: readonly Heap[],
  dedup: NonNullable<WritePlan['dedup']>,
  to: string,
  options?: QueryOptions,
): Promise<readonly FileRows[]> {
  const { dialect } = session
  const keys = dedup.keys.map((key) => dialect.identifier(key))
  const sources = heaps.map(
    ({ path }, at) =>
      `SELECT ${at} AS heap, * FROM read_parquet(${fileList(dialect, [path])}, file_row_number = true, hive_partitioning = false)`,
  )
  const order = dedup.orderBy === undefined ? '' : `${dialect.identifier(dedup.orderBy)} DESC NULLS LAST, `
  const ranked = `SELECT heap, ${ROW} AS lost_row, row_number() OVER (PARTITION BY ${keys.join(', ')} ORDER BY ${order}heap DESC, ${ROW} DESC) AS place
    FROM (${sources.join(' UNION ALL BY NAME ')}) WHERE ${keys.map((key) => `${key} IS NOT NULL`).join(' AND ')}`
  const select = `SELECT heap, lost_row FROM (${ranked}) WHERE place > 1`
  await session.query(`COPY (${select}) TO ${dialect.literal(to)} (FORMAT parquet)`, options)
  const dropped: FileRows[] = []
  for (const [at, heap] of heaps.entries()) {
    const { rows } = await session.query(
      `SELECT f.at, count(*) FROM read_parquet(${fileList(dialect, [to])}) r ASOF JOIN ${startsSql(heap.files)} f
       ON r.lost_row >= f.start WHERE r.heap = ${at} GROUP BY ALL ORDER BY 1`,
      options,
    )
    for (const [file, count] of rows) {
      const own = heap.files[Number(file)]
      if (own !== undefined) dropped.push({ file: own.file, rows: Number(count) })
    }
  }
  return dropped
}

/** Where the rows of each file begin. Files without rows begin nowhere. */
function startsSql(files: readonly FileRows[]): string {
  const starts: string[] = []
  const numbers: string[] = []
  let start = 0
  for (const [at, { rows }] of files.entries()) {
    if (rows > 0) {
      starts.push(String(start))
      numbers.push(String(at))
    }
    start += rows
  }
  return `(SELECT unnest([${starts.join(', ')}]::BIGINT[]) AS start, unnest([${numbers.join(', ')}]::BIGINT[]) AS at)`
}
