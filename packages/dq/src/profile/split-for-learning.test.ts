import { expect, test } from 'vitest'
import { splitForLearning } from './split-for-learning.ts'

test('every third is held back, beginning with the second; nothing is lost', () => {
  expect(splitForLearning([0, 1, 2, 3, 4, 5, 6])).toEqual({ learn: [0, 2, 3, 5, 6], test: [1, 4] })
})

test('one item is learned from, none gives none', () => {
  expect(splitForLearning(['a'])).toEqual({ learn: ['a'], test: [] })
  expect(splitForLearning([])).toEqual({ learn: [], test: [] })
})
