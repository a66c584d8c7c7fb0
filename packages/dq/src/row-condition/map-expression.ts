import { assertNever } from '@tidegate/core'
import type { Expression } from '../expression/expression.ts'

/** The expression with `change` applied to every part of it, inner parts first. An `among` is left as it is. */
export function mapExpression(expression: Expression, change: (item: Expression) => Expression): Expression {
  const inner = (item: Expression): Expression => mapExpression(item, change)
  switch (expression.op) {
    case 'column':
    case 'literal':
    case 'misfit':
    case 'raw':
    case 'group-size':
      return change(expression)
    case 'nullif':
      return change({ ...expression, item: inner(expression.item), value: inner(expression.value) })
    case 'template':
      return change({ ...expression, parts: expression.parts.map(inner) })
    case 'compare':
    case 'arithmetic':
    case 'same':
      return change({ ...expression, left: inner(expression.left), right: inner(expression.right) })
    case 'and':
    case 'or':
    case 'coalesce':
      return change({ ...expression, items: expression.items.map(inner) })
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
    case 'previous':
      return change({ ...expression, item: inner(expression.item) })
    case 'in':
      return change({ ...expression, item: inner(expression.item), values: expression.values.map(inner) })
    case 'found-in':
    case 'repeated':
      return change({ ...expression, keys: expression.keys.map(inner) })
    case 'over-file':
      return change({ ...expression, of: inner(expression.of) })
    case 'record':
      return change({ ...expression, fields: expression.fields.map(([name, value]) => [name, inner(value)] as const) })
    default:
      return assertNever(expression)
  }
}
