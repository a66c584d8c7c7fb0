import path from 'node:path'
import {
  stringifyJson,
  type CheckResult,
  type FileRepair,
  type FileVersionId,
  type LedgerFile,
  type Reason,
  type RejectedPart,
  type Session,
  type SourceConfig,
  type Staging,
} from '@tidegate/core'
import { safeName } from '@tidegate/load'
import type { WorkItem } from './decide-treatment.ts'
import type { FailingRow } from '@tidegate/dq'
import type { JudgedFile, ReadableFile } from './judge-batch.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { countFiltered, filterNote, type RowFilter } from './row-filter.ts'
import { selectRows } from './select-rows.ts'
import { storedType } from './stored-types.ts'
import type { TargetLayout } from './target-layout.ts'

/** What one file adds to the entry in the making. */
export interface FileDraft {
  readonly files: LedgerFile[]
  /** Versions whose rows leave. */
  readonly leaving: FileVersionId[]
  readonly rejected: RejectedPart[]
}

export interface StageContext {
  readonly batch: PlannedBatch
  readonly staging: Staging
  readonly draft: FileDraft
  /** The target's columns after this batch. */
  readonly layout: TargetLayout
  /** Files whose columns the target cannot take. */
  readonly refused: ReadonlyMap<FileVersionId, Reason>
  readonly source: SourceConfig
  readonly session: Session
  readonly signal: AbortSignal
  /** The destination's kind; `none` loads no rows. */
  readonly kind: string
  readonly filter: RowFilter | undefined
}

/** Stages what the entry will say of one file: its part, its rejected rows, or its copy in quarantine. */
export async function stageFile(item: WorkItem, judged: JudgedFile | undefined, context: StageContext): Promise<void> {
  const { treatment } = item
  if (treatment.kind === 'skip') {
    const taken = treatment.takesOldRows === true ? item.replaces : undefined
    if (taken !== undefined) removeReplaced(item, context)
    context.draft.files.push({
      ...baseFile(item),
      outcome: 'skipped',
      verdict: 'skip',
      reasons: [treatment.reason],
      duplicateOf: treatment.duplicateOf,
      ...(taken === undefined || item.again ? {} : { replaces: taken.id }),
    })
    return
  }
  if (treatment.kind === 'hold') {
    const reasons = [treatment.reason, ...(treatment.more ?? [])]
    return holdFile(item, context, { reasons, rows: 0, score: null, failed: [], samples: [] })
  }
  if (judged === undefined) throw new Error(`no judgement of ${item.version.id}`)
  if (judged.kind === 'unreadable') {
    return holdFile(item, context, { reasons: judged.reasons, rows: 0, score: null, failed: [], samples: [] })
  }
  const refused = context.refused.get(item.version.id)
  if (refused !== undefined || judged.verdict.kind === 'hold') {
    return holdFile(item, context, {
      reasons: [...judged.verdict.reasons, ...(refused === undefined ? [] : [refused]), ...repairNotes(judged.file)],
      rows: judged.file.rowsRead,
      repair: judged.file.repaired?.repair,
      score: judged.verdict.score,
      failed: judged.results.filter((result) => result.outcome !== 'passed'),
      samples: judged.samples,
    })
  }
  return loadFile(item, judged, context)
}

