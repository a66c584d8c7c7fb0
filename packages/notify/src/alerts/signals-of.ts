import type { AlertSignal, RunRecord } from '@tidegate/core'
import type { NoticeFile } from '../notice.ts'
import { filesDetail, news, raise, resolveSignal } from './make-signals.ts'

/** What a run came to, as far as people are told of it. */
export interface EndedRun {
  readonly run: Pick<
    RunRecord,
    'id' | 'command' | 'source' | 'status' | 'startedAtMs' | 'endedAtMs' | 'filesLoaded' | 'filesFailed' | 'errorCode'
  >
  /** Files that the gate held in this run. */
  readonly held: readonly NoticeFile[]
  /** Datasets of which a file is held now, after the run; those of `held` are added. */
  readonly stillHeld: readonly string[]
  /** Files that were new to the run. */
  readonly arrived: { readonly files: number; readonly bytes: number }
  readonly outputs: readonly { readonly dataset: string; readonly files: number; readonly rows: number }[]
  readonly schemaChanges: readonly SchemaChange[]
}

/** How the newest schema of a dataset differs from the one before. */
export interface SchemaChange {
  readonly dataset: string
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Columns with another type. */
  readonly changed: readonly string[]
}

/**
 * What the end of a run says: raised, over, news. Pure; the same run gives the same signals with the same keys. A run that
 * was interrupted says nothing: another one continues it.
 */
export function signalsOf(ended: EndedRun): readonly AlertSignal[] {
  const { status } = ended.run
  if (status === 'running' || status === 'interrupted') return []
  return [...raised(ended), ...resolved(ended), ...toldOnce(ended)]
}

function raised({ run, held, schemaChanges }: EndedRun): readonly AlertSignal[] {
  const seen = seenIn(run)
  const signals: AlertSignal[] = []
  const byDataset = Map.groupBy(held, ({ dataset }) => dataset)
  for (const [dataset, files] of byDataset) {
    const detail = filesDetail(files)
    if (run.status === 'gate-failed') signals.push(raise('gate_failed', seen, dataset, run.id, detail))
    signals.push(raise('file_quarantined', seen, dataset, run.id, detail))
  }
  // Files that wait for a contract fail the gate, too, and are held nowhere.
  if (run.status === 'gate-failed' && held.length === 0)
    signals.push(raise('gate_failed', seen, null, run.id, filesDetail([])))
  if (run.status === 'failed' || (run.status === 'partial' && run.filesFailed > 0)) {
    const partly = run.status === 'partial'
    const detail = {
      code: run.errorCode ?? 'FILES_FAILED',
      command: run.command,
      partly,
      filesFailed: run.filesFailed,
    }
    signals.push(raise('run_failed', seen, null, run.id, detail, partly ? 'warning' : undefined))
  }
  for (const { dataset, added, removed, changed } of schemaChanges) {
    const detail = { added: [...added], removed: [...removed], changed: [...changed] }
    signals.push(raise('schema_changed', seen, dataset, run.id, detail))
  }
  return signals
}

function resolved({ run, held, stillHeld, schemaChanges }: EndedRun): readonly AlertSignal[] {
  if (run.status === 'failed') return []
  const seen = { ...seenIn(run), which: run.id }
  const open = [...new Set([...stillHeld, ...held.map(({ dataset }) => dataset)])].toSorted()
  const waits = run.status === 'gate-failed' && held.length === 0 ? [''] : []
  const because = `run ${run.id} ended, and nothing is held any more`
  const signals = [
    resolveSignal({ ...seen, kind: 'gate_failed', except: [...open, ...waits], because }),
    resolveSignal({ ...seen, kind: 'file_quarantined', except: open, because }),
  ]
  if (run.command !== 'ingest') return signals
  const ended = `run ${run.id} came to its end`
  if (run.filesFailed === 0)
    signals.push(
      ...(['run_failed', 'job_dead', 'schedule_missed'] as const).map((kind) =>
        resolveSignal({ ...seen, kind, because: ended }),
      ),
    )
  if (run.filesLoaded === 0) return signals
  const loaded = `run ${run.id} loaded files`
  return [
    ...signals,
    resolveSignal({ ...seen, kind: 'stale', because: loaded }),
    resolveSignal({
      ...seen,
      kind: 'schema_changed',
      except: schemaChanges.map(({ dataset }) => dataset),
      because: `${loaded} without another change`,
    }),
  ]
}

function toldOnce({ run, arrived, outputs }: EndedRun): readonly AlertSignal[] {
  const seen = seenIn(run)
  const signals: AlertSignal[] = []
  if (arrived.files > 0) signals.push(news('file_arrived', seen, run.id, run.id, { ...arrived }))
  if (outputs.length > 0) {
    const sum = (key: 'files' | 'rows'): number => outputs.reduce((total, output) => total + output[key], 0)
    const shown = outputs.toSorted((a, b) => b.rows - a.rows).slice(0, OUTPUTS_KEPT)
    const detail = {
      files: sum('files'),
      rows: sum('rows'),
      datasets: outputs.length,
      shown: shown.map((one) => ({ ...one })),
    }
    signals.push(news('output_generated', seen, run.id, run.id, detail))
  }
  return signals
}

const OUTPUTS_KEPT = 10

function seenIn(run: EndedRun['run']): { readonly source: string; readonly atMs: number } {
  return { source: run.source, atMs: run.endedAtMs ?? run.startedAtMs }
}
