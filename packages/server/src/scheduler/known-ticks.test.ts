import type { ScheduleRecord, TickRecord } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { isDecided } from './known-ticks.ts'
import { planTicks } from './plan-ticks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOON = Date.parse('2026-06-10T12:00Z')

function tick(instantMs: number, more: Partial<TickRecord> = {}): TickRecord {
  const base = { schedule: 'ingest:a', state: 'missed', reason: 'catch-up-none', job: null, count: 1 } as const
  return { ...base, instantMs, decidedAtMs: instantMs + 1, ...more }
}

const job = { state: 'started', reason: null, job: 'j' } as const

describe('an instant that has a tick', () => {
  test.each([
    ['became a job by a clock that was ahead', tick(NOON, { ...job, decidedAtMs: NOON + HOUR }), true],
    ['was missed at a time that is still to come', tick(NOON, { decidedAtMs: NOON + HOUR }), false],
    ['was skipped at about this time', tick(NOON), false],
  ])('that %s', (_what, known, isKnown) => {
    expect(isDecided([known], NOON, NOON + 2000)).toBe(isKnown)
  })

  test('stays missed once it is long over, and so does what is counted with it', () => {
    const sum = tick(NOON, { count: 150, decidedAtMs: NOON + 2 * MINUTE })
    expect(isDecided([sum], NOON, NOON + HOUR)).toBe(true)
    expect(isDecided([sum], NOON - 30 * MINUTE, NOON + HOUR)).toBe(true)
    expect(isDecided([sum], NOON + MINUTE, NOON + HOUR)).toBe(false)
    expect(isDecided([{ ...sum, count: 1 }], NOON - 30 * MINUTE, NOON + HOUR)).toBe(false)
    expect(isDecided([{ ...sum, decidedAtMs: NOON + 2 * HOUR }], NOON - 30 * MINUTE, NOON + HOUR)).toBe(false)
  })
})

describe('planning over what a clock that was ahead has left', () => {
  const schedule: ScheduleRecord = {
    id: 'ingest:a',
    command: 'ingest',
    subject: 'a',
    config: {
      trigger: { kind: 'interval', everyMs: HOUR },
      overlap: 'replace',
      catchUp: 'latest',
      catchUpLimit: 10,
      catchUpWindowMs: 24 * HOUR,
      startingDeadlineMs: undefined,
      jitterMs: 0,
      retries: { maxAttempts: 1, firstDelayMs: 1, maxDelayMs: 1 },
      expiryMs: undefined,
    },
    anchorMs: NOON,
    cursorMs: NOON,
    pausedAtMs: null,
    pausedBy: null,
    isCurrent: true,
  }
  const running = { id: 'j', instantMs: NOON, attempts: 1, state: 'running' } as never

  test('an instant that was started starts nothing, cancels nothing, alerts nobody; the cursor passes it', () => {
    const known = [tick(NOON + HOUR, { ...job, decidedAtMs: NOON - HOUR })]
    const plan = planTicks({ schedule, nowMs: NOON + HOUR + 20, openJobs: [running], known })
    expect(plan).toMatchObject({ ticks: [], jobs: [], cancel: [], signals: [], toCursorMs: NOON + HOUR })
    expect(plan.nextWakeMs).toBe(NOON + 2 * HOUR)
  })

  test('nothing older is caught up in its place', () => {
    const known = [tick(NOON + 2 * HOUR, { ...job, decidedAtMs: NOON - HOUR })]
    const plan = planTicks({ schedule, nowMs: NOON + 2 * HOUR + 20, openJobs: [], known })
    expect(plan.ticks).toMatchObject([{ instantMs: NOON + HOUR, state: 'missed' }])
  })

  test('a job of an instant to come is in nobody’s way, and is not replaced', () => {
    const waiting = { id: 'w', instantMs: NOON + 5 * HOUR, attempts: 0, state: 'queued' } as never
    const question = { nowMs: NOON + HOUR + 20, openJobs: [waiting] }
    expect(planTicks({ ...question, schedule }).cancel).toEqual([])
    const forbid: ScheduleRecord = { ...schedule, config: { ...schedule.config, overlap: 'forbid' } }
    expect(planTicks({ ...question, schedule: forbid }).ticks).toMatchObject([{ state: 'started' }])
  })
})
