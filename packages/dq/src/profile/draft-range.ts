import type { JsonValue } from '@tidegate/core'
import { isNumeric, isTemporal, type ColumnFamily } from './column-family.ts'
import { ENOUGH_VALUES, mostlyFor, severityOf, valuesOf, type Draft, type Lessons } from './draft.ts'
import { looksLikeKey } from './draft-completeness.ts'
import { toJsonNumber } from './exact-units.ts'
import { withHeadRoom, type Extremes } from './head-room.ts'
import { rangesMove, rangesStay, type Span } from './moving-ranges.ts'
import { addTotals } from './column-totals.ts'
import type { ColumnProfile, ColumnTotals, Profile } from './profile-types.ts'
import { formatCount, formatValue } from './suggestion.ts'
import { DAY_MS, parseTemporal, yearOf } from './temporal.ts'

/** The range of a numeric or temporal column, with head-room. */
export function draftRangeRule(column: ColumnProfile, profile: Profile, lessons: Lessons): Draft | undefined {
  if (column.sensitive !== null || valuesOf(column) - column.nonFinite < ENOUGH_VALUES) return undefined
  if (isTemporal(column.family)) return draftTimeRange(column, profile, lessons)
  if (isNumeric(column.family)) return draftNumberRange(column, profile, lessons)
  return undefined
}

function draftNumberRange(column: ColumnProfile, profile: Profile, { widen, barred }: Lessons): Draft | undefined {
  const { family, min, max } = column
  if (min === null || max === null) return undefined
  if (min === max || (family === 'integer' && min === '0' && max === '1'))
    return barred.has('set') ? undefined : fewNumbers(column, min, max)
  // Keys and running numbers leave every range behind.
  if (looksLikeKey(column) || (family === 'integer' && runs(column, profile))) return undefined

  const factor = widen.has('range') ? 2 : 1
  const bounds = withHeadRoom({
    slices: extremesOf(column),
    quantiles: column.quantiles,
    wholeNumbers: family === 'integer',
    type: column.type,
    factor,
  })
  const kwargs = rangeKwargs(column.name, bounds.min, bounds.max)
  if (kwargs === undefined) return undefined
  const values = valuesOf(column)
  const slices = column.slices.map((slice) => ({ exceptions: slice.nonFinite, considered: slice.rows - slice.nulls }))
  const mostly = column.nonFinite === 0 ? undefined : mostlyFor(column.nonFinite, values, slices, factor)
  if (mostly !== undefined && mostly < 0.9) return undefined
  const finite = values - column.nonFinite
  return {
    group: 'range',
    place: 'expectations',
    expectation: {
      type: 'expect_column_values_to_be_between',
      kwargs: mostly === undefined ? kwargs : { ...kwargs, mostly },
      severity: severityOf(finite, finite),
    },
    satisfied: finite,
    considered: values,
    basis:
      `seen from ${formatValue(min)} to ${formatValue(max)} in ${formatCount(finite, 'value')}, widened` +
      (column.nonFinite === 0 ? '' : `; ${formatCount(column.nonFinite, 'value')} NaN or infinite`),
  }
}

/** A constant or a 0/1 flag: the values themselves say more than a range around them. */
function fewNumbers(column: ColumnProfile, min: string, max: string): Draft | undefined {
  const values = valuesOf(column)
  if (column.family === 'float' || values < 100 || column.nonFinite > 0) return undefined
  const constant = min === max
  return {
    group: 'set',
    place: 'expectations',
    expectation: {
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column: column.name, value_set: constant ? [toJsonNumber(min)] : [0, 1] },
      severity: severityOf(values, values, constant),
    },
    satisfied: values,
    considered: values,
    basis: constant
      ? `always ${formatValue(min)} in ${formatCount(values, 'value')}`
      : `only 0 and 1 in ${formatCount(values, 'value')}`,
  }
}

/**
 * Times get a lower bound: the first of January of the year before the earliest, or a tenth of the span before it if
 * that is earlier. An upper bound only where time does not pass from file to file.
 */
