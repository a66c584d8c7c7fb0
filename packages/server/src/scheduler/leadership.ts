import { SCHEDULER_LEASE, type Leadership } from '@tidegate/core'
import type { SchedulerOptions, SchedulerTiming } from './scheduler-types.ts'

/** One of several daemons leads: the holder of the lease `~scheduler`. Its fence goes with each decision, and the state refuses older ones. */
export interface LeadershipKeeper {
  /** Undefined: another one leads, or nobody does. */
  current(): Leadership | undefined
  /** Renews or tries, as often as the timing asks for. May throw what the state throws; the leadership stays as it was then. */
  keep(): Promise<Leadership | undefined>
  /** As `keep`, but asks the state now. */
  confirm(): Promise<Leadership | undefined>
  release(): Promise<void>
}

export function keepLeadership(
  options: Pick<SchedulerOptions, 'store' | 'owner' | 'nowMs'>,
  timing: SchedulerTiming,
): LeadershipKeeper {
  const { store, owner, nowMs } = options
  let leader: Leadership | undefined
  let askedAtMs: number | undefined

  async function confirm(): Promise<Leadership | undefined> {
    const askedMs = nowMs()
    if (leader === undefined) {
      const outcome = await store.acquireLease(SCHEDULER_LEASE, owner, askedMs, timing.leaseMs)
      if (outcome.kind === 'acquired') leader = { owner, fence: outcome.fence }
    } else if (!(await store.renewLease(SCHEDULER_LEASE, owner, leader.fence, askedMs, timing.leaseMs))) {
      leader = undefined
    }
    askedAtMs = askedMs
    return leader
  }

  return {
    current: () => leader,
    confirm,
    async keep() {
      // A clock that was set back moves the lease's end along with it.
      const sinceMs = askedAtMs === undefined ? undefined : nowMs() - askedAtMs
      return sinceMs === undefined || sinceMs >= timing.renewMs || sinceMs < 0 ? confirm() : leader
    },
    async release() {
      const held = leader
      leader = undefined
      if (held !== undefined) await store.releaseLease(SCHEDULER_LEASE, owner, held.fence)
    },
  }
}
