import * as fc from 'fast-check'
import type { JsonValue } from '@tidegate/core'
import type { NaiveSpec } from './naive-answer.ts'
import { NAIVE_CONDITIONS } from './naive-conditions.ts'
import { NAIVE_COLUMNS, NAIVE_VALUES, order, type NaiveColumn } from './naive-table.ts'
import { NAIVE_LIKES, NAIVE_REGEXES } from './naive-texts.ts'

type Kwargs = Record<string, JsonValue>
type Parts = Readonly<Record<string, fc.Arbitrary<JsonValue | undefined>>>

const mostly = fc.constantFrom<JsonValue | undefined>(undefined, 0, 0.25, 0.5, 0.75, 0.9, 1)
const condition = fc.option(fc.constantFrom(...NAIVE_CONDITIONS), { nil: undefined, freq: 3 })
const flag = fc.constantFrom<JsonValue | undefined>(undefined, true, false)

const ALL: readonly NaiveColumn[] = ['i', 'j', 'd', 'e', 'm', 's', 'u', 't', 'z', 'b']
const NUMBERS: readonly NaiveColumn[] = ['i', 'j', 'd', 'e', 'm']
const FINITE: readonly NaiveColumn[] = ['i', 'j', 'e', 'm']
const ORDERED: readonly NaiveColumn[] = ['i', 'j', 'd', 'e', 'm', 's', 'u', 't', 'z']
const TEXTS: readonly NaiveColumn[] = ['s', 'u']
/** Columns whose values can be compared with one another. */
const PAIRS: fc.Arbitrary<string[]> = fc.constantFrom<string[]>(
  ['i', 'j'],
  ['i', 'd'],
  ['j', 'e'],
  ['d', 'e'],
  ['s', 'u'],
  ['e', 'i'],
  ['m', 'e'],
  ['i', 'm'],
)

/** A random expectation that can be evaluated on {@link NAIVE_COLUMNS}. */
export const naiveSpec: fc.Arbitrary<NaiveSpec> = fc.oneof(
  { weight: 3, arbitrary: rows(['expect_column_values_to_be_null', 'expect_column_values_to_not_be_null'], ALL) },
  { weight: 2, arbitrary: rows(['expect_column_values_to_be_unique'], ALL) },
  { weight: 4, arbitrary: inSet() },
  { weight: 5, arbitrary: rowsBetween() },
  {
    weight: 3,
    arbitrary: rows(['expect_column_values_to_be_increasing', 'expect_column_values_to_be_decreasing'], ORDERED, {
      strictly: flag,
    }),
  },
  { weight: 4, arbitrary: texts() },
  { weight: 3, arbitrary: deviations() },
  { weight: 4, arbitrary: pairs() },
  { weight: 4, arbitrary: records() },
  { weight: 8, arbitrary: aggregates() },
  { weight: 3, arbitrary: tables() },
)

/** Types of expectations of one column, on some columns, with `mostly` and `row_condition`. */
function rows(types: readonly string[], columns: readonly NaiveColumn[], parts: Parts = {}): fc.Arbitrary<NaiveSpec> {
  return specs(types, { column: fc.constantFrom(...columns), mostly, ...parts })
}

function specs(types: readonly string[], parts: Parts): fc.Arbitrary<NaiveSpec> {
  return fc
    .tuple(fc.constantFrom(...types), fc.record(parts), condition)
    .map(([type, kwargs, where]) => [type, defined({ ...kwargs, ...where?.kwargs })])
}

function defined(kwargs: Readonly<Record<string, JsonValue | undefined>>): Kwargs {
  return Object.fromEntries(
    Object.entries(kwargs).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  )
}

/** Values of a column as they may stand in JSON. */
function jsonValues(column: NaiveColumn): readonly JsonValue[] {
  return NAIVE_VALUES[column].filter((value) => typeof value !== 'number' || Number.isFinite(value))
}

function inSet(): fc.Arbitrary<NaiveSpec> {
  const types = ['expect_column_values_to_be_in_set', 'expect_column_values_to_not_be_in_set']
  return fc.constantFrom(...ALL).chain((column) => rows(types, [column], { value_set: setOf(column) }))
}

function setOf(column: NaiveColumn): fc.Arbitrary<JsonValue> {
  return fc.subarray([...jsonValues(column)]) as fc.Arbitrary<JsonValue>
}

/** Two ends in order; both may not be open. */
function ends(values: readonly JsonValue[]): fc.Arbitrary<Kwargs> {
  const end = fc.option(fc.constantFrom(...values), { freq: 3 })
  return fc
    .record({ min_value: end, max_value: end, strict_min: flag, strict_max: flag })
    .filter(({ min_value: min, max_value: max }) => {
      if (min === null || max === null) return min !== max
      return order(min as string, max as string) <= 0
    })
    .map(defined)
}

