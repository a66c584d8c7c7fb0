import { expect, test } from 'vitest'
import { entryName, entrySeq, stagedPathProblem, visiblePathProblem } from './layout.ts'

test('an entry is named by its number in 20 digits', () => {
  expect(entryName(7)).toBe('00000000000000000007.json')
  expect(entrySeq('00000000000000000007.json')).toBe(7)
  for (const name of ['.tmp-1', '7.json', '00000000000000000007.json.bak']) expect(entrySeq(name)).toBeUndefined()
})

test('visible paths that leave their folder or enter ours are refused', () => {
  for (const path of [
    '',
    '/etc/x',
    '../x',
    'a/../../x',
    'a//b',
    './a',
    'a/',
    'a\0',
    'a\nb',
    'a\\b',
    '_tidegate/log/x',
  ]) {
    expect(visiblePathProblem(path)).toBeTypeOf('string')
  }
  expect(visiblePathProblem(`${'x'.repeat(256)}.parquet`)).toBeTypeOf('string')
  for (const path of ['part.parquet', 'year=2026/part-é "q".parquet', '..a', 'a._tidegate']) {
    expect(visiblePathProblem(path)).toBeUndefined()
  }
})

test('staged paths lie in the folder of one attempt', () => {
  expect(stagedPathProblem('_tidegate/staging/b1/1-abc/00001.parquet.sealed')).toBeUndefined()
  for (const path of [
    'x',
    '_tidegate/staging/b1/x',
    '_tidegate/staging/../log/x/y',
    '_tidegate/staging/b/../..',
    '/etc/x',
  ]) {
    expect(stagedPathProblem(path)).toBeTypeOf('string')
  }
})
