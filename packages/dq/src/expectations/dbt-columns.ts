import { boundsProblem } from '../expression/bounds.ts'
import { DOUBLE_TYPE } from '../expression/data-type.ts'
import { compare, isNull, not, type Comparison, type Expression } from '../expression/expression.ts'
import type { ExpectationDefinition } from './definition.ts'
import { judgeNumber } from './distinct.ts'
import { asDouble, isNumeric } from './numeric.ts'
import { columnMissing, problem } from './problems.ts'
import { compileRows, judgeRows, MOSTLY, numberText } from './row-judgement.ts'

// Names that dbt-expectations has and Great Expectations has not.

/** Not further from the mean than `sigma_threshold` sample deviations; just as far is fine. Fewer than two values: fine. */
export const withinStdevs: ExpectationDefinition = {
  type: 'expect_column_values_to_be_within_n_stdevs',
  kind: 'column-map',
  dimension: 'validity',
  label: 'within_stdevs',
  kwargs: { column: { type: 'column', required: true }, sigma_threshold: { type: 'number', default: 3 }, ...MOSTLY },
  compile(kwargs, scope) {
    const name = String(kwargs['column'])
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    if (!isNumeric(ref)) return problem('CHECK_TYPE', `${name}, which is ${ref.type.text}, has no deviation`)
    const sigmas = Number(kwargs['sigma_threshold'])
    if (!(sigmas >= 0)) return problem('CHECK_KWARG', 'sigma_threshold must be at least 0', 'The usual one is 3.')
    const value = asDouble(ref)
    const over = (name: 'mean' | 'stdev'): Expression => ({ op: 'over-file', function: name, of: value })
    const distance: Expression = {
      op: 'absolute',
      item: { op: 'arithmetic', operator: '-', left: value, right: over('mean') },
    }
    const limit: Expression = {
      op: 'arithmetic',
      operator: '*',
      left: { op: 'literal', value: sigmas },
      right: over('stdev'),
    }
    return compileRows(ref, compare(distance, '>', limit), `${name} within ${sigmas} deviations of the mean`)
  },
  judge: judgeRows,
}

/** No two values differ in case alone. Observed value: how many values there are besides one spelling each. */
export const consistentCasing: ExpectationDefinition = {
  type: 'expect_column_values_to_have_consistent_casing',
  kind: 'column-aggregate',
  dimension: 'consistency',
  label: 'casing',
  kwargs: {
    column: { type: 'column', required: true },
    display_inconsistent_columns: { type: 'boolean', default: false },
  },
  compile(kwargs, scope) {
    const name = String(kwargs['column'])
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    if (ref.type.class !== 'text') return problem('CHECK_TYPE', `${name}, which is ${ref.type.text}, has no case`)
    const present = not(isNull(ref.value))
    return {
      kind: 'measured',
      description: `${name} in one case`,
      metrics: {
        elements: { kind: 'rows' },
        considered: ref.present,
        distinct: { kind: 'group-count', keys: [ref.value], count: 'groups', where: present },
        folded: { kind: 'aggregate', function: 'distinct', of: { op: 'lower', item: ref.value } },
      },
    }
  },
  judge(_, measured) {
    const spare = measured.count('distinct') - measured.count('folded')
    const elements = measured.count('elements')
    return {
      passed: spare === 0,
      message: `${measured.description}: ${spare === 0 ? 'no value is spelt in two ways' : `${numberText(spare)} more spellings than words`}`,
      observedValue: spare,
      elementCount: elements,
      missingCount: elements - measured.count('considered'),
    }
  },
}

export const distinctCountEqual: ExpectationDefinition = distinctCount('to_equal', '=')
export const distinctCountGreater: ExpectationDefinition = distinctCount('to_be_greater_than', '>')
export const distinctCountLess: ExpectationDefinition = distinctCount('to_be_less_than', '<')

function distinctCount(name: string, operator: Comparison): ExpectationDefinition {
  const words = { '=': 'equal', '>': 'greater than', '<': 'less than' }[operator as '=' | '>' | '<']
  return {
    type: `expect_column_distinct_count_${name}`,
    kind: 'column-aggregate',
    dimension: 'uniqueness',
    label: 'distinct_count',
    kwargs: { column: { type: 'column', required: true }, value: { type: 'number', required: true } },
    compile(kwargs, scope) {
      const column = String(kwargs['column'])
      const ref = scope.column(column)
      if (ref === undefined) return columnMissing(column, scope.columnNames)
      const value = kwargs['value'] ?? null
      const wrong = boundsProblem(
        DOUBLE_TYPE,
        { min: value, max: null, strictMin: false, strictMax: false },
        'a number of values',
      )
      if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
      return {
        kind: 'measured',
        description: `distinct values of ${column} ${words} ${String(value)}`,
        metrics: {
          elements: { kind: 'rows' },
          considered: ref.present,
          distinct: { kind: 'group-count', keys: [ref.value], count: 'groups', where: not(isNull(ref.value)) },
        },
      }
    },
    judge(kwargs, measured) {
      const value = kwargs['value'] ?? null
      return judgeNumber(
        measured.count('distinct'),
        {
          min: operator === '<' ? null : value,
          max: operator === '>' ? null : value,
          strictMin: operator === '>',
          strictMax: operator === '<',
        },
        measured,
      )
    },
  }
}

