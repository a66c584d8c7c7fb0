import type { Dialect, Relation } from '@tidegate/core'
import type { CompiledCheck } from './compiled-contract.ts'
import type { Expression } from './expression.ts'
import type { CheckProblem } from './expectations/definition.ts'
import { re2Problem } from './pattern-problem.ts'

/** Why this engine cannot evaluate the check, if that is known without asking it. */
export function unsupportedBy(dialect: Dialect, check: CompiledCheck): CheckProblem | undefined {
  if (dialect.name !== 'duckdb' || check.answer.kind !== 'measured' || check.answer.violated === undefined)
    return undefined
  for (const pattern of patternsIn(check.answer.violated)) {
    const message = re2Problem(pattern)
    if (message !== undefined)
      return {
        code: 'CHECK_REGEX',
        message: `the pattern ${JSON.stringify(pattern)} ${message}`,
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

function patternsIn(expression: Expression): readonly string[] {
  switch (expression.op) {
    case 'matches':
      return [expression.pattern]
    case 'and':
    case 'or':
      return expression.items.flatMap(patternsIn)
    case 'not':
      return patternsIn(expression.item)
    default:
      return []
  }
}
