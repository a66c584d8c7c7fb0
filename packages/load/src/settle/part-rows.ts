import { TidegateError, type ColumnSchema, type QueryOptions, type Session } from '@tidegate/core'

/** The rows of some Parquet files as a relation, each with the place where it lies. */
export interface PartRows {
  /** Stands after FROM. */
  readonly sql: string
  /** Of all files by name, types united; those that only some files have are NULL in the others. */
  readonly columns: readonly ColumnSchema[]
  /** Quoted names of two more columns: the file's index in the list, and the row's in the file, both from 0. */
  readonly file: string
  readonly row: string
}

/** @param paths absolute; not empty */
export async function partRows(session: Session, paths: readonly string[], query?: QueryOptions): Promise<PartRows> {
  const { dialect } = session
  const { columns } = await session.query(`SELECT * FROM ${readParts(session, paths)} LIMIT 0`, query)
  const taken = new Set(columns.map(({ name }) => lower(name)))
  const file = dialect.identifier(freeName('tidegate_file', taken))
  const row = dialect.identifier(freeName('tidegate_row', taken))
  // The engine's own columns give way to those of the data that have their names.
  const shadowed = taken.has('file_index') || taken.has('file_row_number')
  const sql = shadowed
    ? paths
        .map(
          (path, at) =>
            `SELECT *, ${at} AS ${file}, row_number() OVER () - 1 AS ${row} FROM ${readParts(session, [path])}`,
        )
        .join(' UNION ALL BY NAME ')
    : `SELECT *, file_index AS ${file}, file_row_number AS ${row} FROM ${readParts(session, paths)}`
  return { sql: `(${sql})`, columns, file, row }
}

function readParts({ dialect }: Session, paths: readonly string[]): string {
  const list = paths.map((path) => dialect.literal(escapeGlob(path))).join(', ')
  return `read_parquet([${list}], union_by_name = true, hive_partitioning = false)`
}

/** The engine takes `*`, `?` and `[` in a path for a glob. */
export function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[]/g, (character) => `[${character}]`)
}

/** As the engine compares names: ASCII letters in either case. */
export function lower(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`${name}_`, taken) : name
}

/** These columns, quoted as the files spell them; undefined where one is missing. */
export function findColumns(
  session: Session,
  columns: readonly ColumnSchema[],
  names: readonly string[],
): readonly string[] | undefined {
  const spelled = new Map(columns.map(({ name }) => [lower(name), name]))
  const found = names.flatMap((name) => spelled.get(lower(name)) ?? [])
  return found.length === names.length ? found.map((name) => session.dialect.identifier(name)) : undefined
}

/** Like {@link findColumns}. @throws TARGET_COLUMN_MISSING */
export function needColumns(
  session: Session,
  columns: readonly ColumnSchema[],
  names: readonly string[],
  what: string,
): readonly string[] {
  const found = findColumns(session, columns, names)
  if (found !== undefined) return found
  const has = new Set(columns.map(({ name }) => lower(name)))
  const missing = names.filter((name) => !has.has(lower(name)))
  throw new TidegateError(
    'TARGET_COLUMN_MISSING',
    `The rows have no column ${missing.join(', ')}, which ${what} names.`,
    {
      hint: `Check the spelling of ${what} in the target's configuration. Columns are: ${columns.map(({ name }) => name).join(', ')}.`,
      dataNow: 'Nothing was committed.',
    },
  )
}
