import type { JsonValue } from '@tidegate/core'
import { mean, quantile, sampleDeviation } from './naive-numbers.ts'
import { order, presentValues, valueIn, type NaiveCell, type NaiveRow } from './naive-table.ts'
import { NAIVE_LIKES, NAIVE_REGEXES } from './naive-texts.ts'

type Kwargs = Readonly<Record<string, JsonValue>>

/** Whether each value that is not missing breaks the expectation, by its place among `rows`. */
export type BrokenAt = (value: NonNullable<NaiveCell>, place: number) => boolean

/** Expectations about the values of one column, one loop each. */
export const NAIVE_VALUE_RULES: Readonly<Record<string, (kwargs: Kwargs, rows: readonly NaiveRow[]) => BrokenAt>> = {
  expect_column_values_to_be_unique: ({ column }, rows) => {
    const values = presentValues(rows, String(column))
    return (value) => values.filter((other) => other === value).length > 1
  },
  expect_column_values_to_be_in_set: ({ value_set: set }) => {
    return (value) => !(set as NaiveCell[]).includes(value)
  },
  expect_column_values_to_not_be_in_set: ({ value_set: set }) => {
    return (value) => (set as NaiveCell[]).includes(value)
  },
  expect_column_values_to_be_between: (kwargs) => (value) => !isBetween(value, kwargs),
  expect_column_value_lengths_to_be_between: (kwargs) => (value) => !isBetween(letters(value), kwargs),
  expect_column_value_lengths_to_equal: (kwargs) => (value) => letters(value) !== kwargs['value'],
  expect_column_values_to_be_increasing: (kwargs, rows) => isOutOfOrder(kwargs, rows, 1),
  expect_column_values_to_be_decreasing: (kwargs, rows) => isOutOfOrder(kwargs, rows, -1),
  expect_column_value_z_scores_to_be_less_than: (kwargs, rows) => {
    const values = presentValues(rows, String(kwargs['column'])).map(Number)
    const [middle, deviation] = [mean(values), sampleDeviation(values)]
    return (value) => {
      if (middle === null || deviation === null || deviation === 0) return false
      const score = (Number(value) - middle) / deviation
      return (kwargs['double_sided'] === false ? score : Math.abs(score)) >= Number(kwargs['threshold'])
    }
  },
  expect_column_values_to_be_within_n_stdevs: (kwargs, rows) => {
    const values = presentValues(rows, String(kwargs['column'])).map(Number)
    const [middle, deviation] = [mean(values), sampleDeviation(values)]
    return (value) => {
      if (middle === null || deviation === null || deviation === 0) return false
      return Math.abs(Number(value) - middle) / deviation > Number(kwargs['sigma_threshold'])
    }
  },
  expect_column_values_to_not_be_outliers: ({ column, method, multiplier }, rows) => {
    const values = presentValues(rows, String(column)).map(Number)
    const [factor, middle, deviation] = [Number(multiplier), mean(values), sampleDeviation(values)]
    const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)]
    return (value) => {
      const number = Number(value)
      if (method === 'std')
        return (deviation ?? 0) > 0 && Math.abs(number - Number(middle)) >= factor * Number(deviation)
      const fence = factor * (high - low)
      return number < low - fence || number > high + fence
    }
  },
  expect_column_values_to_match_regex:
    ({ regex }) =>
    (value) =>
      !found(NAIVE_REGEXES, regex, value),
  expect_column_values_to_not_match_regex:
    ({ regex }) =>
    (value) =>
      found(NAIVE_REGEXES, regex, value),
  expect_column_values_to_match_regex_list: ({ regex_list: list, match_on: on }) =>
    noneOrNotAll(NAIVE_REGEXES, list, on),
  expect_column_values_to_not_match_regex_list: ({ regex_list: list }) => anyOf(NAIVE_REGEXES, list),
  expect_column_values_to_match_like_pattern:
    ({ like_pattern: like }) =>
    (value) =>
      !found(NAIVE_LIKES, like, value),
  expect_column_values_to_not_match_like_pattern:
    ({ like_pattern: like }) =>
    (value) =>
      found(NAIVE_LIKES, like, value),
  expect_column_values_to_match_like_pattern_list: ({ like_pattern_list: list, match_on: on }) =>
    noneOrNotAll(NAIVE_LIKES, list, on),
  expect_column_values_to_not_match_like_pattern_list: ({ like_pattern_list: list }) => anyOf(NAIVE_LIKES, list),
}

