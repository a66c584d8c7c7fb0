/** The last day of the project in sums, for channels that ask for `daily_digest`. */
import { TidegateError, type AlertSignal, type RunRecord, type RunStatus } from '@tidegate/core'
import { textArg } from './job-args.ts'
import type { JobContext, JobOutcome } from './run-job.ts'

const DAY_MS = 86_400_000
/** Sources with trouble that are named; `troubled` counts them all. */
const SHOWN = 10

/** Takes `channel`; where it is missing, the job's source names it. A second one of the same day says nothing. */
export async function digestJob({ project, order, effects }: JobContext): Promise<JobOutcome> {
  const { state, config } = project
  const channel = textArg(order.args, 'channel') ?? order.source
  if (config.channels.every(({ name }) => name !== channel)) {
    throw new TidegateError('CONFIG_UNKNOWN_CHANNEL', `there is no channel ${JSON.stringify(channel)}`, {
      hint: 'It was renamed or taken out of the configuration.',
      dataNow: 'Nothing was sent.',
    })
  }
  const toMs = effects.clock.nowMs()
  const fromMs = toMs - DAY_MS
  // Without a limit: nothing is silently capped, and a day has few runs beside its files.
  const runs = (await state.listRuns({ sinceMs: fromMs })).filter(({ startedAtMs }) => startedAtMs < toMs)
  const troubled = troubledSources(runs)
  const summary = { ...daySums(runs), openAlerts: (await state.openAlerts()).length, troubled: troubled.length }
  const signal: AlertSignal = {
    key: `daily_digest:${channel}:${new Date(toMs).toISOString().slice(0, 10)}`,
    kind: 'daily_digest',
    effect: 'news',
    source: '',
    dataset: null,
    severity: 'info',
    run: null,
    atMs: toMs,
    detail: { channel, fromMs, toMs, ...summary, shown: troubled.slice(0, SHOWN) },
  }
  await state.addSignals([signal])
  return { outcome: 'ok', errorCode: null, errorMessage: null, summary }
}

/** Pure. */
export function daySums(
  runs: readonly RunRecord[],
): Record<'runs' | 'runsFailed' | 'filesLoaded' | 'filesHeld' | 'rowsLoaded' | 'rowsRejected', number> {
  const sum = (key: 'filesLoaded' | 'filesHeld' | 'rowsLoaded' | 'rowsRejected'): number =>
    runs.reduce((total, run) => total + run[key], 0)
  return {
    runs: runs.length,
    runsFailed: runs.filter(({ status }) => status === 'failed').length,
    filesLoaded: sum('filesLoaded'),
    filesHeld: sum('filesHeld'),
    rowsLoaded: sum('rowsLoaded'),
    rowsRejected: sum('rowsRejected'),
  }
}

const TROUBLE: readonly RunStatus[] = ['failed', 'partial', 'gate-failed']

/** Sources whose newest run did not end well, worst first. Pure. */
export function troubledSources(
  runs: readonly Pick<RunRecord, 'source' | 'status' | 'startedAtMs'>[],
): readonly { readonly source: string; readonly state: string }[] {
  const newest = new Map(runs.toSorted((a, b) => a.startedAtMs - b.startedAtMs).map((run) => [run.source, run.status]))
  return [...newest]
    .filter(([, state]) => TROUBLE.includes(state))
    .toSorted(([a, one], [b, other]) => TROUBLE.indexOf(one) - TROUBLE.indexOf(other) || (a < b ? -1 : 1))
    .map(([source, state]) => ({ source, state }))
}
