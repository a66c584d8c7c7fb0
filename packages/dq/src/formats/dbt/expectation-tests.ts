import type { JsonValue } from '@tidegate/core'
import { FRESHNESS_TYPE } from '../our-types.ts'
import { constant, isConstant, LONG_UNITS, ofColumn, valueSet } from './generic-tests.ts'
import {
  checks,
  dropped,
  maxAge,
  quotedValues,
  referencedTable,
  type MappedTest,
  type TestArgs,
  type TestMapper,
} from './mapped-test.ts'

/** Tests of dbt-expectations by name, without the package. Every one takes `row_condition` besides. */
export const EXPECTATION_TESTS: Readonly<Record<string, TestMapper>> = {
  expect_column_to_exist: ofColumn((column, args) =>
    checks('expect_column_to_exist', { column, column_index: args.take('column_index') }),
  ),
  expect_row_values_to_have_recent_data: ofColumn((column, args) => {
    const age = maxAge(args.take('datepart'), args.take('interval'))
    return age === undefined
      ? dropped('datepart or interval cannot be read')
      : checks(FRESHNESS_TYPE, { column, max_age: age.text }, age.rounded ? LONG_UNITS : undefined)
  }),
  expect_table_column_count_to_be_between: table('expect_table_column_count_to_be_between', ['min_value', 'max_value']),
  expect_table_column_count_to_equal: table('expect_table_column_count_to_equal', ['value']),
  expect_table_row_count_to_be_between: (args) => bounds('expect_table_row_count_to_be_between', args, {}),
  expect_table_row_count_to_equal: table('expect_table_row_count_to_equal', ['value']),
  expect_table_row_count_to_equal_other_table: (args) => {
    const other = referencedTable(args.take('compare_model'))
    if (other === undefined) return dropped('compare_model is no ref() or source()')
    return args.take('factor') === undefined || args.take('factor') === 1
      ? checks('expect_table_row_count_to_equal_other_table', { other_table_name: other })
      : dropped('a factor between two counts has no equivalent')
  },
  expect_table_row_count_to_equal_other_table_times_factor: (args) => {
    const other = referencedTable(args.take('compare_model'))
    return other === undefined
      ? dropped('compare_model is no ref() or source()')
      : checks('expect_table_row_count_to_equal_other_table_times_factor', {
          other_table_name: other,
          factor: args.take('factor'),
        })
  },
  expect_table_columns_to_match_set: columnSet('expect_table_columns_to_match_set', 'column_set'),
  expect_table_columns_to_contain_set: containedSet('expect_table_columns_to_contain_set'),
  expect_table_columns_to_not_contain_set: containedSet('expect_table_columns_to_not_contain_set'),
  expect_table_columns_to_match_ordered_list: columnSet('expect_table_columns_to_match_ordered_list', 'column_list'),

  expect_column_values_to_be_null: plain('expect_column_values_to_be_null'),
  expect_column_values_to_not_be_null: plain('expect_column_values_to_not_be_null'),
  expect_column_values_to_be_unique: plain('expect_column_values_to_be_unique'),
  expect_column_values_to_be_of_type: ofColumn((column, args) =>
    checks('expect_column_values_to_be_of_type', { column, type_: typeName(args.take('column_type')) }),
  ),
  expect_column_values_to_be_in_type_list: ofColumn((column, args) =>
    checks('expect_column_values_to_be_in_type_list', {
      column,
      type_list: args.list('column_type_list')?.map((type) => typeName(type) ?? null),
    }),
  ),
  expect_column_values_to_be_in_set: set('expect_column_values_to_be_in_set'),
  expect_column_values_to_not_be_in_set: set('expect_column_values_to_not_be_in_set'),
  expect_column_values_to_be_between: between('expect_column_values_to_be_between'),
  expect_column_values_to_be_increasing: ordered('expect_column_values_to_be_increasing'),
  expect_column_values_to_be_decreasing: ordered('expect_column_values_to_be_decreasing'),

  expect_column_value_lengths_to_be_between: between('expect_column_value_lengths_to_be_between'),
  expect_column_value_lengths_to_equal: ofColumn((column, args) =>
    checks('expect_column_value_lengths_to_equal', { column, value: args.take('value') }),
  ),
  expect_column_values_to_match_regex: regex('expect_column_values_to_match_regex'),
  expect_column_values_to_not_match_regex: regex('expect_column_values_to_not_match_regex'),
  expect_column_values_to_match_regex_list: patterns('expect_column_values_to_match_regex_list', 'regex_list', true),
  expect_column_values_to_not_match_regex_list: patterns(
    'expect_column_values_to_not_match_regex_list',
    'regex_list',
    false,
  ),
  expect_column_values_to_match_like_pattern: like('expect_column_values_to_match_like_pattern'),
  expect_column_values_to_not_match_like_pattern: like('expect_column_values_to_not_match_like_pattern'),
  expect_column_values_to_match_like_pattern_list: patterns(
    'expect_column_values_to_match_like_pattern_list',
    'like_pattern_list',
    true,
  ),
  expect_column_values_to_not_match_like_pattern_list: patterns(
    'expect_column_values_to_not_match_like_pattern_list',
    'like_pattern_list',
    false,
  ),

  expect_column_distinct_count_to_equal: distinctCount('expect_column_distinct_count_to_equal'),
  expect_column_distinct_count_to_be_greater_than: distinctCount('expect_column_distinct_count_to_be_greater_than'),
  expect_column_distinct_count_to_be_less_than: distinctCount('expect_column_distinct_count_to_be_less_than'),
  expect_column_distinct_values_to_be_in_set: set('expect_column_distinct_values_to_be_in_set'),
  expect_column_distinct_values_to_contain_set: set('expect_column_distinct_values_to_contain_set'),
  expect_column_distinct_values_to_equal_set: set('expect_column_distinct_values_to_equal_set'),
  expect_column_max_to_be_between: between('expect_column_max_to_be_between'),
  expect_column_min_to_be_between: between('expect_column_min_to_be_between'),
  expect_column_mean_to_be_between: between('expect_column_mean_to_be_between'),
  expect_column_median_to_be_between: between('expect_column_median_to_be_between'),
  expect_column_stdev_to_be_between: between('expect_column_stdev_to_be_between'),
  expect_column_sum_to_be_between: between('expect_column_sum_to_be_between'),
  expect_column_unique_value_count_to_be_between: between('expect_column_unique_value_count_to_be_between'),
  expect_column_proportion_of_unique_values_to_be_between: between(
    'expect_column_proportion_of_unique_values_to_be_between',
  ),
  expect_column_quantile_values_to_be_between: ofColumn(quantile),
  expect_column_most_common_value_to_be_in_set: ofColumn((column, args, { columnType }) => {
    args.take('data_type')
    if ((args.take('top_n') ?? 1) !== 1) return dropped('only the most common value has an equivalent (top_n: 1)')
    const list = args.list('value_set')
    if (list === undefined) return dropped('value_set is no list')
    const quote = args.take('quote_values') !== false
    return checks(
      'expect_column_most_common_value_to_be_in_set',
      { column, value_set: quotedValues(list, quote, columnType), ties_okay: true },
      'of values that are equally common dbt takes any one; here one of them in the set is enough',
    )
  }),

  expect_column_pair_values_A_to_be_greater_than_B: pair('expect_column_pair_values_a_to_be_greater_than_b', [
    'or_equal',
  ]),
  expect_column_pair_values_to_be_equal: pair('expect_column_pair_values_to_be_equal', []),
  expect_column_pair_values_to_be_in_set: pair('expect_column_pair_values_to_be_in_set', ['value_pairs_set']),
  expect_compound_columns_to_be_unique: columnList('expect_compound_columns_to_be_unique'),
  expect_select_column_values_to_be_unique_within_record: columnList(
    'expect_select_column_values_to_be_unique_within_record',
  ),
  expect_multicolumn_sum_to_equal: (args) => {
    const columns = args.list('column_list')
    const total = args.take('sum_total')
    if (columns?.length !== 1 || typeof total !== 'number')
      return dropped('dbt adds up all rows of all columns, Great Expectations the columns of each row')
    return checks('expect_column_sum_to_be_between', { column: columns[0], min_value: total, max_value: total })
  },
  expect_column_values_to_be_within_n_stdevs: ofColumn((column, args) =>
    checks('expect_column_values_to_be_within_n_stdevs', {
      column,
      sigma_threshold: args.take('sigma_threshold') ?? 3,
    }),
  ),
  expect_column_values_to_have_consistent_casing: ofColumn((column, args) => {
    args.take('display_inconsistent_columns')
    return checks('expect_column_values_to_have_consistent_casing', { column })
  }),
  expect_row_values_to_have_data_for_every_n_datepart: (args, { column }) => {
    const name = args.text('date_col') ?? column
    if ((args.take('date_part') ?? 'day') !== 'day' || (args.take('interval') ?? 1) !== 1 || name === undefined)
      return dropped('only every day has an equivalent (date_part: day, interval: 1)')
    return checks('expect_row_values_to_have_data_for_every_n_datepart', {
      column: name,
      date_part: 'day',
      interval: 1,
    })
  },
}

