import type { JsonValue } from '@tidegate/core'

/** An expected distribution: over values, or over intervals of numbers. Weights sum to one. */
export type Partition =
  | { readonly kind: 'values'; readonly values: readonly JsonValue[]; readonly weights: readonly number[] }
  | {
      readonly kind: 'bins'
      /** Ascending; the outermost may be infinite. */
      readonly bins: readonly number[]
      readonly weights: readonly number[]
      /** Weights below the first and above the last bin. */
      readonly tails: readonly [number, number] | undefined
    }

/** Reads Great Expectations' `partition_object`; a text says what is wrong with it. */
export function parsePartition(given: Readonly<Record<string, JsonValue | undefined>>): Partition | string {
  const weights = numbersOf(given['weights'])
  if (weights === undefined) return 'has no list of weights'
  if (weights.some((weight) => weight < 0)) return 'has a negative weight'
  const values = given['values']
  if (Array.isArray(values)) return valuesPartition(values as readonly JsonValue[], weights)
  const bins = numbersOf(given['bins'])
  if (bins === undefined) return 'has neither values nor bins of numbers'
  const tails = given['tail_weights'] === undefined ? undefined : numbersOf(given['tail_weights'])
  if (given['tail_weights'] !== undefined && tails?.length !== 2) return 'must have two tail_weights'
  if (bins.length !== weights.length + 1) return `has ${bins.length} bins for ${weights.length} weights, not one more`
  if (bins.some((bin, index) => index > 0 && bin <= (bins[index - 1] ?? bin))) return 'has bins that do not ascend'
  const wrong = sumProblem([...weights, ...(tails ?? [])])
  const [low = 0, high = 0] = tails ?? []
  if (tails !== undefined && !(Number.isFinite(bins[0]) && Number.isFinite(bins.at(-1))))
    return 'has tail_weights beside an infinite end'
  return wrong ?? { kind: 'bins', bins, weights, tails: tails === undefined ? undefined : [low, high] }
}

function valuesPartition(values: readonly JsonValue[], weights: readonly number[]): Partition | string {
  if (values.length !== weights.length) return `has ${values.length} values and ${weights.length} weights`
  if (values.some((value) => value === null || typeof value === 'object')) return 'has a value that is no scalar'
  if (new Set(values).size < values.length) return 'has a value twice'
  return sumProblem(weights) ?? { kind: 'values', values, weights }
}

function sumProblem(weights: readonly number[]): string | undefined {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return Math.abs(sum - 1) <= 1e-8 + 1e-5 ? undefined : `has weights that sum to ${sum}, not to 1`
}

/** JSON has no infinities; they come as texts. */
function numbersOf(given: JsonValue | undefined): readonly number[] | undefined {
  if (!Array.isArray(given)) return undefined
  const numbers = (given as readonly JsonValue[]).map((item) =>
    typeof item === 'number' ? item : INFINITIES[String(item)],
  )
  return numbers.every((item) => item !== undefined && !Number.isNaN(item)) ? (numbers as readonly number[]) : undefined
}

const INFINITIES: Readonly<Record<string, number>> = {
  Infinity: Infinity,
  '-Infinity': -Infinity,
  inf: Infinity,
  '-inf': -Infinity,
}

/**
 * Kullback-Leibler divergence in nats of what was observed from what was expected, both scaled to sum to one. Infinite where
 * something was observed that was not expected at all, NaN where nothing was observed.
 */
export function divergence(observed: readonly number[], expected: readonly number[]): number {
  const [observedSum, expectedSum] = [sumOf(observed), sumOf(expected)]
  let total = 0
  for (const [index, weight] of observed.entries()) {
    const p = weight / observedSum
    const q = (expected[index] ?? 0) / expectedSum
    // Nothing observed adds nothing, whatever was expected; NaN stays NaN.
    if (p !== 0) total += q === 0 ? Infinity : p * Math.log(p / q)
  }
  return total
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, item) => total + item, 0)
}
