import { TidegateError, type LeaseOwner, type ScheduleConfig, type TickRecord } from '@tidegate/core'
import { openState, type State } from '@tidegate/state'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openScheduler } from './open-scheduler.ts'
import type { Scheduler, SchedulerOptions, WantedSchedule } from './scheduler-types.ts'
import { virtualClock, type VirtualClock } from './testing/virtual-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOON = Date.parse('2026-06-10T12:00Z')

function schedule(id: string, trigger: ScheduleConfig['trigger'], more: Partial<ScheduleConfig> = {}): WantedSchedule {
  const config: ScheduleConfig = {
    trigger,
    overlap: 'allow',
    catchUp: 'latest',
    catchUpLimit: 10,
    catchUpWindowMs: 24 * HOUR,
    startingDeadlineMs: undefined,
    jitterMs: 0,
    retries: { maxAttempts: 3, firstDelayMs: MINUTE, maxDelayMs: HOUR },
    expiryMs: undefined,
    ...more,
  }
  return { id: `ingest:${id}`, command: 'ingest', subject: id, config }
}

const quarters = schedule('orders', { kind: 'cron', cron: '*/15 * * * *', timezone: 'UTC' })
const polled = schedule('clicks', { kind: 'arrival', pollMs: 10_000 })

interface Stage {
  readonly clock: VirtualClock
  readonly state: State
  readonly alive: Set<string>
  readonly reports: unknown[]
  open(name: string, more?: Partial<SchedulerOptions>): Scheduler
  /** `12:15 started`, of all schedules, oldest first. */
  ticks(): Promise<readonly string[]>
}

async function stage(): Promise<Stage> {
  const clock = virtualClock(NOON + MINUTE)
  const alive = new Set<string>()
  const state = await openState({ path: ':memory:', nowMs: clock.nowMs, isAlive: (id) => alive.has(id) })
  const schedulers: Scheduler[] = []
  onTestFinished(async () => {
    await Promise.all(schedulers.map(async (each) => each.close()))
    await state.close()
  })
  const reports: unknown[] = []
  return {
    clock,
    state,
    alive,
    reports,
    open(name, more = {}) {
      const owner: LeaseOwner = { id: name, what: name }
      alive.add(name)
      const scheduler = openScheduler({
        store: state,
        owner,
        schedules: () => WANTED,
        nowMs: clock.nowMs,
        sleep: clock.sleep,
        lookForFiles: async () => Promise.resolve(false),
        onDecided: () => undefined,
        report: (error) => reports.push(error),
        ...more,
      })
      schedulers.push(scheduler)
      return scheduler
    },
    async ticks() {
      const { items } = await state.listTicks({ limit: 1000 })
      return items.toReversed().map((tick) => show(tick))
    },
  }
}

const WANTED = [quarters]

function show({ instantMs, state, reason }: TickRecord): string {
  return `${new Date(instantMs).toISOString().slice(11, 16)} ${state}${reason === null ? '' : ` ${reason}`}`
}

