import type {
  Capped,
  CheckDay,
  CheckFailures,
  CheckRecord,
  Dimension,
  FactWindow,
  FailedChecksOf,
  Severity,
} from '@tidegate/core'
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { toCheckRecord } from '../checks.ts'
import type { Schema } from '../schema.ts'
import { allOf, beginOf, DAY_MS, HOUR_MS, jsonAt, ofSources, sumOf, within } from './window.ts'

/** Days are whole: those that the window touches. */
export async function sumCheckDays(db: Kysely<Schema>, window: FactWindow): Promise<readonly CheckDay[]> {
  const sinceMs = Math.floor(window.sinceMs / DAY_MS) * DAY_MS
  const { rows } = await sql<CheckDayRow>`
    select * from check_day
    where ${within('day_ms', { sinceMs, untilMs: window.untilMs })} and ${ofSources('source', window.sources)}
      and passed + failed + errors > 0
    order by source, dataset, check_id, day_ms, type, columns, severity, dimension`.execute(db)
  return rows.map((row) => ({
    source: row.source,
    dataset: row.dataset,
    check: row.check_id,
    type: row.type,
    columns: JSON.parse(row.columns) as string[],
    severity: row.severity,
    dimension: row.dimension,
    dayMs: row.day_ms,
    passed: row.passed,
    failed: row.failed,
    errors: row.errors,
    unexpectedRows: row.unexpected_rows,
    lastMs: row.last_ms,
  }))
}

interface CheckDayRow {
  readonly source: string
  readonly dataset: string
  readonly check_id: string
  readonly type: string
  readonly columns: string
  readonly severity: Severity
  readonly dimension: Dimension
  readonly day_ms: number
  readonly passed: number
  readonly failed: number
  readonly errors: number
  readonly unexpected_rows: number
  readonly last_ms: number
}

function isError(db: Kysely<Schema>): RawBuilder<unknown> {
  return sql`(coalesce(${jsonAt(db, 'result', ['outcome'], 'text')}, '') = 'error')`
}

export async function sumCheckFailures(db: Kysely<Schema>, window: FactWindow): Promise<readonly CheckFailures[]> {
  const { rows } = await sql<FailureRow>`
    select source, dataset, check_id, ${beginOf('checked_at_ms', HOUR_MS)} as hour_ms,
      ${sumOf(sql`case when ${isError(db)} then 0 else 1 end`)} as failed,
      ${sumOf(sql`case when ${isError(db)} then 1 else 0 end`)} as errors,
      count(distinct file) as files
    from check_result
    where failed = 1 and ${within('checked_at_ms', window)} and ${ofSources('source', window.sources)}
    group by 1, 2, 3, 4
    order by source, dataset, check_id, hour_ms`.execute(db)
  return rows.map((row) => ({
    source: row.source,
    dataset: row.dataset,
    check: row.check_id,
    hourMs: row.hour_ms,
    failed: row.failed,
    errors: row.errors,
    files: row.files,
  }))
}

interface FailureRow {
  readonly source: string
  readonly dataset: string
  readonly check_id: string
  readonly hour_ms: number
  readonly failed: number
  readonly errors: number
  readonly files: number
}

export async function failedChecks(
  db: Kysely<Schema>,
  window: FactWindow,
  perCheck: number,
  only: FailedChecksOf = {},
): Promise<Capped<CheckRecord>> {
  const { dataset, check, offset = 0 } = only
  const conditions = [sql`failed = 1`, within('checked_at_ms', window), ofSources('source', window.sources)]
  if (dataset !== undefined) conditions.push(sql`dataset = ${dataset}`)
  if (check !== undefined) conditions.push(sql`check_id = ${check}`)
  const { rows } = await sql<ResultRow>`
    with ranked as (
      select run, file, check_id, count(*) over () as total,
        row_number() over (
          partition by source, dataset, check_id order by checked_at_ms desc, run desc, file desc
        ) as place
      from check_result
      where ${allOf(conditions)}
    )
    select found.run, found.source, found.dataset, found.file, found.checked_at_ms, found.result, ranked.total
    from ranked join check_result as found
      on found.run = ranked.run and found.file = ranked.file and found.check_id = ranked.check_id
    where ranked.place > ${offset} and ranked.place <= ${offset + perCheck}
    order by found.checked_at_ms desc, found.run desc, found.file desc, found.check_id desc`.execute(db)
  return {
    items: rows.map((row) => toCheckRecord(row)),
    total: rows[0]?.total ?? (offset === 0 ? 0 : (await failedChecks(db, window, 1, { dataset, check })).total),
  }
}

interface ResultRow {
  readonly run: string
  readonly source: string
  readonly dataset: string
  readonly file: string
  readonly checked_at_ms: number
  readonly result: string
  readonly total: number
}
