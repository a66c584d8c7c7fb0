import type { JobRecord, ScheduleConfig, ScheduleRecord } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { jitterOf, jobIdOf, jobOf } from './job-of.ts'
import { planTicks, type TickPlan, type TickQuestion } from './plan-ticks.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOON = Date.parse('2026-06-10T12:00Z')

/** Due at every full hour; everything up to noon is decided. */
function hourly(config: Partial<ScheduleConfig> = {}, record: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return {
    id: 'ingest:orders',
    command: 'ingest',
    subject: 'orders',
    config: {
      trigger: { kind: 'cron', cron: '0 * * * *', timezone: 'UTC' },
      overlap: 'forbid',
      catchUp: 'latest',
      catchUpLimit: 10,
      catchUpWindowMs: DAY,
      startingDeadlineMs: undefined,
      jitterMs: 0,
      retries: { maxAttempts: 3, firstDelayMs: MINUTE, maxDelayMs: HOUR },
      expiryMs: undefined,
      ...config,
    },
    anchorMs: NOON - DAY,
    cursorMs: NOON,
    pausedAtMs: null,
    pausedBy: null,
    isCurrent: true,
    ...record,
  }
}

/** `13:00 started`, `14:00 missed catch-up-limit ×200` */
function told(plan: TickPlan): readonly string[] {
  return plan.ticks.map(({ instantMs, state, reason, count }) => {
    const time = new Date(instantMs).toISOString().slice(11, 16)
    return [time, state, reason, count === 1 ? null : `×${String(count)}`].filter((word) => word !== null).join(' ')
  })
}

function at(nowMs: number, schedule: ScheduleRecord, more: Partial<TickQuestion> = {}): TickPlan {
  return planTicks({ schedule, nowMs, openJobs: [], ...more })
}

function openJob(schedule: ScheduleRecord, instantMs: number, state: JobRecord['state'] = 'running'): JobRecord {
  return {
    ...jobOf(schedule, instantMs, 'schedule', instantMs),
    state,
    failedAttempts: 0,
    attempts: 1,
    startedAtMs: instantMs,
    endedAtMs: null,
    errorCode: null,
    errorMessage: null,
    cancelRequestedAtMs: null,
    cancelRequestedBy: null,
    summary: null,
  }
}

describe('an instant in time', () => {
  test('is started, with its job, and the cursor stands on it', () => {
    const plan = at(NOON + HOUR + 20, hourly())
    expect(told(plan)).toEqual(['13:00 started'])
    expect(plan.toCursorMs).toBe(NOON + HOUR)
    expect(plan.nextWakeMs).toBe(NOON + 2 * HOUR)
    expect(plan.jobs).toEqual([
      {
        id: plan.ticks[0]?.job,
        command: 'ingest',
        source: 'orders',
        trigger: 'schedule',
        schedule: 'ingest:orders',
        instantMs: NOON + HOUR,
        createdBy: 'schedule',
        createdAtMs: NOON + HOUR + 20,
        notBeforeMs: NOON + HOUR,
        args: {},
        maxAttempts: 3,
        expiryMs: null,
      },
    ])
    expect(plan.signals).toEqual([])
  })

  test('not before its time, and not twice', () => {
    expect(at(NOON + HOUR - 1, hourly())).toMatchObject({ ticks: [], toCursorMs: NOON, nextWakeMs: NOON + HOUR })
    expect(at(NOON + 2 * HOUR - 1, hourly({}, { cursorMs: NOON + HOUR })).ticks).toEqual([])
  })

  test('a clock that was set back decides nothing anew, and the cursor stays', () => {
    expect(at(NOON - 5 * HOUR, hourly())).toMatchObject({ ticks: [], toCursorMs: NOON, nextWakeMs: NOON + HOUR })
  })

  test('a paused schedule, or one that is gone, decides nothing', () => {
    expect(at(NOON + DAY, hourly({}, { pausedAtMs: NOON }))).toMatchObject({
      ticks: [],
      toCursorMs: NOON,
      nextWakeMs: null,
    })
    expect(at(NOON + DAY, hourly({}, { isCurrent: false }))).toMatchObject({ ticks: [], nextWakeMs: null })
  })

  test('jitter moves the start and not the instant, by the same share each time', () => {
    const schedule = hourly({ jitterMs: 10 * MINUTE })
    const [job] = at(NOON + HOUR, schedule).jobs
    expect(job?.instantMs).toBe(NOON + HOUR)
    expect(job?.notBeforeMs).toBe(NOON + HOUR + jitterOf('ingest:orders', NOON + HOUR, 10 * MINUTE))
    const shares = Array.from({ length: 200 }, (_, hour) => jitterOf('ingest:orders', hour * HOUR, 1000))
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...shares)).toBeLessThan(1000)
    expect(new Set(shares).size).toBeGreaterThan(150)
  })

  test('its job has a name that sorts by time and is its own', () => {
    expect(jobIdOf('ingest:orders', NOON)).toMatch(/^20260610T120000-[0-9a-f]{12}$/)
    expect(jobIdOf('ingest:orders', NOON)).not.toBe(jobIdOf('ingest:returns', NOON))
  })

  test('what concerns no source has none, and a digest says whose it is', () => {
    const digest = hourly({}, { id: 'digest:ops', command: 'digest', subject: 'ops' })
    expect(at(NOON + HOUR, digest).jobs).toMatchObject([{ source: '', args: { channel: 'ops' } }])
  })
})

