/** Every kind of damage to pages, values and ends of files, at the levels that look at pages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bytesSource } from '../testing/byte-source.ts'
import { checkDiagnosis } from '../testing/check-diagnosis.ts'
import { checkPlaces } from '../testing/check-places.ts'
import { mutate, MUTATIONS } from '../testing/mutate.ts'
import { SLOW } from '../testing/lane.ts'
import type { Truth } from '../testing/mutation.ts'
import type { SoundFile } from '../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../testing/sound-files.ts'
import { diagnose } from './diagnose.ts'

const LEVELS = ['headers', 'pages', 'values'] as const
const KINDS = MUTATIONS.filter(({ family }) => family === 'page' || family === 'value' || family === 'cut')
/**
 * Without a truth of places: bytes move, so that pages are not where the footer says; or the footer says something else of pages
 * that nobody touched.
 */
const PLACELESS: ReadonlySet<string> = new Set([
  'bytes-deleted',
  'bytes-doubled',
  'page-damage-without-footer',
  'nulls-in-required',
])

/**
 * Bytes put in right behind the last page move only the page indexes: all pages are in place, and what the deep levels see is
 * PQ216. The code that is asked for is one of the container's.
 */
const BEHIND_PAGES = 'arrow-rs three snappy v2 plain'

let files: SoundFiles
let chosen: readonly SoundFile[]

beforeAll(async () => {
  files = await openSoundFiles()
  const specs = SMALL_SPECS.filter(({ shape }) => shape !== 'wide')
  chosen = await Promise.all(specs.map(async (spec) => await files.get(spec)))
})

afterAll(async () => {
  await files.close()
})

test('sound files of every writer have no finding at the deepest level', async () => {
  for (const spec of SMALL_SPECS) {
    const { bytes, name, layout } = await files.get(spec)
    const { verdict, findings, intactRows } = await diagnose(bytesSource(bytes), { level: 'values' })
    expect([name, verdict, findings, intactRows]).toEqual([name, 'ok', [], layout.rows])
  }
})

/** Where no page with rows is left, there is nothing to bring back; the generator does not count that far. */
function honest(truth: Truth): Pick<Truth, 'expected'> {
  if (truth.family !== 'cut' || truth.intact.pages.length > 0) return truth
  return { expected: { ...truth.expected, verdicts: [...truth.expected.verdicts, 'unrecoverable'] } }
}

describe('a diagnosis of pages and values', () => {
  for (const [turn, { kind, family }] of KINDS.entries())
    test(`${family} ${kind}: says what is wrong, and where`, async () => {
      const faults = new Set<string>()
      for (const [index, file] of chosen.entries()) {
        // Each kind has its sixth of the files, in the slow lane its third; all of them: `testing/slow/repair-matrix-*.slow.ts`.
        if (index % (SLOW ? 3 : 6) !== turn % (SLOW ? 3 : 6)) continue
        const seed = 1 + (index % 2)
        const mutated = mutate(file, kind, seed, chosen[(index + 2) % chosen.length])
        if (mutated === undefined || (kind === 'bytes-doubled' && file.name === BEHIND_PAGES)) continue
        const { truth, bytes } = mutated
        for (const level of LEVELS) {
          const diagnosis = await diagnose(bytesSource(bytes), { level })
          const said = checkDiagnosis(honest(truth), level, diagnosis).faults
          const isProven = truth.expected.detectable && level !== 'headers' && family === 'page'
          const places =
            PLACELESS.has(kind) || family === 'cut' ? [] : checkPlaces(truth, file.layout, diagnosis, isProven)
          for (const fault of [...said, ...places]) faults.add(`${file.name} ${seed} ${level}: ${fault}`)
          if (level === 'values') expect(await diagnose(bytesSource(bytes), { level })).toEqual(diagnosis)
        }
      }
      expect([...faults]).toEqual([])
    })
})
