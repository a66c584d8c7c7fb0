import type { CheckResult, Dialect, Relation } from '@tidegate/core'
import type { CheckPlan, PlannedCheck, PlannedQuery } from './check-plan.ts'
import { isRowLevel, type CompiledCheck, type CompiledContract } from './compiled-contract.ts'
import type { CheckProblem } from './expectations/definition.ts'
import { metricKey, type Metric } from './metric.ts'
import { groupQueries, sampleQuery, scanQueries, type QueryPlace } from './plan-queries.ts'
import { appliesTo, unsupportedBy } from './unsupported.ts'

export interface PlanOptions {
  /** Unexpected values kept per check and file. @defaultValue 20 */
  readonly sampleLimit?: number | undefined
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
  const sampleLimit = options.sampleLimit ?? 20
  const checks: PlannedCheck[] = []
  const withoutData: CheckResult[] = []
  const metrics = new Map<string, Metric>()
  const applicable = compiled.checks.filter((check) => appliesTo(relation, check))
  for (const check of applicable) {
    const { answer } = check
    const problem = answer.kind === 'problem' ? answer.problem : unsupportedBy(dialect, check)
    if (problem !== undefined) withoutData.push(errorResult(check, problem))
    else if (answer.kind === 'decided') withoutData.push(decidedResult(check, answer.judgement))
    else if (answer.kind === 'measured') {
      const keys: Record<string, string> = {}
      for (const [role, metric] of Object.entries(answer.metrics)) {
        const key = metricKey(metric)
        keys[role] = key
        metrics.set(key, metric)
      }
      const { description, resultType } = answer
      const { id, type, columns, severity, dimension, kwargs } = check
      checks.push({
        id,
        type,
        columns,
        severity,
        dimension,
        kwargs,
        description,
        resultType,
        rowLevel: isRowLevel(check),
        metrics: keys,
      })
    }
  }
  const place = { relation, dialect, sampleLimit, max: options.maxAggregatesPerQuery ?? 500 }
  const queries = relation.files.length === 0 ? [] : planQueries(metrics, place)
  const order = applicable.map((check) => check.id)
  return {
    contract: compiled.contract,
    files: relation.files,
    checks,
    queries,
    withoutData,
    order,
    sensitive: compiled.sensitive,
    sampleLimit,
  }
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

function planQueries(metrics: ReadonlyMap<string, Metric>, place: QueryPlace): readonly PlannedQuery[] {
  const main = [...scanQueries(metrics, place), ...groupQueries(metrics, place)]
  return [...main, ...(place.sampleLimit > 0 ? sampleQuery(metrics, place) : [])]
}
