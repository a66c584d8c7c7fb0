/** `replay`, `release` and `discard`: records of quarantine become jobs, one of each source that they belong to. */
import type { QuarantineRecord } from '@tidegate/state'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { createJob } from './create-job.ts'
import { runSchema, toRun, type RunView } from './run-view.ts'

const ACTIONS = {
  replay: 'Judges them again by the contract as it is now; what is good is loaded',
  release: 'Loads them, whatever the rules say',
  discard: 'Gives them up',
} as const

const body = z
  .object({
    records: z
      .array(z.string().min(1).max(4000))
      .min(1)
      .max(1000)
      .meta({ description: 'Ids of open records.', examples: [['orders/2026-11-21/a-1.rows.parquet']] }),
    note: z.string().max(2000).optional().meta({ description: 'Why; kept in the log of the target.' }),
  })
  .strict()
  .meta({ id: 'QuarantineDecision', description: 'Which records, and why.' })

const jobs = z
  .object({ runs: z.array(runSchema).meta({ description: 'One of each source.' }) })
  .meta({ id: 'QuarantineRuns', description: 'The runs that will do it.' })

export function settleRoutes(): Route[] {
  return (['replay', 'release', 'discard'] as const).map((action) =>
    route({
      method: 'POST',
      path: `/api/v1/quarantine/${action}`,
      operationId: `${action}Quarantine`,
      tag: 'Quarantine',
      summary: ACTIONS[action],
      scope: 'write',
      idempotent: true,
      audit: `quarantine.${action}`,
      body,
      replies: { 202: { description: 'Runs were made; follow them at `/api/v1/runs/{id}`.', schema: jobs } },
      problems: { 404: ['QUARANTINE_UNKNOWN'], 409: ['QUARANTINE_CLOSED', 'INGESTION_INVALID'] },
      async handle({ body: asked, actor, services }) {
        const found = await Promise.all([...new Set(asked.records)].map(async (id) => findOpen(services.state, id)))
        const bySource = Map.groupBy(found, ({ source }) => source)
        const sources = services.config().sources
        for (const name of bySource.keys())
          if (!sources.some((source) => source.name === name))
            throw new RequestProblem(
              409,
              'INGESTION_INVALID',
              `There is no valid ingestion ${JSON.stringify(name)} now.`,
            )
        const runs: RunView[] = []
        for (const [source, records] of bySource) {
          const args = {
            records: records.map(({ id }) => id),
            ...(asked.note === undefined ? {} : { note: asked.note }),
          }
          runs.push(toRun(await createJob(services, { command: action, source, args, by: actor.name })))
        }
        return { status: 202, body: { runs } }
      },
    }),
  )
}

async function findOpen(
  state: { listQuarantine(filter: { id: string; limit: number }): Promise<readonly QuarantineRecord[]> },
  id: string,
): Promise<QuarantineRecord> {
  const versions = await state.listQuarantine({ id, limit: 100 })
  const open = versions.find(({ status }) => status === 'open')
  if (open !== undefined) return open
  const [last] = versions
  if (last === undefined)
    throw new RequestProblem(404, 'QUARANTINE_UNKNOWN', `Nothing of the id ${JSON.stringify(id)} is in quarantine.`)
  throw new RequestProblem(409, 'QUARANTINE_CLOSED', `The record ${JSON.stringify(id)} is ${last.status} already.`)
}
