import { expect, test } from 'vitest'
import { judgeDay } from './testing/judge-day.ts'
import { runKillDay } from './testing/kill-day.ts'
import { thousandSchedules } from './testing/thousand-schedules.ts'

test('1,000 schedules, a day, 50 kills of two daemons on one state: every instant has one tick, every started one exactly one run', async () => {
  const day = await runKillDay({ schedules: 1000, kills: 50, seed: 7, realMs: 40_000 })
  expect(judgeDay(day, thousandSchedules(1000))).toEqual([])
  expect(day.reports).toEqual([])
  // Leaders among the killed, and work under way: otherwise this day proves little.
  const ends = new Set([...day.attempts.values()].flat().map(({ outcome }) => outcome))
  expect(day.killed.leaders + day.killed.others).toBe(50)
  expect(day.killed.leaders).toBeGreaterThanOrEqual(10)
  expect(ends).toContain('interrupted')
  expect(ends).toContain('failed')
  expect(day.jobs.some(({ trigger }) => trigger === 'catch-up')).toBe(true)
}, 900_000)

test('with another seed and 120 kills: every instant has one tick, every started one exactly one run', async () => {
  const day = await runKillDay({ schedules: 1000, kills: 120, seed: 1, realMs: 40_000 })
  expect(judgeDay(day, thousandSchedules(1000))).toEqual([])
  expect(day.reports).toEqual([])
}, 900_000)