describe('one daemon', () => {
  test('starts each instant at its time, and says so', async () => {
    const { clock, open, ticks, state } = await stage()
    const heard: string[] = []
    const scheduler = open('a', { onDecided: (written) => heard.push(...written.map((tick) => show(tick))) })
    await clock.run(13 * MINUTE)
    expect(scheduler.health()).toMatchObject({ isLeader: true, nextWakeMs: NOON + 15 * MINUTE })
    expect(await ticks()).toEqual([])
    await clock.run(MINUTE)
    expect(heard).toEqual(['12:15 started'])
    await clock.run(30 * MINUTE)
    expect(await ticks()).toEqual(['12:15 started', '12:30 started', '12:45 started'])
    expect((await state.openJobs()).map(({ instantMs }) => instantMs)).toEqual(
      [15, 30, 45].map((minute) => NOON + minute * MINUTE),
    )
  })

  test('a machine that slept for three days catches the newest instant up', async () => {
    const { clock, open, state } = await stage()
    open('a')
    await clock.run(MINUTE)
    await clock.jump(72 * HOUR)
    const { items } = await state.listTicks({ limit: 1000 })
    expect(items.reduce((sum, { count }) => sum + count, 0)).toBe(72 * 4)
    expect(items.filter((tick) => tick.state === 'started').map(({ instantMs }) => instantMs)).toEqual([
      NOON + 72 * HOUR,
    ])
  })

  test('a clock that is set back an hour starts nothing twice, and goes on when it has passed', async () => {
    const { clock, open, ticks } = await stage()
    open('a')
    await clock.run(HOUR)
    await clock.jump(-HOUR)
    await clock.run(HOUR + 14 * MINUTE)
    expect(await ticks()).toEqual(['12:15', '12:30', '12:45', '13:00', '13:15'].map((time) => `${time} started`))
  })

  test('a pause back-fires nothing, and an edit runs nothing of the past', async () => {
    const { clock, open, state, ticks } = await stage()
    let wanted: readonly WantedSchedule[] = [quarters]
    const scheduler = open('a', { schedules: () => wanted })
    await clock.run(MINUTE)
    await state.pauseSchedule('ingest:orders', 'somebody', clock.nowMs())
    await clock.run(2 * HOUR)
    await state.pauseSchedule('ingest:orders', null, clock.nowMs())
    scheduler.wake()
    await clock.run(20 * MINUTE)
    expect(await ticks()).toEqual(['14:15 started'])
    wanted = [schedule('orders', { kind: 'cron', cron: '*/10 * * * *', timezone: 'UTC' })]
    scheduler.wake()
    await clock.run(10 * MINUTE)
    expect(await ticks()).toEqual(['14:15 started', '14:30 started'])
  })

  test('a state that is busy is reported, tried again, and nothing is lost', async () => {
    const { clock, open, ticks, state, reports } = await stage()
    let isBusy = false
    const decideTicks: State['decideTicks'] = async (...decision) => {
      if (isBusy) throw new TidegateError('STATE_BUSY', 'The state is busy.', { retryable: true })
      return state.decideTicks(...decision)
    }
    open('a', { store: { ...state, decideTicks } })
    await clock.run(MINUTE)
    isBusy = true
    await clock.run(14 * MINUTE)
    expect(await ticks()).toEqual([])
    expect(reports.length).toBeGreaterThan(3)
    isBusy = false
    await clock.run(6000)
    expect(await ticks()).toEqual(['12:15 started'])
  })

  test('a rule that cannot be computed is reported, and the others go on', async () => {
    const { clock, open, ticks, reports } = await stage()
    const broken = schedule('broken', { kind: 'cron', cron: '0 0 * * *', timezone: 'Europe/Atlantis' })
    const wanted = [broken, quarters]
    open('a', { schedules: () => wanted })
    await clock.run(15 * MINUTE)
    expect(await ticks()).toEqual(['12:15 started'])
    expect(reports[0]).toMatchObject({ code: 'SCHEDULE_RULE' })
  })
})

describe('a clock that was ahead', () => {
  test('by a day, for a while: what was started for a time to come is not started again, all else is, from the next instant on', async () => {
    const { clock, open, ticks, reports, state } = await stage()
    const wanted = [quarters, schedule('clicks', { kind: 'arrival', pollMs: 10 * MINUTE })]
    const looks: string[] = []
    open('a', {
      schedules: () => wanted,
      lookForFiles: async (source) => {
        looks.push(new Date(clock.nowMs()).toISOString().slice(8, 16))
        return Promise.resolve(source === 'nothing')
      },
    })
    await clock.run(15 * MINUTE)
    await clock.jump(24 * HOUR)
    await clock.run(20 * MINUTE)
    expect((await ticks()).filter((tick) => tick.endsWith('started'))).toEqual([
      '12:15 started',
      // Tomorrow's.
      '12:15 started',
      '12:30 started',
    ])
    await clock.jump(-24 * HOUR)
    looks.length = 0
    await clock.run(10 * MINUTE)
    expect((await state.listSchedules()).map(({ cursorMs }) => cursorMs <= clock.nowMs())).toEqual([true, true])
    expect(looks.length).toBeGreaterThan(0)
    await clock.run(20 * MINUTE)
    const today = (await state.listTicks({ limit: 1000 })).items.filter(({ instantMs }) => instantMs <= clock.nowMs())
    expect(today.toReversed().map((tick) => show(tick))).toEqual([
      '12:15 started',
      // It passed while the clock was wrong.
      '12:30 missed catch-up-limit',
      '12:45 started',
      '13:00 started',
    ])
    expect(reports).toMatchObject([{ code: 'SCHEDULE_CLOCK' }])
    // Tomorrow, when what was started for it comes: the newest instant is one of them, so nothing is caught up.
    await clock.jump(23 * HOUR + 27 * MINUTE)
    await clock.run(20 * MINUTE)
    const started = (await ticks()).filter((tick) => tick.endsWith('started'))
    expect(started.slice(3).map((tick) => tick.slice(0, 5))).toEqual(['12:15', '12:30', '12:45'])
    expect((await state.openJobs()).length).toBe(started.length)
  })

  test('by more than a week: that is reported once, and a pause that ends mends it', async () => {
    const { clock, open, ticks, reports, state } = await stage()
    const scheduler = open('a')
    await clock.run(MINUTE)
    await clock.jump(8 * 24 * HOUR)
    await clock.jump(-8 * 24 * HOUR)
    const before = await ticks()
    await clock.run(HOUR)
    expect(await ticks()).toEqual(before)
    expect(reports).toMatchObject([{ code: 'SCHEDULE_CLOCK' }])
    await state.pauseSchedule('ingest:orders', 'somebody', clock.nowMs())
    await state.pauseSchedule('ingest:orders', null, clock.nowMs())
    scheduler.wake()
    await clock.run(15 * MINUTE)
    expect((await ticks())[0]).toBe('13:15 started')
  })
})

