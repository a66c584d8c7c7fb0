import {
  codeOf,
  messageOf,
  MISFIT_COLUMN,
  ROW_COLUMN,
  type ColumnSchema,
  type Finding,
  type ReadOptions,
  type Session,
} from '@tidegate/core'

import { openCsv } from './csv-rows.ts'
import { finding } from './finding-codes.ts'
import { inferTypes } from './infer-types.ts'
import { openJson } from './json-rows.ts'
import { normalizeLineEnds } from './normalize-line-ends.ts'
import { reservedNames } from './parquet-relation.ts'
import { prepareText, type PreparedText } from './prepare-text.ts'
import type { TextFile } from './resolve-read-options.ts'
import type { OpenedText, RejectedLine, TextColumn } from './text-rows.ts'
import { typedValue } from './typed-value.ts'

export type { RejectedLine } from './text-rows.ts'

export interface ConvertTarget {
  /** The Parquet file to write; replaced if it is there. */
  readonly path: string
  /** An existing folder for temp files; they are removed again. */
  readonly workFolder: string
}

export interface ConvertOptions {
  readonly signal?: AbortSignal | undefined
}

export type ConvertOutcome =
  | {
      readonly kind: 'ok'
      /** Rows in the written file. Rows read are `rows + rejectedCount`. */
      readonly rows: number
      /** Records that could not be split into columns; exact. */
      readonly rejectedCount: number
      /** The first 1,000 of them. */
      readonly rejectedLines: readonly RejectedLine[]
      /** Data columns of the written file, in order: the wanted ones, then the extra ones. */
      readonly columns: readonly ColumnSchema[]
      /** Wanted columns that the file lacks: NULL in every row. */
      readonly missingColumns: readonly string[]
      /** Columns of the file that were not wanted, with the types that their values have. */
      readonly extraColumns: readonly string[]
      /** Warnings, such as duplicate names. */
      readonly findings: readonly Finding[]
    }
  | { readonly kind: 'unreadable'; readonly findings: readonly Finding[] }

/**
 * Turns one CSV, JSON or NDJSON file (also gzip or zstd, any encoding) into one typed Parquet file with the data columns,
 * `__tg_row` (BIGINT, 0-based ordinal of the record) and `__tg_misfit` (VARCHAR[], the columns of the row whose text did
 * not fit; the value there is NULL; never NULL itself). Row order is kept.
 *
 * @param columns the contract's columns; undefined: those of the file, with the types that their values have
 *
 * Throws what the session throws, `SOURCE_GONE`, `SOURCE_UNREADABLE`, `DISK_FULL`, `ENCODING_UNKNOWN`, `CANCELLED`. Bad
 * content is an outcome.
 */
export async function convertText(
  session: Session,
  file: TextFile,
  read: ReadOptions,
  columns: readonly ColumnSchema[] | undefined,
  out: ConvertTarget,
  options: ConvertOptions = {},
): Promise<ConvertOutcome> {
  const prepared = await prepareText(file.uri, read.encoding, out.workFolder, options.signal)
  if (prepared.kind === 'unreadable') return { kind: 'unreadable', findings: [prepared.finding] }
  let text: PreparedText = prepared
  try {
    try {
      return await convertPrepared(session, text, read, columns, out, options)
    } catch (error) {
      // The engine gives up on a file that mixes line ends.
      if (read.format === 'json' || read.format === 'ndjson' || !isUnsplittable(error)) throw error
    }
    const normalized = await normalizeLineEnds(text, out.workFolder)
    await text.dispose()
    text = normalized
    return await convertPrepared(session, text, read, columns, out, options)
  } catch (error) {
    if (!isUnsplittable(error)) throw error
    const message = messageOf(error).split('\n', 1)[0] ?? ''
    return {
      kind: 'unreadable',
      findings: [finding('PQ709', `The text cannot be split into records: ${message}`, { severity: 'fatal' })],
    }
  } finally {
    await text.dispose()
  }
}

function isUnsplittable(error: unknown): boolean {
  return (
    codeOf(error) === 'ENGINE_SQL' &&
    /state machine reached an invalid state|CSV Error|Error when sniffing|CSV/i.test(messageOf(error))
  )
}

async function convertPrepared(
  session: Session,
  text: PreparedText,
  read: ReadOptions,
  wanted: readonly ColumnSchema[] | undefined,
  out: ConvertTarget,
  options: ConvertOptions,
): Promise<ConvertOutcome> {
  const opened =
    read.format === 'json' || read.format === 'ndjson'
      ? await openJson(session, text.path, read, out.workFolder, options)
      : await openCsv(session, text.path, read, wanted, options)
  if (opened.kind === 'unreadable') return { kind: 'unreadable', findings: [opened.finding] }
  try {
    return await convertRows(session, opened, read, wanted, out, options)
  } finally {
    await opened.dispose()
  }
}

