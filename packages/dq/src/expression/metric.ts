import { assertNever } from '@tidegate/core'
import { and, compare, describeAmong, describeExpression, type Expression } from './expression.ts'
import { amongSql, renderExpression, type SqlScope } from './render-expression.ts'

/** Something to be measured of each file, as data. Checks that need the same metric share it, see {@link metricKey}. */
export type Metric = Measure & {
  /** Only rows for which this is true take part (a `row_condition`). @defaultValue all rows */
  readonly among?: Expression | undefined
}

export type Measure =
  /** All rows. */
  | { readonly kind: 'rows' }
  /** Rows for which the condition is true. */
  | { readonly kind: 'count'; readonly where: Expression }
  /** Rows whose value is not NULL. */
  | { readonly kind: 'present'; readonly of: Expression }
  /** One value over the rows; NULLs do not count; NULL when there is nothing to aggregate. */
  | { readonly kind: 'aggregate'; readonly function: AggregateFunction; readonly of: Expression }
  /**
   * A list: for each fraction, the smallest value with at least that share of the values at or below it (SQL's
   * `percentile_disc`). NULL when there is nothing to order.
   */
  | { readonly kind: 'quantiles'; readonly of: Expression; readonly fractions: readonly number[] }
  /** A list of counts: rows in [b0, b1), [b1, b2), …, the last interval closed. Values outside are not counted. */
  | { readonly kind: 'histogram'; readonly of: Expression; readonly bounds: readonly number[] }
  /** The first values, in the file's order, of the rows for which the condition is true. Only for showing: no answer depends on it. */
  | { readonly kind: 'sample'; readonly of: Expression; readonly where: Expression }
  /** Over the groups of rows with equal keys (NULLs are equal): the groups, or the rows in them, where `where` holds. */
  | {
      readonly kind: 'group-count'
      readonly keys: readonly Expression[]
      readonly count: 'groups' | 'rows'
      readonly where: Expression
    }
  /** The rows in the largest of the groups where `where` holds; 0 without one. */
  | { readonly kind: 'group-max'; readonly keys: readonly Expression[]; readonly where: Expression }
  /**
   * A list of `{value, count}`: the groups where `where` holds, with the rows in them; largest first, equal ones by value.
   * Complete up to `limit` (no limit: all of them).
   */
  | {
      readonly kind: 'group-list'
      readonly keys: readonly Expression[]
      readonly of: Expression
      readonly where: Expression
      readonly limit?: number | undefined
    }
  /** The values of some groups, the smallest ones. Only for showing. */
  | {
      readonly kind: 'group-sample'
      readonly keys: readonly Expression[]
      readonly of: Expression
      readonly where: Expression
    }
  /**
   * Rows of a query of the contract's author, in which `{batch}` is replaced by the relation's rows. Asked once per file.
   * `count`: how many; `list`: the first `limit` of them, as records; all of them where capture is complete. `written`: what
   * of it the author wrote, where that is to be confined, see `confineQuery`.
   */
  | { readonly kind: 'query-count'; readonly sql: string; readonly written?: readonly WrittenQuery[] | undefined }
  | {
      readonly kind: 'query-list'
      readonly sql: string
      readonly limit: number
      readonly written?: readonly WrittenQuery[] | undefined
    }

/** A query as its author wrote it, and the tables that it may name besides `{batch}`. */
export interface WrittenQuery {
  readonly sql: string
  readonly tables: readonly string[]
}

export type AggregateFunction = 'min' | 'max' | 'mean' | 'sum' | 'median' | 'stdev' | 'distinct'

export type GroupedMetric = Extract<Metric, { readonly keys: readonly Expression[] }>
export type SampleMetric = Extract<Metric, { readonly kind: 'sample' | 'group-sample' }>

/** The canonical text of a metric: the same for the same question, whoever asks it. */
export function metricKey(metric: Metric): string {
  return `${measureKey(metric)}${describeAmong(metric.among)}`
}

function measureKey(metric: Measure): string {
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
    case 'group-max':
      return `largest of ${describeKeys(metric.keys)} where ${describeExpression(metric.where)}`
    case 'group-list':
      return `list of ${describeKeys(metric.keys)} where ${describeExpression(metric.where)} showing ${describeExpression(metric.of)} limit ${metric.limit ?? 'none'}`
    case 'quantiles':
      return `quantiles(${describeExpression(metric.of)}, ${metric.fractions.join(', ')})`
    case 'histogram':
      return `histogram(${describeExpression(metric.of)}, ${metric.bounds.join(', ')})`
    case 'query-count':
      return `rows of ${JSON.stringify(metric.sql)}`
    case 'query-list':
      return `first ${metric.limit} rows of ${JSON.stringify(metric.sql)}`
    default:
      return assertNever(metric)
  }
}