function plain(type: string): TestMapper {
  return ofColumn((column) => checks(type, { column }))
}

function table(type: string, keys: readonly string[]): TestMapper {
  return (args) => checks(type, Object.fromEntries(keys.map((key) => [key, args.take(key)])))
}

function between(type: string): TestMapper {
  return ofColumn((column, args) => bounds(type, args, { column }))
}

/** `strictly` makes both bounds strict. */
function bounds(type: string, args: TestArgs, kwargs: Readonly<Record<string, JsonValue>>): MappedTest {
  const [min, max] = [args.take('min_value'), args.take('max_value')]
  const strict = args.take('strictly') === true ? true : undefined
  if (!isConstant(min) || !isConstant(max)) return dropped('a bound is an expression in SQL')
  return checks(type, {
    ...kwargs,
    min_value: constant(min),
    max_value: constant(max),
    strict_min: min === undefined ? undefined : strict,
    strict_max: max === undefined ? undefined : strict,
  })
}

function set(type: string): TestMapper {
  return valueSet(type, 'value_set', 'quote_values')
}

/** Sorted by itself, as it is without `sort_column`, a column is always increasing, and strictly so if nothing repeats. */
function ordered(type: string): TestMapper {
  return ofColumn((column, args) => {
    const strictly = args.take('strictly') !== false
    const sort = args.take('sort_column')
    if (sort !== undefined && sort !== column)
      return dropped(`${type} looks at the rows in the order of the file, not of another column`)
    return strictly
      ? checks('expect_column_values_to_be_unique', { column }, 'without a sort_column it asks that no value repeats')
      : dropped('without a sort_column and not strictly it is always true')
  })
}

