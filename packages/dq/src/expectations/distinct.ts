import type { JsonValue } from '@tidegate/core'
import { boundsProblem, isWithin, type Bounds } from '../bounds.ts'
import type { ColumnRef } from '../column-ref.ts'
import { DOUBLE_TYPE } from '../data-type.ts'
import { FALSE, not } from '../expression.ts'
import type { Metric } from '../metric.ts'
import { hasSetMembers, notInSet } from '../value-set.ts'
import { boundKwargs, boundsOf, boundsText } from './between.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Measured } from './definition.ts'
import { columnMissing, problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

const KWARGS: ExpectationDefinition['kwargs'] = { column: { type: 'column', required: true }, ...boundKwargs('number') }

/** Distinct values over present values. */
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
    return judgeNumber(considered === 0 ? null : measured.count('distinct') / considered, boundsOf(kwargs), measured)
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

/** Observed value: how many distinct values are outside the set. No set at all is vacuously true. */
export const distinctInSet: ExpectationDefinition = {
  type: 'expect_column_distinct_values_to_be_in_set',
  kind: 'column-aggregate',
  dimension: 'validity',
  label: 'distinct_in_set',
  kwargs: { column: { type: 'column', required: true }, value_set: { type: 'values', required: true } },
  compile(kwargs, scope) {
    const name = String(kwargs['column'])
    const ref = scope.column(name)
    if (ref === undefined) return columnMissing(name, scope.columnNames)
    if (!hasSetMembers(ref))
      return problem('CHECK_TYPE', `values of ${name}, which is ${ref.type.text}, cannot be looked up in a set`)
    const set = kwargs['value_set']
    const unexpected = Array.isArray(set) ? notInSet(ref, set as readonly JsonValue[]) : FALSE
    return {
      kind: 'measured',
      description: `distinct values of ${name} in a set of ${Array.isArray(set) ? set.length : 'any'}`,
      metrics: {
        ...distinctMetrics(ref),
        unexpected: { kind: 'group-count', keys: [ref.value], count: 'groups', where: unexpected },
        sample: { kind: 'group-sample', keys: [ref.value], of: ref.value, where: unexpected },
      },
    }
  },
  judge(_, measured) {
    const unexpected = measured.count('unexpected')
    const distinct = measured.count('distinct')
    return {
      passed: unexpected === 0,
      message: `${measured.description}: ${numberText(unexpected)} of ${numberText(distinct)} distinct values outside`,
      observedValue: distinct,
      unexpectedCount: unexpected,
      ...missing(measured),
    }
  },
}

function compileDistinct(name: string, bounds: Bounds, words: string, scope: CompileScope): Compiled {
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const wrong = boundsProblem(DOUBLE_TYPE, bounds, `a number of ${words}`)
  if (wrong !== undefined) return problem('CHECK_BOUNDS', wrong)
  return { kind: 'measured', description: `${words} of ${name} ${boundsText(bounds)}`, metrics: distinctMetrics(ref) }
}

function distinctMetrics(ref: ColumnRef): Readonly<Record<string, Metric>> {
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

function missing(measured: Measured): Pick<Judgement, 'elementCount' | 'missingCount'> {
  const elements = measured.count('elements')
  return { elementCount: elements, missingCount: elements - measured.count('considered') }
}
