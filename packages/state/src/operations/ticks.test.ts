import { SCHEDULER_LEASE, type LeaseOwner, type Leadership, type ScheduleConfig, type TickRecord } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import type { State } from '../index.ts'
import { freshState } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'
import { hourly, makeSchedule } from '../testing/make-schedule.ts'
import { makeSignal } from '../testing/make-signal.ts'

const alice: LeaseOwner = { id: 'far:1:1', what: 'leader' }
const bob: LeaseOwner = { id: 'far:2:2', what: 'standby' }

function tick(instantMs: number, given: Partial<TickRecord> = {}): TickRecord {
  return {
    schedule: 'ingest:a',
    instantMs,
    state: 'started',
    reason: null,
    job: `job ${String(instantMs)}`,
    count: 1,
    decidedAtMs: instantMs + 1,
    ...given,
  }
}

function jobOf(instantMs: number): ReturnType<typeof makeJob> {
  return makeJob({ id: `job ${String(instantMs)}`, source: 'a', schedule: 'ingest:a', instantMs })
}

/** A state with one schedule, its cursor at 0, that Alice leads. */
async function led(): Promise<{ readonly state: State; readonly leader: Leadership }> {
  const state = await freshState({ isAlive: () => 'unknown' })
  await state.saveSchedules([makeSchedule('a')], 0)
  const outcome = await state.acquireLease(SCHEDULER_LEASE, alice, 0, 1000)
  if (outcome.kind !== 'acquired') throw new Error('nobody else is there')
  return { state, leader: { owner: alice, fence: outcome.fence } }
}

const NOTHING = { schedule: 'ingest:a', fromCursorMs: 0, toCursorMs: 100, ticks: [], jobs: [], cancel: [] } as const

async function cursorOf(state: State): Promise<number | undefined> {
  return (await state.listSchedules())[0]?.cursorMs
}

describe('deciding ticks', () => {
  test('writes ticks, jobs, signals and the cursor together', async () => {
    const { state, leader } = await led()
    const late = tick(50, { state: 'missed', reason: 'late', job: null, count: 7 })
    const signal = makeSignal('missed', { kind: 'schedule_missed' })
    const decision = { ...NOTHING, ticks: [late, tick(100)], jobs: [jobOf(100)], signals: [signal] }
    expect(await state.decideTicks(decision, leader, 101)).toEqual([late, tick(100)])
    expect(await state.listTicks({ limit: 10 })).toEqual({ items: [tick(100), late], next: null })
    expect((await state.openJobs('ingest:a')).map(({ id }) => id)).toEqual(['job 100'])
    expect(await state.pendingSignals(10)).toEqual([signal])
    expect(await cursorOf(state)).toBe(100)
  })

  test('is refused to who lost the lead, also where the same process leads anew', async () => {
    const { state, leader } = await led()
    const decision = { ...NOTHING, ticks: [tick(100)], jobs: [jobOf(100)] }
    await state.acquireLease(SCHEDULER_LEASE, bob, 1000, 1000)
    expect(await state.decideTicks(decision, leader, 1001)).toBe(undefined)
    await state.releaseLease(SCHEDULER_LEASE, bob, 2)
    expect(await state.decideTicks(decision, leader, 1001)).toBe(undefined)
    expect(await state.acquireLease(SCHEDULER_LEASE, alice, 1002, 1000)).toEqual({ kind: 'acquired', fence: 3 })
    expect(await state.decideTicks(decision, leader, 1003)).toBe(undefined)
    expect(await state.decideTicks(decision, { owner: bob, fence: 3 }, 1003)).toBe(undefined)
    expect([await cursorOf(state), await state.openJobs(), (await state.listTicks({ limit: 9 })).items]).toEqual([
      0,
      [],
      [],
    ])
    expect(await state.decideTicks(decision, { owner: alice, fence: 3 }, 1003)).toEqual([tick(100)])
  })

  test('is refused where the cursor moved, or there is no such schedule', async () => {
    const { state, leader } = await led()
    await state.decideTicks(NOTHING, leader, 1)
    const again = { ...NOTHING, ticks: [tick(100)], jobs: [jobOf(100)] }
    expect(await state.decideTicks(again, leader, 2)).toBe(undefined)
    expect(await state.decideTicks({ ...again, fromCursorMs: 99 }, leader, 2)).toBe(undefined)
    expect(await state.decideTicks({ ...again, schedule: 'ingest:b', fromCursorMs: 0 }, leader, 2)).toBe(undefined)
    expect(await state.openJobs()).toEqual([])
  })

  test('a tick that is there stays as it is and makes no second job', async () => {
    const { state, leader } = await led()
    const skipped = tick(100, { state: 'skipped', reason: 'overlap', job: null })
    await state.decideTicks({ ...NOTHING, toCursorMs: 50, ticks: [skipped] }, leader, 1)
    const both = {
      ...NOTHING,
      fromCursorMs: 50,
      toCursorMs: 200,
      ticks: [tick(100), tick(200)],
      jobs: [jobOf(100), jobOf(200)],
    }
    expect(await state.decideTicks(both, leader, 2)).toEqual([tick(200)])
    expect((await state.listTicks({ limit: 10, schedule: 'ingest:a' })).items).toEqual([tick(200), skipped])
    expect((await state.openJobs()).map(({ id }) => id)).toEqual(['job 200'])
  })

  test('the cursor never goes down', async () => {
    const { state, leader } = await led()
    await state.decideTicks(NOTHING, leader, 1)
    expect(await state.decideTicks({ ...NOTHING, fromCursorMs: 100, toCursorMs: 30 }, leader, 2)).toEqual([])
    expect(await cursorOf(state)).toBe(100)
  })

  test('cancels what still runs of this schedule, and of no other', async () => {
    const { state, leader } = await led()
    await state.createJob(jobOf(10))
    await state.createJob(makeJob({ id: 'by hand', source: 'b', notBeforeMs: 500 }))
    await state.claimJob({ owner: alice, run: () => 'r', nowMs: 20 })
    await state.decideTicks({ ...NOTHING, cancel: ['job 10', 'by hand', 'nobody'] }, leader, 30)
    expect(await state.beatAttempt('job 10', 1, 31)).toBe('cancel')
    expect(await state.getJob('job 10')).toMatchObject({ cancelRequestedBy: 'schedule' })
    expect(await state.getJob('by hand')).toMatchObject({ state: 'queued', cancelRequestedAtMs: null })
  })

  test('starts nothing of a schedule that was paused or left the configuration meanwhile', async () => {
    const { state, leader } = await led()
    const decision = { ...NOTHING, ticks: [tick(100)], jobs: [jobOf(100)] }
    await state.pauseSchedule('ingest:a', 'bob', 90)
    expect(await state.decideTicks(decision, leader, 101)).toBe(undefined)
    const skipped = tick(100, { state: 'skipped', reason: 'paused', job: null })
    expect(await state.decideTicks({ ...NOTHING, ticks: [skipped] }, leader, 101)).toEqual([skipped])
    await state.pauseSchedule('ingest:a', null, 150)
    await state.saveSchedules([], 160)
    const next = { ...NOTHING, fromCursorMs: 150, toCursorMs: 200, ticks: [tick(200)], jobs: [jobOf(200)] }
    expect(await state.decideTicks(next, leader, 201)).toBe(undefined)
    expect(await state.openJobs()).toEqual([])
  })
})

