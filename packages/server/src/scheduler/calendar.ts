/**
 * When a trigger is due. Nothing here knows what time it is, and nothing waits: croner serves as calculator only.
 *
 * Instants are whole seconds. In the hour that a clock change skips or repeats, patterns without `*` and `/` in second, minute
 * and hour stand for times of the day: each is due once, in the skipped hour right after it. Others stand for a rhythm: due in
 * both repeated hours, never in the skipped one.
 *
 * A rule that cannot be computed throws `SCHEDULE_RULE`; the configuration refuses those it knows, but zones come and go with
 * the system.
 */
import { messageOf, TidegateError, type ScheduleTrigger } from '@tidegate/core'
import { Cron } from 'croner'

/**
 * Instants with `afterMs < instant ≤ untilMs`, in order, at most `limit` of them.
 *
 * `anchorMs`: from where intervals and polls are counted; patterns do not look at it.
 */
export function instantsBetween(
  trigger: ScheduleTrigger,
  anchorMs: number,
  afterMs: number,
  untilMs: number,
  limit: number,
): readonly number[] {
  const instants: number[] = []
  let instant = nextInstant(trigger, anchorMs, afterMs)
  while (instant !== undefined && instant <= untilMs && instants.length < limit) {
    instants.push(instant)
    instant = nextInstant(trigger, anchorMs, instant)
  }
  return instants
}

/** The first instant after this one; undefined where there is none any more. */
export function nextInstant(trigger: ScheduleTrigger, anchorMs: number, afterMs: number): number | undefined {
  if (trigger.kind === 'cron') return calculator(trigger.cron, trigger.timezone).next(afterMs)
  const first = Math.floor(anchorMs / 1000) * 1000
  const everyMs = periodOf(trigger)
  return first + (Math.max(0, Math.floor((afterMs - first) / everyMs)) + 1) * everyMs
}

/** The last instant that is not after this one; undefined where there is none. For triggers without a pattern. */
export function lastRepeat(
  trigger: Exclude<ScheduleTrigger, { kind: 'cron' }>,
  anchorMs: number,
  untilMs: number,
): number | undefined {
  const first = Math.floor(anchorMs / 1000) * 1000
  const everyMs = periodOf(trigger)
  const times = Math.floor((untilMs - first) / everyMs)
  return times < 1 ? undefined : first + times * everyMs
}

/**
 * How many instants lie in `fromMs < instant ≤ toMs`, counted from `fromMs`; for estimates.
 *
 * Exact up to 2,000. Beyond that a pattern counts as matching days × times per day, so that a clock change is off by what
 * an hour holds.
 */
export function countInstants(trigger: ScheduleTrigger, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0
  if (trigger.kind !== 'cron') return Math.floor((toMs - fromMs) / periodOf(trigger))
  const exact = instantsBetween(trigger, fromMs, fromMs, toMs, COUNTED)
  if (exact.length < COUNTED) return exact.length
  return countByDay(trigger.cron, trigger.timezone, fromMs, toMs)
}

const COUNTED = 2000
const DAY_MS = 86_400_000

function countByDay(cron: string, timezone: string, fromMs: number, toMs: number): number {
  const fields = cron.trim().split(/\s+/)
  const [second = '0', minute = '*', hour = '*', ...dates] = fields.length === 5 ? ['0', ...fields] : fields
  const perDay = valuesOf(second, 60) * valuesOf(minute, 60) * valuesOf(hour, 24)
  // At noon no clock changes.
  const noons: ScheduleTrigger = { kind: 'cron', cron: ['0 12', ...dates].join(' '), timezone }
  const days = instantsBetween(noons, 0, fromMs, toMs, Math.ceil((toMs - fromMs) / DAY_MS) + 1)
  return days.length * perDay
}

/** How many of 0…size−1 a field names. */
function valuesOf(field: string, size: number): number {
  const values = new Set<number>()
  for (const piece of field.split(',')) {
    const [range = '*', step = '1'] = piece.split('/')
    const [low, high] = range === '*' || range === '?' ? [0, size - 1] : range.split('-').map(Number)
    for (let value = low ?? 0; value <= (high ?? low ?? 0); value += Number(step)) values.add(value)
  }
  return values.size
}

function periodOf(trigger: Exclude<ScheduleTrigger, { kind: 'cron' }>): number {
  const everyMs = trigger.kind === 'interval' ? trigger.everyMs : trigger.pollMs
  return Math.max(1000, Math.round(everyMs / 1000) * 1000)
}

interface Calculator {
  next(afterMs: number): number | undefined
}

const calculators = new Map<string, Calculator>()

function calculator(cron: string, timezone: string): Calculator {
  const key = `${timezone} ${cron}`
  const known = calculators.get(key)
  if (known !== undefined) return known
  // Configurations come and go in a daemon that runs for months.
  if (calculators.size >= 5000) calculators.clear()
  const made = makeCalculator(cron, timezone)
  calculators.set(key, made)
  return made
}

/** The same moment is asked for again and again, and an answer takes croner a tenth of a millisecond. */
function makeCalculator(cron: string, timezone: string): Calculator {
  const croner = parse(cron, timezone)
  let askedMs: number | undefined
  let answerMs: number | undefined
  return {
    next(afterMs) {
      if (askedMs !== afterMs) {
        answerMs = croner.nextRun(new Date(afterMs))?.getTime()
        askedMs = afterMs
      }
      return answerMs
    },
  }
}

function parse(cron: string, timezone: string): Cron {
  try {
    // By default `30 2,14 * * *` would be due twice in the night in which the hour is repeated.
    const made = new Cron(cron, { timezone, fixedTimeRule: 'no-wildcard', mode: '5-or-6-parts', paused: true })
    // The zone is looked up with the first instant.
    made.nextRun(new Date(0))
    return made
  } catch (error) {
    throw new TidegateError('SCHEDULE_RULE', `No instants of "${cron}" in ${timezone}: ${messageOf(error)}`, {
      hint: 'Correct `cron` or `timezone` of this schedule; its other settings stay.',
      dataNow: 'This schedule decides nothing; all others go on.',
      cause: error,
    })
  }
}
