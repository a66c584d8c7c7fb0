import type { Dialect, Relation } from '@tidegate/core'
import type { CaptureSettings, PlannedQuery, SelectItem } from '../plan/check-plan.ts'
import { liftedFrom } from '../plan/lift-expressions.ts'
import type { SqlScope } from '../expression/render-expression.ts'
import type { FailingValues } from '../value-tests/value-test.ts'

/** What queries are planned for. */
export interface QueryPlace {
  readonly relation: Relation
  readonly dialect: Dialect
  readonly capture: CaptureSettings
  /** Aggregates in one query. */
  readonly max: number
  readonly failingValues?: FailingValues | undefined
  /** Before the ids of the queries. @defaultValue '' */
  readonly prefix?: string | undefined
  /** Keys of samples that are never asked for with the counts: values that nobody may see. */
  readonly hidden?: ReadonlySet<string> | undefined
}

export function scopeOf({ relation, dialect, failingValues }: QueryPlace): SqlScope {
  return { relation, dialect, failingValues }
}

/** A query of these items, with its statement. */
export function plannedQuery(
  id: string,
  kind: PlannedQuery['kind'],
  select: readonly SelectItem[],
  from: string,
  place: QueryPlace,
): PlannedQuery {
  const answers = select.flatMap((item) => (item.captured === undefined ? [item.key] : []))
  const file = fileColumn(place)
  const sql = assembleSql(select, { from, fileColumn: file }, place.dialect)
  return { id: `${place.prefix ?? ''}${id}`, kind, sql, answers, select, from, fileColumn: file }
}

/** The SELECT over some of a query's items. With several files, the file's key is the first column. */
export function assembleSql(
  select: readonly SelectItem[],
  { from, fileColumn: file }: Pick<PlannedQuery, 'from' | 'fileColumn'>,
  dialect: Dialect,
): string {
  const items = [...(file === undefined ? [] : [file]), ...select.map((item) => item.sql)]
  const lifts = new Map(select.flatMap((item) => item.lifts ?? []).map((lift) => [lift.alias, lift]))
  const rows = liftedFrom(from, [...lifts.values()], dialect)
  return `SELECT\n  ${items.join(',\n  ')}\nFROM ${rows}${file === undefined ? '' : `\nGROUP BY ${file}`}`
}

/** Quoted. A single file needs no grouping by file. */
export function fileColumn({ relation, dialect }: QueryPlace): string | undefined {
  return relation.files.length > 1 ? dialect.identifier(relation.fileColumn) : undefined
}
