/** One attempt from its claim to its written end. The rules are at the top of open-runner.ts. */
import {
  messageOf,
  type AttemptEnd,
  type AttemptRecord,
  type JobRecord,
  type JobStore,
  type RetryConfig,
} from '@tidegate/core'
import type { AttemptEvent, AttemptExit, RunningAttempt, StartAttempt } from './attempt-protocol.ts'
import { backOffMs, decideNext, FREE_INTERRUPTIONS, interruptionsInARow } from './decide-next.ts'
import { endOf, type StopReason } from './end-of-attempt.ts'
import type { JobFeed } from './job-feed.ts'
import { jobSignals } from './job-signals.ts'
import type { RunnerTiming } from './open-runner.ts'
import type { RunnerEvent } from './runner-event.ts'
import { beginAttemptSpan } from './trace-attempt.ts'

export interface DriveContext {
  readonly jobs: JobStore
  readonly startAttempt: StartAttempt
  readonly nowMs: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly randomShare: () => number
  readonly report: (event: RunnerEvent) => void
  readonly feed: JobFeed
  readonly timing: RunnerTiming
  readonly retries: Pick<RetryConfig, 'firstDelayMs' | 'maxDelayMs'>
  /** Aborted when the runner gives up writing. */
  readonly ending: AbortSignal
}

export interface DrivenAttempt {
  readonly job: string
  /** When its end is written, or is not ours to write. Never rejects. */
  readonly over: Promise<void>
  stop(reason: StopReason, killAfterMs: number): void
  /** Beats now; never rejects. */
  beat(): Promise<void>
  /** Looks now whether it was cancelled. */
  wake(): void
}

/** Waits between two tries to write an end. */
const WRITE_AGAIN = { firstDelayMs: 100, maxDelayMs: 5000 }

