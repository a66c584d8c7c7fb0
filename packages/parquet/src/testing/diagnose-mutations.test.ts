/** Every kind of damage against `diagnoseFile`, which looks at container and footer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { diagnoseFile } from '../index.ts'
import { bytesSource } from './byte-source.ts'
import { checkDiagnosis } from './check-diagnosis.ts'
import { mutate, MUTATIONS } from './mutate.ts'
import type { SoundFile } from './sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from './sound-files.ts'

const SEEDS = [1, 2]
const OPTIONS = { name: 'a.parquet', expected: 'parquet', level: 'footer' } as const

let files: SoundFiles
let chosen: readonly SoundFile[]

beforeAll(async () => {
  files = await openSoundFiles()
  const specs = SMALL_SPECS.filter(({ shape }) => shape !== 'wide').filter((_, index) => index % 3 === 0)
  chosen = await Promise.all(specs.map(async (spec) => await files.get(spec)))
})

afterAll(async () => {
  await files.close()
})

test('sound files of every writer have no finding', async () => {
  for (const spec of SMALL_SPECS) {
    const { bytes, name } = await files.get(spec)
    const { verdict, findings } = await diagnoseFile(bytesSource(bytes), OPTIONS)
    expect([name, verdict, findings]).toEqual([name, 'ok', []])
  }
})

describe('a diagnosis of container and footer', () => {
  for (const { kind, family } of MUTATIONS)
    test(`${family} ${kind}: says what is wrong`, async () => {
      const faults = new Set<string>()
      for (const [index, file] of chosen.entries())
        for (const seed of index === 0 ? SEEDS : [1]) {
          const mutated = mutate(file, kind, seed, chosen[(index + 2) % chosen.length])
          if (mutated === undefined) continue
          const diagnosis = await diagnoseFile(bytesSource(mutated.bytes), OPTIONS)
          for (const fault of checkDiagnosis(mutated.truth, 'footer', diagnosis).faults) faults.add(fault)
          if (seed === 1) expect(await diagnoseFile(bytesSource(mutated.bytes), OPTIONS)).toEqual(diagnosis)
        }
      expect([...faults]).toEqual([])
    })
})
