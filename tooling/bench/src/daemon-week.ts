/**
 * A week of the daemon's life on a virtual clock, in a process of its own: `node daemon-week.ts FOLDER DAYS`. Scheduler, runner and
 * alert loop are the daemon's, over a real state in its thread; an attempt is a wait that ends well, fails or holds files. One
 * second here is {@link SPEED} seconds there. Prints JSON.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { AlertSignal, Config, JobRecord } from '@tidegate/core'
import { loadProjectConfig } from '@tidegate/project/open'
import { currentOwner, openStateInThread, type State } from '@tidegate/state'
import { writeFileSync } from 'node:fs'
import { boundHeap } from '../../../packages/server/src/daemon/bound-heap.ts'
import { openAlertLoop } from '../../../packages/server/src/alerts/open-alert-loop.ts'
import type { AttemptExit, RunningAttempt } from '../../../packages/server/src/runs/attempt-protocol.ts'
import { openRunner } from '../../../packages/server/src/runs/open-runner.ts'
import { openScheduler, schedulesOf } from '../../../packages/server/src/scheduler/index.ts'

export interface WeekReport {
  readonly days: number
  readonly ticks: number
  readonly runs: number
  readonly alerts: number
  /** Ticks that were to start and have not exactly one job that ended. */
  readonly wrongTicks: number
  /** Resident memory: mean of the last quarter by that of the second one. */
  readonly growth: number
  readonly peakBytes: number
}

const SPEED = 5000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SOURCES = 20
const BEGIN_MS = Date.UTC(2026, 2, 26)

const [folder = '', days = '7'] = process.argv.slice(2)
// As the daemon's program does.
boundHeap()
process.stdout.write(JSON.stringify(await liveFor(path.resolve(folder), Number(days))))

async function liveFor(directory: string, dayCount: number): Promise<WeekReport> {
  const config = await makeProject(directory)
  const state = await openStateInThread({ path: config.state })
  const startedAt = performance.now()
  const nowMs = (): number => Math.floor(BEGIN_MS + (performance.now() - startedAt) * SPEED)
  const endMs = BEGIN_MS + dayCount * DAY_MS
  const owner = currentOwner('a week')
  const schedules = schedulesOf(config)
  const counts = { ticks: 0, runs: 0, alerts: 0 }
  const trouble = (error: unknown): void => void process.stderr.write(`${String(error)}\n`)

  const alerts = openAlertLoop({
    state,
    config: () => config,
    nowMs,
    sleep: quickSleep,
    report: (event) => {
      if (event.kind === 'told') counts.alerts += event.signals
      else if (event.kind === 'failed') trouble(event.error)
    },
  })
  const runner = openRunner({
    jobs: state,
    owner,
    maxRuns: 4,
    startAttempt: (order) => pretend(state, order.source, order.run, nowMs),
    nowMs,
    sleep: quickSleep,
    randomShare: () => 0.5,
    report: (event) => {
      if (event.kind === 'ended') counts.runs += 1
      else if (event.kind === 'trouble') trouble(event.error)
    },
    retriesOf: (_job: JobRecord) => ({ firstDelayMs: 60_000, maxDelayMs: HOUR_MS }),
    timing: { pollMs: 2 * 60_000, beatMs: 20 * 60_000, adoptMs: HOUR_MS, staleMs: 6 * HOUR_MS },
  })
  const scheduler = openScheduler({
    store: state,
    owner,
    schedules: () => schedules,
    nowMs,
    sleep: quickSleep,
    lookForFiles: async () => false,
    onDecided: (ticks) => {
      counts.ticks += ticks.filter((tick) => tick.state === 'started').length
      runner.wake()
    },
    report: trouble,
    timing: { leaseMs: 6 * HOUR_MS, renewMs: 2 * HOUR_MS, maxSleepMs: HOUR_MS },
  })
  const memory: number[] = []
  while (nowMs() < endMs) {
    await quickSleep(HOUR_MS, new AbortController().signal)
    memory.push(process.memoryUsage.rss())
  }
  await scheduler.close()
  await runner.drain(60_000)
  await runner.close()
  await alerts.close()
  const wrongTicks = await countWrong(state)
  await state.close()
  const quarter = Math.floor(memory.length / 4)
  const mean = (part: readonly number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length
  const growth = mean(memory.slice(-quarter)) / mean(memory.slice(quarter, 2 * quarter))
  return { days: dayCount, ...counts, wrongTicks, growth, peakBytes: Math.max(...memory) }
}

async function makeProject(directory: string): Promise<Config> {
  mkdirSync(directory, { recursive: true })
  const crons = ['*/15 * * * *', '*/20 * * * *', '5 * * * *', '30 2 * * *']
  const sources = Object.fromEntries(
    Array.from({ length: SOURCES }, (_, index) => [
      `s${index + 1}`,
      {
        path: `landing/s${index + 1}/*.csv`,
        schedule: { cron: crons[index % crons.length], timezone: index % 2 === 0 ? 'UTC' : 'Europe/Berlin' },
      },
    ]),
  )
  writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify({ version: 1, sources }))
  const loaded = await loadProjectConfig({ directory })
  if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded))
  return loaded.config
}

/** Every seventh run fails and every eleventh holds files: both raise an alert that the next good run ends. */
function pretend(state: State, source: string, run: string, nowMs: () => number): RunningAttempt {
  const turn = (turns.get(source) ?? 0) + 1
  turns.set(source, turn)
  const outcome = turn % 7 === 0 ? 'failed' : turn % 11 === 0 ? 'gate-failed' : 'ok'
  let end: (exit: AttemptExit) => void = () => {}
  const exit = new Promise<AttemptExit>((resolve) => {
    end = resolve
  })
  const finish = async (): Promise<void> => {
    const signal: AlertSignal = {
      key: `${run}:${outcome}`,
      kind: outcome === 'gate-failed' ? 'gate_failed' : 'run_failed',
      effect: outcome === 'ok' ? 'resolve' : 'raise',
      source,
      dataset: null,
      severity: 'critical',
      run,
      atMs: nowMs(),
      detail: {},
    }
    await state.addSignals([signal])
    end({
      kind: 'reported',
      result: { outcome, errorCode: outcome === 'failed' ? 'PRETENDED' : null, errorMessage: null, summary: null },
    })
  }
  const timer = setTimeout(() => void finish(), 30_000 / SPEED)
  return {
    pid: undefined,
    exit,
    stop: () => {
      clearTimeout(timer)
      end({ kind: 'killed', signal: 'SIGTERM' })
    },
    kill: () => {
      clearTimeout(timer)
      end({ kind: 'killed', signal: 'SIGKILL' })
    },
  }
}

const turns = new Map<string, number>()

/** Never shorter than 10 ms here: a loop that asks for two seconds there would do nothing else. */
async function quickSleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, Math.max(10, ms / SPEED))
    signal.addEventListener('abort', end)
  })
}

async function countWrong(state: State): Promise<number> {
  let wrong = 0
  let after: string | undefined
  const seen = new Set<string>()
  do {
    const page = await state.listTicks({ limit: 1000, after })
    for (const tick of page.items) {
      if (tick.state !== 'started') continue
      const job = tick.job === null ? undefined : await state.getJob(tick.job)
      if (job === undefined || seen.has(job.id)) wrong += 1
      else seen.add(job.id)
    }
    after = page.next ?? undefined
  } while (after !== undefined)
  return wrong
}
