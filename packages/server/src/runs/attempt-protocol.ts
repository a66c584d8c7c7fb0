/** What the daemon and the process of one attempt say to each other. */
import type { AttemptOutcome, JobEvent, JsonValue } from '@tidegate/core'
import type { AttemptOrder } from '../services.ts'

/** How a project is opened. */
export interface ProjectPlace {
  readonly directory: string
  readonly environment?: string | undefined
  /** `key.path=value` overrides. */
  readonly set?: readonly string[] | undefined
}

export type ToAttempt =
  | {
      readonly kind: 'start'
      readonly place: ProjectPlace
      readonly order: AttemptOrder
      /** How many share the memory budget. */
      readonly memoryParts: number
      /** W3C `traceparent` of the span that this attempt belongs to. */
      readonly traceparent: string | undefined
    }
  | { readonly kind: 'stop' }

export type FromAttempt =
  | { readonly kind: 'events'; readonly events: readonly AttemptEvent[] }
  | { readonly kind: 'end'; readonly result: AttemptResult }

/** An event of a job before it has a number. */
export type AttemptEvent = Omit<JobEvent, 'job' | 'seq'>

/** What an attempt says of itself. `interrupted`: it was asked to stop and did. */
export interface AttemptResult {
  readonly outcome: Exclude<AttemptOutcome, 'running' | 'cancelled' | 'expired'>
  readonly errorCode: string | null
  readonly errorMessage: string | null
  /** Short counts for lists. */
  readonly summary: Readonly<Record<string, JsonValue>> | null
}

/** How an attempt's process ended. */
export type AttemptExit =
  | { readonly kind: 'reported'; readonly result: AttemptResult }
  /** By a signal, without a word: killed by somebody, or by the kernel for memory. */
  | { readonly kind: 'killed'; readonly signal: string }
  /** By itself, without a word. */
  | { readonly kind: 'crashed'; readonly code: number | null; readonly message: string | null }

export interface RunningAttempt {
  readonly pid: number | undefined
  /** When the process is gone. Never rejects. */
  readonly exit: Promise<AttemptExit>
  /**
   * Asks it to stop. SIGTERM follows at half of `killAfterMs`, SIGKILL of its process group at the end of it. A second call
   * can only make it shorter.
   */
  stop(killAfterMs: number): void
  /** SIGKILL of its process group, now. */
  kill(): void
}

export interface AttemptListener {
  events(events: readonly AttemptEvent[]): void
  /** What it wrote to stderr. */
  line(text: string): void
}

export type StartAttempt = (
  order: AttemptOrder,
  listener: AttemptListener,
  traceparent: string | undefined,
) => RunningAttempt
