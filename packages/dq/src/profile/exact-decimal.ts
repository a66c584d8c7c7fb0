/** Numbers of any size without rounding: `units` × 10^−`scale`. */
export interface ExactDecimal {
  readonly units: bigint
  readonly scale: number
}

/** Reads `-12`, `0.50`, `1e-7`. Undefined for anything else, NaN and infinities included. */
export function parseDecimal(text: string): ExactDecimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim())
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(`${whole}${fraction}`)
  const units = sign === '-' ? -digits : digits
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 }
}

/** The units of a number at a scale at least as fine as its own. */
export function unitsAt(value: ExactDecimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale)
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

/** -1, 0 or 1. */
export function compareDecimals(a: ExactDecimal, b: ExactDecimal): number {
  const scale = Math.max(a.scale, b.scale)
  const difference = unitsAt(a, scale) - unitsAt(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** A JSON number where it says exactly the same, else the text. */
export function toJsonNumber(text: string): number | string {
  const exact = parseDecimal(text)
  if (exact === undefined) return text
  const number = Number(text)
  if (!Number.isFinite(number)) return text
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return text
  const back = parseDecimal(String(number))
  return back !== undefined && compareDecimals(back, exact) === 0 ? number : text
}
