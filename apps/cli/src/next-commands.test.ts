import { expect, test } from 'vitest'
import { nameDirectory } from './next-commands.ts'

const TEXT = `loaded  tidegate notes.csv

Next
  tidegate explain PQ105
  tidegate files explain a.csv    # why it was held
    → tidegate history weather
  tidegate -C x ingest`

test('in the folder of the project nothing is added', () => {
  expect(nameDirectory(TEXT, '/data/lake', '/data/lake')).toBe(TEXT)
})

test('from elsewhere the next commands name the folder, once, quoted, the shorter way', () => {
  expect(nameDirectory(TEXT, '/data/my lake', '/data').split('\n').slice(2)).toEqual([
    'Next',
    '  tidegate explain PQ105',
    "  tidegate -C 'my lake' files explain a.csv    # why it was held",
    "    → tidegate -C 'my lake' history weather",
    '  tidegate -C x ingest',
  ])
  expect(nameDirectory('  tidegate ingest', '/a', '/b/c/d/e')).toBe('  tidegate -C /a ingest')
})
