import type { AttemptOutcome, JobState } from '@tidegate/core'

/** What a runner does, for logs. */
export type RunnerEvent =
  | {
      readonly kind: 'started'
      readonly job: string
      readonly attempt: number
      readonly run: string
      readonly source: string
      readonly command: string
    }
  | {
      readonly kind: 'ended'
      readonly job: string
      readonly attempt: number
      readonly outcome: AttemptOutcome
      readonly state: JobState
      readonly errorCode: string | null
      readonly errorMessage: string | null
    }
  /** Another daemon took the job over; its process here was killed. */
  | { readonly kind: 'lost'; readonly job: string; readonly attempt: number }
  /** Its daemon was gone; it goes on as the next attempt. */
  | { readonly kind: 'adopted'; readonly job: string; readonly attempts: number }
  /** It was interrupted too often in a row, and waits. */
  | { readonly kind: 'set-aside'; readonly job: string; readonly notBeforeMs: number }
  /** A line that the attempt's process wrote to stderr. */
  | { readonly kind: 'line'; readonly job: string; readonly attempt: number; readonly text: string }
  /** The state did not answer; it is asked again. */
  | { readonly kind: 'trouble'; readonly what: 'claim' | 'adopt' | 'beat' | 'end' | 'events'; readonly error: unknown }
