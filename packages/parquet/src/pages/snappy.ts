import { copyBack } from './lz4.ts'

/** The length that a Snappy block says it unfolds to, and where its first element begins. */
export function snappyLength(input: Uint8Array): { readonly length: number; readonly at: number } | undefined {
  let length = 0
  let factor = 1
  for (let at = 0; at < 5; at++) {
    const byte = input[at]
    if (byte === undefined) return undefined
    length += (byte & 127) * factor
    if (byte < 128) return length <= 0xff_ff_ff_ff ? { length, at: at + 1 } : undefined
    factor *= 128
  }
  return undefined
}

/** Unfolds the elements of a Snappy block; true when they fill `output` exactly. Never writes outside of it. */
export function unfoldSnappy(input: Uint8Array, first: number, output: Uint8Array): boolean {
  let from = first
  let at = 0
  const last = input.length
  const room = output.length
  while (from < last) {
    const tag = input[from++] as number
    const form = tag & 3
    if (form === 0) {
      let length = tag >> 2
      if (length >= 60) {
        const extra = length - 59
        if (from + extra > last) return false
        length = 0
        for (let index = extra - 1; index >= 0; index--) length = length * 256 + (input[from + index] as number)
        from += extra
      }
      length++
      if (length > last - from || length > room - at) return false
      if (length > 24) output.set(input.subarray(from, from + length), at)
      else for (let index = 0; index < length; index++) output[at + index] = input[from + index] as number
      from += length
      at += length
      continue
    }
    const extra = form === 1 ? 1 : form === 2 ? 2 : 4
    if (from + extra > last) return false
    let length = (tag >> 2) + 1
    let distance = input[from] as number
    if (form === 1) {
      length = ((tag >> 2) & 7) + 4
      distance += (tag >> 5) * 256
    } else {
      distance += (input[from + 1] as number) * 256
      if (form === 3) distance += (input[from + 2] as number) * 65_536 + (input[from + 3] as number) * 16_777_216
    }
    from += extra
    if (distance === 0 || distance > at || length > room - at) return false
    at = copyBack(output, at, distance, length)
  }
  return at === room
}
