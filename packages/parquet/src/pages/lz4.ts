/**
 * Unfolds one LZ4 block into `output` from `start` on; nothing is written beyond its end. Answers the position after the
 * last byte written, or -1 if the block is damaged or does not fit.
 */
export function unfoldLz4Block(input: Uint8Array, output: Uint8Array, start: number): number {
  let at = start
  let from = 0
  while (from < input.length) {
    const token = input[from++] as number
    let literals = token >> 4
    if (literals === 15) {
      let byte
      do {
        byte = input[from++]
        if (byte === undefined) return -1
        literals += byte
      } while (byte === 255)
    }
    if (literals > input.length - from || literals > output.length - at) return -1
    if (literals > 24) output.set(input.subarray(from, from + literals), at)
    else for (let index = 0; index < literals; index++) output[at + index] = input[from + index] as number
    at += literals
    from += literals
    // The last sequence has literals only.
    if (from === input.length) return at
    if (from + 2 > input.length) return -1
    const distance = (input[from] as number) | ((input[from + 1] as number) << 8)
    from += 2
    if (distance === 0 || distance > at - start) return -1
    let length = (token & 15) + 4
    if (length === 19) {
      let byte
      do {
        byte = input[from++]
        if (byte === undefined) return -1
        length += byte
      } while (byte === 255)
    }
    if (length > output.length - at) return -1
    at = copyBack(output, at, distance, length)
  }
  return input.length === 0 ? start : -1
}

/** Repeats `length` bytes from `distance` back; they may overlap what is written. Answers the new position. */
export function copyBack(output: Uint8Array, at: number, distance: number, length: number): number {
  const end = at + length
  if (length > 32 && distance >= length) {
    output.copyWithin(at, at - distance, at - distance + length)
    return end
  }
  if (length > 64 && distance === 1) {
    output.fill(output[at - 1] as number, at, end)
    return end
  }
  for (let to = at; to < end; to++) output[to] = output[to - distance] as number
  return end
}
