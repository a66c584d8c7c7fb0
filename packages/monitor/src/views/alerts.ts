/**
 * What a person would have been told, found in the history. An incident is open while what shows it lasts, and resolved when
 * it is over; a change of a schema is an event, open for a day. While a source's runs fail, its being late is a consequence
 * and only a warning.
 */
import { windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { groupBy, idOf, isoTime } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { amount, listing } from '../wording.ts'
import type { AlertsView, Incident, IncidentKind, IncidentPayload, IncidentSeverity } from './alerts-view.ts'
import { findDataIncidents } from './incidents-of-data.ts'
import { findRunIncidents } from './incidents-of-runs.ts'
import type { FoundIncident } from './found-incident.ts'
import { linkTo } from './link.ts'

const ITEMS = 200

export function alerts(facts: Facts, context: MonitorContext): AlertsView {
  const runs = findRunIncidents(facts)
  const failing = new Set(
    runs.flatMap(({ kind, status, source }) => (kind === 'run-failed' && status === 'open' ? [source] : [])),
  )
  const items = [...runs, ...findDataIncidents(facts, context, failing)]
    .map((found) => incidentOf(found))
    .toSorted(byUrgency)
  const open = items.filter(({ status }) => status === 'open')
  const bySeverity = (severity: IncidentSeverity): number => open.filter((item) => item.severity === severity).length
  return {
    summary: summarise(items, open),
    items: items.slice(0, ITEMS),
    total: items.length,
    open: open.length,
    bySeverity: { critical: bySeverity('critical'), warning: bySeverity('warning'), info: bySeverity('info') },
    byKind: Array.from(
      groupBy(items, ({ kind }) => kind),
      ([, group]) => ({
        // Groups are made of at least one incident.
        kind: group[0]!.kind,
        count: group.length,
        link: linkTo('alerts', { status: 'any', ...windowRange(facts) }),
      }),
    ),
  }
}

const RANK: Readonly<Record<IncidentSeverity, number>> = { critical: 0, warning: 1, info: 2 }

function byUrgency(a: Incident, b: Incident): number {
  return (
    Number(a.status === 'resolved') - Number(b.status === 'resolved') ||
    RANK[a.severity] - RANK[b.severity] ||
    (b.since ?? '').localeCompare(a.since ?? '') ||
    a.id.localeCompare(b.id)
  )
}

function summarise(items: readonly Incident[], open: readonly Incident[]): string {
  if (items.length === 0) return 'No incident was found.'
  const over = items.length - open.length
  const resolved = over === 0 ? '' : `; ${amount(over, 'incident')} of the window ${over === 1 ? 'is' : 'are'} over`
  if (open.length === 0) return `No incident is open${resolved}.`
  const critical = open.filter(({ severity }) => severity === 'critical').length
  const first = listing(
    open.map(({ title }) => title),
    2,
  )
  return `${amount(open.length, 'incident')} open, ${critical} critical: ${first}${resolved}.`
}

function incidentOf(found: FoundIncident): Incident {
  const { about, fields, ...told } = found
  const { kind, source, dataset } = told
  const id = idOf(kind, source, dataset, about)
  return {
    id,
    ...told,
    since: isoTime(told.since),
    until: isoTime(told.until),
    lastSeenAt: isoTime(told.lastSeenAt),
    payload: payloadOf(id, found, fields),
  }
}

function payloadOf(id: string, found: FoundIncident, fields: FoundIncident['fields']): IncidentPayload {
  const { kind, severity, title, evidence, suggestion, command, source, dataset, occurrences } = found
  const since = isoTime(found.since)
  return {
    // The next incident of the same kind is another one.
    key: `${id}@${since ?? ''}`,
    event: kind satisfies IncidentKind,
    severity,
    title,
    text: `${evidence}\n${suggestion}`,
    fields: [
      { name: 'source', value: source },
      ...(dataset === null ? [] : [{ name: 'dataset', value: dataset }]),
      ...(since === null ? [] : [{ name: 'since', value: since }]),
      ...(occurrences > 1 ? [{ name: 'times', value: String(occurrences) }] : []),
      ...fields,
    ],
    commands: [command],
    at: isoTime(found.lastSeenAt),
  }
}
