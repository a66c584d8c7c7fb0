import path from 'node:path'
import type {
  CheckResult,
  Contract,
  FileVersionId,
  GateSettings,
  Reason,
  Relation,
  Session,
  SourceConfig,
  Verdict,
} from '@tidegate/core'
import {
  compileContract,
  decideGate,
  evaluatePlan,
  failedRules,
  planChecks,
  resolveGate,
  rowRules,
  sampleFailingRows,
  splitSql,
  type CompiledContract,
  type EvaluateOptions,
  type Evaluation,
  type FailingRow,
  type MetricPoint,
  type OtherTable,
} from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { mapLanes, type Lanes } from './lanes.ts'
import { checkFileRules } from './file-rules.ts'
import { judgeBeyondFile, splitByScope, type BeyondFile } from './judge-beyond-file.ts'
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
      /** SELECT statements over the file's own columns: rows to load, rows to reject (only with a split). */
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
  readonly source: Pick<SourceConfig, 'format' | 'options' | 'gate'>
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
  const prepared = await mapLanes(batch.files, prepareIn, async (version, session) => {
    effects.signal.throwIfAborted()
    const startedMs = effects.clock.nowMs()
    const file =
      settings.prepared?.get(version.id) ??
      (await prepareFile(version, settings.source, settings.contract, session, workFolder, effects))
    return { file, durationMs: effects.clock.nowMs() - startedMs }
  })
  for (const { file, durationMs } of prepared) {
    if (file.kind === 'unreadable') {
      judged.set(file.version.id, { kind: 'unreadable', file, reasons: file.reasons, durationMs })
      effects.report({ kind: 'stage-advanced', stage: 'check', files: 1, bytes: file.version.sizeBytes })
      continue
    }
    const key = JSON.stringify([file.converted, file.columns])
    groups.set(key, [...(groups.get(key) ?? []), { file, durationMs }])
  }
  const scopes = settings.contract === undefined ? undefined : splitByScope(settings.contract)
  const beyond =
    scopes?.beyond === undefined
      ? new Map<FileVersionId, BeyondFile>()
      : await judgeTogether([...groups.values()], scopes.beyond, settings, lanes[0], effects)
  const own: OwnSettings = { ...settings, contract: scopes?.own, beyond }
  const scans = [...groups.values()].flatMap((group) => cutIntoScans(group))
  for (const results of await mapLanes(scans, lanes, (scan, session) => judgeGroup(scan, own, session, effects))) {
    for (const result of results) judged.set(result.file.version.id, result)
  }
  return judged
}

interface MeasuredFile {
  readonly file: ReadableFile
  readonly durationMs: number
}

/** Rows above which a file is scanned alone: grouping by file then costs more than the statement that it saves. */
const ROWS_PER_SCAN = 100_000

/** Small files share a scan, in order; large ones have one each. */
function cutIntoScans(group: readonly MeasuredFile[]): MeasuredFile[][] {
  const scans: MeasuredFile[][] = []
  let rows = 0
  for (const member of group) {
    const current = scans.at(-1)
    if (current !== undefined && rows + member.file.rowsRead <= ROWS_PER_SCAN) {
      current.push(member)
      rows += member.file.rowsRead
    } else {
      scans.push([member])
      rows = member.file.rowsRead
    }
  }
  return scans
}

