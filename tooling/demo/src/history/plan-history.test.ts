import { describe, expect, test } from 'vitest'
import { planHistory } from './plan-history.ts'

const UNTIL_MS = Date.UTC(2026, 10, 20, 18)

describe('the plan of a history', () => {
  test('goes forward in time and ends where it was asked to', () => {
    const times = planHistory(35, UNTIL_MS).map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBe(Date.UTC(2026, 9, 17, 1))
    expect(times.at(-1)).toBe(Date.UTC(2026, 10, 20, 17))
    expect(planHistory(35, Date.UTC(2026, 10, 20, 3)).at(-1)?.atMs).toBe(Date.UTC(2026, 10, 20, 2, 30))
  })

  test('has every trouble that the pages are there for', () => {
    const steps = planHistory(35, UNTIL_MS).map(({ step }) => step)
    const flights = steps.filter((step) => step.kind === 'flights')
    expect(new Set(flights.map(({ damage }) => damage))).toEqual(new Set([undefined, 'junk', 'cut', 'empty']))
    expect(flights.filter(({ shape }) => shape.broken === true)).toHaveLength(2)
    // 35 nights; of the three that went wrong and the one that did not come, each is sent once more.
    expect(flights).toHaveLength(34 + 4)
    expect(steps.filter((step) => step.kind === 'replay')).toHaveLength(1)
    expect(steps.filter((step) => step.kind === 'flights-contract')).toHaveLength(2)
  })

  test('of fewer days has the same last days', () => {
    const told = (days: number): readonly string[] =>
      planHistory(days, UNTIL_MS)
        .filter(({ atMs, step }) => atMs > UNTIL_MS - 2 * 86_400_000 && step.kind === 'ingest')
        .map(({ atMs, step }) => JSON.stringify([atMs, step]))
    expect(told(5)).toEqual(told(35))
    expect(told(5).length).toBeGreaterThan(4)
  })
})
