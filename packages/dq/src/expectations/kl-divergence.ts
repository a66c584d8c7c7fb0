import { TidegateError, type JsonValue } from '@tidegate/core'
import { outside } from '../expression/bounds.ts'
import type { ColumnRef } from '../expression/column-ref.ts'
import { FALSE, type Expression } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import { hasSetMembers } from '../expression/value-set.ts'
import type { Compiled, CompileScope, ExpectationDefinition, Judgement, Kwargs, Measured } from './definition.ts'
import { distinctMetrics, missing } from './distinct.ts'
import { compareBins, compareValues, type Comparison, type Holdouts } from './kl-comparison.ts'
import { listMetric, valueCounts } from './listed-values.ts'
import { isNumeric } from './numeric.ts'
import { parsePartition, type Partition } from './partition.ts'
import { columnMissing, problem } from './problems.ts'
import { numberText } from './row-judgement.ts'

/**
 * How far the distribution of a column is from an expected one, over values or over intervals of numbers. Without a threshold
 * it only observes. Infinite (something was observed that was not expected) and empty are observed as NULL and fail.
 */
export const klDivergenceLess: ExpectationDefinition = {
  type: 'expect_column_kl_divergence_to_be_less_than',
  kind: 'column-aggregate',
  dimension: 'consistency',
  label: 'kl_divergence',
  kwargs: {
    column: { type: 'column', required: true },
    partition_object: { type: 'object' },
    threshold: { type: 'number' },
    tail_weight_holdout: { type: 'fraction', default: 0 },
    internal_weight_holdout: { type: 'fraction', default: 0 },
    bucketize_data: { type: 'boolean', default: true },
    // Great Expectations takes these two, and looks at neither.
    min_value: { type: 'any' },
    max_value: { type: 'any' },
  },
  compile: compileDivergence,
  judge: judgeDivergence,
}

/** Distinct values that are compared one by one; more of them are no distribution over values. */
const COMPARED_VALUES = 10_000

function compileDivergence(kwargs: Kwargs, scope: CompileScope): Compiled {
  const name = String(kwargs['column'])
  const ref = scope.column(name)
  if (ref === undefined) return columnMissing(name, scope.columnNames)
  const partition = partitionOf(kwargs)
  if (typeof partition === 'string') return problem('CHECK_KWARG', `partition_object ${partition}`, SHAPE)
  const wrong = partition === undefined ? selfProblem(kwargs) : argumentProblem(kwargs, partition)
  if (wrong !== undefined) return problem('CHECK_KWARG', wrong)
  const threshold = kwargs['threshold'] ?? null
  if (threshold !== null && Number(threshold) < 0)
    return problem('CHECK_KWARG', `argument threshold must be at least 0, not ${String(threshold)}`)
  const description = `divergence of ${name}${threshold === null ? '' : ` at most ${String(threshold)}`}`
  if (partition?.kind === 'bins') {
    if (!isNumeric(ref)) return problem('CHECK_TYPE', `${name}, which is ${ref.type.text}, is not a column of numbers`)
    return { kind: 'measured', description, metrics: binMetrics(ref, partition.bins), resultType: ref.type }
  }
  if (!hasSetMembers(ref))
    return problem('CHECK_TYPE', `values of ${name}, which is ${ref.type.text}, cannot be looked up in a set`)
  const metrics = { ...distinctMetrics(ref), values: listMetric(ref, COMPARED_VALUES) }
  return { kind: 'measured', description, metrics, resultType: ref.type }
}

const SHAPE = 'It is {values, weights} or {bins, weights, tail_weights}; all weights together are 1.'

function partitionOf(kwargs: Kwargs): Partition | string | undefined {
  const given = kwargs['partition_object'] ?? null
  return given === null ? undefined : parsePartition(given as Readonly<Record<string, JsonValue>>)
}

function selfProblem(kwargs: Kwargs): string | undefined {
  return kwargs['bucketize_data'] === true
    ? 'argument partition_object is missing, so there is nothing to compare with; give one, or bucketize_data false to see the values'
    : undefined
}

function argumentProblem(kwargs: Kwargs, partition: Partition): string | undefined {
  const { tail, internal } = holdoutsOf(kwargs)
  if (partition.kind === 'values')
    return internal > 0 ? 'internal_weight_holdout is for bins, and partition_object has values' : undefined
  if (kwargs['bucketize_data'] !== true) return 'bucketize_data must be true for a partition_object with bins'
  if (tail > 0 && partition.tails !== undefined)
    return 'tail_weight_holdout must be 0 beside tail_weights in partition_object'
  if (tail > 0 && partition.bins[0] === -Infinity && partition.bins.at(-1) === Infinity)
    return 'tail_weight_holdout must be 0 where both ends of the bins are infinite'
  return undefined
}

function holdoutsOf(kwargs: Kwargs): Holdouts {
  return { tail: Number(kwargs['tail_weight_holdout'] ?? 0), internal: Number(kwargs['internal_weight_holdout'] ?? 0) }
}

function binMetrics(ref: ColumnRef, bins: readonly number[]): Readonly<Record<string, Metric>> {
  const [first = -Infinity, last = Infinity] = [bins[0], bins.at(-1)]
  const open = { min: null, max: null, strictMin: false, strictMax: false }
  return {
    elements: { kind: 'rows' },
    considered: ref.present,
    histogram: { kind: 'histogram', of: ref.value, bounds: bins },
    ...(Number.isFinite(first) ? countMetric('below', outside(ref, { ...open, min: first })) : {}),
    ...(Number.isFinite(last) ? countMetric('above', outside(ref, { ...open, max: last })) : {}),
  }
}

function countMetric(role: string, where: Expression): Readonly<Record<string, Metric>> {
  return where === FALSE ? {} : { [role]: { kind: 'count', where } }
}

function judgeDivergence(kwargs: Kwargs, measured: Measured): Judgement {
  const comparison = compared(kwargs, measured)
  const observed = Number.isFinite(comparison.divergence) ? comparison.divergence : null
  const threshold = kwargs['threshold'] ?? null
  return {
    passed: threshold === null || (observed !== null && observed <= Number(threshold)),
    message: `${measured.description}: ${comparison.why ?? (observed === null ? 'no values' : numberText(observed))}`,
    observedValue: observed,
    ...(comparison.details === undefined ? {} : { details: comparison.details }),
    ...missing(measured),
  }
}

function compared(kwargs: Kwargs, measured: Measured): Comparison {
  const partition = partitionOf(kwargs)
  const considered = measured.count('considered')
  if (typeof partition === 'object' && partition.kind === 'bins') {
    const histogram = measured.cell('histogram')
    const inside = Array.isArray(histogram) ? histogram.map(Number) : []
    const counts = { inside, below: measured.count('below'), above: measured.count('above'), considered }
    return compareBins(partition, counts, holdoutsOf(kwargs))
  }
  const counts = valueCounts(measured, 'values')
  if (measured.count('distinct') > counts.length)
    throw new TidegateError(
      'CHECK_LIMIT',
      `there are more than ${numberText(COMPARED_VALUES)} distinct values, too many for a distribution over values`,
      { hint: 'Use a partition_object with bins, or a row_condition.' },
    )
  const expected = typeof partition === 'object' ? partition : undefined
  return compareValues(expected, counts, { type: measured.resultType, considered, tail: holdoutsOf(kwargs).tail })
}