describe('overlap: while the job of the instant before is open', () => {
  function oneMore(overlap: ScheduleConfig['overlap'], open: number): TickPlan {
    const schedule = hourly({ overlap })
    const openJobs = Array.from({ length: open }, (_, index) => openJob(schedule, NOON - index * HOUR))
    return at(NOON + HOUR, schedule, { openJobs })
  }

  test('forbid skips', () => {
    expect(told(oneMore('forbid', 1))).toEqual(['13:00 skipped overlap'])
    expect(oneMore('forbid', 1)).toMatchObject({ jobs: [], cancel: [], toCursorMs: NOON + HOUR })
  })

  test('queue lets one wait and skips a further one', () => {
    expect(told(oneMore('queue', 1))).toEqual(['13:00 started'])
    expect(told(oneMore('queue', 2))).toEqual(['13:00 skipped overlap'])
  })

  test('replace asks all that are open to stop', () => {
    const plan = oneMore('replace', 2)
    expect(told(plan)).toEqual(['13:00 started'])
    expect(plan.cancel).toHaveLength(2)
    expect(oneMore('replace', 0).cancel).toEqual([])
  })

  test('allow lets any number in', () => {
    expect(told(oneMore('allow', 7))).toEqual(['13:00 started'])
  })

  test('of several that are in time at once, forbid starts the first, queue two, replace the newest, allow all', () => {
    const several = (overlap: ScheduleConfig['overlap']): readonly string[] =>
      told(at(NOON + 3 * HOUR, hourly({ overlap, startingDeadlineMs: DAY })))
    const [started, skipped] = ['started', 'skipped overlap']
    expect(several('forbid')).toEqual([`13:00 ${started}`, `14:00 ${skipped}`, `15:00 ${skipped}`])
    expect(several('queue')).toEqual([`13:00 ${started}`, `14:00 ${started}`, `15:00 ${skipped}`])
    expect(several('replace')).toEqual([`13:00 ${skipped}`, `14:00 ${skipped}`, `15:00 ${started}`])
    expect(several('allow')).toEqual([`13:00 ${started}`, `14:00 ${started}`, `15:00 ${started}`])
  })
})

describe('catch-up after an absence', () => {
  const late = NOON + 3 * HOUR + 20 * MINUTE

  test('none: what is too late is missed, what is in time starts', () => {
    expect(told(at(late, hourly({ catchUp: 'none' })))).toEqual([
      '13:00 missed catch-up-none',
      '14:00 missed catch-up-none',
      '15:00 started',
    ])
  })

  test('a deadline of its own names itself', () => {
    const schedule = hourly({ catchUp: 'none', startingDeadlineMs: 10 * MINUTE })
    expect(told(at(late, schedule))).toEqual(['13:00 missed late', '14:00 missed late', '15:00 missed late'])
  })

  test('latest: the newest alone, late or not', () => {
    const before = ['13:00 missed catch-up-limit', '14:00 missed catch-up-limit']
    expect(told(at(late, hourly()))).toEqual([...before, '15:00 started'])
    const plan = at(late, hourly({ startingDeadlineMs: 10 * MINUTE }))
    expect(told(plan)).toEqual([...before, '15:00 started'])
    expect(plan.jobs).toMatchObject([{ trigger: 'catch-up' }])
  })

  test('latest looks at overlap like any other', () => {
    const schedule = hourly({ startingDeadlineMs: 10 * MINUTE })
    const plan = at(late, schedule, { openJobs: [openJob(schedule, NOON)] })
    expect(told(plan).at(-1)).toBe('15:00 skipped overlap')
  })

  test('all: everything up to the limit, newest first chosen, oldest first started, in a queue even with forbid', () => {
    const schedule = hourly({ catchUp: 'all', catchUpLimit: 2, startingDeadlineMs: 10 * MINUTE })
    const plan = at(late, schedule)
    expect(told(plan)).toEqual(['13:00 missed catch-up-limit', '14:00 started', '15:00 started'])
    expect(plan.jobs.map(({ trigger }) => trigger)).toEqual(['catch-up', 'catch-up'])
    expect(told(at(late, schedule, { openJobs: [openJob(schedule, NOON)] }))).toEqual(told(plan))
  })

  test('all: an instant in time joins the queue of those that are caught up', () => {
    const plan = at(late, hourly({ catchUp: 'all' }))
    expect(plan.jobs.map(({ trigger }) => trigger)).toEqual(['catch-up', 'catch-up', 'schedule'])
  })

  test('the window: what is older is never caught up', () => {
    const schedule = hourly({ catchUp: 'all', catchUpWindowMs: 90 * MINUTE })
    expect(told(at(late, schedule))).toEqual(['13:00 missed catch-up-window', '14:00 started', '15:00 started'])
    const daily = hourly({ trigger: { kind: 'interval', everyMs: DAY }, catchUpWindowMs: 2 * HOUR }, { anchorMs: NOON })
    expect(told(at(NOON + DAY + 3 * HOUR, daily))).toEqual(['12:00 missed catch-up-window'])
  })

  test('the default deadline is the time until the next instant, at most an hour', () => {
    const daily = hourly({ trigger: { kind: 'cron', cron: '0 2 * * *', timezone: 'UTC' }, catchUp: 'none' })
    const two = Date.parse('2026-06-11T02:00Z')
    expect(told(at(two + HOUR, daily))).toEqual(['02:00 started'])
    expect(told(at(two + HOUR + 1, daily))).toEqual(['02:00 missed catch-up-none'])
  })
})