export const columnsContainSet: ExpectationDefinition = columnsOfSet('expect_table_columns_to_contain_set', true)
export const columnsNotContainSet: ExpectationDefinition = columnsOfSet(
  'expect_table_columns_to_not_contain_set',
  false,
)

/** `transform: upper` or `lower` compares names without their case. */
function columnsOfSet(type: string, wanted: boolean): ExpectationDefinition {
  return {
    type,
    kind: 'table',
    dimension: 'schema',
    label: 'columns',
    kwargs: {
      column_list: { type: 'texts', required: true },
      transform: { type: { oneOf: ['upper', 'lower'] } },
    },
    compile(kwargs, { columnNames }) {
      const fold = (name: string): string => ((kwargs['transform'] ?? null) === null ? name : name.toLowerCase())
      const actual = new Set(columnNames.map(fold))
      const list = Array.isArray(kwargs['column_list']) ? kwargs['column_list'].map(String) : []
      if (list.length === 0) return problem('CHECK_KWARG', 'column_list names no column')
      const wrong = list.filter((name) => actual.has(fold(name)) !== wanted)
      const words = wanted ? 'missing' : 'not wanted, but there:'
      return {
        kind: 'decided',
        judgement: {
          passed: wrong.length === 0,
          observedValue: columnNames,
          message: `columns: ${wrong.length === 0 ? 'as expected' : `${words} ${wrong.join(', ')}`}`,
        },
      }
    },
    judge: judgeRows,
  }
}

/** A row for every day from the first to the last. Gaps of other lengths than a day are not looked for. */
export const dataForEveryDay: ExpectationDefinition = {
  type: 'expect_row_values_to_have_data_for_every_n_datepart',
  kind: 'column-aggregate',
  dimension: 'freshness',
  label: 'every_day',
  kwargs: {
    column: { type: 'column', required: true },
    date_part: { type: { oneOf: ['day'] }, default: 'day' },
    interval: { type: 'integer', default: 1 },
  },
  compile(kwargs, scope) {
    const name = String(kwargs['column'])
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    if (ref.type.class !== 'date' && ref.type.class !== 'timestamp')
      return problem('CHECK_TYPE', `${name}, which is ${ref.type.text}, has no days`)
    if (Number(kwargs['interval']) !== 1)
      return problem(
        'CHECK_KWARG',
        `interval ${JSON.stringify(kwargs['interval'])} is not supported: every day must have a row, so it is 1`,
        'Leave interval out, or count the days with a query of your own (unexpected_rows_expectation).',
      )
    const day: Expression = ref.type.class === 'date' ? ref.value : { op: 'cast', item: ref.value, type: 'DATE' }
    return {
      kind: 'measured',
      description: `${name} without a day missing`,
      metrics: {
        elements: { kind: 'rows' },
        considered: ref.present,
        days: { kind: 'aggregate', function: 'distinct', of: day },
        first: { kind: 'aggregate', function: 'min', of: day },
        last: { kind: 'aggregate', function: 'max', of: day },
      },
    }
  },
  judge(_, measured) {
    const [first, last] = [dayOf(measured.cell('first')), dayOf(measured.cell('last'))]
    const elements = measured.count('elements')
    const counts = { elementCount: elements, missingCount: elements - measured.count('considered') }
    if (first === undefined || last === undefined)
      return { passed: false, observedValue: null, message: `${measured.description}: no value`, ...counts }
    const gaps = last - first + 1 - measured.count('days')
    const words =
      gaps === 0
        ? `all ${numberText(last - first + 1)} days`
        : `${numberText(gaps)} of ${numberText(last - first + 1)} days missing`
    return { passed: gaps === 0, observedValue: gaps, message: `${measured.description}: ${words}`, ...counts }
  },
}

function dayOf(cell: unknown): number | undefined {
  const ms = typeof cell === 'string' ? Date.parse(`${cell}T00:00:00Z`) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms / 86_400_000
}
