import { readDeltaHeader, readVarint64 } from './delta.ts'

const BATCH = 1024

/**
 * Decodes DELTA_BINARY_PACKED integers of 4 or 8 bytes, a batch at a time, as PLAIN has them. The bytes are known to be sound
 * (`scanDelta`). Sums wrap around, as the format wants it.
 */
export function readDeltaIntegers(
  bytes: Uint8Array,
  from: number,
  width: 4 | 8,
  visit: (batch: Uint8Array, from: number, count: number) => void,
): void {
  const header = readDeltaHeader(bytes, from)
  if (typeof header === 'string' || header.count === 0) return
  const { miniblocks, perMiniblock, count } = header
  const batch = new Uint8Array(BATCH * width)
  const words = new Int32Array(batch.buffer)
  const perValue = width / 4
  let filled = 0
  let low = Number(BigInt.asIntN(32, header.firstValue))
  let high = Number(BigInt.asIntN(32, header.firstValue >> 32n))
  const emit = (): void => {
    words[filled * perValue] = low
    if (perValue === 2) words[filled * perValue + 1] = high
    if (++filled < BATCH) return
    visit(batch, 0, BATCH)
    filled = 0
  }
  emit()
  let left = count - 1
  let at = header.end
  while (left > 0) {
    const min = readVarint64(bytes, at)
    if (min === undefined) break
    const minLow = Number(BigInt.asIntN(32, min.value))
    const minHigh = Number(BigInt.asIntN(32, min.value >> 32n))
    const widthsAt = min.end
    at = widthsAt + miniblocks
    for (let index = 0; index < miniblocks && left > 0; index++) {
      const bitWidth = bytes[widthsAt + index] ?? 0
      const size = Math.min(perMiniblock, left)
      for (let value = 0; value < size; value++) {
        const bit = value * bitWidth
        const deltaLow = bitsAt(bytes, at * 8 + bit, Math.min(32, bitWidth))
        const deltaHigh = bitWidth > 32 ? bitsAt(bytes, at * 8 + bit + 32, bitWidth - 32) : 0
        const sum = (low >>> 0) + (minLow >>> 0) + deltaLow
        low = sum | 0
        high = (high + minHigh + deltaHigh + Math.floor(sum / 0x1_0000_0000)) | 0
        emit()
      }
      left -= size
      at += (perMiniblock / 8) * bitWidth
    }
  }
  if (filled > 0) visit(batch, 0, filled)
}

/** Up to 32 bits, from the lowest; bits behind the end are 0. */
function bitsAt(bytes: Uint8Array, bit: number, count: number): number {
  if (count === 0) return 0
  let at = Math.floor(bit / 8)
  const shift = bit % 8
  let value = (bytes[at] ?? 0) >> shift
  let have = 8 - shift
  while (have < count) {
    value += (bytes[++at] ?? 0) * 2 ** have
    have += 8
  }
  return count === 32 ? value % 0x1_0000_0000 : value % 2 ** count
}
