/**
 * Drives jobs: claims those that may start, each attempt in a process of its own, and writes how it ended.
 *
 *   (1) A job is driven by one daemon at a time: only `claimJob` gives an attempt, and who is told `lost` by a heartbeat
 *       kills its process and writes nothing more.                                                 [beat in drive-attempt.ts]
 *   (2) An end that happened is written, however often the state refuses; until then the attempt holds its place and beats
 *       on, so that nobody takes the job over for it.                                             [writeEnd in drive-attempt.ts]
 *   (3) Attempts whose daemon is gone go on as the next attempt of the same job.                             [adopt]
 *   (4) After `drain` or `close` no attempt is claimed. What then does not end in time ends as `interrupted` and goes on at
 *       the next start; what even that was too late for is adopted by (3).
 *
 * How long an attempt may take is a timer of its own: a daemon that lives does not keep a job alive that hangs.
 */
import { randomUUID } from 'node:crypto'
import type { JobRecord, JobStore, LeaseOwner, RetryConfig } from '@tidegate/core'
import type { StartAttempt } from './attempt-protocol.ts'
import { driveAttempt, type DrivenAttempt } from './drive-attempt.ts'
import { openJobFeed, type JobFeed } from './job-feed.ts'
import type { RunnerEvent } from './runner-event.ts'

export interface RunnerOptions {
  readonly jobs: JobStore
  readonly owner: LeaseOwner
  /** Attempts at the same time. */
  readonly maxRuns: number
  readonly startAttempt: StartAttempt
  readonly nowMs: () => number
  /** Resolves earlier, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0..1, for jitter. */
  readonly randomShare: () => number
  /** For logs. Never awaited, must not throw. */
  readonly report: (event: RunnerEvent) => void
  /** Back-off of a job. @defaultValue 30 s, doubled up to an hour */
  readonly retriesOf?: ((job: JobRecord) => Pick<RetryConfig, 'firstDelayMs' | 'maxDelayMs'>) | undefined
  /** Ids of pipeline runs. @defaultValue random UUIDs */
  readonly newRunId?: (() => string) | undefined
  /** Where events go. @defaultValue one of its own */
  readonly feed?: JobFeed | undefined
  readonly timing?: Partial<RunnerTiming> | undefined
}

export interface RunnerTiming {
  /** Between two looks for jobs whose time has come. @defaultValue 1 s */
  readonly pollMs: number
  /** @defaultValue 5 s */
  readonly beatMs: number
  /** @defaultValue 10 s */
  readonly adoptMs: number
  /** An attempt of a daemon of which nobody knows whether it lives: this long silent, and it is dead. @defaultValue 30 s */
  readonly staleMs: number
  /** From the request to stop to the SIGKILL. @defaultValue 20 s */
  readonly stopMs: number
}

export interface Runner {
  /** There may be something to claim, or to cancel. */
  wake(): void
  /**
   * Claims no more. Attempts may end by themselves, are asked to stop when a third of `limitMs` (at most 8 s) is left, and
   * are killed at the end of it. Resolves when none runs, or at the end of it.
   */
  drain(limitMs: number): Promise<void>
  /** Kills what runs, and ends the loops. */
  close(): Promise<void>
  /** Ids of the jobs that are driven here. */
  running(): readonly string[]
}

const TIMING: RunnerTiming = { pollMs: 1000, beatMs: 5000, adoptMs: 10_000, staleMs: 30_000, stopMs: 20_000 }
const RETRIES = { firstDelayMs: 30_000, maxDelayMs: 3_600_000 }
/** Of a drain, at the end: what stopping an attempt in order may take. */
const LONGEST_STOP_MS = 8000

export function openRunner(options: RunnerOptions): Runner {
  const { jobs, nowMs, sleep, report } = options
  const timing: RunnerTiming = { ...TIMING, ...options.timing }
  const feed = options.feed ?? openJobFeed({ jobs })
  const newRunId = options.newRunId ?? randomUUID
  const driven = new Set<DrivenAttempt>()
  const ending = new AbortController()
  const draining = new AbortController()
  let nap = new AbortController()

  const claiming = claimLoop()
  const adopting = adoptLoop()

  return {
    wake,
    running: () => [...driven].map(({ job }) => job),
    async drain(limitMs) {
      draining.abort()
      wake()
      await claiming
      const stopMs = Math.min(LONGEST_STOP_MS, limitMs / 3)
      const isOver = new AbortController()
      void sleep(limitMs - stopMs, isOver.signal).then(() => {
        if (!isOver.signal.aborted) for (const attempt of driven) attempt.stop('drained', stopMs)
      })
      // A state that refuses an end must not hold up who goes down: another daemon adopts the attempt.
      await Promise.race([allOver(), sleep(limitMs, isOver.signal)])
      isOver.abort()
    },
    async close() {
      draining.abort()
      for (const attempt of driven) attempt.stop('drained', 0)
      wake()
      await claiming
      // One that was claimed while this was asked for.
      for (const attempt of driven) attempt.stop('drained', 0)
      await Promise.race([allOver(), sleep(LONGEST_STOP_MS, ending.signal)])
      ending.abort()
      await adopting
      if (options.feed === undefined) feed.close()
    },
  }

  function wake(): void {
    nap.abort()
    for (const attempt of driven) attempt.wake()
  }

  async function allOver(): Promise<void> {
    await Promise.all([...driven].map((attempt) => attempt.over))
  }

  async function claimLoop(): Promise<void> {
    while (!draining.signal.aborted) {
      nap = new AbortController()
      if (driven.size < options.maxRuns && (await claim())) continue
      if (!draining.signal.aborted) await sleep(timing.pollMs, nap.signal)
    }
  }

  async function claim(): Promise<boolean> {
    try {
      const claimed = await jobs.claimJob({ owner: options.owner, run: () => newRunId(), nowMs: nowMs() })
      if (claimed === undefined) return false
      const attempt = driveAttempt(claimed, {
        ...options,
        feed,
        timing,
        retries: { ...RETRIES, ...options.retriesOf?.(claimed.job) },
        ending: ending.signal,
      })
      driven.add(attempt)
      void attempt.over.then(() => {
        driven.delete(attempt)
        nap.abort()
      })
      return true
    } catch (error) {
      report({ kind: 'trouble', what: 'claim', error })
      return false
    }
  }

  async function adoptLoop(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        // A machine that slept wakes to beats of its own that look old.
        await Promise.all([...driven].map((attempt) => attempt.beat()))
        const adopted = await jobs.adoptOrphans(nowMs(), timing.staleMs)
        for (const job of adopted) {
          report({ kind: 'adopted', job: job.id, attempts: job.attempts })
          feed.wake(job.id)
        }
        if (adopted.length > 0) nap.abort()
      } catch (error) {
        report({ kind: 'trouble', what: 'adopt', error })
      }
      await sleep(timing.adoptMs, ending.signal)
    }
  }
}
