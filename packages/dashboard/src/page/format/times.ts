/** Times for people: UTC everywhere, durations in the two units that matter. */
import { duration as wordedDuration } from '@tidegate/monitor'
import { NOTHING } from './amounts.ts'

type Instant = number | string | null | undefined

/** `21 Nov 12:00`, with the year where it is not that of `nowMs`. UTC. */
export function moment(at: Instant, nowMs?: number): string {
  const date = dateOf(at)
  if (date === undefined) return NOTHING
  const year =
    nowMs !== undefined && new Date(nowMs).getUTCFullYear() === date.getUTCFullYear() ? '' : ` ${date.getUTCFullYear()}`
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}${year} ${date.toISOString().slice(11, 16)}`
}

/** `21 Nov`. */
export function day(at: Instant): string {
  const date = dateOf(at)
  return date === undefined ? NOTHING : `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`
}

/** `2026-11-21 12:00:00 UTC`: for titles. */
export function exactTime(at: Instant): string {
  const date = dateOf(at)
  return date === undefined ? NOTHING : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `3 h ago`, `in 5 min`, `just now`. */
export function ago(at: Instant, nowMs: number): string {
  const date = dateOf(at)
  if (date === undefined) return NOTHING
  const passedMs = nowMs - date.getTime()
  if (Math.abs(passedMs) < 30_000) return 'just now'
  return passedMs > 0 ? `${coarse(passedMs)} ago` : `in ${coarse(-passedMs)}`
}

/** `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h`, as the sentences of the views say it. */
export function duration(ms: number | null | undefined): string {
  return ms === null || ms === undefined || !Number.isFinite(ms) ? NOTHING : wordedDuration(ms)
}

function coarse(ms: number): string {
  if (ms < 3_600_000) return `${Math.max(1, Math.round(ms / 60_000))} min`
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

function dateOf(at: Instant): Date | undefined {
  if (at === null || at === undefined || at === '') return undefined
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? undefined : date
}
