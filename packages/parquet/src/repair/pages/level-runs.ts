/** Definition and repetition levels as arrays, and back into the RLE / bit-packed hybrid. Levels fit a byte. */
import { levelRun } from '../../assemble/null-page.ts'
import { varint } from '../../assemble/compress-body.ts'
import { bitWidthOf } from '../../pages/hybrid.ts'

/** Runs shorter than this are packed. */
const SHORTEST_RUN = 8

/** Undefined where the bytes hold fewer than `count` values. */
export function decodeRuns(
  bytes: Uint8Array,
  range: { readonly from: number; readonly to: number },
  count: number,
  bitWidth: number,
): Uint32Array | undefined {
  const values = new Uint32Array(count)
  const valueBytes = (bitWidth + 7) >> 3
  let at = range.from
  let done = 0
  while (done < count) {
    let header = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = at < range.to ? bytes[at++] : undefined
      if (byte === undefined || factor > 2 ** 35) return undefined
      header += (byte & 127) * factor
      if (byte < 128) break
    }
    const length = Math.floor(header / 2)
    if (length === 0) return undefined
    if (header % 2 === 0) {
      let value = 0
      for (let index = valueBytes - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0)
      at += valueBytes
      values.fill(value, done, Math.min(count, done + length))
      done += length
      continue
    }
    const packed = Math.min(length * 8, count - done)
    for (let index = 0; index < packed; index++) values[done + index] = bitsAt(bytes, at, index * bitWidth, bitWidth)
    at += length * bitWidth
    done += packed
  }
  return values
}

function bitsAt(bytes: Uint8Array, start: number, firstBit: number, bitWidth: number): number {
  let value = 0
  for (let bit = 0; bit < bitWidth;) {
    const place = firstBit + bit
    const taken = Math.min(8 - (place & 7), bitWidth - bit)
    value += (((bytes[start + (place >> 3)] ?? 0) >> (place & 7)) & ((1 << taken) - 1)) * 2 ** bit
    bit += taken
  }
  return value
}

/** How many values the runs can mean: the last group of eight may be filled up. Undefined where they are no runs. */
export function mostValues(
  bytes: Uint8Array,
  bitWidth: number,
): { readonly least: number; readonly most: number } | undefined {
  let most = 0
  let spare = 0
  for (let at = 0; at < bytes.length;) {
    let header = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]
      if (byte === undefined || factor > 2 ** 35) return undefined
      header += (byte & 127) * factor
      if (byte < 128) break
    }
    const length = Math.floor(header / 2)
    const isPacked = header % 2 === 1
    most += isPacked ? length * 8 : length
    spare = isPacked && length > 0 ? 7 : 0
    at += isPacked ? length * bitWidth : (bitWidth + 7) >> 3
  }
  return { least: most - spare, most }
}

/** The deprecated BIT_PACKED encoding of levels: from the highest bit down. */
export function decodeBitPacked(bytes: Uint8Array, from: number, count: number, bitWidth: number): Uint32Array {
  const values = new Uint32Array(count)
  for (let index = 0; index < count; index++)
    for (let bit = 0; bit < bitWidth; bit++) {
      const place = index * bitWidth + bit
      values[index] = ((values[index] as number) << 1) | (((bytes[from + (place >> 3)] ?? 0) >> (7 - (place & 7))) & 1)
    }
  return values
}

/** Levels as runs where they repeat, packed in groups of eight where they do not. */
export function encodeLevels(levels: ArrayLike<number>, maxLevel: number): Uint8Array {
  return maxLevel === 0 ? new Uint8Array() : encodeRuns(levels, bitWidthOf(maxLevel))
}

/** `bitWidth`: up to 32. */
export function encodeRuns(values: ArrayLike<number>, bitWidth: number): Uint8Array {
  const parts: Uint8Array[] = []
  let packedFrom = 0
  let at = 0
  const flush = (to: number): void => {
    if (to > packedFrom) parts.push(packGroups(values, packedFrom, to, bitWidth))
  }
  while (at < values.length) {
    let end = at + 1
    while (end < values.length && values[end] === values[at]) end++
    // What is packed before a run must fill whole groups: it takes from the run what it lacks.
    const lacking = (8 - ((at - packedFrom) & 7)) & 7
    if (end - at - lacking >= SHORTEST_RUN) {
      const from = at + lacking
      flush(from)
      parts.push(runOf(values[from] ?? 0, end - from, bitWidth))
      packedFrom = end
    }
    at = end
  }
  flush(values.length)
  return Buffer.concat(parts)
}

function runOf(value: number, count: number, bitWidth: number): Uint8Array {
  if (bitWidth <= 8) return levelRun(value, 255, count)
  const bytes = Array.from({ length: (bitWidth + 7) >> 3 }, (_, index) => Math.floor(value / 256 ** index) % 256)
  return Buffer.concat([varint(count * 2), Uint8Array.of(...bytes)])
}

function packGroups(values: ArrayLike<number>, from: number, to: number, bitWidth: number): Uint8Array {
  const groups = Math.ceil((to - from) / 8)
  const packed = new Uint8Array(groups * bitWidth)
  for (let index = from; index < to; index++) {
    const first = (index - from) * bitWidth
    const value = values[index] ?? 0
    for (let bit = 0; bit < bitWidth; bit++)
      if (Math.floor(value / 2 ** bit) % 2 === 1)
        packed[(first + bit) >> 3] = (packed[(first + bit) >> 3] as number) | (1 << ((first + bit) & 7))
  }
  return Buffer.concat([varint(groups * 2 + 1), packed])
}