describe('many that are due at once', () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    schedule(`s${String(index).padStart(3, '0')}`, { kind: 'cron', cron: '0 * * * *', timezone: 'UTC' }),
  )

  test('share transactions, each short', async () => {
    const { clock, open, state } = await stage()
    const sizes: number[] = []
    const decideTicks: State['decideTicks'] = async (...decision) => {
      sizes.push(decision[0].length)
      return state.decideTicks(...decision)
    }
    open('a', { schedules: () => many, store: { ...state, decideTicks } })
    await clock.run(HOUR)
    await expect.poll(async () => (await state.openJobs()).length).toBe(500)
    expect(sizes).toEqual([200, 200, 100])
  })

  test('one that cannot be written is reported, and keeps no other from being decided', async () => {
    const { clock, open, state, reports } = await stage()
    const decideTicks: State['decideTicks'] = async (decisions, ...rest) => {
      if (decisions.some((one) => one.schedule === 'ingest:s007')) throw new Error('a value that no column takes')
      return state.decideTicks(decisions, ...rest)
    }
    const few = many.slice(0, 20)
    open('a', { schedules: () => few, store: { ...state, decideTicks } })
    await clock.run(HOUR)
    await expect.poll(async () => (await state.openJobs()).length).toBe(19)
    expect((await state.openJobs()).map(({ source }) => source)).not.toContain('s007')
    expect(reports.length).toBeGreaterThan(0)
  })
})

describe('files that arrive', () => {
  test('a look that finds some makes a job, others leave nothing; none is made while it is open', async () => {
    const { clock, open, ticks, state } = await stage()
    const wanted = [polled]
    let isThere = false
    let looks = 0
    open('a', {
      schedules: () => wanted,
      lookForFiles: async (source) => {
        looks += 1
        expect(source).toBe('clicks')
        return Promise.resolve(isThere)
      },
    })
    await clock.run(MINUTE)
    expect(looks).toBeGreaterThanOrEqual(5)
    expect(await ticks()).toEqual([])
    isThere = true
    await clock.run(MINUTE)
    expect(await ticks()).toEqual(['12:02 started'])
    expect(await state.openJobs()).toMatchObject([{ trigger: 'arrival', source: 'clicks' }])
  })

  test('a look that does not end holds no other schedule up', async () => {
    const { clock, open, ticks } = await stage()
    const wanted = [polled, quarters]
    open('a', { schedules: () => wanted, lookForFiles: async () => new Promise(() => undefined) })
    await clock.run(15 * MINUTE)
    expect(await ticks()).toEqual(['12:15 started'])
  })
})

describe('two daemons', () => {
  test('one leads; when it stops the other leads within its next try', async () => {
    const { clock, open, ticks } = await stage()
    const first = open('a')
    await clock.run(1000)
    const second = open('b')
    await clock.run(MINUTE)
    expect([first.health().isLeader, second.health().isLeader]).toEqual([true, false])
    await first.close()
    await clock.run(10_000)
    expect(second.health().isLeader).toBe(true)
    await clock.run(13 * MINUTE)
    expect(await ticks()).toEqual(['12:15 started'])
  })

  test('a leader that is stopped until another one leads decides nothing more', async () => {
    const { clock, open, ticks, alive, state } = await stage()
    const stalled: (() => void)[] = []
    let isStalled = false
    const decideTicks: State['decideTicks'] = async (...decision) => {
      if (isStalled) await new Promise<void>((resolve) => stalled.push(resolve))
      return state.decideTicks(...decision)
    }
    const first = open('a', { store: { ...state, decideTicks } })
    await clock.run(1000)
    isStalled = true
    await clock.run(14 * MINUTE)
    expect(stalled).toHaveLength(1)
    // As if it had died: the state takes its lease away.
    alive.delete('a')
    const heard: TickRecord[] = []
    const second = open('b', { onDecided: (written) => heard.push(...written) })
    await clock.run(5000)
    expect(heard.map((tick) => show(tick))).toEqual(['12:15 started'])
    alive.add('a')
    isStalled = false
    stalled[0]?.()
    await clock.run(20_000)
    expect([first.health().isLeader, second.health().isLeader]).toEqual([false, true])
    expect(await ticks()).toEqual(['12:15 started'])
    expect((await state.openJobs()).length).toBe(1)
  })
})
