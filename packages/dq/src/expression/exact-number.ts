/** A finite decimal number without rounding: `digits` / 10^`scale`. */
export interface ExactNumber {
  readonly digits: bigint
  /** Digits after the point; never negative. */
  readonly scale: number
}

/** Reads `12`, `-0.50`, `1e300`; of a double, the shortest decimal that means it. Undefined: not a finite number. */
export function exactNumber(value: number | bigint | string): ExactNumber | undefined {
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?$/.exec(String(value))
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const unsigned = BigInt(whole + fraction)
  const digits = sign === '-' ? -unsigned : unsigned
  const scale = fraction.length - Number(exponent)
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale }
}

/** Negative, zero or positive, like a sort function wants it. */
export function compareExact(left: ExactNumber, right: ExactNumber): number {
  const scale = Math.max(left.scale, right.scale)
  const difference = scaledTo(left, scale) - scaledTo(right, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The number on a grid of 10^-`scale`: the grid points below and above it, equal when it lies on one. */
export function onDecimalGrid({ digits, scale }: ExactNumber, gridScale: number): GridPosition {
  return scale <= gridScale
    ? gridPosition(digits * 10n ** BigInt(gridScale - scale), 1n)
    : gridPosition(digits, 10n ** BigInt(scale - gridScale))
}

export interface GridPosition {
  readonly floor: bigint
  readonly ceil: bigint
}

/** `numerator` / `unit` between two whole numbers. `unit` > 0. */
export function gridPosition(numerator: bigint, unit: bigint): GridPosition {
  const quotient = numerator / unit
  const rest = numerator % unit
  if (rest === 0n) return { floor: quotient, ceil: quotient }
  return rest > 0n ? { floor: quotient, ceil: quotient + 1n } : { floor: quotient - 1n, ceil: quotient }
}

/** Text of `digits` / 10^`scale` with all digits after the point. */
export function decimalText(digits: bigint, scale: number): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const sign = digits < 0n ? '-' : ''
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

function scaledTo({ digits, scale }: ExactNumber, target: number): bigint {
  return digits * 10n ** BigInt(target - scale)
}
