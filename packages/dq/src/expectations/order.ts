import { compare, type Expression } from '../expression/expression.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Kwargs } from './definition.ts'
import { isOrdered } from './families.ts'
import { oldArgumentProblem, PARSE_STRINGS } from './old-arguments.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows, judgeRows, MOSTLY } from './row-judgement.ts'

/** Each value against the one before it in the file; missing values are skipped, the first value always passes. */
export const beIncreasing: ExpectationDefinition = inOrder('increasing', '<')
export const beDecreasing: ExpectationDefinition = inOrder('decreasing', '>')

function inOrder(word: 'increasing' | 'decreasing', broken: '<' | '>'): ExpectationDefinition {
  return {
    type: `expect_column_values_to_be_${word}`,
    kind: 'column-map',
    dimension: 'consistency',
    label: word,
    kwargs: {
      column: { type: 'column', required: true },
      strictly: { type: 'boolean', default: false },
      ...PARSE_STRINGS,
      ...MOSTLY,
    },
    compile: (kwargs, scope) => compileOrder(kwargs, scope, word, broken),
    judge: judgeRows,
  }
}

function compileOrder(kwargs: Kwargs, scope: CompileScope, word: string, broken: '<' | '>'): Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  if (!isOrdered(ref)) return problem('CHECK_TYPE', `values of ${name}, which is ${ref.type.text}, have no order`)
  const old = oldArgumentProblem(kwargs, ref)
  if (old !== undefined) return old
  const strictly = kwargs['strictly'] === true
  const previous: Expression = { op: 'previous', item: ref.value }
  const violated = compare(ref.value, strictly ? `${broken}=` : broken, previous)
  return compileRows(ref, violated, `${name} ${strictly ? 'strictly ' : ''}${word}`)
}
