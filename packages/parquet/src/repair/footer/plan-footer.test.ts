import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { compareRows } from '../../testing/compare-rows.ts'
import { mutate } from '../../testing/mutate.ts'
import { planAndBuild } from '../../testing/plan-and-build.ts'
import type { SoundFile } from '../../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../../testing/sound-files.ts'
import type { Fix } from '../plan.ts'

let files: SoundFiles
let chosen: readonly SoundFile[]

beforeAll(async () => {
  files = await openSoundFiles()
  const specs = SMALL_SPECS.filter(({ shape }) => shape !== 'wide').filter((_, index) => index % 2 === 0)
  chosen = await Promise.all(specs.map(async (spec) => await files.get(spec)))
})

afterAll(async () => {
  await files.close()
})

/** Flips can make the Thrift of the footer unreadable: then it is lost, and nothing here can help. */
const MAY_BE_LOST: ReadonlySet<string> = new Set(['PQ204', 'PQ205'])

async function rowsAreEqual(file: SoundFile, repaired: Uint8Array): Promise<boolean> {
  if (Buffer.compare(file.bytes, repaired) === 0) return true
  const compared = await compareRows({ session: files.session, folder: files.folder, original: file, repaired })
  return compared.rowsWhole === file.layout.rows && compared.rowsWrong === 0
}

describe('a plan of the footer', () => {
  test.each([
    ['length-one-more', 'PQ203'],
    ['length-one-less', 'PQ203'],
    ['length-zero', 'PQ203'],
    ['length-huge', 'PQ203'],
    ['length-too-long', 'PQ203'],
    ['offsets-shifted', 'PQ208'],
    ['columns-swapped', 'PQ205'],
  ])('%s comes back byte for byte', async (kind, code) => {
    for (const file of chosen)
      for (const seed of [1, 2, 3]) {
        const mutated = mutate(file, kind, seed)
        if (mutated === undefined) continue
        const { footer, bytes } = await planAndBuild(mutated.bytes)
        expect(footer).toMatchObject({
          kind: 'footer',
          steps: expect.arrayContaining([{ code, what: expect.any(String), lossless: true }]),
        })
        expect([file.name, seed, Buffer.compare(bytes ?? new Uint8Array(), file.bytes)]).toEqual([file.name, seed, 0])
      }
  })

  test.each([
    'footer-flip-schema-name',
    'footer-flip-schema-type',
    'footer-flip-num-rows',
    'footer-flip-row-group-rows',
    'footer-flip-chunk-values',
    'footer-flip-data-page-offset',
  ])('%s: what the chunks and their pages say is put in its place', async (kind) => {
    for (const file of chosen)
      for (const seed of [1, 2, 3]) {
        const mutated = mutate(file, kind, seed)
        if (mutated === undefined) continue
        const { footer, bytes } = await planAndBuild(mutated.bytes)
        if (footer?.kind === 'lost') {
          expect(footer.findings.some(({ code }) => MAY_BE_LOST.has(code))).toBe(true)
          continue
        }
        expect([file.name, seed, bytes !== undefined && (await rowsAreEqual(file, bytes))]).toEqual([
          file.name,
          seed,
          true,
        ])
      }
  })

  test.each<[string, Fix]>([
    ['statistics-swapped', 'statistics'],
    ['statistics-null-count', 'statistics'],
    ['statistics-nan', 'statistics'],
    ['column-index-zeroed', 'statistics'],
    ['offset-index-zeroed', 'statistics'],
    ['bloom-zeroed', 'statistics'],
    ['nulls-in-required', 'nulls-in-required'],
  ])('%s is mended on request, and only then', async (kind, fix) => {
    for (const file of chosen) {
      const mutated = mutate(file, kind, 1)
      if (mutated === undefined) continue
      expect((await planAndBuild(mutated.bytes)).footer).toMatchObject({ kind: 'footer', steps: [] })
      const { footer, bytes } = await planAndBuild(mutated.bytes, { fix: [fix] })
      expect(footer?.kind === 'footer' && footer.steps.length > 0).toBe(true)
      expect([file.name, bytes !== undefined && (await rowsAreEqual(file, bytes))]).toEqual([file.name, true])
      // Nothing is left to mend.
      const again = await planAndBuild(bytes ?? new Uint8Array(), { fix: [fix] })
      expect(again.footer).toMatchObject({ kind: 'footer', steps: [] })
    }
  })

  test('columns of one name get names of their own in schema and chunks', async () => {
    for (const file of chosen) {
      const mutated = mutate(file, 'duplicate-column', 2)
      if (mutated === undefined) continue
      const { footer } = await planAndBuild(mutated.bytes, { fix: ['names'] })
      if (footer?.kind !== 'footer') throw new Error('there should be a footer')
      const names = footer.footer.columns.map(({ name }) => name.toLowerCase())
      expect(new Set(names).size).toBe(names.length)
      for (const { chunks } of footer.footer.rowGroups)
        expect(chunks.map(({ path }) => path)).toEqual(footer.footer.leaves.map(({ path }) => path))
      expect(footer.steps.map(({ code }) => code)).toEqual(['PQ207'])
    }
  })

  test.each(['footer-removed', 'footer-cut-at-60-percent', 'footer-zeroed', 'row-group-unlisted'])(
    '%s: the footer is lost, rows can only come from the pages',
    async (kind) => {
      for (const file of chosen) {
        const mutated = mutate(file, kind, 1)
        if (mutated !== undefined) expect((await planAndBuild(mutated.bytes)).footer).toMatchObject({ kind: 'lost' })
      }
    },
  )
})
