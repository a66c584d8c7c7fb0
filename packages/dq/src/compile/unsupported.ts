import type { Dialect, Relation } from '@tidegate/core'
import type { CompiledCheck } from './compiled-contract.ts'
import type { Expression } from '../expression/expression.ts'
import { walk } from '../expression/expression-parts.ts'
import type { CheckProblem } from '../expectations/definition.ts'
import { metricExpressions } from '../expression/metric.ts'
import { re2Problem } from './pattern-problem.ts'
import { authorSqlProblem } from '../evaluate/query-metrics.ts'
import { shortText } from '../evaluate/short-text.ts'

/** Why this engine cannot evaluate the check, if that is known without asking it. */
export function unsupportedBy(dialect: Dialect, check: CompiledCheck): CheckProblem | undefined {
  if (check.answer.kind !== 'measured') return undefined
  const metrics = Object.values(check.answer.metrics)
  for (const metric of metrics) {
    const problem = 'sql' in metric ? authorSqlProblem(metric.sql) : undefined
    if (problem !== undefined) return problem
  }
  if (dialect.name !== 'duckdb') return undefined
  const violated = check.answer.violated === undefined ? [] : [check.answer.violated]
  for (const pattern of patternsIn([...metrics.flatMap(metricExpressions), ...violated])) {
    const message = re2Problem(pattern)
    if (message !== undefined)
      return {
        code: 'CHECK_REGEX',
        message: `the pattern ${shortText(pattern, 120)} ${message}`,
        hint: 'Rewrite it without, or split it into two expectations.',
      }
  }
  return undefined
}

/** A misfit check has no meaning for a relation whose values arrive typed. */
export function appliesTo(relation: Relation, check: CompiledCheck): boolean {
  return (
    relation.misfitColumn !== undefined || check.answer.kind !== 'measured' || check.answer.violated?.op !== 'misfit'
  )
}

function patternsIn(expressions: readonly Expression[]): ReadonlySet<string> {
  const patterns = new Set<string>()
  for (const expression of expressions) {
    walk(expression, (part) => {
      if (part.op === 'matches') patterns.add(part.pattern)
    })
  }
  return patterns
}
