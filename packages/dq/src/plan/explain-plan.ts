import { toJson, type JsonValue } from '@tidegate/core'
import type { CheckPlan, PlannedCheck, PlannedQuery } from './check-plan.ts'
import { describeExpression } from '../expression/expression.ts'
import { metricExpressions } from '../expression/metric.ts'
import { testsIn } from './plan-value-tests.ts'

/** One check and how it will be answered. */
export interface PlanRow {
  readonly check: string
  readonly columns: string
  readonly severity: string
  /**
   * `metadata` (footers prove it), `schema`, the ids of the queries that answer it (`scan-1`, `group-2`, `values-1`,
   * `window-1`, `join-1`, `query-1`), or an error's code.
   */
  readonly how: string
  /** Other checks that the same queries answer. */
  readonly sharedWith: number
}

export interface ExplainedPlan {
  /** In the order of the contract. */
  readonly rows: readonly PlanRow[]
  /** The same, every statement, and how many of each kind there are. Stable: equal plans give equal JSON. */
  readonly json: JsonValue
}

/** A plan for people (rows of a table) and for programs (JSON). */
export function explainPlan(plan: CheckPlan): ExplainedPlan {
  const byId = new Map<string, PlanRow>()
  for (const { id, columns, severity, error } of plan.withoutData)
    byId.set(id, { check: id, columns: columns.join(', '), severity, how: error?.code ?? 'schema', sharedWith: 0 })
  const queries = [...plan.queries, ...plan.afterValuesPreview]
  const owners = ownersOf(plan, queries)
  const idsOf = (check: PlannedCheck): readonly string[] => [
    ...new Set(
      Object.entries(check.metrics).flatMap(([role, key]) => (role === 'sample' ? [] : (owners.get(key) ?? []))),
    ),
  ]
  const users = new Map<string, number>()
  for (const check of plan.checks) for (const id of idsOf(check)) users.set(id, (users.get(id) ?? 0) + 1)
  for (const check of plan.checks) {
    const { id, columns, severity } = check
    const ids = idsOf(check)
    const sharedWith = ids.reduce((most, query) => Math.max(most, (users.get(query) ?? 1) - 1), 0)
    byId.set(id, { check: id, columns: columns.join(', '), severity, how: howOf(check, ids), sharedWith })
  }
  const rows = plan.order.flatMap((id) => byId.get(id) ?? [])
  return {
    rows,
    json: toJson({
      contract: plan.contract,
      files: plan.files,
      capture: plan.capture,
      counts: countsOf(plan, queries),
      checks: rows,
      values: plan.valueTests.map(({ id, sql, tests }) => ({ id, sql, tests: tests.map(({ test }) => test) })),
      queries: queries.map(({ id, kind, sql, answers, file }) => ({
        id,
        kind,
        ...(file === undefined ? {} : { file }),
        sql,
        answers,
      })),
    }),
  }
}

function howOf(check: PlannedCheck, queries: readonly string[]): string {
  if (check.proved) return 'metadata'
  return queries.length === 0 ? 'schema' : queries.join(', ')
}

/** What must run for each metric: the values that it tests, then the query. One of many files stands for all. */
function ownersOf(plan: CheckPlan, queries: readonly PlannedQuery[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>()
  const add = (key: string, id: string): void => {
    const known = owners.get(key)
    if (known === undefined) owners.set(key, [id])
    else known.push(id)
  }
  const values = new Map(plan.valueTests.flatMap(({ id, tests }) => tests.map(({ key }) => [key, id] as const)))
  for (const [key, metric] of plan.afterValues) {
    const ids = testsIn(metricExpressions(metric)).map((test) => values.get(describeExpression(test)) ?? '')
    for (const id of new Set(ids)) add(key, id)
  }
  for (const { id, answers, file } of queries) {
    if (file !== undefined && file !== plan.files[0]?.key) continue
    for (const key of answers) add(key, id)
  }
  return owners
}

/** `scans`: statements that read the relation whatever is found; `samples`: those that run only for unexpected rows. */
function countsOf(plan: CheckPlan, queries: readonly PlannedQuery[]): JsonValue {
  const samples = queries.filter((query) => query.kind === 'sample').length
  return {
    checks: plan.order.length,
    proved: plan.checks.filter((check) => check.proved).length,
    withoutData: plan.withoutData.length,
    queries: queries.length - samples,
    scans: queries.length - samples + plan.valueTests.reduce((sum, { sql }) => sum + sql.length, 0),
    samples,
  }
}
