import { assertNever, type Dialect, type Relation } from '@tidegate/core'
import { describeExpression, type Comparison, type Expression } from './expression.ts'
import type { FailingValues } from '../value-tests/value-test.ts'

/** What an expression needs to know of the place where its SQL will stand. */
export interface SqlScope {
  readonly dialect: Dialect
  readonly relation: Relation
  /** Inside a grouped or a lifted query: canonical text of an expression → the quoted alias that holds it. */
  readonly aliases?: ReadonlyMap<string, string> | undefined
  /** For `passes`: what testing found. */
  readonly failingValues?: FailingValues | undefined
}

/** Name of the column with the number of rows in a grouped subquery. */
export const GROUP_SIZE = '__tg_n'

/**
 * The SQL of an expression. Everything compound is in parentheses. May be NULL where an operand is.
 *
 * Expressions over several rows become window functions and subqueries over the relation: good in a SELECT list over it.
 * Elsewhere an alias must stand for them, see `liftedScope`.
 */
export function renderExpression(expression: Expression, scope: SqlScope): string {
  if (scope.aliases !== undefined && scope.aliases.size > 0) {
    const alias = scope.aliases.get(describeExpression(expression))
    if (alias !== undefined) return alias
  }
  const { dialect } = scope
  const render = (item: Expression): string => renderExpression(item, scope)
  switch (expression.op) {
    case 'column':
      return dialect.identifier(expression.name)
    case 'literal': {
      const literal = dialect.literal(expression.value)
      return expression.type === undefined ? literal : `CAST(${literal} AS ${expression.type})`
    }
    case 'nullif': {
      const item = render(expression.item)
      if (isNaNLiteral(expression.value)) return `(CASE WHEN NOT isnan(${item}) THEN ${item} END)`
      return `nullif(${item}, ${render(expression.value)})`
    }
    case 'compare':
      if (isNaNLiteral(expression.right)) return againstNaN(render(expression.left), expression.operator)
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
    case 'lower':
      return `lower(${render(expression.item)})`
    case 'in':
      return `(${render(expression.item)} IN (${expression.values.map(render).join(', ')}))`
    case 'matches':
      return dialect.regexSearch(render(expression.item), expression.pattern)
    case 'misfit':
      return misfitSql(expression.column, scope)
    case 'raw':
      return `(${expression.sql})`
    case 'template':
      return `(${expression.texts.map((text, index) => `${text}${expression.parts[index] === undefined ? '' : render(expression.parts[index])}`).join('')})`
    case 'arithmetic':
      return `(${render(expression.left)} ${expression.operator} ${render(expression.right)})`
    case 'absolute':
      return `abs(${render(expression.item)})`
    case 'cast':
      return `CAST(${render(expression.item)} AS ${expression.type})`
    case 'coalesce':
      return `coalesce(${expression.items.map(render).join(', ')})`
    case 'same':
      return `(${render(expression.left)} IS NOT DISTINCT FROM ${render(expression.right)})`
    case 'like':
      return `(${render(expression.item)} LIKE ${dialect.literal(expression.pattern)})`
    case 'passes':
      return passesSql(expression, scope)
    case 'found-in':
      return foundInSql(expression, scope)
    case 'repeated':
      return repeatedSql(expression, scope)
    case 'previous':
      return previousSql(expression, scope)
    case 'over-file':
      return overFileSql(expression, scope)
    case 'group-size':
      return dialect.identifier(GROUP_SIZE)
    case 'record':
      return structSql(
        expression.fields.map(([name, value]) => [name, render(value)]),
        dialect,
      )
    default:
      return assertNever(expression)
  }
}

type Op<Name extends Expression['op']> = Extract<Expression, { readonly op: Name }>

/** Not one of the values that fail; NULL where the text is. */
function passesSql(expression: Op<'passes'>, scope: SqlScope): string {
  const failing = scope.failingValues?.get(describeExpression(expression))
  if (failing === undefined) throw new Error(`values not tested: ${describeExpression(expression)}`)
  const { dialect } = scope
  const text = dialect.toText(renderExpression(expression.item, scope))
  if (failing.length === 0) return `nullif((${text} IS NOT NULL), ${dialect.literal(false)})`
  return `(NOT ${dialect.isOneOf(text, failing)})`
}

/**
 * A semi-join. Neither side may bring a NULL into the IN: SQL would then answer NULL for every key that is not found.
 * Measured on 2M rows with two keys: IN 41 ms, LEFT JOIN on the distinct keys 43 ms.
 */
function foundInSql({ keys, table, columns }: Op<'found-in'>, scope: SqlScope): string {
  const { dialect } = scope
  const other = dialect.identifier('__tg_other')
  const names = columns.map((name) => `${other}.${dialect.identifier(name)}`)
  const values = keys.map((key) => renderExpression(key, scope))
  const tuple = values.length === 1 ? (values[0] ?? '') : `(${values.join(', ')})`
  const missing = values.map((value) => `${value} IS NULL`).join(' OR ')
  const present = names.map((name) => `${name} IS NOT NULL`).join(' AND ')
  return `(CASE WHEN ${missing} THEN NULL ELSE ${tuple} IN (SELECT ${names.join(', ')} FROM ${table} AS ${other} WHERE ${present}) END)`
}

