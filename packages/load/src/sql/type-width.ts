/** What is known of types by their names, as DuckDB and Postgres spell them. Pure. */

/** Whole numbers by their range; the higher holds the lower. */
const WHOLE: readonly (readonly string[])[] = [
  ['TINYINT'],
  ['SMALLINT', 'UTINYINT'],
  ['INTEGER', 'USMALLINT'],
  ['BIGINT', 'UINTEGER'],
  ['HUGEINT', 'UBIGINT', 'NUMERIC'],
]
const TEXT = new Set(['VARCHAR', 'TEXT', 'CHARACTER VARYING'])
const REAL = new Map([['FLOAT', 24], ['REAL', 24], ['DOUBLE', 53], ['DOUBLE PRECISION', 53]]) // prettier-ignore
const HELD: ReadonlyMap<string, readonly string[]> = new Map([
  ['TIMESTAMP', ['DATE']],
  ['TIMESTAMP WITHOUT TIME ZONE', ['DATE']],
])

/** Whether a column of type `has` takes every value of type `wanted` as it is. False where that is not known. */
export function holdsType(has: string, wanted: string): boolean {
  const [one, other] = [has.toUpperCase(), wanted.toUpperCase()]
  if (one === other || TEXT.has(one) || HELD.get(one)?.includes(other) === true) return true
  const [oneRank, otherRank] = [rankOf(one), rankOf(other)]
  if (oneRank !== -1 && otherRank !== -1) return oneRank > otherRank
  const digits = REAL.get(one)
  if (digits === undefined) return holdsDecimal(one, other)
  return (REAL.get(other) ?? (otherRank === -1 ? 99 : 8 * 2 ** otherRank)) <= digits
}

/** Whether both types are known, and some value of `wanted` would be cut or rounded. Types may have other spellings. */
export function losesValues(has: string, wanted: string): boolean {
  return isKnown(has.toUpperCase()) && isKnown(wanted.toUpperCase()) && !holdsType(has, wanted)
}

function isKnown(type: string): boolean {
  const known = TEXT.has(type) || REAL.has(type) || HELD.has(type) || type === 'DATE'
  return known || rankOf(type) !== -1 || decimalOf(type) !== undefined
}

/** More digits before the point, and after it. */
function holdsDecimal(has: string, wanted: string): boolean {
  const [one, other] = [decimalOf(has), decimalOf(wanted)]
  return one !== undefined && other !== undefined && one.whole >= other.whole && one.scale >= other.scale
}

function decimalOf(type: string): { readonly whole: number; readonly scale: number } | undefined {
  if (type === 'NUMERIC') return { whole: Infinity, scale: Infinity }
  const [, width, scale] = /^(?:DECIMAL|NUMERIC)\((\d+),\s*(\d+)\)$/.exec(type) ?? []
  return width === undefined ? undefined : { whole: Number(width) - Number(scale), scale: Number(scale) }
}

function rankOf(type: string): number {
  return WHOLE.findIndex((types) => types.includes(type))
}

/** Types whose casts there and back tell whether a value is kept; of nested ones the members may differ. */
export function isScalar(type: string): boolean {
  return /^[A-Z_ ]+$|^(DECIMAL|NUMERIC)\(/i.test(type) && !/^jsonb?$/i.test(type)
}
