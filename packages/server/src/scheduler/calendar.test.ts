import type { ScheduleTrigger } from '@tidegate/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countInstants, instantsBetween, lastRepeat, nextInstant } from './calendar.ts'

const BERLIN = 'Europe/Berlin'
const NEW_YORK = 'America/New_York'
const LORD_HOWE = 'Australia/Lord_Howe'
const KOLKATA = 'Asia/Kolkata'

/** Instants of a pattern within a span, as `29T01:00` (day and time, UTC). */
function due(cron: string, timezone: string, from: string, until: string): string {
  const instants = instantsBetween({ kind: 'cron', cron, timezone }, 0, Date.parse(from), Date.parse(until), 1000)
  return instants.map((instant) => new Date(instant).toISOString().slice(8, 16)).join(' ')
}

// 29 March 2026, 01:00 UTC: 02:00 CET becomes 03:00 CEST.
// 25 October 2026, 01:00 UTC: 03:00 CEST becomes 02:00 CET.
describe('Berlin', () => {
  const spring = ['2026-03-28T12:00Z', '2026-03-30T12:00Z'] as const
  const autumn = ['2026-10-24T12:00Z', '2026-10-26T12:00Z'] as const

  test('a time of the day that is skipped is due when the clock has been set forward', () => {
    // 03:00 CEST is 01:00 UTC; on the day after, 02:30 CEST is 00:30 UTC.
    expect(due('30 2 * * *', BERLIN, ...spring)).toBe('29T01:00 30T00:30')
  })

  test('a time of the day that comes twice is due once, the first time', () => {
    // 02:30 CEST is 00:30 UTC; on the day after, 02:30 CET is 01:30 UTC.
    expect(due('30 2 * * *', BERLIN, ...autumn)).toBe('25T00:30 26T01:30')
  })

  test('two times of the day are two, on both days', () => {
    // 14:30 CET (28th) is 13:30 UTC, 14:30 CEST (29th) is 12:30 UTC.
    expect(due('30 2,14 * * *', BERLIN, ...spring)).toBe('28T13:30 29T01:00 29T12:30 30T00:30')
    // 14:30 CEST (24th) is 12:30 UTC, 14:30 CET (25th) is 13:30 UTC.
    expect(due('30 2,14 * * *', BERLIN, ...autumn)).toBe('24T12:30 25T00:30 25T13:30 26T01:30')
  })

  test('every hour is every hour that passes: 23 on the short day, 25 on the long one', () => {
    // Local midnights: 28th 23:00 UTC to 29th 22:00 UTC; 24th 22:00 UTC to 25th 23:00 UTC.
    const short = due('0 * * * *', BERLIN, '2026-03-28T22:59Z', '2026-03-29T21:59Z').split(' ')
    const long = due('0 * * * *', BERLIN, '2026-10-24T21:59Z', '2026-10-25T22:59Z').split(' ')
    expect(short).toHaveLength(23)
    expect(long).toHaveLength(25)
    expect(short.slice(0, 4)).toEqual(['28T23:00', '29T00:00', '29T01:00', '29T02:00'])
    expect(long.slice(0, 5)).toEqual(['24T22:00', '24T23:00', '25T00:00', '25T01:00', '25T02:00'])
  })

  test('every quarter of an hour never pauses and never stands still', () => {
    expect(due('*/15 * * * *', BERLIN, '2026-03-29T00:30Z', '2026-03-29T01:30Z')).toBe(
      '29T00:45 29T01:00 29T01:15 29T01:30',
    )
    expect(due('*/15 * * * *', BERLIN, '2026-10-25T00:30Z', '2026-10-25T01:30Z')).toBe(
      '25T00:45 25T01:00 25T01:15 25T01:30',
    )
  })

  test('a rhythm within the skipped hour is skipped with it, and comes in both repeated ones', () => {
    expect(due('*/30 2 * * *', BERLIN, ...spring)).toBe('30T00:00 30T00:30')
    expect(due('*/30 2 * * *', BERLIN, ...autumn)).toBe('25T00:00 25T00:30 25T01:00 25T01:30 26T01:00 26T01:30')
  })
})

