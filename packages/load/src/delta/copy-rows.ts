/** The statements by which rows become Parquet files of a table, and what the engine says of the files. */
import { TidegateError, type Cell, type ColumnSchema, type QueryResult, type Session } from '@tidegate/core'
import { partitionKeySql } from './partition.ts'
import type { PlannedColumn } from './plan-columns.ts'

export type Codec = 'zstd' | 'snappy' | 'gzip' | 'uncompressed' | 'lz4_raw'

export interface CopySettings {
  readonly codec: Codec
  /** @defaultValue the engine's */
  readonly rowGroupRows: number | undefined
}

export interface CopiedFile {
  readonly path: string
  readonly rows: number
  readonly statistics: Cell
  /** By the name that {@link keyName} gives: as `partitionKeySql` codes it. Empty for a file without partitions. */
  readonly keys: ReadonlyMap<string, string>
}

/** Coded value of the partition column with this number. Cannot be the name of a column, which has no blanks. */
export function keyName(at: number): string {
  return `partition ${at}`
}

/**
 * Data columns under the table's names and types, then the coded partition values.
 *
 * @param withValues the partition columns themselves as well
 */
export function castColumns(
  { dialect }: Session,
  planned: readonly PlannedColumn[],
  withValues: boolean = false,
): string {
  const cast = ({ source, engineType }: PlannedColumn): string => `CAST(${dialect.identifier(source)} AS ${engineType})`
  const data = planned.filter((column) => withValues || !column.isPartition)
  const partitions = planned.filter((column) => column.isPartition)
  return [
    ...data.map((column) => `${cast(column)} AS ${dialect.identifier(column.field.name)}`),
    ...partitions.map(
      (column, at) =>
        `${partitionKeySql(dialect, cast(column), column.field.type)} AS ${dialect.identifier(keyName(at))}`,
    ),
  ].join(', ')
}

/** Copies into one file, or with `partitions` into a folder with one file or more for each combination of their values. */
export function copyStatement(
  { dialect }: Session,
  select: string,
  to: string,
  { codec, rowGroupRows }: CopySettings,
  partitions: number = 0,
): string {
  const keys = Array.from({ length: partitions }, (_, at) => dialect.identifier(keyName(at))).join(', ')
  const options = [
    'FORMAT parquet',
    `COMPRESSION ${codec}`,
    'RETURN_STATS true',
    ...(rowGroupRows === undefined ? [] : [`ROW_GROUP_SIZE ${Math.trunc(rowGroupRows)}`]),
    // The extension keeps globs away from the files while they have no names of their own.
    ...(keys === '' ? [] : [`PARTITION_BY (${keys})`, `FILENAME_PATTERN 'part_{i}'`, `FILE_EXTENSION 'sealed'`]),
  ]
  return `COPY (${select}) TO ${dialect.literal(to)} (${options.join(', ')})`
}

/** What a statement with RETURN_STATS answered. @throws STAGED_FILE_BROKEN */
export function copiedFiles({ columns, rows }: QueryResult): readonly CopiedFile[] {
  return rows.map((row) => copiedFile(columns, row))
}

function copiedFile(columns: readonly ColumnSchema[], row: readonly Cell[]): CopiedFile {
  const cell = (name: string): Cell => row[columns.findIndex((column) => column.name === name)] ?? null
  const rows = Number(cell('count'))
  const path = cell('filename')
  if (typeof path !== 'string' || !Number.isSafeInteger(rows)) {
    throw new TidegateError('STAGED_FILE_BROKEN', 'The engine did not say which files it wrote.', {
      dataNow: 'Nothing was committed.',
    })
  }
  const pairs = (cell('partition_keys') ?? []) as readonly { readonly key: Cell; readonly value: Cell }[]
  const keys = new Map(pairs.map(({ key, value }) => [String(key), String(value)] as const))
  return { path, rows, statistics: cell('column_statistics'), keys }
}
