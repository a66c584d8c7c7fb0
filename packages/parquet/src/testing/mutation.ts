import type { Diagnosis, FindingCode, JsonValue } from '@tidegate/core'

import type { Intact } from './physically-intact.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { SoundFile } from './sound-file.ts'
import type { ByteMap, Splice } from './splices.ts'

export type Family = 'container' | 'footer' | 'cut' | 'page' | 'value'
export type Level = 'container' | 'footer' | 'headers' | 'pages' | 'values'

/** What a diagnosis has to say. */
export interface Expected {
  /** The first level at which the damage can be known. */
  readonly level: Level
  /**
   * True: the bytes prove the damage, so not to report it is a miss. False: they do not (a flip in values without CRC that
   * still decodes); then nothing must be said, and wrong cells count as undetectable.
   */
  readonly detectable: boolean
  /** Of each group at least one code must be reported. */
  readonly must: readonly (readonly FindingCode[])[]
  /** Codes that are no false alarm besides those. */
  readonly may: readonly FindingCode[]
  readonly verdicts: readonly Diagnosis['verdict'][]
  /** Numbers that the evidence of a code must hold, where they are known. */
  readonly evidence: Readonly<Partial<Record<FindingCode, Readonly<Record<string, JsonValue>>>>>
}

export interface Truth {
  readonly family: Family
  readonly kind: string
  readonly seed: number
  /** In coordinates of the original. Of a file that was replaced as a whole: everything deleted. */
  readonly map: ByteMap
  readonly intact: Intact
  readonly expected: Expected
}

export interface Mutated {
  readonly bytes: Uint8Array
  readonly truth: Truth
}

export interface MutationInput {
  readonly file: SoundFile
  /** Another sound file, for kinds that join two. */
  readonly other: SoundFile
  readonly random: SeededRandom
}

export type Change =
  | { readonly kind: 'splices'; readonly splices: readonly Splice[]; readonly expected: Expected }
  /** Another file in its place; `packed`: with all of the old one inside. */
  | { readonly kind: 'replaced'; readonly bytes: Uint8Array; readonly packed: boolean; readonly expected: Expected }

export interface Mutation {
  readonly family: Family
  readonly kind: string
  /** Undefined: the file has nothing that this kind could damage. */
  readonly apply: (input: MutationInput) => Change | undefined
}

export const ANY_DAMAGE: readonly Diagnosis['verdict'][] = [
  'repairable-lossless',
  'repairable-lossy',
  'unrecoverable',
  'unsupported',
]
export const LOSSLESS: readonly Diagnosis['verdict'][] = ['repairable-lossless']

/** Expectations for damage that the bytes prove; what is not said is the common case. */
export function expected(
  must: readonly (readonly FindingCode[])[],
  details: Partial<Omit<Expected, 'must'>> = {},
): Expected {
  return {
    level: 'container',
    detectable: must.length > 0,
    may: [],
    verdicts: ANY_DAMAGE,
    evidence: {},
    ...details,
    must,
  }
}

/** A copy of `bytes` with 1 to 3 flipped bits in [start, end). */
export function flipBits(bytes: Uint8Array, [start, end]: readonly [number, number], random: SeededRandom): Splice {
  const copy = bytes.slice(start, end)
  const bits = new Set<number>()
  for (let count = 1 + random.below(3); count > 0; count--) bits.add(random.below((end - start) * 8))
  for (const bit of bits) copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
  return { offset: start, length: end - start, bytes: copy }
}
