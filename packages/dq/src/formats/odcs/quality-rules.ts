import type { Expectation, JsonValue, Severity, UnexpectedLimit } from '@tidegate/core'
import { definedOf, hasEntries, own, textAt, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { customRule, type ParseText } from './custom-rules.ts'
import { MUST_KEYS, mustRange, type MustRange } from './must-operators.ts'
import { sqlRule } from './sql-rules.ts'

/** Where a quality rule stands. */
export interface QualityPlace {
  readonly path: string
  /** The name of the object. */
  readonly table: string
  /** The property's column; undefined for a rule of the object. */
  readonly column: string | undefined
  /** From a property's name to its column in the data. */
  readonly columnOf: (property: string) => string
  readonly parseText: ParseText
}

/** Checks of one quality rule; undefined where it has none, and then a note says why. */
export type QualityChecks = readonly Expectation[] | undefined

/** Reads one entry of `quality`. */
export function qualityRule(rule: JsonMap, place: QualityPlace, notes: FormatNote[]): QualityChecks {
  const say = (kind: FormatNote['kind'], message: string): undefined => {
    notes.push({ kind, path: place.path, message })
    return undefined
  }
  const metric = textAt(rule, 'metric') ?? textAt(rule, 'rule')
  const type = textAt(rule, 'type') ?? (metric === undefined ? undefined : 'library')
  switch (type) {
    case 'text':
      return say('kept-in-meta', 'a rule in words is not checked')
    case 'sql':
      return finish(sqlRule(rule, place, say), rule, place, notes)
    case 'custom':
      return finish(customRule(rule, place, say), rule, place, notes)
    case 'library':
      return finish(libraryRule(metric, rule, place, say), rule, place, notes)
    default:
      return say('dropped', `${JSON.stringify(type ?? null)} is no type of a rule; it is kept in meta`)
  }
}

export type Say = (kind: FormatNote['kind'], message: string) => undefined

/** Severity, name and what else the rule says of itself. */
function finish(checks: QualityChecks, rule: JsonMap, place: QualityPlace, notes: FormatNote[]): QualityChecks {
  if (checks === undefined) return undefined
  const kept = definedOf(Object.fromEntries(Object.entries(rule).filter(([key]) => !READ_KEYS.has(key))))
  const severity = severityOf(own(rule, 'severity'), place.path, notes)
  return checks.map((check) => ({
    ...check,
    ...(severity === undefined || check.severity !== undefined ? {} : { severity }),
    ...(hasEntries(kept) ? { meta: { ...check.meta, odcs: kept } } : {}),
  }))
}

const READ_KEYS: ReadonlySet<string> = new Set([
  ...MUST_KEYS,
  'type',
  'metric',
  'rule',
  'arguments',
  'unit',
  'query',
  'engine',
  'implementation',
  'validValues',
  'pattern',
  'severity',
])

function severityOf(value: JsonValue | undefined, path: string, notes: FormatNote[]): Severity | undefined {
  if (value === undefined || value === null) return undefined
  const word = typeof value === 'string' ? value.toLowerCase() : ''
  const severity = SEVERITIES[word]
  if (severity === undefined)
    notes.push({
      kind: 'changed',
      path: `${path}.severity`,
      message: `${JSON.stringify(value)} is no severity; the check counts as critical`,
    })
  return severity
}

const SEVERITIES: Readonly<Record<string, Severity | undefined>> = {
  critical: 'critical',
  error: 'critical',
  high: 'critical',
  blocker: 'critical',
  fatal: 'critical',
  warning: 'warning',
  warn: 'warning',
  medium: 'warning',
  major: 'warning',
  info: 'info',
  information: 'info',
  minor: 'info',
  low: 'info',
}

function libraryRule(metric: string | undefined, rule: JsonMap, place: QualityPlace, say: Say): QualityChecks {
  const name = METRICS[metric ?? '']
  if (name === undefined)
    return say('dropped', `the metric ${JSON.stringify(metric ?? null)} has no equivalent; it is kept in meta`)
  if (isList(own(rule, 'mustBeBetween'))) say('changed', 'the bounds of mustBeBetween are allowed values here')
  if (name === 'rows') return rowCount(rule, say)
  const limit = limitOf(rule, say)
  if (limit === undefined) return undefined
  const { column } = place
  if (name === 'duplicates') return duplicates(rule, limit, place, say)
  if (column === undefined) return say('dropped', `${metric} asks for a property; it is kept in meta`)
  switch (name) {
    case 'nulls':
      return [limited({ type: 'expect_column_values_to_not_be_null', kwargs: { column } }, limit)]
    case 'missing':
      return missing(rule, column, limit, say)
    default:
      return invalid(rule, column, limit, say)
  }
}

/** Names of metrics since 3.1, and those that contracts of 3.0 use. */
const METRICS: Readonly<Record<string, 'nulls' | 'missing' | 'invalid' | 'duplicates' | 'rows' | undefined>> = {
  nullValues: 'nulls',
  nullCheck: 'nulls',
  nullCount: 'nulls',
  missingValues: 'missing',
  missingCount: 'missing',
  invalidValues: 'invalid',
  invalidCount: 'invalid',
  validValues: 'invalid',
  duplicateValues: 'duplicates',
  duplicateCount: 'duplicates',
  duplicatePercent: 'duplicates',
  uniqueCheck: 'duplicates',
  uniqueness: 'duplicates',
  unique: 'duplicates',
  rowCount: 'rows',
  countCheck: 'rows',
}

/** How many rows may be wrong. */
function limitOf(rule: JsonMap, say: Say): UnexpectedLimit | undefined {
  const percent = own(rule, 'unit') === 'percent' || textAt(rule, 'metric') === 'duplicatePercent'
  const written = MUST_KEYS.some((key) => own(rule, key) !== undefined)
  if (!written) {
    say('changed', 'it names no operator; no row may break it')
    return { count: 0 }
  }
  const range = mustRange(rule)
  if (range === undefined || !isUpperLimit(range))
    return say('dropped', 'its operators do not say how many rows at most may be wrong; it is kept in meta')
  const max = range.max ?? 0
  if (!percent) return { count: range.strictMax ? Math.ceil(max) - 1 : Math.floor(max) }
  if (range.strictMax && max > 0) say('changed', `exactly ${max} percent is allowed too`)
  return max === 0 ? { count: 0 } : { fraction: Number((max / 100).toFixed(12)) }
}

function isUpperLimit({ min, max, strictMin, strictMax, not }: MustRange): boolean {
  if (max === undefined || not.length > 0 || max < 0 || (max === 0 && strictMax)) return false
  return min === undefined || (min <= 0 && !(min === 0 && strictMin))
}

function limited(check: Expectation, limit: UnexpectedLimit): Expectation {
  return limit.count === 0 ? check : { ...check, fail: limit }
}

function isExact(limit: UnexpectedLimit): boolean {
  return limit.count === 0
}

const OF_VALUES = 'percent is of the rows with a value; the standard counts all rows'

function missing(rule: JsonMap, column: string, limit: UnexpectedLimit, say: Say): QualityChecks {
  const list = argument(rule, 'missingValues')
  const values: readonly JsonValue[] = isList(list) ? list : [null]
  const texts = values.filter((value) => value !== null)
  const checks: Expectation[] = []
  if (texts.length < values.length) checks.push({ type: 'expect_column_values_to_not_be_null', kwargs: { column } })
  if (texts.length > 0)
    checks.push({ type: 'expect_column_values_to_not_be_in_set', kwargs: { column, value_set: texts } })
  if (isExact(limit)) return checks
  if (checks.length > 1)
    return say('dropped', 'a limit on NULL and other values together has no equivalent; it is kept in meta')
  if (limit.fraction !== undefined && texts.length > 0) say('changed', OF_VALUES)
  return checks.map((check) => limited(check, limit))
}

function invalid(rule: JsonMap, column: string, limit: UnexpectedLimit, say: Say): QualityChecks {
  const [values, pattern] = [argument(rule, 'validValues'), argument(rule, 'pattern')]
  const checks: Expectation[] = []
  if (isList(values))
    checks.push({
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column, value_set: values.filter((value) => value !== null) },
    })
  if (typeof pattern === 'string')
    checks.push({ type: 'expect_column_values_to_match_regex', kwargs: { column, regex: pattern } })
  if (checks.length === 0) return say('dropped', 'neither validValues nor pattern is given; it is kept in meta')
  if (limit.fraction !== undefined) say('changed', OF_VALUES)
  if (!isExact(limit) && checks.length > 1)
    say('changed', 'the limit holds for the values and for the pattern, each by itself')
  return checks.map((check) => limited(check, limit))
}