async function convertRows(
  session: Session,
  opened: Extract<OpenedText, { kind: 'ok' }>,
  read: ReadOptions,
  wanted: readonly ColumnSchema[] | undefined,
  out: ConvertTarget,
  options: ConvertOptions,
): Promise<ConvertOutcome> {
  const { rows } = opened
  const [reserved] = reservedNames(rows.columns.map(({ name }) => name))
  if (reserved !== undefined)
    return {
      kind: 'unreadable',
      findings: [finding('PQ220', `The column ${JSON.stringify(reserved)} has a reserved name.`)],
    }
  const match = matchColumns(rows.columns, wanted ?? [])
  if (wanted !== undefined && wanted.length > 0 && match.missing.length === wanted.length && rows.columns.length > 0)
    return { kind: 'unreadable', findings: [noCommonColumn(rows.columns, wanted)] }
  const inferred = await inferTypes(session, { from: rows.from, columns: match.extra }, read, options)
  const plan: PlannedColumn[] = [
    ...match.known,
    ...match.extra.map((column, index) => ({
      name: column.name,
      type: inferred.columns[index]?.type ?? 'VARCHAR',
      text: column.text,
    })),
  ]
  if (plan.length === 0)
    return {
      kind: 'unreadable',
      findings: [finding('PQ705', 'The file has no record with a column.', { severity: 'fatal' })],
    }
  const valueOptions = wanted === undefined ? { ...read, ...inferred.formats } : read
  const copied = await session.query(copyStatement(session, rows.from, plan, valueOptions, out.path), options)
  const rejects = await opened.rejects()
  return {
    kind: 'ok',
    rows: Number(copied.rows[0]?.[0] ?? 0),
    rejectedCount: rejects.count,
    rejectedLines: rejects.lines,
    columns: plan.map(({ name, type }) => ({ name, type })),
    missingColumns: match.missing,
    extraColumns: wanted === undefined ? [] : match.extra.map(({ name }) => name),
    findings: [],
  }
}

interface PlannedColumn extends ColumnSchema {
  /** Column that holds the text; undefined where the file lacks it. */
  readonly text: string | undefined
}

/** By name: the same spelling first, then the same but for case. */
function matchColumns(
  found: readonly TextColumn[],
  wanted: readonly ColumnSchema[],
): {
  readonly known: readonly PlannedColumn[]
  readonly extra: readonly TextColumn[]
  readonly missing: readonly string[]
} {
  const exact = new Map(found.map((column) => [column.name, column]))
  const folded = new Map(found.map((column) => [column.name.toLowerCase(), column]))
  const used = new Set<TextColumn>()
  const known = wanted.map(({ name, type }) => {
    const column = exact.get(name) ?? folded.get(name.toLowerCase())
    if (column !== undefined) used.add(column)
    return { name, type, text: column?.text }
  })
  return {
    known,
    extra: found.filter((column) => !used.has(column)),
    missing: known.filter(({ text }) => text === undefined).map(({ name }) => name),
  }
}

function noCommonColumn(found: readonly TextColumn[], wanted: readonly ColumnSchema[]): Finding {
  const missing = wanted.map(({ name }) => name)
  const extra = found.map(({ name }) => name)
  return finding(
    'PQ706',
    `None of the ${missing.length} columns of the contract is in the file; it begins with ${JSON.stringify(extra.slice(0, 5).join(', '))}.`,
    {
      severity: 'fatal',
      evidence: { missing: missing.slice(0, 100), extra: extra.slice(0, 100) },
    },
  )
}

function copyStatement(
  { dialect }: Session,
  from: string,
  plan: readonly PlannedColumn[],
  options: ReadOptions,
  path: string,
): string {
  const typed = plan.map(({ text, type }, index) =>
    text === undefined
      ? `CAST(NULL AS ${type}) AS v${index}`
      : `${text} AS t${index}, ${typedValue(dialect, text, type, options)} AS v${index}`,
  )
  const misfits = plan.flatMap(({ name, type, text }, index) =>
    text === undefined || type === 'VARCHAR'
      ? []
      : [{ label: name, conditionSql: `t${index} IS NOT NULL AND v${index} IS NULL` }],
  )
  const values = plan.map(({ name }, index) => `v${index} AS ${dialect.identifier(name)}`)
  const labels = misfits.length === 0 ? 'CAST([] AS VARCHAR[])' : `CAST(${dialect.labelsWhere(misfits)} AS VARCHAR[])`
  const select = `SELECT ${values.join(', ')}, CAST(r AS BIGINT) AS ${ROW_COLUMN}, ${labels} AS ${MISFIT_COLUMN} FROM (SELECT r, ${typed.join(', ')} FROM ${from})`
  return `COPY (${select}) TO ${dialect.literal(path)} (FORMAT parquet)`
}
