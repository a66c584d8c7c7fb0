import { TidegateError } from '@tidegate/core'
import type { ProgressEvent } from '@tidegate/pipeline'
import { PHASE_CHANNEL, openProject, runJob, type Project, type ProjectOptions } from '@tidegate/project'
import type { AttemptResult, ToAttempt } from './attempt-protocol.ts'
import { tracePhases } from './trace-phases.ts'

/** What an order asks for, in this process. @throws what opening the project throws */
export async function carryOut(
  { place, order, memoryParts, traceparent }: Extract<ToAttempt, { kind: 'start' }>,
  report: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const project = await openPlace({ ...place, memoryParts, what: `tidegate serve, run ${order.job}`, signal })
  const endTrace = tracePhases(PHASE_CHANNEL, traceparent, Date.now)
  try {
    const { outcome, ...end } = await runJob(project, order, { report, signal })
    // Why it was to stop, the daemon knows.
    return { outcome: outcome === 'cancelled' || outcome === 'expired' ? 'interrupted' : outcome, ...end }
  } finally {
    endTrace()
    await project.close()
  }
}

/** @throws TidegateError `CONFIG_…` with the first of its problems, `STATE_…` */
export async function openPlace(options: ProjectOptions): Promise<Project> {
  const opened = await openProject(options)
  switch (opened.kind) {
    case 'ok':
      return opened.project
    case 'missing':
      throw new TidegateError('CONFIG_NOT_FOUND', `there is no tidegate.yaml in ${options.directory}`)
    case 'problems': {
      const first = opened.problems.find(({ severity }) => severity === 'error')
      throw new TidegateError(
        'CONFIG_INVALID',
        `the configuration has problems: ${first?.message ?? 'see its check'}`,
        {
          dataNow: 'Nothing was read or changed.',
          hint: '`tidegate config check` shows all of them.',
        },
      )
    }
  }
}
