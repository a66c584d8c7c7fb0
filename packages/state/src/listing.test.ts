import { expect, test } from 'vitest'
import type { ListedFolder, ListingChange } from '@tidegate/core'
import type { State } from './index.ts'
import { makeEntry, makeFile } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'

function folderOf(folder: string, more: Partial<ListedFolder> = {}): ListedFolder {
  return { folder, stamp: `stamp of ${folder}`, sinceMs: 5, isDone: true, ...more }
}

function changeOf(folders: readonly ListedFolder[], more: Partial<ListingChange> = {}): ListingChange {
  return { scope: 'abc', fullAtMs: 1000, isTrusted: true, folders, gone: [], ...more }
}

async function foldersOf(state: State, source: string): Promise<readonly ListedFolder[]> {
  const { folders = [] } = (await state.lastListing(source)) ?? {}
  return folders.toSorted((a, b) => (a.folder < b.folder ? -1 : 1))
}

test('a listing comes back as it was saved, and a later one changes what it names', async () => {
  const state = await freshState()
  expect(await state.lastListing('s')).toBeUndefined()
  const unstamped = folderOf("x/it's ä", { stamp: undefined, isDone: false })
  await state.saveListing('s', changeOf([folderOf(''), folderOf('a'), unstamped]))
  await state.saveListing('other', changeOf([folderOf('a', { sinceMs: 7 })]))
  expect(await state.lastListing('s')).toMatchObject({ scope: 'abc', fullAtMs: 1000, isTrusted: true })
  expect(await foldersOf(state, 's')).toEqual([folderOf(''), folderOf('a'), unstamped])
  const changed = folderOf('a', { stamp: 'other', sinceMs: 9, isDone: false })
  await state.saveListing('s', changeOf([changed], { gone: [unstamped.folder], fullAtMs: 2000, isTrusted: false }))
  expect(await state.lastListing('s')).toMatchObject({ fullAtMs: 2000, isTrusted: false })
  expect(await foldersOf(state, 's')).toEqual([folderOf(''), changed])
  expect(await foldersOf(state, 'other')).toEqual([folderOf('a', { sinceMs: 7 })])
})

test('when files are forgotten, so are the listings that passed over them', async () => {
  const state = await freshState()
  await state.indexEntry('/lake', makeEntry(1, ['a']))
  await state.saveListing('flights', changeOf([folderOf('')]))
  await state.clearIndex('/lake')
  expect(await state.lastListing('flights')).toBeUndefined()
})

test('a source under another name is listed anew', async () => {
  const state = await freshState()
  await state.saveListing('old', changeOf([folderOf('')]))
  await state.renameSource('old', 'new')
  expect([await state.lastListing('old'), await state.lastListing('new')]).toEqual([undefined, undefined])
})

test('held paths are those of files in quarantine that nobody has decided over', async () => {
  const state = await freshState()
  const held = ['b#1/x', 'a'].map((name) => makeFile({ path: name, outcome: 'held', rowsLoaded: 0, rowsRejected: 10 }))
  await state.indexEntry('/lake', makeEntry(1, ['c'], { files: [...held, makeFile({ path: 'c' })], add: [] }))
  expect(await state.heldPaths('flights')).toEqual(['a', 'b#1/x'])
  await state.indexEntry('/lake', makeEntry(2, ['a']))
  expect(await state.heldPaths('flights')).toEqual(['b#1/x'])
  expect(await state.heldPaths('other')).toEqual([])
})
