import type { AlertMatcher, SilenceRecord } from '@tidegate/core'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { ALERT_KINDS, SEVERITIES } from './alerts.ts'
import { pageOfWhole } from './cursor.ts'
import { count, instant, isoOf, PAGE_PARAMETERS, pageSchema } from './fields.ts'

const name = z.string().min(1).max(400)

const matcher = z
  .object({
    kind: z.enum(ALERT_KINDS).optional(),
    source: name.optional().meta({ description: 'A name, or a glob of `*`.' }),
    dataset: name.optional().meta({ description: 'A name, or a glob of `*`.' }),
    severity: z.enum(SEVERITIES).optional(),
  })
  .strict()
  .meta({ id: 'AlertMatcher', description: 'All that it says must fit; empty, everything fits.' })

const silence = z
  .object({
    id: z.string(),
    matcher,
    state: z.enum(['waiting', 'active', 'over']),
    startsAt: instant('From here on.'),
    endsAt: instant('Until here.'),
    createdBy: z.string(),
    createdAt: instant('When it was made.'),
    reason: z.string(),
    hidden: count('Messages that it held back.'),
  })
  .meta({ id: 'Silence', description: 'Nothing that matches is told between two moments.' })

const LONGEST_MS = 366 * 86_400_000
const time = z.iso.datetime({ offset: true })

const creation = z
  .object({
    matcher,
    startsAt: time.optional().meta({ description: 'Now, where it is not given.' }),
    endsAt: time.optional(),
    durationMs: z.int().min(1000).max(LONGEST_MS).optional().meta({ description: 'Instead of `endsAt`.' }),
    reason: z.string().trim().min(1).max(2000),
  })
  .strict()
  .refine(({ endsAt, durationMs }) => (endsAt === undefined) !== (durationMs === undefined), {
    error: 'Give either endsAt or durationMs: a silence ends.',
  })
  .meta({
    id: 'SilenceCreation',
    description: 'What is not told, how long, and why. It ends after a year at most.',
    examples: [{ matcher: { source: 'orders' }, durationMs: 7_200_000, reason: 'the sender moves house' }],
  })

export function silenceRoutes(): Route[] {
  return [listSilences(), createSilence(), endSilence()]
}

function listSilences(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/silences',
    operationId: 'listSilences',
    tag: 'Alerts',
    summary: 'Silences, those that are over for a week too',
    scope: 'read',
    query: z.object(PAGE_PARAMETERS),
    replies: { 200: { description: 'The one that ends last is first.', schema: pageSchema('SilencePage', silence) } },
    async handle({ query, services }) {
      const all = (await services.state.listSilences()).toSorted(
        (a, b) => b.endsAtMs - a.endsAtMs || (a.id < b.id ? -1 : 1),
      )
      const page = pageOfWhole(all, query, ({ id }) => id)
      const nowMs = services.nowMs()
      return { status: 200, body: { items: page.items.map((one) => toSilence(one, nowMs)), next: page.next } }
    },
  })
}

function createSilence(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/silences',
    operationId: 'createSilence',
    tag: 'Alerts',
    summary: 'Tells nothing that matches for some time',
    scope: 'run',
    idempotent: true,
    audit: 'silence.create',
    body: creation,
    replies: { 201: { description: 'It was made.', schema: silence } },
    problems: { 422: ['SILENCE_TIMES'] },
    async handle({ body, actor, services }) {
      const nowMs = services.nowMs()
      const startsAtMs = body.startsAt === undefined ? nowMs : Date.parse(body.startsAt)
      const endsAtMs = body.endsAt === undefined ? startsAtMs + (body.durationMs ?? 0) : Date.parse(body.endsAt)
      if (endsAtMs <= Math.max(startsAtMs, nowMs) || endsAtMs - startsAtMs > LONGEST_MS)
        throw new RequestProblem(
          422,
          'SILENCE_TIMES',
          'A silence ends after it begins, in time to come, within a year.',
        )
      const made = {
        id: services.newId(),
        matcher: matcherOf(body.matcher),
        startsAtMs,
        endsAtMs,
        createdBy: actor.name,
        createdAtMs: nowMs,
        reason: body.reason,
      }
      await services.state.createSilence(made)
      services.wake('alerts')
      const headers = { location: `/api/v1/silences/${encodeURIComponent(made.id)}` }
      return { status: 201, body: toSilence({ ...made, hidden: 0 }, nowMs), headers, subject: made.id }
    },
  })
}

function endSilence(): Route {
  return route({
    method: 'DELETE',
    path: '/api/v1/silences/{id}',
    operationId: 'endSilence',
    tag: 'Alerts',
    summary: 'Ends a silence now',
    scope: 'run',
    audit: 'silence.end',
    params: z.object({ id: z.string().min(1).max(200) }),
    replies: { 204: { description: 'It is over.' } },
    problems: { 404: ['SILENCE_UNKNOWN'] },
    async handle({ params: { id }, services }) {
      if (!(await services.state.endSilence(id, services.nowMs())))
        throw new RequestProblem(404, 'SILENCE_UNKNOWN', 'There is no silence of this id, or it is over.')
      services.wake('alerts')
      return { status: 204 }
    },
  })
}

function toSilence(one: SilenceRecord, nowMs: number): z.output<typeof silence> {
  return {
    id: one.id,
    matcher: matcherOf(one.matcher),
    state: nowMs >= one.endsAtMs ? 'over' : nowMs < one.startsAtMs ? 'waiting' : 'active',
    startsAt: isoOf(one.startsAtMs),
    endsAt: isoOf(one.endsAtMs),
    createdBy: one.createdBy,
    createdAt: isoOf(one.createdAtMs),
    reason: one.reason,
    hidden: one.hidden,
  }
}

function matcherOf({ kind, source, dataset, severity }: AlertMatcher): z.output<typeof matcher> {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(source === undefined ? {} : { source }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(severity === undefined ? {} : { severity }),
  }
}
