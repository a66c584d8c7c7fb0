import path from 'node:path'
import {
  FILE_COLUMN,
  ROW_COLUMN,
  TidegateError,
  type ColumnSchema,
  type Dialect,
  type FileStatistics,
  type JsonValue,
  type QueryOptions,
  type Session,
} from '@tidegate/core'
import type { FilesData, PreparedData } from './data.ts'
import { asDataError, dataError, describe, hasColumn } from './describe.ts'
import { checkHeaders, checkNotEmpty, typesWithoutRows } from './text-files.ts'

type Format = NonNullable<FilesData['format']>

interface FileSet {
  readonly format: Format
  /** In the order of the batch. */
  readonly files: readonly string[]
  /** What each is called in results: relative as its author gave it. */
  readonly names: readonly string[]
}

/**
 * Files as one batch, or (`each`) every file for itself in the same scans. Parquet footers prove what they can where every
 * file is judged for itself; of a batch of several files they know too little (unique values and medians do not add up).
 * `declared`: the contract's types by column, for CSV files that have only a header.
 */
export async function filesData(
  session: Session,
  data: FilesData,
  each: boolean,
  options: QueryOptions,
  declared: ReadonlyMap<string, string> = new Map(),
): Promise<PreparedData> {
  if (session.dialect.name !== 'duckdb')
    throw dataError('files can be validated by DuckDB only', { hint: 'Register them as a table and name the table.' })
  const set = await listFiles(session, data, options)
  const separate = each && set.files.length > 1
  if (set.format !== 'parquet') await checkNotEmpty(set.files, set.names)
  try {
    const { from, columns } = await readerOf(session, set, separate, declared, options)
    const footers = set.format === 'parquet' ? await statisticsOf(session, set.files, options) : []
    const sound = footers.length === set.files.length
    const keys = separate || set.files.length === 1 ? set.files : [set.files.join(', ')]
    const offsets = separate ? [] : startsOf(footers, set.files)
    return {
      relation: {
        sql: relationSql(session.dialect, set, from, columns, separate ? undefined : (keys[0] ?? ''), offsets),
        columns,
        fileColumn: FILE_COLUMN,
        rowColumn: ROW_COLUMN,
        files: keys.map((key, index) => ({
          key,
          path: keys.length === set.files.length ? (set.names[index] ?? key) : set.names.join(', '),
          ...(sound && keys.length === set.files.length
            ? { rows: footers[index]?.rows, parquet: set.files[index] ?? key }
            : {}),
        })),
      },
      statistics: sound && keys.length === set.files.length ? footers : [],
      description: set.names.length === 1 ? (set.names[0] ?? '') : `${set.files.length} files`,
      locate: offsets.length > 1 ? ({ row }) => placeOf(row, offsets, set.names) : ({ row }) => row,
      lasts: true,
      dispose: async () => {},
    }
  } catch (error) {
    throw asDataError(set.names.slice(0, 3).join(', '), error)
  }
}

interface Readable {
  readonly from: Reader
  readonly columns: readonly ColumnSchema[]
}

/** How the files are read, and the columns that this gives. */
async function readerOf(
  session: Session,
  set: FileSet,
  separate: boolean,
  declared: ReadonlyMap<string, string>,
  options: QueryOptions,
): Promise<Readable> {
  const from = reader(session.dialect, set, separate, [])
  const columns = await describe(session, from.plain, options)
  if (set.format !== 'csv') return { from, columns }
  const files = set.files.map((file, index) => ({ name: set.names[index] ?? file, pattern: escapeGlob(file) }))
  await checkHeaders(session, files, columns, options)
  const types = await typesWithoutRows(session, from.plain, columns, declared, options)
  if (types === undefined) return { from, columns }
  const typed = reader(session.dialect, set, separate, [`types = ${types}`])
  return { from: typed, columns: await describe(session, typed.plain, options) }
}

/** The files that the names and globs stand for, each once, in the order given (a glob's by name). */
async function listFiles(session: Session, data: FilesData, options: QueryOptions): Promise<FileSet> {
  const given: readonly unknown[] = Array.isArray(data.files) ? data.files : [data.files]
  const files = new Map<string, string>()
  for (const item of given) {
    if (typeof item !== 'string' || item === '' || item.includes('\0'))
      throw dataError(`${JSON.stringify(item ?? null)} is not the name of a file`)
    const absolute = data.folder === undefined || URL.test(item) ? item : path.resolve(data.folder, item)
    const found = await expand(session, absolute, options)
    if (found.length === 0) throw await noFile(session, item, absolute, data.folder, options)
    for (const file of found) files.set(file, files.get(file) ?? nameOf(file, item, absolute, data.folder))
  }
  if (files.size === 0) throw dataError('no file was named')
  const formats = new Set([...files].map(([file, name]) => data.format ?? formatOf(file, name)))
  const [format] = formats
  if (formats.size !== 1 || format === undefined)
    throw dataError(`files of several formats are not one batch: ${[...formats].join(', ')}`, {
      hint: 'Validate the files of each format for themselves.',
    })
  return { format, files: [...files.keys()], names: [...files.values()] }
}

const URL = /^[a-z][a-z0-9+.-]+:\/\//i

/** As it was given; what a glob found is relative where the glob was. */
function nameOf(file: string, item: string, absolute: string, folder: string | undefined): string {
  if (file === absolute || folder === undefined) return file === absolute ? item : file
  return path.isAbsolute(item) || URL.test(item) ? file : path.relative(folder, file)
}

