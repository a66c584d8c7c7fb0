import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'

import { comparableFields } from './comparable-fields.ts'
import type { SoundFile } from './sound-file.ts'

export interface RowComparison {
  readonly rowsOriginal: number
  readonly rowsRepaired: number
  /** Rows that came back and of which no cell is false; cells may be NULL. */
  readonly rowsRecovered: number
  /** Recovered rows of which no cell was lost either. */
  readonly rowsWhole: number
  /** Rows with a false cell, and rows that the original does not have. */
  readonly rowsWrong: number
  /** NULL, or an empty list, where the original has a value. */
  readonly cellsNulled: number
  /** Neither the original's value nor NULL. Must be 0 wherever the damage can be detected. */
  readonly cellsFalse: number
  readonly columns: readonly ColumnComparison[]
}

export interface ColumnComparison {
  /** Path of struct fields; lists and maps are compared whole. */
  readonly path: readonly string[]
  readonly nulled: number
  readonly false: number
}

export interface CompareOptions {
  readonly session: Session
  /** Existing folder for the two files. */
  readonly folder: string
  readonly original: SoundFile
  readonly repaired: Uint8Array
  /**
   * Of each row group of the repaired file the row group of the original that it is. Its rows are those from `firstRow` on.
   * @defaultValue the same row groups in the same order
   */
  readonly rowGroups?: readonly { readonly original: number; readonly firstRow?: number }[]
}

/** Compares cell by cell through DuckDB. A row is known by its row group and its place there, not by its values. */
export async function compareRows({
  session,
  folder,
  original,
  repaired,
  rowGroups,
}: CompareOptions): Promise<RowComparison> {
  const paths = { original: join(folder, 'original.parquet'), repaired: join(folder, 'repaired.parquet') }
  writeFileSync(paths.original, original.bytes)
  writeFileSync(paths.repaired, repaired)
  const file = (path: string): string => session.dialect.literal(path)
  const groups = await session.query(
    `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(${file(paths.repaired)}) ORDER BY row_group_id`,
  )
  const ranges = mapRows(
    original,
    groups.rows.map((row) => Number(row[1])),
    rowGroups,
  )
  const rowsRepaired = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  const described = await session.query(`DESCRIBE SELECT * FROM read_parquet(${file(paths.original)})`)
  const columns = described.rows.flatMap((row) => {
    const name = String(row[0])
    return comparableFields(session.dialect, name, String(row[1])).map((field) => ({ name, ...field }))
  })
  const counts = columns.flatMap(({ name, of, isLost }, index) => {
    const left = of(`o.${session.dialect.identifier(name)}`)
    const right = of(`struct_extract(placed.r, ${session.dialect.literal(name)})`)
    const differs = `${left} IS DISTINCT FROM ${right}`
    return [
      `(${differs} AND ${isLost(left, right)})::INTEGER AS n${index}`,
      `(${differs} AND NOT ${isLost(left, right)})::INTEGER AS f${index}`,
    ]
  })
  const sumOf = (letter: 'n' | 'f'): string => columns.map((_, index) => `${letter}${index}`).join(' + ')
  const result = await session.query(`
    WITH ranges(from_row, to_row, original_row) AS (VALUES ${ranges
      .map(({ from, to, original: first }) => `(${from}, ${to}, ${first})`)
      .join(', ')}),
    placed AS (SELECT r AS r, g.original_row + r.file_row_number - g.from_row AS place
      FROM read_parquet(${file(paths.repaired)}, file_row_number = true) r JOIN ranges g
      ON r.file_row_number >= g.from_row AND r.file_row_number < g.to_row),
    compared AS (SELECT ${counts.join(', ')}, o.file_row_number AS found
      FROM placed LEFT JOIN (SELECT * FROM read_parquet(${file(paths.original)}, file_row_number = true)) o
      ON o.file_row_number = placed.place)
    SELECT count(*) FILTER (found IS NULL OR ${sumOf('f')} > 0), count(*) FILTER (found IS NOT NULL AND ${sumOf('f')} = 0),
      count(*) FILTER (found IS NOT NULL AND ${sumOf('f')} + ${sumOf('n')} = 0),
      ${columns.map((_, index) => `coalesce(sum(n${index}), 0), coalesce(sum(f${index}), 0)`).join(', ')} FROM compared`)
  const [rowsWrong = 0, rowsRecovered = 0, rowsWhole = 0, ...cells] = (result.rows[0] ?? []).map(Number)
  const compared = columns.map(({ path }, index) => ({
    path,
    nulled: cells[index * 2] ?? 0,
    false: cells[index * 2 + 1] ?? 0,
  }))
  return {
    rowsOriginal: original.layout.rows,
    rowsRepaired,
    rowsRecovered,
    rowsWhole,
    rowsWrong,
    cellsNulled: compared.reduce((sum, { nulled }) => sum + nulled, 0),
    cellsFalse: compared.reduce((sum, column) => sum + column.false, 0),
    columns: compared,
  }
}

interface RowRange {
  readonly from: number
  readonly to: number
  /** Ordinal in the original of the row at `from`. */
  readonly original: number
}

function mapRows({ layout }: SoundFile, rows: readonly number[], mapping: CompareOptions['rowGroups']): RowRange[] {
  if (mapping === undefined && rows.length > layout.rowGroups.length)
    throw new RangeError(`${rows.length} row groups of ${layout.rowGroups.length}: say which is which`)
  let from = 0
  return rows.map((count, index) => {
    const place = mapping?.[index] ?? { original: index }
    const first = layout.rowGroups[place.original]?.firstRow
    if (first === undefined) throw new RangeError(`the original has no row group ${place.original}`)
    from += count
    return { from: from - count, to: from, original: first + (place.firstRow ?? 0) }
  })
}
