import { startPostgres } from '@tidegate/postgres/testing'
import { expect, test } from 'vitest'
import { judgeDay } from './scheduler/testing/judge-day.ts'
import { runKillDay } from './scheduler/testing/kill-day.ts'
import { thousandSchedules } from './scheduler/testing/thousand-schedules.ts'
import { freshSchema } from './testing/state-place.ts'

// A larger day, the runner's tests and those of the alerts are in on-postgres.slow.ts.
test('two daemons on Postgres, killed three times: every instant has one tick, every started one exactly one run', async () => {
  const server = await startPostgres()
  try {
    const day = await runKillDay({ schedules: 40, kills: 3, seed: 5, realMs: 4000, place: freshSchema(server) })
    expect(judgeDay(day, thousandSchedules(40))).toEqual([])
    expect(day.reports).toEqual([])
    expect(day.killed.leaders + day.killed.others).toBe(3)
  } finally {
    await server.close()
  }
}, 300_000)
