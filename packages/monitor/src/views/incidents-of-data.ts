/** Files that did not come, figures that drift, watermarks that stand, schemas that change, a quarantine that grows. */
import { DAY_MS, dayOf } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, keyOf, sumOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { shellWord } from '../shell-word.ts'
import { amount, duration, percent } from '../wording.ts'
import { arrivalsOf } from './arrivals.ts'
import { comparison } from './comparison.ts'
import type { Comparison } from './comparison-view.ts'
import type { FoundIncident } from './found-incident.ts'
import { describeArrival, freshness } from './freshness.ts'
import type { Freshness } from './freshness-view.ts'
import { linkTo } from './link.ts'
import { directionOf, quality } from './quality.ts'
import { schemas } from './schemas.ts'
import { watermarks } from './watermarks.ts'

/** @param failing sources whose runs fail */
export function findDataIncidents(
  facts: Facts,
  context: MonitorContext,
  failing: ReadonlySet<string>,
): readonly FoundIncident[] {
  return [
    ...freshness(facts, context).items.flatMap((item) => [
      ...lateIncident(item, context.nowMs, failing.has(item.source)),
      ...missingIncident(item, facts),
    ]),
    ...driftIncidents(facts, context),
    ...stuckIncidents(facts, context),
    ...schemaIncidents(facts, context),
    ...quarantineIncidents(facts),
  ]
}

function lateIncident(item: Freshness, nowMs: number, isFailing: boolean): readonly FoundIncident[] {
  if (item.status !== 'late') return []
  const { source, because, lateByMs, dueAt, link } = item
  const isHeld = (item.heldInPeriod ?? 0) > 0
  const consequence = isFailing ? '; its runs fail, see there' : ''
  return [
    {
      kind: 'late',
      about: '',
      severity: isFailing ? 'warning' : 'critical',
      status: 'open',
      source,
      dataset: null,
      title: `${source} is late by ${duration(lateByMs)}`,
      evidence: `${because}, ${item.expected ?? ''}${consequence}`,
      since: timeMs(dueAt),
      until: null,
      lastSeenAt: nowMs,
      occurrences: 1,
      suggestion: isHeld
        ? 'Look at what was held and why; release it, or ask the sender to send it again.'
        : 'See whether the file lies in the landing folder; if not, ask the sender.',
      command: isHeld
        ? `tidegate quarantine ls --source ${shellWord(source)}`
        : `tidegate validate-source ${shellWord(source)}`,
      link,
      fields: [{ name: 'expected', value: item.expected ?? '' }],
    },
  ]
}

/** One for all periods of a source: somebody who was away wants to know that it happened, not each time. */
function missingIncident(item: Freshness, facts: Facts): readonly FoundIncident[] {
  const { source, missed, missedTotal, expected, link } = item
  const first = missed[0]
  const last = missed.at(-1)
  if (first === undefined || last === undefined) return []
  const overMs = arrivalsOf(facts)(source).firstAfterMs(Date.parse(last.to)) ?? timeMs(last.to)
  return [
    {
      kind: 'missing',
      about: '',
      severity: 'warning',
      status: 'resolved',
      source,
      dataset: null,
      title: `${source} missed ${amount(missedTotal, 'arrival')}`,
      evidence: `${amount(missedTotal, 'time')} ${expected ?? ''} was not met, the last time ${last.to.slice(0, 16).replace('T', ' ')} UTC: ${describeArrival(last)}`,
      since: timeMs(first.to),
      until: overMs,
      lastSeenAt: timeMs(last.to),
      occurrences: missedTotal,
      suggestion: 'If it happens often, agree on another time with the sender, or change `expect` of the source.',
      command: `tidegate monitor freshness --source ${shellWord(source)}`,
      link,
      fields: [{ name: 'expected', value: expected ?? '' }],
    },
  ]
}

const FALL_POINTS = 2

function driftIncidents(facts: Facts, context: MonitorContext): readonly FoundIncident[] {
  const figures = comparison(facts, context)
  const dayMs = dayOf(facts.untilMs) - DAY_MS
  const drifting = figures.items.filter(({ bad }) => bad).map((item) => driftIncident(item, figures.day, dayMs))
  const falling = quality(facts, context).datasets.flatMap(({ source, dataset, scores, link }): FoundIncident[] => {
    const { kind, points } = directionOf(scores)
    if (kind !== 'falling' || points === null || -points < FALL_POINTS) return []
    return [
      {
        kind: 'drifting',
        about: 'score-trend',
        severity: 'warning',
        status: 'open',
        source,
        dataset,
        title: `the score of ${dataset} falls`,
        evidence: `it is ${percent(-points)} lower in the later half of the window than in the earlier one`,
        since: facts.sinceMs,
        until: null,
        lastSeenAt: dayMs,
        occurrences: 1,
        suggestion: 'See which checks fail more often than before.',
        command: `tidegate monitor quality --source ${shellWord(source)}`,
        link,
        fields: [{ name: 'metric', value: 'score-trend' }],
      },
    ]
  })
  return [...drifting, ...falling]
}

