import { expect, test } from 'vitest'
import { judgeDay } from './testing/judge-day.ts'
import { runKillDay } from './testing/kill-day.ts'
import { thousandSchedules } from './testing/thousand-schedules.ts'

// The whole figure, 1,000 schedules and 50 kills, is in kill-day.slow.ts.
test('200 schedules, a day, 8 kills of two daemons on one state: every instant has one tick, every started one exactly one run', async () => {
  const day = await runKillDay({ schedules: 200, kills: 8, seed: 7, realMs: 10_000 })
  expect(judgeDay(day, thousandSchedules(200))).toEqual([])
  expect(day.reports).toEqual([])
  expect(day.killed.leaders + day.killed.others).toBe(8)
  expect(day.killed.leaders).toBeGreaterThan(0)
}, 300_000)
