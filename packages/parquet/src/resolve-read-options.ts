import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import {
  TidegateError,
  type ColumnSchema,
  type FileFormat,
  type Finding,
  type QueryOptions,
  type ReadOptions,
  type Session,
} from '@tidegate/core'

import { openCsv } from './csv-rows.ts'
import { FINDING_CODES, type KnownFindingCode } from './finding-codes.ts'
import { inferTypes } from './infer-types.ts'
import { openJson } from './json-rows.ts'
import { normalizeLineEnds } from './normalize-line-ends.ts'
import { describeParquet, reservedNames } from './parquet-relation.ts'
import { prepareText, type PreparedText } from './prepare-text.ts'
import { sniffCsvDialect } from './sniff-csv-dialect.ts'
import { sniffRecordsPath } from './sniff-records-path.ts'
import { readTextHead } from './read-text-head.ts'
import { sniffText } from './sniff-format.ts'

export interface TextFile {
  /** Absolute path of a local file. */
  readonly uri: string
  /** What people call it. @defaultValue the uri */
  readonly path?: string | undefined
}

export interface ResolvedRead {
  /** Complete: pin it in the contract, and every later file is read the same way. */
  readonly read: ReadOptions
  readonly columns: readonly ColumnSchema[]
}

export interface ResolveOptions extends QueryOptions {
  /** An existing folder for temp files. @defaultValue one in the system's temp folder */
  readonly workFolder?: string | undefined
}

/**
 * Finds out how a file is to be read, once: format, encoding, delimiter, quote, header, decimal separator, date formats,
 * path of the records, and the columns with their types, judged over all rows. What `wanted` says is taken as it is.
 *
 * Throws `READ_OPTIONS_UNRESOLVED` with the finding in the message when the file cannot be read at all, and what
 * `convertText` throws.
 */
export async function resolveReadOptions(
  session: Session,
  file: TextFile,
  wanted: ReadOptions,
  format: FileFormat | 'auto',
  options: ResolveOptions = {},
): Promise<ResolvedRead> {
  const fixed = wanted.format ?? (format === 'auto' ? undefined : format)
  if (fixed === 'parquet' || (fixed === undefined && (await isParquet(file.uri))))
    return {
      read: { ...wanted, format: 'parquet' },
      columns: await describeParquet(session, file.uri, options),
    }
  const own = options.workFolder === undefined ? await mkdtemp(join(tmpdir(), 'tidegate-')) : undefined
  const workFolder = options.workFolder ?? own ?? ''
  try {
    const prepared = await prepareText(file.uri, wanted.encoding, workFolder, options.signal)
    if (prepared.kind === 'unreadable') throw unresolved(file, prepared.finding)
    try {
      return await resolveText(
        session,
        file,
        prepared,
        { ...wanted, encoding: prepared.encoding },
        fixed,
        workFolder,
        options,
      )
    } finally {
      await prepared.dispose()
    }
  } finally {
    if (own !== undefined) await rm(own, { recursive: true, force: true })
  }
}

async function isParquet(uri: string): Promise<boolean> {
  const head = await readTextHead(uri, 4)
  return head === 'PAR1' || head === 'PARE'
}

async function resolveText(
  session: Session,
  file: TextFile,
  text: PreparedText,
  wanted: ReadOptions,
  fixed: Exclude<FileFormat, 'parquet'> | undefined,
  workFolder: string,
  options: QueryOptions,
): Promise<ResolvedRead> {
  const sniffed = sniffText(await readTextHead(text.path, 64 * 1024), basename(file.path ?? file.uri))
  const isJson = sniffed === 'json' || sniffed === 'ndjson'
  if (fixed === 'csv' || (fixed === undefined && !isJson)) {
    if (fixed === undefined && sniffed !== 'csv' && sniffed !== 'text') throw wrongFormat(file, sniffed)
    return await resolveCsv(session, file, text, { ...wanted, format: 'csv' }, workFolder, options)
  }
  const format = fixed ?? (sniffed === 'ndjson' ? 'ndjson' : 'json')
  const records = wanted.records ?? (format === 'json' ? await sniffRecordsPath(text.path) : undefined)
  const read: ReadOptions = { ...wanted, format, ...(records === undefined ? {} : { records }) }
  return await resolveRows(session, file, read, await openJson(session, text.path, read, workFolder, options), options)
}

async function resolveCsv(
  session: Session,
  file: TextFile,
  text: PreparedText,
  wanted: ReadOptions,
  workFolder: string,
  options: QueryOptions,
): Promise<ResolvedRead> {
  const attempt = async (path: string): Promise<ResolvedRead> => {
    const read: ReadOptions = { ...wanted, ...(await sniffCsvDialect(session, path, wanted, options)) }
    return await resolveRows(session, file, read, await openCsv(session, path, read, undefined, options), options)
  }
  try {
    return await attempt(text.path)
  } catch (error) {
    if (!(error instanceof Error) || !/invalid state/i.test(error.message)) throw error
  }
  const normalized = await normalizeLineEnds(text, workFolder)
  try {
    return await attempt(normalized.path)
  } finally {
    await normalized.dispose()
  }
}

async function resolveRows(
  session: Session,
  file: TextFile,
  read: ReadOptions,
  opened: Awaited<ReturnType<typeof openCsv>>,
  options: QueryOptions,
): Promise<ResolvedRead> {
  if (opened.kind === 'unreadable') throw unresolved(file, opened.finding)
  try {
    const [reserved] = reservedNames(opened.rows.columns.map(({ name }) => name))
    if (reserved !== undefined)
      throw new TidegateError(
        'RESERVED_COLUMN',
        `${nameOf(file)} has a column ${JSON.stringify(reserved)}, a name that is reserved`,
        {
          hint: FINDING_CODES.PQ220.hint,
        },
      )
    const { columns, formats } = await inferTypes(session, opened.rows, read, options)
    if (columns.length === 0)
      throw new TidegateError('READ_OPTIONS_UNRESOLVED', `${nameOf(file)} has no record with a column`, {
        hint: FINDING_CODES.PQ708.hint,
      })
    return { read: { ...read, ...formats }, columns }
  } finally {
    await opened.dispose()
  }
}

function unresolved(file: TextFile, found: Finding): TidegateError {
  return new TidegateError(
    'READ_OPTIONS_UNRESOLVED',
    `${nameOf(file)}: ${found.code} ${found.name}: ${found.message}`,
    {
      hint: FINDING_CODES[found.code as KnownFindingCode].hint,
      dataNow: 'Nothing was learned from the file.',
    },
  )
}

function wrongFormat(file: TextFile, detected: string): TidegateError {
  return new TidegateError(
    'READ_OPTIONS_UNRESOLVED',
    `${nameOf(file)} is not CSV, JSON or Parquet; it looks like ${detected}`,
    {
      hint: FINDING_CODES.PQ707.hint,
    },
  )
}

function nameOf(file: TextFile): string {
  return file.path ?? file.uri
}
