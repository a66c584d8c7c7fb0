import type { QueryOptions, Session } from '@tidegate/core'
import { isStructType, type DeltaField } from './delta-type.ts'
import { fileList } from './parquet-list.ts'
import type { EngineStatistics } from './statistics.ts'

/**
 * Which float columns of these files may hold NaN, by the footers: the engine writes no bounds for a row group with NaN.
 * What it returns from COPY does not suffice, for `has_nan` speaks of the last row group only (DuckDB 1.5).
 *
 * @returns file → leaf paths, names joined by `, `
 */
export async function nanColumns(
  session: Session,
  files: readonly string[],
  options?: QueryOptions,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>()
  if (files.length === 0) return found
  const { rows } = await session.query(
    `SELECT DISTINCT file_name, path_in_schema FROM parquet_metadata(${fileList(session.dialect, files)})
     WHERE type IN ('FLOAT', 'DOUBLE') AND stats_min_value IS NULL AND num_values > coalesce(stats_null_count, 0)`,
    options,
  )
  for (const [file, path] of rows) {
    const paths = found.get(String(file)) ?? new Set()
    found.set(String(file), paths.add(String(path)))
  }
  return found
}

/** True where {@link nanColumns} has something to say. */
export function hasFloats(fields: readonly DeltaField[]): boolean {
  return fields.some(({ type }) =>
    isStructType(type) ? hasFloats(type.fields) : type === 'float' || type === 'double',
  )
}

/** The statistics with `has_nan` as the footers tell it. */
export function withNan(engine: EngineStatistics, nan: ReadonlySet<string>): EngineStatistics {
  return new Map(
    Array.from(engine, ([path, facts]) => {
      const plain = path.slice(1, -1).split('"."').join(', ').replaceAll('""', '"')
      return [path, facts.has('has_nan') ? new Map([...facts, ['has_nan', String(nan.has(plain))]]) : facts] as const
    }),
  )
}
