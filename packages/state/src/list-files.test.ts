import { expect, test } from 'vitest'
import type { State } from './index.ts'
import { makeEntry, makeFile } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'

async function emptyState(): Promise<State> {
  return freshState()
}

test('known files: every version of every path of this source, oldest first', async () => {
  const state = await emptyState()
  await state.indexEntry('/lake', makeEntry(1, ['b', 'a']))
  await state.indexEntry('/lake', makeEntry(2, ['a'], { source: 'trains' }))
  for (const [seq, ordinal] of [
    [3, 2],
    [4, 3],
    [5, 10],
  ] as const) {
    await state.indexEntry('/lake', makeEntry(seq, [], { files: [makeFile({ path: 'a', ordinal })] }))
  }
  const known = await state.knownFiles('flights')
  expect([...known].map(([path, versions]) => [path, versions.map((version) => version.ordinal)])).toEqual([
    ['a', [1, 2, 3, 10]],
    ['b', [1]],
  ])
  expect((await state.knownFiles('nothing')).size).toBe(0)
})

test('known files over several pages are complete, versions of a path across the page end included', async () => {
  const state = await emptyState()
  const files = Array.from({ length: 12_001 }, (_, index) =>
    makeFile({ path: `p${String(Math.floor(index / 7))}`, ordinal: (index % 7) + 1 }),
  )
  await state.indexEntry('/a', makeEntry(1, [], { files }))
  await state.indexEntry('/b', makeEntry(1, [], { files: files.slice(0, 100) }))
  const known = await state.knownFiles('flights')
  expect(known.size).toBe(Math.ceil(12_001 / 7))
  expect([...known.values()].flat()).toHaveLength(12_101)
  expect(known.get('p3')?.map((version) => [version.ordinal, version.location])).toEqual(
    [1, 2, 3, 4, 5, 6, 7].flatMap((ordinal) => [
      [ordinal, '/a'],
      [ordinal, '/b'],
    ]),
  )
})

test('a touch moves the stamp alone', async () => {
  const state = await emptyState()
  await state.indexEntry('/lake', makeEntry(1, ['a', 'b', 'c']))
  const before = await state.listFiles()
  await state.updateStamps([{ id: 'flights/a#1', stamp: 'new', modifiedAtMs: 7.5 }])
  await state.updateStamps([{ id: 'flights/b#1', stamp: 'newer', modifiedAtMs: 8 }])
  await state.updateStamps([])
  await state.updateStamps([{ id: 'flights/unknown#1', stamp: 'new', modifiedAtMs: 7 }])
  expect(await state.listFiles()).toEqual([
    { ...before[0], stamp: 'new', modifiedAtMs: 7.5 },
    { ...before[1], stamp: 'newer', modifiedAtMs: 8 },
    before[2],
  ])
})

test('files are found by source, dataset, outcome, time and path', async () => {
  const state = await emptyState()
  await state.indexEntry('/lake', makeEntry(1, ['x/a.csv', 'y/a.csv', 'ya.csv', 'x/%_.csv']))
  const held = makeFile({ path: 'x/b.csv', outcome: 'held' })
  await state.indexEntry('/lake', makeEntry(2, [], { files: [held], dataset: 'other' }))
  await state.indexEntry('/lake', makeEntry(3, ['x/a.csv'], { source: 'trains' }))
  const paths = async (filter: Parameters<State['listFiles']>[0]): Promise<string[]> =>
    (await state.listFiles(filter)).map((file) => `${file.source}:${file.path}`)

  expect(await paths({ path: 'a.csv' })).toEqual(['flights:x/a.csv', 'flights:y/a.csv', 'trains:x/a.csv'])
  expect(await paths({ path: 'x/a.csv', source: 'trains' })).toEqual(['trains:x/a.csv'])
  expect(await paths({ path: '%_.csv' })).toEqual(['flights:x/%_.csv'])
  expect(await paths({ path: `' or 1=1 --` })).toEqual([])
  expect(await paths({ outcome: 'held' })).toEqual(['flights:x/b.csv'])
  expect(await paths({ dataset: 'other' })).toEqual(['flights:x/b.csv'])
  expect(await paths({ sinceMs: 1_002_000 })).toEqual(['flights:x/b.csv', 'trains:x/a.csv'])
  expect(await paths({ limit: 2 })).toEqual(['trains:x/a.csv', 'flights:x/b.csv'])
  expect(await paths({ source: 'flights', limit: 1 })).toEqual(['flights:x/b.csv'])
})