function driftIncident(item: Comparison, day: string, dayMs: number): FoundIncident {
  const { source, dataset, metric, status, because, link } = item
  return {
    kind: 'drifting',
    about: metric,
    severity: 'warning',
    status: 'open',
    source,
    dataset,
    title: `${metric} of ${dataset ?? source} ${status} what is usual`,
    evidence: `on ${day} ${because}`,
    since: dayMs,
    until: null,
    lastSeenAt: dayMs + DAY_MS,
    occurrences: 1,
    suggestion: 'Compare the day with those before; deliveries cut short or sent twice look like this.',
    command: `tidegate monitor comparison --source ${shellWord(source)}`,
    link,
    fields: [{ name: 'metric', value: metric }],
  }
}

function stuckIncidents(facts: Facts, context: MonitorContext): readonly FoundIncident[] {
  return watermarks(facts, context)
    .items.filter(({ status }) => status === 'stuck')
    .map(({ source, runsWithoutAdvance, lastAdvanceAt, link, column }) => ({
      kind: 'stuck-watermark',
      about: '',
      severity: 'warning',
      status: 'open',
      source,
      dataset: null,
      title: `the watermark of ${source} does not move`,
      evidence: `${amount(runsWithoutAdvance, 'run')} loaded files and left it where it was`,
      since: timeMs(lastAdvanceAt),
      until: null,
      lastSeenAt: context.nowMs,
      occurrences: runsWithoutAdvance,
      suggestion: `See whether the sender repeats old rows, or the column${column === null ? '' : ` ${column}`} is not the right one.`,
      command: `tidegate watermarks get ${shellWord(source)}`,
      link,
      fields: [],
    }))
}

function schemaIncidents(facts: Facts, context: MonitorContext): readonly FoundIncident[] {
  return schemas(facts, context)
    .changes.filter(({ kind }) => kind === 'schema')
    .map(({ at, source, dataset, location, text, breaking, link, added, removed, changed }) => {
      const atMs = timeMs(at)
      const isFresh = atMs !== null && atMs >= facts.untilMs - DAY_MS
      return {
        kind: 'schema-changed',
        about: `${location ?? ''}@${at}`,
        severity: breaking ? 'warning' : 'info',
        status: isFresh ? 'open' : 'resolved',
        source,
        dataset,
        title: `the schema of ${dataset} changed`,
        evidence: text,
        since: atMs,
        until: isFresh || atMs === null ? null : atMs + DAY_MS,
        lastSeenAt: atMs,
        occurrences: 1,
        suggestion: breaking
          ? 'Tell those who read the dataset; if it was not meant, set `schema_evolution` and the contract against it.'
          : 'Add the new columns to the contract, so that they are checked.',
        command: `tidegate monitor schemas ${shellWord(source)}`,
        link,
        fields: [
          { name: 'added', value: String(added.length) },
          { name: 'removed', value: String(removed.length) },
          { name: 'changed', value: String(changed.length) },
        ],
      }
    })
}

const GROWING_DAYS = 3

/** On two or more of the last three days something was put there that is still open. */
function quarantineIncidents(facts: Facts): readonly FoundIncident[] {
  const fromMs = dayOf(facts.untilMs) - (GROWING_DAYS - 1) * DAY_MS
  const open = facts.quarantine.filter(({ status }) => status === 'open')
  return Array.from(groupBy(open, ({ source, dataset }) => keyOf(source, dataset)).values()).flatMap((group) => {
    const fresh = group.filter(({ dayMs }) => dayMs >= fromMs && dayMs < facts.untilMs)
    const days = new Set(fresh.map(({ dayMs }) => dayMs))
    const { source = '', dataset = '' } = group[0] ?? {}
    if (days.size < 2) return []
    const rows = sumOf(group, (item) => item.rows)
    const items = sumOf(group, (item) => item.items)
    return [
      {
        kind: 'quarantine-growing' as const,
        about: '',
        severity: 'warning' as const,
        status: 'open' as const,
        source,
        dataset,
        title: `the quarantine of ${dataset} grows`,
        evidence: `${amount(
          sumOf(fresh, (item) => item.items),
          'record',
        )} came on ${days.size} of the last ${GROWING_DAYS} days and nobody dealt with them; ${amount(items, 'record')} with ${amount(rows, 'row')} wait`,
        since: Math.min(...days),
        until: null,
        lastSeenAt: Math.max(...days),
        occurrences: days.size,
        suggestion: 'Decide over what waits: replay it, release it or discard it.',
        command: `tidegate quarantine ls --source ${shellWord(source)}`,
        link: linkTo('files', { source, dataset, outcome: 'held' }),
        fields: [
          { name: 'records', value: String(items) },
          { name: 'rows', value: String(rows) },
        ],
      },
    ]
  })
}

function timeMs(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso)
}