/** Names a set of keys, whatever their order. */
export function describeKeys(keys: readonly Expression[]): string {
  return `[${keys.map(describeExpression).toSorted().join(', ')}]`
}

/** Every expression of a metric. */
export function metricExpressions(metric: Metric): readonly Expression[] {
  const among = metric.among === undefined ? [] : [metric.among]
  switch (metric.kind) {
    case 'rows':
    case 'query-count':
    case 'query-list':
      return among
    case 'count':
      return [metric.where, ...among]
    case 'present':
    case 'aggregate':
    case 'quantiles':
    case 'histogram':
      return [metric.of, ...among]
    case 'sample':
      return [metric.of, metric.where, ...among]
    case 'group-count':
    case 'group-max':
      return [...metric.keys, metric.where, ...among]
    case 'group-list':
    case 'group-sample':
      return [...metric.keys, metric.of, metric.where, ...among]
    default:
      return assertNever(metric)
  }
}

/** What is answered by a query of its own. */
export type QueryMetric = Extract<Metric, { readonly kind: 'query-count' | 'query-list' }>

/**
 * The SELECT expression that answers a metric: over the rows, where `among` is a filter, or, for grouped metrics, over the
 * groups of the rows that `among` left. Not for samples of rows and for queries of the author, which are made elsewhere.
 */
export function renderMetric(metric: Metric, scope: SqlScope, sampleLimit: number): string {
  const { dialect } = scope
  const render = (expression: Expression): string => renderExpression(expression, scope)
  const inPart = (of: Expression): string => amongSql(render(of), metric.among, scope)
  switch (metric.kind) {
    case 'rows':
      return metric.among === undefined ? 'count(*)' : dialect.countIf(render(metric.among))
    case 'count':
      return dialect.countIf(render(amongRows(metric.where, metric.among)))
    case 'present':
      return `count(${inPart(metric.of)})`
    case 'aggregate':
      return aggregateSql(metric.function, inPart(metric.of), scope)
    case 'quantiles':
      return dialect.quantilesDiscrete(inPart(metric.of), metric.fractions)
    case 'histogram':
      return histogramSql(metric, scope)
    case 'group-sample':
      return dialect.firstValues(render(metric.of), render(metric.of), render(metric.where), sampleLimit)
    case 'group-count':
      return metric.count === 'groups'
        ? dialect.countIf(render(metric.where))
        : `coalesce(sum(${amongSql(render(GROUP_ROWS), metric.where, scope)}), 0)`
    case 'group-max':
      return `coalesce(max(${amongSql(render(GROUP_ROWS), metric.where, scope)}), 0)`
    case 'group-list':
      return dialect.countList(render(metric.of), render(GROUP_ROWS), render(metric.where), metric.limit)
    case 'sample':
    case 'query-count':
    case 'query-list':
      throw new Error(`${metric.kind} is a query of its own`)
    default:
      return assertNever(metric)
  }
}

const GROUP_ROWS: Expression = { op: 'group-size' }

/** The condition, in the rows that take part. */
export function amongRows(where: Expression, among: Expression | undefined): Expression {
  return among === undefined ? where : and([among, where])
}

function histogramSql({ of, bounds, among }: Extract<Metric, { kind: 'histogram' }>, scope: SqlScope): string {
  const { dialect } = scope
  const counts = bounds.slice(1).map((high, index) => {
    const inside = and([
      ...(among === undefined ? [] : [among]),
      compare(of, '>=', bound(bounds[index] ?? 0)),
      compare(of, index === bounds.length - 2 ? '<=' : '<', bound(high)),
    ])
    return dialect.countIf(renderExpression(inside, scope))
  })
  return dialect.list(counts)
}

function bound(value: number): Expression {
  return { op: 'literal', value }
}

function aggregateSql(name: AggregateFunction, sql: string, { dialect }: SqlScope): string {
  switch (name) {
    case 'median':
      return dialect.median(sql)
    case 'stdev':
      return dialect.stddevSample(sql)
    case 'distinct':
      return `count(DISTINCT ${sql})`
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
