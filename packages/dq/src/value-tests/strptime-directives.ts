/** What a directive of Python's `strptime` matches, as the inside of a JavaScript pattern; the C locale's names. */
export function directivePattern(directive: string): string | undefined {
  return DIRECTIVES[directive]
}

/** 0 is Monday. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const

/** Formats that stand for several directives. */
export const COMPOSED: Readonly<Record<string, string>> = {
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
}

// The order of alternatives decides: what is found first counts, even if the rest then does not fit to the end.
const D = '\\p{Nd}'
const HOUR_24 = `2[0-3]|[01]${D}|${D}`
const SIXTY = `[0-5]${D}|${D}`
const WEEK = `5[0-3]|[0-4]${D}|${D}`
const DAY = `3[01]|[12]${D}|0[1-9]|[1-9]| [1-9]`
const TWELVE = '1[0-2]|0[1-9]|[1-9]'

const DIRECTIVES: Readonly<Record<string, string>> = {
  d: DAY,
  f: '[0-9]{1,6}',
  H: HOUR_24,
  I: TWELVE,
  G: `${D}{4}`,
  j: `36[0-6]|3[0-5]${D}|[12]${D}{2}|0[1-9]${D}|00[1-9]|[1-9]${D}|0[1-9]|[1-9]`,
  m: TWELVE,
  M: SIXTY,
  S: `6[01]|${SIXTY}`,
  U: WEEK,
  W: WEEK,
  w: '[0-6]',
  u: '[1-7]',
  V: `5[0-3]|0[1-9]|[1-4]${D}|${D}`,
  y: `${D}{2}`,
  Y: `${D}{4}`,
  z: `[+-]${D}{2}:?[0-5]${D}(?::?[0-5]${D}(?:\\.${D}{1,6})?)?|Z`,
  A: longestFirst(WEEKDAYS),
  a: WEEKDAYS.map(short).join('|'),
  B: longestFirst(MONTHS),
  b: MONTHS.map(short).join('|'),
  p: 'am|pm',
  Z: 'utc|gmt',
}

export function short(name: string): string {
  return name.slice(0, 3)
}

function longestFirst(names: readonly string[]): string {
  return names.toSorted((left, right) => right.length - left.length).join('|')
}
