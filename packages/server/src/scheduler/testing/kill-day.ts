import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { AttemptRecord, JobRecord, Paged, TickRecord } from '@tidegate/core'
import { openState } from '@tidegate/state'
import { thousandSchedules } from './thousand-schedules.ts'

export interface KillDay {
  readonly schedules: number
  readonly kills: number
  readonly seed: number
  /** How long the virtual day takes at least. */
  readonly realMs: number
  /** Of the state. @defaultValue a SQLite database of its own */
  readonly place?: string | undefined
}

export interface KilledDay {
  readonly startMs: number
  readonly endMs: number
  readonly ticks: readonly TickRecord[]
  readonly jobs: readonly JobRecord[]
  readonly attempts: ReadonlyMap<string, readonly AttemptRecord[]>
  readonly killed: { readonly leaders: number; readonly others: number }
  /** What the daemons reported beside a busy state. */
  readonly reports: readonly string[]
}

const DAY_MS = 86_400_000
const STEP_MS = 10
const OUTAGE_MS = 45 * 60_000

interface Daemon {
  readonly process: ChildProcess
  isReady: boolean
  isLeader: boolean
  /** When its scheduler looked last, by the day's clock. */
  seenMs: number
}

/** The clock waits for who is further behind: a slow machine makes the day longer, not the daemons late. */
const AHEAD_MS = 3_600_000

/**
 * One virtual day of two daemons on one state database (real processes), killed with SIGKILL at moments spread over
 * it and started again at once; then as long as it takes until all work of that day is done.
 */
export async function runKillDay(day: KillDay): Promise<KilledDay> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  const file = day.place ?? path.join(folder, 'state.sqlite')
  const startMs = Date.UTC(2026, 5, 10, 3, 20, 11)
  const endMs = startMs + DAY_MS
  let nowMs = startMs
  // First, so that the daemons find its tables.
  const state = await openState({ path: file, nowMs: () => nowMs, busyTimeoutMs: 20_000 })
  // By the first moment: a daemon that came late would see them later.
  await state.saveSchedules(thousandSchedules(day.schedules), startMs)
  const reports: string[] = []
  const start = (): Daemon => startDaemon(file, day.schedules, reports)
  const daemons = [start(), start()]
  for (const daemon of daemons) daemon.seenMs = startMs
  // Loaded, but idle: they take the place of the killed.
  const spares = [start(), start()]
  const killed = { leaders: 0, others: 0 }

  /** Lets a moment pass, in which the clock goes so many times faster than ours. */
  async function step(speed: number): Promise<void> {
    const since = performance.now()
    await wait(STEP_MS)
    const passedMs = Math.round((performance.now() - since) * speed)
    const slowestMs = Math.min(...daemons.map(({ seenMs }) => seenMs))
    nowMs = Math.max(nowMs, Math.min(nowMs + passedMs, slowestMs + AHEAD_MS))
    for (const daemon of daemons) if (daemon.isReady) daemon.process.send(nowMs)
  }

  async function kill(victim: Daemon): Promise<void> {
    killed[victim.isLeader ? 'leaders' : 'others'] += 1
    daemons.splice(daemons.indexOf(victim), 1)
    victim.process.kill('SIGKILL')
    await once(victim.process, 'exit')
  }

  try {
    const random = randomOf(day.seed)
    const moments = Array.from({ length: day.kills }, () => startMs + Math.floor(random() * DAY_MS)).toSorted(
      (a, b) => a - b,
    )
    while (daemons.some(({ isReady }) => !isReady)) await step(0)
    const speed = DAY_MS / day.realMs
    while (nowMs < endMs || moments.length > 0) {
      const isDue = (moments[0] ?? Infinity) <= nowMs
      // A kill waits for somebody who leads and somebody who could, and the day slows down: else it would kill what does nothing.
      if (isDue && daemons.every(({ isReady }) => isReady) && daemons.some(({ isLeader }) => isLeader)) {
        moments.shift()
        await kill(pick(daemons, random))
        if (moments.length % 10 === 9) {
          // Nobody is left, for a while.
          moments.shift()
          await kill(pick(daemons, random))
          nowMs += OUTAGE_MS
        }
        while (daemons.length < 2) {
          const next = spares.shift() ?? start()
          next.seenMs = nowMs
          daemons.push(next)
        }
        while (spares.length < 2) spares.push(start())
      }
      await step(isDue ? speed / 4 : speed)
    }
    // Each has looked since: what it looked at before was no later than this.
    while (daemons.some(({ seenMs }) => seenMs <= endMs + AHEAD_MS)) await step(1000)
    let open = Infinity
    while (open > 0) {
      for (let count = 0; count < 10; count += 1) await step(1000)
      open = (await state.openJobs()).filter(({ instantMs }) => (instantMs ?? 0) <= endMs).length
    }
    for (const daemon of daemons) daemon.process.kill('SIGKILL')
    const ticks = await all(async (after) => state.listTicks({ limit: 1000, after }))
    const jobs = await all(async (after) => state.listJobs({ limit: 1000, after }))
    const attempts = new Map<string, readonly AttemptRecord[]>()
    for (const { id } of jobs) attempts.set(id, await state.listAttempts(id))
    return { startMs, endMs, ticks, jobs, attempts, killed, reports }
  } finally {
    for (const daemon of [...daemons, ...spares]) daemon.process.kill('SIGKILL')
    await state.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function startDaemon(file: string, schedules: number, reports: string[]): Daemon {
  const child = path.join(import.meta.dirname, 'scheduler-child.ts')
  const daemon: Daemon = {
    process: fork(child, [file, String(schedules)], { execArgv: ['--conditions=tidegate:source'] }),
    isReady: false,
    isLeader: false,
    seenMs: Infinity,
  }
  // A message that is on its way when it is killed finds nobody.
  daemon.process.on('error', () => undefined)
  daemon.process.on('message', (said: string) => {
    if (said === 'ready') daemon.isReady = true
    else if (said === 'leader' || said === 'standby') daemon.isLeader = said === 'leader'
    else if (said.startsWith('at ')) daemon.seenMs = Number(said.slice(3))
    else reports.push(said)
  })
  return daemon
}

function pick(daemons: readonly Daemon[], random: () => number): Daemon {
  const victim = daemons[Math.floor(random() * daemons.length)]
  if (victim === undefined) throw new Error('nobody to kill')
  return victim
}

async function all<Item>(page: (after: string | undefined) => Promise<Paged<Item>>): Promise<readonly Item[]> {
  const items: Item[] = []
  let next: string | null | undefined
  do {
    const paged = await page(next ?? undefined)
    items.push(...paged.items)
    next = paged.next
  } while (next !== null)
  return items
}

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
