import type { JsonValue } from '@tidegate/core'
import { boundsProblem, isWithin, type Bounds } from '../expression/bounds.ts'
import { BIGINT_TYPE } from '../expression/data-type.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement } from './definition.ts'
import { problem } from './problems.ts'
import { judgeRows } from './row-judgement.ts'

// The schema alone answers all of these; nothing is measured, so `judge` is never asked.

export const columnCountBetween: ExpectationDefinition = {
  type: 'expect_table_column_count_to_be_between',
  kind: 'table',
  dimension: 'schema',
  label: 'column_count',
  kwargs: boundKwargs('integer'),
  compile: (kwargs, scope) => columnCount(boundsOf(kwargs), scope),
  judge: judgeRows,
}

export const columnCountEqual: ExpectationDefinition = {
  type: 'expect_table_column_count_to_equal',
  kind: 'table',
  dimension: 'schema',
  label: 'column_count',
  kwargs: { value: { type: 'integer', required: true } },
  compile(kwargs, scope) {
    const value = kwargs['value'] ?? null
    return columnCount({ min: value, max: value, strictMin: false, strictMax: false }, scope)
  },
  judge: judgeRows,
}

function columnCount(bounds: Bounds, { columnNames }: CompileScope): Compiled {
  const wrong = boundsProblem(BIGINT_TYPE, bounds, 'a number of columns')
  if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
  const count = columnNames.length
  return decided({
    passed: isWithin(BIGINT_TYPE, count, bounds) === true,
    observedValue: count,
    message: `columns ${boundsText(bounds)}: ${count}`,
  })
}

/** Compares names only, case and all. Without `exact_match` the table may have more columns. No set is an empty one. */
export const columnsMatchSet: ExpectationDefinition = {
  type: 'expect_table_columns_to_match_set',
  kind: 'table',
  dimension: 'schema',
  label: 'columns',
  kwargs: { column_set: { type: 'texts', required: true }, exact_match: { type: 'boolean', default: true } },
  compile(kwargs, { columnNames }) {
    const wanted = new Set(textsOf(kwargs['column_set']))
    const actual = new Set(columnNames)
    const missing = [...wanted].filter((name) => !actual.has(name)).sort(byCodePoint)
    const unexpected = [...actual].filter((name) => !wanted.has(name)).sort(byCodePoint)
    const passed = missing.length === 0 && (unexpected.length === 0 || kwargs['exact_match'] === false)
    const mismatched = {
      ...(unexpected.length > 0 ? { unexpected } : {}),
      ...(missing.length > 0 ? { missing } : {}),
    }
    const words = [
      ...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : []),
      ...(unexpected.length > 0 ? [`unexpected ${unexpected.join(', ')}`] : []),
    ]
    return decided({
      passed,
      observedValue: [...actual].sort(byCodePoint),
      message: `columns: ${passed ? 'as expected' : words.join('; ')}`,
      ...(words.length === 0 ? {} : { details: { mismatched } }),
    })
  },
  judge: judgeRows,
}

/** The same names at the same places. No list is vacuously true. */
export const columnsMatchOrderedList: ExpectationDefinition = {
  type: 'expect_table_columns_to_match_ordered_list',
  kind: 'table',
  dimension: 'schema',
  label: 'column_order',
  kwargs: { column_list: { type: 'texts', required: true } },
  compile(kwargs, { columnNames }) {
    const list = kwargs['column_list'] ?? null
    const wanted = list === null ? columnNames : textsOf(list)
    const length = Math.max(wanted.length, columnNames.length)
    const mismatched = Array.from({ length }, (_, index) => ({
      'Expected Column Position': index,
      Expected: wanted[index] ?? null,
      Found: columnNames[index] ?? null,
    })).filter((place) => place.Expected !== place.Found)
    const [first] = mismatched
    const difference =
      first === undefined
        ? 'as expected'
        : `at position ${first['Expected Column Position']} ${first.Found ?? 'nothing'} instead of ${first.Expected ?? 'nothing'}`
    return decided({
      passed: first === undefined,
      observedValue: columnNames,
      message: `columns in order: ${difference}`,
      ...(first === undefined ? {} : { details: { mismatched } }),
    })
  },
  judge: judgeRows,
}

/** `column_index` counts from 0; a negative one from the end, -1 being the last. */
export const columnExists: ExpectationDefinition = {
  type: 'expect_column_to_exist',
  kind: 'table',
  dimension: 'schema',
  label: 'exists',
  kwargs: { column: { type: 'column', required: true }, column_index: { type: 'integer' } },
  compile(kwargs, { columnNames }) {
    const name = String(kwargs['column'])
    const index = kwargs['column_index'] ?? null
    const passed = index === null ? columnNames.includes(name) : columnNames.at(Number(index)) === name
    const actual = columnNames.indexOf(name)
    return decided({
      passed,
      message: `column ${name}${index === null ? '' : ` at position ${String(index)}`}: ${actual === -1 ? 'not there' : `at position ${actual}`}`,
    })
  },
  judge: judgeRows,
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function decided(judgement: Judgement): Compiled {
  return { kind: 'decided', judgement }
}
