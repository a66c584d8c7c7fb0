/**
 * Parts by partition, in Hive layout. The partition columns stay in the files: readers that know the layout take the value
 * from the folder, which is the same, and readers that do not find it in the file, with its own type.
 */
import { basename, dirname, join } from 'node:path'
import { TidegateError, type FileRows, type LedgerPart } from '@tidegate/core'
import { partitionFolders, partitionKeySql } from '../delta/partition.ts'
import { assertVisiblePath } from '../layout.ts'
import { namedRanges, rangesOf } from '../part-ranges.ts'
import { lower, needColumns, partRows, type PartRows } from './part-rows.ts'
import type { SettleContext } from './settle-context.ts'

const MAX_PARTITIONS = 1000
/** With more than these, the rows are sorted once instead of being looked through for each partition. */
const SCANS = 8
/** As many files as the engine keeps open at once; and what fits into a name. */
const MAX_OPEN = 100
const MAX_KEY = 200

/** @throws TARGET_TOO_MANY_PARTITIONS, TARGET_COLUMN_MISSING */
export async function splitParts(context: SettleContext, parts: readonly LedgerPart[]): Promise<readonly LedgerPart[]> {
  const { partitionBy } = context.plan
  if (partitionBy.length === 0 || parts.length === 0) return parts
  const seen = new Set<string>()
  const names = new Set<string>()
  const split: LedgerPart[] = []
  for (const part of parts) {
    for (const piece of await splitPart(context, part, seen)) {
      const visible = freeName(piece.visible, names)
      assertVisiblePath(visible)
      names.add(visible)
      split.push({ ...piece, visible })
    }
  }
  return split
}

async function splitPart(context: SettleContext, part: LedgerPart, seen: Set<string>): Promise<readonly LedgerPart[]> {
  const { session, query, plan, directory } = context
  const rows = await partRows(session, [join(directory, part.staged)], query)
  const columns = needColumns(session, rows.columns, plan.partitionBy, 'partition_by')
  const keySql = columns.map((column) => partitionKeySql(session.dialect, column, 'string')).join(` || '.' || `)
  const distinct = await session.query(`SELECT DISTINCT ${keySql} FROM ${rows.sql} LIMIT ${MAX_PARTITIONS + 1}`, query)
  for (const [key] of distinct.rows) seen.add(String(key))
  if (seen.size > MAX_PARTITIONS) throw tooMany(plan.partitionBy)
  const pieces = await countPieces(context, part, rows, keySql)
  const [only] = pieces.keys()
  if (only !== undefined && pieces.size === 1) return [placed(part, plan.partitionBy, only, part)]
  const oneFile = rangesOf(part).filter((range) => range.rows > 0).length < 2
  if (oneFile && pieces.size <= MAX_OPEN && [...pieces.keys()].every((key) => key.length <= MAX_KEY)) {
    return splitByEngine(context, part, rows, keySql, pieces)
  }
  const selectOf = await selectPieces(context, rows, keySql, pieces.size)
  const written: LedgerPart[] = []
  for (const [key, ranges] of pieces) {
    const copied = await context.copy(selectOf(key))
    const { ranges: _, ...same } = part
    written.push(placed({ ...same, ...copied, ...namedRanges(ranges) }, plan.partitionBy, key, part))
    assertRows(written.at(-1), ranges)
  }
  await context.discard(part.staged)
  return written
}

/** Rows of one file, in one go: nothing stands on their order. */
async function splitByEngine(
  context: SettleContext,
  part: LedgerPart,
  { sql, columns }: PartRows,
  keySql: string,
  pieces: ReadonlyMap<string, readonly FileRows[]>,
): Promise<readonly LedgerPart[]> {
  const { dialect } = context.session
  const key = dialect.identifier(freeColumn(columns.map(({ name }) => name)))
  const names = columns.map(({ name }) => dialect.identifier(name)).join(', ')
  const copies = await context.copyByKey(`SELECT ${names}, ${keySql} AS ${key} FROM ${sql}`, key)
  const { ranges: _, ...same } = part
  const written = copies
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
    .map((copy) => {
      const file = pieces.get(copy.key)?.[0]?.file ?? ''
      const named = namedRanges([{ file, rows: copy.copied.rows }])
      return placed({ ...same, ...copy.copied, ...named }, context.plan.partitionBy, copy.key, part)
    })
  const rows = written.reduce((sum, piece) => sum + piece.rows, 0)
  assertRows({ ...part, rows }, [...pieces.values()].flat())
  await context.discard(part.staged)
  return written
}

