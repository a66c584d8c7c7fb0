import { textOf } from '../column-ref.ts'
import { not, type Expression } from '../expression.ts'
import { patternProblem } from '../pattern-problem.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Kwargs } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows, judgeRows, MOSTLY } from './row-judgement.ts'

const KWARGS: ExpectationDefinition['kwargs'] = {
  column: { type: 'column', required: true },
  regex: { type: 'text', required: true },
  ...MOSTLY,
}

export const matchRegex: ExpectationDefinition = {
  type: 'expect_column_values_to_match_regex',
  kind: 'column-map',
  dimension: 'validity',
  label: 'matches',
  kwargs: KWARGS,
  compile: (kwargs, scope) => compilePattern(kwargs, scope, 'matches', not),
  judge: judgeRows,
}

export const notMatchRegex: ExpectationDefinition = {
  type: 'expect_column_values_to_not_match_regex',
  kind: 'column-map',
  dimension: 'validity',
  label: 'not_matches',
  kwargs: KWARGS,
  compile: (kwargs, scope) => compilePattern(kwargs, scope, 'does not match', (found) => found),
  judge: judgeRows,
}

/** The pattern is searched anywhere in the value's text. */
function compilePattern(
  kwargs: Kwargs,
  scope: CompileScope,
  words: string,
  violation: (found: Expression) => Expression,
): Compiled {
  const name = String(kwargs['column'])
  const pattern = String(kwargs['regex'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const wrong = patternProblem(pattern)
  if (wrong !== undefined) return problem('CHECK_REGEX', `the pattern ${JSON.stringify(pattern)} ${wrong}`)
  const found: Expression = { op: 'matches', item: textOf(ref), pattern }
  return compileRows(ref, violation(found), `${name} ${words} ${JSON.stringify(pattern)}`)
}
