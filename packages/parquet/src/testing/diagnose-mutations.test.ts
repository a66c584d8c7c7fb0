/** Every kind of damage against `diagnoseFile`, which looks at container and footer so far. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { diagnoseFile } from '../index.ts'
import { bytesSource } from './byte-source.ts'
import { checkDiagnosis } from './check-diagnosis.ts'
import { mutate, MUTATIONS } from './mutate.ts'
import type { SoundFile } from './sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from './sound-files.ts'

const SEEDS = [1, 2, 3]
const OPTIONS = { name: 'a.parquet', expected: 'parquet', level: 'footer' } as const

interface KnownMiss {
  readonly reason: string
  /** As `checkDiagnosis` words them; the whole list over all files and seeds. */
  readonly faults: readonly string[]
}

/** What the diagnosis does not see yet. A kind goes from here as soon as it does: the test fails otherwise. */
const KNOWN_MISSES: Readonly<Record<string, KnownMiss>> = {
  'tail-magic-zeroed': {
    reason: 'the length field before four wrong bytes is not tried: the footer is in place and nothing is lost',
    faults: ['false alarm PQ201', 'verdict repairable-lossy'],
  },
  'tail-magic-other': {
    reason: 'as tail-magic-zeroed',
    faults: ['false alarm PQ201', 'verdict repairable-lossy'],
  },
  'packed-in-stored-zstd': {
    reason:
      'bytes that do not shrink are stored: the frame ends with PAR1 and is taken for Parquet with bytes before it',
    faults: [
      'false alarm PQ104',
      'false alarm PQ108',
      'false alarm PQ301',
      'none of PQ110',
      'verdict repairable-lossy',
    ],
  },
  'other-joined-behind': {
    reason: 'two different files joined are taken for leading bytes, or for a missing page',
    faults: ['false alarm PQ108', 'false alarm PQ301', 'none of PQ109', 'verdict repairable-lossy'],
  },
  'cut-behind-other': {
    reason: 'the end of a whole file and a PAR1 right behind it are not taken for a second file',
    faults: ['none of PQ109', 'verdict repairable-lossless'],
  },
  'line-ends-to-crlf': {
    reason: 'line ends are not looked at',
    faults: ['none of PQ111'],
  },
  'utf8-round-trip': {
    reason: 'the density of U+FFFD is not looked at',
    faults: ['none of PQ111'],
  },
  'footer-flip-schema-name': {
    reason: 'paths of the column chunks are not compared with the schema',
    faults: ['none of PQ205', 'verdict ok'],
  },
  'footer-flip-schema-type': {
    reason: 'types of the column chunks are not compared with the schema',
    faults: ['none of PQ205', 'verdict ok'],
  },
  'offsets-shifted': {
    reason:
      'a shift is looked for only behind a second PAR1 at the head, not by a constant that puts every chunk right',
    faults: ['none of PQ208', 'verdict repairable-lossy'],
  },
  'columns-swapped': {
    reason: 'paths of the column chunks are not compared with the schema',
    faults: ['none of PQ205', 'verdict ok'],
  },
  'statistics-swapped': {
    reason: 'statistics are not decoded',
    faults: ['none of PQ214, PQ215', 'verdict ok'],
  },
  'statistics-null-count': {
    reason: 'statistics are not decoded',
    faults: ['none of PQ214, PQ215', 'verdict ok'],
  },
  'statistics-nan': {
    reason: 'statistics are not decoded',
    faults: ['none of PQ214', 'verdict ok'],
  },
}

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

test('sound files of every writer have no finding', async () => {
  for (const spec of SMALL_SPECS) {
    const { bytes, name } = await files.get(spec)
    const { verdict, findings } = await diagnoseFile(bytesSource(bytes), OPTIONS)
    expect([name, verdict, findings]).toEqual([name, 'ok', []])
  }
})

describe('a diagnosis of container and footer', () => {
  for (const { kind, family } of MUTATIONS)
    test(`${family} ${kind}: ${KNOWN_MISSES[kind] === undefined ? 'says what is wrong' : 'known miss'}`, async () => {
      const faults = new Set<string>()
      for (const [index, file] of chosen.entries())
        for (const seed of SEEDS) {
          const mutated = mutate(file, kind, seed, chosen[(index + 2) % chosen.length])
          if (mutated === undefined) continue
          const diagnosis = await diagnoseFile(bytesSource(mutated.bytes), OPTIONS)
          for (const fault of checkDiagnosis(mutated.truth, 'footer', diagnosis).faults) faults.add(fault)
          if (seed === 1) expect(await diagnoseFile(bytesSource(mutated.bytes), OPTIONS)).toEqual(diagnosis)
        }
      expect([...faults].sort()).toEqual([...(KNOWN_MISSES[kind]?.faults ?? [])].sort())
    })
})