// 8 March 2026, 07:00 UTC: 02:00 EST becomes 03:00 EDT.
// 1 November 2026, 06:00 UTC: 02:00 EDT becomes 01:00 EST.
describe('New York', () => {
  const spring = ['2026-03-07T12:00Z', '2026-03-09T12:00Z'] as const
  const autumn = ['2026-10-31T12:00Z', '2026-11-02T12:00Z'] as const

  test('a skipped time of the day is due at 03:00 EDT, a repeated one the first time', () => {
    expect(due('30 2 * * *', NEW_YORK, ...spring)).toBe('08T07:00 09T06:30')
    // 01:30 EDT is 05:30 UTC; on the day after, 01:30 EST is 06:30 UTC.
    expect(due('30 1 * * *', NEW_YORK, ...autumn)).toBe('01T05:30 02T06:30')
  })

  test('two times of the day are two', () => {
    // 14:30 EST is 19:30 UTC, 14:30 EDT is 18:30 UTC.
    expect(due('30 2,14 * * *', NEW_YORK, ...spring)).toBe('07T19:30 08T07:00 08T18:30 09T06:30')
    expect(due('30 1,13 * * *', NEW_YORK, ...autumn)).toBe('31T17:30 01T05:30 01T18:30 02T06:30')
  })

  test('every hour and every quarter go on', () => {
    expect(due('0 * * * *', NEW_YORK, '2026-03-08T05:30Z', '2026-03-08T08:30Z')).toBe('08T06:00 08T07:00 08T08:00')
    expect(due('0 * * * *', NEW_YORK, '2026-11-01T04:30Z', '2026-11-01T07:30Z')).toBe('01T05:00 01T06:00 01T07:00')
    expect(due('*/15 * * * *', NEW_YORK, '2026-11-01T05:40Z', '2026-11-01T06:20Z')).toBe('01T05:45 01T06:00 01T06:15')
  })
})

// 3 October 2026, 15:30 UTC: 02:00 (+10:30) becomes 02:30 (+11).
// 4 April 2026, 15:00 UTC: 02:00 (+11) becomes 01:30 (+10:30).
describe('Lord Howe, where the clock is set by half an hour', () => {
  test('a skipped time of the day is due at 02:30 (+11)', () => {
    // 02:15 on the 5th is 15:15 UTC of the 4th.
    expect(due('15 2 * * *', LORD_HOWE, '2026-10-03T12:00Z', '2026-10-04T18:00Z')).toBe('03T15:30 04T15:15')
  })

  test('a repeated time of the day is due the first time', () => {
    // 01:45 (+11) is 14:45 UTC; on the day after, 01:45 (+10:30) is 15:15 UTC.
    expect(due('45 1 * * *', LORD_HOWE, '2026-04-04T12:00Z', '2026-04-05T18:00Z')).toBe('04T14:45 05T15:15')
  })

  test('two times of the day are two', () => {
    // 14:30 (+10:30) is 04:00 UTC; 02:30 is the very first moment after the gap; 14:30 (+11) is 03:30 UTC.
    expect(due('30 2,14 * * *', LORD_HOWE, '2026-10-03T03:00Z', '2026-10-04T12:00Z')).toBe('03T04:00 03T15:30 04T03:30')
    // 01:45 and 13:45: (+11) 14:45 UTC, then (+10:30) 03:15 UTC.
    expect(due('45 1,13 * * *', LORD_HOWE, '2026-04-04T12:00Z', '2026-04-05T12:00Z')).toBe('04T14:45 05T03:15')
  })

  test('every hour is a full hour on the clock: one after half an hour more', () => {
    // 01:00 (+10:30) is 14:30 UTC; 02:00 is skipped; 03:00 (+11) is 16:00 UTC.
    expect(due('0 * * * *', LORD_HOWE, '2026-10-03T14:00Z', '2026-10-03T17:30Z')).toBe('03T14:30 03T16:00 03T17:00')
    // 01:00 (+11) is 14:00 UTC; 02:00 comes once, (+10:30), at 15:30 UTC, because at 15:00 the clock shows 01:30.
    expect(due('0 * * * *', LORD_HOWE, '2026-04-04T13:30Z', '2026-04-04T17:00Z')).toBe('04T14:00 04T15:30 04T16:30')
  })

  test('every quarter of an hour goes on through both', () => {
    expect(due('*/15 * * * *', LORD_HOWE, '2026-10-03T15:00Z', '2026-10-03T16:00Z')).toBe(
      '03T15:15 03T15:30 03T15:45 03T16:00',
    )
    expect(due('*/15 * * * *', LORD_HOWE, '2026-04-04T14:30Z', '2026-04-04T15:30Z')).toBe(
      '04T14:45 04T15:00 04T15:15 04T15:30',
    )
  })
})

