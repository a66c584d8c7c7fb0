/**
 * planTicks against a model that walks minute by minute with simple rules: whatever restarts, pauses, edits and clocks that
 * are set do, and whatever the policies.
 */
import type { JobRecord, ScheduleConfig, ScheduleRecord, TickRecord } from '@tidegate/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { planTicks } from './plan-ticks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Minutes; what happens between two looks of the scheduler. */
type Step =
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'back'; readonly minutes: number }
  | { readonly kind: 'end-jobs' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'edit'; readonly everyMinutes: number }

const minutes = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: minutes(200).map((count): Step => ({ kind: 'wait', minutes: count })) },
  { weight: 1, arbitrary: minutes(6000).map((count): Step => ({ kind: 'wait', minutes: count })) },
  { weight: 2, arbitrary: minutes(300).map((count): Step => ({ kind: 'back', minutes: count })) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'end-jobs' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'pause' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'resume' }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 30, 60).map((everyMinutes): Step => ({ kind: 'edit', everyMinutes })) },
)

const policies: fc.Arbitrary<Policy> = fc.record({
  overlap: fc.constantFrom('forbid', 'queue', 'replace', 'allow'),
  catchUp: fc.constantFrom('none', 'latest', 'all'),
  catchUpLimit: fc.integer({ min: 1, max: 12 }),
  catchUpWindowMs: minutes(600).map((count) => count * MINUTE),
  startingDeadlineMs: fc.option(
    minutes(90).map((count) => count * MINUTE),
    { nil: undefined },
  ),
})

type Policy = Pick<ScheduleConfig, 'overlap' | 'catchUp' | 'catchUpLimit' | 'catchUpWindowMs' | 'startingDeadlineMs'>

function makeConfig(policy: Policy, everyMinutes: number): ScheduleConfig {
  return {
    ...policy,
    trigger: { kind: 'interval', everyMs: everyMinutes * MINUTE },
    jitterMs: 5 * MINUTE,
    retries: { maxAttempts: 3, firstDelayMs: MINUTE, maxDelayMs: HOUR },
    expiryMs: undefined,
  }
}

/** What every instant must become, instant by instant. `${state} ${reason}` */
function model(schedule: ScheduleRecord, nowMs: number, openAtFirst: number): ReadonlyMap<number, string> {
  const { config, cursorMs } = schedule
  const anchorMs = Math.floor(schedule.anchorMs / 1000) * 1000
  const everyMs = config.trigger.kind === 'interval' ? config.trigger.everyMs : 0
  const due: number[] = []
  if (schedule.pausedAtMs === null)
    for (let instant = anchorMs + everyMs; instant <= nowMs; instant += everyMs)
      if (instant > cursorMs) due.push(instant)
  const deadlineMs = config.startingDeadlineMs ?? Math.min(everyMs, HOUR)
  const late = due.filter((instant) => nowMs - instant > deadlineMs)
  const fates = new Map<number, string>()
  const chosen: number[] = []
  for (const instant of late.toReversed()) {
    const isYoung = nowMs - instant <= config.catchUpWindowMs
    const isWanted =
      config.catchUp === 'all'
        ? chosen.length < config.catchUpLimit
        : config.catchUp === 'latest' && instant === due.at(-1)
    if (isYoung && isWanted) chosen.push(instant)
    else if (config.catchUp === 'none')
      fates.set(instant, config.startingDeadlineMs === undefined ? 'missed catch-up-none' : 'missed late')
    else fates.set(instant, isYoung ? 'missed catch-up-limit' : 'missed catch-up-window')
  }
  let open = openAtFirst
  for (const instant of due) {
    if (fates.has(instant)) continue
    const allowed = { forbid: 1, queue: 2, replace: Infinity, allow: Infinity }[config.overlap]
    const isPushedOut = config.overlap === 'replace' ? instant !== due.at(-1) : open >= allowed
    const isLine = config.catchUp === 'all' && chosen.length > 0
    fates.set(instant, isPushedOut && !isLine ? 'skipped overlap' : 'started')
    if (fates.get(instant) === 'started') open += 1
  }
  return fates
}

