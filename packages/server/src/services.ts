import type { Config, JobCommand, JsonValue } from '@tidegate/core'
import type { State } from '@tidegate/state'
import type { JobFeed } from './runs/job-feed.ts'

/** What the routes, the scheduler and the runner work with. Time and ids are arguments like everything else. */
export interface Services {
  readonly state: State
  readonly nowMs: () => number
  /** Sorts by time, unique. */
  readonly newId: () => string
  /** Of Tidegate. */
  readonly version: string
  /** The configuration in force: the file's sources and those made by API. */
  readonly config: () => Config
  /** What `tidegate.yaml` says of a source, as it is in force, secrets masked. Undefined: it does not stand there. */
  readonly fileEntry: (source: string) => Readonly<Record<string, JsonValue>> | undefined
  /** Reads the ingestions of the state anew; called after one was changed. */
  readonly reload: () => Promise<void>
  readonly desk: Desk
  /** Events of jobs as they happen, those of other daemons too. */
  readonly jobFeed: JobFeed
  /** Something may be due earlier than the loops think: a job was made, a schedule changed, an alert acknowledged. */
  readonly wake: (what: 'scheduler' | 'runner' | 'alerts') => void
  /** What `/readyz` and `/metrics` tell of the loops. */
  readonly health: () => Health
}

export interface Health {
  readonly startedAtMs: number
  readonly isDraining: boolean
  /** This daemon leads the schedules; another one on the same state may. */
  readonly isLeader: boolean
  /** When the scheduler last looked; null before the first time. */
  readonly lastTickAtMs: number | null
  /** Mean delay of the event loop over the last half minute. */
  readonly eventLoopDelayMs: number
  readonly running: number
}

/**
 * Work that needs an engine or long listings, done in a child process so that the event loop stays free. Nothing here
 * changes data. @throws TidegateError with the child's code
 */
export interface Desk {
  ask(question: DeskQuestion, signal?: AbortSignal): Promise<JsonValue>
}

export type DeskQuestion =
  /** Dry run: files that would be taken, their first rows judged. */
  | {
      readonly kind: 'preview'
      readonly source: string
      readonly entry?: JsonValue | undefined
      readonly files: number
      readonly rows: number
    }
  /** Files, bytes, time and memory of the next run, from listing and history. */
  | {
      readonly kind: 'estimate'
      readonly source: string
      readonly entry?: JsonValue | undefined
      /** Instants of its schedule in the next 30 days; undefined where it has none that can be told. */
      readonly runsPerMonth?: number | undefined
    }
  /** Whether a run of the source would find something to do now. */
  | { readonly kind: 'look'; readonly source: string }
  | { readonly kind: 'engines' }
  | { readonly kind: 'test-engine'; readonly engine: string }

/** What one attempt of a job does, in a child process. */
export interface AttemptOrder {
  readonly job: string
  readonly attempt: number
  readonly run: string
  readonly command: JobCommand
  readonly source: string
  readonly args: Readonly<Record<string, JsonValue>>
}
