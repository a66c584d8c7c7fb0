import { classWords } from './draft-text.ts'
import { oddTail } from './odd-tail.ts'
import { otherFiles, type Oddity } from './oddity.ts'
import type { ColumnProfile, FileFacts, SliceFacts } from './profile-types.ts'
import { formatCount, formatShare, formatValue } from './suggestion.ts'
import { wilsonInterval } from './wilson.ts'

/** Files with another kind of text, with values that no other file has, or with far longer texts. One finding per file. */
export function findOddTexts(
  column: ColumnProfile,
  slices: readonly SliceFacts[],
  perFile: readonly FileFacts[],
): readonly Oddity[] {
  const found = [
    ...oddClasses(column, slices),
    ...oddValues(column, slices),
    ...oddVariety(perFile),
    ...oddLengths(slices),
  ]
  return found.filter((oddity, position) => found.findIndex((other) => other.at === oddity.at) === position)
}

/** 99% of all others' texts are of one kind, fewer than 90% of this file's. */
function oddClasses({ textClass }: ColumnProfile, slices: readonly SliceFacts[]): readonly Oddity[] {
  if (textClass === null) return []
  return slices.flatMap((slice, at): readonly Oddity[] => {
    const { classTried: tried, classMatched: matched } = slice
    if (tried === 0 || matched >= tried * 0.9 || wilsonInterval(matched, tried).high >= 0.97) return []
    const others = slices.filter((other, position) => position !== at && other.classTried > 0)
    const sum = others.reduce(
      (total, other) => ({ tried: total.tried + other.classTried, matched: total.matched + other.classMatched }),
      {
        tried: 0,
        matched: 0,
      },
    )
    if (others.length < 4 || sum.matched < sum.tried * 0.99) return []
    const what = `${formatShare(matched / tried)} ${classWords(textClass)} where ${otherFiles(others.length)} have ${formatShare(sum.matched / sum.tried)}`
    return [{ at, what, check: 'expect_column_values_to_match_regex' }]
  })
}

/** The others share a closed list of values, and a tenth of a percent of this file's rows hold something else. */
function oddValues(column: ColumnProfile, slices: readonly SliceFacts[]): readonly Oddity[] {
  if (column.values === null) return []
  const homes = new Map<number, number>()
  for (const slice of slices) for (const [value] of slice.values ?? []) homes.set(value, (homes.get(value) ?? 0) + 1)
  const filled = slices.filter((slice) => slice.rows > slice.nulls).length
  return slices.flatMap((slice, at): readonly Oddity[] => {
    const own = slice.values ?? []
    const fresh = own.filter(([value]) => homes.get(value) === 1)
    const freshRows = fresh.reduce((sum, [, count]) => sum + count, 0)
    if (freshRows === 0 || freshRows < (slice.rows - slice.nulls) * 0.001) return []
    const known = new Set(own.map(([value]) => value))
    const alone = [...homes].filter(([value, files]) => files === 1 && !known.has(value)).length
    const common = homes.size - fresh.length - alone
    const others = filled - 1
    // The others must look closed: common values each seen in several files, hardly any of their own.
    if (others < 4 || common === 0 || common > 50 || alone > others * 0.05) return []
    const what = `${formatCount(fresh.length, 'value')} in ${formatCount(freshRows, 'row')} that none of ${otherFiles(others)} has`
    return [{ at, what, check: 'expect_column_values_to_be_in_set' }]
  })
}

/** Few different values everywhere, hundreds here. */
function oddVariety(perFile: readonly FileFacts[]): readonly Oddity[] {
  const richest = perFile.reduce(
    (best, file, at) => ((file.distinct ?? 0) > (perFile[best]?.distinct ?? 0) ? at : best),
    0,
  )
  return perFile.flatMap((file, at): readonly Oddity[] => {
    if (at !== richest) return []
    const others = perFile.filter((other, position) => position !== at && other.sampled > 0)
    const most = Math.max(0, ...others.map((other) => other.distinct ?? Infinity))
    const own = file.distinct ?? 0
    if (others.length < 4 || most === 0 || most > 50 || own <= 200 || own <= most * 10) return []
    // Others with as few rows as values say nothing about variety.
    if (others.some((other) => other.sampled < most * 2)) return []
    const what = `${formatCount(own, 'different value')} where ${otherFiles(others.length)} have at most ${formatValue(most)}`
    return [{ at, what, check: 'expect_column_values_to_be_in_set' }]
  })
}

function oddLengths(slices: readonly SliceFacts[]): readonly Oddity[] {
  const readings = slices.flatMap((slice, at) => (slice.maxLength === null ? [] : [{ at, value: slice.maxLength }]))
  const found = oddTail(readings, {
    spanOf: (others) => {
      const lengths = others.flatMap((at) => [slices[at]?.minLength ?? 0, slices[at]?.maxLength ?? 0])
      return Math.max(...lengths) - Math.min(...lengths)
    },
    spans: 1,
    smallestGap: 1,
  })
  if (found === undefined) return []
  const rest = `${otherFiles(found.others.length)} have at most ${formatValue(found.edge)}`
  return found.at.map((at) => ({
    at,
    what: `texts of up to ${formatCount(slices[at]?.maxLength ?? 0, 'character')} where ${rest}`,
    check: 'expect_column_value_lengths_to_be_between',
  }))
}
