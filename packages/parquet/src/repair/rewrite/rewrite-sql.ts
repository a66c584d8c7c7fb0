/** The statements of a rewriting. */
import type { Session } from '@tidegate/core'

import type { ParquetFooter } from '../../footer.ts'
import { CODEC } from '../../pages/decompress-page.ts'
import { escapeEngineGlob } from '../../parquet-relation.ts'
import type { RewritePlan } from '../plan.ts'
import { fixedSql, type FixedColumn } from './column-sql.ts'

const MIN_GROUP_ROWS = 2048
const MAX_GROUP_ROWS = 1_000_000

export function readFrom(session: Session, path: string, rowNumber = false): string {
  const extra = rowNumber ? ', file_row_number=true' : ''
  return `read_parquet([${session.dialect.literal(escapeEngineGlob(path))}], hive_partitioning=false${extra})`
}

export interface Statements {
  readonly copy: string
  /** Rows of the patched file that are to be kept, each column as it is to be. */
  readonly wanted: string
  readonly written: string
  readonly names: readonly string[]
  readonly rowNumbers: string
  readonly kept: string
}

export interface StatementInput {
  readonly patched: string
  readonly out: string
  readonly columns: readonly string[]
  readonly fixed: readonly FixedColumn[]
  readonly rewrite: RewritePlan
  readonly old: ParquetFooter
}

export function statements(
  session: Session,
  { patched, out, columns, fixed, rewrite, old }: StatementInput,
): Statements {
  const { dialect } = session
  const needsNumbers = rewrite.dropRows.length > 0 || fixed.length > 0
  if (needsNumbers && columns.some((name) => name.toLowerCase() === 'file_row_number'))
    throw new RangeError('a column is called file_row_number')
  const from = readFrom(session, patched, needsNumbers)
  const kept =
    rewrite.dropRows.length === 0
      ? 'true'
      : `NOT (${rewrite.dropRows.map(([first, end]) => `file_row_number >= ${first} AND file_row_number < ${end}`).join(' OR ')})`
  const select = columns.map((name) => {
    const sql = dialect.identifier(name)
    const fix = fixed.find(({ column }) => column.name === name)
    return fix === undefined ? sql : `${fixedSql(fix, sql)} AS ${sql}`
  })
  const wanted = `SELECT ${select.join(', ')} FROM ${from} WHERE ${kept}`
  const groupRows = Math.max(
    MIN_GROUP_ROWS,
    Math.min(MAX_GROUP_ROWS, Math.max(0, ...old.rowGroups.map(({ rows }) => rows))),
  )
  return {
    copy: `COPY (${wanted}) TO ${dialect.literal(out)} (FORMAT parquet, COMPRESSION ${codecOf(old)}, ROW_GROUP_SIZE ${groupRows})`,
    wanted,
    written: readFrom(session, out),
    names: columns.map((name) => dialect.identifier(name)),
    rowNumbers: from,
    kept,
  }
}

/** That of most chunks. */
function codecOf(footer: ParquetFooter): string {
  const counts = new Map<number, number>()
  for (const { chunks } of footer.rowGroups)
    for (const { codec } of chunks) counts.set(codec, (counts.get(codec) ?? 0) + 1)
  const [most] = [...counts].toSorted((left, right) => right[1] - left[1])[0] ?? [CODEC.SNAPPY]
  const names: Readonly<Record<number, string>> = {
    [CODEC.UNCOMPRESSED]: 'uncompressed',
    [CODEC.SNAPPY]: 'snappy',
    [CODEC.GZIP]: 'gzip',
    [CODEC.BROTLI]: 'brotli',
    [CODEC.ZSTD]: 'zstd',
    [CODEC.LZ4_RAW]: 'lz4_raw',
  }
  return names[most] ?? 'snappy'
}
