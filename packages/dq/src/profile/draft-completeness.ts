import { exactNumber } from '../expression/exact-number.ts'
import { ENOUGH_ROWS, mostlyFor, severityOf, valuesOf, type Draft, type Lessons } from './draft.ts'
import { unitsAt } from './exact-units.ts'
import type { ColumnProfile } from './profile-types.ts'
import { formatCount, formatShare } from './suggestion.ts'
import { DAY_MS, parseTemporal } from './temporal.ts'
import { wilsonInterval } from './wilson.ts'

/** No nulls in 100 rows or more: not nullable. At most 10% nulls: mostly not null. */
export function draftNullRule(column: ColumnProfile, { widen }: Lessons): Draft | undefined {
  const { rows, nulls } = column
  if (rows < ENOUGH_ROWS) return undefined
  const type = 'expect_column_values_to_not_be_null'
  if (nulls === 0) {
    return {
      group: 'null',
      place: 'schema',
      expectation: { type, kwargs: { column: column.name }, severity: 'critical' },
      satisfied: rows,
      considered: rows,
      basis: `no null in ${formatCount(rows, 'row')}`,
    }
  }
  if (nulls > rows * 0.1) return undefined
  const slices = column.slices.map((slice) => ({ exceptions: slice.nulls, considered: slice.rows }))
  const mostly = mostlyFor(nulls, rows, slices, widen.has('null') ? 2 : 1)
  if (mostly < 0.5) return undefined
  const share = wilsonInterval(nulls, rows)
  return {
    group: 'null',
    place: 'expectations',
    expectation: { type, kwargs: { column: column.name, mostly }, severity: severityOf(rows, rows) },
    satisfied: rows - nulls,
    considered: rows,
    basis: `${formatCount(nulls, 'null')} in ${formatCount(rows, 'row')} (${formatShare(share.low)} to ${formatShare(share.high)})`,
  }
}

/**
 * No value twice in a file, where that looks like a key and not like chance: text, UUIDs and dates; whole numbers if
 * they are dense enough that doubles would have shown, else only as a warning.
 */
export function draftUniqueRule(column: ColumnProfile, { barred }: Lessons): Draft | undefined {
  if (barred.has('unique') || !looksLikeKey(column)) return undefined
  const values = valuesOf(column)
  const byChance = uniqueByChance(column)
  return {
    group: 'unique',
    place: 'expectations',
    expectation: {
      type: 'expect_column_values_to_be_unique',
      kwargs: { column: column.name },
      severity: severityOf(values, values, byChance),
    },
    satisfied: values,
    considered: values,
    basis:
      `no value occurs twice in a file, in ${formatCount(values, 'value')}` +
      (byChance ? ', though so few values of so wide a range may be distinct by chance' : ''),
  }
}

/** True where the column identifies rows: a range or a set of values then says nothing about the next file. */
export function looksLikeKey(column: ColumnProfile): boolean {
  const { family } = column
  const values = valuesOf(column)
  if (column.unique !== true || values < ENOUGH_ROWS || values < column.rows * 0.5) return false
  // Files of one row each have no doubles and prove nothing.
  const inLargeFiles = column.perFile.filter((file) => file.sampled >= 2).reduce((sum, file) => sum + file.sampled, 0)
  if (inLargeFiles < ENOUGH_ROWS) return false
  if (family === 'text') return (column.maxLength ?? 0) <= 64
  return (
    family === 'integer' ||
    family === 'uuid' ||
    family === 'date' ||
    (family === 'decimal' && /,\s*0\)$/.test(column.type))
  )
}

/**
 * Of n values drawn from a range of R numbers or days, n²/2R pairs are expected to be equal. Where fewer than 3 were to
 * be expected, seeing none is no proof, unless the values rise row by row.
 */
function uniqueByChance(column: ColumnProfile): boolean {
  const range = rangeSize(column)
  if (range === undefined || column.increasing === true) return false
  const largest = Math.max(...column.slices.map((slice) => slice.rows - slice.nulls))
  return (largest * largest) / (2 * range) < 3
}

/** How many whole numbers or days lie between the extremes; undefined for other families. */
function rangeSize({ family, min, max }: ColumnProfile): number | undefined {
  if (min === null || max === null) return undefined
  if (family === 'date') {
    const [first, last] = [parseTemporal(min), parseTemporal(max)]
    return first === undefined || last === undefined ? undefined : (last - first) / DAY_MS + 1
  }
  const [low, high] = [exactNumber(min), exactNumber(max)]
  if (family !== 'integer' || low === undefined || high === undefined) return undefined
  return Number(unitsAt(high, 0) - unitsAt(low, 0)) + 1
}
