/**
 * Events of jobs, told to whoever listens. Those of states are written by the state itself with what they say; progress is
 * published here.
 *
 *   (1) Whoever listens gets each event that the state has after `afterSeq` once, in order: all of them are read from the
 *       state, whoever wrote them; being told only means to look now.                                     [look]
 *   (2) Events of this process are looked for at once, those of another daemon within `pollMs`.
 *   (3) Only the newest 1,000 of a job are kept: a gap in `seq` says that some were lost.
 *   (4) Events are for watching. What a job's state is, the job itself says; whoever missed an event reads that.
 */
import type { JobEvent, JobStore } from '@tidegate/core'
import type { AttemptEvent } from './attempt-protocol.ts'

export interface JobFeed {
  /** Writes and tells. A state that cannot be written loses them: they are told to `onTrouble` of {@link openJobFeed}. */
  publish(job: string, events: readonly AttemptEvent[]): Promise<void>
  /** Something of the job was written elsewhere in this process: it was made, cancelled, claimed. */
  wake(job: string): void
  /** Calls with events of a higher `seq`, those that are there at once. Returns what ends it. */
  subscribe(job: string, afterSeq: number, onEvents: (events: readonly JobEvent[]) => void): () => void
  close(): void
}

export interface JobFeedOptions {
  readonly jobs: Pick<JobStore, 'addJobEvents' | 'listJobEvents'>
  /** @defaultValue 1000 */
  readonly pollMs?: number | undefined
  readonly onTrouble?: ((error: unknown) => void) | undefined
}

/** Events that are read in one go. */
const PAGE = 500

interface Listener {
  readonly job: string
  look(): void
}

export function openJobFeed({ jobs, pollMs = 1000, onTrouble = () => {} }: JobFeedOptions): JobFeed {
  const listeners = new Set<Listener>()
  let timer: ReturnType<typeof setInterval> | undefined
  const wake = (job: string): void => {
    for (const listener of listeners) if (listener.job === job) listener.look()
  }
  return {
    wake,
    async publish(job, events) {
      if (events.length === 0) return
      try {
        await jobs.addJobEvents(job, events)
      } catch (error) {
        onTrouble(error)
      }
      wake(job)
    },
    subscribe(job, afterSeq, onEvents) {
      const reader = openReader(jobs, job, afterSeq, onEvents, onTrouble)
      const listener: Listener = { job, look: reader.look }
      listeners.add(listener)
      timer ??= setInterval(() => {
        for (const each of listeners) each.look()
      }, pollMs).unref()
      reader.look()
      return () => {
        reader.end()
        listeners.delete(listener)
        if (listeners.size === 0) stop()
      }
    },
    close() {
      listeners.clear()
      stop()
    },
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }
}

/** Reads one job's events from where it is; one reading at a time. */
function openReader(
  jobs: JobFeedOptions['jobs'],
  job: string,
  afterSeq: number,
  onEvents: (events: readonly JobEvent[]) => void,
  onTrouble: (error: unknown) => void,
): { look(): void; end(): void } {
  let seq = afterSeq
  let isReading = false
  let isAsked = false
  const over = new AbortController()
  const read = async (): Promise<void> => {
    try {
      while (isAsked && !over.signal.aborted) {
        isAsked = false
        const events = await jobs.listJobEvents(job, seq, PAGE)
        const last = events.at(-1)
        if (last === undefined || over.signal.aborted) continue
        seq = last.seq
        isAsked ||= events.length === PAGE
        onEvents(events)
      }
    } catch (error) {
      onTrouble(error)
    } finally {
      isReading = false
    }
  }
  return {
    look() {
      isAsked = true
      if (isReading) return
      isReading = true
      void read()
    },
    end() {
      over.abort()
    },
  }
}
