import {
  SCHEDULER_LEASE,
  type Leadership,
  type LeaseOwner,
  type ScheduleConfig,
  type TickDecision,
  type TickRecord,
} from '@tidegate/core'
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

/** Of one decision. */
async function decide(
  state: State,
  decision: TickDecision,
  leader: Leadership,
  nowMs: number,
): Promise<readonly TickRecord[] | undefined> {
  const [written] = await state.decideTicks([decision], leader, nowMs)
  return written
}

async function cursorOf(state: State): Promise<number | undefined> {
  return (await state.listSchedules())[0]?.cursorMs
}

describe('deciding ticks', () => {
  test('writes ticks, jobs, signals and the cursor together', async () => {
    const { state, leader } = await led()
    const late = tick(50, { state: 'missed', reason: 'late', job: null, count: 7 })
    const signal = makeSignal('missed', { kind: 'schedule_missed' })
    const decision = { ...NOTHING, ticks: [late, tick(100)], jobs: [jobOf(100)], signals: [signal] }
    expect(await decide(state, decision, leader, 101)).toEqual([late, tick(100)])
    expect(await state.listTicks({ limit: 10 })).toEqual({ items: [tick(100), late], next: null })
    expect((await state.openJobs('ingest:a')).map(({ id }) => id)).toEqual(['job 100'])
    expect(await state.pendingSignals(10)).toEqual([signal])
    expect(await cursorOf(state)).toBe(100)
  })

  test('is refused to who lost the lead, also where the same process leads anew', async () => {
    const { state, leader } = await led()
    const decision = { ...NOTHING, ticks: [tick(100)], jobs: [jobOf(100)] }
    await state.acquireLease(SCHEDULER_LEASE, bob, 1000, 1000)
    expect(await decide(state, decision, leader, 1001)).toBe(undefined)
    await state.releaseLease(SCHEDULER_LEASE, bob, 2)
    expect(await decide(state, decision, leader, 1001)).toBe(undefined)
    expect(await state.acquireLease(SCHEDULER_LEASE, alice, 1002, 1000)).toEqual({ kind: 'acquired', fence: 3 })
    expect(await decide(state, decision, leader, 1003)).toBe(undefined)
    expect(await decide(state, decision, { owner: bob, fence: 3 }, 1003)).toBe(undefined)
    expect([await cursorOf(state), await state.openJobs(), (await state.listTicks({ limit: 9 })).items]).toEqual([
      0,
      [],
      [],
    ])
    expect(await decide(state, decision, { owner: alice, fence: 3 }, 1003)).toEqual([tick(100)])
  })

  test('is refused where the cursor moved, or there is no such schedule', async () => {
    const { state, leader } = await led()
    await decide(state, NOTHING, leader, 1)
    const again = { ...NOTHING, ticks: [tick(100)], jobs: [jobOf(100)] }
    expect(await decide(state, again, leader, 2)).toBe(undefined)
    expect(await decide(state, { ...again, fromCursorMs: 99 }, leader, 2)).toBe(undefined)
    expect(await decide(state, { ...again, schedule: 'ingest:b', fromCursorMs: 0 }, leader, 2)).toBe(undefined)
    expect(await state.openJobs()).toEqual([])
  })

  test('a tick that has a job stays as it is and makes no second one', async () => {
    const { state, leader } = await led()
    const early = tick(100, { job: 'job 99', decidedAtMs: 7 })
    const first = { ...NOTHING, toCursorMs: 50, ticks: [early], jobs: [{ ...jobOf(100), id: 'job 99' }] }
    await decide(state, first, leader, 1)
    const both = {
      ...NOTHING,
      fromCursorMs: 50,
      toCursorMs: 200,
      ticks: [tick(100), tick(200)],
      jobs: [jobOf(100), jobOf(200)],
    }
    expect(await decide(state, both, leader, 2)).toEqual([tick(200)])
    expect((await state.listTicks({ limit: 10, schedule: 'ingest:a' })).items).toEqual([tick(200), early])
    expect((await state.openJobs()).map(({ id }) => id)).toEqual(['job 200', 'job 99'])
  })

  test('the cursor never goes down', async () => {
    const { state, leader } = await led()
    await decide(state, NOTHING, leader, 1)
    expect(await decide(state, { ...NOTHING, fromCursorMs: 100, toCursorMs: 30 }, leader, 2)).toEqual([])
    expect(await cursorOf(state)).toBe(100)
  })

  test('cancels what still runs of this schedule, and of no other', async () => {
    const { state, leader } = await led()
    await state.createJob(jobOf(10))
    await state.createJob(makeJob({ id: 'by hand', source: 'b', notBeforeMs: 500 }))
    await state.claimJob({ owner: alice, run: () => 'r', nowMs: 20 })
    await decide(state, { ...NOTHING, cancel: ['job 10', 'by hand', 'nobody'] }, leader, 30)
    expect(await state.beatAttempt('job 10', 1, 31)).toBe('cancel')
    expect(await state.getJob('job 10')).toMatchObject({ cancelRequestedBy: 'schedule' })
    expect(await state.getJob('by hand')).toMatchObject({ state: 'queued', cancelRequestedAtMs: null })
  })

  test('starts nothing of a schedule that was paused or left the configuration meanwhile', async () => {
    const { state, leader } = await led()
    const decision = { ...NOTHING, ticks: [tick(100)], jobs: [jobOf(100)] }
    await state.pauseSchedule('ingest:a', 'bob', 90)
    expect(await decide(state, decision, leader, 101)).toBe(undefined)
    const skipped = tick(100, { state: 'skipped', reason: 'paused', job: null })
    expect(await decide(state, { ...NOTHING, ticks: [skipped] }, leader, 101)).toEqual([skipped])
    await state.pauseSchedule('ingest:a', null, 150)
    await state.saveSchedules([], 160)
    const next = { ...NOTHING, fromCursorMs: 150, toCursorMs: 200, ticks: [tick(200)], jobs: [jobOf(200)] }
    expect(await decide(state, next, leader, 201)).toBe(undefined)
    expect(await state.openJobs()).toEqual([])
  })
})

