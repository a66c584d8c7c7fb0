/** Parquet files as text after FROM, for DuckDB. Columns of all of them; a folder called `a=1` adds none. */
export function readParquet(files: readonly string[], literal: (text: string) => string): string {
  const list = files.map((file) => literal(escapeGlob(file))).join(', ')
  return `read_parquet([${list}], union_by_name = ${files.length > 1}, hive_partitioning = false)`
}

/** The engine takes `*`, `?` and `[` in a path for a glob. */
function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[]/g, (character) => `[${character}]`)
}
