import { plannedQuery, scopeOf, type QueryPlace } from '../evaluate/assemble-query.ts'
import { recordSql } from '../evaluate/capture-record.ts'
import type { Lift, PlannedQuery, SelectItem } from './check-plan.ts'
import { describeExpression, type Expression } from '../expression/expression.ts'
import { freePrefix, liftedScope, needsLift, type LiftedScope, type LiftKind } from './lift-expressions.ts'
import {
  amongRows,
  metricExpressions,
  renderMetric,
  type GroupedMetric,
  type Metric,
  type QueryMetric,
} from '../expression/metric.ts'
import { captureItem, type Projected, type RowSample } from './plan-capture.ts'
import { renderExpression } from '../expression/render-expression.ts'

export type ScannedMetric = Exclude<Metric, GroupedMetric | QueryMetric>
export type Named<M> = readonly [key: string, metric: M]

export interface ScanNames {
  readonly id: string
  readonly kind: PlannedQuery['kind']
}

/**
 * One scan for everything that single rows answer, cut where an engine would choke on the number of aggregates. What needs
 * window functions or joins has a scan of its own: the plain one stays cheap and streams.
 *
 * @param samples what of `metrics`' conditions is to be captured while they are counted
 */
export function planScans(
  metrics: readonly Named<ScannedMetric>[],
  samples: readonly Named<RowSample>[],
  place: QueryPlace,
  naming: (kind: LiftKind | undefined) => ScanNames,
): readonly PlannedQuery[] {
  const lifted = liftedScope(scopeOf(place))
  const conditions = conditionsOf(lifted, place)
  const byKind = new Map<LiftKind | undefined, ScanItem[]>([
    [undefined, []],
    ['join', []],
    ['window', []],
  ])
  for (const [key, metric] of metrics)
    byKind.get(kindOf(metricExpressions(metric), place))?.push(scanItem(key, metric, lifted, conditions, place))
  return [...byKind].flatMap(([lift, items]) => {
    const { id, kind } = naming(lift)
    return chunks(items, place.max).map((part, index) => {
      const projected = part.flatMap((item) => item.projected ?? [])
      const captured = captureItem(projected, samples, lifted, place)
      const select = [...part.map((item) => item.select), ...(captured === undefined ? [] : [captured])]
      return plannedQuery(`${id}-${index + 1}`, kind, select, place.relation.sql, place)
    })
  })
}

interface ScanItem {
  readonly select: SelectItem
  /** The condition it counts, as a column. */
  readonly projected?: Projected | undefined
}

function kindOf(expressions: readonly Expression[], place: QueryPlace): LiftKind | undefined {
  const kinds = new Set(expressions.map((expression) => needsLift(expression, place)))
  return kinds.has('window') ? 'window' : kinds.has('join') ? 'join' : undefined
}

function scanItem(
  key: string,
  metric: ScannedMetric,
  lifted: LiftedScope,
  conditions: Conditions,
  place: QueryPlace,
): ScanItem {
  if (metric.kind === 'count') {
    const projected = conditions(amongRows(metric.where, metric.among))
    const { alias, lifts } = projected
    return { select: { key, sql: place.dialect.countIf(alias), lifts }, projected }
  }
  const lifts = lifted.liftsOf(metricExpressions(metric))
  const rest = lifts.length === 0 ? {} : { lifts }
  if (metric.kind !== 'sample') return { select: { key, sql: renderMetric(metric, lifted.scope, 0), ...rest } }
  const { dialect, relation, capture } = place
  const where = renderExpression(amongRows(metric.where, metric.among), lifted.scope)
  const value = recordSql(metric.of, lifted.scope, capture)
  const sql = dialect.firstValues(value, dialect.identifier(relation.rowColumn), where, capture.values)
  return { select: { key, sql, ...rest, sample: { value, where } } }
}

type Conditions = (where: Expression) => Projected

/**
 * Conditions as columns of a subquery: each is computed once, whoever counts or captures by it. Measured on 2M rows × 10
 * columns, 15 conditions and 16 aggregates: 604 ms as arguments of the counts, 546 as columns, 576 as columns that are
 * never NULL.
 */
function conditionsOf({ scope, liftsOf }: LiftedScope, { dialect, relation }: QueryPlace): Conditions {
  const known = new Map<string, Projected>()
  const prefix = freePrefix('__tg_c', relation)
  return (where) => {
    const name = describeExpression(where)
    const found = known.get(name)
    if (found !== undefined) return found
    const inside = liftsOf([where])
    const alias = dialect.identifier(`${prefix}${known.size}`)
    const depth = inside.reduce((deepest, lift) => Math.max(deepest, lift.depth + 1), 0)
    const lift: Lift = { alias, sql: renderExpression(where, scope), depth }
    const projected: Projected = { condition: name, alias, lifts: [...inside, lift] }
    known.set(name, projected)
    return projected
  }
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / Math.max(1, size))
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}
