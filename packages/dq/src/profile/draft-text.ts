import { ENOUGH_ROWS, ENOUGH_VALUES, severityOf, valuesOf, type Draft, type Lessons } from './draft.ts'
import { looksLikeKey } from './draft-completeness.ts'
import type { ColumnProfile, Profile } from './profile-types.ts'
import { formatCount } from './suggestion.ts'
import { patternOf } from './text-class.ts'
import { wilsonInterval } from './wilson.ts'

/** One rule about the texts of a column: a kind of text that says much, else the list of values, else any kind, else lengths. */
export function draftTextRule(column: ColumnProfile, profile: Profile, lessons: Lessons): Draft | undefined {
  if (column.family !== 'text' || valuesOf(column) < ENOUGH_VALUES) return undefined
  const telling = column.textClass !== 'digits' && column.textClass !== 'upper-case letters'
  return (
    (telling ? draftRegex(column, profile, lessons) : undefined) ??
    draftSet(column, profile, lessons) ??
    draftRegex(column, profile, lessons) ??
    draftLength(column, lessons)
  )
}

/** Pattern of the column's kind of text, if 95% of values are of it. */
function draftRegex(column: ColumnProfile, profile: Profile, { widen, barred }: Lessons): Draft | undefined {
  const { textClass, classTried: tried, classMatched: matched } = column
  if (textClass === null || barred.has('regex') || tried < ENOUGH_VALUES || matched < tried * 0.95) return undefined
  const mostly = regexMostly(column, profile, widen.has('regex'))
  const kwargs = { column: column.name, regex: lengthPattern(column) ?? patternOf(textClass) }
  return {
    group: 'regex',
    place: 'expectations',
    expectation: {
      type: 'expect_column_values_to_match_regex',
      kwargs: mostly === undefined ? kwargs : { ...kwargs, mostly },
      severity: severityOf(tried, tried),
    },
    satisfied: matched,
    considered: tried,
    basis: `${formatCount(matched, 'value')} of ${formatCount(tried, 'value').replace(/ values?$/, '')} looked at are ${CLASS_WORDS[textClass]}`,
  }
}

/**
 * Undefined where all rows were looked at and all fit. Where only a sample was, what it proves of the rest; with
 * exceptions, the worst slice less a twentieth of the way.
 */
function regexMostly(column: ColumnProfile, profile: Profile, wider: boolean): number | undefined {
  const { classTried: tried, classMatched: matched } = column
  const values = valuesOf(column)
  if (matched === tried && !wider) {
    if (tried >= values || profile.sampledRows >= profile.rows) return undefined
    return Math.floor(wilsonInterval(matched, tried).low * 1000) / 1000
  }
  const worst = Math.min(
    ...column.slices
      .filter((slice) => slice.classTried >= ENOUGH_VALUES)
      .map((slice) => slice.classMatched / slice.classTried),
    wilsonInterval(matched, tried).low,
  )
  const allowed = Math.max(0.001, (1 - worst) * (wider ? 3 : 1.5))
  const steps = allowed < 0.01 ? 1000 : 100
  return Math.max(0, Math.floor((1 - allowed) * steps) / steps)
}

/** `^[A-Z]{3}$` where all texts have the same length; exact, since lengths come from all rows. */
function lengthPattern(column: ColumnProfile): string | undefined {
  if (column.minLength === null || column.minLength !== column.maxLength || valuesOf(column) < ENOUGH_ROWS)
    return undefined
  if (column.classMatched < column.classTried) return undefined
  if (column.textClass === 'digits') return `^[0-9]{${column.minLength}}$`
  return column.textClass === 'upper-case letters' ? `^[A-Z]{${column.minLength}}$` : undefined
}

/**
 * The list of values, where it looks complete: at most 50, each seen 20 times on average and none only once; and a
 * further file seldom brings a new one (the share of values seen in one file only, per file).
 */