describe('many decisions at once', () => {
  const ids = Array.from({ length: 230 }, (_, index) => `s${String(index).padStart(3, '0')}`)
  const started = (id: string): TickDecision => ({
    ...NOTHING,
    schedule: `ingest:${id}`,
    ticks: [tick(100, { schedule: `ingest:${id}`, job: `job of ${id}` })],
    jobs: [makeJob({ id: `job of ${id}`, source: id, schedule: `ingest:${id}`, instantMs: 100 })],
  })

  test('are one transaction, in which each is refused or written by itself', async () => {
    const { state, leader } = await led()
    await state.saveSchedules(
      ids.map((id) => makeSchedule(id)),
      0,
    )
    await state.pauseSchedule('ingest:s003', 'bob', 1)
    await decide(state, { ...NOTHING, schedule: 'ingest:s007' }, leader, 2)
    const unknown = started('nobody')
    const decisions = [...ids.map((id) => started(id)), unknown, started('s000')]
    const written = await state.decideTicks(decisions, leader, 101)
    const refused = decisions.flatMap(({ schedule }, index) => (written[index] === undefined ? [schedule] : []))
    // Paused, decided by somebody else, not there, and the second one of a schedule in the same call.
    expect(refused).toEqual(['ingest:s003', 'ingest:s007', 'ingest:nobody', 'ingest:s000'])
    const fine = ids.filter((id) => id !== 's003' && id !== 's007')
    expect(written.flatMap((ticks) => ticks ?? [])).toEqual(fine.flatMap((id) => started(id).ticks))
    expect((await state.openJobs()).map(({ id }) => id)).toEqual(fine.map((id) => `job of ${id}`))
    const cursors = new Map((await state.listSchedules()).map(({ id, cursorMs }) => [id, cursorMs]))
    expect(fine.map((id) => cursors.get(`ingest:${id}`))).toEqual(fine.map(() => 100))
    expect([cursors.get('ingest:s003'), cursors.get('ingest:s007')]).toEqual([0, 100])
    const [event, ...more] = await state.listJobEvents('job of s009', 0, 10)
    expect([event?.data, more]).toEqual([{ state: 'queued', by: 'me' }, []])
  })

  test('are all refused to who lost the lead, and none is written where one cannot be', async () => {
    const { state, leader } = await led()
    await state.saveSchedules([makeSchedule('s000'), makeSchedule('s001')], 0)
    const both = [started('s000'), started('s001')]
    expect(await state.decideTicks(both, { ...leader, fence: 0 }, 101)).toEqual([undefined, undefined])
    const broken = { ...started('s001'), ticks: [tick(100, { schedule: 'ingest:s001', count: null as never })] }
    await expect(state.decideTicks([started('s000'), broken], leader, 101)).rejects.toThrow()
    expect((await state.listTicks({ limit: 10 })).items).toEqual([])
    expect(await state.openJobs()).toEqual([])
    expect((await state.decideTicks(both, leader, 102)).map((ticks) => ticks?.length)).toEqual([1, 1])
  })
})

