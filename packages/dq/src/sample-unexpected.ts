import type { Cell, CheckResult, QueryOptions, Session } from '@tidegate/core'
import type { SensitiveColumns } from './compiled-contract.ts'
import { maskRecord, maskValue } from './mask.ts'
import type { CheckPlan, PlannedCheck, PlannedQuery, SelectItem } from './check-plan.ts'
import { assembleSql } from './plan-queries.ts'
import { runQuery, type Measurements } from './run-query.ts'

export interface SampleOptions {
  readonly limit: number
  readonly sensitive: SensitiveColumns
  readonly query: QueryOptions
}

/**
 * Above this many unexpected rows a list of all of them is not worth its memory: such a check is sampled by a query of its
 * own that stops early.
 */
const LISTED_ROWS = 100_000

/**
 * Adds unexpected values to the results that have unexpected rows. One more scan for all of them together, and only when
 * there are any: data that passes pays nothing for samples. `judged` has the results of each file of the plan by check id.
 */
export async function attachSamples(
  session: Session,
  plan: CheckPlan,
  judged: readonly Map<string, CheckResult>[],
  options: SampleOptions,
): Promise<void> {
  const wanted = plan.checks.filter((check) => isWanted(check, judged, options.sensitive))
  if (wanted.length === 0) return
  const counts = unexpectedByKey(wanted, judged)
  const samples: Measurements = { values: new Map(), failures: new Map() }
  for (const query of plan.queries) {
    if (query.kind !== 'sample') continue
    const select = query.select.filter((item) => counts.has(item.key))
    const listed = select.filter((item) => (counts.get(item.key) ?? 0) <= LISTED_ROWS)
    if (listed.length > 0) await runQuery(session, plan, narrowed(query, listed), samples, options.query)
    for (const item of select) {
      if (!listed.includes(item))
        await runQuery(session, plan, firstRows(query, item, plan, session), samples, options.query)
    }
  }
  for (const [index, file] of plan.files.entries()) {
    for (const check of wanted) {
      const result = judged[index]?.get(check.id)
      const values = samples.values.get(check.metrics['sample'] ?? '')?.get(file.key)
      if (result === undefined || !Array.isArray(values) || values.length === 0) continue
      const shown = (values as readonly Cell[])
        .slice(0, options.limit)
        .map((value) => shownValue(check, value, options.sensitive))
      judged[index]?.set(check.id, { ...result, partialUnexpected: shown })
    }
  }
}

/** Single values of a dropped column are not even asked for. */
function isWanted(
  check: PlannedCheck,
  judged: readonly ReadonlyMap<string, CheckResult>[],
  sensitive: SensitiveColumns,
): boolean {
  if (check.metrics['sample'] === undefined) return false
  if (check.columns.every((column) => sensitive.get(column) === 'drop')) return false
  return judged.some((results) => (results.get(check.id)?.unexpectedCount ?? 0) > 0)
}

function unexpectedByKey(
  checks: readonly PlannedCheck[],
  judged: readonly ReadonlyMap<string, CheckResult>[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const check of checks) {
    const total = judged.reduce((sum, results) => sum + (results.get(check.id)?.unexpectedCount ?? 0), 0)
    counts.set(check.metrics['sample'] ?? '', total)
  }
  return counts
}

function narrowed(query: PlannedQuery, select: readonly SelectItem[]): PlannedQuery {
  const answers = select.map((item) => item.key)
  return { ...query, select, answers, sql: assembleSql(select, query) }
}

/** A query over the first rows that meet the condition, up to the limit in each file. */
function firstRows(query: PlannedQuery, item: SelectItem, plan: CheckPlan, { dialect }: Session): PlannedQuery {
  const { value = 'NULL', where = 'FALSE' } = item.sample ?? {}
  const [name, number] = [dialect.identifier('__tg_value'), dialect.identifier('__tg_number')]
  const file = query.fileColumn
  const from =
    file === undefined
      ? `(SELECT ${value} AS ${name} FROM ${query.from} WHERE ${where} LIMIT ${plan.sampleLimit})`
      : `(SELECT * FROM (SELECT ${file}, ${value} AS ${name}, row_number() OVER (PARTITION BY ${file} ORDER BY ${file}) AS ${number}` +
        ` FROM ${query.from} WHERE ${where}) AS ${dialect.identifier('__tg_ranked')} WHERE ${number} <= ${plan.sampleLimit})`
  const sql = dialect.listSample(name, dialect.literal(true), plan.sampleLimit)
  return narrowed({ ...query, from: `${from} AS ${dialect.identifier('__tg_first')}` }, [{ ...item, sql }])
}

/** A record (several columns) is masked field by field. */
function shownValue(check: PlannedCheck, value: Cell, sensitive: SensitiveColumns): Cell {
  const [column = ''] = check.columns
  if (check.columns.length > 1 && value !== null && typeof value === 'object' && !Array.isArray(value))
    return { ...maskRecord(Object.entries(value) as [string, Cell][], sensitive) }
  return maskValue(column, value, sensitive) ?? null
}