function regex(type: string): TestMapper {
  return ofColumn((column, args) => {
    args.take('is_raw')
    const pattern = args.text('regex')
    const prefix = flagPrefix(args.take('flags'))
    if (pattern === undefined || prefix === undefined)
      return dropped('the regex is missing, or its flags are not known')
    return checks(type, { column, regex: prefix + pattern })
  })
}

function like(type: string): TestMapper {
  return ofColumn((column, args) => checks(type, { column, like_pattern: args.take('like_pattern') }))
}

/**
 * Lists of patterns. A list that must not match is, with dbt's default `match_on: any`, kept already by a value that
 * misses one of the patterns; Great Expectations asks to miss all of them.
 */
function patterns(type: string, key: 'regex_list' | 'like_pattern_list', positive: boolean): TestMapper {
  return ofColumn((column, args) => {
    args.take('is_raw')
    const list = args.list(key)
    const on = args.take('match_on') ?? 'any'
    const prefix = key === 'regex_list' ? flagPrefix(args.take('flags')) : ''
    if (list === undefined || prefix === undefined) return dropped(`${key} is no list, or its flags are not known`)
    const full = list.map((item) => prefix + String(item))
    if (positive) return checks(type, { column, [key]: full, match_on: on })
    return on === 'all' || full.length < 2
      ? checks(type, { column, [key]: full })
      : dropped('with match_on: any a value may match all patterns but one, which has no equivalent')
  })
}

/** Flags of a regular expression as a prefix of it. */
function flagPrefix(flags: JsonValue | undefined): string | undefined {
  if (flags === undefined || flags === '' || flags === 'c') return ''
  return typeof flags === 'string' && /^[ims]+$/.test(flags) ? `(?${flags})` : undefined
}

function distinctCount(type: string): TestMapper {
  return ofColumn((column, args) => {
    args.take('quote_values')
    return checks(type, { column, value: args.take('value') })
  })
}

function quantile(column: string, args: TestArgs): MappedTest {
  const [share, min, max] = [args.take('quantile'), args.take('min_value'), args.take('max_value')]
  if (args.take('strictly') === true || typeof share !== 'number' || !isConstant(min) || !isConstant(max))
    return dropped('a strict bound, or one that is no number, has no equivalent')
  return checks(
    'expect_column_quantile_values_to_be_between',
    { column, quantile_ranges: { quantiles: [share], value_ranges: [[constant(min) ?? null, constant(max) ?? null]] } },
    'the quantile is a value of the column here; dbt interpolates between two',
  )
}

/** NULL is never equal nor greater in SQL, and dbt lets it pass. */
function pair(type: string, keys: readonly string[]): TestMapper {
  return (args) =>
    checks(type, {
      column_A: args.take('column_A'),
      column_B: args.take('column_B'),
      ...Object.fromEntries(keys.map((key) => [key, args.take(key)])),
      ignore_row_if: 'either_value_is_missing',
    })
}

function columnList(type: string): TestMapper {
  return (args) => {
    args.take('quote_columns')
    return checks(type, { column_list: args.take('column_list'), ignore_row_if: args.take('ignore_row_if') })
  }
}

/** dbt-expectations compares in upper case unless it is told otherwise. */
function columnSet(type: string, key: string): TestMapper {
  return (args) => {
    const transform = args.take('transform') ?? 'upper'
    const names = args.take('column_list')
    return checks(
      type,
      { [key]: names },
      transform === 'upper' || transform === 'lower'
        ? 'names are compared with their case; dbt compares without'
        : undefined,
    )
  }
}

function containedSet(type: string): TestMapper {
  return (args) => {
    const transform = args.take('transform') ?? 'upper'
    const known = transform === 'upper' || transform === 'lower' ? transform : undefined
    return checks(type, { column_list: args.take('column_list'), transform: known })
  }
}

function typeName(type: JsonValue | undefined): JsonValue | undefined {
  return typeof type === 'string' ? type.toUpperCase() : undefined
}
