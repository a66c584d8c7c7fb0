/**
 * `/livez`: whether this process should be ended and started anew. `/readyz`: whether requests should be sent to it. Neither
 * tells more than names of parts, and what probes them has no token: both are open.
 */
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'

/** An event loop that is this late answers nobody in time. */
const LATE_MS = 2000
/** The scheduler looks at least this often. */
const LOOK_MS = 30_000
const STATE_LIMIT_MS = 3000

const live = z
  .object({ status: z.literal('ok'), eventLoopDelayMs: z.number(), uptimeMs: z.number() })
  .meta({ id: 'Live', description: 'The process works.' })

const ready = z
  .object({
    status: z.literal('ok'),
    role: z
      .enum(['leader', 'standby'])
      .meta({ description: 'Another daemon on the same state may lead the schedules.' }),
    running: z.int().min(0).meta({ description: 'Runs under way here.' }),
  })
  .meta({ id: 'Ready', description: 'It takes requests and work.' })

export function healthRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/livez',
      operationId: 'livez',
      tag: 'Health',
      summary: 'Whether the process is alive',
      scope: 'open',
      unlimited: true,
      replies: { 200: { description: 'It is.', schema: live } },
      problems: { 503: ['NOT_LIVE'] },
      async handle({ services }) {
        const { eventLoopDelayMs, startedAtMs } = services.health()
        if (eventLoopDelayMs >= LATE_MS)
          throw new RequestProblem(503, 'NOT_LIVE', `The event loop is ${Math.round(eventLoopDelayMs)} ms late.`)
        return { status: 200, body: { status: 'ok', eventLoopDelayMs, uptimeMs: services.nowMs() - startedAtMs } }
      },
    }),
    route({
      method: 'GET',
      path: '/readyz',
      operationId: 'readyz',
      tag: 'Health',
      summary: 'Whether it takes requests and work',
      scope: 'open',
      unlimited: true,
      replies: { 200: { description: 'It does.', schema: ready } },
      problems: { 503: ['NOT_READY'] },
      async handle({ services }) {
        const missing = await whatIsMissing(services)
        if (missing.length > 0)
          throw new RequestProblem(
            503,
            'NOT_READY',
            `Not ready: ${missing.map(({ message }) => message).join('; ')}.`,
            {
              errors: missing,
            },
          )
        const { isLeader, running } = services.health()
        return { status: 200, body: { status: 'ok', role: isLeader ? 'leader' : 'standby', running } }
      },
    }),
  ]
}

/** An opened state has all migrations; that it answers is asked. */
async function whatIsMissing(
  services: Services,
): Promise<readonly { readonly path: string; readonly message: string }[]> {
  const { isDraining, isLeader, lastTickAtMs } = services.health()
  const missing: { path: string; message: string }[] = []
  if (isDraining) missing.push({ path: 'daemon', message: 'the daemon is ending' })
  if (!(await answers(services))) missing.push({ path: 'state', message: 'the state database does not answer' })
  const ageMs = lastTickAtMs === null ? Number.POSITIVE_INFINITY : services.nowMs() - lastTickAtMs
  if (isLeader && ageMs > 2 * LOOK_MS) missing.push({ path: 'scheduler', message: 'the scheduler has not looked' })
  // One that has never looked does not know yet whether it leads.
  if (!isLeader && lastTickAtMs === null) missing.push({ path: 'scheduler', message: 'the scheduler has not begun' })
  return missing
}

async function answers({ state }: Services): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), STATE_LIMIT_MS)
  state.changeMarker().then(
    () => resolve(true),
    () => resolve(false),
  )
  const answer = await promise
  clearTimeout(timer)
  return answer
}
