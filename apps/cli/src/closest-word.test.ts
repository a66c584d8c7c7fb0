import { expect, test } from 'vitest'
import { closestWord } from './closest-word.ts'

const COMMANDS = ['check', 'ingest', 'init', 'profile', 'run-all', 'watermarks']

test.for([
  ['ingst', 'ingest'],
  ['INGEST', 'ingest'],
  ['ignest', 'ingest'],
  ['runall', 'run-all'],
  ['run_all', 'run-all'],
  ['water', 'watermarks'],
  ['chekc', 'check'],
  ['frobnicate', undefined],
  ['', undefined],
  ['x'.repeat(1000), undefined],
] as const)('%s → %s', ([word, expected]) => {
  expect(closestWord(word, COMMANDS)).toBe(expected)
})
