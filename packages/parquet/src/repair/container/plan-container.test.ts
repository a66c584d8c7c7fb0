import { writeFileSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bytesSource } from '../../testing/byte-source.ts'
import { mutate } from '../../testing/mutate.ts'
import { planAndBuild } from '../../testing/plan-and-build.ts'
import type { SoundFile } from '../../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../../testing/sound-files.ts'
import { planContainer } from './plan-container.ts'

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

function damaged(file: SoundFile, kind: string, seed: number, other?: SoundFile): Uint8Array | undefined {
  return mutate(file, kind, seed, other)?.bytes
}

describe('a plan of the container', () => {
  test('leaves sound files of every writer as they are', async () => {
    for (const spec of SMALL_SPECS) {
      const { bytes, name } = await files.get(spec)
      const { container, footer } = await planAndBuild(bytes)
      expect([name, container]).toEqual([
        name,
        { kind: 'view', pieces: [{ kind: 'source', offset: 0, length: bytes.length }], steps: [], findings: [] },
      ])
      expect([name, footer?.kind, footer?.kind === 'footer' && footer.steps, footer?.findings]).toEqual([
        name,
        'footer',
        [],
        [],
      ])
    }
  })

  test.each([
    ['last-1-missing', 'PQ106'],
    ['last-2-missing', 'PQ106'],
    ['last-3-missing', 'PQ106'],
    ['tail-magic-zeroed', 'PQ105'],
    ['tail-magic-other', 'PQ105'],
    ['head-magic-zeroed', 'PQ104'],
    ['zeros-16-behind', 'PQ107'],
    ['zeros-to-4096', 'PQ107'],
    ['newline-behind', 'PQ107'],
    ['random-1024-behind', 'PQ107'],
    ['byte-order-mark-before', 'PQ108'],
    ['byte-before', 'PQ108'],
    ['random-4096-before', 'PQ108'],
    ['joined-with-itself', 'PQ109'],
    ['line-ends-to-crlf', 'PQ111'],
  ])('%s comes back byte for byte', async (kind, code) => {
    for (const file of chosen)
      for (const seed of [1, 2]) {
        const bytes = damaged(file, kind, seed)
        if (bytes === undefined) continue
        const planned = await planAndBuild(bytes)
        expect(planned.container).toMatchObject({ kind: 'view', steps: [{ code, lossless: true }] })
        expect(Buffer.compare(planned.bytes ?? new Uint8Array(), file.bytes)).toBe(0)
      }
  })

  test.each(['packed-in-gzip', 'packed-in-zstd', 'packed-in-stored-zstd', 'packed-in-zip'])(
    '%s has to be unpacked first',
    async (kind) => {
      for (const file of chosen)
        expect(await planContainer(bytesSource(damaged(file, kind, 1) ?? new Uint8Array()))).toMatchObject({
          kind: 'wrapped',
          packed: kind.split('-').at(-1),
          step: { code: 'PQ110', lossless: true },
        })
    },
  )

  test.each([
    ['empty', 'PQ101'],
    ['two-magics', 'PQ102'],
    ['csv-instead', 'PQ103'],
    ['html-instead', 'PQ103'],
    ['utf8-round-trip', 'PQ111'],
    ['encrypted-magic', 'PQ112'],
  ])('%s is refused with %s', async (kind, code) => {
    for (const file of chosen) {
      const bytes = damaged(file, kind, 1)
      if (bytes !== undefined)
        expect(await planContainer(bytesSource(bytes))).toMatchObject({ kind: 'refused', findings: [{ code }] })
    }
  })

  test('a file whose first bytes are missing gets them back where they are known', async () => {
    for (const file of chosen)
      for (const missing of [1, 4]) {
        const planned = await planAndBuild(file.bytes.subarray(missing))
        expect(Buffer.compare(planned.bytes ?? new Uint8Array(), file.bytes)).toBe(0)
      }
  })

  test('a file whose start is missing keeps all other bytes in their places', async () => {
    const [file] = chosen as [SoundFile]
    const planned = await planAndBuild(file.bytes.subarray(100))
    expect(planned.container).toMatchObject({ kind: 'view', steps: [{ code: 'PQ115', lossless: false }] })
    expect(Buffer.compare((planned.bytes ?? new Uint8Array()).subarray(100), file.bytes.subarray(100))).toBe(0)
  })

  test('a file that ends inside the length of its footer is completed', async () => {
    for (const file of chosen)
      for (const missing of [4, 5, 8]) {
        const planned = await planAndBuild(file.bytes.subarray(0, -missing))
        expect(planned.container).toMatchObject({ kind: 'view', steps: [{ code: 'PQ105', lossless: true }] })
        expect(Buffer.compare(planned.bytes ?? new Uint8Array(), file.bytes)).toBe(0)
      }
  })
})

