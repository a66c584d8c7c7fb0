import { toJson, type JsonValue } from '@tidegate/core'
import type { DataType } from '../expression/data-type.ts'
import { memberKey } from '../expression/value-set.ts'
import type { ValueCount } from './listed-values.ts'
import { divergence, type Partition } from './partition.ts'

/** Weights that were set aside for what a partition does not expect: beyond its ends, and in its empty bins. */
export interface Holdouts {
  readonly tail: number
  readonly internal: number
}

export interface Comparison {
  readonly divergence: number
  /** Why there is no number. */
  readonly why?: string | undefined
  /** `observed_partition` and `expected_partition`. */
  readonly details?: Readonly<Record<string, JsonValue>> | undefined
}

export interface BinCounts {
  readonly inside: readonly number[]
  readonly below: number
  readonly above: number
  readonly considered: number
}

/** An infinite end is the tail itself; a finite one has a tail beyond it, with half of the holdout if there are two. */
export function compareBins(
  { bins, weights, tails }: Extract<Partition, { readonly kind: 'bins' }>,
  counts: BinCounts,
  holdouts: Holdouts,
): Comparison {
  const expected = withInternalHoldout(
    weights.map((weight) => weight * (1 - holdouts.tail - holdouts.internal)),
    holdouts,
  )
  const observed = counts.inside.map((count) => share(count, counts.considered))
  const [openLow, openHigh] = [bins[0] === -Infinity, bins.at(-1) === Infinity]
  const holdout = openLow || openHigh ? holdouts.tail : holdouts.tail / 2
  const low = openLow ? [] : [{ expected: tails?.[0] ?? holdout, observed: share(counts.below, counts.considered) }]
  const high = openHigh ? [] : [{ expected: tails?.[1] ?? holdout, observed: share(counts.above, counts.considered) }]
  const allExpected = [...low.map((item) => item.expected), ...expected, ...high.map((item) => item.expected)]
  const allObserved = [...low.map((item) => item.observed), ...observed, ...high.map((item) => item.observed)]
  const shown = bins.slice(openLow ? 1 : 0, openHigh ? -1 : undefined)
  const value = divergence(allObserved, allExpected)
  return {
    divergence: value,
    why: value === Infinity ? 'values where none is expected' : undefined,
    details: {
      observed_partition: binsJson(shown, allObserved),
      expected_partition: binsJson(shown, allExpected),
    },
  }
}

/** The empty bins share the internal holdout. */
function withInternalHoldout(weights: readonly number[], { internal }: Holdouts): readonly number[] {
  const empty = weights.filter((weight) => weight === 0).length
  return internal === 0 || empty === 0 ? weights : weights.map((weight) => (weight === 0 ? internal / empty : weight))
}

function binsJson(bins: readonly number[], weights: readonly number[]): JsonValue {
  const tails = [weights[0] ?? 0, weights.at(-1) ?? 0]
  return { bins, weights: weights.slice(1, -1), tail_weights: tails }
}

/** 0 of nothing. */
function share(count: number, considered: number): number {
  return considered === 0 ? 0 : count / considered
}

/** Values that were not expected share the tail holdout; without one they make the divergence infinite. */
export function compareValues(
  partition: Extract<Partition, { readonly kind: 'values' }> | undefined,
  counts: readonly ValueCount[],
  {
    type,
    considered,
    tail,
  }: { readonly type: DataType | undefined; readonly considered: number; readonly tail: number },
): Comparison {
  const expectedValues = partition?.values ?? counts.map(({ value }) => toJson(value))
  const expectedWeights = partition?.weights ?? counts.map(({ count }) => share(count, considered))
  const found = new Map(counts.map((item) => [keyOf(type, item.value), item]))
  const observed = expectedValues.map((value) => share(found.get(keyOf(type, value))?.count ?? 0, considered))
  const known = new Set(expectedValues.map((value) => keyOf(type, value)))
  const others = counts.filter(({ value }) => !known.has(keyOf(type, value)))
  const scale = others.length === 0 ? 1 : 1 - tail
  const values = [...expectedValues, ...others.map(({ value }) => toJson(value))]
  const allObserved = [...observed, ...others.map(({ count }) => share(count, considered))]
  const allExpected = [...expectedWeights.map((weight) => weight * scale), ...others.map(() => tail / others.length)]
  const result = divergence(allObserved, allExpected)
  return {
    divergence: result,
    why: result === Infinity ? `${others.length} values that are not expected` : undefined,
    details: {
      observed_partition: { values, weights: allObserved },
      expected_partition: { values, weights: allExpected },
    },
  }
}

/** A value that the column cannot hold is found nowhere. */
function keyOf(type: DataType | undefined, value: unknown): string {
  const key = type === undefined ? undefined : memberKey(type, value as JsonValue)
  return key ?? `not a value: ${JSON.stringify(toJson(value))}`
}
