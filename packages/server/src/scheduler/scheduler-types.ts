import type {
  AlertStore,
  JobStore,
  LeaseOwner,
  Ledger,
  ScheduleRecord,
  ScheduleStore,
  TickRecord,
} from '@tidegate/core'

export type SchedulerStore = Pick<
  ScheduleStore,
  'listSchedules' | 'saveSchedules' | 'decideTicks' | 'setBackSchedules' | 'ticksAhead'
> &
  Pick<JobStore, 'openJobs'> &
  Pick<AlertStore, 'openAlerts'> &
  Pick<Ledger, 'acquireLease' | 'renewLease' | 'releaseLease'>

/** A schedule as the configuration has it. */
export type WantedSchedule = Pick<ScheduleRecord, 'id' | 'command' | 'subject' | 'config'>

export interface SchedulerOptions {
  readonly store: SchedulerStore
  /** This process, as in every lease. Two schedulers of one process need two. */
  readonly owner: LeaseOwner
  /** What the configuration says now, as {@link schedulesOf} makes it. Asked in each round; cheap where it is the same array. */
  readonly schedules: () => readonly WantedSchedule[]
  readonly nowMs: () => number
  /** Ends after `ms`, or at once when the signal is aborted (it may reject then). Never asked for more than 30 s. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /**
   * Whether a run of this source would find work: files that are ready and not known. Of arrival triggers; a few at once,
   * beside the loop. False for what an earlier run held or could not read, or each look makes a run.
   */
  readonly lookForFiles: (source: string, signal: AbortSignal) => Promise<boolean>
  /** Ticks that were written just now, in one transaction. Jobs of those `started` may be claimed. */
  readonly onDecided: (ticks: readonly TickRecord[]) => void
  /** What went wrong; the loop goes on. `schedule`: where it concerns one. */
  readonly report: (error: unknown, schedule?: string) => void
  /** @defaultValue {@link SCHEDULER_TIMING} */
  readonly timing?: SchedulerTiming | undefined
}

export interface SchedulerTiming {
  readonly leaseMs: number
  /** The leader renews, and a standby tries, this often. */
  readonly renewMs: number
  /** The clock is looked at again after at most this: machines sleep, clocks are set. */
  readonly maxSleepMs: number
}

export const SCHEDULER_TIMING: SchedulerTiming = { leaseMs: 30_000, renewMs: 10_000, maxSleepMs: 30_000 }

export interface SchedulerHealth {
  readonly isLeader: boolean
  /** When a round of the loop ended last, as leader or standby; null before the first. */
  readonly lastTickAtMs: number | null
  /** When something is to be decided next, as far as the leader knows. */
  readonly nextWakeMs: number | null
}

export interface Scheduler {
  /** Something changed: schedules, a pause, the configuration. Looks again now. */
  wake(): void
  /** Decides nothing more, and lets another daemon lead at once. Waits for the decision under way. */
  close(): Promise<void>
  health(): SchedulerHealth
}
