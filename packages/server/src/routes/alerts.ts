import type { AlertDecision, AlertRecord } from '@tidegate/core'
import { toldChannels } from '@tidegate/project/open'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { choicesParameter, count, instant, isoOf, isoOrNull, maybe, PAGE_PARAMETERS, pageSchema } from './fields.ts'

type AlertKind = AlertRecord['kind']

export const ALERT_KINDS: readonly [AlertKind, ...AlertKind[]] = [
  'run_failed',
  'gate_failed',
  'file_quarantined',
  'stale',
  'missing',
  'schema_changed',
  'schedule_missed',
  'job_dead',
]
export const SEVERITIES = ['critical', 'warning', 'info'] as const
const STATES = ['pending', 'firing', 'acknowledged', 'resolved'] as const

const alert = z
  .object({
    id: z.string().meta({ examples: ['al-5d41402abc4b2a76'] }),
    kind: z.enum(ALERT_KINDS),
    source: z.string(),
    dataset: maybe(z.string()),
    severity: z.enum(SEVERITIES),
    state: z.enum(STATES),
    firstAt: instant('When it was seen first.'),
    lastAt: instant('When it was seen last.'),
    count: count('How often it was seen.'),
    firingAt: maybe(instant('Since when it lasts long enough to be told.')),
    acknowledgedAt: maybe(instant('When somebody took it.')),
    acknowledgedBy: maybe(z.string()),
    note: maybe(z.string()),
    resolvedAt: maybe(instant('When it was over.')),
    run: maybe(z.string()),
    detail: z.record(z.string(), z.json()).meta({ description: 'Names, counts and codes; no values of the data.' }),
  })
  .meta({
    id: 'Alert',
    description: 'Something that somebody should know: one of each kind, source and dataset at a time.',
  })

const decision = z
  .object({
    channel: z.string(),
    at: instant('When it was decided.'),
    outcome: z.enum([
      'sent',
      'grouping',
      'silenced',
      'inhibited',
      'told',
      'acknowledged',
      'throttled',
      'not-asked-for',
      'gone',
      'pending',
    ]),
    reason: z.string(),
    notice: maybe(z.string()),
  })
  .meta({ id: 'AlertDecision', description: 'Why it was told to a channel, or not.' })

const detail = alert
  .extend({
    channels: z.array(z.string()).meta({
      description: 'Channels that its source names (`notify`). Without one nobody is told, and nothing is decided.',
    }),
    decisions: z.array(decision).meta({ description: 'In the order in which they were made.' }),
  })
  .meta({ id: 'AlertDetail', description: 'An alert, and why each channel was told of it or not.' })

const params = z.object({ id: z.string().min(1).max(200) })

export function alertRoutes(): Route[] {
  return [listAlerts(), getAlert(), acknowledgeAlert()]
}

function listAlerts(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/alerts',
    operationId: 'listAlerts',
    tag: 'Alerts',
    summary: 'Alerts, open and over',
    scope: 'read',
    query: z.object({
      ...PAGE_PARAMETERS,
      state: choicesParameter(STATES, 'Only alerts in these states.'),
      source: z.string().min(1).max(400).optional(),
    }),
    replies: { 200: { description: 'Newest first.', schema: pageSchema('AlertPage', alert) } },
    async handle({ query: { limit, after, state, source }, services }) {
      const page = await services.state.listAlerts({ limit, after, states: state, source })
      return { status: 200, body: { items: page.items.map((one) => toAlert(one)), next: page.next } }
    },
  })
}

function getAlert(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/alerts/{id}',
    operationId: 'getAlert',
    tag: 'Alerts',
    summary: 'One alert, with why it was told or not',
    scope: 'read',
    params,
    replies: { 200: { description: 'The alert.', schema: detail } },
    problems: { 404: ['ALERT_UNKNOWN'] },
    async handle({ params: { id }, services }) {
      const found = await services.state.getAlert(id)
      if (found === undefined) throw unknownAlert()
      const decisions = (await services.state.listDecisions(id)).map((one) => toDecision(one))
      const channels = [...toldChannels(found.source, services.config())]
      return { status: 200, body: { ...toAlert(found), channels, decisions } }
    },
  })
}

function acknowledgeAlert(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/alerts/{id}/acknowledge',
    operationId: 'acknowledgeAlert',
    tag: 'Alerts',
    summary: 'Somebody takes it: it is not told again until it is over',
    scope: 'run',
    idempotent: true,
    audit: 'alert.acknowledge',
    params,
    body: z
      .object({ note: z.string().max(2000).optional() })
      .strict()
      .optional()
      .meta({ id: 'Acknowledgement', description: 'What whoever takes it has to say.' }),
    replies: { 200: { description: 'As it is now.', schema: alert } },
    problems: { 404: ['ALERT_UNKNOWN'], 409: ['ALERT_RESOLVED'] },
    async handle({ params: { id }, body, actor, services }) {
      const { state } = services
      const taken = await state.acknowledgeAlert(id, actor.name, body?.note ?? null, services.nowMs())
      if (taken === undefined) {
        if ((await state.getAlert(id)) === undefined) throw unknownAlert()
        throw new RequestProblem(409, 'ALERT_RESOLVED', 'The alert is over; there is nothing to acknowledge.')
      }
      services.wake('alerts')
      return { status: 200, body: toAlert(taken) }
    },
  })
}

function unknownAlert(): RequestProblem {
  return new RequestProblem(404, 'ALERT_UNKNOWN', 'There is no alert of this id.')
}

function toAlert(one: AlertRecord): z.output<typeof alert> {
  return {
    id: one.id,
    kind: one.kind,
    source: one.source,
    dataset: one.dataset,
    severity: one.severity,
    state: one.state,
    firstAt: isoOf(one.firstAtMs),
    lastAt: isoOf(one.lastAtMs),
    count: one.count,
    firingAt: isoOrNull(one.firingAtMs),
    acknowledgedAt: isoOrNull(one.acknowledgedAtMs),
    acknowledgedBy: one.acknowledgedBy,
    note: one.note,
    resolvedAt: isoOrNull(one.resolvedAtMs),
    run: one.run,
    detail: one.detail as z.output<typeof alert>['detail'],
  }
}

function toDecision({ channel, atMs, outcome, reason, notice }: AlertDecision): z.output<typeof decision> {
  return { channel, at: isoOf(atMs), outcome, reason, notice }
}
