import type { Cell, ColumnStatistics, FileStatistics, QueryResult } from '@tidegate/core'
import { quoteLiteral } from './dialect.ts'

/** Reads the footers of these Parquet files: rows, row groups, and per leaf column nulls, min and max. */
export async function readFileStatistics(
  query: (sql: string) => Promise<QueryResult>,
  files: readonly string[],
): Promise<readonly FileStatistics[]> {
  if (files.length === 0) return []
  const list = `[${files.map((file) => quoteLiteral(file)).join(', ')}]`
  const heads = await query(
    `SELECT file_name, num_rows, num_row_groups, created_by FROM parquet_file_metadata(${list})`,
  )
  // A number of a row group that does not say makes the sum unknown: count(x) < count(*) → NULL.
  const columns = await query(
    `SELECT file_name, path_in_schema,
            CASE WHEN count(stats_null_count) = count(*) THEN sum(stats_null_count) END,
            CASE WHEN count(coalesce(stats_min_value, stats_min)) = count(*) THEN list(coalesce(stats_min_value, stats_min)) END,
            CASE WHEN count(coalesce(stats_max_value, stats_max)) = count(*) THEN list(coalesce(stats_max_value, stats_max)) END,
            any_value(type), min(column_id)
     FROM parquet_metadata(${list}) GROUP BY file_name, path_in_schema ORDER BY min(column_id)`,
  )
  const byFile = new Map<string, ColumnStatistics[]>()
  for (const [file, path, nulls, minima, maxima, type] of columns.rows) {
    const list = byFile.get(String(file)) ?? []
    list.push({
      path: String(path),
      nullCount: nulls === null || nulls === undefined ? null : Number(nulls),
      min: extreme(minima, String(type), -1),
      max: extreme(maxima, String(type), 1),
    })
    byFile.set(String(file), list)
  }
  const headOf = new Map(heads.rows.map((row) => [String(row[0]), row]))
  return files.map((file) => {
    const head = headOf.get(file)
    return {
      file,
      rows: Number(head?.[1] ?? 0),
      rowGroups: Number(head?.[2] ?? 0),
      createdBy: typeof head?.[3] === 'string' ? head[3] : null,
      columns: byFile.get(file) ?? [],
    }
  })
}

/** The smallest (-1) or largest (1) of the row groups' texts: numbers as numbers, others as text. */
function extreme(values: Cell | undefined, physicalType: string, direction: -1 | 1): string | null {
  if (!Array.isArray(values) || values.length === 0) return null
  const numeric = /^(INT32|INT64|FLOAT|DOUBLE)$/.test(physicalType)
  return values
    .map((value) => String(value))
    .reduce((best, value) => (compareTexts(value, best, numeric) * direction > 0 ? value : best))
}

function compareTexts(a: string, b: string, numeric: boolean): number {
  if (numeric) {
    if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) {
      const [x, y] = [BigInt(a), BigInt(b)]
      return x < y ? -1 : x > y ? 1 : 0
    }
    const [x, y] = [Number(a), Number(b)]
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y
  }
  return a < b ? -1 : a > b ? 1 : 0
}
