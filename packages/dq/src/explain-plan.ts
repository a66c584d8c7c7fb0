import { toJson, type JsonValue } from '@tidegate/core'
import type { CheckPlan } from './check-plan.ts'

/** One check and how it will be answered. */
export interface PlanRow {
  readonly check: string
  readonly columns: string
  readonly severity: string
  /** Ids of the queries that answer it, `schema` where none is needed, or the error's code. */
  readonly answeredBy: string
}

/** A plan for people (rows of a table) and for programs (JSON, with every statement). */
export function explainPlan(plan: CheckPlan): { readonly rows: readonly PlanRow[]; readonly json: JsonValue } {
  const byId = new Map<string, PlanRow>()
  for (const result of plan.withoutData) {
    const { id, columns, severity, error } = result
    byId.set(id, { check: id, columns: columns.join(', '), severity, answeredBy: error?.code ?? 'schema' })
  }
  const owners = queriesByMetric(plan)
  for (const check of plan.checks) {
    const queries = Object.entries(check.metrics).flatMap(([role, key]) =>
      role === 'sample' ? [] : (owners.get(key) ?? []),
    )
    const answeredBy = [...new Set(queries)].join(', ')
    byId.set(check.id, { check: check.id, columns: check.columns.join(', '), severity: check.severity, answeredBy })
  }
  const rows = plan.order.flatMap((id) => byId.get(id) ?? [])
  const queries = plan.queries.map(({ id, kind, sql, answers }) => ({ id, kind, sql, answers }))
  return { rows, json: toJson({ contract: plan.contract, files: plan.files, checks: rows, queries }) }
}

function queriesByMetric(plan: CheckPlan): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>()
  for (const query of plan.queries) {
    for (const key of query.answers) owners.set(key, [...(owners.get(key) ?? []), query.id])
  }
  return owners
}
