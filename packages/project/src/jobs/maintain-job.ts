import { maintain } from '../maintain.ts'
import type { JobContext, JobOutcome } from './run-job.ts'

export async function maintainJob({ project, effects }: JobContext): Promise<JobOutcome> {
  const steps = await maintain(project, { dryRun: false, nowMs: effects.clock.nowMs() })
  const items = steps.reduce((sum, step) => sum + step.items, 0)
  const bytes = steps.reduce((sum, step) => sum + step.bytes, 0)
  return {
    outcome: items === 0 ? 'nothing-new' : 'ok',
    errorCode: null,
    errorMessage: null,
    summary: {
      items,
      bytes,
      ...Object.fromEntries(
        Map.groupBy(steps, ({ what }) => what)
          .entries()
          .map(([what, own]) => [what, own.reduce((sum, step) => sum + step.items, 0)]),
      ),
    },
  }
}
