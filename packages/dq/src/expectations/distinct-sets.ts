import { setColumn } from './sets.ts'
import { toJson, type JsonValue } from '@tidegate/core'
import type { ColumnRef } from '../expression/column-ref.ts'
import { FALSE, type Expression } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import { inSet, memberKey, notInSet, setLiterals } from '../expression/value-set.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { distinctMetrics, missing } from './distinct.ts'
import { LISTED_VALUES, listMetric, sortedByValue, valueCounts, valueCountsJson } from './listed-values.ts'
import { problem } from './problems.ts'
import { numberText } from './row-judgement.ts'
import { PARSE_STRINGS } from './old-arguments.ts'

type Relation = 'in' | 'contain' | 'equal'

/** Every distinct value is in the set. No set at all is vacuously true. */
export const distinctInSet: ExpectationDefinition = distinctValues('in', 'distinct_in_set', 'be_in_set')
/** Every member of the set is among the distinct values. NULL is none of them. */
export const distinctContainSet: ExpectationDefinition = distinctValues('contain', 'distinct_contain', 'contain_set')
/** Both of them. */
export const distinctEqualSet: ExpectationDefinition = distinctValues('equal', 'distinct_equal', 'equal_set')

function distinctValues(relation: Relation, label: string, words: string): ExpectationDefinition {
  return {
    type: `expect_column_distinct_values_to_${words}`,
    kind: 'column-aggregate',
    dimension: 'validity',
    label,
    kwargs: {
      column: { type: 'column', required: true },
      value_set: { type: 'values', required: true },
      ...PARSE_STRINGS,
    },
    compile: (kwargs, scope) => compileDistinctSet(relation, kwargs, scope),
    judge: (kwargs, measured) => judgeDistinctSet(relation, kwargs, measured),
  }
}

function compileDistinctSet(relation: Relation, kwargs: Kwargs, scope: CompileScope): Compiled {
  const ref = setColumn(kwargs, scope)
  if ('kind' in ref) return ref
  const { name } = ref
  const set = membersOf(kwargs)
  if (set === undefined && relation !== 'in') return problem('CHECK_KWARG', 'argument value_set is null')
  return {
    kind: 'measured',
    description: `distinct values of ${name} ${WORDS[relation]} ${set === undefined ? 'any set' : `a set of ${set.length}`}`,
    metrics: {
      ...distinctMetrics(ref),
      values: listMetric(ref),
      ...(relation === 'contain' ? {} : outsideMetrics(ref, set)),
      ...(relation === 'in' ? {} : foundMetrics(ref, set ?? [])),
    },
    resultType: ref.type,
  }
}

const WORDS: Readonly<Record<Relation, string>> = { in: 'in', contain: 'contain', equal: 'equal' }

function outsideMetrics(ref: ColumnRef, set: readonly JsonValue[] | undefined): Readonly<Record<string, Metric>> {
  const where = set === undefined ? FALSE : notInSet(ref, set)
  return {
    unexpected: { kind: 'group-count', keys: [ref.value], count: 'groups', where },
    sample: { kind: 'group-sample', keys: [ref.value], of: ref.value, where },
  }
}

/** The members that are there: at most as many as the set has. */
function foundMetrics(ref: ColumnRef, set: readonly JsonValue[]): Readonly<Record<string, Metric>> {
  const where: Expression = inSet(ref, set)
  return { found: listMetric(ref, Math.max(1, setLiterals(ref, set).size), where) }
}

function judgeDistinctSet(relation: Relation, kwargs: Kwargs, measured: Measured): Judgement {
  const listed = sortedByValue(valueCounts(measured, 'values'), measured)
  const distinct = measured.count('distinct')
  const unexpected = relation === 'contain' ? 0 : measured.count('unexpected')
  const absent = relation === 'in' ? [] : absentMembers(membersOf(kwargs) ?? [], measured)
  const parts = [
    ...(relation === 'contain' ? [] : [`${numberText(unexpected)} of ${numberText(distinct)} distinct values outside`]),
    ...(relation === 'in' ? [] : [`${numberText(absent.length)} members of the set not found`]),
    ...(distinct > listed.length ? [`the ${numberText(listed.length)} most frequent values are listed`] : []),
  ]
  return {
    passed: unexpected === 0 && absent.length === 0,
    message: `${measured.description}: ${parts.join(', ')}`,
    observedValue: listed.map(({ value }) => value),
    details: {
      value_counts: valueCountsJson(listed),
      distinct_count: distinct,
      ...(relation === 'in'
        ? {}
        : { missing_count: absent.length, partial_missing_list: absent.slice(0, LISTED_VALUES) }),
    },
    ...(relation === 'contain' ? {} : { unexpectedCount: unexpected }),
    ...missing(measured),
  }
}

/** Members of the set that no value equals, each once. */
function absentMembers(set: readonly JsonValue[], measured: Measured): readonly JsonValue[] {
  const type = measured.resultType
  if (type === undefined) return set
  const found = new Set(valueCounts(measured, 'found').map(({ value }) => memberKey(type, value)))
  const absent = new Map<string, JsonValue>()
  for (const member of set) {
    const key = memberKey(type, member)
    if (key === undefined || !found.has(key))
      absent.set(key ?? `not a value: ${JSON.stringify(member)}`, toJson(member))
  }
  return [...absent.values()]
}

function membersOf(kwargs: Kwargs): readonly JsonValue[] | undefined {
  const set = kwargs['value_set']
  return Array.isArray(set) ? (set as readonly JsonValue[]) : undefined
}
