import { expect, test } from 'vitest'
import { dailyDeadlines, deadlinesBetween, parseEvery } from './arrival.ts'

test('durations add up and nonsense is no duration', () => {
  expect(parseEvery('15m')).toBe(900_000)
  expect(parseEvery('1h30m')).toBe(5_400_000)
  expect(parseEvery(' 1 d ')).toBe(86_400_000)
  expect(parseEvery('250ms')).toBe(250)
  for (const text of ['', '0m', '1', 'h', '-1h', '1y', '1h;drop', '9'.repeat(400) + 'h']) {
    expect(parseEvery(text), text).toBeUndefined()
  }
})

test('the deadline that is now has passed', () => {
  const at = Date.UTC(2026, 10, 21, 2, 15)
  expect(dailyDeadlines('02:15', 'UTC', at)).toEqual({
    previousMs: Date.UTC(2026, 10, 20, 2, 15),
    lastMs: at,
    nextMs: Date.UTC(2026, 10, 22, 2, 15),
  })
})

test('deadlines are wall-clock times: in Berlin 08:00 is 06:00 UTC in summer and 07:00 in winter', () => {
  // Summer time ends on 2026-10-25.
  expect(dailyDeadlines('08:00', 'Europe/Berlin', Date.UTC(2026, 9, 25, 12))).toEqual({
    previousMs: Date.UTC(2026, 9, 24, 6),
    lastMs: Date.UTC(2026, 9, 25, 7),
    nextMs: Date.UTC(2026, 9, 26, 7),
  })
})

test('a time that the clock skips counts as the end of the gap, one that it repeats as the first', () => {
  // 2026-03-29 02:00 CET becomes 03:00 CEST at 01:00 UTC.
  expect(dailyDeadlines('02:30', 'Europe/Berlin', Date.UTC(2026, 2, 29, 12))?.lastMs).toBe(Date.UTC(2026, 2, 29, 1))
  // 2026-10-25 02:30 happens at 00:30 UTC and again at 01:30 UTC.
  expect(dailyDeadlines('02:30', 'Europe/Berlin', Date.UTC(2026, 9, 25, 12))?.lastMs).toBe(Date.UTC(2026, 9, 25, 0, 30))
})

test('zones off by half an hour and more than a day ahead work', () => {
  // Kolkata is UTC+05:30, Kiritimati UTC+14.
  expect(dailyDeadlines('09:00', 'Asia/Kolkata', Date.UTC(2026, 10, 21, 12))?.lastMs).toBe(
    Date.UTC(2026, 10, 21, 3, 30),
  )
  expect(dailyDeadlines('09:00', 'Pacific/Kiritimati', Date.UTC(2026, 10, 21, 12))?.lastMs).toBe(
    Date.UTC(2026, 10, 20, 19),
  )
})

test('what is no time of day or no zone has no deadlines', () => {
  for (const [by, zone] of [
    ['24:00', 'UTC'],
    ['2', 'UTC'],
    ['02:60', 'UTC'],
    ['02:15', "'; DROP TABLE"],
    ['02:15', ''],
  ] as const) {
    expect(dailyDeadlines(by, zone, 0)).toBeUndefined()
  }
})

test('deadlines between two times stay at their wall-clock time across the change of the clock, both ends inclusive', () => {
  // Berlin leaves summer time on 25 October 2026 at 01:00 UTC.
  const found = deadlinesBetween('02:15', 'Europe/Berlin', Date.UTC(2026, 9, 24, 0, 15), Date.UTC(2026, 9, 26, 1, 15))
  expect(found?.map((instant) => new Date(instant).toISOString())).toEqual([
    '2026-10-24T00:15:00.000Z',
    '2026-10-25T00:15:00.000Z',
    '2026-10-26T01:15:00.000Z',
  ])
  expect(deadlinesBetween('25:00', 'UTC', 0, 1)).toBeUndefined()
  expect(deadlinesBetween('10:00', 'Mars/Base', 0, 1)).toBeUndefined()
  expect(deadlinesBetween('10:00', 'UTC', Number.NEGATIVE_INFINITY, Date.UTC(2026, 0, 1))?.length ?? 0).toBeLessThan(
    4100,
  )
})
