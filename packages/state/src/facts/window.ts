import type { FactWindow } from '@tidegate/core'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { isPostgres } from '../is-postgres.ts'
import type { Schema } from '../schema.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

type Condition = RawBuilder<unknown>

/** Times of `column` in the window, as a condition. */
export function within(column: string, { sinceMs, untilMs }: Partial<FactWindow>): Condition {
  const conditions = [
    ...(sinceMs === undefined ? [] : [sql`${sql.ref(column)} >= ${sinceMs}`]),
    ...(untilMs === undefined ? [] : [sql`${sql.ref(column)} < ${untilMs}`]),
  ]
  return allOf(conditions)
}

/** `column` names one of these sources. */
export function ofSources(column: string, sources: readonly string[] | undefined): Condition {
  if (sources === undefined) return sql`1 = 1`
  if (sources.length === 0) return sql`1 = 0`
  return sql`${sql.ref(column)} in (${sql.join(sources)})`
}

/** `column` is the number of one of these sources. */
export function ofSourceIds(column: string, sources: readonly string[] | undefined): Condition {
  if (sources === undefined) return sql`1 = 1`
  return sql`${sql.ref(column)} in (select id from source_name where ${ofSources('name', sources)})`
}

export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` and `)
}

/** Begin of the hour or day. The unit is part of the text: SQLite gets every bound number as a fraction. */
export function beginOf(column: string, unitMs: typeof HOUR_MS | typeof DAY_MS): Condition {
  const unit = sql.raw(String(unitMs))
  return sql`${sql.ref(column)} / ${unit} * ${unit}`
}

/** A whole number: Postgres gives a sum of whole numbers as a decimal one, and null for no rows. */
export function sumOf(what: Condition): Condition {
  return sql`cast(coalesce(sum(${what}), 0) as bigint)`
}

/**
 * A value of a JSON text, as text, number or null. Steps are keys and, for lists, places. Postgres refuses a whole document
 * for one zero character or half a surrogate in it, which names and values of files may hold.
 */
export function jsonAt(
  db: Kysely<Schema>,
  column: string,
  steps: readonly (string | number)[],
  as: 'text' | 'json',
): Condition {
  if (!isPostgres(db)) {
    const path = steps.map((step) => (typeof step === 'number' ? `[${String(step)}]` : `.${step}`)).join('')
    return sql`json_extract(${sql.ref(column)}, ${sql.lit(`$${path}`)})`
  }
  const readable = sql`regexp_replace(${sql.ref(column)}, ${sql.lit(UNSTORABLE)}, ${sql.lit('\\\\u2400')}, 'g')::json`
  return as === 'text'
    ? sql`(${readable} #>> ${sql.lit(`{${steps.join(',')}}`)})`
    : sql`(${readable} #> ${sql.lit(`{${steps.join(',')}}`)})::text`
}

const UNSTORABLE = '\\\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})'
