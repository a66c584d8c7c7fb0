/**
 * Files of one form, judged by one plan: a scan grouped by file, a verdict for each. A file that the engine cannot read
 * would make every check of its neighbours an error, so a group in which checks broke is halved until that file is alone.
 */
import path from 'node:path'
import type { CheckResult, FileVersionId, Relation, Session, Verdict } from '@tidegate/core'
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
} from '@tidegate/dq'
import type { PipelineEffects } from './effects.ts'
import { checkFileRules } from './file-rules.ts'
import { hiddenColumns, NO_FIT, rowsAsTheyCame } from './fit-columns.ts'
import type { JudgedFile, JudgeSettings, MeasuredFile, ReadableFile } from './judge-batch.ts'
import type { BeyondFile } from './judge-beyond-file.ts'
import { relationOf } from './prepare-file.ts'

export interface GroupSettings extends JudgeSettings {
  /** What the batch as a whole has found of each file already. */
  readonly beyond: ReadonlyMap<FileVersionId, BeyondFile>
}

type GroupEffects = Pick<PipelineEffects, 'clock' | 'signal' | 'report'>

type JudgedRows = Extract<JudgedFile, { kind: 'readable' }>

/** What one plan said of a group. */
interface Scan {
  readonly relation: Relation
  readonly compiled: CompiledContract | undefined
  readonly evaluation: Evaluation
  readonly tookMs: number
}

export async function judgeGroup(
  group: readonly MeasuredFile[],
  settings: GroupSettings,
  session: Session,
  effects: GroupEffects,
): Promise<JudgedRows[]> {
  const scan = await scanGroup(group, settings, session, effects)
  const broken = brokenChecks(scan.evaluation)
  if (group.length > 1 && broken.size > 0 && !(await breakAlone(group, broken, settings, session, effects))) {
    const middle = Math.ceil(group.length / 2)
    return [
      ...(await judgeGroup(group.slice(0, middle), settings, session, effects)),
      ...(await judgeGroup(group.slice(middle), settings, session, effects)),
    ]
  }
  const judged: JudgedRows[] = []
  for (const [index, member] of group.entries()) judged.push(await concludeFile(member, index, scan, group.length))
  return judged

  async function concludeFile(
    { file, durationMs }: MeasuredFile,
    index: number,
    { relation, compiled, evaluation, tookMs }: Scan,
    files: number,
  ): Promise<JudgedRows> {
    const startMs = effects.clock.nowMs()
    const own = evaluation.results.get(relation.files[index]?.key ?? '') ?? []
    const conclusion = await conclude(file, own, compiled, evaluation, settings, session, effects)
    const { version, rowsRead } = file
    effects.report({ kind: 'stage-advanced', stage: 'check', files: 1, rows: rowsRead, bytes: version.sizeBytes })
    return withSelects(
      file,
      { ...conclusion, durationMs: durationMs + tookMs / files + (effects.clock.nowMs() - startMs) },
      session,
    )
  }
}

async function scanGroup(
  group: readonly MeasuredFile[],
  { contract, tables, history }: GroupSettings,
  session: Session,
  { clock, signal }: Pick<GroupEffects, 'clock' | 'signal'>,
): Promise<Scan> {
  const startedMs = clock.nowMs()
  const relation = relationOf(
    group.map(({ file }) => file),
    session,
    group.length > 1 ? 'places' : 'names',
  )
  const compiled =
    contract === undefined ? undefined : compileContract(contract, relation.columns, { tables, nowMs: startedMs })
  const evaluation =
    compiled === undefined
      ? NOTHING
      : await evaluate(compiled, relation, session, { signal, history, nowMs: startedMs })
  return { relation, compiled, evaluation, tookMs: clock.nowMs() - startedMs }
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

/** Whether the engine refused what was asked of the file's rows. */
export function brokeInEngine(results: readonly CheckResult[]): boolean {
  return results.some((result) => result.error?.code === 'CHECK_ENGINE')
}

function brokenChecks({ results }: Evaluation): ReadonlySet<string> {
  const all = [...results.values()].flat()
  return new Set(all.filter((result) => brokeInEngine([result])).map(({ id }) => id))
}

/** Checks that break on the first and on the last file alone break by themselves: no file is to blame. */
async function breakAlone(
  group: readonly MeasuredFile[],
  broken: ReadonlySet<string>,
  settings: GroupSettings,
  session: Session,
  effects: GroupEffects,
): Promise<boolean> {
  for (const member of [group[0], group.at(-1)]) {
    if (member === undefined) return false
    const { evaluation } = await scanGroup([member], settings, session, effects)
    const alone = brokenChecks(evaluation)
    if ([...broken].some((id) => !alone.has(id))) return false
  }
  return true
}

type Conclusion = Pick<JudgedRows, 'verdict' | 'results' | 'samples'> & {
  readonly rules: ReturnType<typeof failedRules>
}

async function conclude(
  file: ReadableFile,
  own: readonly CheckResult[],
  compiled: CompiledContract | undefined,
  { failingValues }: Evaluation,
  settings: GroupSettings,
  session: Session,
  { signal }: Pick<GroupEffects, 'signal'>,
): Promise<Conclusion> {
  const { contract, gateFlag, source, beyond } = settings
  const others = beyond.get(file.version.id)
  const results = [
    ...checkFileRules(contract, { name: path.basename(file.version.path), bytes: file.version.sizeBytes }),
    ...lineResults(file),
    ...own,
    ...(others?.results ?? []),
  ]
  const policy = resolveGate(gateFlag, source.gate.source, contract?.gate ?? {}, source.gate.defaults)
  const verdict: Verdict =
    contract === undefined
      ? { kind: 'admit', score: null, threshold: policy.threshold, reasons: [] }
      : decideGate(results, policy)
  if (compiled === undefined || contract === undefined || (verdict.kind !== 'split' && verdict.kind !== 'hold'))
    return { verdict, results, samples: [], rules: [] }
  const single = relationOf([file], session)
  const rules = failedRules(
    [...rowRules(compiled, single, session.dialect, failingValues), ...(others?.rules ?? [])],
    results,
  )
  const key = single.files[0]?.key ?? ''
  const samples =
    rules.length > 0 ? await sampleFailingRows(session, single, rules, { file: key, limit: 20, contract, signal }) : []
  return { verdict, results, samples, rules }
}

/** Most files of a group are loaded whole by a statement of the group: theirs are never asked for. */
function withSelects(
  file: ReadableFile,
  { rules, durationMs, ...conclusion }: Conclusion & Pick<JudgedRows, 'durationMs'>,
  session: Session,
): JudgedRows {
  const broken = conclusion.verdict.kind === 'split' ? rules : []
  const fit = file.fit ?? NO_FIT
  return {
    kind: 'readable',
    file,
    ...conclusion,
    durationMs,
    get good() {
      const single = relationOf([file], session)
      const place = [
        { name: single.fileColumn, type: 'VARCHAR' },
        { name: single.rowColumn, type: 'BIGINT' },
      ]
      const whole = { ...single, columns: [...single.columns, ...place, ...hiddenColumns(fit)] }
      return splitSql(whole, broken, session.dialect, { columns: whole.columns }).good
    },
    get rejected() {
      const single = relationOf([file], session)
      const kept = { ...single, columns: [...single.columns, ...hiddenColumns(fit)] }
      const { rejected } = splitSql(kept, broken, session.dialect, { columns: [] })
      return rowsAsTheyCame(rejected, fit, session.dialect)
    },
  }
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
