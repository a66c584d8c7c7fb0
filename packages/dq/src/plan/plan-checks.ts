import { TidegateError, type CheckResult, type Dialect, type FileStatistics, type Relation } from '@tidegate/core'
import { NOTHING } from '../evaluate/capture-record.ts'
import type { CaptureSettings, CheckPlan, PlannedCheck } from './check-plan.ts'
import { isRowLevel, type CompiledCheck, type CompiledContract } from '../compile/compiled-contract.ts'
import type { CheckProblem, Compiled } from '../expectations/definition.ts'
import { FALSE, type Expression } from '../expression/expression.ts'
import { byValue, isProved, proveAll } from './plan-proofs.ts'
import { metricKey, type Metric } from '../expression/metric.ts'
import { afterValuesQueries, planQueries } from './plan-queries.ts'
import type { QueryPlace } from '../evaluate/assemble-query.ts'
import { planValueTests, previewValues, withoutTests } from './plan-value-tests.ts'
import { appliesTo, unsupportedBy } from '../compile/unsupported.ts'

export interface PlanOptions {
  /** What is kept of unexpected rows. */
  readonly capture?: Partial<CaptureSettings> | undefined
  /** Short for `capture.values`. */
  readonly sampleLimit?: number | undefined
  /** What the footers of the relation's Parquet files say: what they prove is not asked of the engine. */
  readonly statistics?: readonly FileStatistics[] | undefined
  /** @defaultValue 500 */
  readonly maxAggregatesPerQuery?: number | undefined
}

/** Plans how checks are answered on a relation: one scan for all of them, and one grouping per set of keys. Pure. */
export function planChecks(
  compiled: CompiledContract,
  relation: Relation,
  dialect: Dialect,
  options: PlanOptions = {},
): CheckPlan {
  const capture = captureSettings(options, relation)
  const checks: PlannedCheck[] = []
  const withoutData: CheckResult[] = []
  const metrics = new Map<string, Metric>()
  const applicable = compiled.checks.filter((check) => appliesTo(relation, check))
  for (const check of applicable) {
    const { answer } = check
    const problem = answer.kind === 'problem' ? answer.problem : unsupportedBy(dialect, check)
    if (problem !== undefined) withoutData.push(errorResult(check, problem))
    else if (answer.kind === 'decided') withoutData.push(decidedResult(check, answer.judgement))
    else if (answer.kind === 'measured') checks.push(plannedCheck(check, answer, metrics, capture))
  }
  const max = options.maxAggregatesPerQuery ?? 500
  const statistics = options.statistics ?? []
  const proofs = proveAll(metrics, relation, statistics)
  const asked = relation.files.length === 0 ? [] : [...metrics].filter(([key]) => !proofs.values.has(key))
  const { now, later } = withoutTests(new Map(asked))
  const hidden = hiddenSamples({ checks, sensitive: compiled.sensitive, capture })
  const place: QueryPlace = { relation, dialect, capture, max, hidden }
  const valueTests = planValueTests(later, place)
  return {
    contract: compiled.contract,
    relation,
    files: relation.files,
    checks: checks.map((check) => (isProved(check, proofs) ? { ...check, proved: true } : check)),
    queries: planQueries(byValue(now, relation, statistics), place),
    valueTests,
    afterValues: later,
    afterValuesPreview: afterValuesQueries(later, { ...place, failingValues: previewValues(valueTests) }),
    withoutData,
    order: applicable.map((check) => check.id),
    sensitive: compiled.sensitive,
    capture,
    maxAggregatesPerQuery: max,
    proved: proofs.values,
    provedRowGroups: proofs.rowGroups,
  }
}

/** Values of dropped columns are not even asked for, unless it is their rows that are. */
export function hiddenSamples({
  checks,
  sensitive,
  capture,
}: Pick<CheckPlan, 'checks' | 'sensitive' | 'capture'>): ReadonlySet<string> {
  const isDropped = ({ columns }: PlannedCheck): boolean =>
    columns.length > 0 && columns.every((name) => sensitive.get(name) === 'drop')
  return new Set(
    capture.rows ? [] : checks.flatMap((check) => (isDropped(check) ? (check.metrics['sample'] ?? []) : [])),
  )
}

