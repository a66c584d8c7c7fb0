import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { evaluateOne } from '../testing/tables.ts'
import { divergence, parsePartition } from './partition.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const KL = 'expect_column_kl_divergence_to_be_less_than'
const HALVES = { values: ['a', 'b'], weights: [0.5, 0.5] }
const BINS = { bins: [0, 1, 2], weights: [0.5, 0.5] }
const { log } = Math

type Case = readonly [
  type: string,
  cells: readonly string[],
  kwargs: Record<string, JsonValue>,
  outcome: 'passed' | 'failed',
  observed: number | null,
]

/** The sum of p × ln(p / q), worked out by hand. */
test.each<Case>([
  [
    'VARCHAR',
    ["'a'", "'b'", "'b'", 'NULL'],
    { partition_object: HALVES, threshold: 0.06 },
    'passed',
    log(2 / 3) / 3 + (2 * log(4 / 3)) / 3,
  ],
  [
    'VARCHAR',
    ["'a'", "'b'", "'b'", 'NULL'],
    { partition_object: HALVES, threshold: 0.05 },
    'failed',
    log(2 / 3) / 3 + (2 * log(4 / 3)) / 3,
  ],
  ['VARCHAR', ["'a'", "'b'"], { partition_object: HALVES, threshold: 0 }, 'passed', 0],
  ['VARCHAR', ["'a'", "'a'"], { partition_object: HALVES }, 'passed', log(2)],
  // c is not expected: infinitely far, unless a holdout is set aside for it
  ['VARCHAR', ["'a'", "'b'", "'c'"], { partition_object: HALVES, threshold: 9 }, 'failed', null],
  ['VARCHAR', ["'a'", "'b'", "'c'"], { partition_object: HALVES }, 'passed', null],
  [
    'VARCHAR',
    ["'a'", "'b'", "'c'"],
    { partition_object: HALVES, threshold: 0.3, tail_weight_holdout: 0.1 },
    'passed',
    (2 * log(1 / 3 / 0.45) + log(1 / 3 / 0.1)) / 3,
  ],
  // Nothing unexpected: the holdout is not taken off.
  ['VARCHAR', ["'a'", "'b'"], { partition_object: HALVES, threshold: 0, tail_weight_holdout: 0.1 }, 'passed', 0],
  ['VARCHAR', [], { partition_object: HALVES, threshold: 9 }, 'failed', null],
  ['VARCHAR', ['NULL'], { partition_object: HALVES }, 'passed', null],
  [
    'INTEGER',
    ['1', '2', '2', '2'],
    { partition_object: { values: [1, 2], weights: [0.25, 0.75] }, threshold: 0 },
    'passed',
    0,
  ],
  [
    'DECIMAL(9,2)',
    ['1.50', '2'],
    { partition_object: { values: [1.5, 2], weights: [0.5, 0.5] }, threshold: 0 },
    'passed',
    0,
  ],
  ['DATE', ["'2024-01-01'"], { partition_object: { values: ['2024-01-01'], weights: [1] }, threshold: 0 }, 'passed', 0],
  [
    'BOOLEAN',
    ['true', 'false'],
    { partition_object: { values: [true, false], weights: [0.5, 0.5] }, threshold: 0 },
    'passed',
    0,
  ],
  // Without a partition the values are compared with themselves.
  ['VARCHAR', ["'a'", "'b'", "'b'"], { bucketize_data: false }, 'passed', 0],
  // Bins: [0, 1) and [1, 2], the last one closed
  ['DOUBLE', ['0.5', '2'], { partition_object: BINS, threshold: 0 }, 'passed', 0],
  [
    'DOUBLE',
    ['0.5', '1', '1.5', '2', 'NULL', "'NaN'"],
    { partition_object: BINS, threshold: 0.14 },
    'passed',
    log(0.5) / 4 + (3 * log(1.5)) / 4,
  ],
  ['DOUBLE', ['0.5', '2.01'], { partition_object: BINS, threshold: 9 }, 'failed', null],
  // Half of the holdout on each side: 0.05, 0.45, 0.45, 0.05 against 0, 1/4, 2/4, 1/4
  [
    'DOUBLE',
    ['0.5', '1.5', '1.6', '5'],
    { partition_object: BINS, threshold: 0.31, tail_weight_holdout: 0.1 },
    'passed',
    (log(0.25 / 0.45) + 2 * log(0.5 / 0.45) + log(0.25 / 0.05)) / 4,
  ],
  [
    'INTEGER',
    ['-1', '0'],
    { partition_object: { ...BINS, weights: [0.5, 0.3], tail_weights: [0.1, 0.1] }, threshold: 2 },
    'passed',
    (log(0.5 / 0.1) + log(0.5 / 0.5)) / 2,
  ],
  // The empty bin gets the internal holdout: 0.4, 0.4, 0.2 against 1/4, 2/4, 1/4
  [
    'DOUBLE',
    ['0.5', '1.5', '1.6', '2'],
    { partition_object: { bins: [0, 1, 2, 3], weights: [0.5, 0.5, 0] }, threshold: 0.05, internal_weight_holdout: 0.2 },
    'passed',
    (log(0.25 / 0.4) + 2 * log(0.5 / 0.4) + log(0.25 / 0.2)) / 4,
  ],
  // An infinite end holds its tail; the other one gets the whole holdout: 0.45, 0.45, 0.1 against 1/2, 1/4, 1/4
  [
    'DOUBLE',
    ['-5', '0', '1.5', '9'],
    { partition_object: { bins: ['-Infinity', 1, 2], weights: [0.5, 0.5] }, threshold: 0.2, tail_weight_holdout: 0.1 },
    'passed',
    (2 * log(0.5 / 0.45) + log(0.25 / 0.45) + log(0.25 / 0.1)) / 4,
  ],
  [
    'BIGINT',
    ['-5', '9'],
    { partition_object: { bins: ['-Infinity', 1, 'Infinity'], weights: [0.5, 0.5] }, threshold: 0 },
    'passed',
    0,
  ],
  ['DECIMAL(9,2)', ['0.50', '1.00'], { partition_object: BINS, threshold: 0 }, 'passed', 0],
  ['DOUBLE', [], { partition_object: BINS, threshold: 9 }, 'failed', null],
])('%s %j %j: %s, %s', async (type, cells, kwargs, outcome, observed) => {
  const result = await evaluateOne(session, type, cells, KL, kwargs)
  expect(result).toMatchObject({ outcome, rowLevel: false, dimension: 'consistency' })
  if (observed === null) expect(result.observedValue).toBeNull()
  else expect(result.observedValue).toBeCloseTo(observed, 12)
})

