import { boundsProblem } from '../expression/bounds.ts'
import { BIGINT_TYPE } from '../expression/data-type.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { ExpectationDefinition } from './definition.ts'
import { judgeNumber } from './distinct.ts'
import { problem } from './problems.ts'
import { tableMissing } from './query.ts'
import { numberText } from './row-judgement.ts'

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

/** As many rows as another table that was given to the check by name. */
export const rowCountEqualOther: ExpectationDefinition = {
  type: 'expect_table_row_count_to_equal_other_table',
  kind: 'table',
  dimension: 'volume',
  label: 'row_count',
  kwargs: { other_table_name: { type: 'text', required: true } },
  compile(kwargs, scope) {
    const name = String(kwargs['other_table_name'])
    const other = scope.tables.get(name)
    if (other === undefined) return tableMissing(name, scope)
    return {
      kind: 'measured',
      description: `rows equal those of ${name}`,
      metrics: { elements: { kind: 'rows' }, other: { kind: 'query-count', sql: `SELECT 1 FROM ${other.sql}` } },
    }
  },
  judge(_, measured) {
    const [self, other] = [measured.count('elements'), measured.count('other')]
    return {
      passed: self === other,
      message: `${measured.description}: ${numberText(self)} against ${numberText(other)}`,
      elementCount: self,
      observedValue: { self, other },
    }
  },
}
