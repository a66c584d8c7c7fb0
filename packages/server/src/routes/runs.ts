import type { JobRecord } from '@tidegate/core'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { choicesParameter, instantParameter, PAGE_PARAMETERS, pageSchema } from './fields.ts'
import { findRun, runParams } from './find-run.ts'
import { listRunPage } from './list-runs.ts'
import { runEventRoutes } from './run-events.ts'
import { cliAttempt, JOB_STATES, runDetailSchema, runSchema, toAttempt, toCliRun, toRun, TRIGGERS } from './run-view.ts'

export function runRoutes(): Route[] {
  return [listRuns(), getRun(), retryRun(), cancelRun(), ...runEventRoutes()]
}

function listRuns(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/runs',
    operationId: 'listRuns',
    tag: 'Runs',
    summary: 'Runs of the daemon and of the command line',
    scope: 'read',
    query: z.object({
      ...PAGE_PARAMETERS,
      source: z.string().min(1).max(400).optional(),
      schedule: z.string().min(1).max(400).optional(),
      state: choicesParameter(JOB_STATES, 'Only runs in these states.'),
      trigger: choicesParameter(
        TRIGGERS,
        'Only runs that were made by these. Without `cli`: only those of the daemon.',
      ),
      since: instantParameter('Asked for at this time or later.'),
    }),
    replies: {
      200: {
        description: 'Newest first.',
        schema: pageSchema('RunPage', runSchema),
      },
    },
    async handle({ query, services }) {
      const { limit, after, source, schedule, state, trigger, since } = query
      const filter = { limit, after, source, schedule, states: state, triggers: trigger, sinceMs: since }
      const body = await listRunPage(services.state, filter)
      return { status: 200, body }
    },
  })
}

function getRun(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/runs/{id}',
    operationId: 'getRun',
    tag: 'Runs',
    summary: 'A run with its attempts and what each of them counted',
    scope: 'read',
    params: runParams,
    replies: { 200: { description: 'The run.', schema: runDetailSchema } },
    problems: { 404: ['RUN_UNKNOWN'] },
    async handle({ params, services }) {
      const found = await findRun(services, params.id)
      if (found.kind === 'cli')
        return { status: 200, body: { ...toCliRun(found.run), attempts: [cliAttempt(found.run)] } }
      const attempts = await services.state.listAttempts(found.job.id)
      const runs = await Promise.all(attempts.map(async ({ run }) => services.state.getRun(run)))
      const body = { ...toRun(found.job), attempts: attempts.map((attempt, index) => toAttempt(attempt, runs[index])) }
      return { status: 200, body }
    },
  })
}

async function findJob(services: Services, id: string): Promise<JobRecord> {
  const found = await findRun(services, id)
  if (found.kind === 'job') return found.job
  throw new RequestProblem(409, 'RUN_OF_CLI', 'This run was made by the command line: the daemon does not drive it.')
}

function retryRun(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/runs/{id}/retry',
    operationId: 'retryRun',
    tag: 'Runs',
    summary: 'Drives a run again that ended without success, with fresh attempts',
    scope: 'run',
    idempotent: true,
    audit: 'run.retry',
    params: runParams,
    replies: { 202: { description: 'It is queued again.', schema: runSchema } },
    problems: { 404: ['RUN_UNKNOWN'], 409: ['RUN_NOT_OVER', 'RUN_OF_CLI'] },
    async handle({ params, actor, services }) {
      const { id, state } = await findJob(services, params.id)
      const job = await services.state.redriveJob(id, actor.name, services.nowMs())
      if (job === undefined)
        throw new RequestProblem(
          409,
          'RUN_NOT_OVER',
          `The run is ${state}; only dead, cancelled, gate-failed and partial ones can be driven again.`,
        )
      services.wake('runner')
      services.jobFeed.wake(job.id)
      return { status: 202, body: toRun(job) }
    },
  })
}

function cancelRun(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/runs/{id}/cancel',
    operationId: 'cancelRun',
    tag: 'Runs',
    summary: 'Ends a run: one that waits at once, one that runs as soon as it can stop',
    scope: 'run',
    idempotent: true,
    audit: 'run.cancel',
    params: runParams,
    replies: { 202: { description: 'As it is now; a running one is asked to stop.', schema: runSchema } },
    problems: { 404: ['RUN_UNKNOWN'], 409: ['RUN_OVER', 'RUN_OF_CLI'] },
    async handle({ params, actor, services }) {
      const { id, state } = await findJob(services, params.id)
      const job = await services.state.requestCancel(id, actor.name, services.nowMs())
      if (job === undefined) throw new RequestProblem(409, 'RUN_OVER', `The run is over: it is ${state}.`)
      services.wake('runner')
      services.jobFeed.wake(job.id)
      return { status: 202, body: toRun(job) }
    },
  })
}
