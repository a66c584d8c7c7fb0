import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { readFooter } from '../read-footer.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { seededRandom, type SeededRandom } from '../testing/seeded-random.ts'
import type { SoundSpec } from '../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../testing/sound-files.ts'
import { scanChunks } from './scan-chunks.ts'
import { walkPages } from './walk-pages.ts'

let files: SoundFiles

beforeAll(async () => {
  files = await openSoundFiles()
})

afterAll(async () => {
  await files.close()
})

const ROUNDS = 200
const SLOWEST_MS = 2000
const SPECS: readonly SoundSpec[] = [
  ...SMALL_SPECS.filter(({ shape }) => shape !== 'wide').slice(0, 8),
  { writer: 'duckdb', codec: 'none', shape: 'three', pages: 2, dictionary: true, smallPages: false, checksums: false },
  { writer: 'arrow-rs', codec: 'none', shape: 'nested', pages: 2, dictionary: true, smallPages: true, checksums: true },
]

describe(`${ROUNDS * SPECS.length} damaged files: no throw, no hang, the same answer twice`, () => {
  for (const [index, spec] of SPECS.entries())
    test(Object.values(spec).join(' '), { timeout: 60_000 }, async () => {
      const { bytes } = await files.get(spec)
      const outcome = await readFooter(bytesSource(bytes))
      if (outcome.kind !== 'ok') throw new Error('the footer is not readable')
      const { footer } = outcome
      // One row group is enough, and its bytes are all that is damaged.
      const small = { ...footer, rowGroups: footer.rowGroups.slice(-1) }
      const chunks = small.rowGroups[0]?.chunks ?? []
      const [from, to] = [Math.min(...chunks.map(({ start }) => start)), Math.max(...chunks.map(({ end }) => end))]
      const random = seededRandom('fuzz-pages', index)
      const answer = async (damaged: Uint8Array): Promise<string> => {
        const source = bytesSource(damaged)
        const scans = await Array.fromAsync(scanChunks(source, small, { level: 'values' }))
        const items = await Array.fromAsync(walkPages(source, { from, to }))
        return JSON.stringify([scans, items])
      }
      for (let round = 0; round < ROUNDS; round++) {
        const damaged = Uint8Array.from(bytes)
        damage(damaged, from, to, random)
        const begun = performance.now()
        const first = await answer(damaged)
        expect(performance.now() - begun, `round ${round}`).toBeLessThan(SLOWEST_MS)
        if (round % 20 === 0) expect(await answer(damaged), `round ${round}`).toBe(first)
      }
    })
})

function damage(bytes: Uint8Array, from: number, to: number, random: SeededRandom): void {
  const at = (): number => from + random.below(to - from)
  switch (random.below(5)) {
    case 0: {
      const place = at()
      bytes[place] = (bytes[place] as number) ^ (1 << random.below(8))
      return
    }
    case 1:
      for (let count = 1 + random.below(4); count > 0; count--) bytes[at()] = random.below(256)
      return
    case 2: {
      const place = at()
      bytes.fill(0, place, Math.min(to, place + random.below(600)))
      return
    }
    case 3: {
      // The header of the first page: where most of the claims are.
      const place = from + random.below(24)
      bytes[place] = random.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff]) ?? 0
      return
    }
    default: {
      const [target, source] = [at(), at()]
      bytes.copyWithin(target, source, Math.min(to, source + 100, source + to - target))
    }
  }
}
