import { compareExact, exactNumber, type ExactNumber } from '../expression/exact-number.ts'

/** A number in units of 10^−`scale`, which must be at least as fine as the number's own scale. */
export function unitsAt(value: ExactNumber, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale)
}

/** Plain digits, no exponent, no trailing zeros after the point: `-12.5`. */
export function formatUnits(units: bigint, scale: number): string {
  const negative = units < 0n
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  const text = fraction === '' ? whole : `${whole}.${fraction}`
  return negative ? `-${text}` : text
}

/** A JSON number where it says exactly the same, else the text. */
export function toJsonNumber(text: string): number | string {
  const exact = exactNumber(text)
  const number = Number(text)
  if (exact === undefined || !Number.isFinite(number)) return text
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return text
  const back = exactNumber(number)
  return back !== undefined && compareExact(back, exact) === 0 ? number : text
}
