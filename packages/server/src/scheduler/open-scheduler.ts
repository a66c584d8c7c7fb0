/**
 * The loop that decides when something is due, and lets others do it.
 *
 *   (1) Only the holder of the lease `~scheduler` decides; what it decides after it lost the lease is refused. [leadership.ts,
 *       `decideTicks` of the state, which looks at fence and cursor in the transaction that writes]
 *   (2) A tick and its job are written together, or neither is.                          [decideTicks]
 *       Many schedules are decided in one transaction; one that is refused or broken spoils no other. [decideBatch]
 *   (3) Everything that is remembered between rounds can be lost: the state alone says what is decided. [decide-round.ts]
 *   (4) No error ends the loop, and no sleep is longer than 30 s against the clock on the wall.
 *   (5) A clock that was ahead silences nothing for more than a minute once it is right.                 [mind-the-clock.ts]
 */
import { decideRound } from './decide-round.ts'
import { keepLeadership } from './leadership.ts'
import { openFileLooks } from './look-for-files.ts'
import { freshMemory } from './round-memory.ts'
import { SCHEDULER_TIMING, type Scheduler, type SchedulerHealth, type SchedulerOptions } from './scheduler-types.ts'

/**
 * Starts the loop at once. A standby becomes leader as soon as the leader released the lease or is known to be dead, else when
 * its lease runs out.
 */
export function openScheduler(options: SchedulerOptions): Scheduler {
  const { nowMs, sleep, report } = options
  const timing = options.timing ?? SCHEDULER_TIMING
  const keeper = keepLeadership(options, timing)
  const closing = new AbortController()
  let nap = new AbortController()
  let isAwake = false
  let health: Omit<SchedulerHealth, 'isLeader'> = { lastTickAtMs: null, nextWakeMs: null }
  let memory = freshMemory()
  let fence: number | undefined
  let failures = 0

  function wake(): void {
    isAwake = true
    nap.abort()
  }
  const looks = openFileLooks(options, (schedule) => {
    memory.plans.delete(schedule)
    wake()
  })

  /** Returns how long to sleep. */
  async function round(): Promise<number> {
    let leader = await keeper.keep()
    if (leader?.fence !== fence) {
      memory = freshMemory()
      fence = leader?.fence
    }
    const nextWakeMs = leader === undefined ? null : await decideRound(options, keeper, looks, memory)
    leader = keeper.current()
    const endedMs = nowMs()
    health = { lastTickAtMs: endedMs, nextWakeMs }
    const untilNextMs = leader === undefined || nextWakeMs === null ? Infinity : nextWakeMs - endedMs
    return Math.max(0, Math.min(untilNextMs, timing.renewMs, timing.maxSleepMs))
  }

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      isAwake = false
      let ms: number
      try {
        ms = await round()
        failures = 0
      } catch (error) {
        report(error)
        failures += 1
        ms = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), timing.renewMs / 2)
      }
      if (isAwake || closing.signal.aborted) continue
      nap = new AbortController()
      await sleep(ms, nap.signal).catch(() => undefined)
    }
  }
  const ended = loop()

  return {
    wake,
    health: () => ({ ...health, isLeader: keeper.current() !== undefined }),
    async close() {
      closing.abort()
      looks.close()
      wake()
      await ended
      health = { ...health, nextWakeMs: null }
      try {
        await keeper.release()
      } catch (error) {
        // It runs out by itself.
        report(error)
      }
    },
  }
}

const FIRST_RETRY_MS = 500
