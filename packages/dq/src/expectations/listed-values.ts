import { toJson, type Cell, type JsonValue } from '@tidegate/core'
import { compareObserved } from '../expression/bounds.ts'
import { DOUBLE_TYPE } from '../expression/data-type.ts'
import type { ColumnRef } from '../expression/column-ref.ts'
import { not, type Expression } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import type { Measured } from './definition.ts'

/** Distinct values that a result lists. Answers never depend on the list: they are counted where all values are. */
export const LISTED_VALUES = 1000

export interface ValueCount {
  readonly value: Cell
  readonly count: number
}

/** The most frequent values of a column with the number of their rows. */
export function listMetric(ref: ColumnRef, limit: number = LISTED_VALUES, where?: Expression): Metric {
  const present = not({ op: 'is-null', item: ref.value } as const)
  return { kind: 'group-list', keys: [ref.value], of: ref.value, where: where ?? present, limit }
}

/** What {@link listMetric} measured, most frequent first. */
export function valueCounts(measured: Measured, role: string): readonly ValueCount[] {
  const cell = measured.cell(role)
  if (!Array.isArray(cell)) return []
  return (cell as readonly Cell[]).map((item) => {
    const { value = null, count = 0 } = item as { readonly value?: Cell; readonly count?: Cell }
    return { value, count: Number(count) }
  })
}

/** By value, as Great Expectations lists them. */
export function sortedByValue(counts: readonly ValueCount[], measured: Measured): readonly ValueCount[] {
  const type = measured.resultType ?? DOUBLE_TYPE
  return counts.toSorted((left, right) => compareObserved(type, left.value, right.value))
}

/** As `details.value_counts` holds them: doubles are numbers, however large. */
export function valueCountsJson(counts: readonly ValueCount[]): JsonValue {
  return counts.map(({ value, count }) => ({ value: Number.isFinite(value) ? Number(value) : toJson(value), count }))
}