describe('kept schedules', () => {
  test('are those of the configuration, and begin when they are new', async () => {
    const state = await freshState()
    const saved = await state.saveSchedules([makeSchedule('b'), makeSchedule('a')], 100)
    expect(saved).toEqual(await state.listSchedules())
    expect(saved.map(({ id }) => id)).toEqual(['ingest:a', 'ingest:b'])
    expect(saved[0]).toEqual({
      ...makeSchedule('a'),
      anchorMs: 100,
      cursorMs: 100,
      pausedAtMs: null,
      pausedBy: null,
      isCurrent: true,
    })
    expect(await state.saveSchedules([makeSchedule('b'), makeSchedule('a')], 200)).toEqual(saved)
  })

  const rule = (config: Partial<ScheduleConfig>): ScheduleConfig => ({ ...hourly, ...config })

  test.each([
    ['another trigger', rule({ trigger: { kind: 'interval', everyMs: 60_000 } }), 200],
    ['another policy for what passed', rule({ catchUp: 'all' }), 200],
    ['another deadline', rule({ startingDeadlineMs: 1000 }), 200],
    ['other retries', rule({ retries: { maxAttempts: 9, firstDelayMs: 1, maxDelayMs: 2 } }), 100],
    ['another overlap', rule({ overlap: 'replace' }), 100],
  ])('%s moves the cursor where it changes which instants run', async (_name, config, cursorMs) => {
    const state = await freshState()
    await state.saveSchedules([makeSchedule('a')], 100)
    await state.pauseSchedule('ingest:a', 'bob', 150)
    const [saved] = await state.saveSchedules([{ ...makeSchedule('a'), config }], 200)
    expect(saved).toMatchObject({ config, anchorMs: cursorMs, cursorMs, pausedAtMs: 150, pausedBy: 'bob' })
  })

  test('one that is gone stays with its pause, and begins anew when it is back', async () => {
    const state = await freshState()
    await state.saveSchedules([makeSchedule('a')], 100)
    await state.pauseSchedule('ingest:a', 'bob', 150)
    expect(await state.saveSchedules([], 200)).toMatchObject([{ isCurrent: false, cursorMs: 100 }])
    const back = await state.saveSchedules([makeSchedule('a')], 300)
    expect(back).toMatchObject([{ isCurrent: true, cursorMs: 300, anchorMs: 300, pausedBy: 'bob' }])
  })

  test('a clock that was set back moves no cursor back', async () => {
    const state = await freshState()
    await state.saveSchedules([makeSchedule('a')], 1000)
    await state.pauseSchedule('ingest:a', 'bob', 1000)
    await state.pauseSchedule('ingest:a', null, 500)
    expect(await cursorOf(state)).toBe(1000)
    await state.saveSchedules([{ ...makeSchedule('a'), config: rule({ catchUp: 'all' }) }], 400)
    expect(await cursorOf(state)).toBe(1000)
  })

  test('a pause keeps who paused first; its end moves the cursor to now', async () => {
    const state = await freshState()
    await state.saveSchedules([makeSchedule('a')], 100)
    expect(await state.pauseSchedule('ingest:a', 'bob', 150)).toBe(true)
    expect(await state.pauseSchedule('ingest:a', 'eve', 160)).toBe(true)
    expect(await state.listSchedules()).toMatchObject([{ pausedAtMs: 150, pausedBy: 'bob', cursorMs: 100 }])
    expect(await state.pauseSchedule('ingest:a', null, 900)).toBe(true)
    expect(await state.pauseSchedule('ingest:a', null, 950)).toBe(true)
    expect(await state.listSchedules()).toMatchObject([{ pausedAtMs: null, pausedBy: null, cursorMs: 900 }])
    expect(await state.pauseSchedule('nobody', 'bob', 1)).toBe(false)
  })
})
