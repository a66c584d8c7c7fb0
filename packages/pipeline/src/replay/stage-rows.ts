import {
  stringifyJson,
  type CheckResult,
  type Reason,
  type RejectedPart,
  type Session,
  type Staging,
} from '@tidegate/core'
import { safeName } from '@tidegate/load'
import type { PlannedBatch } from '../plan-batches.ts'
import { selectRows } from '../select-rows.ts'
import type { TargetLayout } from '../target-layout.ts'
import type { FoundRows } from './find-rows.ts'
import type { JudgedRows } from './judge-rows.ts'

export interface StagedRows {
  readonly found: FoundRows
  readonly rowsRead: number
  readonly rowsLoaded: number
  readonly rowsRejected: number
  readonly rowsDiscarded: number
  readonly rejected: readonly RejectedPart[]
  readonly reasons: readonly Reason[]
  readonly newRecord: string | null
}

export interface StageRowsContext {
  readonly batch: PlannedBatch
  readonly staging: Staging
  readonly session: Session
  readonly signal: AbortSignal
  readonly layout: TargetLayout
}

/** Stages the good rows of one record as a part of its file version, and the others as a new record. */
export async function stageRows(
  found: FoundRows,
  judged: JudgedRows,
  index: number,
  context: StageRowsContext,
): Promise<StagedRows> {
  const { staging, session, batch, layout, signal } = context
  const { dialect } = session
  const rejected: RejectedPart[] = []
  const folder = `${found.item.dataset}/${batch.batch}-${batch.attempt}`
  const name = `${folder}/${safeName(found.version.path)}-${index}`
  if (judged.rejectedRows > 0) {
    const visible = `${name}.rows.parquet`
    const request = { visible, file: found.item.file, kind: 'rows' } as const
    rejected.push(await staging.stageRejectedRows(session, judged.rejected, request, { signal }))
    rejected.push(await stagePaper(found, judged, name, context))
  }
  const rowsLoaded = judged.file.rowsRead - judged.rejectedRows
  const path = dialect.literal(found.version.path)
  const select = selectRows(`(${judged.good})`, judged.file, { session, layout, batch, filter: undefined, path })
  const visible = `part-${batch.batch}-${batch.attempt}-${String(index).padStart(4, '0')}.parquet`
  await staging.stageRows(
    session,
    select,
    { visible, files: [{ file: found.item.file, rows: rowsLoaded }] },
    { signal },
  )
  return {
    found,
    rowsRead: found.item.rows,
    rowsLoaded,
    rowsRejected: judged.rejectedRows,
    rowsDiscarded: found.item.rows - judged.file.rowsRead,
    rejected,
    reasons: judged.reasons,
    newRecord: rejected[0]?.visible ?? null,
  }
}

/** The paper beside the rest, as beside every quarantined file: why, which checks, for example which rows. */
function stagePaper(
  { item, version }: FoundRows,
  judged: JudgedRows,
  name: string,
  { staging, batch }: StageRowsContext,
): Promise<RejectedPart> {
  const paper = {
    format: 1,
    file: item.file,
    source: item.source,
    dataset: item.dataset,
    path: version.path,
    uri: version.uri,
    sha256: version.hash,
    bytes: version.bytes,
    batch: batch.batch,
    replayOf: item.id,
    reasons: judged.reasons,
    checks: judged.failed satisfies readonly CheckResult[],
    sampleRows: judged.samples,
  }
  const request = { visible: `${name}.reasons.json`, file: item.file, kind: 'reasons' } as const
  return staging.stageText(`${stringifyJson(paper, 2)}\n`, request)
}
