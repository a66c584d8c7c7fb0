import type { SourceConfig } from '@tidegate/core'
import { ingestSource, type FileReport, type SourceReport } from '@tidegate/pipeline'
import { assertFresh, readPlan } from '../plan/stored-plan.ts'
import { booleanArg, numberArg, textArg, textsArg } from './job-args.ts'
import type { JobContext, JobOutcome } from './run-job.ts'

/** Takes `force`, `threshold` (0–100), `workers`, `retry` (paths) and `plan` (an id). */
export async function ingestJob(source: SourceConfig, { project, order, effects }: JobContext): Promise<JobOutcome> {
  const { args } = order
  const threshold = numberArg(args, 'threshold', 0, 100)
  const retry = textsArg(args, 'retry')
  const planned = await readPlanned(source, textArg(args, 'plan'), { project, order, effects })
  const report = await ingestSource(
    source,
    {
      run: order.run,
      force: planned?.force ?? booleanArg(args, 'force'),
      ...(retry === undefined ? {} : { retry: new Set(retry) }),
      ...(planned === undefined ? {} : { only: planned.only, plan: planned.id }),
      workers: numberArg(args, 'workers', 1, 256) ?? project.config.workers,
      gate: threshold === undefined ? {} : { threshold },
      exclude: project.exclude,
    },
    effects,
  )
  return outcomeOf(report)
}

async function readPlanned(
  source: SourceConfig,
  id: string | undefined,
  { project, effects }: JobContext,
): Promise<{ readonly id: string; readonly force: boolean; readonly only: ReadonlyMap<string, string> } | undefined> {
  if (id === undefined) return undefined
  const plan = await readPlan(project.config, id)
  const own = { ...plan, sources: plan.sources.filter((each) => each.source === source.name) }
  await assertFresh(own, () => source.root, project.store, effects.signal)
  const items = own.sources.flatMap(({ items: files }) => files)
  return { id, force: plan.force, only: new Map(items.map(({ path, hash }) => [path, hash])) }
}

function outcomeOf({ error, status, totals, files, filesSeen }: SourceReport): JobOutcome {
  const summary = {
    filesSeen,
    filesLoaded: totals.loaded,
    filesHeld: totals.held,
    filesDuplicate: totals.duplicate,
    filesWaiting: totals.waiting,
    filesFailed: totals.failed,
    rowsRead: totals.rowsRead,
    rowsLoaded: totals.rowsLoaded,
    rowsQuarantined: totals.rowsQuarantined,
    bytes: totals.bytes,
  }
  if (error !== undefined) {
    const outcome = error.code === 'LEASE_HELD' ? 'lease-held' : 'failed'
    return { outcome, errorCode: error.code, errorMessage: error.message, summary }
  }
  return { outcome: status === 'running' ? 'failed' : status, ...whyNotJudged(files), summary }
}

/** Files that were not judged are in no list of what happened: the first reason is said with the run. */
function whyNotJudged(files: readonly FileReport[]): Pick<JobOutcome, 'errorCode' | 'errorMessage'> {
  const waits = files.filter(({ status, cause }) => status === 'waiting' && cause === 'contract')
  const failed = files.filter(({ status }) => status === 'failed')
  const first = failed[0] ?? waits[0]
  const reason = first?.reasons[0]
  if (first === undefined || reason === undefined) return { errorCode: null, errorMessage: null }
  const count = first.status === 'failed' ? failed.length : waits.length
  const what = `${count} ${count === 1 ? 'file' : 'files'} could not be judged`
  // What an engine says may quote a cell; what is said of contracts does not.
  const why = first.cause === 'contract' ? reason.message : `the first is ${JSON.stringify(first.path)}`
  return { errorCode: reason.check, errorMessage: `${what}: ${why}` }
}
