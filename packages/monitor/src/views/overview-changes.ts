/** What is different since yesterday. */
import { DAY_MS, dayOf } from '../days.ts'
import type { Facts } from '../facts.ts'
import { isoTime } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { knownChecks, windowChecks } from '../window-sums.ts'
import { amount, percent } from '../wording.ts'
import { comparison } from './comparison.ts'
import { failures } from './failures.ts'
import { HEALTH_RANK } from './health.ts'
import { linkTo } from './link.ts'
import type { Change } from './overview-view.ts'
import { countChecks } from './quality.ts'
import { schemas } from './schemas.ts'

const CHANGES = 12
const SCORE_POINTS = 0.5

export function overviewChanges(facts: Facts, context: MonitorContext): readonly Change[] {
  const yesterdayMs = dayOf(facts.untilMs) - DAY_MS
  const since = isoTime(yesterdayMs) ?? ''
  return [
    ...scoreChange(facts, yesterdayMs),
    ...causeChanges(facts, context, since),
    ...figureChanges(facts, context),
    ...schemaChanges(facts, context, since),
  ]
    .toSorted((a, b) => HEALTH_RANK[b.health] - HEALTH_RANK[a.health])
    .slice(0, CHANGES)
}

function scoreChange(facts: Facts, yesterdayMs: number): readonly Change[] {
  const scoreOn = (day: number): number | null =>
    countChecks(knownChecks(facts).filter(({ dayMs }) => dayMs === day)).score
  const now = scoreOn(yesterdayMs)
  const before = scoreOn(yesterdayMs - DAY_MS)
  if (now === null || before === null || Math.abs(now - before) < SCORE_POINTS) return []
  const text = `the score ${now > before ? 'rose' : 'fell'} from ${percent(before)} to ${percent(now)}`
  return [{ health: now > before ? 'ok' : 'warn', text, link: linkTo('quality', { since: isoTime(yesterdayMs) }) }]
}

/** Causes first seen since yesterday, and those of the day before that did not come back. */
function causeChanges(facts: Facts, context: MonitorContext, since: string): readonly Change[] {
  const dayBefore = isoTime(Date.parse(since) - DAY_MS) ?? ''
  const isWatched = windowChecks(facts).some(({ lastMs }) => lastMs >= Date.parse(since))
  return failures(facts, context).causes.flatMap((cause): Change[] => {
    const what = `${cause.code} of ${cause.dataset ?? cause.source}`
    if (cause.firstSeenAt !== null && cause.firstSeenAt >= since && facts.sinceMs < Date.parse(since)) {
      const health = cause.severity === 'critical' ? 'bad' : 'warn'
      return [{ health, text: `new: ${what} (${amount(cause.count, 'time')})`, link: cause.link }]
    }
    const last = cause.lastSeenAt
    if (isWatched && last !== null && last >= dayBefore && last < since) {
      return [{ health: 'ok', text: `gone: ${what}`, link: cause.link }]
    }
    return []
  })
}

function figureChanges(facts: Facts, context: MonitorContext): readonly Change[] {
  return comparison(facts, context)
    .items.filter(({ status }) => status === 'above' || status === 'below')
    .map(({ metric, dataset, source, bad, because, link }) => ({
      health: bad ? 'warn' : 'ok',
      text: `${metric} of ${dataset ?? source}: ${because}`,
      link,
    }))
}

function schemaChanges(facts: Facts, context: MonitorContext, since: string): readonly Change[] {
  return schemas(facts, context)
    .changes.filter(({ at }) => at >= since)
    .map(({ kind, dataset, text, breaking, link }) => ({
      health: breaking ? 'warn' : 'ok',
      text: `${kind} of ${dataset}: ${text}`,
      link,
    }))
}
