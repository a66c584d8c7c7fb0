// A daemon in small: the scheduler, and a driver that claims jobs and ends them, on a clock that its parent tells.
// Arguments: state database, number of schedules. Messages in: the time. Out: `ready`, `leader`, `standby`, `at <time>` when the
// scheduler looked.
import { setTimeout as wait } from 'node:timers/promises'
import { codeOf, type AttemptEnd, type JobRecord } from '@tidegate/core'
import { currentOwner, openState } from '@tidegate/state'
import { openScheduler } from '../open-scheduler.ts'
import { thousandSchedules } from './thousand-schedules.ts'

// Whoever started it may be killed, too.
process.on('disconnect', () => process.exit(1))

const [path = '', howMany = '0'] = process.argv.slice(2)
let nowMs = Number.NaN
let told: () => void = () => undefined
const timers = new Set<() => void>()
const firstTime = new Promise<void>((resolve) => {
  told = resolve
})
process.on('message', (ms: number) => {
  nowMs = ms
  told()
  for (const look of timers) look()
})

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const untilMs = nowMs + ms
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (nowMs < untilMs && signal?.aborted !== true) return
      timers.delete(look)
      resolve()
    }
    timers.add(look)
    signal?.addEventListener('abort', look, { once: true })
    look()
  })
}

// A start costs half a second of work, most of it in loading: done beforehand, so that the one that is told the time lives at once.
await (await openState({ path: ':memory:', nowMs: Date.now })).close()
const owner = currentOwner('a daemon in small')
const schedules = thousandSchedules(Number(howMany))
process.send?.('ready')
await firstTime
const state = await openState({ path, nowMs: () => nowMs, busyTimeoutMs: 20_000 })

let isLeader = false
const scheduler = openScheduler({
  store: state,
  owner,
  schedules: () => schedules,
  nowMs: () => nowMs,
  sleep,
  lookForFiles: async () => Promise.resolve(false),
  onDecided: () => undefined,
  report: tell,
  // The clock runs thousands of times too fast for leases of half a minute; the dead are recognised without them.
  timing: { leaseMs: 86_400_000, renewMs: 120_000, maxSleepMs: 30_000 },
})

let lookedAtMs: number | null = null
setInterval(() => {
  const health = scheduler.health()
  if (health.lastTickAtMs !== lookedAtMs) process.send?.(`at ${String(health.lastTickAtMs)}`)
  lookedAtMs = health.lastTickAtMs
  if (health.isLeader !== isLeader) process.send?.(health.isLeader ? 'leader' : 'standby')
  ;({ isLeader } = health)
}, 10)

const running: { readonly job: JobRecord; readonly attempt: number; readonly untilMs: number }[] = []
let ends = 0
let writes = 0
for (;;) {
  try {
    if (!(await endOne()) && !(await claimOne())) {
      await state.adoptOrphans(nowMs, 86_400_000)
      await wait(10)
    }
  } catch (error) {
    tell(error)
  }
  // Whoever writes without a break keeps the other daemon out of SQLite.
  writes += 1
  if (writes % 4 === 0) await wait(3)
}

/** An attempt takes a minute. Every seventh fails first, so that there are retries among what is killed. */
async function endOne(): Promise<boolean> {
  const one = running.find(({ untilMs }) => untilMs <= nowMs)
  if (one === undefined) return false
  ends += 1
  const fails = ends % 7 === 0 && one.job.failedAttempts === 0
  const end: AttemptEnd = {
    outcome: fails ? 'failed' : 'ok',
    errorCode: null,
    errorMessage: null,
    summary: null,
    next: fails
      ? { state: 'retrying', notBeforeMs: nowMs + 60_000, countsAsFailure: true }
      : { state: 'ok', notBeforeMs: null, countsAsFailure: false },
  }
  await state.endAttempt(one.job.id, one.attempt, end, nowMs)
  running.splice(running.indexOf(one), 1)
  return true
}

async function claimOne(): Promise<boolean> {
  if (running.length >= 30) return false
  const run = (job: JobRecord): string => `${job.id}-${String(job.attempts + 1)}`
  const claimed = await state.claimJob({ owner, run, nowMs })
  if (claimed === undefined) return false
  running.push({ job: claimed.job, attempt: claimed.attempt.attempt, untilMs: nowMs + 60_000 })
  return true
}

function tell(error: unknown): void {
  if (codeOf(error) !== 'STATE_BUSY') process.send?.(`report ${String(error)}`)
}
