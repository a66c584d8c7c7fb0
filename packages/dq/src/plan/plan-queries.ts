import { fileColumn, plannedQuery, scopeOf, type QueryPlace } from '../evaluate/assemble-query.ts'
import type { PlannedQuery } from './check-plan.ts'
import { describeExpression, type Expression } from '../expression/expression.ts'
import { liftedFrom, liftedScope } from './lift-expressions.ts'
import { describeKeys, renderMetric, type GroupedMetric, type Metric, type QueryMetric } from '../expression/metric.ts'
import type { RowSample } from './plan-capture.ts'
import { planScans, type Named, type ScannedMetric } from './plan-scans.ts'
import { screenKeys, screenOf } from './screen-groups.ts'
import { authorQueries } from '../evaluate/query-metrics.ts'
import { GROUP_SIZE, renderExpression, type SqlScope } from '../expression/render-expression.ts'

type Metrics = ReadonlyMap<string, Metric>
type Naming = readonly [id: string, kind: PlannedQuery['kind']]

/** Every query that answers these metrics. */
export function planQueries(metrics: Metrics, place: QueryPlace): readonly PlannedQuery[] {
  const scanned: Named<ScannedMetric>[] = []
  const samples: Named<RowSample>[] = []
  const grouped: Named<GroupedMetric>[] = []
  const groupSamples: Named<GroupedMetric>[] = []
  const asked: Named<QueryMetric>[] = []
  const { when, values } = place.capture
  for (const [key, metric] of metrics) {
    if ((when === 'never' || values === 0) && isSample(metric)) continue
    if (metric.kind === 'query-count' || metric.kind === 'query-list') asked.push([key, metric])
    else if ('keys' in metric) (metric.kind === 'group-sample' ? groupSamples : grouped).push([key, metric])
    else if (metric.kind === 'sample') samples.push([key, metric])
    else scanned.push([key, metric])
  }
  const groups = groupQueries(grouped, place, ['group', 'group-by'])
  const counted = new Set(scanned.map(([key]) => key))
  for (const [key, metric] of groups.flatMap(({ screening }) => screening)) {
    if (!counted.has(key)) scanned.push([key, metric])
    counted.add(key)
  }
  return [
    ...planScans(scanned, when === 'same-scan' ? samples : [], place, (kind) =>
      kind === undefined ? { id: 'scan', kind: 'fused' } : { id: kind, kind },
    ),
    ...groups.map(({ query }) => query),
    ...authorQueries(asked, place),
    // With `same-scan` these run only for what the scans kept too little of.
    ...planScans(samples, [], place, (kind) => ({
      id: kind === undefined ? 'sample' : `sample-${kind}`,
      kind: 'sample',
    })),
    ...groupQueries(groupSamples, place, ['sample-group', 'sample']).map(({ query }) => query),
  ]
}

function isSample({ kind }: Metric): boolean {
  return kind === 'sample' || kind === 'group-sample'
}

/** The same, for metrics whose values were tested. */
export function afterValuesQueries(metrics: Metrics, place: QueryPlace): readonly PlannedQuery[] {
  return metrics.size === 0 ? [] : planQueries(metrics, { ...place, prefix: 'tested-' })
}

/** One grouping per set of keys and rows, shared by everything that asks about these keys. */
function groupQueries(
  metrics: readonly Named<GroupedMetric>[],
  place: QueryPlace,
  [id, kind]: Naming,
): readonly Grouping[] {
  const groups = new Map<string, Named<GroupedMetric>[]>()
  for (const named of metrics) {
    const [, { keys, among }] = named
    const name = among === undefined ? describeKeys(keys) : `${describeKeys(keys)} among ${describeExpression(among)}`
    const group = groups.get(name) ?? []
    group.push(named)
    groups.set(name, group)
  }
  return [...groups.values()].map((group, index) => {
    const query = groupQuery(`${id}-${index + 1}`, kind, group, place)
    const screen = screenOf(
      group.map(([, metric]) => metric),
      place,
    )
    if (screen === undefined) return { query, screening: [] }
    const keys = screenKeys(screen)
    const screening = [[keys.present, screen.present] as const, [keys.distinct, screen.distinct] as const]
    return { query: { ...query, screen: keys }, screening }
  })
}

interface Grouping {
  readonly query: PlannedQuery
  /** What the scan counts for it. */
  readonly screening: readonly Named<ScannedMetric>[]
}

function groupQuery(
  id: string,
  kind: PlannedQuery['kind'],
  group: readonly Named<GroupedMetric>[],
  place: QueryPlace,
): PlannedQuery {
  const { dialect } = place
  const { keys = [], among } = group[0]?.[1] ?? {}
  const aliases = new Map(keys.map((key, index) => [describeExpression(key), dialect.identifier(`__tg_k${index}`)]))
  const scope: SqlScope = { ...scopeOf(place), aliases }
  const select = group.map(([key, metric]) => ({ key, sql: renderMetric(metric, scope, place.capture.values) }))
  return plannedQuery(id, kind, select, groupedFrom(keys, among, aliases, place), place)
}

function groupedFrom(
  keys: readonly Expression[],
  among: Expression | undefined,
  aliases: ReadonlyMap<string, string>,
  place: QueryPlace,
): string {
  const { relation, dialect } = place
  const file = fileColumn(place)
  const { scope, liftsOf } = liftedScope(scopeOf(place))
  const from = liftedFrom(relation.sql, liftsOf(among === undefined ? keys : [...keys, among]), dialect)
  const named = keys.map((key) => `${renderExpression(key, scope)} AS ${aliases.get(describeExpression(key)) ?? ''}`)
  const grouped = [...(file === undefined ? [] : [file]), ...named]
  const positions = grouped.map((_, index) => index + 1).join(', ')
  const size = `count(*) AS ${dialect.identifier(GROUP_SIZE)}`
  const where = among === undefined ? '' : ` WHERE ${renderExpression(among, scope)}`
  return `(SELECT ${[...grouped, size].join(', ')} FROM ${from}${where} GROUP BY ${positions}) AS ${dialect.identifier('__tg_groups')}`
}