async function loadFile(item: WorkItem, judged: JudgedRows, context: StageContext): Promise<void> {
  const { version } = item
  const { staging, draft, session, batch, signal, filter } = context
  let rejected = judged.file.rejectedCount
  const rejectedParts: RejectedPart[] = []
  if (judged.verdict.kind === 'split') {
    const part = await staging.stageRejectedRows(
      session,
      storedRows(judged.rejected, judged.file.columns, session),
      { visible: `${quarantineName(item, batch)}.rows.parquet`, file: version.id, kind: 'rows' },
      { signal },
    )
    if (part.rows > 0) rejectedParts.push(part)
    rejected += part.rows
  }
  if (judged.file.rejectedCount > 0) {
    const { repaired, rejectedLines } = judged.file
    const [paper, name] = repaired === undefined ? [rejectedLines, 'lines'] : [lostRows(item, repaired), 'lost']
    rejectedParts.push(
      await staging.stageText(stringifyJson(paper, 2), {
        visible: `${quarantineName(item, batch)}.${name}.json`,
        file: version.id,
        kind: 'rows',
        rows: judged.file.rejectedCount,
      }),
    )
  }
  if (rejectedParts.length > 0)
    rejectedParts.push(
      await stageReasons(
        item,
        context,
        [...judged.verdict.reasons, ...repairNotes(judged.file)],
        judged.results.filter((result) => result.outcome !== 'passed'),
        judged.samples,
      ),
    )
  const from = `(${judged.good})`
  const dropped = filter === undefined ? 0 : await countFiltered(session, from, judged.file, filter, signal)
  const loaded = judged.file.rowsRead - rejected - dropped
  if (context.kind !== 'none') {
    const { dialect } = session
    const path = dialect.literal(version.path)
    const select = selectRows(from, judged.file, { ...context, path, filter: dropped === 0 ? undefined : filter })
    const files = [{ file: version.id, rows: loaded }]
    await staging.stageRows(session, select, { visible: partName(item, batch), files }, { signal })
  }
  draft.rejected.push(...rejectedParts)
  removeReplaced(item, context)
  draft.files.push(loadedFile(item, judged, context, { loaded, rejected, dropped, isSplit: rejectedParts.length > 0 }))
}

/** Rejected rows are Parquet, too. */
function storedRows(select: string, columns: ReadableFile['columns'], { dialect }: Session): string {
  const casts = columns.flatMap(({ name, type }) => {
    const stored = storedType(type)
    if (stored === type) return []
    const quoted = dialect.identifier(name)
    return [`CAST(${quoted} AS ${stored ?? 'VARCHAR'}) AS ${quoted}`]
  })
  return casts.length === 0 ? select : `SELECT * REPLACE (${casts.join(', ')}) FROM (${select})`
}

export interface LoadedRows {
  readonly loaded: number
  readonly rejected: number
  readonly dropped: number
  /** Something of it is in quarantine. */
  readonly isSplit: boolean
}

/** What the entry says of a file that is loaded. */
export function loadedFile(
  item: WorkItem,
  judged: JudgedRows,
  { batch, filter }: Pick<StageContext, 'batch' | 'filter'>,
  { loaded, rejected, dropped, isSplit }: LoadedRows,
): LedgerFile {
  const warnings =
    item.treatment.kind === 'judge' && item.treatment.warning !== undefined ? [item.treatment.warning] : []
  const notes = dropped > 0 && filter !== undefined ? [filterNote(filter, judged.file.columns, dropped)] : []
  return {
    ...baseFile(item),
    outcome: 'loaded',
    rowsRead: judged.file.rowsRead,
    rowsLoaded: loaded,
    rowsRejected: rejected,
    rowsDropped: dropped,
    score: judged.verdict.score,
    verdict: judged.verdict.kind,
    reasons: [...judged.verdict.reasons, ...warnings, ...notes, ...repairNotes(judged.file)],
    repair: judged.file.repaired?.repair,
    quarantinePath: isSplit ? quarantineName(item, batch) : undefined,
    replaces: item.again ? item.version.id : item.replaces?.id,
  }
}

export type JudgedRows = Extract<JudgedFile, { kind: 'readable' }>

function repairNotes({ repaired }: ReadableFile): readonly Reason[] {
  return repaired === undefined ? [] : [repaired.note]
}

/** What stands in quarantine for rows that nobody can bring back. */
function lostRows({ version }: WorkItem, { repair, note }: NonNullable<ReadableFile['repaired']>): unknown {
  return { format: 1, file: version.id, uri: version.uri, what: note.message, repair }
}