function withEnds(
  types: readonly string[],
  column: NaiveColumn,
  values: readonly JsonValue[],
): fc.Arbitrary<NaiveSpec> {
  return fc
    .tuple(specs(types, { column: fc.constant(column) }), ends(values))
    .map(([[type, kwargs], limits]) => [type, { ...kwargs, ...limits }])
}

function rowsBetween(): fc.Arbitrary<NaiveSpec> {
  const values = fc
    .constantFrom(...ORDERED)
    .chain((column) => withEnds(['expect_column_values_to_be_between'], column, jsonValues(column)))
  const lengths = fc
    .constantFrom(...TEXTS)
    .chain((column) => withEnds(['expect_column_value_lengths_to_be_between'], column, [0, 1, 2, 3]))
  return fc
    .tuple(fc.oneof({ weight: 3, arbitrary: values }, lengths), mostly)
    .map(([[type, kwargs], share]) => [type, defined({ ...kwargs, mostly: share })])
}

function texts(): fc.Arbitrary<NaiveSpec> {
  const [regex, like] = [fc.constantFrom(...Object.keys(NAIVE_REGEXES)), fc.constantFrom(...Object.keys(NAIVE_LIKES))]
  const on = fc.constantFrom<JsonValue | undefined>(undefined, 'any', 'all')
  const list = (of: fc.Arbitrary<string>): fc.Arbitrary<JsonValue> =>
    fc.uniqueArray(of, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<JsonValue>
  return fc.oneof(
    rows(['expect_column_value_lengths_to_equal'], TEXTS, { value: fc.integer({ min: 0, max: 3 }) }),
    rows(['expect_column_values_to_match_regex', 'expect_column_values_to_not_match_regex'], TEXTS, { regex }),
    rows(['expect_column_values_to_match_regex_list'], TEXTS, { regex_list: list(regex), match_on: on }),
    rows(['expect_column_values_to_not_match_regex_list'], TEXTS, { regex_list: list(regex) }),
    rows(['expect_column_values_to_match_like_pattern', 'expect_column_values_to_not_match_like_pattern'], TEXTS, {
      like_pattern: like,
    }),
    rows(['expect_column_values_to_match_like_pattern_list'], TEXTS, { like_pattern_list: list(like), match_on: on }),
    rows(['expect_column_values_to_not_match_like_pattern_list'], TEXTS, { like_pattern_list: list(like) }),
  )
}

/** Limits that no quotient of these small numbers meets exactly, so that rounding decides nothing. */
function deviations(): fc.Arbitrary<NaiveSpec> {
  const limit = fc.constantFrom(0.313, 0.811, 1.373, 2.719)
  return fc.oneof(
    rows(['expect_column_value_z_scores_to_be_less_than'], FINITE, { threshold: limit, double_sided: flag }),
    rows(['expect_column_values_to_be_within_n_stdevs'], FINITE, { sigma_threshold: limit }),
    rows(['expect_column_values_to_not_be_outliers'], FINITE, {
      method: fc.constant('std'),
      multiplier: limit,
    }),
    rows(['expect_column_values_to_not_be_outliers'], FINITE, {
      method: fc.constant('iqr'),
      multiplier: fc.constantFrom(0.5, 1.5),
    }),
  )
}

function pairs(): fc.Arbitrary<NaiveSpec> {
  const ignore = fc.constantFrom<JsonValue | undefined>(
    undefined,
    'both_values_are_missing',
    'either_value_is_missing',
    'neither',
  )
  const base = { ignore_row_if: ignore, mostly }
  const columns = (spec: fc.Arbitrary<NaiveSpec>, of: fc.Arbitrary<string[]>): fc.Arbitrary<NaiveSpec> =>
    fc.tuple(spec, of).map(([[type, kwargs], [a = '', b = '']]) => [type, { column_A: a, column_B: b, ...kwargs }])
  return fc.oneof(
    columns(specs(['expect_column_pair_values_to_be_equal'], base), PAIRS),
    columns(specs(['expect_column_pair_values_a_to_be_greater_than_b'], { ...base, or_equal: flag }), PAIRS),
    columns(
      specs(['expect_column_pair_values_to_be_in_set'], {
        ...base,
        value_pairs_set: fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3), fc.constantFrom('', 'a', 'ab')), {
          maxLength: 6,
        }) as fc.Arbitrary<JsonValue>,
      }),
      fc.constant(['i', 'u']),
    ),
  )
}

