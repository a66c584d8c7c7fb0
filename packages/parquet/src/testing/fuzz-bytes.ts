import { mutate, MUTATIONS } from './mutate.ts'
import { seededRandom, type SeededRandom } from './seeded-random.ts'
import type { SoundFile } from './sound-file.ts'

export interface FuzzCase {
  readonly name: string
  /** What was damaged. */
  readonly file: SoundFile
  readonly bytes: Uint8Array
}

/**
 * The case of this number: a sound file that was damaged, by a kind of the generator (every second case), or without any
 * plan: flips, cuts, copies, zeros, and pieces of another file. The same number and files give the same bytes.
 */
export function fuzzCase(number: number, files: readonly SoundFile[]): FuzzCase {
  const random = seededRandom('fuzz', number)
  const [picked, other] = [random.pick(files), random.pick(files)]
  // A wide file takes ten times as long as any other and teaches little more.
  const isTooMany = picked?.spec.shape === 'wide' && number % 16 !== 0 && number % 16 !== 11
  const file = isTooMany ? files.filter(({ spec }) => spec.shape !== 'wide')[number % (files.length - 1)] : picked
  if (file === undefined || other === undefined) throw new Error('there are no files')
  if (number % 2 === 0) {
    const kind = MUTATIONS[(number / 2) % MUTATIONS.length]?.kind as string
    const mutated = mutate(file, kind, number, other)
    if (mutated !== undefined) {
      // A second fault on top of every fourth one.
      const isTwice = number % 8 === 0
      const bytes = isTwice ? wildly(mutated.bytes, other.bytes, random) : mutated.bytes
      return { name: `${number}: ${kind}${isTwice ? ' and more' : ''} of ${file.name}`, file, bytes }
    }
  }
  let bytes = file.bytes
  for (let times = 1 + random.below(4); times > 0; times--) bytes = wildly(bytes, other.bytes, random)
  return { name: `${number}: at random, of ${file.name}`, file, bytes }
}

/** Bytes near the end are chosen more often than their share: the footer is there. */
function place(length: number, random: SeededRandom): number {
  const fromEnd = random.below(3) === 0
  return fromEnd ? Math.max(0, length - 1 - random.below(Math.min(length, 2048))) : random.below(Math.max(1, length))
}

function wildly(bytes: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  const at = place(bytes.length, random)
  const length = Math.min(bytes.length - at, 1 + random.below(random.below(4) === 0 ? 5000 : 24))
  const before = bytes.subarray(0, at)
  const behind = bytes.subarray(at + length)
  switch (random.below(8)) {
    case 0: {
      const copy = bytes.slice()
      for (let count = 1 + random.below(16); count > 0; count--) {
        const where = place(copy.length, random)
        copy[where] = (copy[where] ?? 0) ^ (1 << random.below(8))
      }
      return copy
    }
    case 1:
      return joined(before, random.bytes(length), behind)
    case 2:
      return joined(before, new Uint8Array(length), behind)
    case 3:
      return joined(before, behind)
    case 4:
      return joined(before, bytes.subarray(at, at + length), bytes.subarray(at))
    case 5:
      return joined(before, random.bytes(length), bytes.subarray(at))
    case 6: {
      const from = place(other.length, random)
      return joined(before, other.subarray(from, from + length), behind)
    }
    // All bits set: the largest varints.
    default:
      return joined(before, new Uint8Array(length).fill(0xff), behind)
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
