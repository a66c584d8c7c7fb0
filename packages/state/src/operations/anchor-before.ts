import type { ScheduleTrigger } from '@tidegate/core'

/** The anchor itself, or the nearest one that is not after `nowMs` and gives the same instants. */
export function anchorBefore(trigger: ScheduleTrigger, anchorMs: number, nowMs: number): number {
  if (anchorMs <= nowMs) return anchorMs
  if (trigger.kind === 'cron') return nowMs
  const everyMs = trigger.kind === 'interval' ? trigger.everyMs : trigger.pollMs
  // As the calendar counts: whole seconds.
  const periodMs = Math.max(1000, Math.round(everyMs / 1000) * 1000)
  return anchorMs - Math.ceil((anchorMs - nowMs) / periodMs) * periodMs
}
