import type { Dialect, Relation } from '@tidegate/core'
import type { PlannedValues } from './check-plan.ts'
import { describeExpression, type Expression } from '../expression/expression.ts'
import { walk } from '../expression/expression-parts.ts'
import { liftedFrom, liftedScope } from './lift-expressions.ts'
import { metricExpressions, type Metric } from '../expression/metric.ts'
import { renderExpression, type SqlScope } from '../expression/render-expression.ts'
import type { FailingValues } from '../value-tests/value-test.ts'

export type PassesExpression = Extract<Expression, { readonly op: 'passes' }>

/** Metrics that can be asked at once, and those that must wait until values were tested. */
export function withoutTests(metrics: ReadonlyMap<string, Metric>): {
  readonly now: ReadonlyMap<string, Metric>
  readonly later: ReadonlyMap<string, Metric>
} {
  const [now, later] = [new Map<string, Metric>(), new Map<string, Metric>()]
  for (const [key, metric] of metrics) {
    const waits = testsIn(metricExpressions(metric)).length > 0
    ;(waits ? later : now).set(key, metric)
  }
  return { now, later }
}

/** The values to be fetched: each expression once, however many tests its values are put to. */
export function planValueTests(
  metrics: ReadonlyMap<string, Metric>,
  { relation, dialect }: Pick<SqlScope, 'relation' | 'dialect'>,
): readonly PlannedValues[] {
  const tests = new Map<string, PassesExpression>()
  for (const metric of metrics.values())
    for (const test of testsIn(metricExpressions(metric))) tests.set(describeExpression(test), test)
  const items = new Map<string, [Expression, { key: string; test: PassesExpression['test'] }[]]>()
  for (const [key, { item, test }] of tests) {
    const name = describeExpression(item)
    const known = items.get(name) ?? [item, []]
    known[1].push({ key, test })
    items.set(name, known)
  }
  return [...items.values()].map(([item, list], index) => {
    const { size, part } = valueStatements(item, relation, dialect)
    return { id: `values-${index + 1}`, item, sql: [size, part(0, 1)], tests: list }
  })
}

/** The statements: how much there is, and the values of one part of it. */
export function valueStatements(
  item: Expression,
  relation: Relation,
  dialect: Dialect,
): { readonly size: string; readonly part: (part: number, parts: number) => string } {
  const { scope, liftsOf } = liftedScope({ relation, dialect })
  const from = liftedFrom(relation.sql, liftsOf([item]), dialect)
  const [value, texts] = [dialect.identifier('__tg_value'), dialect.identifier('__tg_texts')]
  const source = `(SELECT ${dialect.toText(renderExpression(item, scope))} AS ${value} FROM ${from}) AS ${texts}`
  const distinct = `SELECT DISTINCT ${value} FROM ${source} WHERE ${value} IS NOT NULL`
  return {
    size: `SELECT count(*), coalesce(sum(${dialect.textLength(value)}), 0) FROM (${distinct}) AS ${dialect.identifier('__tg_distinct')}`,
    part: (part, parts) => (parts === 1 ? distinct : `${distinct} AND ${dialect.bucket(value, parts)} = ${part}`),
  }
}

/** Stands for the values in statements that are only printed. */
export const NOT_TESTED_YET = '<values that fail>'

/** What the statements will look like, before the values are known. */
export function previewValues(tests: readonly PlannedValues[]): FailingValues {
  return new Map(tests.flatMap((values) => values.tests.map(({ key }) => [key, [NOT_TESTED_YET]] as const)))
}

/** The tests of values that these expressions contain. */
export function testsIn(expressions: readonly Expression[]): readonly PassesExpression[] {
  const found: PassesExpression[] = []
  for (const expression of expressions) {
    walk(expression, (part) => {
      if (part.op === 'passes') found.push(part)
    })
  }
  return found
}
