/** A value of a watermark and what kind of value it is. */
export interface WatermarkValue {
  readonly value: string
  /** The engine's type name, e.g. `BIGINT`, `TIMESTAMP`. */
  readonly type: string
  readonly updatedAtMs: number
}

/**
 * Whether `candidate` is the higher watermark. Numbers (by type) are compared as exact decimals of any length; NaN and
 * what is no number never raise. Dates and timestamps are compared as text after `T` and `Z` are evened out, all else
 * as text in the order of its characters. When one is a number and the other is not (the column was changed), the
 * later one wins.
 */
export function isHigher(candidate: WatermarkValue, current: WatermarkValue): boolean {
  const numeric = isNumeric(candidate.type)
  if (numeric !== isNumeric(current.type)) return candidate.updatedAtMs >= current.updatedAtMs
  if (!numeric) return Buffer.compare(textForm(candidate), textForm(current)) > 0
  const left = parseDecimal(candidate.value)
  if (left === undefined) return false
  const right = parseDecimal(current.value)
  return right === undefined || compareDecimals(left, right) > 0
}

function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INT\d+|DECIMAL|NUMERIC|NUMBER|DOUBLE|FLOAT\d?|REAL|LONG|SHORT|BYTE)\b/i.test(
    type.trim(),
  )
}

function textForm({ value, type }: WatermarkValue): Buffer {
  const isTime = /^(DATE|TIME)/i.test(type.trim())
  return Buffer.from(isTime ? value.replace('T', ' ').replace(/(Z|\+00(:?00)?)$/, '') : value)
}

/** `digits` × 10^−`scale`, or an infinity. */
type Decimal = { readonly digits: bigint; readonly scale: number } | number

function parseDecimal(text: string): Decimal | undefined {
  const trimmed = text.trim()
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(trimmed)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
  if (match === null || whole + fraction === '') return undefined
  return {
    digits: BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n),
    scale: fraction.length - Number(exponent),
  }
}

function compareDecimals(left: Decimal, right: Decimal): number {
  if (typeof left === 'number' || typeof right === 'number') {
    return Math.sign(infinityOr0(left) === infinityOr0(right) ? 0 : infinityOr0(left) - infinityOr0(right))
  }
  const scale = Math.max(left.scale, right.scale)
  const difference = left.digits * 10n ** BigInt(scale - left.scale) - right.digits * 10n ** BigInt(scale - right.scale)
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}

function infinityOr0(value: Decimal): number {
  return typeof value === 'number' ? value : 0
}
