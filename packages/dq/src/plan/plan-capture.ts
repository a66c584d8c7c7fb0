import type { Cell } from '@tidegate/core'
import type { QueryPlace } from '../evaluate/assemble-query.ts'
import type { Lift, SelectItem } from './check-plan.ts'
import { column, describeExpression } from '../expression/expression.ts'
import { NOTHING } from '../evaluate/capture-record.ts'
import type { LiftedScope } from './lift-expressions.ts'
import { amongRows, type Metric } from '../expression/metric.ts'
import { renderExpression, structSql } from '../expression/render-expression.ts'

export type RowSample = Extract<Metric, { readonly kind: 'sample' }>

/** A condition that a query has as a column. */
export interface Projected {
  /** Canonical text. */
  readonly condition: string
  /** Quoted. */
  readonly alias: string
  readonly lifts: readonly Lift[]
}

/** One of the samples that an aggregate holds: where in its records. */
export interface CapturedSample {
  readonly key: string
  /** Place of the condition in `broken`. */
  readonly condition: number
  /** Number of the field with the value; undefined: there is none to show. */
  readonly value: number | undefined
}

/** Rows per file that one scan keeps, at most. Each may hold long texts: as few as make a second look rare. */
const ROWS_PER_FILE = 500
/** And in all files together. */
const ROWS_PER_SCAN = 20_000
/** Above this many conditions a record says too much of each row. */
const MOST_CONDITIONS = 200

/**
 * One aggregate for all samples of a scan: the first rows, in the file's order, that meet any of its conditions, with which
 * ones and with the values that are shown for these. A sample is complete if it found as many as it should; a condition
 * that is met rarely, in a file where others are met often, must be looked for again.
 */
export function captureItem(
  projected: readonly Projected[],
  samples: readonly (readonly [key: string, metric: RowSample])[],
  lifted: LiftedScope,
  { dialect, relation, capture, hidden }: QueryPlace,
): SelectItem | undefined {
  const byCondition = new Map(projected.map((item) => [item.condition, item]))
  const conditions = new Map<string, number>()
  const values = new Map<string, { readonly place: number; readonly shownFor: string[] }>()
  const lifts: Lift[] = []
  const captured: CapturedSample[] = []
  for (const [key, { of, where, among }] of samples) {
    const found = byCondition.get(describeExpression(amongRows(where, among)))
    if (found === undefined || hidden?.has(key) === true) continue
    const condition = conditions.get(found.alias) ?? conditions.size
    conditions.set(found.alias, condition)
    lifts.push(...found.lifts, ...lifted.liftsOf([of]))
    if (of === NOTHING) {
      captured.push({ key, condition, value: undefined })
      continue
    }
    const sql = renderExpression(of, lifted.scope)
    const value = values.get(sql) ?? { place: values.size, shownFor: [] }
    value.shownFor.push(found.alias)
    values.set(sql, value)
    captured.push({ key, condition, value: value.place })
  }
  if (captured.length === 0 || conditions.size > MOST_CONDITIONS) return undefined
  const aliases = [...conditions.keys()]
  const any = aliases.join(' OR ')
  const row = dialect.identifier(relation.rowColumn)
  const fields: readonly (readonly [string, string])[] = [
    ['row', row],
    ['broken', dialect.list(aliases)],
    // Of a row only those values are kept that are shown for the conditions it meets.
    ...[...values].map(
      ([sql, { place, shownFor }]) => [`v${place}`, `CASE WHEN ${shownFor.join(' OR ')} THEN ${sql} END`] as const,
    ),
    ...capture.indexColumns.map((name, place) => [`i${place}`, renderExpression(column(name), lifted.scope)] as const),
  ]
  const limit = rowLimit(capture.values * conditions.size, relation.files.length)
  return {
    key: `captured(${any})`,
    sql: dialect.firstValues(structSql(fields, dialect), row, any, limit, true),
    lifts,
    captured,
  }
}

function rowLimit(wanted: number, files: number): number {
  return Math.max(1, Math.min(wanted, ROWS_PER_FILE, Math.floor(ROWS_PER_SCAN / files)))
}

/** The records of one sample, as {@link parseCaptured} reads them, out of what was captured for all. */
export function recordsOf(
  cell: Cell | undefined,
  { condition, value }: CapturedSample,
  values: number,
): readonly Cell[] {
  if (!Array.isArray(cell)) return []
  const records: Cell[] = []
  for (const record of cell as readonly Readonly<Record<string, Cell>>[]) {
    const broken = record['broken']
    if (!Array.isArray(broken) || broken[condition] !== true) continue
    records.push({ ...record, value: value === undefined ? null : (record[`v${value}`] ?? null) })
    if (records.length === values) break
  }
  return records
}
