import { assertNever, type Cell } from '@tidegate/core'

/**
 * A condition or a value over one row (or over one group of equal rows), as data. Engines see it only as SQL, see
 * `renderExpression`; its canonical text (see {@link describeExpression}) tells equal ones apart from different ones.
 */
export type Expression =
  | { readonly op: 'column'; readonly name: string }
  /** With a type: the value cast to it, so that the engine compares in that type. */
  | { readonly op: 'literal'; readonly value: Cell; readonly type?: string | undefined }
  | { readonly op: 'nullif'; readonly item: Expression; readonly value: Expression }
  | { readonly op: 'compare'; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'and' | 'or'; readonly items: readonly Expression[] }
  | { readonly op: 'not' | 'is-null' | 'text' | 'length'; readonly item: Expression }
  | { readonly op: 'in'; readonly item: Expression; readonly values: readonly Expression[] }
  | { readonly op: 'matches'; readonly item: Expression; readonly pattern: string }
  /** The text of this column did not fit its type; only where the relation has a misfit column. */
  | { readonly op: 'misfit'; readonly column: string }
  /** The keys of this row occur more than once in its file. */
  | { readonly op: 'repeated'; readonly keys: readonly Expression[] }
  /** Inside a grouped metric: rows in the group. */
  | { readonly op: 'group-size' }
  | { readonly op: 'record'; readonly fields: readonly (readonly [name: string, value: Expression])[] }

export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '<>'

export const TRUE: Expression = { op: 'literal', value: true }
export const FALSE: Expression = { op: 'literal', value: false }
export const NAN: Expression = { op: 'literal', value: Number.NaN }

export function column(name: string): Expression {
  return { op: 'column', name }
}

export function compare(left: Expression, operator: Comparison, right: Expression): Expression {
  return { op: 'compare', operator, left, right }
}

export function isNull(item: Expression): Expression {
  return { op: 'is-null', item }
}

export function not(item: Expression): Expression {
  return { op: 'not', item }
}

/** Conjunction; TRUE when empty. */
export function and(items: readonly Expression[]): Expression {
  const [first] = items
  if (first === undefined) return TRUE
  return items.length === 1 ? first : { op: 'and', items }
}

/** Disjunction; FALSE when empty. */
export function or(items: readonly Expression[]): Expression {
  const [first] = items
  if (first === undefined) return FALSE
  return items.length === 1 ? first : { op: 'or', items }
}

/** The canonical text: equal for equal expressions, different for different ones, readable in a printed plan. */
export function describeExpression(expression: Expression): string {
  switch (expression.op) {
    case 'column':
      return JSON.stringify(expression.name)
    case 'literal':
      return expression.type === undefined
        ? describeCell(expression.value)
        : `${expression.type} ${describeCell(expression.value)}`
    case 'nullif':
      return `nullif(${describeExpression(expression.item)}, ${describeExpression(expression.value)})`
    case 'compare':
      return `${describeExpression(expression.left)} ${expression.operator} ${describeExpression(expression.right)}`
    case 'and':
    case 'or':
      return `(${expression.items.map(describeExpression).join(` ${expression.op} `)})`
    case 'not':
    case 'is-null':
    case 'text':
    case 'length':
      return `${expression.op}(${describeExpression(expression.item)})`
    case 'in':
      return `${describeExpression(expression.item)} in (${expression.values.map(describeExpression).join(', ')})`
    case 'matches':
      return `${describeExpression(expression.item)} matches ${JSON.stringify(expression.pattern)}`
    case 'misfit':
      return `misfit(${JSON.stringify(expression.column)})`
    case 'repeated':
      return `repeated(${expression.keys.map(describeExpression).join(', ')})`
    case 'group-size':
      return 'n'
    case 'record':
      return `{${expression.fields.map(([name, value]) => `${JSON.stringify(name)}: ${describeExpression(value)}`).join(', ')}}`
    default:
      return assertNever(expression)
  }
}

/** Texts are quoted, bigints carry an `n`: 1, 1n and '1' must not share a key. */
function describeCell(value: Cell): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return JSON.stringify(value)
}
