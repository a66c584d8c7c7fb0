import { expect, test } from 'vitest'
import { scoreChecks } from './score-checks.ts'

const result = <Outcome, Dimension>(
  outcome: Outcome,
  dimension: Dimension,
): { outcome: Outcome; dimension: Dimension } => ({
  outcome,
  dimension,
})

test('passed of all, an error counting as not passed', () => {
  const scores = scoreChecks([
    result('passed', 'validity'),
    result('passed', 'validity'),
    result('failed', 'validity'),
    result('error', 'freshness'),
    result('passed', 'schema'),
  ])
  expect(scores.overall).toEqual({ score: 60, checks: 5, passed: 3, failed: 1, errors: 1 })
  expect(scores.byDimension).toEqual({
    validity: { score: 200 / 3, checks: 3, passed: 2, failed: 1, errors: 0 },
    freshness: { score: 0, checks: 1, passed: 0, failed: 0, errors: 1 },
    schema: { score: 100, checks: 1, passed: 1, failed: 0, errors: 0 },
  })
})

test('without a check there is no score, which is not 0', () => {
  expect(scoreChecks([])).toEqual({
    overall: { score: null, checks: 0, passed: 0, failed: 0, errors: 0 },
    byDimension: {},
  })
})
