import type { MetricPoint } from '../expectations/definition.ts'

export interface BandOptions {
  /** Half the width of the band in robust standard deviations. @defaultValue 3 */
  readonly sensitivity?: number | undefined
  /** Earlier values that are needed before anything is judged: with 4, the fifth run is the first. @defaultValue 4 */
  readonly minValues?: number | undefined
  /** Earlier values that are looked at, the latest ones. @defaultValue 60 */
  readonly window?: number | undefined
  /** Whether values of the same weekday (UTC) are compared with each other where there are enough. @defaultValue 'day_of_week' */
  readonly seasonality?: 'day_of_week' | 'none' | undefined
  /** Smallest half-width, as a share of the median: a metric that never moved may move this much. @defaultValue 0.01 */
  readonly slack?: number | undefined
  /** Values that the metric cannot leave. @defaultValue none */
  readonly lowest?: number | undefined
  readonly highest?: number | undefined
}

export type NormalBand =
  | { readonly kind: 'learning'; readonly values: number; readonly needed: number }
  | {
      readonly kind: 'band'
      /** Both ends included. */
      readonly low: number
      readonly high: number
      readonly median: number
      /** Robust standard deviation: 1.4826 × the median absolute deviation, corrected for few values. */
      readonly spread: number
      /** Values that the band was made of. */
      readonly values: number
      /** 0 Sunday to 6 Saturday, where only values of this weekday were looked at. */
      readonly weekday?: number | undefined
    }

/** Distinct days of one weekday that make a season. */
const MIN_DAYS_OF_WEEKDAY = 4

/**
 * Where the next value of a metric is expected: median ± sensitivity × spread of its earlier values, oldest first. One wild
 * value moves neither. Where more than half of the values are equal their deviation says nothing, and the mean absolute
 * deviation takes its place. Values that are not finite are left out. Pure.
 */
export function normalBand(
  history: readonly MetricPoint[],
  nowMs: number | undefined,
  options: BandOptions = {},
): NormalBand {
  const { sensitivity = 3, minValues = 4, window = 60, seasonality = 'day_of_week', slack = 0.01 } = options
  const usable = history.filter((point) => Number.isFinite(point.value))
  const latest = usable.slice(-Math.max(1, window))
  if (usable.length < minValues || latest.length === 0)
    return { kind: 'learning', values: usable.length, needed: minValues }
  const season = seasonality === 'none' || nowMs === undefined ? undefined : sameWeekday(latest, nowMs)
  const values = (season ?? latest).map((point) => point.value)
  const center = medianOf(values)
  const spread = spreadOf(values, center)
  const half = Math.max(sensitivity * spread, slack * Math.abs(center))
  return {
    kind: 'band',
    low: Math.max(center - half, options.lowest ?? -Infinity),
    high: Math.min(center + half, options.highest ?? Infinity),
    median: center,
    spread,
    values: values.length,
    ...(season === undefined ? {} : { weekday: weekdayOf(nowMs ?? 0) }),
  }
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : low / 2 + high / 2
}

function spreadOf(values: readonly number[], center: number): number {
  const deviations = values.map((value) => Math.abs(value - center))
  const mad = medianOf(deviations)
  if (mad > 0) return 1.4826 * fewValues(values.length) * mad
  // sqrt(π/2): what makes a mean deviation a standard deviation, for normal values.
  return (1.2533 * deviations.reduce((sum, deviation) => sum + deviation, 0)) / values.length
}

/** The median deviation of few values comes out too small; factors of Croux and Rousseeuw (1992). */
function fewValues(count: number): number {
  return SMALL_SAMPLES[count] ?? count / (count - 0.8)
}

const SMALL_SAMPLES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1.196,
  3: 1.495,
  4: 1.363,
  5: 1.206,
  6: 1.2,
  7: 1.14,
  8: 1.129,
  9: 1.107,
}

/** The values of today's weekday, if they come from enough days, and there are other weekdays to differ from. */
function sameWeekday(points: readonly MetricPoint[], nowMs: number): readonly MetricPoint[] | undefined {
  const weekday = weekdayOf(nowMs)
  const own = points.filter((point) => weekdayOf(point.atMs) === weekday)
  const days = new Set(own.map((point) => Math.floor(point.atMs / DAY_MS)))
  return days.size >= MIN_DAYS_OF_WEEKDAY && own.length < points.length ? own : undefined
}

const DAY_MS = 86_400_000

function weekdayOf(ms: number): number {
  return new Date(ms).getUTCDay()
}
