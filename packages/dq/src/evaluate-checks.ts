import type { Cell, CheckResult, Session } from '@tidegate/core'
import type { Measured } from './expectations/definition.ts'
import { findExpectation } from './expectations/registry.ts'
import { judgeRows } from './expectations/row-judgement.ts'
import type { SensitiveColumns } from './compiled-contract.ts'
import { maskValue } from './mask.ts'
import type { CheckPlan, PlannedCheck } from './check-plan.ts'
import { errorResult } from './plan-checks.ts'
import { runQuery, type Measurements } from './run-query.ts'
import { attachSamples } from './sample-unexpected.ts'

export interface EvaluateOptions {
  readonly signal?: AbortSignal | undefined
  /** Unexpected values per check and file, at most what the plan allows. @defaultValue the plan's (20) */
  readonly sampleLimit?: number | undefined
  /** Columns whose values are masked besides those the contract calls sensitive. */
  readonly maskedColumns?: readonly string[] | undefined
}

/**
 * Runs a plan and judges what was measured. The map has an entry for every file of the relation, also for empty ones,
 * with the results in the contract's order.
 *
 * A check whose metrics the engine refuses is an `error`; the others are answered. Throws what ends all of them: a crashed
 * engine, no memory, no disk, a cancelled signal.
 */
export async function evaluateChecks(
  session: Session,
  plan: CheckPlan,
  options: EvaluateOptions = {},
): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  const measurements: Measurements = { values: new Map(), failures: new Map() }
  const queryOptions = { signal: options.signal }
  for (const query of plan.queries)
    if (query.kind !== 'sample') await runQuery(session, plan, query, measurements, queryOptions)

  const sensitive = withMasked(plan.sensitive, options.maskedColumns ?? [])
  const judged = plan.files.map((file) => judgeFile(plan, file.key, measurements, sensitive))
  const limit = Math.min(options.sampleLimit ?? plan.sampleLimit, plan.sampleLimit)
  if (limit > 0) await attachSamples(session, plan, judged, { limit, sensitive, query: queryOptions })

  const places = new Map(plan.order.map((id, index) => [id, index]))
  const place = (result: CheckResult): number => places.get(result.id) ?? 0
  return new Map(
    plan.files.map((file, index) => {
      const results = [...plan.withoutData, ...(judged[index]?.values() ?? [])]
      return [file.key, results.sort((left, right) => place(left) - place(right))]
    }),
  )
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
): Map<string, CheckResult> {
  return new Map(plan.checks.map((check) => [check.id, judgeCheck(check, file, measurements, sensitive)]))
}

function judgeCheck(
  check: PlannedCheck,
  file: string,
  { values, failures }: Measurements,
  sensitive: SensitiveColumns,
): CheckResult {
  const secret = check.columns.filter((column) => sensitive.has(column))
  for (const [role, key] of Object.entries(check.metrics)) {
    const failure = failures.get(key)
    if (failure === undefined || role === 'sample') continue
    // The engine's words may quote a value.
    const message = secret.length === 0 ? failure : `the engine could not evaluate it on ${check.columns.join(', ')}`
    return { ...errorResult(check, { code: 'CHECK_ENGINE', message }), provedBy: 'scan' }
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
    count: (role) => Number(cell(role) ?? 0),
  }
  const { passed, ...judgement } = (findExpectation(check.type)?.judge ?? judgeRows)(check.kwargs, measured)
  const { id, type, columns, severity, dimension, rowLevel } = check
  const base = { id, type, columns, severity, dimension, rowLevel, provedBy: 'scan' } as const
  const outcome = passed ? 'passed' : 'failed'
  const [column] = secret
  // Only an aggregate of values (min, mean) says something of them; a number of rows does not.
  if (check.resultType === undefined || column === undefined) return { ...base, outcome, ...judgement }
  const { observedValue = null, ...rest } = judgement
  const shown = maskValue(column, observedValue, sensitive)
  return {
    ...base,
    outcome,
    ...rest,
    message: check.description,
    ...(shown === undefined ? {} : { observedValue: shown }),
  }
}
