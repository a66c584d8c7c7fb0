import type { JsonValue } from '@tidegate/core'
import { FRESHNESS_TYPE, REFERENCE_TYPE, SQL_ROWS_TYPE, sqlName, unexpectedRowsQuery } from '../our-types.ts'
import {
  checks,
  dropped,
  maxAge,
  quotedValues,
  referencedTable,
  type MappedTest,
  type TestMapper,
} from './mapped-test.ts'

/** The four tests of dbt itself and those of dbt_utils. */
export const GENERIC_TESTS: Readonly<Record<string, TestMapper>> = {
  not_null: ofColumn((column) => checks('expect_column_values_to_not_be_null', { column })),
  unique: ofColumn((column) => checks('expect_column_values_to_be_unique', { column })),
  accepted_values: valueSet('expect_column_values_to_be_in_set', 'values', 'quote'),
  relationships: ofColumn((column, args) => {
    const table = referencedTable(args.take('to'))
    const field = args.text('field')
    if (table === undefined || field === undefined)
      return dropped('`to` is no ref() or source(), or `field` is missing')
    return checks(REFERENCE_TYPE, { column, other_table_name: table, other_column: field })
  }),

  'dbt_utils.unique_combination_of_columns': (args) => {
    args.take('quote_columns')
    const columns = args.list('combination_of_columns')
    return columns === undefined
      ? dropped('combination_of_columns is missing')
      : checks('expect_compound_columns_to_be_unique', { column_list: columns, ignore_row_if: 'never' })
  },
  'dbt_utils.not_null_proportion': ofColumn((column, args) => {
    const [low, high] = [args.take('at_least') ?? 0, args.take('at_most') ?? 1]
    if (typeof low !== 'number' || typeof high !== 'number') return dropped('at_least is no number')
    return high === 1
      ? checks('expect_column_values_to_not_be_null', { column, mostly: low })
      : checks('expect_column_proportion_of_non_null_values_to_be_between', { column, min_value: low, max_value: high })
  }),
  'dbt_utils.accepted_range': ofColumn((column, args) => {
    const [min, max] = [args.take('min_value'), args.take('max_value')]
    const strict = args.take('inclusive') === false ? true : undefined
    if ([min, max].some((bound) => !isConstant(bound))) return dropped('a bound is an expression in SQL')
    return checks('expect_column_values_to_be_between', {
      column,
      min_value: constant(min),
      max_value: constant(max),
      strict_min: min === undefined ? undefined : strict,
      strict_max: max === undefined ? undefined : strict,
    })
  }),
  'dbt_utils.expression_is_true': (args, { column, config }) => {
    const expression = args.text('expression')
    const condition = args.text('condition')
    if (expression === undefined) return dropped('expression is missing')
    const where = [config['where'], condition].filter((part) => typeof part === 'string' && part.trim() !== '')
    const full = column === undefined ? expression : `${sqlName(column)} ${expression}`
    const filter = where.length === 0 ? undefined : where.map((part) => `(${String(part)})`).join(' AND ')
    return checks(SQL_ROWS_TYPE, { unexpected_rows_query: unexpectedRowsQuery(full, filter) })
  },
  'dbt_utils.at_least_one': ofColumn((column) =>
    checks('expect_column_proportion_of_non_null_values_to_be_between', { column, min_value: 0, strict_min: true }),
  ),
  'dbt_utils.not_constant': ofColumn((column) =>
    checks(
      'expect_column_unique_value_count_to_be_between',
      { column, min_value: 2 },
      'a column without any value fails here and passes in dbt',
    ),
  ),
  'dbt_utils.not_empty_string': ofColumn((column, args) => {
    const trims = args.take('trim_whitespace') !== false
    return checks('expect_column_values_to_not_match_regex', { column, regex: trims ? '^ *$' : '^$' })
  }),
  'dbt_utils.not_accepted_values': valueSet('expect_column_values_to_not_be_in_set', 'values', 'quote'),
  'dbt_utils.recency': (args, test) => {
    args.take('ignore_time_component')
    const column = args.text('field') ?? test.column
    const age = maxAge(args.take('datepart'), args.take('interval'))
    if (column === undefined || age === undefined) return dropped('field, datepart or interval cannot be read')
    return checks(FRESHNESS_TYPE, { column, max_age: age.text }, age.rounded ? LONG_UNITS : undefined)
  },
  'dbt_utils.equal_rowcount': (args) => {
    const table = referencedTable(args.take('compare_model'))
    return table === undefined
      ? dropped('compare_model is no ref() or source()')
      : checks('expect_table_row_count_to_equal_other_table', { other_table_name: table })
  },
  'dbt_utils.relationships_where': ofColumn((column, args) => {
    const table = referencedTable(args.take('to'))
    const field = args.text('field')
    const where = args.text('from_condition')
    if (table === undefined || field === undefined)
      return dropped('`to` is no ref() or source(), or `field` is missing')
    return checks(REFERENCE_TYPE, {
      column,
      other_table_name: table,
      other_column: field,
      row_condition: where === '1=1' ? undefined : where,
    })
  }),
}

export const LONG_UNITS = 'months, quarters and years are counted as 31, 92 and 366 days'

/** A test that stands below a column. */
export function ofColumn(map: (column: string, ...rest: Parameters<TestMapper>) => MappedTest): TestMapper {
  return (args, test) => (test.column === undefined ? dropped('it stands at no column') : map(test.column, args, test))
}

/** A test with a list of values, which stand in quotes unless the test says otherwise. */
export function valueSet(type: string, listName: string, quoteName: string): TestMapper {
  return ofColumn((column, args, { columnType }) => {
    const list = args.list(listName)
    const quote = args.take(quoteName) !== false
    return list === undefined
      ? dropped(`${listName} is no list`)
      : checks(type, { column, value_set: quotedValues(list, quote, columnType) })
  })
}

/** A number, a date, or a text in quotes; anything else is an expression that only SQL can evaluate. */
export function isConstant(bound: JsonValue | undefined): boolean {
  return bound === undefined || constant(bound) !== undefined
}

export function constant(bound: JsonValue | undefined): JsonValue | undefined {
  if (typeof bound === 'number') return bound
  if (typeof bound !== 'string') return undefined
  const text = bound.trim()
  if (/^-?[0-9]+(\.[0-9]+)?$/.test(text)) {
    const number = Number(text)
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number
  }
  const literal =
    /^(?:(?:date|timestamp)\s*)?'([^']*)'(?:::\w+)?$/i.exec(text) ??
    /^cast\(\s*'([^']*)'\s+as\s+(?:date|timestamp|datetime)\s*\)$/i.exec(text) ??
    /^([0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+)?)$/.exec(text)
  return literal?.[1]
}