/** A folder is no file: its files must be named. */
async function noFile(
  session: Session,
  item: string,
  absolute: string,
  folder: string | undefined,
  options: QueryOptions,
): Promise<TidegateError> {
  const all = (name: string): string => `${name.replace(/\/+$/, '')}/*`
  const isFolder = !/[*?[]/.test(item) && (await expand(session, all(absolute), options)).length > 0
  if (isFolder) return dataError(`${item} is a folder`, { hint: `Name its files, for example ${all(item)}.parquet.` })
  return dataError(`there is no file ${item}`, {
    hint: `Paths count from ${folder ?? 'the working directory'}; globs need at least one match.`,
  })
}

async function expand(session: Session, item: string, options: QueryOptions): Promise<readonly string[]> {
  if (URL.test(item) && !/[*?[]/.test(item)) return [item]
  for (const pattern of [escapeGlob(item), item]) {
    try {
      const { rows } = await session.query(
        `SELECT file FROM glob(${session.dialect.literal(pattern)}) ORDER BY file`,
        options,
      )
      // A name that is a pattern, and the name of a file too, is the file.
      if (rows.length > 0) return rows.map(([file]) => String(file))
    } catch (error) {
      throw asDataError(item, error)
    }
    if (pattern === item) break
  }
  return []
}

function formatOf(file: string, shown: string): Format {
  const name = file
    .toLowerCase()
    .replace(/[?#].*$/, '')
    .replace(/\.(gz|zst)$/, '')
  if (/\.(parquet|pq)$/.test(name)) return 'parquet'
  if (/\.(csv|tsv|txt)$/.test(name)) return 'csv'
  if (/\.(json|ndjson|jsonl|geojson)$/.test(name)) return 'json'
  throw dataError(`the format of ${shown} is not known`, {
    hint: 'Say it: { files, format: "parquet" | "csv" | "json" }.',
  })
}

interface Reader {
  /** After FROM. With files apart, it has the file column. */
  readonly call: string
  /** The same with the columns of the data alone. */
  readonly plain: string
}

const READERS: Readonly<Record<Format, string>> = { parquet: 'read_parquet', csv: 'read_csv', json: 'read_json' }

function reader(dialect: Dialect, { format, files }: FileSet, separate: boolean, more: readonly string[]): Reader {
  const list = `[${files.map((file) => dialect.literal(escapeGlob(file))).join(', ')}]`
  const settings = [
    ...(separate ? [`filename = ${dialect.literal(FILE_COLUMN)}`] : []),
    ...(files.length > 1 ? ['union_by_name = true'] : []),
    'hive_partitioning = false',
    ...more,
  ]
  const call = `${READERS[format]}(${[list, ...settings].join(', ')})`
  return { call, plain: separate ? `(SELECT * EXCLUDE (${dialect.identifier(FILE_COLUMN)}) FROM ${call})` : call }
}

function relationSql(
  dialect: Dialect,
  set: FileSet,
  { call }: Reader,
  columns: readonly ColumnSchema[],
  key: string | undefined,
  offsets: readonly number[],
): string {
  const [file, row] = [dialect.identifier(FILE_COLUMN), dialect.identifier(ROW_COLUMN)]
  const place = ordinalSql(set, columns, key, offsets, file)
  const own = key === undefined ? '' : `${dialect.literal(key)} AS ${file}, `
  return `(SELECT *, ${own}CAST(${place} AS BIGINT) AS ${row} FROM ${call})`
}

/** Parquet knows the place of a row in its file; text formats are counted as they are read. */
function ordinalSql(
  { format, files }: FileSet,
  columns: readonly ColumnSchema[],
  key: string | undefined,
  offsets: readonly number[],
  file: string,
): string {
  const hidden = ['file_row_number', 'file_index'].some((name) => hasColumn(columns, name))
  if (format === 'parquet' && !hidden) {
    if (key === undefined || files.length === 1) return 'file_row_number'
    if (offsets.length > 1) return `file_row_number + [${offsets.join(', ')}][CAST(file_index AS BIGINT) + 1]`
  }
  return key === undefined ? `row_number() OVER (PARTITION BY ${file}) - 1` : 'row_number() OVER () - 1'
}

/** What the footers say, or nothing where one cannot be asked: then the data is asked. */
async function statisticsOf(
  session: Session,
  files: readonly string[],
  options: QueryOptions,
): Promise<readonly FileStatistics[]> {
  if (files.some((file) => /[*?[]/.test(file))) return []
  try {
    return await session.fileStatistics(files, options)
  } catch (error) {
    if (error instanceof TidegateError && error.code === 'ENGINE_SQL') return []
    throw error
  }
}

/** The number of the first row of each file in the batch. */
function startsOf(footers: readonly FileStatistics[], files: readonly string[]): readonly number[] {
  if (footers.length !== files.length) return []
  let next = 0
  return footers.map(({ rows }) => {
    const start = next
    next += rows
    return start
  })
}

function placeOf(row: number, offsets: readonly number[], files: readonly string[]): JsonValue {
  let [low, high] = [0, offsets.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((offsets[middle] ?? 0) <= row) low = middle
    else high = middle - 1
  }
  return { file: files[low] ?? '', row: row - (offsets[low] ?? 0) }
}

/** A name for the engine's readers, which take every name for a glob. */
function escapeGlob(name: string): string {
  return name.replaceAll(/[*?[]/g, '[$&]')
}
