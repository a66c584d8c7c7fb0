import { isTidegateError, messageOf, type Cell, type CheckResult, type Session } from '@tidegate/core'
import type { CheckProblem, Judgement, Measured, MetricPoint } from '../expectations/definition.ts'
import { REGISTRY, type Registry } from '../expectations/registry.ts'
import { judgeRows } from '../expectations/row-judgement.ts'
import type { SensitiveColumns } from '../compile/compiled-contract.ts'
import { decideLimits } from '../limits/decide-limits.ts'
import { maskValue } from './mask.ts'
import type { CheckPlan, PlannedCheck, PlannedQuery } from '../plan/check-plan.ts'
import { describeExpression } from '../expression/expression.ts'
import { metricExpressions } from '../expression/metric.ts'
import { errorResult, hiddenSamples } from '../plan/plan-checks.ts'
import { afterValuesQueries } from '../plan/plan-queries.ts'
import { testsIn } from '../plan/plan-value-tests.ts'
import { answeredByScreen } from '../plan/screen-groups.ts'
import { confineQuery } from './confine-query.ts'
import { noMeasurements, runQuery, type MetricFailure, type Measurements } from './run-query.ts'
import { attachUnexpected } from './attach-unexpected.ts'
import { shownValues } from './capture-record.ts'
import { testValues } from './test-values.ts'
import type { FailingValues, ValueTester } from '../value-tests/value-test.ts'

export interface EvaluateOptions {
  readonly signal?: AbortSignal | undefined
  /** Unexpected values per check and file, at most what the plan allows. @defaultValue the plan's (20) */
  readonly sampleLimit?: number | undefined
  /** Columns whose values are masked besides those the contract calls sensitive. */
  readonly maskedColumns?: readonly string[] | undefined
  /** The expectations that are known. @defaultValue the built-in ones */
  readonly registry?: Registry | undefined
  /** When the data is judged, Unix milliseconds: for checks of freshness. */
  readonly nowMs?: number | undefined
  /** Earlier values of checks on this dataset by check id, oldest first: for checks over time. */
  readonly history?: ReadonlyMap<string, readonly MetricPoint[]> | undefined
  /** Makes the tests of values. Not closed here. @defaultValue one of its own, opened only where a check needs it */
  readonly tester?: ValueTester | undefined
  /** What queries of the contract's author may name: the rows that are checked, or all that the session knows. @defaultValue 'rows' */
  readonly queriesReach?: 'rows' | 'session' | undefined
}

export interface Evaluation {
  /** By key of the file, in the contract's order; an entry for every file of the relation, also for empty ones. */
  readonly results: ReadonlyMap<string, readonly CheckResult[]>
  /** What testing values found: `rowRules` needs it for checks that test values. */
  readonly failingValues: FailingValues
}

/**
 * Runs a plan and judges what was measured.
 *
 * A check whose metrics the engine refuses is an `error`; the others are answered. Throws what ends all of them: a crashed
 * engine, no memory, no disk, a cancelled signal.
 */
export async function evaluatePlan(
  session: Session,
  plan: CheckPlan,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const measurements = noMeasurements()
  for (const [key, values] of plan.proved) measurements.values.set(key, new Map(values))
  const queryOptions = { signal: options.signal }
  const failingValues = await testAll(session, plan, measurements, options)
  const queries = [...plan.queries, ...queriesAfterValues(session, plan, failingValues)]
  const refused = options.queriesReach === 'session' ? undefined : openRefusals(session, options.signal)
  for (const query of queries) {
    if (query.kind === 'sample' || answeredByScreen(plan, query, measurements)) continue
    const why = await refused?.(query)
    if (why === undefined) await runQuery(session, plan, query, measurements, queryOptions)
    else for (const key of query.answers) measurements.failures.set(key, why)
  }

  const sensitive = withMasked(plan.sensitive, options.maskedColumns ?? [])
  const judged = plan.files.map((file) => judgeFile(plan, file.key, measurements, sensitive, options))
  const limit = Math.min(options.sampleLimit ?? plan.capture.values, plan.capture.values)
  const place = { session, plan, queries, measurements, failingValues, limit, sensitive, query: queryOptions }
  await attachUnexpected(judged, place)

  const order = new Map(plan.order.map((id, index) => [id, index]))
  const rank = (result: CheckResult): number => order.get(result.id) ?? 0
  const results = new Map(
    plan.files.map((file, index) => {
      const all = [...plan.withoutData, ...(judged[index]?.values() ?? [])]
      return [file.key, all.sort((left, right) => rank(left) - rank(right))] as const
    }),
  )
  return { results, failingValues }
}