function captureSettings({ capture = {}, sampleLimit }: PlanOptions, relation: Relation): CaptureSettings {
  const { when = 'after', values = sampleLimit ?? 20, rows = false, indexColumns = [], complete = false } = capture
  if (!Number.isSafeInteger(values) || values < 0)
    throw new TidegateError('CHECK_CAPTURE', `${values} is not a number of values to keep`, {
      hint: 'Give a whole number from 0.',
    })
  const known = new Set(relation.columns.map((column) => column.name))
  const unknown = indexColumns.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new TidegateError('CHECK_INDEX_COLUMN', `the data has no column ${JSON.stringify(unknown)} to name rows by`, {
      hint: `Its columns are ${relation.columns
        .slice(0, 20)
        .map((column) => column.name)
        .join(', ')}.`,
    })
  return { when, values, rows: rows || indexColumns.length > 0, indexColumns, complete }
}

/** Notes what the check measures. Its sample is made of the rows that break the rule, whatever counts them. */
function plannedCheck(
  check: CompiledCheck,
  answer: Extract<Compiled, { readonly kind: 'measured' }>,
  metrics: Map<string, Metric>,
  capture: CaptureSettings,
): PlannedCheck {
  const keys: Record<string, string> = {}
  const note = (role: string, metric: Metric): void => {
    const key = metricKey(metric)
    keys[role] = key
    metrics.set(key, metric)
  }
  const { description, resultType, violated, scope } = answer
  for (const [role, metric] of Object.entries(answer.metrics)) {
    if (violated === undefined || role !== 'sample') note(role, metric)
  }
  const sample = violated === undefined ? undefined : sampleOf(answer.metrics['sample'], violated, capture)
  if (sample !== undefined) note('sample', sample)
  const { id, type, columns, severity, dimension, kwargs } = check
  const base = { id, type, columns, severity, dimension, kwargs, description, resultType, scope, violated }
  const shown = sample?.kind === 'sample' ? sample.of : undefined
  const showsValues = answer.metrics['sample'] !== undefined
  const limits = check.limits === undefined ? {} : { limits: check.limits }
  return { ...base, ...limits, rowLevel: isRowLevel(check), shown, showsValues, metrics: keys, proved: false }
}

/** A rule without values to show (not null) still has rows, where they are asked for. */
function sampleOf(
  shown: Metric | undefined,
  violated: Expression,
  { rows, complete }: CaptureSettings,
): Metric | undefined {
  if (shown?.kind === 'sample') return shown
  if (shown?.kind === 'group-sample') return { kind: 'sample', of: shown.of, where: violated }
  return (rows || complete) && violated !== FALSE ? { kind: 'sample', of: NOTHING, where: violated } : undefined
}

/** The result of a check that could not be evaluated. */
export function errorResult(
  check: Pick<CheckResult, 'id' | 'type' | 'columns' | 'severity' | 'dimension'>,
  { code, message, hint }: CheckProblem,
): CheckResult {
  const text = hint === undefined ? message : `${message}. ${hint}`
  const { id, type, columns, severity, dimension } = check
  return {
    id,
    type,
    columns,
    severity,
    dimension,
    outcome: 'error',
    // Nobody knows which rows would have failed.
    rowLevel: false,
    message: text,
    provedBy: 'schema',
    error: { code, message: text },
  }
}

function decidedResult(
  check: CompiledCheck,
  judgement: { readonly passed: boolean; readonly message: string },
): CheckResult {
  const { id, type, columns, severity, dimension } = check
  const { passed, ...rest } = judgement
  return {
    id,
    type,
    columns,
    severity,
    dimension,
    rowLevel: false,
    outcome: passed ? 'passed' : 'failed',
    provedBy: 'schema',
    ...rest,
  }
}