describe('details', () => {
  test('of values name those that were expected first', async () => {
    const kwargs = { partition_object: HALVES, tail_weight_holdout: 0.2 }
    const result = await evaluateOne(session, 'VARCHAR', ["'z'", "'b'"], KL, kwargs)
    expect(result.details).toEqual({
      observed_partition: { values: ['a', 'b', 'z'], weights: [0, 0.5, 0.5] },
      expected_partition: { values: ['a', 'b', 'z'], weights: [0.4, 0.4, 0.2] },
    })
  })

  test('are there also where no value is', async () => {
    const kwargs = { partition_object: HALVES, threshold: 1 }
    expect(await evaluateOne(session, 'VARCHAR', ['NULL'], KL, kwargs)).toMatchObject({
      outcome: 'failed',
      observedValue: null,
      details: { observed_partition: { values: ['a', 'b'], weights: [0, 0] } },
    })
  })

  test('of bins keep the tails apart', async () => {
    const kwargs = { partition_object: BINS, tail_weight_holdout: 0.2 }
    const result = await evaluateOne(session, 'DOUBLE', ['-1', '0', '1', '3'], KL, kwargs)
    expect(result.details).toEqual({
      observed_partition: { bins: [0, 1, 2], weights: [0.25, 0.25], tail_weights: [0.25, 0.25] },
      expected_partition: { bins: [0, 1, 2], weights: [0.4, 0.4], tail_weights: [0.1, 0.1] },
    })
  })
})