function draftSet(column: ColumnProfile, profile: Profile, { barred }: Lessons): Draft | undefined {
  if (column.values === null || column.sensitive !== null || barred.has('set') || looksLikeKey(column)) return undefined
  const seen = column.values.filter((item) => item.count > 0)
  const values = valuesOf(column)
  if (seen.length === 0 || seen.length > MOST_VALUES || values < seen.length * 20) return undefined
  if (seen.length > 1 && seen.some((item) => item.count === 1)) return undefined

  const files = new Set(profile.slices.map((slice) => slice.file)).size
  const newPerFile = files < 2 ? 0 : valuesInOneFile(column, profile) / files
  if (newPerFile > 0.5) return undefined
  // Few files cannot show that a long list, or a constant, is the same everywhere.
  const doubtful = newPerFile > 0.05 || (files < 5 && (seen.length === 1 || seen.length > 12))
  return {
    group: 'set',
    place: 'expectations',
    expectation: {
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column: column.name, value_set: seen.map((item) => item.value).sort() },
      severity: severityOf(values, values, doubtful),
    },
    satisfied: values,
    considered: values,
    basis:
      `${seen.length === 1 ? 'one value' : `only ${seen.length} values`} in ${formatCount(values, 'row')}` +
      (doubtful ? ', but the next file may well bring another' : ''),
  }
}

const MOST_VALUES = 50

function valuesInOneFile(column: ColumnProfile, profile: Profile): number {
  const homes = new Map<number, Set<number>>()
  for (const [position, slice] of column.slices.entries()) {
    const file = profile.slices[position]?.file ?? 0
    for (const [value] of slice.values ?? []) homes.set(value, (homes.get(value) ?? new Set<number>()).add(file))
  }
  return [...homes.values()].filter((files) => files.size === 1).length
}

function draftLength(column: ColumnProfile, { widen, barred }: Lessons): Draft | undefined {
  const { minLength: min, maxLength: max } = column
  const values = valuesOf(column)
  if (min === null || max === null || barred.has('length')) return undefined
  const wider = widen.has('length')
  const basis = `${min === max ? formatCount(min, 'character') : `from ${min} to ${formatCount(max, 'character')}`} in ${formatCount(values, 'value')}`
  const common = { group: 'length', place: 'expectations', satisfied: values, considered: values, basis } as const
  if (min === max && values >= ENOUGH_ROWS && !wider) {
    return {
      ...common,
      expectation: {
        type: 'expect_column_value_lengths_to_equal',
        kwargs: { column: column.name, value: max },
        severity: severityOf(values, values),
      },
    }
  }
  const kwargs = {
    column: column.name,
    ...(min >= 1 ? { min_value: 1 } : {}),
    max_value: roundUp(max * (wider ? 3 : 1.5)),
  }
  return {
    ...common,
    expectation: { type: 'expect_column_value_lengths_to_be_between', kwargs, severity: 'warning' },
  }
}

/** The next of 1, 2, 5 × 10^k parts: 13 → 15, 130 → 150, 1,340 → 1,500. */
function roundUp(length: number): number {
  const step = Math.max(1, 10 ** (Math.floor(Math.log10(Math.max(1, length))) - 1) * 5)
  return Math.max(1, Math.ceil(length / step) * step)
}

const CLASS_WORDS = {
  uuid: 'UUIDs',
  email: 'e-mail addresses',
  url: 'URLs',
  ip: 'IP addresses',
  'iso date': 'ISO dates',
  'iso timestamp': 'ISO timestamps',
  iban: 'IBANs',
  phone: 'phone numbers',
  digits: 'digits only',
  'upper-case letters': 'upper-case letters only',
} as const satisfies Readonly<Record<NonNullable<ColumnProfile['textClass']>, string>>

export function classWords(name: NonNullable<ColumnProfile['textClass']>): string {
  return CLASS_WORDS[name]
}