/** Of the arguments; beside them, where some contracts have it. */
function argument(rule: JsonMap, key: string): JsonValue | undefined {
  const list = own(rule, 'arguments')
  return (isMap(list) ? own(list, key) : undefined) ?? own(rule, key)
}

function duplicates(
  rule: JsonMap,
  limit: UnexpectedLimit,
  { column, columnOf }: QualityPlace,
  say: Say,
): QualityChecks {
  if (!isExact(limit)) say('changed', 'every row whose value repeats counts, the first one too')
  const list = argument(rule, 'properties')
  const names = isList(list) ? list.filter((name) => typeof name === 'string').map((name) => columnOf(name)) : []
  const only = names.length === 1 ? names[0] : names.length === 0 ? column : undefined
  if (only !== undefined)
    return [limited({ type: 'expect_column_values_to_be_unique', kwargs: { column: only } }, limit)]
  if (names.length === 0) return say('dropped', 'it names no properties; it is kept in meta')
  return [limited({ type: 'expect_compound_columns_to_be_unique', kwargs: { column_list: names } }, limit)]
}

function rowCount(rule: JsonMap, say: Say): QualityChecks {
  const range = mustRange(rule)
  if (
    own(rule, 'unit') === 'percent' ||
    range === undefined ||
    range.not.length > 0 ||
    (range.min === undefined && range.max === undefined)
  )
    return say('dropped', 'its operators do not say a range of row counts; it is kept in meta')
  if (range.min !== undefined && range.min === range.max && Number.isSafeInteger(range.min))
    return [{ type: 'expect_table_row_count_to_equal', kwargs: { value: range.min } }]
  const min = range.min === undefined ? undefined : range.strictMin ? Math.floor(range.min) + 1 : Math.ceil(range.min)
  const max = range.max === undefined ? undefined : range.strictMax ? Math.ceil(range.max) - 1 : Math.floor(range.max)
  const kwargs = { ...(min === undefined ? {} : { min_value: min }), ...(max === undefined ? {} : { max_value: max }) }
  return [{ type: 'expect_table_row_count_to_be_between', kwargs }]
}