function draftTimeRange(column: ColumnProfile, profile: Profile, { widen }: Lessons): Draft | undefined {
  const [low, high] = [parseTemporal(column.min ?? ''), parseTemporal(column.max ?? '')]
  if (low === undefined || high === undefined) return undefined
  const factor = widen.has('range') ? 2 : 1
  const room = (factor * (high - low)) / 10
  const year = Math.min(yearOf(low) - factor, yearOf(low - room))
  if (year < 1) return undefined
  const spans = spansOfFiles(column, profile)
  const stays = rangesStay(spans) && !advances(spans) && yearOf(high) < 9000
  const lastYear = yearOf(high + Math.max(room, 30 * DAY_MS)) + (factor - 1)
  const kwargs = rangeKwargs(
    column.name,
    timeText(column, year, '01-01', '00:00:00'),
    stays ? timeText(column, lastYear, '12-31', '23:59:59') : undefined,
  )
  if (kwargs === undefined) return undefined
  const values = valuesOf(column)
  return {
    group: 'range',
    place: 'expectations',
    expectation: { type: 'expect_column_values_to_be_between', kwargs, severity: severityOf(values, values) },
    satisfied: values,
    considered: values,
    basis:
      `seen from ${column.min} to ${column.max} in ${formatCount(values, 'value')}` +
      (stays ? ', the same stretch in every file' : '; no upper bound, as time goes on'),
  }
}

/** The column's slices on a number line, those without values left out. */
export function spansOf(column: {
  readonly family: ColumnFamily
  readonly slices: readonly ColumnTotals[]
}): readonly Span[] {
  return column.slices.flatMap(({ min, max }) => {
    if (min === null || max === null) return []
    const low = isTemporal(column.family) ? parseTemporal(min) : Number(min)
    const high = isTemporal(column.family) ? parseTemporal(max) : Number(max)
    return low === undefined || high === undefined ? [] : [{ low, high }]
  })
}

/** One span for each file that has values. */
function spansOfFiles(column: ColumnProfile, profile: Profile): readonly Span[] {
  const files = [...new Set(profile.slices.map((slice) => slice.file))]
  return files.flatMap((file) => {
    const own = column.slices.filter((_, position) => profile.slices[position]?.file === file)
    return spansOf({ family: column.family, slices: [addTotals(column.family, own)] })
  })
}

/** In the order of the files, the largest value rises four times out of five. */
function advances(spans: readonly Span[]): boolean {
  const rises = spans.filter((span, position) => position > 0 && span.high > (spans[position - 1]?.high ?? Infinity))
  return rises.length >= (spans.length - 1) * 0.8
}

/**
 * A running number: its ranges move from file to file, or, with too few files to tell, it never steps down and takes
 * many values (a file may be sorted by a column of few).
 */
function runs(column: ColumnProfile, profile: Profile): boolean {
  const spans = spansOfFiles(column, profile)
  if (spans.length >= 3) return rangesMove(spans)
  return column.increasing === true && (column.distinct ?? 0) * 10 >= column.sampled
}

function extremesOf(column: ColumnProfile): readonly Extremes[] {
  return column.slices.flatMap(({ min, max }) => (min === null || max === null ? [] : [{ min, max }]))
}

function rangeKwargs(
  column: string,
  min: string | undefined,
  max: string | undefined,
): Readonly<Record<string, JsonValue>> | undefined {
  if (min === undefined && max === undefined) return undefined
  return {
    column,
    ...(min === undefined ? {} : { min_value: toJsonNumber(min) }),
    ...(max === undefined ? {} : { max_value: toJsonNumber(max) }),
  }
}

function timeText(column: ColumnProfile, year: number, day: string, time: string): string {
  const date = `${String(year).padStart(4, '0')}-${day}`
  if (column.family === 'date') return date
  return /TIME ZONE|TIMESTAMPTZ|_LTZ/i.test(column.type) ? `${date} ${time}+00` : `${date} ${time}`
}
