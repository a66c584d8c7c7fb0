import type { Dialect, Relation } from '@tidegate/core'
import { describeExpression, type Expression } from './expression.ts'
import { liftedFrom, liftedScope, needsLift, type LiftKind } from './lift-expressions.ts'
import {
  amongRows,
  describeKeys,
  metricExpressions,
  renderMetric,
  type GroupedMetric,
  type Metric,
  type QueryMetric,
} from './metric.ts'
import { recordSql } from './capture-record.ts'
import type { CaptureSettings, PlannedQuery, SelectItem } from './check-plan.ts'
import { authorQueries } from './query-metrics.ts'
import { GROUP_SIZE, renderExpression, type SqlScope } from './render-expression.ts'
import type { FailingValues } from './value-tests/value-test.ts'

export interface QueryPlace {
  readonly relation: Relation
  readonly dialect: Dialect
  readonly capture: CaptureSettings
  /** Aggregates in one query. */
  readonly max: number
  readonly failingValues?: FailingValues | undefined
  /** Before the ids of the queries. @defaultValue '' */
  readonly prefix?: string | undefined
}

type Metrics = ReadonlyMap<string, Metric>
type Named<M> = readonly [key: string, metric: M]
type ScannedMetric = Exclude<Metric, GroupedMetric | QueryMetric>

/** Every query that answers these metrics. */
export function planQueries(metrics: Metrics, place: QueryPlace): readonly PlannedQuery[] {
  const scanned: Named<ScannedMetric>[] = []
  const samples: Named<ScannedMetric>[] = []
  const grouped: Named<GroupedMetric>[] = []
  const groupSamples: Named<GroupedMetric>[] = []
  const asked: Named<QueryMetric>[] = []
  const { when, values } = place.capture
  for (const [key, metric] of metrics) {
    if ((when === 'never' || values === 0) && isSample(metric)) continue
    if (metric.kind === 'query-count' || metric.kind === 'query-list') asked.push([key, metric])
    else if ('keys' in metric) (metric.kind === 'group-sample' ? groupSamples : grouped).push([key, metric])
    else (metric.kind === 'sample' && when === 'after' ? samples : scanned).push([key, metric])
  }
  return [
    ...scanQueries(scanned, place, (kind) => (kind === undefined ? ['scan', 'fused'] : [kind, kind])),
    ...groupQueries(grouped, place, ['group', 'group-by']),
    ...authorQueries(asked, place),
    ...scanQueries(samples, place, (kind) => [kind === undefined ? 'sample' : `sample-${kind}`, 'sample']),
    ...groupQueries(groupSamples, place, ['sample-group', 'sample']),
  ]
}

function isSample({ kind }: Metric): boolean {
  return kind === 'sample' || kind === 'group-sample'
}

/** The same, for metrics whose values were tested. */
export function afterValuesQueries(metrics: Metrics, place: QueryPlace): readonly PlannedQuery[] {
  return metrics.size === 0 ? [] : planQueries(metrics, { ...place, prefix: 'tested-' })
}

/** The SELECT over some of a query's items. With several files, the file's key is the first column. */
export function assembleSql(
  select: readonly SelectItem[],
  { from, fileColumn }: Pick<PlannedQuery, 'from' | 'fileColumn'>,
  dialect: Dialect,
): string {
  const items = [...(fileColumn === undefined ? [] : [fileColumn]), ...select.map((item) => item.sql)]
  const lifts = new Map(select.flatMap((item) => item.lifts ?? []).map((lift) => [lift.alias, lift]))
  const rows = liftedFrom(from, [...lifts.values()], dialect)
  return `SELECT\n  ${items.join(',\n  ')}\nFROM ${rows}${fileColumn === undefined ? '' : `\nGROUP BY ${fileColumn}`}`
}

type Naming = readonly [id: string, kind: PlannedQuery['kind']]

/**
 * One scan for everything that single rows answer, cut where an engine would choke on the number of aggregates. What needs
 * window functions or joins has a scan of its own: the plain one stays cheap and streams.
 */
function scanQueries(
  metrics: readonly Named<ScannedMetric>[],
  place: QueryPlace,
  naming: (kind: LiftKind | undefined) => Naming,
): readonly PlannedQuery[] {
  const lifted = liftedScope(scopeOf(place))
  const byKind = new Map<LiftKind | undefined, SelectItem[]>([
    [undefined, []],
    ['join', []],
    ['window', []],
  ])
  for (const [key, metric] of metrics) {
    const expressions = metricExpressions(metric)
    const lifts = lifted.liftsOf(expressions)
    byKind.get(kindOf(expressions, place))?.push(scanItem(key, metric, lifted.scope, lifts, place))
  }
  return [...byKind].flatMap(([lift, items]) => {
    const [id, kind] = naming(lift)
    return chunks(items, place.max).map((part, index) =>
      query(`${id}-${index + 1}`, kind, part, place.relation.sql, place),
    )
  })
}

function kindOf(expressions: readonly Expression[], place: QueryPlace): LiftKind | undefined {
  const kinds = new Set(expressions.map((expression) => needsLift(expression, place)))
  return kinds.has('window') ? 'window' : kinds.has('join') ? 'join' : undefined
}

function scanItem(
  key: string,
  metric: ScannedMetric,
  scope: SqlScope,
  lifts: SelectItem['lifts'],
  place: QueryPlace,
): SelectItem {
  const lifted = lifts === undefined || lifts.length === 0 ? {} : { lifts }
  if (metric.kind !== 'sample') return { key, sql: renderMetric(metric, scope, 0), ...lifted }
  const { dialect, relation, capture } = place
  const where = renderExpression(amongRows(metric.where, metric.among), scope)
  const value = recordSql(metric.of, scope, capture)
  const sql = dialect.firstValues(value, dialect.identifier(relation.rowColumn), where, capture.values)
  return { key, sql, ...lifted, sample: { value, where } }
}

/** One grouping per set of keys and rows, shared by everything that asks about these keys. */
function groupQueries(
  metrics: readonly Named<GroupedMetric>[],
  place: QueryPlace,
  [id, kind]: Naming,
): readonly PlannedQuery[] {
  const groups = new Map<string, Named<GroupedMetric>[]>()
  for (const named of metrics) {
    const [, { keys, among }] = named
    const name = among === undefined ? describeKeys(keys) : `${describeKeys(keys)} among ${describeExpression(among)}`
    const group = groups.get(name) ?? []
    group.push(named)
    groups.set(name, group)
  }
  return [...groups.values()].map((group, index) => groupQuery(`${id}-${index + 1}`, kind, group, place))
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
  return query(id, kind, select, groupedFrom(keys, among, aliases, place), place)
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

function scopeOf({ relation, dialect, failingValues }: QueryPlace): SqlScope {
  return { relation, dialect, failingValues }
}

function query(
  id: string,
  kind: PlannedQuery['kind'],
  select: readonly SelectItem[],
  from: string,
  place: QueryPlace,
): PlannedQuery {
  const answers = select.map((item) => item.key)
  const file = fileColumn(place)
  const sql = assembleSql(select, { from, fileColumn: file }, place.dialect)
  return { id: `${place.prefix ?? ''}${id}`, kind, sql, answers, select, from, fileColumn: file }
}

/** A single file needs no grouping by file. */
function fileColumn({ relation, dialect }: QueryPlace): string | undefined {
  return relation.files.length > 1 ? dialect.identifier(relation.fileColumn) : undefined
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / Math.max(1, size))
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}
