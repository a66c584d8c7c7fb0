import type { JsonValue } from '@tidegate/core'
import { FALSE, not } from '../expression/expression.ts'
import { hasSetMembers, inSet } from '../expression/value-set.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { missing } from './distinct.ts'
import { LISTED_VALUES, listMetric, sortedByValue, valueCounts } from './listed-values.ts'
import { columnMissing, problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

/**
 * The most common value is in the set. Several values may be equally common: with `ties_okay` one of them must be in the set,
 * without it there must be no tie. A column without values has no most common one, and fails.
 */
export const mostCommonInSet: ExpectationDefinition = {
  type: 'expect_column_most_common_value_to_be_in_set',
  kind: 'column-aggregate',
  dimension: 'validity',
  label: 'most_common',
  kwargs: {
    column: { type: 'column', required: true },
    value_set: { type: 'values', required: true },
    ties_okay: { type: 'boolean' },
    // Its name in some older suites.
    ties: { type: 'boolean' },
  },
  compile: compileMostCommon,
  judge: judgeMostCommon,
}

function compileMostCommon(kwargs: Kwargs, scope: CompileScope): Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  if (!hasSetMembers(ref))
    return problem('CHECK_TYPE', `values of ${name}, which is ${ref.type.text}, cannot be looked up in a set`)
  const set = kwargs['value_set']
  if (!Array.isArray(set)) return problem('CHECK_KWARG', 'argument value_set is null', 'Give a list of values.')
  const keys = [ref.value]
  const member = inSet(ref, set as readonly JsonValue[])
  return {
    kind: 'measured',
    description: `most common value of ${name} in a set of ${set.length}`,
    metrics: {
      elements: { kind: 'rows' },
      considered: ref.present,
      values: listMetric(ref),
      top: { kind: 'group-max', keys, where: not({ op: 'is-null', item: ref.value }) },
      ...(member === FALSE ? {} : { topInSet: { kind: 'group-max', keys, where: member } as const }),
    },
    resultType: ref.type,
  }
}

function judgeMostCommon(kwargs: Kwargs, measured: Measured): Judgement {
  const top = measured.count('top')
  const modes = valueCounts(measured, 'values').filter(({ count }) => count === top)
  const inSet = top > 0 && measured.count('topInSet') === top
  const tiesOkay = (kwargs['ties_okay'] ?? kwargs['ties']) === true
  const passed = inSet && (tiesOkay || modes.length === 1)
  const shown = sortedByValue(modes, measured).map(({ value }) => value)
  return {
    passed,
    message: `${measured.description}: ${modesText(modes.length, top, inSet)}`,
    observedValue: shown,
    ...missing(measured),
  }
}

function modesText(modes: number, top: number, inSet: boolean): string {
  if (modes === 0) return 'no value'
  const place = inSet ? 'in the set' : 'not in the set'
  if (modes === 1) return `it occurs ${numberText(top)} times and is ${place}`
  const many = modes < LISTED_VALUES ? numberText(modes) : `${numberText(LISTED_VALUES)} or more`
  return `${many} values occur ${numberText(top)} times, ${inSet ? 'at least one of them' : 'none of them'} in the set`
}