describe('Kolkata, which never sets its clocks', () => {
  test('is five and a half hours ahead all year', () => {
    // 02:30 is 21:00 UTC of the day before, 14:30 is 09:00 UTC.
    expect(due('30 2,14 * * *', KOLKATA, '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toBe(
      '28T21:00 29T09:00 29T21:00 30T09:00',
    )
    expect(due('30 2 * * *', KOLKATA, '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toBe('24T21:00 25T21:00')
    expect(due('0 * * * *', KOLKATA, '2026-10-24T20:00Z', '2026-10-24T22:00Z')).toBe('24T20:30 24T21:30')
    expect(due('*/15 * * * *', KOLKATA, '2026-10-24T20:00Z', '2026-10-24T20:30Z')).toBe('24T20:15 24T20:30')
  })
})

describe('any trigger', () => {
  const zones = [BERLIN, NEW_YORK, LORD_HOWE, KOLKATA, 'UTC']
  const patterns = ['30 2 * * *', '30 1,14 * * *', '*/20 * * * *', '0 2-3 * * *', '15 1 * * 0', '0 */6 * * *']
  const triggers: readonly ScheduleTrigger[] = [
    ...zones.flatMap((timezone) => patterns.map((cron): ScheduleTrigger => ({ kind: 'cron', cron, timezone }))),
    { kind: 'interval', everyMs: 3_600_000 },
    { kind: 'arrival', pollMs: 10_000 },
  ]
  const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01']
  const moment = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -86_400_000, max: 2 * 86_400_000 }))
    .map(([day, offsetMs]) => Date.parse(day) + offsetMs)

  test('the next instant is the same from wherever one asks before it, and a whole second', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...triggers),
        moment,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (trigger, at, share) => {
          const next = nextInstant(trigger, 0, at) ?? Number.NaN
          const between = Math.floor(at + share * (next - at - 1))
          expect(next).toBeGreaterThan(at)
          expect(next % 1000).toBe(0)
          expect(nextInstant(trigger, 0, between)).toBe(next)
        },
      ),
      { seed: 7, numRuns: 500 },
    )
  })

  test('intervals and polls are whole multiples after the anchor, to the second', () => {
    const trigger: ScheduleTrigger = { kind: 'interval', everyMs: 90_000 }
    expect(instantsBetween(trigger, 10_400, 10_400, 300_000, 10)).toEqual([100_000, 190_000, 280_000])
    expect(instantsBetween(trigger, 10_400, 100_000, 190_000, 10)).toEqual([190_000])
    expect(nextInstant(trigger, 10_400, 0)).toBe(100_000)
    expect(lastRepeat(trigger, 10_400, 99_999)).toBeUndefined()
    expect(lastRepeat(trigger, 10_400, 189_999)).toBe(100_000)
  })

  test('seconds may be said', () => {
    expect(instantsBetween({ kind: 'cron', cron: '*/20 0 0 * * *', timezone: 'UTC' }, 0, -1, 86_400_000, 9)).toEqual([
      0, 20_000, 40_000, 86_400_000,
    ])
  })

  test('a pattern that is never due has no instant', () => {
    expect(nextInstant({ kind: 'cron', cron: '0 0 31 2 *', timezone: 'UTC' }, 0, 0)).toBeUndefined()
  })

  test.each([
    ['61 * * * *', 'UTC'],
    ['not a pattern', 'UTC'],
    ['0 0 * * *', 'Europe/Atlantis'],
  ])('%j in %s is an error with a code', (cron, timezone) => {
    expect(() => nextInstant({ kind: 'cron', cron, timezone }, 0, 0)).toThrow(
      expect.objectContaining({ code: 'SCHEDULE_RULE' }),
    )
  })
})

describe('counting for estimates', () => {
  const from = Date.parse('2026-06-01T00:00Z')
  const to = Date.parse('2026-07-01T00:00Z')
  test.each([
    ['30 2 * * *', 30],
    ['*/15 * * * *', 30 * 96],
    ['* * * * *', 30 * 1440],
    ['* * * * * *', 30 * 86_400],
    // 22 working days of June 2026.
    ['*/5 8-17 * * 1-5', 22 * 120],
    ['0,30 6,18 1 * *', 4],
    ['0 0 31 2 *', 0],
  ])('%s is due %d times in June 2026', (cron, times) => {
    expect(countInstants({ kind: 'cron', cron, timezone: 'UTC' }, from - 1, to - 1)).toBe(times)
  })

  test('intervals are counted from where one asks', () => {
    expect(countInstants({ kind: 'interval', everyMs: 3_600_000 }, from, to)).toBe(720)
    expect(countInstants({ kind: 'interval', everyMs: 3_600_000 }, to, from)).toBe(0)
  })
})
