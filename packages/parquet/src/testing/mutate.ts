import { CONTAINER_MUTATIONS } from './mutations/container.ts'
import { CUT_MUTATIONS } from './mutations/cut.ts'
import { FOOTER_MUTATIONS } from './mutations/footer.ts'
import { PAGE_MUTATIONS } from './mutations/page.ts'
import { VALUE_MUTATIONS } from './mutations/value.ts'
import type { Change, Mutated, Mutation } from './mutation.ts'
import { nothingIntact, physicallyIntact } from './physically-intact.ts'
import { seededRandom } from './seeded-random.ts'
import type { SoundFile } from './sound-file.ts'
import { applySplices, byteMapOf, type ByteMap } from './splices.ts'

/** Every kind of damage to one file. Damage to a folder: see `mutateDataset`. */
export const MUTATIONS: readonly Mutation[] = [
  ...CONTAINER_MUTATIONS,
  ...FOOTER_MUTATIONS,
  ...CUT_MUTATIONS,
  ...PAGE_MUTATIONS,
  ...VALUE_MUTATIONS,
]

/**
 * Damages a copy of a sound file. The same file, kind and seed give the same bytes; the truth comes from the original's byte
 * map and the change, never from looking at the damaged bytes. `other` joins in where a kind needs two files.
 *
 * @returns undefined where the file has nothing that the kind could damage
 */
export function mutate(file: SoundFile, kind: string, seed: number, other: SoundFile = file): Mutated | undefined {
  const mutation = MUTATIONS.find((candidate) => candidate.kind === kind)
  if (mutation === undefined) throw new Error(`no mutation is called ${kind}`)
  const change = mutation.apply({ file, other, random: seededRandom(seed, kind, file.name) })
  if (change === undefined) return undefined
  const { bytes, map, intact } = outcomeOf(file, change)
  const { family } = mutation
  return { bytes, truth: { family, kind, seed, map, intact, expected: change.expected } }
}

function outcomeOf(
  file: SoundFile,
  change: Change,
): { readonly bytes: Uint8Array; readonly map: ByteMap; readonly intact: Mutated['truth']['intact'] } {
  if (change.kind === 'splices') {
    const map = byteMapOf(file.bytes, change.splices)
    return { bytes: applySplices(file.bytes, change.splices), map, intact: physicallyIntact(file.layout, map) }
  }
  const map: ByteMap = change.packed ? NOTHING : { ...NOTHING, deleted: [[0, file.bytes.length]] }
  const intact = change.packed ? physicallyIntact(file.layout, map) : nothingIntact(file.layout)
  return { bytes: change.bytes, map, intact }
}

const NOTHING: ByteMap = { changed: [], deleted: [], inserted: [] }
