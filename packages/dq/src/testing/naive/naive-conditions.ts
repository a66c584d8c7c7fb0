import type { JsonValue } from '@tidegate/core'
import { valueIn, type NaiveRow } from './naive-table.ts'

/** A `row_condition` and, by hand, what it means. Unknown is not true. */
export interface NaiveCondition {
  readonly kwargs: Readonly<Record<string, JsonValue>>
  readonly holds: (row: NaiveRow) => boolean
}

const isOver = (column: string, limit: number) => (row: NaiveRow) => {
  const value = valueIn(row, column)
  return value !== null && Number(value) > limit
}
const isText = (row: NaiveRow): boolean => row['s'] === 'a' || row['s'] === 'ab'
const GX = 'great_expectations'

export const NAIVE_CONDITIONS: readonly NaiveCondition[] = [
  { kwargs: { row_condition: 'i > 0', condition_parser: 'pandas' }, holds: isOver('i', 0) },
  { kwargs: { row_condition: 'i>0' }, holds: isOver('i', 0) },
  { kwargs: { row_condition: 'col("i") > 0', condition_parser: GX }, holds: isOver('i', 0) },
  { kwargs: { row_condition: 'col("e") > 0.5', condition_parser: GX }, holds: isOver('e', 0.5) },
  { kwargs: { row_condition: "s = 'a' OR s = 'ab'" }, holds: isText },
  { kwargs: { row_condition: 'b' }, holds: (row) => row['b'] === true },
  { kwargs: { row_condition: 'NOT b' }, holds: (row) => row['b'] === false },
  { kwargs: { row_condition: 'col("u").notNull()', condition_parser: GX }, holds: (row) => valueIn(row, 'u') !== null },
  { kwargs: { row_condition: "t >= '2024-01-01'" }, holds: (row) => String(valueIn(row, 't') ?? '') >= '2024-01-01' },
  { kwargs: { row_condition: 'i > 5 AND i < 4' }, holds: () => false },
]

/** The condition that an expectation names. */
export function conditionOf(kwargs: Readonly<Record<string, JsonValue>>): NaiveCondition | undefined {
  return NAIVE_CONDITIONS.find(
    (item) =>
      item.kwargs['row_condition'] === kwargs['row_condition'] &&
      item.kwargs['condition_parser'] === kwargs['condition_parser'],
  )
}
