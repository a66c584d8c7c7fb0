import { textOf, type ColumnRef } from '../expression/column-ref.ts'
import { not, type Expression } from '../expression/expression.ts'
import { translatePattern } from '../python-regex/translate-pattern.ts'
import { shortText } from '../evaluate/short-text.ts'
import type { ValueTest } from '../value-tests/value-test.ts'
import type { CheckProblem, Compiled, CompileScope, Kwargs } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows } from './row-judgement.ts'

/** A condition on the text of a column, or why there is none. */
export type TextCondition =
  | { readonly kind: 'condition'; readonly condition: Expression }
  | { readonly kind: 'problem'; readonly problem: CheckProblem }

/**
 * An expectation about the text of one column.
 *
 * @param condition what holds for expected values
 */
export function compileText(
  kwargs: Kwargs,
  scope: CompileScope,
  words: string,
  condition: (text: Expression, ref: ColumnRef) => TextCondition,
): Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const made = condition(textOf(ref), ref)
  if (made.kind === 'problem') return made
  const { condition: expected } = made
  // What is asked and its opposite share one metric.
  const violated = expected.op === 'not' ? expected.item : not(expected)
  return compileRows(ref, violated, `${name} ${words}`)
}

/** The pattern of Python's `re` is found anywhere in the text: by the engine if it can, else by JavaScript. */
export function foundIn(text: Expression, pattern: string): TextCondition {
  const translated = translatePattern(pattern)
  switch (translated.kind) {
    case 'engine':
      return { kind: 'condition', condition: { op: 'matches', item: text, pattern: translated.pattern } }
    case 'script': {
      const { source, flags } = translated
      return passes(text, { kind: 'regex', source, flags })
    }
    case 'problem':
      return {
        kind: 'problem',
        problem: {
          code: 'CHECK_REGEX',
          message: `the pattern ${shortText(pattern, 120)} ${translated.message}`,
          hint: translated.hint,
        },
      }
  }
}

export function passes(text: Expression, test: ValueTest): TextCondition {
  return { kind: 'condition', condition: { op: 'passes', item: text, test } }
}

/** All conditions, combined; or the first problem. */
export function combined(
  conditions: readonly TextCondition[],
  combine: (conditions: readonly Expression[]) => Expression,
): TextCondition {
  const wrong = conditions.find((item) => item.kind === 'problem')
  if (wrong !== undefined) return wrong
  return {
    kind: 'condition',
    condition: combine(conditions.flatMap((item) => (item.kind === 'condition' ? [item.condition] : []))),
  }
}

/** The patterns of a list; none where there is no list. */
export function patternsOf(kwargs: Kwargs, name: string): readonly string[] {
  const list = kwargs[name]
  return Array.isArray(list) ? (list as readonly unknown[]).map(String) : []
}

/** Only texts can be read as a date or as JSON. A column of NULLs alone may be of any type. */
export function notText(ref: ColumnRef, what: string): Extract<TextCondition, { kind: 'problem' }> | undefined {
  if (ref.type.class === 'text' || ref.type.name === '"NULL"') return undefined
  const made = problem(
    'CHECK_TYPE',
    `${what} is asked of texts, and ${ref.name} is ${ref.type.text}`,
    'Ask before the values are converted, or leave the expectation out.',
  )
  return made.kind === 'problem' ? made : undefined
}
