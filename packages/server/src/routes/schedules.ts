import type { ScheduleRecord } from '@tidegate/core'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { pageOfWhole } from './cursor.ts'
import { instant, isoOf, maybe, PAGE_PARAMETERS, pageSchema } from './fields.ts'
import { scheduleSchema, toSchedule } from './schedule-view.ts'

const params = z.object({
  id: z
    .string()
    .min(1)
    .max(500)
    .meta({ examples: ['ingest:orders'] }),
})

const tick = z
  .object({
    schedule: z.string(),
    instant: instant('When it was due.'),
    state: z.enum(['started', 'skipped', 'missed']),
    reason: maybe(z.string()).meta({ description: 'Why it was skipped or missed.', examples: ['overlap', 'late'] }),
    run: maybe(z.string()).meta({ description: 'The run that it became.' }),
    count: z.int().min(1).meta({ description: 'Instants that this line stands for.' }),
    decidedAt: instant('When that was decided.'),
  })
  .meta({ id: 'Tick', description: 'What became of one instant of a schedule: decided once, for ever.' })

export function scheduleRoutes(): Route[] {
  return [listSchedules(), getSchedule(), listTicks(), pauseSchedule('pause'), pauseSchedule('resume')]
}

function listSchedules(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/schedules',
    operationId: 'listSchedules',
    tag: 'Schedules',
    summary: 'Schedules with their next instants',
    scope: 'read',
    query: z.object(PAGE_PARAMETERS),
    replies: { 200: { description: 'By id.', schema: pageSchema('SchedulePage', scheduleSchema) } },
    async handle({ query, services }) {
      const all = (await services.state.listSchedules()).toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const page = pageOfWhole(all, query, ({ id }) => id)
      const nowMs = services.nowMs()
      return { status: 200, body: { items: page.items.map((one) => toSchedule(one, nowMs)), next: page.next } }
    },
  })
}

function getSchedule(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/schedules/{id}',
    operationId: 'getSchedule',
    tag: 'Schedules',
    summary: 'One schedule',
    scope: 'read',
    params,
    replies: { 200: { description: 'The schedule.', schema: scheduleSchema } },
    problems: { 404: ['SCHEDULE_UNKNOWN'] },
    async handle({ params: { id }, services }) {
      return { status: 200, body: toSchedule(await findSchedule(services, id), services.nowMs()) }
    },
  })
}

function listTicks(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/schedules/{id}/ticks',
    operationId: 'listTicks',
    tag: 'Schedules',
    summary: 'What became of each instant',
    scope: 'read',
    params,
    query: z.object(PAGE_PARAMETERS),
    replies: { 200: { description: 'Newest first.', schema: pageSchema('TickPage', tick) } },
    problems: { 404: ['SCHEDULE_UNKNOWN'] },
    async handle({ params: { id }, query, services }) {
      const { id: schedule } = await findSchedule(services, id)
      const page = await services.state.listTicks({ schedule, limit: query.limit, after: query.after })
      const items = page.items.map((one): z.output<typeof tick> => ({
        schedule: one.schedule,
        instant: isoOf(one.instantMs),
        state: one.state,
        reason: one.reason,
        run: one.job,
        count: one.count,
        decidedAt: isoOf(one.decidedAtMs),
      }))
      return { status: 200, body: { items, next: page.next } }
    },
  })
}

function pauseSchedule(what: 'pause' | 'resume'): Route {
  return route({
    method: 'POST',
    path: `/api/v1/schedules/{id}/${what}`,
    operationId: `${what}Schedule`,
    tag: 'Schedules',
    summary:
      what === 'pause'
        ? 'Nothing of it is started until it is resumed'
        : 'Goes on from now; what was due is not caught up',
    scope: 'run',
    idempotent: true,
    audit: `schedule.${what}`,
    params,
    replies: { 200: { description: 'As it is now.', schema: scheduleSchema } },
    problems: { 404: ['SCHEDULE_UNKNOWN'] },
    async handle({ params: { id }, actor, services }) {
      await setPaused(services, id, what === 'pause' ? actor.name : null)
      return { status: 200, body: toSchedule(await findSchedule(services, id), services.nowMs()) }
    },
  })
}

/** One that is as asked for stays as it is: resumed twice, nothing of the time between is lost. */
export async function setPaused(services: Services, id: string, by: string | null): Promise<void> {
  const schedule = await findSchedule(services, id)
  if ((schedule.pausedAtMs !== null) === (by !== null)) return
  await services.state.pauseSchedule(id, by, services.nowMs())
  services.wake('scheduler')
}

/** @throws RequestProblem 404 `SCHEDULE_UNKNOWN` */
export async function findSchedule({ state }: Pick<Services, 'state'>, id: string): Promise<ScheduleRecord> {
  const found = (await state.listSchedules()).find((schedule) => schedule.id === id)
  if (found !== undefined) return found
  throw new RequestProblem(404, 'SCHEDULE_UNKNOWN', 'There is no schedule of this id.')
}
