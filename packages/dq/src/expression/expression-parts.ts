import { assertNever } from '@tidegate/core'
import type { Expression } from './expression.ts'

/** The expressions that this one is made of, one level deep. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.op) {
    case 'column':
    case 'literal':
    case 'misfit':
    case 'raw':
    case 'group-size':
      return []
    case 'nullif':
      return [expression.item, expression.value]
    case 'template':
      return expression.parts
    case 'compare':
    case 'arithmetic':
    case 'same':
      return [expression.left, expression.right]
    case 'and':
    case 'or':
    case 'coalesce':
      return expression.items
    case 'not':
    case 'is-null':
    case 'text':
    case 'length':
    case 'lower':
    case 'matches':
    case 'absolute':
    case 'cast':
    case 'like':
    case 'passes':
      return [expression.item]
    case 'in':
      return [expression.item, ...expression.values]
    case 'found-in':
      return expression.keys
    case 'repeated':
      return [...expression.keys, ...optional(expression.among)]
    case 'previous':
      return [expression.item, ...optional(expression.among)]
    case 'over-file':
      return [expression.of, ...optional(expression.among)]
    case 'record':
      return expression.fields.map(([, value]) => value)
    default:
      return assertNever(expression)
  }
}

/** Calls `visit` for the expression and everything in it, innermost first. */
export function walk(expression: Expression, visit: (part: Expression) => void): void {
  for (const part of partsOf(expression)) walk(part, visit)
  visit(expression)
}

function optional(expression: Expression | undefined): readonly Expression[] {
  return expression === undefined ? [] : [expression]
}