interface OwnSettings extends JudgeSettings {
  /** What the batch as a whole has found of each file already. */
  readonly beyond: ReadonlyMap<FileVersionId, BeyondFile>
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

async function judgeGroup(
  group: readonly MeasuredFile[],
  settings: OwnSettings,
  session: Session,
  effects: Pick<PipelineEffects, 'clock' | 'signal' | 'report'>,
): Promise<JudgedFile[]> {
  const startedMs = effects.clock.nowMs()
  const { signal } = effects
  const files = group.map((member) => member.file)
  const { contract } = settings
  const relation = relationOf(files, session)
  const keyOf = new Map(files.map((file, index) => [file, relation.files[index]?.key]))
  const policy = resolveGate(
    settings.gateFlag,
    settings.source.gate.source,
    contract?.gate ?? {},
    settings.source.gate.defaults,
  )
  const { tables, history } = settings
  const compiled =
    contract === undefined ? undefined : compileContract(contract, relation.columns, { tables, nowMs: startedMs })
  const evaluation =
    compiled === undefined
      ? NOTHING
      : await evaluate(compiled, relation, session, { signal, history, nowMs: startedMs })
  const { results, failingValues } = evaluation
  const sharedMs = (effects.clock.nowMs() - startedMs) / Math.max(1, files.length)
  const judged: JudgedFile[] = []
  for (const { file, durationMs: ownMs } of group) {
    const ownStartMs = effects.clock.nowMs()
    const all = [
      ...checkFileRules(contract, { name: path.basename(file.version.path), bytes: file.version.sizeBytes }),
      ...lineResults(file),
      ...(results.get(keyOf.get(file) ?? '') ?? []),
      ...(settings.beyond.get(file.version.id)?.results ?? []),
    ]
    const verdict: Verdict =
      contract === undefined
        ? { kind: 'admit', score: null, threshold: policy.threshold, reasons: [] }
        : decideGate(all, policy)
    const single = relationOf([file], session)
    const rules =
      compiled !== undefined && (verdict.kind === 'split' || verdict.kind === 'hold')
        ? failedRules(
            [
              ...rowRules(compiled, single, session.dialect, failingValues),
              ...(settings.beyond.get(file.version.id)?.rules ?? []),
            ],
            all,
          )
        : []
    const samples =
      rules.length > 0 && contract !== undefined
        ? await sampleFailingRows(session, single, rules, {
            file: single.files[0]?.key ?? '',
            limit: 20,
            contract,
            signal,
          })
        : []
    const { good, rejected } = splitSql(single, verdict.kind === 'split' ? rules : [], session.dialect, {
      columns: file.columns,
    })
    judged.push({
      kind: 'readable',
      file,
      verdict,
      results: all,
      samples,
      good,
      rejected,
      durationMs: ownMs + sharedMs + (effects.clock.nowMs() - ownStartMs),
    })
    effects.report({
      kind: 'stage-advanced',
      stage: 'check',
      files: 1,
      rows: file.rowsRead,
      bytes: file.version.sizeBytes,
    })
  }
  return judged
}

const NOTHING: Evaluation = { results: new Map(), failingValues: new Map() }

/** Rows per file from which its footer is worth asking: for 2,000 files of 1,000 rows it took as long as the scan. */
const ROWS_WORTH_A_FOOTER = 20_000

/** What the footers prove is not scanned for. */
async function evaluate(
  compiled: CompiledContract,
  relation: Relation,
  session: Session,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const files = relation.files.flatMap((file) =>
    file.parquet !== undefined && (file.rows ?? 0) >= ROWS_WORTH_A_FOOTER ? [file.parquet] : [],
  )
  const statistics = files.length === relation.files.length ? await session.fileStatistics(files, options) : []
  return evaluatePlan(session, planChecks(compiled, relation, session.dialect, { statistics }), options)
}

/** Lines of a text file that could not be parsed, as the failed check that they are. */
function lineResults(file: ReadableFile): CheckResult[] {
  if (!file.converted) return []
  return [
    {
      id: 'file:lines',
      type: 'file',
      columns: [],
      severity: 'critical',
      dimension: 'validity',
      outcome: file.rejectedCount === 0 ? 'passed' : 'failed',
      // Beyond the list's cap the lines themselves are not at hand, so they cannot be set aside one by one.
      rowLevel: file.rejectedLines.length === file.rejectedCount,
      message:
        file.rejectedCount === 0
          ? 'every line can be parsed'
          : `${file.rejectedCount} of ${file.rowsRead} lines cannot be parsed, the first at record ${file.rejectedLines[0]?.row ?? '?'}: ${file.rejectedLines[0]?.message ?? ''}`,
      elementCount: file.rowsRead,
      unexpectedCount: file.rejectedCount,
      provedBy: 'scan',
    },
  ]
}
