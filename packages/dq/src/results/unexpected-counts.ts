import { stringifyJson, type JsonValue } from '@tidegate/core'

/**
 * `partial_unexpected_counts`: the most frequent unexpected values, largest first, equal ones by value. Of values that are
 * equally frequent the first seen are kept, as Great Expectations does. Maps of several columns become lists of values.
 */
export function unexpectedCounts(values: readonly JsonValue[], limit: number): readonly JsonValue[] {
  const counts = new Map<string, { readonly value: JsonValue; count: number }>()
  for (const item of values) {
    const value = typeof item === 'object' && item !== null && !Array.isArray(item) ? Object.values(item) : item
    const key = stringifyJson(value)
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { value: value as JsonValue, count: 1 })
    else known.count++
  }
  return [...counts.values()]
    .toSorted((a, b) => b.count - a.count)
    .slice(0, limit)
    .toSorted((a, b) => b.count - a.count || compareValues(a.value, b.value))
    .map(({ value, count }) => ({ value, count }))
}

/**
 * Numbers as numbers, texts by code point, lists item by item. A null is neither before nor after anything, as NaN is in
 * Python: then the order of appearance stays.
 */
function compareValues(a: JsonValue, b: JsonValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (Array.isArray(a) && Array.isArray(b)) {
    for (const [index, item] of (a as readonly JsonValue[]).entries()) {
      const order = compareValues(item, (b as readonly JsonValue[])[index] ?? null)
      if (order !== 0) return order
    }
    return 0
  }
  if (a === null || b === null) return 0
  const [left, right] = [textOf(a), textOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : stringifyJson(value)
}
