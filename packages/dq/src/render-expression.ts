import { assertNever, type Dialect, type Relation } from '@tidegate/core'
import { describeExpression, type Expression } from './expression.ts'

/** What an expression needs to know of the place where its SQL will stand. */
export interface SqlScope {
  readonly dialect: Dialect
  readonly relation: Relation
  /** Inside a grouped query: canonical text of a key → the alias that holds it. */
  readonly aliases?: ReadonlyMap<string, string> | undefined
}

/** Name of the column with the number of rows in a grouped subquery. */
export const GROUP_SIZE = '__tg_n'

/** The SQL of an expression. Everything compound is in parentheses. May be NULL where an operand is. */
export function renderExpression(expression: Expression, scope: SqlScope): string {
  const alias = scope.aliases?.get(describeExpression(expression))
  if (alias !== undefined) return alias
  const { dialect } = scope
  const render = (item: Expression): string => renderExpression(item, scope)
  switch (expression.op) {
    case 'column':
      return dialect.identifier(expression.name)
    case 'literal': {
      const literal = dialect.literal(expression.value)
      return expression.type === undefined ? literal : `CAST(${literal} AS ${expression.type})`
    }
    case 'nullif':
      return `nullif(${render(expression.item)}, ${render(expression.value)})`
    case 'compare':
      return `(${render(expression.left)} ${expression.operator} ${render(expression.right)})`
    case 'and':
    case 'or':
      return `(${expression.items.map(render).join(expression.op === 'and' ? ' AND ' : ' OR ')})`
    case 'not':
      return `(NOT ${render(expression.item)})`
    case 'is-null':
      return `(${render(expression.item)} IS NULL)`
    case 'text':
      return dialect.toText(render(expression.item))
    case 'length':
      return dialect.textLength(render(expression.item))
    case 'in':
      return `(${render(expression.item)} IN (${expression.values.map(render).join(', ')}))`
    case 'matches':
      return dialect.regexSearch(render(expression.item), expression.pattern)
    case 'misfit':
      return misfitSql(expression.column, scope)
    case 'repeated': {
      const keys = [dialect.identifier(scope.relation.fileColumn), ...expression.keys.map(render)]
      return `(count(*) OVER (PARTITION BY ${keys.join(', ')}) > 1)`
    }
    case 'group-size':
      return dialect.identifier(GROUP_SIZE)
    case 'record':
      return recordSql(
        expression.fields.map(([name, value]) => [name, render(value)]),
        dialect,
      )
    default:
      return assertNever(expression)
  }
}

function misfitSql(column: string, { dialect, relation }: SqlScope): string {
  if (relation.misfitColumn === undefined) return dialect.literal(false)
  const contains = dialect.name === 'duckdb' ? 'list_contains' : 'array_contains'
  return `${contains}(${dialect.identifier(relation.misfitColumn)}, ${dialect.literal(column)})`
}

function recordSql(fields: readonly (readonly [string, string])[], dialect: Dialect): string {
  return dialect.name === 'duckdb'
    ? `{${fields.map(([name, sql]) => `${dialect.literal(name)}: ${sql}`).join(', ')}}`
    : `named_struct(${fields.map(([name, sql]) => `${dialect.literal(name)}, ${sql}`).join(', ')})`
}
