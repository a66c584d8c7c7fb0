import {
  FILE_COLUMN,
  MISFIT_COLUMN,
  ROW_COLUMN,
  TidegateError,
  type ColumnSchema,
  type Dialect,
  type QueryOptions,
  type Relation,
  type RelationFile,
  type Session,
} from '@tidegate/core'

export interface ParquetFile {
  /** Absolute path or URI that the engine opens. */
  readonly uri: string
  /** What people call the file. */
  readonly path: string
  /** Rows the footer says, where known. */
  readonly rows?: number | undefined
  /** What the file column shall hold for its rows. @defaultValue the uri */
  readonly key?: string | undefined
  /**
   * The file's own columns, in order. Needed when files differ or a name needs care (duplicates, `filename`,
   * `file_row_number`). @defaultValue those of the relation
   */
  readonly columns?: readonly ColumnSchema[] | undefined
}

/** A file that `convertText` wrote. */
export interface ConvertedFile {
  /** Where the converted Parquet file is. */
  readonly uri: string
  readonly path: string
  readonly rows?: number | undefined
  readonly key?: string | undefined
}

/**
 * Parquet files as one relation: the data columns, `__tg_file` (the file's key) and `__tg_row` (0-based position in the
 * file). Columns that a file lacks are NULL in its rows; a column whose type differs is cast by the engine, and a value
 * that does not fit then fails the query.
 *
 * Throws `RESERVED_COLUMN` for data columns that start with `__tg_`, `RELATION_EMPTY` for no files or no columns.
 */
export function parquetRelation(
  dialect: Dialect,
  files: readonly ParquetFile[],
  columns: readonly ColumnSchema[],
  options: RelationOptions = {},
): Relation {
  refuseReserved(columns.map((column) => column.name))
  for (const file of files) if (file.columns !== undefined) refuseReserved(file.columns.map((column) => column.name))
  if (files.length === 0 || columns.length === 0)
    throw new TidegateError('RELATION_EMPTY', 'a relation needs at least one file and one column', {
      hint: 'This is a mistake in the calling code.',
    })
  const keys = relationFiles(files).map((file, index) => {
    const { uri, columns: own } = files[index] ?? {}
    return own === undefined || holdsUnchanged(own, columns) ? { ...file, parquet: uri } : file
  })
  if (options.keys === 'places' && mayUsePlaces(files, columns)) {
    const sql = selectTogether(dialect, files, columns, PLACE_SQL)
    return { sql, columns, fileColumn: FILE_COLUMN, rowColumn: ROW_COLUMN, files: placed(keys) }
  }
  const sql = needsOneByOne(files, columns)
    ? `(${files.map((file) => selectOneFile(dialect, file, columns)).join(' UNION ALL ')})`
    : selectTogether(dialect, files, columns)
  return { sql, columns, fileColumn: FILE_COLUMN, rowColumn: ROW_COLUMN, files: keys }
}

export interface RelationOptions {
  /**
   * `places`: the key of a file is its place in the list, where the engine can tell it: grouping by short texts takes half
   * the time. @defaultValue 'names'
   */
  readonly keys?: 'names' | 'places' | undefined
}

/** The engine's name for the place in the list; a data column of that name would hide it. */
const ENGINE_FILE_INDEX = 'file_index'

const PLACE_SQL = `CAST(${ENGINE_FILE_INDEX} AS VARCHAR)`

function placed(files: readonly RelationFile[]): RelationFile[] {
  return files.map((file, index) => ({ ...file, key: String(index) }))
}

function hidesPlaces(columns: readonly ColumnSchema[]): boolean {
  return columns.some(({ name }) => name.toLowerCase() === ENGINE_FILE_INDEX)
}

function mayUsePlaces(files: readonly ParquetFile[], columns: readonly ColumnSchema[]): boolean {
  if (needsOneByOne(files, columns) || !(files.length === 1 || haveSameColumns(files))) return false
  return !hidesPlaces(columns)
}

/** Files written by `convertText` as one relation, with `__tg_misfit`. Columns that a file lacks are NULL in its rows. */
export function convertedRelation(
  dialect: Dialect,
  files: readonly ConvertedFile[],
  columns: readonly ColumnSchema[],
  options: RelationOptions = {},
): Relation {
  if (files.length === 0)
    throw new TidegateError('RELATION_EMPTY', 'a relation needs at least one file', {
      hint: 'This is a mistake in the calling code.',
    })
  const isPlaced = options.keys === 'places' && !hidesPlaces(columns)
  const names = [...columns.map((column) => column.name), ROW_COLUMN, MISFIT_COLUMN]
  const list = names.map((name) => dialect.identifier(name)).join(', ')
  const read = readParquet(dialect, files, [`filename=${dialect.literal(FILE_COLUMN)}`, 'union_by_name=true'])
  const key = isPlaced ? PLACE_SQL : keyOfFile(dialect, files)
  return {
    sql: `(SELECT ${list}, ${key} AS ${dialect.identifier(FILE_COLUMN)} FROM ${read})`,
    columns,
    fileColumn: FILE_COLUMN,
    rowColumn: ROW_COLUMN,
    misfitColumn: MISFIT_COLUMN,
    files: isPlaced ? placed(relationFiles(files)) : relationFiles(files),
  }
}

/**
 * The columns of a Parquet file as the engine reads them. Duplicate names come with a suffix, as the engine gives them.
 * Throws what the session throws for a file it cannot open.
 */
