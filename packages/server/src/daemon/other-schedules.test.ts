import type { ScheduleConfig } from '@tidegate/core'
import { expect, test } from 'vitest'
import { noteDifferences, otherSchedules } from './other-schedules.ts'

const HOURLY: ScheduleConfig = {
  trigger: { kind: 'interval', everyMs: 3_600_000 },
  overlap: 'forbid',
  catchUp: 'latest',
  catchUpLimit: 10,
  catchUpWindowMs: 86_400_000,
  startingDeadlineMs: undefined,
  jitterMs: 0,
  retries: { maxAttempts: 3, firstDelayMs: 1000, maxDelayMs: 2000 },
  expiryMs: undefined,
}
const wanted = (id: string, config = HOURLY) => ({ id, command: 'ingest' as const, subject: id, config })
const led = (id: string, config = HOURLY, isCurrent = true) => ({ id, config, isCurrent })

test('the same schedules are no difference, in whatever order, and those of the past do not count', () => {
  expect(otherSchedules([wanted('a'), wanted('b')], [led('b'), led('a'), led('old', HOURLY, false)])).toBeUndefined()
  expect(otherSchedules([], [])).toBeUndefined()
  // Kept and read again, what is undefined is not there.
  const { startingDeadlineMs: _none, expiryMs: _nor, ...kept } = HOURLY
  expect(otherSchedules([wanted('a')], [led('a', kept as ScheduleConfig)])).toBeUndefined()
})

test('what is only there, only here and ruled otherwise is named, a few of many', () => {
  const daily = { ...HOURLY, trigger: { kind: 'interval', everyMs: 86_400_000 } } as const
  expect(otherSchedules([wanted('a'), wanted('b')], [led('a', daily), led('c')])).toBe(
    'c only there; b only here; a with another rule',
  )
  const many = Array.from({ length: 7 }, (_, at) => led(`s${at}`))
  expect(otherSchedules([], many)).toBe('s0, s1, s2, s3, s4 and 2 more only there')
})

test('a difference is said once when it lasts, and again when it is another one', () => {
  const said: string[] = []
  const note = noteDifferences((difference) => said.push(difference))
  for (const difference of [
    'a',
    undefined,
    'a',
    'a',
    'b',
    'b',
    'b',
    'b',
    undefined,
    undefined,
    undefined,
    'b',
    'b',
    'b',
  ])
    note(difference)
  expect(said).toEqual(['b', 'b'])
})
