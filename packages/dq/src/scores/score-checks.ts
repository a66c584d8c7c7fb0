import type { CheckResult, Dimension } from '@tidegate/core'

export interface Score {
  /** Percent of the checks that passed, 0–100; null where none was evaluated. */
  readonly score: number | null
  readonly checks: number
  readonly passed: number
  readonly failed: number
  readonly errors: number
}

export interface Scores {
  readonly overall: Score
  /** Only dimensions that have a check. */
  readonly byDimension: Readonly<Partial<Record<Dimension, Score>>>
}

/**
 * Scores as Great Expectations' `success_percent`: passed of all, each check counting once. A check that errored counts as
 * evaluated and not passed. The overall score is the one the gate holds against its threshold. Pure.
 */
export function scoreChecks(results: readonly Pick<CheckResult, 'outcome' | 'dimension'>[]): Scores {
  const byDimension: Partial<Record<Dimension, Score>> = {}
  for (const dimension of DIMENSIONS) {
    const own = results.filter((result) => result.dimension === dimension)
    if (own.length > 0) byDimension[dimension] = scoreOf(own)
  }
  return { overall: scoreOf(results), byDimension }
}

/** `66.66 (3)`: rounded down, so that only what is 100 says so, and the number of checks. */
export function scoreText({ score, checks }: Score): string {
  return `${score === null ? 'none' : Math.floor(score * 100) / 100} (${checks})`
}

const DIMENSIONS: readonly Dimension[] = [
  'completeness',
  'uniqueness',
  'validity',
  'consistency',
  'freshness',
  'volume',
  'schema',
]

function scoreOf(results: readonly Pick<CheckResult, 'outcome'>[]): Score {
  const count = (outcome: CheckResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length
  const passed = count('passed')
  const score = results.length === 0 ? null : (100 * passed) / results.length
  return { score, checks: results.length, passed, failed: count('failed'), errors: count('error') }
}
