import type {
  CheckResult,
  ColumnSchema,
  Contract,
  FileVersionId,
  GateSettings,
  Reason,
  Session,
  SourceConfig,
  Verdict,
} from '@tidegate/core'
import type { FailingRow, MetricPoint, OtherTable } from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { fitFiles, withHints, type FitSettings } from './fit-columns.ts'
import { brokeInEngine, judgeGroup, type GroupSettings } from './judge-group.ts'
import { judgeBeyondFile, splitByScope, type BeyondFile } from './judge-beyond-file.ts'
import { mapLanes, type Lanes } from './lanes.ts'
import type { PlannedBatch } from './plan-batches.ts'
import { prepareFile, relationOf, type PreparedFile, type PrepareEffects } from './prepare-file.ts'

export type ReadableFile = Extract<PreparedFile, { kind: 'readable' }>

/** What is known of one file when its rows have been looked at, and before anything is written. */
export type JudgedFile =
  | {
      readonly kind: 'readable'
      readonly file: ReadableFile
      readonly verdict: Verdict
      readonly results: readonly CheckResult[]
      readonly samples: readonly FailingRow[]
      /**
       * SELECT statements over the file's own columns: rows to load, rows to reject (only with a split). `good` has the file
       * and row columns of the relation, too, and those that its fit added.
       */
      readonly good: string
      readonly rejected: string
      readonly durationMs: number
    }
  | {
      readonly kind: 'unreadable'
      readonly file: Extract<PreparedFile, { kind: 'unreadable' }>
      readonly reasons: readonly Reason[]
      readonly durationMs: number
    }

export interface JudgeSettings {
  readonly source: Pick<SourceConfig, 'format' | 'options' | 'gate'> & Partial<FitSettings>
  /** The dataset's columns before the batch; for hints and rescued types. */
  readonly dataset?: readonly ColumnSchema[] | undefined
  readonly contract: Contract | undefined
  /** Files that are prepared already, where the caller has just done so. */
  readonly prepared?: ReadonlyMap<FileVersionId, PreparedFile> | undefined
  /** From the command line. */
  readonly gateFlag: GateSettings
  /** Tables that checks may name besides the file; see dq `TARGET_TABLE`. */
  readonly tables?: ReadonlyMap<string, OtherTable> | undefined
  /** Earlier values of checks by check id. */
  readonly history?: ReadonlyMap<string, readonly MetricPoint[]> | undefined
}

/**
 * Diagnoses, reads and checks every file of a batch: fused scans over files with the same columns, a verdict per file. Decides nothing about loading; writes only into the work folder.
 */