describe('long absences', () => {
  const quarters = { trigger: { kind: 'cron', cron: '*/15 * * * *', timezone: 'UTC' } } as const

  test('up to a hundred missed ones have rows of their own', () => {
    // 25 hours and a bit: 100 missed, the 101st in time.
    const plan = at(NOON + 25 * HOUR + 16 * MINUTE, hourly(quarters))
    expect(plan.ticks).toHaveLength(101)
    expect(plan.signals).toEqual([])
  })

  test('more are one row per reason with their count, and one signal', () => {
    // Three days: 288 instants, the last one in time; 96 lie within the window of a day, of which 95 are too late.
    const plan = at(NOON + 3 * DAY + MINUTE, hourly(quarters))
    expect(told(plan).slice(0, 2)).toEqual(['12:00 missed catch-up-window ×192', '12:15 missed catch-up-limit'])
    expect(told(plan).at(-1)).toBe('12:00 started')
    expect(plan.ticks.reduce((sum, { count }) => sum + count, 0)).toBe(288)
    expect(plan.signals).toMatchObject([
      { kind: 'schedule_missed', effect: 'raise', source: 'orders', detail: { missed: 287 } },
    ])
  })

  test('weeks: every instant is counted, a part at a time, and the newest is caught up', () => {
    let schedule = hourly({ ...quarters, startingDeadlineMs: MINUTE })
    const nowMs = NOON + 45 * DAY + 2 * MINUTE
    let counted = 0
    let plans = 0
    const started: number[] = []
    do {
      const plan = at(nowMs, schedule)
      expect(plan.toCursorMs).toBeGreaterThan(schedule.cursorMs)
      counted += plan.ticks.reduce((sum, { count }) => sum + count, 0)
      started.push(...plan.jobs.map(({ instantMs }) => instantMs ?? 0))
      schedule = hourly(schedule.config, { cursorMs: plan.toCursorMs })
      plans += 1
    } while (schedule.cursorMs < NOON + 45 * DAY)
    expect(counted).toBe(45 * 96)
    expect(started).toEqual([NOON + 45 * DAY])
    expect(plans).toBe(3)
  })

  test('one signal where nothing was started at all; none where something took its place', () => {
    const daily = hourly({ trigger: { kind: 'cron', cron: '0 2 * * *', timezone: 'UTC' }, catchUp: 'none' })
    const plan = at(NOON + DAY, daily)
    expect(plan.signals).toMatchObject([{ effect: 'raise', detail: { missed: 1, reason: 'catch-up-none' } }])
    expect(at(NOON + 5 * HOUR, hourly()).signals).toEqual([])
  })

  test('the next start resolves it', () => {
    expect(at(NOON + HOUR, hourly(), { isMissedOpen: true }).signals).toMatchObject([
      { effect: 'resolve', source: 'orders' },
    ])
  })
})

describe('files that arrive', () => {
  const polled = hourly({ trigger: { kind: 'arrival', pollMs: 10_000 } }, { anchorMs: NOON })

  test('without files nothing is written, only the cursor moves', () => {
    const plan = at(NOON + 35_000, polled)
    expect(plan).toMatchObject({ ticks: [], jobs: [], toCursorMs: NOON + 30_000, nextWakeMs: NOON + 40_000 })
  })

  test('with files the newest look is a tick', () => {
    const plan = at(NOON + 35_000, polled, { hasFiles: true })
    expect(plan.ticks).toMatchObject([{ instantMs: NOON + 30_000, state: 'started' }])
    expect(plan.jobs).toMatchObject([{ trigger: 'arrival', source: 'orders' }])
  })

  test('not while a job of it is open, nor before the first look', () => {
    const openJobs = [openJob(polled, NOON)]
    expect(at(NOON + 35_000, polled, { hasFiles: true, openJobs })).toMatchObject({
      ticks: [],
      toCursorMs: NOON + 30_000,
    })
    expect(at(NOON + 9000, polled, { hasFiles: true })).toMatchObject({ ticks: [], toCursorMs: NOON })
  })
})
