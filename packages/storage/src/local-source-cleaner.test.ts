import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CleanableFile } from '@tidegate/core'
import { localSourceCleaner } from './local-source-cleaner.ts'
import { localStore } from './local-store.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let files = 0

async function file(content: string): Promise<CleanableFile & { readonly folder: string }> {
  const folder = path.join(root, `f${++files}`)
  mkdirSync(folder)
  const uri = path.join(folder, 'a.csv')
  writeFileSync(uri, content)
  const found = await localStore().stat(uri)
  if (found === undefined) throw new Error('gone')
  const contentHash = createHash('sha256').update(content).digest('hex')
  return { path: 'x/a.csv', uri, stamp: found.stamp, contentHash, folder }
}

const cleaner = localSourceCleaner()

test('a file whose stamp moved stays, whatever moved it', async () => {
  const one = await file('one')
  writeFileSync(one.uri, 'two')
  expect(await cleaner.delete(one)).toEqual({ kind: 'left', because: 'changed' })
  expect(await cleaner.archive(one, path.join(root, 'archive-1'))).toEqual({ kind: 'left', because: 'changed' })
  expect(readFileSync(one.uri, 'utf8')).toBe('two')
  rmSync(one.uri)
  expect(await cleaner.delete(one)).toEqual({ kind: 'left', because: 'gone' })
})

test('what is written between the archive and the last look stays in the source', async () => {
  const one = await file('one')
  const watched = localSourceCleaner({
    mark: () => {
      rmSync(one.uri)
      writeFileSync(one.uri, 'other')
    },
  })
  expect(await watched.archive(one, path.join(root, 'archive-2'))).toEqual({ kind: 'left', because: 'changed' })
  expect(readFileSync(one.uri, 'utf8')).toBe('other')
  expect(readFileSync(path.join(root, 'archive-2', 'x', 'a.csv'), 'utf8')).toBe('one')
})

// Memory is a file system of its own on Linux; elsewhere there may be none.
describe.skipIf(!isOtherFileSystem('/dev/shm'))('to another file system', () => {
  test('a file is copied, and a copy that was cut off is taken up or left behind unseen', async () => {
    const folder = mkdtempSync('/dev/shm/tidegate-')
    try {
      const one = await file('one')
      expect(await cleaner.archive(one, folder)).toEqual({ kind: 'cleaned' })
      expect(existsSync(one.uri)).toBe(false)
      expect(readFileSync(path.join(folder, 'x', 'a.csv'), 'utf8')).toBe('one')
      // The copy is there, and the source was not taken away yet.
      const again = await file('one')
      expect(await cleaner.archive(again, folder)).toEqual({ kind: 'cleaned' })
      expect(readdirSync(path.join(folder, 'x'))).toEqual(['a.csv'])
      const other = await file('other')
      expect(await cleaner.archive(other, folder)).toEqual({ kind: 'cleaned' })
      expect(readdirSync(path.join(folder, 'x')).toSorted()).toEqual(['a.csv', 'a.csv.2'])
      expect(readFileSync(path.join(folder, 'x', 'a.csv'), 'utf8')).toBe('one')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('bytes that are not those of the version are not archived', async () => {
    const folder = mkdtempSync('/dev/shm/tidegate-')
    try {
      const one = await file('one')
      const wrong = { ...one, contentHash: '0'.repeat(64) }
      expect(await cleaner.archive(wrong, folder)).toEqual({ kind: 'left', because: 'changed' })
      expect(readdirSync(path.join(folder, 'x'))).toEqual([])
      expect(existsSync(one.uri)).toBe(true)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function isOtherFileSystem(folder: string): boolean {
  return existsSync(folder) && statSync(folder).dev !== statSync(tmpdir()).dev
}