describe('after a clock that was ahead', () => {
  const DAY = 86_400_000
  const range = { fromMs: 60_000, toMs: 7 * DAY }

  /** Decided, by a clock that was a day ahead: an instant that was missed, and one that was started. */
  async function ahead(): Promise<{ readonly state: State; readonly leader: Leadership }> {
    const { state, leader } = await led()
    const missed = tick(DAY - 100, { state: 'missed', reason: 'late', job: null, decidedAtMs: DAY + 1 })
    const wrong = { ...NOTHING, toCursorMs: DAY, ticks: [missed, tick(DAY)], jobs: [jobOf(DAY)] }
    await decide(state, wrong, leader, DAY + 1)
    return { state, leader }
  }

  test('cursors go back to now; what was started stays, what was missed by that clock is decided anew', async () => {
    const { state, leader } = await ahead()
    expect(await state.setBackSchedules(range, { ...leader, fence: 0 }, 500)).toEqual([])
    expect(await state.setBackSchedules(range, leader, 500)).toMatchObject([{ id: 'ingest:a', cursorMs: DAY }])
    expect(await state.setBackSchedules(range, leader, 500)).toEqual([])
    expect(await cursorOf(state)).toBe(500)
    const known = await state.ticksAhead(10)
    expect(known.map(({ instantMs }) => instantMs)).toEqual([DAY - 100, DAY])
    expect(await state.ticksAhead(1)).toEqual(known.slice(0, 1))
    const again = tick(DAY - 100)
    const right = {
      ...NOTHING,
      fromCursorMs: 500,
      toCursorMs: DAY,
      ticks: [again, tick(DAY, { decidedAtMs: 3 })],
      jobs: [jobOf(DAY - 100), jobOf(DAY)],
    }
    expect(await decide(state, right, leader, DAY - 99)).toEqual([again])
    expect((await state.listTicks({ limit: 10 })).items).toEqual([tick(DAY), again])
    expect(await state.ticksAhead(10)).toEqual([])
  })

  test('a little, or more than the clock can be trusted with, moves nothing; nor what is paused or gone', async () => {
    const { state, leader } = await ahead()
    expect(await state.setBackSchedules(range, leader, DAY - 60_000)).toEqual([])
    expect(await state.setBackSchedules(range, leader, -6 * DAY - 1)).toEqual([])
    await state.pauseSchedule('ingest:a', 'bob', 500)
    expect(await state.setBackSchedules(range, leader, 500)).toEqual([])
    await state.saveSchedules([], 500)
    await state.pauseSchedule('ingest:a', null, DAY)
    expect(await state.setBackSchedules(range, leader, 500)).toEqual([])
  })

  test('an interval that was first seen by that clock begins now, on the same grid', async () => {
    const { state, leader } = await led()
    const config: ScheduleConfig = { ...hourly, trigger: { kind: 'interval', everyMs: 3_600_000 } }
    await state.saveSchedules([{ ...makeSchedule('a'), config }], DAY + 7000)
    await state.setBackSchedules(range, leader, 500)
    // 24 hours and 7 s, less 25 hours: the last one of the grid that has passed.
    expect(await state.listSchedules()).toMatchObject([{ cursorMs: 500, anchorMs: 7000 - 3_600_000 }])
  })

  test('what that clock put off starts now; the job of an instant to come waits for it', async () => {
    const { state, leader } = await ahead()
    const late = { notBeforeMs: DAY + 5, createdAtMs: DAY + 5 }
    await state.createJob(makeJob({ id: 'by hand', source: 'b', ...late }))
    await state.createJob(makeJob({ id: 'planned for tomorrow', source: 'c', notBeforeMs: DAY, createdAtMs: 5 }))
    await state.createJob(makeJob({ id: 'retries', source: 'd', schedule: 'ingest:d', instantMs: 5, notBeforeMs: 5 }))
    await state.claimJob({ owner: alice, run: () => 'r', nowMs: 6 })
    const next = { state: 'retrying', notBeforeMs: DAY + 60_000, countsAsFailure: true } as const
    await state.endAttempt(
      'retries',
      1,
      { outcome: 'failed', errorCode: null, errorMessage: null, summary: null, next },
      DAY,
    )
    await state.setBackSchedules(range, leader, 500)
    const waits = (await state.openJobs()).map(({ id, notBeforeMs }) => `${id} ${String(notBeforeMs)}`)
    expect(waits.toSorted()).toEqual([
      'by hand 500',
      `job ${String(DAY)} ${String(jobOf(DAY).notBeforeMs)}`,
      `planned for tomorrow ${String(DAY)}`,
      'retries 500',
    ])
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

  test('a clock that was set back moves no cursor back by an edit; the end of a pause does, and goes on from now', async () => {
    const state = await freshState()
    await state.saveSchedules([makeSchedule('a')], 1000)
    await state.saveSchedules([{ ...makeSchedule('a'), config: rule({ catchUp: 'all' }) }], 400)
    expect(await state.listSchedules()).toMatchObject([{ cursorMs: 1000, anchorMs: 400 }])
    await state.pauseSchedule('ingest:a', 'bob', 1000)
    await state.pauseSchedule('ingest:a', null, 300)
    expect(await state.listSchedules()).toMatchObject([{ cursorMs: 300, anchorMs: 300 }])
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
