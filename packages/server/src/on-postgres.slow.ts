import { startPostgres } from '@tidegate/postgres/testing'
import { describe, expect, test } from 'vitest'
import { judgeDay } from './scheduler/testing/judge-day.ts'
import { runKillDay } from './scheduler/testing/kill-day.ts'
import { thousandSchedules } from './scheduler/testing/thousand-schedules.ts'
import { freshSchema, usePostgres } from './testing/state-place.ts'

// What the daemon promises on SQLite it promises on Postgres.
describe('the scheduler on Postgres', () => {
  test('200 schedules, a day, 20 kills of two daemons on one state: every instant has one tick, every started one exactly one run', async () => {
    const server = await startPostgres()
    try {
      const day = await runKillDay({ schedules: 200, kills: 20, seed: 3, realMs: 20_000, place: freshSchema(server) })
      expect(judgeDay(day, thousandSchedules(200))).toEqual([])
      expect(day.reports).toEqual([])
      expect(day.killed.leaders + day.killed.others).toBe(20)
      expect(day.killed.leaders).toBeGreaterThan(3)
    } finally {
      await server.close()
    }
  }, 900_000)
})

describe('what both engines promise', () => {
  usePostgres()

  describe('runs on Postgres', async () => {
    await import('./runs/open-runner.test.ts')
  })
  describe('alerts on Postgres', async () => {
    await import('./alerts/open-alert-loop.test.ts')
  })
})
