import { codeOf, messageOf, TidegateError, type Cell, type QueryOptions, type Session } from '@tidegate/core'
import type { CheckPlan, PlannedQuery, SelectItem } from '../plan/check-plan.ts'
import { assembleSql } from './assemble-query.ts'

/** What was measured: metric key → file key → value. What could not be: metric key → why. */
export interface Measurements {
  readonly values: Map<string, Map<string, Cell>>
  readonly failures: Map<string, MetricFailure>
}

export interface MetricFailure {
  /** `CHECK_…` */
  readonly code: string
  /** May quote a value of the data. */
  readonly message: string
}

export function noMeasurements(): Measurements {
  return { values: new Map(), failures: new Map() }
}

/** Failures of the engine or the machine, not of a check: they end the evaluation. */
const FATAL: ReadonlySet<string> = new Set([
  'ENGINE_CRASHED',
  'ENGINE_OUT_OF_MEMORY',
  'ENGINE_DISK_FULL',
  'ENGINE_FORBIDDEN_PATH',
  'CANCELLED',
])

/**
 * Runs one query of the plan. If the engine refuses it, its metrics are halved until those that break it are alone; all
 * others are answered (invariant 9).
 */
export async function runQuery(
  session: Session,
  plan: CheckPlan,
  query: PlannedQuery,
  into: Measurements,
  options: QueryOptions,
): Promise<void> {
  const error = await attempt(session, plan, query, query.select, into, options)
  if (error === undefined) return
  // Where not even the rows can be counted, the relation is to blame and there is nothing to search for.
  const rows =
    query.kind === 'query' ? undefined : await attempt(session, plan, query, [ROWS], noMeasurements(), options)
  // What was captured needs all conditions, so also the broken one: samples can be asked for later.
  const select = query.select.filter((item) => item.captured === undefined)
  if (rows === undefined) await bisect(session, plan, query, select, error, into, options)
  else for (const item of select) into.failures.set(item.key, engineFailure(rows))
}

/** Whether an error must end the evaluation. */
export function isFatal(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && FATAL.has(code)
}

const ROWS: SelectItem = { key: 'rows', sql: 'count(*)' }

async function bisect(
  session: Session,
  plan: CheckPlan,
  query: PlannedQuery,
  select: readonly SelectItem[],
  error: unknown,
  into: Measurements,
  options: QueryOptions,
): Promise<void> {
  const [only] = select
  if (only === undefined) return
  if (select.length === 1) {
    into.failures.set(only.key, engineFailure(error))
    return
  }
  const middle = Math.ceil(select.length / 2)
  for (const half of [select.slice(0, middle), select.slice(middle)]) {
    const halfError = await attempt(session, plan, query, half, into, options)
    if (halfError !== undefined) await bisect(session, plan, query, half, halfError, into, options)
  }
}

function engineFailure(error: unknown): MetricFailure {
  return { code: 'CHECK_ENGINE', message: messageOf(error) }
}

/** The error of the engine, or undefined when the values are in. Fatal errors are thrown. */
async function attempt(
  session: Session,
  plan: CheckPlan,
  query: PlannedQuery,
  select: readonly SelectItem[],
  into: Measurements,
  options: QueryOptions,
): Promise<unknown> {
  const sql = select === query.select ? query.sql : assembleSql(select, query, session.dialect)
  let rows: readonly (readonly Cell[])[]
  try {
    const result = await session.query(sql, options)
    rows = result.rows
  } catch (error) {
    if (isFatal(error)) throw error
    return error ?? new Error('the engine gave no reason')
  }
  const known = new Set(plan.files.map((item) => item.key))
  for (const row of rows) {
    const file = query.fileColumn === undefined ? (query.file ?? plan.files[0]?.key) : row[0]
    if (typeof file !== 'string' || !known.has(file))
      throw new TidegateError(
        'CHECK_RELATION',
        `a row names the file ${JSON.stringify(file ?? null)}, which is not part of the relation`,
        {
          hint: 'The file column of a relation must hold the keys of its files.',
        },
      )
    const offset = query.fileColumn === undefined ? 0 : 1
    for (const [index, item] of select.entries()) record(into, item.key, file, row[index + offset] ?? null)
  }
  return undefined
}

function record({ values }: Measurements, key: string, file: string, value: Cell): void {
  const byFile = values.get(key) ?? new Map<string, Cell>()
  byFile.set(file, value)
  values.set(key, byFile)
}
