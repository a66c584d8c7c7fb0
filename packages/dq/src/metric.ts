import { assertNever } from '@tidegate/core'
import { describeExpression, type Expression } from './expression.ts'
import { renderExpression, type SqlScope } from './render-expression.ts'

/** Something to be measured of each file, as data. Checks that need the same metric share it, see {@link metricKey}. */
export type Metric =
  /** All rows. */
  | { readonly kind: 'rows' }
  /** Rows for which the condition is true. */
  | { readonly kind: 'count'; readonly where: Expression }
  /** Rows whose value is not NULL. */
  | { readonly kind: 'present'; readonly of: Expression }
  /** One value over the rows; NULLs do not count; NULL when there is nothing to aggregate. */
  | { readonly kind: 'aggregate'; readonly function: AggregateFunction; readonly of: Expression }
  /** Some values of the rows for which the condition is true. Only for showing: no answer depends on it. */
  | { readonly kind: 'sample'; readonly of: Expression; readonly where: Expression }
  /** Over the groups of rows with equal keys (NULLs are equal): the groups, or the rows in them, where `where` holds. */
  | {
      readonly kind: 'group-count'
      readonly keys: readonly Expression[]
      readonly count: 'groups' | 'rows'
      readonly where: Expression
    }
  | {
      readonly kind: 'group-sample'
      readonly keys: readonly Expression[]
      readonly of: Expression
      readonly where: Expression
    }

export type AggregateFunction = 'min' | 'max' | 'mean' | 'sum' | 'median' | 'stdev'

export type GroupedMetric = Extract<Metric, { readonly keys: readonly Expression[] }>
export type SampleMetric = Extract<Metric, { readonly kind: 'sample' | 'group-sample' }>

/** The canonical text of a metric: the same for the same question, whoever asks it. */
export function metricKey(metric: Metric): string {
  switch (metric.kind) {
    case 'rows':
      return 'rows'
    case 'count':
      return `count(${describeExpression(metric.where)})`
    case 'present':
      return `present(${describeExpression(metric.of)})`
    case 'aggregate':
      return `${metric.function}(${describeExpression(metric.of)})`
    case 'sample':
      return `sample(${describeExpression(metric.of)} where ${describeExpression(metric.where)})`
    case 'group-count':
      return `${metric.count} of ${describeKeys(metric.keys)} where ${describeExpression(metric.where)}`
    case 'group-sample':
      return `sample of ${describeKeys(metric.keys)} where ${describeExpression(metric.where)}`
    default:
      return assertNever(metric)
  }
}

/** Names a set of keys, whatever their order. */
export function describeKeys(keys: readonly Expression[]): string {
  return `[${keys.map(describeExpression).toSorted().join(', ')}]`
}

/** The SELECT expression that answers a metric. */
export function renderMetric(metric: Metric, scope: SqlScope, sampleLimit: number): string {
  const { dialect } = scope
  const render = (expression: Expression): string => renderExpression(expression, scope)
  switch (metric.kind) {
    case 'rows':
      return 'count(*)'
    case 'count':
      return dialect.countIf(render(metric.where))
    case 'present':
      return `count(${render(metric.of)})`
    case 'aggregate':
      return aggregateSql(metric.function, render(metric.of), scope)
    case 'sample':
    case 'group-sample':
      return dialect.listSample(render(metric.of), render(metric.where), sampleLimit)
    case 'group-count':
      return metric.count === 'groups'
        ? dialect.countIf(render(metric.where))
        : `coalesce(sum(${render({ op: 'group-size' })}) FILTER (WHERE ${render(metric.where)}), 0)`
    default:
      return assertNever(metric)
  }
}

function aggregateSql(name: AggregateFunction, sql: string, { dialect }: SqlScope): string {
  switch (name) {
    case 'median':
      return dialect.median(sql)
    case 'stdev':
      return dialect.stddevSample(sql)
    case 'mean':
      return `avg(${sql})`
    case 'min':
    case 'max':
    case 'sum':
      return `${name}(${sql})`
    default:
      return assertNever(name)
  }
}