/** Key → how many rows of each file, in order. */
async function countPieces(
  { session, query }: SettleContext,
  part: LedgerPart,
  { sql, row }: PartRows,
  keySql: string,
): Promise<ReadonlyMap<string, readonly FileRows[]>> {
  const ranges = rangesOf(part)
  const starts = ranges.map((_, at) => ranges.slice(0, at).reduce((sum, range) => sum + range.rows, 0))
  const filled = ranges.flatMap(({ rows }, at) => (rows > 0 ? [`(${starts[at] ?? 0}, ${at})`] : []))
  const keyed = `(SELECT ${keySql} AS "key", ${row} AS "row" FROM ${sql})`
  const counts =
    filled.length < 2
      ? `SELECT "key", ${Math.max(
          ranges.findIndex(({ rows }) => rows > 0),
          0,
        )}, count(*) FROM ${keyed} GROUP BY ALL ORDER BY ALL`
      : `SELECT k."key", s."place", count(*) FROM ${keyed} AS k
         ASOF JOIN (VALUES ${filled.join(', ')}) AS s("start", "place") ON k."row" >= s."start" GROUP BY ALL ORDER BY ALL`
  const pieces = new Map<string, FileRows[]>()
  for (const [key, place, count] of (await session.query(counts, query)).rows) {
    const file = ranges[Number(place)]?.file ?? ''
    const piece = pieces.get(String(key))
    if (piece === undefined) pieces.set(String(key), [{ file, rows: Number(count) }])
    else piece.push({ file, rows: Number(count) })
  }
  return pieces
}

/** How the rows of one partition are read, in their order. */
async function selectPieces(
  { session, query, scratch }: SettleContext,
  { sql, columns, row }: PartRows,
  keySql: string,
  pieces: number,
): Promise<(key: string) => string> {
  const { dialect } = session
  const names = columns.map(({ name }) => dialect.identifier(name)).join(', ')
  if (pieces <= SCANS) return (key) => `SELECT ${names} FROM ${sql} WHERE ${keySql} = ${dialect.literal(key)}`
  const keyName = dialect.identifier(freeColumn(columns.map(({ name }) => name)))
  const path = dialect.literal(scratch())
  await session.query(
    `COPY (SELECT ${names}, ${keySql} AS ${keyName} FROM ${sql} ORDER BY ${keyName}, ${row}) TO ${path} (FORMAT parquet)`,
    query,
  )
  return (key) => `SELECT ${names} FROM read_parquet(${path}) WHERE ${keyName} = ${dialect.literal(key)}`
}

function placed(part: LedgerPart, columns: readonly string[], key: string, { visible }: LedgerPart): LedgerPart {
  const values = key
    .split('.')
    .map((code) => (code === 'n' ? null : Buffer.from(code.slice(1), 'hex').toString('utf8')))
  const partition = Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null]))
  const above = dirname(visible) === '.' ? '' : `${dirname(visible)}/`
  return { ...part, visible: `${above}${partitionFolders(columns, partition)}${basename(visible)}`, partition }
}

function freeColumn(names: readonly string[]): string {
  const taken = new Set(names.map(lower))
  let free = 'tidegate_key'
  while (taken.has(free)) free += '_'
  return free
}

/** The text `__HIVE_DEFAULT_PARTITION__` shares the folder of NULL. */
function freeName(visible: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? visible : visible.replace(/(\.[^./]*)?$/, `-${count}$1`)
    if (!taken.has(name)) return name
  }
}

function assertRows(part: LedgerPart | undefined, ranges: readonly FileRows[]): void {
  const wanted = ranges.reduce((sum, { rows }) => sum + rows, 0)
  if (part === undefined || part.rows === wanted) return
  throw new TidegateError(
    'LEDGER_CONSERVATION',
    `${part.visible} was to have ${wanted} rows, and ${part.rows} were written.`,
    {
      hint: 'Please report this with the file.',
      dataNow: 'Nothing was committed.',
    },
  )
}

function tooMany(columns: readonly string[]): TidegateError {
  return new TidegateError(
    'TARGET_TOO_MANY_PARTITIONS',
    `The rows of one batch lie in more than ${MAX_PARTITIONS} partitions by ${columns.join(', ')}.`,
    {
      hint: 'Partition by a column with fewer values (a day instead of a time, no ids), or make batches smaller.',
      dataNow: 'Nothing was committed.',
    },
  )
}
