import { expect, test } from 'vitest'
import { judgeDay } from './testing/judge-day.ts'
import { runKillDay } from './testing/kill-day.ts'
import { thousandSchedules } from './testing/thousand-schedules.ts'

test.each([1, 2, 3])(
  'with seed %d and 120 kills: every instant has one tick, every started one exactly one run',
  async (seed) => {
    const day = await runKillDay({ schedules: 1000, kills: 120, seed, realMs: 40_000 })
    expect(judgeDay(day, thousandSchedules(1000))).toEqual([])
    expect(day.reports).toEqual([])
  },
  900_000,
)