export async function describeParquet(
  session: Session,
  uri: string,
  options?: QueryOptions,
): Promise<readonly ColumnSchema[]> {
  const { rows } = await session.query(
    `DESCRIBE SELECT * FROM read_parquet([${session.dialect.literal(escapeEngineGlob(uri))}], hive_partitioning=false)`,
    options,
  )
  return rows.map((row) => ({ name: String(row[0]), type: String(row[1]).toUpperCase() }))
}

/** Names that start with `__tg_` are ours, in any case. */
export function reservedNames(names: readonly string[]): string[] {
  return names.filter((name) => name.toLowerCase().startsWith('__tg_'))
}

function refuseReserved(names: readonly string[]): void {
  const [first] = reservedNames(names)
  if (first === undefined) return
  throw new TidegateError('RESERVED_COLUMN', `the column ${JSON.stringify(first)} has a name that is reserved`, {
    hint: 'Names that start with __tg_ belong to Tidegate; rename the column at the sender.',
    dataNow: 'Nothing of the file was loaded.',
  })
}

function relationFiles(files: readonly (ParquetFile | ConvertedFile)[]): RelationFile[] {
  return files.map((file) => ({ key: file.key ?? file.uri, path: file.path, rows: file.rows }))
}

/** Whether every column of the relation is one of the file's own, of the same name and type. */
function holdsUnchanged(own: readonly ColumnSchema[], columns: readonly ColumnSchema[]): boolean {
  const types = new Map(own.map(({ name, type }) => [name, type]))
  return columns.every(({ name, type }) => types.get(name) === type)
}

/**
 * The engine adds the row number under a fixed name; a data column of that name would hide it. Then, and when a file's
 * own columns are in another order or spelling, each file gets a SELECT of its own.
 */
function needsOneByOne(files: readonly ParquetFile[], columns: readonly ColumnSchema[]): boolean {
  const all = [columns, ...files.flatMap((file) => (file.columns === undefined ? [] : [file.columns]))]
  return all.some((list) => list.some(({ name }) => name.toLowerCase() === ENGINE_ROW_COLUMN))
}

const ENGINE_ROW_COLUMN = 'file_row_number'

function selectTogether(
  dialect: Dialect,
  files: readonly ParquetFile[],
  columns: readonly ColumnSchema[],
  place?: string,
): string {
  const unite = files.length > 1 && !haveSameColumns(files)
  const known = new Set(files.flatMap((file) => file.columns ?? columns).map(({ name }) => name.toLowerCase()))
  const options = [
    ...(place === undefined ? [`filename=${dialect.literal(FILE_COLUMN)}`] : []),
    `${ENGINE_ROW_COLUMN}=true`,
    ...(unite ? ['union_by_name=true'] : []),
  ]
  const list = columns.map((column) =>
    known.has(column.name.toLowerCase())
      ? dialect.identifier(column.name)
      : `CAST(NULL AS ${column.type}) AS ${dialect.identifier(column.name)}`,
  )
  const key = `${place ?? keyOfFile(dialect, files)} AS ${dialect.identifier(FILE_COLUMN)}`
  const row = `${ENGINE_ROW_COLUMN} AS ${dialect.identifier(ROW_COLUMN)}`
  return `(SELECT ${[...list, key, row].join(', ')} FROM ${readParquet(dialect, files, options)})`
}

/** Unknown columns of a file may be anything: only files that tell theirs are known to agree. */
function haveSameColumns(files: readonly ParquetFile[]): boolean {
  const own = files[0]?.columns
  if (own !== undefined && files.every(({ columns }) => columns === own)) return true
  const [first, ...rest] = files.map((file) => file.columns?.map(({ name, type }) => `${name}\0${type}`).join('\0\0'))
  return first !== undefined && rest.every((signature) => signature === first)
}

function selectOneFile(dialect: Dialect, file: ParquetFile, columns: readonly ColumnSchema[]): string {
  const known = new Set((file.columns ?? columns).map(({ name }) => name.toLowerCase()))
  const list = columns.map((column) => {
    const name = dialect.identifier(column.name)
    const isThere = known.has(column.name.toLowerCase())
    return isThere ? `CAST(${name} AS ${column.type}) AS ${name}` : `CAST(NULL AS ${column.type}) AS ${name}`
  })
  const key = `${dialect.literal(file.key ?? file.uri)} AS ${dialect.identifier(FILE_COLUMN)}`
  // Insertion order is preserved, so the running number is the position in the file.
  const row = `row_number() OVER () - 1 AS ${dialect.identifier(ROW_COLUMN)}`
  return `SELECT ${[...list, key, row].join(', ')} FROM ${readParquet(dialect, [file], [])}`
}

function readParquet(dialect: Dialect, files: readonly { readonly uri: string }[], options: readonly string[]): string {
  const list = files.map((file) => dialect.literal(escapeEngineGlob(file.uri))).join(', ')
  return `read_parquet([${list}]${['', ...options, 'hive_partitioning=false'].join(', ')})`
}

/** The file column holds the engine's name of the file; where keys differ from it, a lookup turns one into the other. */
function keyOfFile(dialect: Dialect, files: readonly (ParquetFile | ConvertedFile)[]): string {
  const column = dialect.identifier(FILE_COLUMN)
  if (files.every((file) => (file.key ?? file.uri) === file.uri)) return column
  if (files.length === 1) return dialect.literal(files[0]?.key ?? '')
  const entries = files.map((file) => `${dialect.literal(file.uri)}: ${dialect.literal(file.key ?? file.uri)}`)
  return `(MAP {${entries.join(', ')}})[${column}]`
}

/** The engine expands wildcards in file names; a bracket around each takes its meaning away. */
export function escapeEngineGlob(uri: string): string {
  return uri.replaceAll(/[*?[]/g, '[$&]')
}
