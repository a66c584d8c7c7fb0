import { boundsProblem, isWithin, type Bounds } from '../expression/bounds.ts'
import type { ColumnRef } from '../expression/column-ref.ts'
import { DOUBLE_TYPE } from '../expression/data-type.ts'
import { not } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Measured } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

const KWARGS: ExpectationDefinition['kwargs'] = { column: { type: 'column', required: true }, ...boundKwargs('number') }

/** Distinct values over present values; 0 where there are none, as Great Expectations says. */
export const proportionOfUnique: ExpectationDefinition = {
  type: 'expect_column_proportion_of_unique_values_to_be_between',
  kind: 'column-aggregate',
  dimension: 'uniqueness',
  label: 'unique_proportion',
  kwargs: KWARGS,
  compile: (kwargs, scope) =>
    compileDistinct(String(kwargs['column']), boundsOf(kwargs), 'proportion of unique values', scope),
  judge(kwargs, measured) {
    const considered = measured.count('considered')
    return judgeNumber(considered === 0 ? 0 : measured.count('distinct') / considered, boundsOf(kwargs), measured)
  },
}

export const uniqueValueCount: ExpectationDefinition = {
  type: 'expect_column_unique_value_count_to_be_between',
  kind: 'column-aggregate',
  dimension: 'uniqueness',
  label: 'unique_count',
  kwargs: KWARGS,
  compile: (kwargs, scope) => compileDistinct(String(kwargs['column']), boundsOf(kwargs), 'distinct values', scope),
  judge: (kwargs, measured) => judgeNumber(measured.count('distinct'), boundsOf(kwargs), measured),
}

/** Present values over all rows; 0 where there are no rows. */
export const proportionOfNonNull: ExpectationDefinition = {
  type: 'expect_column_proportion_of_non_null_values_to_be_between',
  kind: 'column-aggregate',
  dimension: 'completeness',
  label: 'non_null_proportion',
  kwargs: KWARGS,
  compile(kwargs, scope) {
    const compiled = compileDistinct(String(kwargs['column']), boundsOf(kwargs), 'proportion of values present', scope)
    if (compiled.kind !== 'measured') return compiled
    const { distinct: _, ...metrics } = compiled.metrics
    return { ...compiled, metrics }
  },
  judge(kwargs, measured) {
    const elements = measured.count('elements')
    return judgeNumber(elements === 0 ? 0 : measured.count('considered') / elements, boundsOf(kwargs), measured)
  },
}

function compileDistinct(name: string, bounds: Bounds, words: string, scope: CompileScope): Compiled {
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const wrong = boundsProblem(DOUBLE_TYPE, bounds, `a number of ${words}`)
  if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
  return { kind: 'measured', description: `${words} of ${name} ${boundsText(bounds)}`, metrics: distinctMetrics(ref) }
}

export function distinctMetrics(ref: ColumnRef): Readonly<Record<string, Metric>> {
  return {
    elements: { kind: 'rows' },
    considered: ref.present,
    distinct: {
      kind: 'group-count',
      keys: [ref.value],
      count: 'groups',
      where: not({ op: 'is-null', item: ref.value }),
    },
  }
}

export function judgeNumber(observed: number | null, bounds: Bounds, measured: Measured): Judgement {
  return {
    passed: observed !== null && isWithin(DOUBLE_TYPE, observed, bounds) === true,
    message: `${measured.description}: ${observed === null ? 'no value' : numberText(observed)}`,
    observedValue: observed,
    ...missing(measured),
  }
}

export function missing(measured: Measured): Pick<Judgement, 'elementCount' | 'missingCount'> {
  const elements = measured.count('elements')
  return { elementCount: elements, missingCount: elements - measured.count('considered') }
}
