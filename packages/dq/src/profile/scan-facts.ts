import type { RelationFile } from '@tidegate/core'
import { isRanged } from './column-family.ts'
import { NO_ROWS } from './column-totals.ts'
import type { ColumnTotals, ProfiledFile, ProfiledSlice } from './profile-types.ts'
import { partSql } from './sampling.ts'
import { batches, factsOf, queryRows, toCount, toText, type Scan, type ScanColumn } from './scan.ts'

/** What one pass over all rows says: the files with their rows, the slices, and for each column its totals per slice. */
export interface Facts {
  readonly files: readonly ProfiledFile[]
  readonly slices: readonly ProfiledSlice[]
  /** By column position, then slice. */
  readonly totals: readonly (readonly ColumnTotals[])[]
}

/** Fewer files than this are parted into thirds, so that something can be held back all the same. */
export const FILES_TO_SPLIT_BY_FILE = 5

/** Reads all rows once (once per 100 columns). */
export async function scanFacts(scan: Scan, columns: readonly ScanColumn[]): Promise<Facts> {
  const { relation } = scan
  const dialect = scan.session.dialect
  const parts = relation.files.length < FILES_TO_SPLIT_BY_FILE ? 3 : 1
  const part = parts === 1 ? '0' : partSql(relation, dialect)
  const found = new Map<
    string,
    { readonly key: string; readonly part: number; rows: number; totals: Map<number, ColumnTotals> }
  >()

  for (const batch of columns.length === 0 ? [[]] : batches(columns, COLUMNS_PER_SCAN)) {
    const facts = batch.map((column) => factsOf(column, relation, dialect))
    const selected = ['count(*)', ...facts.flatMap((item) => item.sql)]
    const sql =
      `SELECT t.${dialect.identifier(relation.fileColumn)} AS f, ${part} AS p, ${selected.join(', ')} ` +
      `FROM ${relation.sql} AS t GROUP BY 1, 2`
    for (const row of await queryRows(scan, sql)) {
      const key = toText(row[0]) ?? ''
      const id = JSON.stringify([key, toCount(row[1])])
      const slice = found.get(id) ?? {
        key,
        part: toCount(row[1]),
        rows: toCount(row[2]),
        totals: new Map<number, ColumnTotals>(),
      }
      found.set(id, slice)
      for (const [at, { column }] of facts.entries()) {
        slice.totals.set(column.position, readTotals(column, slice.rows, row.slice(3 + at * 5, 8 + at * 5).map(toText)))
      }
    }
  }

  const known = withUnknownKeys(
    relation.files,
    [...found.values()].map((slice) => slice.key),
  )
  const slices: ProfiledSlice[] = []
  const totals: ColumnTotals[][] = columns.map(() => [])
  const files = known.map((file, position): ProfiledFile => {
    let rows = 0
    for (let part = 0; part < parts; part++) {
      const slice = found.get(JSON.stringify([file.key, part]))
      rows += slice?.rows ?? 0
      slices.push({ file: position, part, rows: slice?.rows ?? 0 })
      for (const column of columns) totals[column.position]?.push(slice?.totals.get(column.position) ?? NO_ROWS)
    }
    return { key: file.key, path: file.path, rows }
  })
  return { files, slices, totals }
}

const COLUMNS_PER_SCAN = 100

function readTotals(column: ScanColumn, rows: number, cells: readonly (string | null)[]): ColumnTotals {
  const [values, misfits, nonFinite, min = null, max = null] = cells
  const ranged = isRanged(column.family)
  const text = column.family === 'text'
  return {
    ...NO_ROWS,
    rows,
    nulls: rows - Number(values ?? 0),
    misfits: Number(misfits ?? 0),
    nonFinite: Number(nonFinite ?? 0),
    min: ranged ? min : null,
    max: ranged ? max : null,
    minLength: text && min !== null ? Number(min) : null,
    maxLength: text && max !== null ? Number(max) : null,
  }
}

/** The relation's files, then keys that it did not announce. */
function withUnknownKeys(files: readonly RelationFile[], keys: readonly string[]): readonly RelationFile[] {
  const announced = new Set(files.map((file) => file.key))
  const unknown = [...new Set(keys)].filter((key) => !announced.has(key)).sort()
  return [...files, ...unknown.map((key) => ({ key, path: key }))]
}
