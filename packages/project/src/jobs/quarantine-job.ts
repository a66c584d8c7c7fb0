import { TidegateError, type SourceConfig } from '@tidegate/core'
import { totalsOfRecords, type QuarantineAction, type RecordOutcome } from '@tidegate/pipeline'
import { settleRecords } from '../quarantine-loop.ts'
import { booleanArg, textArg, textsArg } from './job-args.ts'
import type { JobContext, JobOutcome } from './run-job.ts'

/** Takes `records` (ids) or `all: true`, and `note` and `acceptEdits`. */
export async function quarantineJob(
  action: QuarantineAction,
  source: SourceConfig,
  { project, order, effects }: JobContext,
): Promise<JobOutcome> {
  const records = textsArg(order.args, 'records')
  if (records === undefined && !booleanArg(order.args, 'all')) {
    throw new TidegateError('JOB_BAD_ARGUMENT', `the job to ${action} names no records`, {
      dataNow: 'Nothing was changed.',
      hint: 'Name them in `records`, or say `all: true`.',
    })
  }
  const ids = records === undefined ? undefined : new Set(records)
  const { items } = await settleRecords(
    project,
    source,
    {
      action,
      run: order.run,
      wants: ({ id }) => ids === undefined || ids.has(id),
      note: textArg(order.args, 'note'),
      acceptEdits: booleanArg(order.args, 'acceptEdits'),
    },
    effects,
  )
  return outcomeOf(items)
}

function outcomeOf(items: readonly RecordOutcome[]): JobOutcome {
  const refused = items.find(({ result }) => result === 'refused')?.problem
  const { rowsDropped: _dropped, ...summary } = totalsOfRecords(items)
  if (items.length === 0) return { outcome: 'nothing-new', errorCode: null, errorMessage: null, summary }
  if (summary.refused > 0) {
    const outcome = summary.refused === items.length ? 'failed' : 'partial'
    return { outcome, errorCode: refused?.code ?? null, errorMessage: refused?.message ?? null, summary }
  }
  const outcome = summary.stays + summary.partly > 0 ? 'gate-failed' : 'ok'
  return { outcome, errorCode: null, errorMessage: null, summary }
}