describe('joined files', () => {
  test('with different columns are refused until one of them is chosen', async () => {
    const [first, second] = chosen as [SoundFile, SoundFile]
    const joined = Buffer.concat([first.bytes, second.bytes])
    expect(await planContainer(bytesSource(joined))).toMatchObject({ kind: 'refused', findings: [{ code: 'PQ109' }] })
    for (const [part, file] of [first, second].entries())
      expect(Buffer.compare((await planAndBuild(joined, { part: part + 1 })).bytes ?? joined, file.bytes)).toBe(0)
    expect(await planContainer(bytesSource(joined), { part: 3 })).toMatchObject({ kind: 'refused' })
  })

  test('of one schema become one file with the rows of all, and page indexes that lead to them', async () => {
    for (const writer of ['duckdb', 'arrow-rs'] as const) {
      const spec = SMALL_SPECS.find((each) => each.writer === writer && each.shape === 'flat')
      if (spec === undefined) continue
      const first = await files.get(spec)
      const second = await files.get({ ...spec, codec: spec.codec === 'gzip' ? 'zstd' : 'gzip', smallPages: false })
      const joined = Buffer.concat([first.bytes, second.bytes, first.bytes])
      const { bytes, container, footer } = await planAndBuild(joined)
      // The third is a copy of the first: one is kept.
      expect(container).toMatchObject({ kind: 'view', steps: [{ lossless: true }, { lossless: true }] })
      expect(footer).toMatchObject({ kind: 'footer', steps: [], findings: [] })
      const kept = first.bytes.length + second.bytes.length
      expect(Buffer.compare((bytes ?? joined).subarray(0, kept), joined.subarray(0, kept))).toBe(0)
      const path = `${files.folder}/joined-${writer}.parquet`
      const original = `${files.folder}/first-${writer}.parquet`
      writeFileSync(path, bytes ?? joined)
      writeFileSync(original, first.bytes)
      const { rows } = await files.session.query(
        `SELECT (SELECT count(*) FROM '${path}'), (SELECT count(*) FROM (FROM '${path}' EXCEPT ALL (FROM '${original}' UNION ALL FROM '${original}')))`,
      )
      expect(rows[0]?.map(Number)).toEqual([2 * first.layout.rows, 0])
    }
  })

  test('behind which another one was cut off: the first whole one is taken, and what is left out is named', async () => {
    for (const [index, file] of chosen.entries()) {
      const other = chosen[(index + 2) % chosen.length] as SoundFile
      const bytes = damaged(file, 'cut-behind-other', 1, other) ?? new Uint8Array()
      const planned = await planAndBuild(bytes)
      expect(planned.container).toMatchObject({ kind: 'view', steps: [{ code: 'PQ109', lossless: false }] })
      expect(Buffer.compare(planned.bytes ?? bytes, other.bytes)).toBe(0)
      expect(planned.container.findings.map(({ code, repairable }) => [code, repairable])).toEqual([
        ['PQ109', 'lossy'],
        ['PQ109', 'lossy'],
      ])
    }
  })

  test('of which the first one is cut: the second is taken, and the first can be had as part 1', async () => {
    const [first, second] = chosen as [SoundFile, SoundFile]
    const cut = first.bytes.subarray(0, Math.floor(first.layout.data[1] / 2))
    const joined = Buffer.concat([cut, second.bytes])
    expect(Buffer.compare((await planAndBuild(joined)).bytes ?? joined, second.bytes)).toBe(0)
    const alone = await planContainer(bytesSource(joined), { part: 1 })
    expect(alone).toMatchObject({ kind: 'view', pieces: [{ kind: 'source', offset: 0, length: cut.length }] })
  })
})
