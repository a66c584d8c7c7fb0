import { expect, test } from 'vitest'
import type { Expectation } from '@tidegate/core'
import type { Suggestion } from '@tidegate/dq'
import { commentsOf } from './learn-missing-contract.ts'

function between(column: string, max: number): Expectation {
  return { type: 'expect_column_values_to_be_between', kwargs: { column, max_value: max } }
}

function suggested(expectation: Expectation, basis: string, place: Suggestion['place'] = 'expectations'): Suggestion {
  return { expectation, place, basis, confidence: { low: 1, high: 1 }, holdOut: 'none' }
}

test('grounds stand only beside the expectation that they are the grounds of', () => {
  const expectations = [between('a', 7), { ...between('c', 3), severity: 'info' } as const, between('b', 2)]
  const comments = commentsOf({
    learned: {
      contract: { contract: 'd', version: 2, schema: { columns: {} }, expectations },
      suggestions: [
        suggested(between('b', 2), 'of the schema', 'schema'),
        suggested(between('a', 1), 'of a rule that is not there'),
        suggested(between('b', 2), 'of b'),
        suggested(between('c', 3), 'of c'),
      ],
      dropped: [],
      oddFiles: [],
    },
  })
  expect([...comments]).toEqual([
    ['expectations.1', 'of c; holds for at least 100% of rows (95% sure)'],
    ['expectations.2', 'of b; holds for at least 100% of rows (95% sure)'],
  ])
})
