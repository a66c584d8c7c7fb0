/**
 * Results of checks by day, so that a million of them are read as a few thousand rows.
 *
 *   (1) A row of `check_day` counts the rows of `check_result` of its check and day. [addToDays, with what each one replaces;
 *       forgetDays, which counts what is left of a day anew; in the transaction of the change]
 */
import { stringifyJson, type CheckRecord, type CheckResult } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { forEachRow, type Cell, type RowColumns } from '../for-each-row.ts'
import type { CheckResultTable, Schema } from '../schema.ts'
import { DAY_MS } from './window.ts'

/** A result as it counts: what came or, with -1, what went. */
export interface CountedCheck {
  readonly record: Pick<CheckRecord, 'source' | 'dataset' | 'checkedAtMs'>
  readonly check: string
  readonly type: string
  readonly columns: readonly string[]
  readonly isPassed: boolean
  /** What came from elsewhere may lack anything. */
  readonly result: Partial<CheckResult>
  readonly sign: 1 | -1
}

export async function addToDays(trx: Kysely<Schema>, counted: readonly CountedCheck[]): Promise<void> {
  const sums = new Map<
    string,
    { readonly key: readonly Cell[]; readonly counts: [number, number, number, number, number] }
  >()
  for (const { record, check, type, isPassed, result, sign, ...one } of counted) {
    const { severity = 'critical', dimension = 'validity', outcome, unexpectedCount } = result
    const columns = stringifyJson(one.columns)
    const dayMs = Math.floor(record.checkedAtMs / DAY_MS) * DAY_MS
    const key = [record.source, record.dataset, check, type, columns, severity, dimension, dayMs]
    const name = JSON.stringify(key)
    const sum = sums.get(name) ?? { key, counts: [0, 0, 0, 0, 0] }
    sums.set(name, sum)
    const { counts } = sum
    counts[isPassed ? 0 : outcome === 'error' ? 2 : 1] += sign
    counts[3] += sign * (Number.isSafeInteger(unexpectedCount) ? (unexpectedCount ?? 0) : 0)
    counts[4] = Math.max(counts[4], record.checkedAtMs)
  }
  await forEachRow(
    trx,
    COLUMNS,
    Array.from(sums.values(), ({ key, counts }) => [...key, ...counts]),
    ADD,
  )
}

const COLUMNS = {
  source: 'text',
  dataset: 'text',
  check_id: 'text',
  type: 'text',
  columns: 'text',
  severity: 'text',
  dimension: 'text',
  day_ms: 'bigint',
  passed: 'bigint',
  failed: 'bigint',
  errors: 'bigint',
  unexpected_rows: 'bigint',
  last_ms: 'bigint',
} as const satisfies RowColumns

const NAMES = Object.keys(COLUMNS).join(', ')

const KEY = 'source, dataset, check_id, type, columns, severity, dimension, day_ms'

const ADD = `insert into check_day (${NAMES}) select * from new where true
on conflict (${KEY}) do update set
  passed = check_day.passed + excluded.passed, failed = check_day.failed + excluded.failed,
  errors = check_day.errors + excluded.errors, unexpected_rows = check_day.unexpected_rows + excluded.unexpected_rows,
  last_ms = case when excluded.last_ms > check_day.last_ms then excluded.last_ms else check_day.last_ms end`

/** Before results from before this moment are forgotten. The day that it lies in is counted anew. */
export async function forgetDays(trx: Kysely<Schema>, beforeMs: number): Promise<void> {
  const dayMs = Math.floor(beforeMs / DAY_MS) * DAY_MS
  await trx.deleteFrom('check_day').where('day_ms', '<=', dayMs).execute()
  const left = await trx
    .selectFrom('check_result')
    .selectAll()
    .where('checked_at_ms', '>=', beforeMs)
    .where('checked_at_ms', '<', dayMs + DAY_MS)
    .execute()
  await addToDays(
    trx,
    left.map((row) => countedRow(row, 1)),
  )
}

/** Under its new name a source may have results already. */
export async function renameDays(trx: Kysely<Schema>, from: string, to: string): Promise<void> {
  const { rows } = await sql<Record<keyof typeof COLUMNS, Cell>>`
    select * from check_day where source = ${from}`.execute(trx)
  const names = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]
  await forEachRow(
    trx,
    COLUMNS,
    rows.map((row) => names.map((name) => (name === 'source' ? to : row[name]))),
    ADD,
  )
  await trx.deleteFrom('check_day').where('source', '=', from).execute()
}

export function countedRecord(record: CheckRecord): CountedCheck {
  const { id: check, type, columns, outcome } = record.result
  return { record, check, type, columns, isPassed: outcome === 'passed', result: record.result, sign: 1 }
}

export function countedRow(row: Omit<CheckResultTable, 'run' | 'file'>, sign: 1 | -1): CountedCheck {
  return {
    record: { source: row.source, dataset: row.dataset, checkedAtMs: row.checked_at_ms },
    check: row.check_id,
    type: row.type,
    columns: parseOr<readonly string[]>(row.columns, []),
    isPassed: row.failed === 0,
    result: parseOr<Partial<CheckResult> | null>(row.result, null) ?? {},
    sign,
  }
}

function parseOr<T>(text: string, otherwise: T): T {
  try {
    return JSON.parse(text) as T
  } catch {
    return otherwise
  }
}
