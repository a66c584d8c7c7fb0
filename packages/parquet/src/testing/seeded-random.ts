/** A small generator of numbers that depend on nothing but the words it is seeded with. */
export interface SeededRandom {
  /** 0 ≤ x < 1. */
  next(): number
  /** An integer, 0 ≤ x < below. */
  below(below: number): number
  /** One of the items, or undefined of none. */
  pick<T>(items: readonly T[]): T | undefined
  bytes(length: number): Uint8Array
}

export function seededRandom(...words: readonly (string | number)[]): SeededRandom {
  let state = hashWords(words.join('\0'))
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: (items) => items[below(items.length)],
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  }
}

/** FNV-1a. */
function hashWords(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
