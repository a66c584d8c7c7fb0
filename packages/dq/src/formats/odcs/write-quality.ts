import type { Expectation, JsonValue } from '@tidegate/core'
import { definedOf, hasEntries, type FormatNote } from '../format-note.ts'
import { isList, isMap, type JsonMap } from '../../json-map.ts'
import { isGxType } from '../gx/gx-types.ts'

/**
 * One check as an entry of `quality`: a metric of the library where it means the same and comes back the same, else a
 * custom rule with the whole check in it. `placed`: the column it is about is a property, or it is about none.
 */
export function writeQuality(
  expectation: Expectation,
  { path, placed }: { readonly path: string; readonly placed: boolean },
  notes: FormatNote[],
): JsonValue {
  const { severity, id, warn, meta } = expectation
  const { odcs, ...others } = meta ?? {}
  const about = isMap(odcs) ? odcs : {}
  const metric =
    placed && id === undefined && warn === undefined && !hasEntries(others) ? metricOf(expectation) : undefined
  if (metric !== undefined)
    return definedOf({ ...about, ...metric, severity: severity === undefined ? undefined : SEVERITIES[severity] })
  const engine = isGxType(expectation.type, '1.x') ? 'greatExpectations' : 'tidegate'
  if (engine === 'tidegate')
    notes.push({
      kind: 'changed',
      path,
      message: `${expectation.type} is written for the engine tidegate; others do not know it`,
    })
  return { ...about, type: 'custom', engine, implementation: JSON.stringify(implementation(expectation, others)) }
}

const SEVERITIES = { critical: 'error', warning: 'warning', info: 'info' } as const

/** In the shape of an expectation in a suite, with our own fields in its meta. */
function implementation({ type, kwargs, severity, fail, warn, id }: Expectation, meta: JsonMap): JsonMap {
  const { gx, ...plain } = meta
  const ours = definedOf({ id, fail: fail as JsonValue | undefined, warn: warn as JsonValue | undefined, gx })
  const full = { ...plain, ...(hasEntries(ours) ? { tidegate: ours } : {}) }
  return definedOf({ type, kwargs, severity, meta: hasEntries(full) ? full : undefined })
}

function metricOf({ type, kwargs, fail }: Expectation): JsonMap | undefined {
  const { column, ...rest } = kwargs
  const limit = limitKeys(fail)
  if (limit === undefined) return undefined
  const only = (...keys: readonly string[]): boolean =>
    Object.keys(rest).length === keys.length && keys.every((key) => rest[key] !== undefined)
  switch (type) {
    case 'expect_column_values_to_not_be_null':
      return only() && typeof column === 'string' ? { metric: 'nullValues', ...limit } : undefined
    case 'expect_column_values_to_be_unique':
      return only() && typeof column === 'string' ? { metric: 'duplicateValues', ...limit } : undefined
    case 'expect_compound_columns_to_be_unique':
      // One column alone would come back as another check; its name is not known to be a property's either.
      return only('column_list') && isList(rest['column_list']) && rest['column_list'].length > 1
        ? { metric: 'duplicateValues', arguments: { properties: rest['column_list'] }, ...limit }
        : undefined
    case 'expect_column_values_to_be_in_set':
      return only('value_set') && isList(rest['value_set']) && !rest['value_set'].includes(null)
        ? { metric: 'invalidValues', arguments: { validValues: rest['value_set'] }, ...limit }
        : undefined
    case 'expect_column_values_to_match_regex':
      return only('regex') ? { metric: 'invalidValues', arguments: { pattern: rest['regex'] }, ...limit } : undefined
    case 'expect_table_row_count_to_equal':
      return Object.keys(kwargs).length === 1 && Number.isSafeInteger(kwargs['value'])
        ? { metric: 'rowCount', mustBe: kwargs['value'] }
        : undefined
    case 'expect_table_row_count_to_be_between':
      return rowCountKeys(kwargs)
    default:
      return undefined
  }
}

/** The operator for how many may be wrong; undefined for a limit that comes back as another. */
function limitKeys(fail: Expectation['fail']): JsonMap | undefined {
  if (fail === undefined) return { mustBe: 0 }
  const { count, fraction } = fail
  if (count !== undefined && fraction === undefined && count > 0) return { mustBeLessOrEqualTo: count }
  if (fraction === undefined || count !== undefined || fraction <= 0) return undefined
  const percent = Number((fraction * 100).toFixed(10))
  return Number((percent / 100).toFixed(12)) === fraction
    ? { mustBeLessOrEqualTo: percent, unit: 'percent' }
    : undefined
}

function rowCountKeys(kwargs: JsonMap): JsonMap | undefined {
  const { min_value: min, max_value: max, ...rest } = kwargs
  if (hasEntries(rest) || min === max) return undefined
  if (![min, max].every((bound) => bound === undefined || Number.isSafeInteger(bound))) return undefined
  return definedOf({ metric: 'rowCount', mustBeGreaterOrEqualTo: min, mustBeLessOrEqualTo: max })
}