/** Looks at each text once: it is asked of each file, and for several metrics. */
function openRefusals(
  session: Session,
  signal: AbortSignal | undefined,
): (query: PlannedQuery) => Promise<MetricFailure | undefined> {
  const known = new Map<string, string | undefined>()
  return async ({ written = [] }) => {
    for (const one of written) {
      const key = JSON.stringify(one)
      const why = known.has(key) ? known.get(key) : await confineQuery(session, one, signal)
      known.set(key, why)
      if (why !== undefined) return { code: 'CHECK_SQL', message: `the SQL looks beyond the rows: ${why}` }
    }
    return undefined
  }
}

/** The results of {@link evaluatePlan}. */
export async function evaluateChecks(
  session: Session,
  plan: CheckPlan,
  options: EvaluateOptions = {},
): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  return (await evaluatePlan(session, plan, options)).results
}

/** Tests the values that must be tested; what cannot be is a failure of the metrics that need it. */
async function testAll(
  session: Session,
  plan: CheckPlan,
  { failures }: Measurements,
  options: EvaluateOptions,
): Promise<FailingValues> {
  if (plan.valueTests.length === 0) return new Map()
  const own = options.tester === undefined ? await openOwnTester() : undefined
  const tester = options.tester ?? own
  if (tester === undefined) return new Map()
  try {
    const tested = await testValues(session, plan, tester, { signal: options.signal })
    for (const [key, metric] of plan.afterValues) {
      for (const test of testsIn(metricExpressions(metric))) {
        const failure = tested.failures.get(describeExpression(test))
        if (failure !== undefined) failures.set(key, failure)
      }
    }
    return tested.failing
  } finally {
    await own?.close()
  }
}

/** A worker is only started, and its code only loaded, where a value must be tested. */
async function openOwnTester(): Promise<ValueTester> {
  const { openValueTester } = await import('../value-tests/open-value-tester.ts')
  return openValueTester()
}

function queriesAfterValues(session: Session, plan: CheckPlan, failingValues: FailingValues): readonly PlannedQuery[] {
  const answerable = new Map(
    [...plan.afterValues].filter(([, metric]) =>
      testsIn(metricExpressions(metric)).every((test) => failingValues.has(describeExpression(test))),
    ),
  )
  const { relation, capture, maxAggregatesPerQuery: max } = plan
  const hidden = hiddenSamples(plan)
  return afterValuesQueries(answerable, { relation, dialect: session.dialect, capture, max, failingValues, hidden })
}

function withMasked(sensitive: SensitiveColumns, masked: readonly string[]): SensitiveColumns {
  return new Map([...masked.map((name) => [name, 'mask'] as const), ...sensitive])
}

/** Results of one file by check id. */
function judgeFile(
  plan: CheckPlan,
  file: string,
  measurements: Measurements,
  sensitive: SensitiveColumns,
  options: EvaluateOptions,
): Map<string, CheckResult> {
  return new Map(
    plan.checks.map((check) => {
      const result = judgeCheck(check, plan, file, measurements, sensitive, options)
      return [check.id, check.limits === undefined ? result : decideLimits(result, check.limits)]
    }),
  )
}