export async function judgeBatch(
  batch: PlannedBatch,
  settings: JudgeSettings,
  lanes: Lanes,
  workFolder: string,
  effects: Pick<PipelineEffects, 'store' | 'clock' | 'signal' | 'report'> & PrepareEffects,
): Promise<ReadonlyMap<FileVersionId, JudgedFile>> {
  const judged = new Map<FileVersionId, JudgedFile>()
  const groups = new Map<string, MeasuredFile[]>()
  // Text is converted one file at a time: a conversion alone may fill the memory.
  const prepareIn: Lanes = settings.source.format === 'parquet' ? lanes : [lanes[0]]
  const preparing = { ...effects, columns: effects.columns ?? new Map() }
  const prepared = await mapLanes(batch.files, prepareIn, async (version, session) => {
    effects.signal.throwIfAborted()
    const startedMs = effects.clock.nowMs()
    const file =
      settings.prepared?.get(version.id) ??
      (await prepareFile(version, settings.source, settings.contract, session, workFolder, preparing))
    return { file, durationMs: effects.clock.nowMs() - startedMs }
  })
  for (const { file, durationMs } of fitFiles(prepared, settings)) {
    if (file.kind === 'unreadable') {
      judged.set(file.version.id, { kind: 'unreadable', file, reasons: file.reasons, durationMs })
      effects.report({ kind: 'stage-advanced', stage: 'check', files: 1, bytes: file.version.sizeBytes })
      continue
    }
    const key = formOf(file)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [{ file, durationMs }])
    else group.push({ file, durationMs })
  }
  const { schemaHints = {} } = settings.source
  const contract = withHints(settings.contract, batch.dataset, { schemaHints })
  const scopes = contract === undefined ? undefined : splitByScope(contract)
  const beyond =
    scopes?.beyond === undefined
      ? new Map<FileVersionId, BeyondFile>()
      : await judgeTogether([...groups.values()], scopes.beyond, settings, lanes[0], effects)
  const own: GroupSettings = { ...settings, contract: scopes?.own, beyond }
  const scans = [...groups.values()].flatMap((group) => cutIntoScans(group))
  for (const results of await mapLanes(scans, lanes, (scan, session) => judgeGroup(scan, own, session, effects))) {
    for (const result of results) judged.set(result.file.version.id, await openRefused(result, lanes[0]))
  }
  return judged

  /** A file that took its columns from another may be one that the engine refuses; then all of its checks are errors. */
  async function openRefused(result: JudgedFile, session: Session): Promise<JudgedFile> {
    if (result.kind === 'unreadable' || result.file.unopened !== true || !brokeInEngine(result.results)) return result
    const { version } = result.file
    const anew = { ...effects, columns: undefined }
    const prepared = await prepareFile(version, settings.source, settings.contract, session, workFolder, anew)
    const [fitted] = fitFiles([{ file: prepared, durationMs: result.durationMs }], settings)
    if (fitted === undefined) return result
    const { file, durationMs } = fitted
    if (file.kind === 'unreadable') return { kind: 'unreadable', file, reasons: file.reasons, durationMs }
    const [again] = await judgeGroup([{ file, durationMs }], own, session, { ...effects, report: () => {} })
    return again ?? result
  }
}

/** Files of one form can be read by one statement. */
export function formOf({ converted, columns, fit, read }: ReadableFile): string {
  const casts = fit === undefined || fit.casts.length === 0 ? [] : [fit.casts, read ?? null]
  return JSON.stringify([converted, columns, casts])
}

export interface MeasuredFile {
  readonly file: ReadableFile
  readonly durationMs: number
}

/** Rows above which a file is scanned alone: grouping by file then costs more than the statement that it saves. */
const ROWS_ALONE = 100_000

/** Rows and files of a shared scan: of 500 files of 1,000 rows each costs half of what it costs among 100, of 2,000 no less. */
const ROWS_PER_SCAN = 500_000
const FILES_PER_SCAN = 1_000

/** Small files share a scan, in order; large ones have one each. */
function cutIntoScans(group: readonly MeasuredFile[]): MeasuredFile[][] {
  const scans: MeasuredFile[][] = []
  let open: MeasuredFile[] | undefined
  let rows = 0
  for (const member of group) {
    const own = member.file.rowsRead
    if (own > ROWS_ALONE) {
      scans.push([member])
      continue
    }
    if (open === undefined || rows + own > ROWS_PER_SCAN || open.length >= FILES_PER_SCAN) {
      open = []
      scans.push(open)
      rows = 0
    }
    open.push(member)
    rows += own
  }
  return scans
}

/** Checks that compare the files of the batch with each other, and with what the target holds. */
async function judgeTogether(
  groups: readonly (readonly MeasuredFile[])[],
  contract: Contract,
  { tables }: JudgeSettings,
  session: Session,
  { signal, clock }: Pick<PipelineEffects, 'clock' | 'signal'>,
): Promise<ReadonlyMap<FileVersionId, BeyondFile>> {
  const relations = groups.map((group) =>
    relationOf(
      group.map(({ file }) => file),
      session,
    ),
  )
  const found = await judgeBeyondFile(session, relations, contract, { signal, tables, nowMs: clock.nowMs() })
  return new Map(
    groups.flatMap((group, place) =>
      group.flatMap(({ file }, index) => {
        const own = found.get(relations[place]?.files[index]?.key ?? '')
        return own === undefined ? [] : [[file.version.id, own] as const]
      }),
    ),
  )
}