interface Hold {
  readonly reasons: readonly Reason[]
  readonly rows: number
  readonly score: number | null
  readonly failed: readonly CheckResult[]
  readonly samples: readonly FailingRow[]
  readonly repair?: FileRepair | undefined
}

async function holdFile(item: WorkItem, context: StageContext, hold: Hold): Promise<void> {
  const { version } = item
  const { staging, draft, batch, source } = context
  const name = quarantineName(item, batch)
  if (source.quarantine.original !== 'reference') {
    draft.rejected.push(
      await staging.stageOriginal(version.uri, {
        visible: `${name}${plainExtension(version.path)}`,
        file: version.id,
        kind: 'original',
        rows: hold.rows,
      }),
    )
  }
  draft.rejected.push(await stageReasons(item, context, hold.reasons, hold.failed, hold.samples))
  if (item.again) removeReplaced(item, context)
  draft.files.push({
    ...baseFile(item),
    outcome: 'held',
    rowsRead: hold.rows,
    rowsRejected: hold.rows,
    score: hold.score,
    verdict: 'hold',
    reasons: hold.reasons,
    duplicateOf: item.treatment.kind === 'hold' ? item.treatment.duplicateOf : undefined,
    quarantinePath: name,
    replaces: item.again ? version.id : undefined,
    repair: hold.repair,
  })
}

/** The paper that lies beside quarantined data: why, which checks, how many, for example which rows. */
async function stageReasons(
  item: WorkItem,
  context: StageContext,
  reasons: readonly Reason[],
  failed: readonly CheckResult[],
  samples: readonly FailingRow[],
): Promise<RejectedPart> {
  const { version } = item
  const paper = {
    format: 1,
    file: version.id,
    source: version.source,
    dataset: version.dataset,
    path: version.path,
    uri: version.uri,
    sha256: version.contentHash,
    bytes: version.sizeBytes,
    batch: context.batch.batch,
    reasons,
    checks: failed,
    sampleRows: samples,
  }
  return context.staging.stageText(`${stringifyJson(paper, 2)}\n`, {
    visible: `${quarantineName(item, context.batch)}.reasons.json`,
    file: version.id,
    kind: 'reasons',
  })
}

export function removeReplaced({ replaces }: WorkItem, { draft }: Pick<StageContext, 'draft'>): void {
  if (replaces !== undefined) draft.leaving.push(replaces.id)
}

function baseFile(item: WorkItem): Omit<LedgerFile, 'outcome' | 'verdict' | 'reasons'> {
  const { version } = item
  return {
    id: version.id,
    path: version.path,
    ordinal: version.ordinal,
    uri: version.uri,
    stamp: version.stamp,
    bytes: version.sizeBytes,
    modifiedAtMs: version.modifiedAtMs,
    hash: version.contentHash,
    rowsRead: 0,
    rowsLoaded: 0,
    rowsRejected: 0,
    rowsDropped: 0,
    score: null,
    ...(item.overtakes === undefined ? {} : { overtakes: item.overtakes }),
    ...(item.again ? { replaces: version.id } : {}),
  }
}

/** Unique for ever: the batch and the attempt are in it, so a part is never overwritten. */
export function partName(item: WorkItem, batch: PlannedBatch): string {
  const index = batch.files.findIndex((file) => file.id === item.version.id)
  return `part-${batch.batch}-${batch.attempt}-${String(index).padStart(4, '0')}.parquet`
}

function quarantineName(item: WorkItem, batch: PlannedBatch): string {
  return `${batch.dataset}/${batch.batch}-${batch.attempt}/${safeName(item.version.path)}`
}

/** The extension, so that people can open the copy; nothing where a hostile name has something else after its last dot. */
function plainExtension(name: string): string {
  const extension = path.extname(name)
  return /^\.[A-Za-z0-9]{1,16}$/.test(extension) ? extension : ''
}
