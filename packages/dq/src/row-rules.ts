import type { CheckResult, Dialect, Relation, Severity } from '@tidegate/core'
import { isRowLevel, type CompiledContract } from './compiled-contract.ts'
import type { Expression } from './expression.ts'
import { renderExpression } from './render-expression.ts'
import { appliesTo, unsupportedBy } from './unsupported.ts'

/** A check as a condition on single rows. */
export interface RowRule {
  /** Id of the check. */
  readonly check: string
  readonly severity: Severity
  /**
   * True for rows that break the rule, false for all others, never NULL. Usable in a SELECT list over the relation (not in
   * WHERE: uniqueness needs a window function).
   */
  readonly violatedSql: string
}

/** The rules by which rows are split. Checks that are not row-level, or cannot be evaluated, have none. */
export function rowRules(compiled: CompiledContract, relation: Relation, dialect: Dialect): readonly RowRule[] {
  return compiled.checks.flatMap((check) => {
    if (!isRowLevel(check) || check.answer.kind !== 'measured' || check.answer.violated === undefined) return []
    if (!appliesTo(relation, check) || unsupportedBy(dialect, check) !== undefined) return []
    const sql = renderExpression(check.answer.violated, { relation, dialect })
    const violatedSql = isNeverNull(check.answer.violated) ? sql : `coalesce(${sql}, ${dialect.literal(false)})`
    return [{ check: check.id, severity: check.severity, violatedSql }]
  })
}

/** The rules of checks that failed. Unexpected rows of a check that passed (`mostly`) are good rows. */
export function failedRules(rules: readonly RowRule[], results: readonly CheckResult[]): readonly RowRule[] {
  const failed = new Set(
    results.filter((result) => result.outcome === 'failed' && result.rowLevel).map((result) => result.id),
  )
  return rules.filter((rule) => failed.has(rule.check))
}

function isNeverNull(expression: Expression): boolean {
  switch (expression.op) {
    case 'is-null':
    case 'repeated':
      return true
    case 'and':
    case 'or':
      return expression.items.every(isNeverNull)
    case 'not':
      return isNeverNull(expression.item)
    case 'literal':
      return expression.value !== null
    default:
      return false
  }
}
