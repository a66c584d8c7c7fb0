import type { Dialect, Relation } from '@tidegate/core'
import { describeExpression, type Expression } from './expression.ts'
import { describeKeys, renderMetric, type GroupedMetric, type Metric } from './metric.ts'
import type { PlannedQuery, SelectItem } from './check-plan.ts'
import { GROUP_SIZE, renderExpression, type SqlScope } from './render-expression.ts'

export interface QueryPlace {
  readonly relation: Relation
  readonly dialect: Dialect
  readonly sampleLimit: number
  /** Aggregates in one query. */
  readonly max: number
}

type Metrics = ReadonlyMap<string, Metric>

/** One scan that answers everything that needs no grouping, cut where an engine would choke on the number of aggregates. */
export function scanQueries(metrics: Metrics, place: QueryPlace): readonly PlannedQuery[] {
  const scope = { relation: place.relation, dialect: place.dialect }
  const select = [...metrics]
    .filter(([, metric]) => !('keys' in metric) && metric.kind !== 'sample')
    .map(([key, metric]) => ({ key, sql: renderMetric(metric, scope, 0) }))
  return chunks(select, place.max).map((part, index) =>
    query(`scan-${index + 1}`, 'fused', part, place.relation.sql, fileColumn(place)),
  )
}

/** One grouping per set of keys, shared by everything that asks about these keys. */
export function groupQueries(metrics: Metrics, place: QueryPlace): readonly PlannedQuery[] {
  return [...groupsOf(metrics, 'group-count')].map(([, group], index) =>
    groupQuery(`group-${index + 1}`, 'group-by', group, place),
  )
}

/** What shows unexpected values: one scan for all checks of single rows, one grouping per set of keys. */
export function sampleQuery(metrics: Metrics, place: QueryPlace): readonly PlannedQuery[] {
  const scope = { relation: place.relation, dialect: place.dialect }
  const rows = [...metrics].flatMap(([key, metric]): readonly SelectItem[] =>
    metric.kind === 'sample' ? [sampleItem(key, metric, scope, place)] : [],
  )
  const scans = chunks(rows, place.max).map((part, index) =>
    query(`sample-${index + 1}`, 'sample', part, place.relation.sql, fileColumn(place)),
  )
  const groups = [...groupsOf(metrics, 'group-sample')].map(([, group], index) =>
    groupQuery(`sample-group-${index + 1}`, 'sample', group, place),
  )
  return [...scans, ...groups]
}

/** The SELECT over some of a query's items. With several files, the file's key is the first column. */
export function assembleSql(
  select: readonly SelectItem[],
  { from, fileColumn }: Pick<PlannedQuery, 'from' | 'fileColumn'>,
): string {
  const items = [...(fileColumn === undefined ? [] : [fileColumn]), ...select.map((item) => item.sql)]
  return `SELECT\n  ${items.join(',\n  ')}\nFROM ${from}${fileColumn === undefined ? '' : `\nGROUP BY ${fileColumn}`}`
}

function groupsOf(
  metrics: Metrics,
  kind: GroupedMetric['kind'],
): ReadonlyMap<string, readonly (readonly [string, GroupedMetric])[]> {
  const groups = new Map<string, (readonly [string, GroupedMetric])[]>()
  for (const [key, metric] of metrics) {
    if (!('keys' in metric) || metric.kind !== kind) continue
    const name = describeKeys(metric.keys)
    const group = groups.get(name) ?? []
    group.push([key, metric])
    groups.set(name, group)
  }
  return groups
}

function groupQuery(
  id: string,
  kind: PlannedQuery['kind'],
  group: readonly (readonly [string, GroupedMetric])[],
  place: QueryPlace,
): PlannedQuery {
  const { relation, dialect } = place
  const keys = group[0]?.[1].keys ?? []
  const aliases = new Map(keys.map((key, index) => [describeExpression(key), dialect.identifier(`__tg_k${index}`)]))
  const scope: SqlScope = { relation, dialect, aliases }
  const select = group.map(([key, metric]) =>
    metric.kind === 'group-sample'
      ? sampleItem(key, metric, scope, place)
      : { key, sql: renderMetric(metric, scope, place.sampleLimit) },
  )
  return query(id, kind, select, groupedFrom(keys, aliases, place), fileColumn(place))
}

function groupedFrom(keys: readonly Expression[], aliases: ReadonlyMap<string, string>, place: QueryPlace): string {
  const { relation, dialect } = place
  const file = fileColumn(place)
  const named = keys.map(
    (key) => `${renderExpression(key, { relation, dialect })} AS ${aliases.get(describeExpression(key)) ?? ''}`,
  )
  const grouped = [...(file === undefined ? [] : [file]), ...named]
  const positions = grouped.map((_, index) => index + 1).join(', ')
  const size = `count(*) AS ${dialect.identifier(GROUP_SIZE)}`
  return `(SELECT ${[...grouped, size].join(', ')} FROM ${relation.sql} GROUP BY ${positions}) AS ${dialect.identifier('__tg_groups')}`
}

function sampleItem(
  key: string,
  metric: { readonly of: Expression; readonly where: Expression },
  scope: SqlScope,
  { dialect, sampleLimit }: QueryPlace,
): SelectItem {
  const value = renderExpression(metric.of, scope)
  const where = renderExpression(metric.where, scope)
  return { key, sql: dialect.listSample(value, where, sampleLimit), sample: { value, where } }
}

function query(
  id: string,
  kind: PlannedQuery['kind'],
  select: readonly SelectItem[],
  from: string,
  file: string | undefined,
): PlannedQuery {
  const answers = select.map((item) => item.key)
  return { id, kind, sql: assembleSql(select, { from, fileColumn: file }), answers, select, from, fileColumn: file }
}

/** A single file needs no grouping by file. */
function fileColumn({ relation, dialect }: QueryPlace): string | undefined {
  return relation.files.length > 1 ? dialect.identifier(relation.fileColumn) : undefined
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / Math.max(1, size))
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}
