import type { JobRecord, RunRecord } from '@tidegate/core'
import { z } from 'zod'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'

export const runParams: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z
    .string()
    .min(1)
    .max(200)
    .meta({ examples: ['20261121T081500-3f9a1c2b'] }),
})

export type FoundRun =
  | { readonly kind: 'job'; readonly job: JobRecord }
  | { readonly kind: 'cli'; readonly run: RunRecord }

/** The id of an attempt's run leads to its job. @throws RequestProblem 404 `RUN_UNKNOWN` */
export async function findRun({ state }: Pick<Services, 'state'>, id: string): Promise<FoundRun> {
  const job = await state.getJob(id)
  if (job !== undefined) return { kind: 'job', job }
  const [attempt] = await state.attemptsOfRuns([id])
  const owner = attempt === undefined ? undefined : await state.getJob(attempt.job)
  if (owner !== undefined) return { kind: 'job', job: owner }
  const run = await state.getRun(id)
  if (run !== undefined) return { kind: 'cli', run }
  throw new RequestProblem(404, 'RUN_UNKNOWN', 'There is no run of this id.')
}
