/** `schedule:` → core's `ScheduleConfig`: exactly one trigger, and nothing that goes with another one. */
import type { ScheduleConfig, ScheduleTrigger } from '@tidegate/core'
import { problemAt, type Problem, type ProblemCode, type ProblemOptions } from './problem.ts'
import type { ScheduleFileEntry } from './schedule-schema.ts'
import { keyPlace, treeAt, valuePlace, type Tree } from './tree.ts'
import { parseDuration } from './units.ts'

/** @param key path of the map in the file; undefined comes back with a problem, or where one was told before */
export function buildSchedule(
  entry: ScheduleFileEntry,
  key: readonly string[],
  tree: Tree,
  problems: Problem[],
): ScheduleConfig | undefined {
  const tell: Tell = (path, code, message, options) => {
    const place = path.length === 0 ? keyPlace(tree, key) : valuePlace(tree, [...key, ...path])
    problems.push(problemAt(place, code, `\`${[...key, ...path].join('.')}\` ${message}`, options))
  }
  const trigger = triggerOf(entry, (name) => treeAt(tree, [...key, name]) !== undefined, key, tell)
  if (trigger === undefined) return undefined
  const first = durationOf(entry.retries.first_delay)
  const most = durationOf(entry.retries.max_delay)
  const jitterMs = durationOf(entry.jitter)
  if (first > most) {
    tell(['retries', 'first_delay'], 'CONFIG_VALUE', 'is longer than max_delay', {
      hint: `max_delay is ${entry.retries.max_delay}.`,
    })
  }
  if (trigger.kind === 'interval' && jitterMs >= trigger.everyMs) {
    tell(['jitter'], 'CONFIG_VALUE', 'is not shorter than `every`', {
      hint: 'A run would start after the one that follows it.',
    })
  }
  if (trigger.kind !== 'cron' && entry.timezone !== undefined) {
    tell(['timezone'], 'CONFIG_VALUE', 'has no effect without `cron`', { severity: 'warning' })
  }
  return {
    trigger,
    overlap: entry.overlap,
    catchUp: entry.catch_up,
    catchUpLimit: entry.catch_up_limit,
    catchUpWindowMs: durationOf(entry.catch_up_window),
    startingDeadlineMs: optionalDuration(entry.starting_deadline),
    jitterMs,
    retries: { maxAttempts: entry.retries.max_attempts, firstDelayMs: first, maxDelayMs: most },
    expiryMs: optionalDuration(entry.expire_after),
  }
}

type Tell = (path: readonly string[], code: ProblemCode, message: string, options?: ProblemOptions) => void

function triggerOf(
  entry: ScheduleFileEntry,
  isWritten: (key: string) => boolean,
  key: readonly string[],
  tell: Tell,
): ScheduleTrigger | undefined {
  const kinds = key[0] === 'sources' ? ['cron', 'every', 'on_arrival'] : ['cron', 'every']
  const list = kinds.map((kind) => `\`${kind}\``).join(', ')
  const given = kinds.filter((kind) => isWritten(kind) && !(kind === 'on_arrival' && entry.on_arrival === false))
  if (given.length > 1) {
    tell([], 'CONFIG_VALUE', `has ${given.map((kind) => `\`${kind}\``).join(' and ')}`, {
      hint: `Keep exactly one of ${list}.`,
    })
    return undefined
  }
  if (given.length === 0) {
    // As an unknown key it was told of.
    if (!kinds.includes('on_arrival') && isWritten('on_arrival')) return undefined
    tell([], 'CONFIG_MISSING_KEY', 'does not say when', { hint: `Add one of ${list}.` })
    return undefined
  }
  if (entry.poll !== undefined && entry.on_arrival !== true) {
    tell(['poll'], 'CONFIG_VALUE', 'belongs to `on_arrival: true`', { hint: 'Use `every`, or add `on_arrival: true`.' })
  }
  if (entry.cron !== undefined) {
    return { kind: 'cron', cron: entry.cron.trim().replaceAll(/\s+/g, ' '), timezone: entry.timezone ?? 'UTC' }
  }
  if (entry.every !== undefined) return { kind: 'interval', everyMs: durationOf(entry.every) }
  // What is written but not here was wrong in itself, and was told.
  return entry.on_arrival === true ? { kind: 'arrival', pollMs: durationOf(entry.poll ?? '30s') } : undefined
}

function durationOf(text: string): number {
  return parseDuration(text) ?? 0
}

function optionalDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}