export function driveAttempt(
  { job, attempt }: { readonly job: JobRecord; readonly attempt: AttemptRecord },
  context: DriveContext,
): DrivenAttempt {
  const { jobs, nowMs, sleep, report, timing, feed } = context
  const exited = new AbortController()
  let reason: StopReason | undefined
  let isLost = false
  let child: RunningAttempt | undefined
  let napping = new AbortController()
  let told: Promise<void> = Promise.resolve()
  const over = drive().catch((error: unknown) => report({ kind: 'trouble', what: 'end', error }))
  return {
    job: job.id,
    over,
    stop,
    beat,
    wake: () => napping.abort(),
  }

  async function drive(): Promise<void> {
    const past = (await endedAttempts()) ?? []
    const waitUntilMs = decideStart(past, nowMs(), context.retries)
    if (waitUntilMs !== undefined && reason === undefined) return setAside(waitUntilMs)
    const span = beginAttemptSpan(job, attempt)
    report({ kind: 'started', job: job.id, attempt: attempt.attempt, run: attempt.run, source: job.source, command: job.command }) // prettier-ignore
    feed.wake(job.id)
    const exit = await run(span.traceparent)
    exited.abort()
    // What it said comes before its end.
    await told
    if (isLost) {
      span.end('interrupted', null)
      return report({ kind: 'lost', job: job.id, attempt: attempt.attempt })
    }
    const endedAtMs = nowMs()
    const end = finalEnd(exit, past, endedAtMs)
    span.end(end.outcome, end.errorCode)
    await writeEnd(end, endedAtMs)
  }

  async function run(traceparent: string | undefined): Promise<AttemptExit> {
    if (reason !== undefined) return { kind: 'killed', signal: 'SIGKILL' }
    const { command, source, args } = job
    const order = { job: job.id, attempt: attempt.attempt, run: attempt.run, command, source, args }
    const listener = {
      events: (events: readonly AttemptEvent[]) => {
        if (!isLost) told = told.then(() => feed.publish(job.id, events))
      },
      line: (text: string) => report({ kind: 'line', job: job.id, attempt: attempt.attempt, text }),
    }
    try {
      child = context.startAttempt(order, listener, traceparent)
    } catch (error) {
      return { kind: 'crashed', code: null, message: messageOf(error) }
    }
    void beatLoop()
    void expire()
    return child.exit
  }

  function stop(why: StopReason, killAfterMs: number): void {
    // What was asked for first is what it ends as.
    reason ??= why
    child?.stop(killAfterMs)
  }

  async function beatLoop(): Promise<void> {
    while (!exited.signal.aborted) {
      napping = new AbortController()
      await sleep(timing.beatMs, AbortSignal.any([exited.signal, napping.signal]))
      if (!exited.signal.aborted) await beat()
    }
  }

  async function beat(): Promise<void> {
    try {
      const answer = await jobs.beatAttempt(job.id, attempt.attempt, nowMs())
      if (answer === 'cancel' && reason === undefined) stop('cancelled', timing.stopMs)
      if (answer === 'lost' && !isLost) {
        isLost = true
        child?.kill()
      }
    } catch (error) {
      report({ kind: 'trouble', what: 'beat', error })
    }
  }

  /** Counted in time that was slept, so that a clock that is set expires nothing. */
  async function expire(): Promise<void> {
    if (job.expiryMs === null) return
    for (let leftMs = job.expiryMs; leftMs > 0; leftMs -= LONGEST_SLEEP_MS) {
      await sleep(Math.min(leftMs, LONGEST_SLEEP_MS), exited.signal)
      if (exited.signal.aborted) return
    }
    stop('expired', timing.stopMs)
  }

  async function endedAttempts(): Promise<readonly AttemptRecord[] | undefined> {
    if (attempt.attempt <= FREE_INTERRUPTIONS) return []
    try {
      return await jobs.listAttempts(job.id)
    } catch (error) {
      report({ kind: 'trouble', what: 'claim', error })
      return undefined
    }
  }

  async function setAside(notBeforeMs: number): Promise<void> {
    report({ kind: 'set-aside', job: job.id, notBeforeMs })
    await writeEnd(
      {
        outcome: 'interrupted',
        errorCode: 'RUN_SET_ASIDE',
        errorMessage: 'its attempts were killed several times in a row; it waits before the next one',
        summary: null,
        next: { state: 'retrying', notBeforeMs, countsAsFailure: false },
      },
      nowMs(),
    )
  }

  function finalEnd(exit: AttemptExit, past: readonly AttemptRecord[], endedAtMs: number): AttemptEnd {
    const end = endOf(exit, reason)
    const isOurDoing = end.errorCode === 'RUN_DRAINED'
    const interruptions = isOurDoing ? 1 : interruptionsInARow(past) + 1
    const { randomShare, retries } = context
    const next = decideNext(job, end.outcome, endedAtMs, randomShare(), retries, interruptions, end.errorCode)
    const signals = jobSignals(job, attempt, next.state, end.errorCode, endedAtMs)
    return { ...end, next, ...(signals.length === 0 ? {} : { signals }) }
  }

  async function writeEnd(end: AttemptEnd, endedAtMs: number): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const isOurs = await jobs.endAttempt(job.id, attempt.attempt, end, endedAtMs)
        if (!isOurs) return report({ kind: 'lost', job: job.id, attempt: attempt.attempt })
        break
      } catch (error) {
        report({ kind: 'trouble', what: 'end', error })
        if (context.ending.aborted) return
        await sleep(backOffMs(tries, context.randomShare(), WRITE_AGAIN), context.ending)
        await beat()
      }
    }
    const { outcome, errorCode, errorMessage, next } = end
    report({ kind: 'ended', job: job.id, attempt: attempt.attempt, outcome, state: next.state, errorCode, errorMessage }) // prettier-ignore
    feed.wake(job.id)
  }
}

/** Below what a timer of Node can hold. */
const LONGEST_SLEEP_MS = 86_400_000

/**
 * Where the attempts before were killed too often in a row: the moment before which the next one is not begun. Attempts that
 * their own runner ended know that already; this is for those whose daemon died with them.
 */
export function decideStart(
  past: readonly AttemptRecord[],
  nowMs: number,
  retries: Pick<RetryConfig, 'firstDelayMs' | 'maxDelayMs'>,
): number | undefined {
  const last = past.filter(({ outcome }) => outcome !== 'running').toSorted((a, b) => b.attempt - a.attempt)[0]
  // It has waited.
  if (last === undefined || last.errorCode === 'RUN_SET_ASIDE') return undefined
  const waits = interruptionsInARow(past.filter(({ errorCode }) => errorCode !== 'RUN_SET_ASIDE')) - FREE_INTERRUPTIONS
  if (waits <= 0) return undefined
  // An end that lies ahead was written before the clock was set back.
  const untilMs = Math.min(last.endedAtMs ?? nowMs, nowMs) + backOffMs(waits, 0.5, retries)
  return untilMs > nowMs ? untilMs : undefined
}
