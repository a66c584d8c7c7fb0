/**
 * The scheduler on its state, with a clock that somebody sets forward and back, and daemons that are killed meanwhile: no
 * instant is run twice, and once the clock is right every instant to come is run, unless it was run before.
 */
import type { ScheduleConfig } from '@tidegate/core'
import { openState, type State } from '@tidegate/state'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantsBetween } from './calendar.ts'
import { openScheduler } from './open-scheduler.ts'
import type { Scheduler, WantedSchedule } from './scheduler-types.ts'
import { virtualClock, type VirtualClock } from './testing/virtual-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.parse('2026-06-10T12:03:20Z')

type Step =
  | { readonly kind: 'passes'; readonly minutes: number }
  /** From here on the clock is wrong by this much. */
  | { readonly kind: 'wrong-by'; readonly minutes: number }
  | { readonly kind: 'killed' }
  | { readonly kind: 'away'; readonly minutes: number }

const minutes = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: minutes(1, 50).map((count): Step => ({ kind: 'passes', minutes: count })) },
  { weight: 2, arbitrary: minutes(0, 3000).map((count): Step => ({ kind: 'wrong-by', minutes: count })) },
  { weight: 1, arbitrary: minutes(-200, 0).map((count): Step => ({ kind: 'wrong-by', minutes: count })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'killed' }) },
  { weight: 1, arbitrary: minutes(1, 90).map((count): Step => ({ kind: 'away', minutes: count })) },
)

const policy = fc.record({
  overlap: fc.constantFrom('forbid', 'queue', 'replace', 'allow'),
  catchUp: fc.constantFrom('none', 'latest', 'all'),
  catchUpLimit: fc.integer({ min: 1, max: 6 }),
  jitterMs: fc.constantFrom(0, 2 * MINUTE),
})
type Policy = Pick<ScheduleConfig, 'overlap' | 'catchUp' | 'catchUpLimit' | 'jitterMs'>

const TRIGGERS: readonly ScheduleConfig['trigger'][] = [
  { kind: 'cron', cron: '*/15 * * * *', timezone: 'Europe/Berlin' },
  { kind: 'interval', everyMs: 25 * MINUTE },
  { kind: 'arrival', pollMs: 10 * MINUTE },
]

function wantedOf(policies: readonly Policy[]): readonly WantedSchedule[] {
  return policies.map((each, index) => ({
    id: `ingest:s${String(index)}`,
    command: 'ingest',
    subject: `s${String(index)}`,
    config: {
      ...each,
      trigger: TRIGGERS[index % TRIGGERS.length] ?? { kind: 'interval', everyMs: HOUR },
      catchUpWindowMs: 24 * HOUR,
      startingDeadlineMs: undefined,
      retries: { maxAttempts: 3, firstDelayMs: MINUTE, maxDelayMs: HOUR },
      expiryMs: undefined,
    },
  }))
}

interface World {
  readonly clock: VirtualClock
  readonly state: State
  /** How often each job began. */
  readonly began: Map<string, number>
  open(): Scheduler
}

/** Lets time pass, and all work be done that may start meanwhile. */
async function pass({ clock, state, began }: World, ms: number, workEveryMs = 3 * MINUTE): Promise<void> {
  for (let left = ms; left > 0; left -= workEveryMs) {
    await clock.run(Math.min(left, workEveryMs))
    const nowMs = clock.nowMs()
    for (;;) {
      const claimed = await state.claimJob({ owner: { id: 'worker', what: 'worker' }, run: ({ id }) => id, nowMs })
      if (claimed === undefined) break
      const { job, attempt } = claimed
      began.set(job.id, (began.get(job.id) ?? 0) + 1)
      const next = { state: 'ok', notBeforeMs: null, countsAsFailure: false } as const
      const end = { outcome: 'ok', errorCode: null, errorMessage: null, summary: null, next } as const
      await state.endAttempt(job.id, attempt.attempt, end, nowMs)
    }
  }
}

async function live(policies: readonly Policy[], steps: readonly Step[]): Promise<void> {
  const clock = virtualClock(START)
  const dead = new Set<string>()
  const state = await openState({ path: ':memory:', nowMs: clock.nowMs, isAlive: (id) => !dead.has(id) })
  const wanted = wantedOf(policies)
  const reports: unknown[] = []
  let daemons = 0
  const world: World = {
    clock,
    state,
    began: new Map(),
    open() {
      daemons += 1
      return openScheduler({
        store: state,
        owner: { id: `daemon ${String(daemons)}`, what: 'daemon' },
        schedules: () => wanted,
        nowMs: clock.nowMs,
        sleep: clock.sleep,
        lookForFiles: async () => Promise.resolve(true),
        onDecided: () => undefined,
        report: (error) => reports.push(error),
        timing: { leaseMs: 90_000, renewMs: 30_000, maxSleepMs: 30_000 },
      })
    },
  }
  let scheduler = world.open()
  let wrongByMinutes = 0
  const set = async (toMinutes: number): Promise<void> => {
    await clock.jump((toMinutes - wrongByMinutes) * MINUTE)
    wrongByMinutes = toMinutes
  }
  await pass(world, MINUTE)
  for (const each of steps) {
    if (each.kind === 'passes') await pass(world, each.minutes * MINUTE)
    if (each.kind === 'wrong-by') await set(each.minutes)
    if (each.kind === 'killed') dead.add(`daemon ${String(daemons)}`)
    if (each.kind === 'away') await scheduler.close()
    if (each.kind === 'away') await pass(world, each.minutes * MINUTE)
    if (each.kind === 'away' || each.kind === 'killed') scheduler = world.open()
  }

  await set(0)
  const rightMs = clock.nowMs()
  await pass(world, 62 * MINUTE, MINUTE)
  const { items } = await state.listTicks({ limit: 1000 })
  const jobs = (await state.listJobs({ limit: 1000 })).items
  const started = items.flatMap(({ job }) => job ?? [])
  expect(jobs.map(({ id }) => id).toSorted()).toEqual(started.toSorted())
  expect(new Set(jobs.map(({ schedule, instantMs }) => `${schedule ?? ''} ${String(instantMs)}`)).size).toBe(
    jobs.length,
  )
  expect([...world.began.values()].filter((times) => times > 1)).toEqual([])
  const schedules = await state.listSchedules()
  for (const { id, config, anchorMs } of schedules) {
    // A minute is waited for, and the next look comes within half a minute.
    const from = rightMs + 95_000
    const due = instantsBetween(config.trigger, anchorMs, from, clock.nowMs() - MINUTE, 100)
    expect(due.length).toBeGreaterThanOrEqual(2)
    const fates = due.map((instant) => items.find((tick) => tick.schedule === id && tick.instantMs === instant)?.state)
    expect(fates, `${id} ${JSON.stringify(config)}`).toEqual(due.map(() => 'started'))
  }
  for (const report of reports) expect(report).toMatchObject({ code: 'SCHEDULE_CLOCK' })
  await scheduler.close()
  await state.close()
}

const RUNS = process.env['TIDEGATE_LANE'] === 'slow' ? 150 : 12

test(
  'whatever the clock and the daemons do: no instant is run twice, and when the clock is right the next one is run',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(policy, { minLength: 3, maxLength: 6 }),
        fc.array(step, { minLength: 2, maxLength: 9 }),
        live,
      ),
      { seed: 11, numRuns: RUNS },
    )
  },
  RUNS * 10_000,
)