test('whatever restarts, pauses, edits and clocks do: each instant is decided once, by the rules, and each start has one job', () => {
  fc.assert(
    fc.property(
      policies,
      fc.constantFrom(10, 15, 60),
      fc.array(step, { minLength: 5, maxLength: 40 }),
      (policy, every, steps) => {
        let nowMs = Date.parse('2026-06-10T00:00Z')
        let schedule: ScheduleRecord = {
          id: 'ingest:orders',
          command: 'ingest',
          subject: 'orders',
          config: makeConfig(policy, every),
          anchorMs: nowMs,
          cursorMs: nowMs,
          pausedAtMs: null,
          pausedBy: null,
          isCurrent: true,
        }
        let open: JobRecord[] = []
        const ticks: TickRecord[] = []
        const jobs: string[] = []
        for (const each of steps) {
          if (each.kind === 'wait') nowMs += each.minutes * MINUTE + 17
          if (each.kind === 'back') nowMs -= each.minutes * MINUTE
          if (each.kind === 'end-jobs') open = []
          if (each.kind === 'pause') schedule = changed(schedule, { pausedAtMs: nowMs })
          // As the state does both.
          const moved = { cursorMs: Math.max(schedule.cursorMs, nowMs) }
          if (each.kind === 'resume' && schedule.pausedAtMs !== null)
            schedule = changed(schedule, { ...moved, pausedAtMs: null })
          if (each.kind === 'edit')
            schedule = changed(schedule, { ...moved, anchorMs: nowMs, config: makeConfig(policy, each.everyMinutes) })

          const plan = planTicks({ schedule, nowMs, openJobs: open })
          const wanted = model(schedule, nowMs, open.length)
          expect(plan.toCursorMs).toBeGreaterThanOrEqual(schedule.cursorMs)
          expect(plan.toCursorMs).toBe([...wanted.keys()].reduce((last, one) => Math.max(last, one), schedule.cursorMs))
          expect(plan.ticks.reduce((sum, { count }) => sum + count, 0)).toBe(wanted.size)
          for (const tick of plan.ticks) {
            const said = tick.reason === null ? tick.state : `${tick.state} ${tick.reason}`
            expect(said).toBe(wanted.get(tick.instantMs))
            if (tick.count > 1) expect([...wanted.values()].filter((one) => one === said)).toHaveLength(tick.count)
            expect(tick.instantMs).toBeGreaterThan(ticks.at(-1)?.instantMs ?? 0)
            ticks.push(tick)
          }
          expect(plan.jobs.map(({ id }) => id)).toEqual(plan.ticks.flatMap(({ job }) => job ?? []))
          for (const job of plan.jobs) {
            expect(job.notBeforeMs - (job.instantMs ?? 0)).toBeGreaterThanOrEqual(0)
            expect(job.notBeforeMs - (job.instantMs ?? 0)).toBeLessThan(5 * MINUTE)
          }
          jobs.push(...plan.jobs.map(({ id }) => id))
          open = [...open.filter(({ id }) => !plan.cancel.includes(id)), ...plan.jobs.map((job) => asOpen(job))]
          schedule = changed(schedule, { cursorMs: plan.toCursorMs })
        }
        expect(new Set(ticks.map(({ instantMs }) => instantMs)).size).toBe(ticks.length)
        expect(new Set(jobs).size).toBe(jobs.length)
      },
    ),
    { seed: 7, numRuns: 400 },
  )
})

function changed(schedule: ScheduleRecord, change: Partial<ScheduleRecord>): ScheduleRecord {
  return { ...schedule, ...change }
}

function asOpen(job: Pick<JobRecord, 'id'>): JobRecord {
  return { ...job, state: 'queued' } as JobRecord
}