/** Counted as Python does: by code point. */
function letters(value: NaiveCell): number {
  return Array.from(String(value)).length
}

/** Within `min_value` and `max_value`, where an end that is null is open. */
export function isBetween(value: NaiveCell, kwargs: Kwargs): boolean {
  const { min_value: min = null, max_value: max = null } = kwargs as Readonly<Record<string, NaiveCell>>
  if (value === null) return false
  const above = min === null || (kwargs['strict_min'] === true ? order(value, min) > 0 : order(value, min) >= 0)
  const below = max === null || (kwargs['strict_max'] === true ? order(value, max) < 0 : order(value, max) <= 0)
  return above && below
}

/** Compared with the value before it that is not missing; the first is in order. */
function isOutOfOrder(kwargs: Kwargs, rows: readonly NaiveRow[], direction: 1 | -1): BrokenAt {
  return (value, place) => {
    const before = presentValues(rows.slice(0, place), String(kwargs['column'])).at(-1)
    if (before === undefined) return false
    const step = order(value, before) * direction
    return kwargs['strictly'] === true ? step <= 0 : step < 0
  }
}

type Finders = Readonly<Record<string, (text: string) => boolean>>

function found(finders: Finders, pattern: JsonValue | undefined, value: NaiveCell): boolean {
  const find = finders[String(pattern)]
  if (find === undefined) throw new Error(`the model does not know the pattern ${JSON.stringify(pattern)}`)
  return find(String(value))
}

function anyOf(finders: Finders, list: JsonValue | undefined): BrokenAt {
  return (value) => (list as string[]).some((pattern) => found(finders, pattern, value))
}

function noneOrNotAll(finders: Finders, list: JsonValue | undefined, matchOn: JsonValue | undefined): BrokenAt {
  const patterns = list as string[]
  return (value) => {
    const hits = patterns.filter((pattern) => found(finders, pattern, value)).length
    return matchOn === 'all' ? hits < patterns.length : hits === 0
  }
}

/** Whether a row breaks an expectation about several columns, by its place among the rows that count. */
export const NAIVE_RECORD_RULES: Readonly<
  Record<string, (kwargs: Kwargs, columns: readonly string[], rows: readonly NaiveRow[]) => (row: NaiveRow) => boolean>
> = {
  expect_column_pair_values_to_be_equal: (_, [a = '', b = '']) => {
    return (row) => valueIn(row, a) === null || valueIn(row, a) !== valueIn(row, b)
  },
  expect_column_pair_values_a_to_be_greater_than_b: (kwargs, [a = '', b = '']) => {
    return (row) => {
      const [left, right] = [valueIn(row, a), valueIn(row, b)]
      if (left === null || right === null) return true
      return kwargs['or_equal'] === true ? order(left, right) < 0 : order(left, right) <= 0
    }
  },
  expect_column_pair_values_to_be_in_set: ({ value_pairs_set: set }, [a = '', b = '']) => {
    return (row) => !(set as NaiveCell[][]).some(([x, y]) => x === valueIn(row, a) && y === valueIn(row, b))
  },
  expect_compound_columns_to_be_unique: (_, columns, rows) => {
    const key = (row: NaiveRow): string => JSON.stringify(columns.map((name) => String(valueIn(row, name) ?? '\0')))
    return (row) => rows.filter((other) => key(other) === key(row)).length > 1
  },
  expect_select_column_values_to_be_unique_within_record: (_, columns) => (row) => isRepetitive(row, columns),
  expect_multicolumn_values_to_be_unique: (_, columns) => (row) => isRepetitive(row, columns),
  expect_multicolumn_values_to_be_equal: (_, columns) => {
    return (row) => new Set(columns.map((name) => valueIn(row, name))).size > 1
  },
  expect_multicolumn_sum_to_equal: ({ sum_total: total }, columns) => {
    return (row) => {
      const values = columns.map((name) => valueIn(row, name))
      return values.includes(null) || values.reduce<number>((sum, value) => sum + Number(value), 0) !== total
    }
  },
}

function isRepetitive(row: NaiveRow, columns: readonly string[]): boolean {
  const values = columns.map((name) => valueIn(row, name))
  return new Set(values).size < values.length
}
