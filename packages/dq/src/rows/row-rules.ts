import type { CheckResult, Dialect, Relation, Severity } from '@tidegate/core'
import { isRowLevel, type CompiledContract } from '../compile/compiled-contract.ts'
import { describeExpression, type Expression } from '../expression/expression.ts'
import { needsLift } from '../plan/lift-expressions.ts'
import { testsIn } from '../plan/plan-value-tests.ts'
import { renderExpression } from '../expression/render-expression.ts'
import { appliesTo, unsupportedBy } from '../compile/unsupported.ts'
import type { FailingValues } from '../value-tests/value-test.ts'

/** A check as a condition on single rows. */
export interface RowRule {
  /** Id of the check. */
  readonly check: string
  readonly severity: Severity
  /**
   * True for rows that break the rule, false for all others, never NULL. Usable in a SELECT list over the relation, and in
   * WHERE unless `windowed`.
   */
  readonly violatedSql: string
  /** It looks at other rows by a window function. @defaultValue false */
  readonly windowed?: boolean | undefined
}

/**
 * The rules by which rows are split. Checks that are not row-level, or cannot be evaluated, have none; nor have those that
 * test values, without what `evaluatePlan` found.
 */
export function rowRules(
  compiled: CompiledContract,
  relation: Relation,
  dialect: Dialect,
  failingValues: FailingValues = new Map(),
): readonly RowRule[] {
  return compiled.checks.flatMap((check) => {
    if (!isRowLevel(check) || check.answer.kind !== 'measured' || check.answer.violated === undefined) return []
    if (!appliesTo(relation, check) || unsupportedBy(dialect, check) !== undefined) return []
    if (testsIn([check.answer.violated]).some((test) => !failingValues.has(describeExpression(test)))) return []
    const sql = renderExpression(check.answer.violated, { relation, dialect, failingValues })
    const violatedSql = isNeverNull(check.answer.violated) ? sql : `coalesce(${sql}, ${dialect.literal(false)})`
    const windowed = needsLift(check.answer.violated, { relation, dialect }) === 'window'
    return [{ check: check.id, severity: check.severity, violatedSql, ...(windowed ? { windowed } : {}) }]
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
