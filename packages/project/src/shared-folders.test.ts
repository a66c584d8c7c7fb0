import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findSharedFolders } from './shared-folders.ts'

const root = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
mkdirSync(path.join(root, 'landing', 'eu'), { recursive: true })
symlinkSync(path.join(root, 'landing'), path.join(root, 'inbox'))
symlinkSync(path.join(root, 'landing', 'eu'), path.join(root, 'europe'))
afterAll(() => rmSync(root, { recursive: true }))

async function shared(...places: readonly (readonly [string, string])[]): Promise<readonly unknown[]> {
  const sources = places.map(([folder, pattern], at) => ({ name: `s${at}`, root: path.join(root, folder), pattern }))
  return (await findSharedFolders(sources)).map(({ sources: names }) => names.join(' '))
}

test('sources that a link leads to the same files are told', async () => {
  expect(await shared(['landing', '*.csv'], ['inbox', '*.csv'])).toEqual(['s0 s1'])
  expect(await shared(['landing', '**/*.csv'], ['europe', '*.csv'], ['inbox', 'a/*.csv'])).toEqual(['s0 s1', 's0 s2'])
})

test('one folder for files of different names is no matter, nor is one that is not there', async () => {
  expect(await shared(['landing', '*.csv'], ['inbox', '*.json'])).toEqual([])
  expect(await shared(['landing', '*.csv'], ['europe', '*.csv'])).toEqual([])
  expect(await shared(['landing', '*.csv'], ['nowhere', '*.csv'])).toEqual([])
})
