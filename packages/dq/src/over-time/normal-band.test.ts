import { describe, expect, test } from 'vitest'
import type { MetricPoint } from '../expectations/definition.ts'
import { medianOf, normalBand } from './normal-band.ts'

const DAY = 86_400_000
/** Thursday 1 February 2024, noon UTC. */
const NOW = Date.UTC(2024, 1, 1, 12)

/** One value a day, the last one yesterday. */
function daily(values: readonly number[]): readonly MetricPoint[] {
  return values.map((value, index) => ({ atMs: NOW - (values.length - index) * DAY, value }))
}

test('a median is the middle, or the mean of the two middle ones', () => {
  expect(medianOf([3, 1, 2])).toBe(2)
  expect(medianOf([4, 1, 3, 2])).toBe(2.5)
})

describe('the band', () => {
  test('is learnt from the fifth run on', () => {
    expect(normalBand(daily([1, 2, 3]), NOW)).toEqual({ kind: 'learning', values: 3, needed: 4 })
    expect(normalBand(daily([1, 2, 3, 4]), NOW).kind).toBe('band')
  })

  test('is the median and three robust deviations to both sides', () => {
    // Median 100; deviations 10 5 0 5 10 → 5; × 1.4826 × 1.206 (five values) = 8.940078; × 3 = 26.820234.
    const band = normalBand(daily([90, 95, 100, 105, 110]), NOW)
    expect(band).toMatchObject({ kind: 'band', median: 100, values: 5 })
    expect(band.kind === 'band' ? [band.low, band.high] : []).toEqual([
      expect.closeTo(100 - 26.820234, 9),
      expect.closeTo(100 + 26.820234, 9),
    ])
  })

  test('does not move for one wild value', () => {
    const calm = normalBand(daily([90, 95, 100, 105, 110]), NOW)
    const wild = normalBand(daily([90, 95, 100, 105, 1_000_000]), NOW)
    // Deviations 10 5 0 5 999900: the median of them is 5 still.
    expect(wild).toEqual(calm)
  })

  test('takes the mean deviation where most values are equal', () => {
    // Median 100, deviations 0 0 0 0 50 → mean 10, × 1.2533 = 12.533, × 3 = 37.599.
    const band = normalBand(daily([100, 100, 100, 100, 150]), NOW)
    expect(band.kind === 'band' ? band.high : 0).toBeCloseTo(137.599, 9)
  })

  test('of a metric that never moved is a hundredth wide, and of a constant zero nothing', () => {
    expect(normalBand(daily([200, 200, 200, 200]), NOW)).toMatchObject({ low: 198, high: 202 })
    expect(normalBand(daily([0, 0, 0, 0]), NOW)).toMatchObject({ low: 0, high: 0 })
  })

  test('stays where the metric can be', () => {
    expect(normalBand(daily([0, 10, 0, 10]), NOW, { lowest: 0, highest: 12 })).toMatchObject({ low: 0, high: 12 })
  })

  test('looks at the latest values only, and not at what is no number', () => {
    expect(normalBand(daily([9999, 9999, 9999, 5, 5, 5, 5]), NOW, { window: 4 })).toMatchObject({
      median: 5,
      values: 4,
    })
    expect(normalBand(daily([5, Number.NaN, 5, Infinity, 5, 5]), NOW)).toMatchObject({ median: 5, values: 4 })
  })

  test('grows with the sensitivity', () => {
    const width = (sensitivity: number): number => {
      const band = normalBand(daily([90, 95, 100, 105, 110]), NOW, { sensitivity })
      return band.kind === 'band' ? band.high - band.low : 0
    }
    expect(width(6)).toBeCloseTo(2 * width(3), 9)
  })
})

describe('weekdays', () => {
  // Five weeks: 1000 on workdays, 10 on Saturdays and Sundays.
  const weeks = daily(
    Array.from({ length: 35 }, (_, index) => [10, 1000][dayBefore(35 - index) % 6 === 0 ? 0 : 1] ?? 0),
  )

  function dayBefore(days: number): number {
    return new Date(NOW - days * DAY).getUTCDay()
  }

  test('are compared with their like', () => {
    expect(normalBand(weeks, NOW)).toMatchObject({ median: 1000, values: 5, weekday: 4 })
    const saturday = NOW + 2 * DAY
    expect(normalBand(weeks, saturday)).toMatchObject({ median: 10, values: 5, weekday: 6 })
  })

  test('count only when there are four days of them, and when asked', () => {
    expect(normalBand(weeks.slice(-21), NOW)).not.toHaveProperty('weekday')
    expect(normalBand(weeks, NOW, { seasonality: 'none' })).toMatchObject({ median: 1000, values: 35 })
    expect(normalBand(weeks, undefined)).toMatchObject({ values: 35 })
  })

  test('many runs of one day are one day', () => {
    const hourly = Array.from({ length: 20 }, (_, index) => ({ atMs: NOW - 7 * DAY + index * 60_000, value: 1 }))
    const points = [{ atMs: NOW - 8 * DAY, value: 100 }, ...hourly]
    expect(normalBand(points, NOW)).not.toHaveProperty('weekday')
  })
})
