import { compareValues } from './column-totals.ts'
import type { Draft } from './draft.ts'
import type { ColumnProfile, SliceFacts } from './profile-types.ts'
import { formatValue } from './suggestion.ts'

/**
 * Tries a rule on the slices of a column that it was not learned from. Undefined if it holds in every one of them, as
 * the gate would judge file by file; else what breaks it, in words, without values of the column beyond its extremes.
 */
export function tryDraft(draft: Draft, column: ColumnProfile): string | undefined {
  if (draft.group === 'unique') return column.unique === false ? 'a value occurs twice' : undefined
  for (const slice of column.slices) {
    const broken = slice.rows === 0 ? undefined : trySlice(draft, column, slice)
    if (broken !== undefined) return broken
  }
  return undefined
}

function trySlice({ group, expectation }: Draft, column: ColumnProfile, slice: SliceFacts): string | undefined {
  const { kwargs } = expectation
  const mostly = typeof kwargs['mostly'] === 'number' ? kwargs['mostly'] : 1
  const values = slice.rows - slice.nulls
  switch (group) {
    case 'null':
      return slice.rows - slice.nulls >= mostly * slice.rows ? undefined : `${slice.nulls} of ${slice.rows} are null`
    case 'range':
      if (values - slice.nonFinite < mostly * values) return `${slice.nonFinite} of ${values} are NaN or infinite`
      return outside(column, slice, kwargs['min_value'], kwargs['max_value'])
    case 'set':
      return trySet(column, slice, kwargs['value_set'])
    case 'regex':
      return slice.classMatched >= mostly * slice.classTried
        ? undefined
        : `${slice.classTried - slice.classMatched} of ${slice.classTried} look different`
    case 'length': {
      const low = kwargs['value'] ?? kwargs['min_value']
      const high = kwargs['value'] ?? kwargs['max_value']
      if (typeof low === 'number' && (slice.minLength ?? low) < low)
        return `the shortest has ${slice.minLength} characters`
      return typeof high === 'number' && (slice.maxLength ?? high) > high
        ? `the longest has ${slice.maxLength} characters`
        : undefined
    }
    default:
      return undefined
  }
}

function outside(column: ColumnProfile, slice: SliceFacts, low: unknown, high: unknown): string | undefined {
  if (slice.min !== null && isBound(low) && compareValues(column.family, slice.min, String(low)) < 0)
    return `they go down to ${formatValue(slice.min)}`
  if (slice.max !== null && isBound(high) && compareValues(column.family, slice.max, String(high)) > 0)
    return `they go up to ${formatValue(slice.max)}`
  return undefined
}

function trySet(column: ColumnProfile, slice: SliceFacts, set: unknown): string | undefined {
  const allowed = new Set((Array.isArray(set) ? set : []).map(String))
  if (column.values === null) {
    const strange = [slice.min, slice.max].find((value) => value !== null && !allowed.has(value))
    return strange === undefined ? undefined : `${strange} is there too`
  }
  const fresh = (slice.values ?? []).filter(
    ([value, count]) => count > 0 && !allowed.has(column.values?.[value]?.value ?? ''),
  )
  return fresh.length === 0 ? undefined : `${fresh.length} more ${fresh.length === 1 ? 'value is' : 'values are'} there`
}

function isBound(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
