import { integerRange, parseType } from '../expression/data-type.ts'
import { exactNumber } from '../expression/exact-number.ts'
import { formatUnits, unitsAt } from './exact-units.ts'

/** Smallest and largest value of one slice, as text with all digits. */
export interface Extremes {
  readonly min: string
  readonly max: string
}

export interface NumericRange {
  /** At least one. */
  readonly slices: readonly Extremes[]
  readonly quantiles: { readonly p01: string; readonly p99: string } | null
  readonly wholeNumbers: boolean
  /** Type of the column, for the largest value it can hold. */
  readonly type: string
  /** Multiplies the head-room. 1, or 2 after the range failed on held-back data. */
  readonly factor: 1 | 2
}

/** Bounds as text; undefined where none can be said within the type. */
export interface Bounds {
  readonly min: string | undefined
  readonly max: string | undefined
}

/**
 * The range seen, widened, so that ordinary new data passes. On each side the head-room is the largest of
 *
 * - 10% of the span,
 * - the distance from the median of the slices' extremes to the outermost (how much extremes vary from file to file),
 * - half the distance from the 1% or 99% quantile to the extreme (how heavy the tail is),
 *
 * then the bound moves outward to a round number (a multiple of 1, 2 or 5 × 10^k, at most a quarter of the head-room).
 * Zero is not crossed: values that were never negative keep a bound of 0, and the same above. Exact at any size.
 */
export function withHeadRoom(range: NumericRange): Bounds {
  const parsed = range.slices.flatMap(({ min, max }) => {
    const [low, high] = [exactNumber(min), exactNumber(max)]
    return low === undefined || high === undefined ? [] : [{ low, high }]
  })
  if (parsed.length === 0) return { min: undefined, max: undefined }
  const p01 = range.quantiles === null ? undefined : exactNumber(range.quantiles.p01)
  const p99 = range.quantiles === null ? undefined : exactNumber(range.quantiles.p99)
  const known = [...parsed.flatMap(({ low, high }) => [low, high]), ...(p01 ? [p01] : []), ...(p99 ? [p99] : [])]
  // Two more digits than the data has, so that a tenth of the smallest span still counts.
  const scale = Math.max(...known.map((value) => value.scale)) + (range.wholeNumbers ? 0 : 2)
  const lows = parsed.map(({ low }) => unitsAt(low, scale)).sort(compareUnits)
  const highs = parsed.map(({ high }) => unitsAt(high, scale)).sort(compareUnits)
  const min = lows[0] ?? 0n
  const max = highs.at(-1) ?? 0n
  // Rounded up, so that small whole numbers have room for one more.
  const tenth = (max - min + 9n) / 10n
  const factor = BigInt(range.factor)
  const below = factor * largest([tenth, median(lows) - min, p01 === undefined ? 0n : (unitsAt(p01, scale) - min) / 2n])
  const above =
    factor * largest([tenth, max - median(highs), p99 === undefined ? 0n : (max - unitsAt(p99, scale)) / 2n])

  let lower = floorTo(min - below, roundStep(below))
  let upper = -floorTo(-(max + above), roundStep(above))
  if (min >= 0n && lower < 0n) lower = 0n
  if (max <= 0n && upper > 0n) upper = 0n
  const limits = typeLimits(range.type, scale)
  return {
    min: lower < limits.min ? undefined : formatUnits(lower, scale),
    max: upper > limits.max ? undefined : formatUnits(upper, scale),
  }
}

/** The largest of 1, 2, 5 × 10^k that is at most a quarter of the head-room; 1 at least. */
function roundStep(headRoom: bigint): bigint {
  const quarter = headRoom / 4n
  if (quarter < 1n) return 1n
  const power = 10n ** BigInt(quarter.toString().length - 1)
  const lead = quarter / power
  return (lead >= 5n ? 5n : lead >= 2n ? 2n : 1n) * power
}

function floorTo(value: bigint, step: bigint): bigint {
  const rest = ((value % step) + step) % step
  return value - rest
}

function typeLimits(type: string, scale: number): { readonly min: bigint; readonly max: bigint } {
  const one = 10n ** BigInt(scale)
  const parsed = parseType(type)
  const whole = parsed === undefined ? undefined : integerRange(parsed.name)
  if (whole !== undefined) return { min: whole[0] * one, max: whole[1] * one }
  // A bound that no double can hold is no bound either.
  const digits = parsed?.class === 'decimal' ? parsed.precision - parsed.scale : 308
  const top = 10n ** BigInt(digits) * one - 1n
  return { min: -top, max: top }
}

function median(sorted: readonly bigint[]): bigint {
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most), 0n)
}

function compareUnits(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