function records(): fc.Arbitrary<NaiveSpec> {
  const base = {
    ignore_row_if: fc.constantFrom<JsonValue | undefined>(
      undefined,
      'all_values_are_missing',
      'any_value_is_missing',
      'never',
    ),
    mostly,
  }
  const alike = fc.constantFrom<JsonValue>(['i', 'j'], ['i', 'j', 'e'], ['s', 'u'], ['i', 'm', 'e'])
  return fc.oneof(
    specs(['expect_compound_columns_to_be_unique'], {
      ...base,
      column_list: fc.constantFrom<JsonValue>(['i', 's'], ['s', 'i'], ['b', 't'], ['e', 'd', 'u'], ['m', 'z']),
    }),
    specs(
      [
        'expect_select_column_values_to_be_unique_within_record',
        'expect_multicolumn_values_to_be_unique',
        'expect_multicolumn_values_to_be_equal',
      ],
      { ...base, column_list: alike },
    ),
    specs(['expect_multicolumn_sum_to_equal'], {
      ...base,
      column_list: fc.constantFrom<JsonValue>(['i', 'j'], ['i', 'j', 'e'], ['i', 'm', 'e'], ['m', 'j']),
      sum_total: fc.constantFrom(0, 2, 2.5, -1),
    }),
  )
}

function aggregates(): fc.Arbitrary<NaiveSpec> {
  const some = (columns: readonly NaiveColumn[], types: readonly string[]): fc.Arbitrary<NaiveSpec> =>
    fc.constantFrom(...columns).chain((column) => withEnds(types, column, jsonValues(column)))
  const counted = (types: readonly string[], values: readonly JsonValue[]): fc.Arbitrary<NaiveSpec> =>
    fc.constantFrom(...ALL).chain((column) => withEnds(types, column, values))
  const share = [
    'expect_column_proportion_of_unique_values_to_be_between',
    'expect_column_proportion_of_non_null_values_to_be_between',
  ]
  return fc.oneof(
    some(ORDERED, ['expect_column_min_to_be_between', 'expect_column_max_to_be_between']),
    some(FINITE, [
      'expect_column_mean_to_be_between',
      'expect_column_median_to_be_between',
      'expect_column_sum_to_be_between',
      'expect_column_stdev_to_be_between',
    ]),
    counted(['expect_column_unique_value_count_to_be_between'], [0, 1, 2, 3, 4]),
    counted(share, [0, 0.25, 0.5, 0.75, 1]),
    fc
      .constantFrom(...ALL)
      .chain((column) =>
        specs(
          [
            'expect_column_distinct_values_to_be_in_set',
            'expect_column_distinct_values_to_contain_set',
            'expect_column_distinct_values_to_equal_set',
          ],
          { column: fc.constant(column), value_set: setOf(column) },
        ),
      ),
    fc.constantFrom(...ALL).chain((column) =>
      specs(['expect_column_most_common_value_to_be_in_set'], {
        column: fc.constant(column),
        value_set: setOf(column),
        ties_okay: flag,
      }),
    ),
    specs(
      [
        'expect_column_distinct_count_to_equal',
        'expect_column_distinct_count_to_be_greater_than',
        'expect_column_distinct_count_to_be_less_than',
      ],
      { column: fc.constantFrom(...ALL), value: fc.integer({ min: 0, max: 4 }) },
    ),
    specs(['expect_column_quantile_values_to_be_between'], {
      column: fc.constantFrom(...NUMBERS.filter((name) => name !== 'd')),
      quantile_ranges: fc.constantFrom<JsonValue>(
        {
          quantiles: [0.1, 0.5, 0.9],
          value_ranges: [
            [-5, 1],
            [-1, null],
            [0, 100],
          ],
        },
        {
          quantiles: [0, 1],
          value_ranges: [
            [null, 0],
            [2, 3.75],
          ],
        },
      ),
    }),
  )
}

function tables(): fc.Arbitrary<NaiveSpec> {
  const names = Object.keys(NAIVE_COLUMNS)
  const between = fc
    .tuple(
      specs(['expect_table_row_count_to_be_between', 'expect_table_column_count_to_be_between'], {}),
      ends([0, 1, 2, 10, 12]),
    )
    .map(([[type, kwargs], limits]): NaiveSpec => [type, { ...kwargs, ...limits }])
  const list = fc.constantFrom<JsonValue>(names, names.toReversed(), ['i', 'j'], [...names, 'other'], ['other'])
  return fc.oneof(
    between,
    specs(['expect_table_row_count_to_equal', 'expect_table_column_count_to_equal'], {
      value: fc.constantFrom(0, 1, 2, 10),
    }),
    specs(['expect_table_columns_to_match_set'], { column_set: list, exact_match: flag }),
    specs(
      [
        'expect_table_columns_to_match_ordered_list',
        'expect_table_columns_to_contain_set',
        'expect_table_columns_to_not_contain_set',
      ],
      { column_list: list },
    ),
    specs(['expect_column_to_exist'], {
      column: fc.constantFrom('i', 'u', 'other', 'I'),
      column_index: fc.constantFrom<JsonValue | undefined>(undefined, 0, 6),
    }),
  )
}