function judgeCheck(
  check: PlannedCheck,
  plan: CheckPlan,
  file: string,
  { values, failures }: Measurements,
  sensitive: SensitiveColumns,
  options: EvaluateOptions,
): CheckResult {
  const registry = options.registry ?? REGISTRY
  const isQuery = registry.find(check.type)?.kind === 'query'
  const secretive = mayQuoteSecrets(check, isQuery, sensitive)
  for (const [role, key] of Object.entries(check.metrics)) {
    const failure = failures.get(key)
    if (failure === undefined || role === 'sample') continue
    // The words may quote a value.
    const { code } = failure
    const of = check.columns.length === 0 ? '' : ` on ${check.columns.join(', ')}`
    const message = secretive ? `it could not be evaluated${of}` : failure.message
    return { ...errorResult(check, { code, message }), provedBy: 'scan' }
  }
  const cell = (role: string): Cell => {
    const key = check.metrics[role]
    return key === undefined ? null : (values.get(key)?.get(file) ?? null)
  }
  const measured: Measured = {
    description: check.description,
    resultType: check.resultType,
    cell,
    has: (role) => check.metrics[role] !== undefined,
    nowMs: options.nowMs,
    history: options.history?.get(check.id) ?? [],
    count: (role) => Number(cell(role) ?? 0),
  }
  const judged = judge(check, measured, registry)
  if ('code' in judged) return { ...errorResult(check, judged), provedBy: 'scan' }
  const { passed, ...judgement } = judged
  const { id, type, columns, severity, dimension, rowLevel, scope } = check
  const base = {
    id,
    type,
    columns,
    severity,
    dimension,
    rowLevel,
    outcome: passed ? ('passed' as const) : ('failed' as const),
    ...proofOf(check, plan, file),
    ...(scope === undefined ? {} : { scope }),
  }
  if (!isQuery || sensitive.size === 0) return { ...base, ...withoutSecrets(check, judgement, sensitive) }
  // Nobody knows which columns the author's SQL shows.
  const { details: _rows, partialUnexpected: _values, ...counts } = judgement
  return { ...base, ...counts }
}

/** Whether the engine's words on a failure may quote a sensitive value. */
function mayQuoteSecrets(check: PlannedCheck, isQuery: boolean, sensitive: SensitiveColumns): boolean {
  if (sensitive.size === 0) return false
  return isQuery || check.columns.some((column) => sensitive.has(column)) || hasCondition(check)
}

function hasCondition({ metrics }: PlannedCheck): boolean {
  return Object.values(metrics).some((key) => key.includes(' among '))
}

/** A definition of a plug-in may throw; that is the error of its check. */
function judge(check: PlannedCheck, measured: Measured, registry: Registry): Judgement | CheckProblem {
  try {
    return (registry.find(check.type)?.judge ?? judgeRows)(check.kwargs, measured)
  } catch (error) {
    if (isTidegateError(error)) return { code: error.code, message: error.message, hint: error.hint }
    return { code: 'CHECK_PLUGIN', message: `${check.type} could not judge what was measured: ${messageOf(error)}` }
  }
}

/** A check whose numbers were all proved was not scanned for. Showing values of a failed one does not count. */
function proofOf(check: PlannedCheck, plan: CheckPlan, file: string): Pick<CheckResult, 'provedBy' | 'proof'> {
  if (!check.proved) return { provedBy: 'scan' }
  return { provedBy: 'metadata', proof: { files: 1, rowGroups: plan.provedRowGroups.get(file) ?? 0 } }
}

type Shown = Omit<Judgement, 'passed'>

/** The judgement without values of sensitive columns, wherever a definition put them. */
function withoutSecrets(check: PlannedCheck, judgement: Shown, sensitive: SensitiveColumns): Shown {
  if (sensitive.size === 0) return judgement
  const { partialUnexpected: values, ...counts } = judgement
  const shown = values === undefined ? {} : { partialUnexpected: shownValues(check, values, sensitive) }
  const column = check.columns.find((name) => sensitive.has(name))
  if (column === undefined) return { ...counts, ...shown }
  const { observedValue = null, details, ...rest } = counts
  const isCount =
    check.resultType === undefined && typeof observedValue !== 'object' && typeof observedValue !== 'string'
  // Only an aggregate of values (min, mean) or a list of them says something of them; a number of rows does not.
  if (details === undefined && check.resultType === undefined && (isCount || observedValue === null))
    return { ...counts, ...shown }
  const value = isCount ? observedValue : maskValue(column, observedValue, sensitive)
  return {
    ...rest,
    message: check.description,
    ...shown,
    ...(value === undefined ? {} : { observedValue: value }),
  }
}
