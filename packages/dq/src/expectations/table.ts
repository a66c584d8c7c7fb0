import { boundsProblem } from '../bounds.ts'
import { BIGINT_TYPE } from '../data-type.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { ExpectationDefinition } from './definition.ts'
import { judgeNumber } from './distinct.ts'
import { problem } from './problems.ts'

export const rowCountBetween: ExpectationDefinition = {
  type: 'expect_table_row_count_to_be_between',
  kind: 'table',
  dimension: 'volume',
  label: 'row_count',
  kwargs: boundKwargs('integer'),
  compile(kwargs) {
    const bounds = boundsOf(kwargs)
    const wrong = boundsProblem(BIGINT_TYPE, bounds, 'a number of rows')
    if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
    return { kind: 'measured', description: `rows ${boundsText(bounds)}`, metrics: ROWS }
  },
  judge: (kwargs, measured) => judgeNumber(measured.count('elements'), boundsOf(kwargs), measured),
}

export const rowCountEqual: ExpectationDefinition = {
  type: 'expect_table_row_count_to_equal',
  kind: 'table',
  dimension: 'volume',
  label: 'row_count',
  kwargs: { value: { type: 'integer', required: true } },
  compile: (kwargs) => ({ kind: 'measured', description: `rows equal ${String(kwargs['value'])}`, metrics: ROWS }),
  judge(kwargs, measured) {
    const value = kwargs['value'] ?? null
    return judgeNumber(
      measured.count('elements'),
      { min: value, max: value, strictMin: false, strictMax: false },
      measured,
    )
  },
}

const ROWS = { elements: { kind: 'rows' }, considered: { kind: 'rows' } } as const

/** Compares names only, case and all. Without `exact_match` the table may have more columns. */
export const columnsMatchSet: ExpectationDefinition = {
  type: 'expect_table_columns_to_match_set',
  kind: 'table',
  dimension: 'schema',
  label: 'columns',
  kwargs: { column_set: { type: 'texts', required: true }, exact_match: { type: 'boolean', default: true } },
  compile(kwargs, scope) {
    const set = kwargs['column_set']
    const wanted = Array.isArray(set) ? new Set(set.map(String)) : new Set(scope.columnNames)
    const actual = new Set(scope.columnNames)
    const missing = [...wanted].filter((name) => !actual.has(name))
    const extra =
      Array.isArray(set) && kwargs['exact_match'] !== false ? [...actual].filter((name) => !wanted.has(name)) : []
    const passed = missing.length === 0 && extra.length === 0
    const parts = [
      ...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : []),
      ...(extra.length > 0 ? [`unexpected ${extra.join(', ')}`] : []),
    ]
    return {
      kind: 'decided',
      judgement: {
        passed,
        observedValue: scope.columnNames,
        message: `columns: ${passed ? 'as expected' : parts.join('; ')}`,
      },
    }
  },
  judge: (kwargs, measured) => judgeNumber(null, boundsOf(kwargs), measured),
}

/** `column_index` counts from 0. */
export const columnExists: ExpectationDefinition = {
  type: 'expect_column_to_exist',
  kind: 'table',
  dimension: 'schema',
  label: 'exists',
  kwargs: { column: { type: 'column', required: true }, column_index: { type: 'integer' } },
  compile(kwargs, scope) {
    const name = String(kwargs['column'])
    const index = kwargs['column_index'] ?? null
    const actual = scope.columnNames.indexOf(name)
    const passed = actual !== -1 && (index === null || actual === Number(index))
    const place = actual === -1 ? 'not there' : `at position ${actual}`
    return {
      kind: 'decided',
      judgement: {
        passed,
        message: `column ${name}${index === null ? '' : ` at position ${String(index)}`}: ${place}`,
      },
    }
  },
  judge: (kwargs, measured) => judgeNumber(null, boundsOf(kwargs), measured),
}
