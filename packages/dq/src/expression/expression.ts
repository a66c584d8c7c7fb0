import { assertNever, type Cell } from '@tidegate/core'
import { describeValueTest, type ValueTest } from '../value-tests/value-test.ts'

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
  | { readonly op: 'not' | 'is-null' | 'text' | 'length' | 'lower'; readonly item: Expression }
  | { readonly op: 'in'; readonly item: Expression; readonly values: readonly Expression[] }
  | { readonly op: 'matches'; readonly item: Expression; readonly pattern: string }
  /** The text of this column did not fit its type; only where the relation has a misfit column. */
  | { readonly op: 'misfit'; readonly column: string }
  /** SQL of the contract's author. Where it comes from must have checked that it is one expression and nothing more. */
  | { readonly op: 'raw'; readonly sql: string }
  /** The same with places for expressions: `texts[0] parts[0] texts[1] …`. What a plug-in's own SQL is made of. */
  | { readonly op: 'template'; readonly texts: readonly string[]; readonly parts: readonly Expression[] }
  | {
      readonly op: 'arithmetic'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly op: 'absolute'; readonly item: Expression }
  | { readonly op: 'cast'; readonly item: Expression; readonly type: string }
  /** The first that is not NULL. */
  | { readonly op: 'coalesce'; readonly items: readonly Expression[] }
  /** Equality that holds for two NULLs and is never NULL. */
  | { readonly op: 'same'; readonly left: Expression; readonly right: Expression }
  /** SQL LIKE, without an escape character. */
  | { readonly op: 'like'; readonly item: Expression; readonly pattern: string }
  /**
   * The text passes a test that is made in JavaScript. NULL where the text is. Usable only once its distinct values were
   * tested, see {@link FailingValues}.
   */
  | { readonly op: 'passes'; readonly item: Expression; readonly test: ValueTest }
  /** The keys are those of a row of another table. NULL where a key is. */
  | {
      readonly op: 'found-in'
      readonly keys: readonly Expression[]
      readonly table: string
      readonly columns: readonly string[]
    }
  // Over the rows of a file: computed in a subquery, so they can stand in aggregates and conditions alike. With `among`, only
  // rows for which it is true take part; the result means nothing in the others.
  /** The keys of this row occur more than once in its file (with scope `relation`: in any of the files). */
  | {
      readonly op: 'repeated'
      readonly keys: readonly Expression[]
      readonly among?: Expression | undefined
      readonly scope?: 'file' | 'relation' | undefined
    }
  /** The value of the row before, skipping rows where it is NULL; NULL in the first. */
  | { readonly op: 'previous'; readonly item: Expression; readonly among?: Expression | undefined }
  /** A number of all rows of the file. `quantile-linear` interpolates, as pandas does by default. */
  | {
      readonly op: 'over-file'
      readonly function: 'mean' | 'stdev' | 'quantile-linear'
      readonly of: Expression
      readonly fraction?: number | undefined
      readonly among?: Expression | undefined
    }
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
    case 'lower':
      return `${expression.op}(${describeExpression(expression.item)})`
    case 'in':
      return `${describeExpression(expression.item)} in (${expression.values.map(describeExpression).join(', ')})`
    case 'matches':
      return `${describeExpression(expression.item)} matches ${JSON.stringify(expression.pattern)}`
    case 'misfit':
      return `misfit(${JSON.stringify(expression.column)})`
    case 'raw':
      return `sql(${expression.sql})`
    case 'template':
      return `sql(${expression.texts.map((text, index) => `${JSON.stringify(text)} ${expression.parts[index] === undefined ? '' : `${describeExpression(expression.parts[index])} `}`).join('')})`
    case 'arithmetic':
      return `(${describeExpression(expression.left)} ${expression.operator} ${describeExpression(expression.right)})`
    case 'absolute':
      return `abs(${describeExpression(expression.item)})`
    case 'cast':
      return `cast(${describeExpression(expression.item)} as ${expression.type})`
    case 'coalesce':
      return `coalesce(${expression.items.map(describeExpression).join(', ')})`
    case 'same':
      return `same(${describeExpression(expression.left)}, ${describeExpression(expression.right)})`
    case 'like':
      return `${describeExpression(expression.item)} like ${JSON.stringify(expression.pattern)}`
    case 'passes':
      return `${describeExpression(expression.item)} passes ${describeValueTest(expression.test)}`
    case 'found-in':
      return `[${expression.keys.map(describeExpression).join(', ')}] found in ${expression.table}(${JSON.stringify(expression.columns)})`
    case 'repeated':
      return `repeated${expression.scope === 'relation' ? '-anywhere' : ''}(${expression.keys.map(describeExpression).join(', ')})${describeAmong(expression.among)}`
    case 'previous':
      return `previous(${describeExpression(expression.item)})${describeAmong(expression.among)}`
    case 'over-file':
      return `${expression.function}-over-file(${describeExpression(expression.of)}${expression.fraction === undefined ? '' : `, ${expression.fraction}`})${describeAmong(expression.among)}`
    case 'group-size':
      return 'n'
    case 'record':
      return `{${expression.fields.map(([name, value]) => `${JSON.stringify(name)}: ${describeExpression(value)}`).join(', ')}}`
    default:
      return assertNever(expression)
  }
}

/** ` among …`, or nothing. */
export function describeAmong(among: Expression | undefined): string {
  return among === undefined ? '' : ` among ${describeExpression(among)}`
}

/** Texts are quoted, bigints carry an `n`: 1, 1n and '1' must not share a key. */
function describeCell(value: Cell): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  return JSON.stringify(value)
}
