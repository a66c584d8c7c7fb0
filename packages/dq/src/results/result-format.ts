import { TidegateError } from '@tidegate/core'

/** How much a result tells, in Great Expectations' words. */
export type ResultFormatName = 'BOOLEAN_ONLY' | 'BASIC' | 'SUMMARY' | 'COMPLETE'

export type ResultFormat = ResultFormatName | ResultFormatSettings

export interface ResultFormatSettings {
  readonly result_format: ResultFormatName
  /** Unexpected values in `partial_…` lists. @defaultValue 20 */
  readonly partial_unexpected_count?: number | undefined
  /** Columns that say which row it was, e.g. the key. Without them: the 0-based ordinal of the row. */
  readonly unexpected_index_column_names?: readonly string[] | undefined
  /** Also the rows that unexpected values stand in, whole. @defaultValue false */
  readonly include_unexpected_rows?: boolean | undefined
  /** No value of an unexpected row. @defaultValue false */
  readonly exclude_unexpected_values?: boolean | undefined
  /** A query that finds the unexpected rows. @defaultValue true with COMPLETE, else false */
  readonly return_unexpected_index_query?: boolean | undefined
}

/** A result format with every setting decided. */
export interface ResolvedFormat {
  readonly name: ResultFormatName
  readonly partialCount: number
  readonly indexColumns: readonly string[] | undefined
  readonly includeRows: boolean
  readonly excludeValues: boolean
  readonly indexQuery: boolean
}

export const RESULT_FORMATS: readonly ResultFormatName[] = ['BOOLEAN_ONLY', 'BASIC', 'SUMMARY', 'COMPLETE']

/** Reads a result format, a name or a map. @throws `CHECK_RESULT_FORMAT` */
export function resolveResultFormat(given: unknown): ResolvedFormat {
  const settings = typeof given === 'string' ? { result_format: given } : given
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw formatError('a result format is a name or a map')
  const map = settings as Readonly<Record<string, unknown>>
  for (const key of Object.keys(map))
    if (!KNOWN.has(key)) throw formatError(`a result format has no setting ${JSON.stringify(key)}`)
  const name = map['result_format'] ?? 'BASIC'
  if (!isFormatName(name)) throw formatError(`there is no result format ${JSON.stringify(name)}`)
  return {
    name,
    partialCount: countOf(map['partial_unexpected_count']),
    indexColumns: columnsOf(map['unexpected_index_column_names']),
    includeRows: flagOf(map, 'include_unexpected_rows', false),
    excludeValues: flagOf(map, 'exclude_unexpected_values', false),
    indexQuery: flagOf(map, 'return_unexpected_index_query', name === 'COMPLETE'),
  }
}

/** What must be kept of unexpected rows so that results of these formats can be written: `capture` of `planChecks`. */
export interface FormatNeeds {
  readonly when: 'never' | 'after'
  /** Unexpected values, the first ones. */
  readonly values: number
  /** Where they were found. */
  readonly rows: boolean
  /** All of them, however many. */
  readonly complete: boolean
  /** Columns to be kept of each unexpected row. */
  readonly indexColumns: readonly string[]
}

/** @param columns all columns of the data: `include_unexpected_rows` keeps them all */
export function needsOf(formats: readonly ResolvedFormat[], columns: readonly string[]): FormatNeeds {
  const lists = formats.filter((format) => format.name !== 'BOOLEAN_ONLY')
  const indexed = lists.filter((format) => format.name !== 'BASIC' || format.includeRows)
  const named = indexed.flatMap((format) => [...(format.includeRows ? columns : []), ...(format.indexColumns ?? [])])
  return {
    when: lists.length === 0 ? 'never' : 'after',
    values: Math.max(0, ...lists.map((format) => format.partialCount)),
    rows: indexed.length > 0,
    complete: lists.some((format) => format.name === 'COMPLETE'),
    indexColumns: [...new Set(named)],
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'result_format',
  'partial_unexpected_count',
  'unexpected_index_column_names',
  'include_unexpected_rows',
  'exclude_unexpected_values',
  'return_unexpected_index_query',
  // Accepted as GX accepts it; what it turns on is always so here.
  'map_expectation_unexpected_rows_as_dict',
])

function isFormatName(value: unknown): value is ResultFormatName {
  return RESULT_FORMATS.some((name) => name === value)
}

function countOf(value: unknown): number {
  if (value === undefined || value === null) return 20
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw formatError(`partial_unexpected_count must be a whole number from 0, not ${JSON.stringify(value)}`)
  return value
}

function columnsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || !value.every((name): name is string => typeof name === 'string'))
    throw formatError('unexpected_index_column_names must be a list of column names')
  return value.length === 0 ? undefined : value
}

function flagOf(map: Readonly<Record<string, unknown>>, key: string, otherwise: boolean): boolean {
  const value = map[key]
  if (value === undefined || value === null) return otherwise
  if (typeof value !== 'boolean') throw formatError(`${key} must be true or false`)
  return value
}

function formatError(message: string): TidegateError {
  return new TidegateError('CHECK_RESULT_FORMAT', message, {
    hint: `Use one of ${RESULT_FORMATS.join(', ')}, or {"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]}.`,
  })
}