test.each<[string, Record<string, JsonValue>, string]>([
  ['DOUBLE', {}, 'CHECK_KWARG'],
  ['DOUBLE', { partition_object: { weights: [1] } }, 'CHECK_KWARG'],
  ['DOUBLE', { partition_object: BINS, bucketize_data: false }, 'CHECK_KWARG'],
  ['DOUBLE', { partition_object: BINS, threshold: -1 }, 'CHECK_KWARG'],
  ['DOUBLE', { partition_object: BINS, tail_weight_holdout: 2 }, 'CHECK_KWARG'],
  ['DOUBLE', { partition_object: { ...BINS, tail_weights: [0, 0] }, tail_weight_holdout: 0.1 }, 'CHECK_KWARG'],
  ['DOUBLE', { partition_object: { bins: ['-inf', 'inf'], weights: [1] }, tail_weight_holdout: 0.1 }, 'CHECK_KWARG'],
  ['VARCHAR', { partition_object: HALVES, internal_weight_holdout: 0.1 }, 'CHECK_KWARG'],
  ['VARCHAR', { partition_object: BINS }, 'CHECK_TYPE'],
  ['INTEGER[]', { partition_object: HALVES }, 'CHECK_TYPE'],
])('%s %j: %s', async (type, kwargs, code) => {
  expect(await evaluateOne(session, type, [], KL, kwargs)).toMatchObject({ outcome: 'error', error: { code } })
})

test.each<[Record<string, JsonValue>, string]>([
  [{ values: ['a'], weights: [0.5, 0.5] }, '1 values and 2 weights'],
  [{ values: ['a', 'a'], weights: [0.5, 0.5] }, 'a value twice'],
  [{ values: ['a', 'b'], weights: [0.5, 0.4] }, 'sum to 0.9'],
  [{ values: ['a', 'b'], weights: [1.5, -0.5] }, 'negative'],
  [{ values: [null], weights: [1] }, 'no scalar'],
  [{ bins: [0, 1], weights: [0.5, 0.5] }, '2 bins for 2 weights'],
  [{ bins: [0, 2, 1], weights: [0.5, 0.5] }, 'do not ascend'],
  [{ bins: [0, 1, 2], weights: [0.5, 0.5], tail_weights: [0.1] }, 'two tail_weights'],
  [{ bins: ['-inf', 1, 2], weights: [0.5, 0.5], tail_weights: [0, 0] }, 'infinite end'],
  [{ bins: ['a', 'b'], weights: [1] }, 'neither values nor bins'],
  [{ bins: [0, 1], weights: 'all' }, 'no list of weights'],
])('the partition %j: %s', (partition, problem) => {
  expect(parsePartition(partition)).toContain(problem)
})

test('a distribution over more than ten thousand values is an error, not an answer', async () => {
  const cells = Array.from({ length: 10_001 }, (_, index) => String(index))
  const kwargs = { partition_object: { values: [1], weights: [1] }, tail_weight_holdout: 0.5 }
  const result = await evaluateOne(session, 'INTEGER', cells, KL, kwargs)
  expect(result).toMatchObject({ outcome: 'error', error: { code: 'CHECK_LIMIT' } })
})

test('both sides of a divergence are scaled to one, and zero times anything is zero', () => {
  expect(divergence([2, 0, 2], [1, 1, 2])).toBeCloseTo((log(2) + log(1)) / 2, 12)
  expect(divergence([1, 0], [1, 0])).toBe(0)
  expect(divergence([0, 1], [1, 0])).toBe(Infinity)
  expect(divergence([0, 0], [1, 0])).toBeNaN()
})