/**
 * The keys are among those of groups with more than one row. As a record, in which NULLs are equal. Measured on 5M rows of
 * Parquet × 10 columns: 0.5 s where 50 keys repeat and 0.2 s where all of 1,000 do; as a window, which must hold all rows,
 * 1.0 s and 0.2 s.
 */
function repeatedSql({ keys, among, scope: where }: Op<'repeated'>, scope: SqlScope): string {
  const { dialect, relation } = scope
  const inside = withoutAliases(scope)
  const values = keys.map((key) => renderExpression(key, inside))
  if (where !== 'relation' && relation.files.length > 1) values.unshift(dialect.identifier(relation.fileColumn))
  const record = structSql(
    values.map((value, index) => [`k${index}`, value]),
    dialect,
  )
  const filter = among === undefined ? '' : ` WHERE ${renderExpression(among, scope)}`
  return `(${record} IN (SELECT ${record} FROM ${relation.sql}${filter} GROUP BY ${values.join(', ')} HAVING count(*) > 1))`
}

function previousSql({ item, among }: Op<'previous'>, scope: SqlScope): string {
  const { dialect, relation } = scope
  const value = amongSql(renderExpression(item, scope), among, scope)
  // Without a partition DuckDB needs half the time: 86 ms against 238 on 2M rows.
  const partition = relation.files.length > 1 ? `PARTITION BY ${dialect.identifier(relation.fileColumn)} ` : ''
  return `lag(${value} IGNORE NULLS) OVER (${partition}ORDER BY ${dialect.identifier(relation.rowColumn)})`
}

/**
 * Of one file: a scalar subquery, which the engine asks once and which keeps nothing in memory (2M rows: 12 ms, as a
 * window 28). Of several: a window (63 ms; a join with the grouped rows 59, but it cannot stand among other columns).
 */
function overFileSql(expression: Op<'over-file'>, scope: SqlScope): string {
  const { dialect, relation } = scope
  return relation.files.length > 1
    ? `(${overFileAggregate(expression, scope)} OVER (PARTITION BY ${dialect.identifier(relation.fileColumn)}))`
    : `(SELECT ${overFileAggregate(expression, withoutAliases(scope))} FROM ${relation.sql})`
}

/** Inside a subquery over the relation there is nothing but the relation. */
function withoutAliases(scope: SqlScope): SqlScope {
  return { ...scope, aliases: undefined }
}

function overFileAggregate({ function: name, of, fraction, among }: Op<'over-file'>, scope: SqlScope): string {
  const value = amongSql(renderExpression(of, scope), among, scope)
  switch (name) {
    case 'mean':
      return `avg(${value})`
    case 'stdev':
      return scope.dialect.stddevSample(value)
    case 'quantile-linear':
      return scope.dialect.quantileLinear(value, fraction ?? 0.5)
    default:
      return assertNever(name)
  }
}

/**
 * The value in the rows that take part, NULL in the others: aggregates pass over it. Not FILTER, whose cost for DuckDB's
 * planner is quadratic: 500 averages take 1.3 s to plan with it and 0.6 s with CASE, 500 lists 7.5 s and 0.4 s.
 */
export function amongSql(valueSql: string, among: Expression | undefined, scope: SqlScope): string {
  return among === undefined ? valueSql : `CASE WHEN ${renderExpression(among, scope)} THEN ${valueSql} END`
}

function isNaNLiteral(expression: Expression): boolean {
  return expression.op === 'literal' && Number.isNaN(expression.value)
}

/**
 * NaN sorts above all numbers. It is asked for by `isnan`, never by a comparison: most writers leave NaN out of a footer's
 * extremes, and DuckDB answers comparisons from these extremes, so that `x = 'NaN'` is false where NaN is.
 */
function againstNaN(item: string, operator: Comparison): string {
  switch (operator) {
    case '=':
    case '>=':
      return `isnan(${item})`
    case '<':
    case '<>':
      return `(NOT isnan(${item}))`
    case '<=':
      return `(${item} IS NOT NULL)`
    case '>':
      return `(isnan(${item}) AND FALSE)`
    default:
      return assertNever(operator)
  }
}

function misfitSql(column: string, { dialect, relation }: SqlScope): string {
  if (relation.misfitColumn === undefined) return dialect.literal(false)
  const contains = dialect.name === 'duckdb' ? 'list_contains' : 'array_contains'
  return `${contains}(${dialect.identifier(relation.misfitColumn)}, ${dialect.literal(column)})`
}

/** A record of these fields, each with its SQL. */
export function structSql(fields: readonly (readonly [name: string, sql: string])[], dialect: Dialect): string {
  return dialect.name === 'duckdb'
    ? `{${fields.map(([name, sql]) => `${dialect.literal(name)}: ${sql}`).join(', ')}}`
    : `named_struct(${fields.map(([name, sql]) => `${dialect.literal(name)}, ${sql}`).join(', ')})`
}
