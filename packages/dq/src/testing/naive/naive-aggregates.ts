import type { JsonValue } from '@tidegate/core'
import { discreteQuantile, mean, quantile, sampleDeviation, sum } from './naive-numbers.ts'
import { isBetween } from './naive-rows.ts'
import { NAIVE_COLUMNS, order, presentValues, type NaiveCell, type NaiveRow } from './naive-table.ts'

type Kwargs = Readonly<Record<string, JsonValue>>

/** The answer to an expectation about a whole column or table. */
export interface NaiveAggregate {
  readonly success: boolean
  /** Undefined where the model says nothing of it. */
  readonly observed?: NaiveCell | readonly NaiveCell[]
}

type Values = readonly NonNullable<NaiveCell>[]
type Aggregate = (kwargs: Kwargs, values: Values, rows: readonly NaiveRow[]) => NaiveAggregate

export const NAIVE_AGGREGATES: Readonly<Record<string, Aggregate>> = {
  expect_column_min_to_be_between: (kwargs, values) => within(values.toSorted(order)[0] ?? null, kwargs),
  expect_column_max_to_be_between: (kwargs, values) => within(values.toSorted(order).at(-1) ?? null, kwargs),
  expect_column_mean_to_be_between: (kwargs, values) => within(mean(values.map(Number)), kwargs),
  expect_column_median_to_be_between: (kwargs, values) =>
    within(values.length === 0 ? null : quantile(values.map(Number), 0.5), kwargs),
  expect_column_stdev_to_be_between: (kwargs, values) => within(sampleDeviation(values.map(Number)), kwargs),
  expect_column_sum_to_be_between: (kwargs, values) =>
    within(values.length === 0 ? null : sum(values.map(Number)), kwargs),
  expect_column_unique_value_count_to_be_between: (kwargs, values) => within(new Set(values).size, kwargs),
  expect_column_proportion_of_unique_values_to_be_between: (kwargs, values) =>
    within(values.length === 0 ? 0 : new Set(values).size / values.length, kwargs),
  expect_column_proportion_of_non_null_values_to_be_between: (kwargs, values, rows) =>
    within(rows.length === 0 ? 0 : values.length / rows.length, kwargs),
  expect_column_distinct_values_to_be_in_set: ({ value_set: set }, values) =>
    distinct(values, (all) => all.every((value) => (set as NaiveCell[]).includes(value))),
  expect_column_distinct_values_to_contain_set: ({ value_set: set }, values) =>
    distinct(values, (all) => (set as Values).every((value) => all.includes(value))),
  expect_column_distinct_values_to_equal_set: ({ value_set: set }, values) =>
    distinct(
      values,
      (all) =>
        all.every((value) => (set as NaiveCell[]).includes(value)) &&
        (set as Values).every((value) => all.includes(value)),
    ),
  expect_column_distinct_count_to_equal: ({ value }, values) => ({ success: new Set(values).size === value }),
  expect_column_distinct_count_to_be_greater_than: ({ value }, values) => ({
    success: new Set(values).size > Number(value),
  }),
  expect_column_distinct_count_to_be_less_than: ({ value }, values) => ({
    success: new Set(values).size < Number(value),
  }),
  expect_column_most_common_value_to_be_in_set: ({ value_set: set, ties_okay: ties }, values) => {
    const counts = new Map<NaiveCell, number>()
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
    const most = Math.max(0, ...counts.values())
    const modes = [...counts].filter(([, count]) => count === most).map(([value]) => value)
    const allowed = modes.filter((value) => (set as NaiveCell[]).includes(value))
    const success = ties === true ? allowed.length > 0 : modes.length === 1 && allowed.length === 1
    return { success, observed: modes.toSorted(order) }
  },
  expect_column_quantile_values_to_be_between: ({ quantile_ranges: ranges }, values) => {
    const { quantiles, value_ranges: limits } = ranges as {
      readonly quantiles: readonly number[]
      readonly value_ranges: readonly (readonly (number | null)[])[]
    }
    const found = quantiles.map((share) => discreteQuantile(values.map(Number), share))
    return {
      success: found.every((value, index) => {
        const [min = null, max = null] = limits[index] ?? []
        return isBetween(value, { min_value: min, max_value: max })
      }),
    }
  },
  expect_table_row_count_to_be_between: (kwargs, _, rows) => within(rows.length, kwargs),
  expect_table_row_count_to_equal: ({ value }, _, rows) => ({ success: rows.length === value, observed: rows.length }),
  expect_table_column_count_to_be_between: (kwargs) => within(NAMES.length, kwargs),
  expect_table_column_count_to_equal: ({ value }) => ({ success: NAMES.length === value, observed: NAMES.length }),
  expect_table_columns_to_match_set: ({ column_set: set, exact_match: exact }) => ({
    success:
      (set as string[]).every((name) => NAMES.includes(name)) &&
      (exact === false || NAMES.every((name) => (set as string[]).includes(name))),
  }),
  expect_table_columns_to_match_ordered_list: ({ column_list: list }) => ({
    success: JSON.stringify(list) === JSON.stringify(NAMES),
  }),
  expect_column_to_exist: ({ column, column_index: index }) => ({
    success: NAMES.includes(String(column)) && (index === undefined || NAMES.indexOf(String(column)) === index),
  }),
  expect_table_columns_to_contain_set: ({ column_list: list }) => ({
    success: (list as string[]).every((name) => NAMES.includes(name)),
  }),
  expect_table_columns_to_not_contain_set: ({ column_list: list }) => ({
    success: !(list as string[]).some((name) => NAMES.includes(name)),
  }),
}

const NAMES: readonly string[] = Object.keys(NAIVE_COLUMNS)

function within(value: number | NaiveCell, kwargs: Kwargs): NaiveAggregate {
  return { success: isBetween(value, kwargs), observed: value }
}

function distinct(values: Values, passes: (all: Values) => boolean): NaiveAggregate {
  const all = [...new Set(values)].toSorted(order)
  return { success: passes(all), observed: all }
}

/** The answer on the rows that count. */
export function naiveAggregate(type: string, kwargs: Kwargs, rows: readonly NaiveRow[]): NaiveAggregate {
  const aggregate = NAIVE_AGGREGATES[type]
  if (aggregate === undefined) throw new Error(`the model does not know ${type}`)
  const { column } = kwargs
  return aggregate(kwargs, typeof column === 'string' ? presentValues(rows, column) : [], rows)
}
