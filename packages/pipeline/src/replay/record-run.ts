/** The record of a command over quarantine: like the runs that ingest, so that history and monitor show it. */
import type { RunRecord, RunStatus } from '@tidegate/core'
import { errorOf } from '../run-report.ts'
import type { QuarantineAction, RecordOutcome } from './quarantine-item.ts'
import type { QuarantineEffects } from './settle-quarantine.ts'

export interface SettledRun {
  readonly id: string
  readonly source: string
  readonly action: QuarantineAction
  /** Bytes by record; what was refused was not read. */
  readonly bytesOf: (outcome: RecordOutcome) => number
}

/** Does the work under an open run record, which ends with it, however it ends. */
export async function recordRun(
  { id, source, action, bytesOf }: SettledRun,
  work: () => Promise<readonly RecordOutcome[]>,
  effects: QuarantineEffects,
): Promise<readonly RecordOutcome[]> {
  const { ledger, clock, signal } = effects
  const startedAtMs = clock.nowMs()
  const began = { id, command: action, source, startedAtMs }
  await ledger.openRun(began)
  await ledger.closeDeadRuns(source, id, startedAtMs)
  let items: readonly RecordOutcome[] = []
  let thrown: unknown
  try {
    items = await work()
  } catch (error) {
    thrown = error
  }
  const error = thrown === undefined ? undefined : errorOf(thrown, signal)
  const status = error === undefined ? statusOf(items) : error.code === 'CANCELLED' ? 'interrupted' : 'failed'
  const record = { ...began, ...countsOf(items, bytesOf), endedAtMs: clock.nowMs(), status, ...errorFields(error) }
  await ledger.closeRun(record, await effects.endingOfSettled?.(record))
  effects.mark('closed', { source })
  if (thrown !== undefined) throw thrown
  return items
}

function statusOf(items: readonly RecordOutcome[]): RunStatus {
  if (items.some(({ result }) => result === 'refused')) return 'partial'
  return items.some(({ result }) => result === 'stays' || result === 'partly') ? 'gate-failed' : 'ok'
}

function errorFields(error: ReturnType<typeof errorOf> | undefined): Pick<RunRecord, 'errorCode' | 'errorMessage'> {
  return { errorCode: error?.code ?? null, errorMessage: error?.message ?? null }
}

/** Files are counted as records: one file may have several, in several targets. */
function countsOf(
  items: readonly RecordOutcome[],
  bytesOf: (outcome: RecordOutcome) => number,
): Omit<
  RunRecord,
  'id' | 'command' | 'source' | 'startedAtMs' | 'endedAtMs' | 'status' | 'errorCode' | 'errorMessage'
> {
  const looked = items.filter(({ result }) => result !== 'refused')
  const count = (...results: readonly RecordOutcome['result'][]): number =>
    items.filter(({ result }) => results.includes(result)).length
  const sum = (key: 'rowsRead' | 'rowsLoaded' | 'rowsRejected'): number =>
    looked.reduce((total, item) => total + item[key], 0)
  return {
    filesSeen: items.length,
    filesLoaded: count('loaded', 'partly'),
    filesHeld: count('stays'),
    filesSkipped: count('discarded'),
    filesFailed: count('refused'),
    rowsRead: sum('rowsRead'),
    rowsLoaded: sum('rowsLoaded'),
    rowsRejected: sum('rowsRejected'),
    bytesRead: looked.reduce((total, item) => total + bytesOf(item), 0),
    watermarkValue: null,
  }
}
