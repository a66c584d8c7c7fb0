import type { Dialect } from '@tidegate/core'

/** A list literal of files for `read_parquet` and its like. Names are names here, not patterns. */
export function fileList(dialect: Dialect, files: readonly string[]): string {
  return `[${files.map((file) => dialect.literal(file.replaceAll(/[*?[]/g, '[$&]'))).join(', ')}]`
}
