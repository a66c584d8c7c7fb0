import type { Cell, CheckResult, JsonValue, UnexpectedRow } from '@tidegate/core'
import type { DataType } from '../expression/data-type.ts'
import { gxValue } from './gx-value.ts'
import type { JsonObject } from './gx-types.ts'
import type { ResolvedFormat } from './result-format.ts'
import { unexpectedCounts } from './unexpected-counts.ts'

/** What the result of an expectation about single rows is written from. */
export interface MapParts {
  readonly check: CheckResult
  readonly format: ResolvedFormat
  readonly columns: ReadonlyMap<string, DataType>
  /** Pairs are shown as lists of two values, several columns as maps, one column as its value. */
  readonly shape: 'value' | 'pair' | 'record'
  /** Whether missing values are left out of the judgement, so that there is something to say of them. */
  readonly hasMissing: boolean
  /** Whether every unexpected value is NULL. */
  readonly judgesNull: boolean
  /** What an unexpected row is called where no index columns were asked for. */
  readonly locate: (row: UnexpectedRow) => JsonValue
  /** A query that finds the unexpected rows. */
  readonly indexQuery: string | undefined
}

/**
 * `result` of a map expectation. Percentages are computed in Great Expectations' order of operations (`n / total * 100`), so
 * that they agree to the last digit.
 */
export function mapResult(parts: MapParts): JsonObject {
  const { check, format, hasMissing } = parts
  const result: Record<string, JsonValue> = {}
  if (format.name !== 'BOOLEAN_ONLY') Object.assign(result, countsOf(check, hasMissing), listsOf(parts))
  // A passed check has no rows to look for.
  if (format.indexQuery && parts.indexQuery !== undefined && (check.unexpectedCount ?? 0) > 0)
    result['unexpected_index_query'] = parts.indexQuery
  return result
}

function countsOf(check: CheckResult, hasMissing: boolean): JsonObject {
  const elements = check.elementCount ?? 0
  const unexpected = check.unexpectedCount ?? 0
  const missing = hasMissing ? (check.missingCount ?? 0) : 0
  const ofConsidered = percent(unexpected, elements - missing)
  const counts = { element_count: elements, unexpected_count: unexpected, unexpected_percent: ofConsidered }
  if (!hasMissing) return counts
  return {
    ...counts,
    missing_count: missing,
    missing_percent: percent(missing, elements),
    unexpected_percent_total: percent(unexpected, elements),
    unexpected_percent_nonmissing: ofConsidered,
  }
}

function percent(part: number, whole: number): number | null {
  return whole > 0 ? (part / whole) * 100 : null
}

function listsOf(parts: MapParts): JsonObject {
  const { check, format } = parts
  const limit = format.partialCount
  const all = unexpectedOf(parts)
  const rows = check.unexpectedRows ?? check.partialUnexpectedRows ?? []
  const values = all.map((value) => shownValue(value, parts))
  const lists: Record<string, JsonValue> = {}
  if (!format.excludeValues) lists['partial_unexpected_list'] = values.slice(0, limit)
  if (format.indexColumns !== undefined) lists['unexpected_index_column_names'] = format.indexColumns
  if (format.includeRows)
    lists['unexpected_rows'] = rows.slice(0, limit).map((row) => recordOf(row.index ?? {}, parts.columns))
  if (format.name === 'BASIC') return lists
  const indices = rows.map((row, place) => indexOf(row, all[place] ?? null, parts))
  if (limit > 0) {
    // COMPLETE counts all values, the others those that were kept, which is as far as GX's SQL engines look too.
    if (!format.excludeValues) lists['partial_unexpected_counts'] = unexpectedCounts(values, limit)
    lists['partial_unexpected_index_list'] = indices.slice(0, limit)
  }
  if (format.name !== 'COMPLETE') return lists
  if (!format.excludeValues) lists['unexpected_list'] = values
  lists['unexpected_index_list'] = indices
  return lists
}

/** Nobody asks an engine for values that can only be NULL: they are counted, and written down here. */
function unexpectedOf({ check, format, judgesNull }: MapParts): readonly Cell[] {
  const known = check.unexpected ?? check.partialUnexpected ?? []
  if (!judgesNull || known.length > 0) return known
  const count = check.unexpectedCount ?? 0
  return Array.from({ length: format.name === 'COMPLETE' ? count : Math.min(count, format.partialCount) }, () => null)
}

/** The row as a map of the check's own columns and the index columns, as GX has it; or its ordinal. */
function indexOf(row: UnexpectedRow, value: Cell, parts: MapParts): JsonValue {
  const { check, format, columns } = parts
  if (format.indexColumns === undefined) return parts.locate(row)
  const own = format.excludeValues ? [] : check.columns.map((name) => [name, fieldOf(value, name, parts)] as const)
  const chosen = format.indexColumns.map(
    (name) => [name, gxValue(row.index?.[name] ?? null, columns.get(name))] as const,
  )
  return Object.fromEntries([...own, ...chosen])
}

function fieldOf(value: Cell, name: string, { shape, check, columns }: MapParts): JsonValue {
  if (shape === 'value') return gxValue(value, columns.get(name))
  if (Array.isArray(value))
    return gxValue((value as readonly Cell[])[check.columns.indexOf(name)] ?? null, columns.get(name))
  return gxValue(fieldsOf(value)[name] ?? null, columns.get(name))
}

function shownValue(value: Cell, parts: MapParts): JsonValue {
  const { check, columns, shape } = parts
  if (shape === 'value') return gxValue(value, columns.get(check.columns[0] ?? ''))
  if (Array.isArray(value) || value === null || typeof value !== 'object') return gxValue(value, undefined)
  const fields = fieldsOf(value)
  if (shape === 'pair') return check.columns.map((name) => gxValue(fields[name] ?? null, columns.get(name)))
  return recordOf(fields, columns)
}

function fieldsOf(value: Cell): Readonly<Record<string, Cell>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Cell>>)
    : {}
}

function recordOf(fields: Readonly<Record<string, Cell>>, columns: ReadonlyMap<string, DataType>): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, gxValue(value, columns.get(name))]))
}
