import { expect, test } from 'vitest'
import type { FileVersionId } from '@tidegate/core'
import type { WorkItem } from './decide-treatment.ts'
import { halveBatch, movedTogether } from './hold-together.ts'
import { besideOf } from './markers.ts'
import { versionOf } from './testing/records.ts'

interface Ties {
  readonly unit?: string
  readonly takesBytesOf?: string
}

function batchOf(ties: Readonly<Record<string, Ties>>) {
  const files = Object.keys(ties).map((path) => versionOf(path, path))
  const work = new Map<FileVersionId, WorkItem>(
    files.map((version) => [
      version.id,
      { version, replaces: undefined, again: false, treatment: { kind: 'judge' }, ...ties[version.path] },
    ]),
  )
  return { files, work }
}

function pathsOf(files: readonly { readonly path: string }[] | undefined): string[] | undefined {
  return files?.map((file) => file.path)
}

test('halves of a batch part no file from the one whose bytes it has now', () => {
  const { files, work } = batchOf({ a: { takesBytesOf: 'd' }, b: {}, c: {}, d: { takesBytesOf: 'e' }, e: {} })
  const halves = halveBatch(files, work, 'append')
  expect(halves?.map((half) => pathsOf(half)?.toSorted())).toEqual([['a', 'b', 'd', 'e'], ['c']])
})

test('a ring of files that rotated their bytes is never halved', () => {
  const { files, work } = batchOf({ a: { takesBytesOf: 'b' }, b: { takesBytesOf: 'c' }, c: { takesBytesOf: 'a' } })
  expect(halveBatch(files, work, 'append')).toBeUndefined()
})

test('a file waits with the one whose bytes it brings, and with the rest of its unit', () => {
  const { files, work } = batchOf({ a: { takesBytesOf: 'b' }, b: {}, c: {}, d: { unit: 'f' }, e: { unit: 'f' } })
  const moved = (path: string): typeof files => files.filter((file) => file.path === path)
  expect(pathsOf(movedTogether(files, moved('b'), work))).toEqual(['a', 'b'])
  expect(pathsOf(movedTogether(files, moved('e'), work))).toEqual(['d', 'e'])
  expect(pathsOf(movedTogether(files, moved('c'), work))).toEqual(['c'])
})

test('a name that holds braces has the marker that its template says', () => {
  expect(besideOf('{name}.done', 'f/a{stem}.csv')).toBe('f/a{stem}.csv.done')
  expect(besideOf('{stem}.ctl', '{name}.csv')).toBe('{name}.ctl')
})
