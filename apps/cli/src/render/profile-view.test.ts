import { expect, test } from 'vitest'
import type { Expectation } from '@tidegate/core'
import type { Suggestion } from '@tidegate/dq'
import type { DatasetProfile } from '@tidegate/pipeline'
import { renderProfiles } from './profile-view.ts'
import { plainStyle } from './style.ts'

function between(column: string, max: number): Expectation {
  return { type: 'expect_column_values_to_be_between', kwargs: { column, max_value: max } }
}

function suggested(expectation: Expectation, basis: string): Suggestion {
  return { expectation, place: 'expectations', basis, confidence: { low: 1, high: 1 }, holdOut: 'none' }
}

test('an update lists only suggestions that are in the contract', () => {
  const profile: DatasetProfile = {
    source: 's',
    dataset: 'd',
    contractFile: '/p/contracts/d.yaml',
    action: 'updated',
    contract: {
      contract: 'd',
      version: 2,
      schema: { columns: { a: { type: 'BIGINT' }, b: { type: 'BIGINT' } } },
      expectations: [between('a', 7), between('b', 2)],
    },
    files: 1,
    rows: 10,
    suggestions: [suggested(between('a', 5), 'grounds of a'), suggested(between('b', 2), 'grounds of b')],
    dropped: [],
    changes: [],
    oddFiles: [],
    leftOut: [],
    problem: null,
  }
  const text = renderProfiles([profile], '/p', { style: plainStyle, width: 100 })
  expect(text).toContain('b: at most 2  grounds of b')
  expect(text).not.toContain('grounds of a')
  expect(text).not.toContain('at most 5')
})
