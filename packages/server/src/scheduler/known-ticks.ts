/**
 * A clock that was ahead decided instants that are still to come. Once it is right again their schedule's cursor goes back to
 * now (`setBackSchedules` of the state); what was started stays started, all else is decided by the clock that is right.
 *
 * The other way round, a clock that was behind for a while: cursors went back with it, and what had been decided before stands.
 */
import type { TickRecord } from '@tidegate/core'

/** Cursors that are ahead by less are waited for: daemons' clocks differ by a little, and are set by a little. */
export const TOLERATED_MS = 60_000

/** Beyond this nobody can say which clock is wrong: a machine that starts in 1970 must not take its schedules there. */
export const TRUSTED_MS: number = 7 * 86_400_000

/** Whether what is known says what became of this instant. `ticks`: of its schedule, oldest first. */
export function isDecided(ticks: readonly TickRecord[], instantMs: number, nowMs: number): boolean {
  const own = ticks.find((tick) => tick.instantMs === instantMs)
  if (own !== undefined) return stands(own, nowMs)
  // One that stands for many has them before it.
  return ticks.some((tick) => tick.count > 1 && tick.instantMs > instantMs && stands(tick, nowMs))
}

/**
 * What became no job was decided by a wrong clock where that was at a time still to come. Where it was about now, nobody can
 * say; somebody waits for an instant of now, and nobody for one that is long over.
 */
function stands(tick: TickRecord, nowMs: number): boolean {
  return tick.job !== null || (tick.decidedAtMs <= nowMs && nowMs - tick.instantMs > OF_NOW_MS)
}

const OF_NOW_MS = 5 * 60_000
