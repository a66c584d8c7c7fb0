import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { SLOW } from './lane.ts'
import { layoutOf } from './layout.ts'
import { mutate, MUTATIONS } from './mutate.ts'
import type { SoundFile } from './sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from './sound-files.ts'

let files: SoundFiles
/** DuckDB's snappy, arrow-rs with CRCs, hyparquet-writer uncompressed. */
let chosen: readonly SoundFile[]
let first: SoundFile

beforeAll(async () => {
  files = await openSoundFiles()
  const specs = [SMALL_SPECS[0], SMALL_SPECS[6], SMALL_SPECS[12], SMALL_SPECS[11]]
  chosen = await Promise.all(specs.flatMap((spec) => (spec === undefined ? [] : [files.get(spec)])))
  first = chosen[0] as SoundFile
})

afterAll(async () => {
  await files.close()
})

test('kinds have names of their own', () => {
  const kinds = MUTATIONS.map(({ kind }) => kind)
  expect(new Set(kinds).size).toBe(kinds.length)
})

describe('every kind', () => {
  for (const [turn, { kind }] of MUTATIONS.entries())
    test(`${kind}: same seed, same bytes; the original stays; untouched bytes are where the map says`, () => {
      for (const [index, file] of chosen.entries()) {
        // In the fast lane each kind has half of the files.
        if (!SLOW && index % 2 !== turn % 2) continue
        const before = Buffer.from(file.bytes)
        const other = chosen[(index + 1) % chosen.length]
        const mutated = mutate(file, kind, 7, other)
        expect(Buffer.compare(before, file.bytes)).toBe(0)
        if (mutated === undefined) continue
        const again = mutate(file, kind, 7, other)
        expect(Buffer.compare(again?.bytes ?? new Uint8Array(), mutated.bytes)).toBe(0)
        expect(again?.truth).toEqual(mutated.truth)
        expect(Buffer.compare(mutated.bytes, file.bytes)).not.toBe(0)
        const { intact } = mutated.truth
        const isPacked = kind.startsWith('packed-in-')
        for (const rowGroup of isPacked ? [] : intact.rowGroups)
          for (const { range } of file.layout.rowGroups[rowGroup]?.chunks ?? [])
            expect(Buffer.from(mutated.bytes).includes(Buffer.from(file.bytes.subarray(...range)))).toBe(true)
        const data = file.layout.rowGroups.flatMap(({ chunks }) => chunks.flatMap(({ pages }) => [...pages]))
        expect(intact.pages.length + intact.damagedPages.length).toBe(
          data.filter(({ kind: page }) => page !== 'dictionary').length,
        )
      }
    })
})

test('a file cut after the second row group has the rows of two', () => {
  const [, second] = first.layout.rowGroups
  const end = second?.chunks.at(-1)?.range[1] ?? 0
  const cuts = Array.from({ length: 40 }, (_, seed) => mutate(first, 'cut-anywhere', seed)?.truth)
  for (const truth of cuts) {
    const at = truth?.map.deleted[0]?.[0] ?? 0
    const groups = first.layout.rowGroups.filter(({ chunks }) => (chunks.at(-1)?.range[1] ?? 0) <= at).length
    expect(truth?.intact.rows).toBe([0, 2048, 4096, 5000][groups])
    if (at >= end) expect(groups).toBeGreaterThanOrEqual(2)
  }
})

test('damage to the footer leaves all rows, damage to one page all other pages', () => {
  const pages = mutate(first, 'footer-removed', 1)?.truth.intact
  expect([pages?.rows, pages?.damagedPages]).toEqual([5000, []])
  const one = mutate(first, 'page-payload-flip', 1)?.truth.intact
  expect(one?.damagedPages).toHaveLength(1)
  expect(one?.rowGroups).toHaveLength(2)
  expect((pages?.cells ?? 0) - (one?.cells ?? 0)).toBe(
    first.layout.rowGroups[one?.damagedPages[0]?.rowGroup ?? 0]?.rows,
  )
})

test('a damaged dictionary takes the pages that need it with it, and no others', () => {
  const truth = mutate(first, 'dictionary-flip', 3)?.truth
  expect(truth?.intact.damagedPages.length).toBeGreaterThan(0)
  for (const { rowGroup, leaf, page } of truth?.intact.damagedPages ?? [])
    expect(first.layout.rowGroups[rowGroup]?.chunks[leaf]?.pages[page]?.usesDictionary).toBe(true)
})

test('a flip under a CRC is always detectable, in values without one and without compression never', () => {
  const [, checked, plain] = chosen as [SoundFile, SoundFile, SoundFile]
  for (let seed = 0; seed < 20; seed++) {
    expect(mutate(checked, 'page-payload-flip', seed)?.truth.expected.must[0]).toContain('PQ303')
    expect(mutate(plain, 'page-payload-flip', seed)?.truth.expected.detectable).toBe(false)
  }
})

test('a UTF-8 round trip is the one that a decoder and an encoder make', () => {
  const bytes = mutate(first, 'utf8-round-trip', 1)?.bytes ?? new Uint8Array()
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(first.bytes)
  expect(Buffer.compare(bytes, new TextEncoder().encode(text))).toBe(0)
})

test('offsets of a file with other page headers are right again', () => {
  for (const kind of ['uncompressed-size-bomb', 'page-values-more']) {
    const bytes = mutate(first, kind, 2)?.bytes ?? new Uint8Array()
    // A bomb alone does not disturb the byte map; another count does.
    const read = (): unknown => layoutOf(bytes).rowGroups.length
    if (kind === 'uncompressed-size-bomb') expect(read()).toBe(3)
    else expect(bytes.length).toBe(first.bytes.length)
  }
})
