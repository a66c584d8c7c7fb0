/**
 * The RLE / bit-packed hybrid: runs of one repeated value, or of groups of eight packed values. A run of equal values costs
 * one step however long it is, so damaged counts cannot make a scan slow.
 */
export type HybridScan =
  | {
      readonly kind: 'ok'
      /** Behind the last run that was needed. */
      readonly end: number
      readonly largest: number
      /** How many are 0, how many are `top`. */
      readonly zeros: number
      readonly tops: number
      readonly first: number
    }
  | { readonly kind: 'bad'; readonly reason: string }

/**
 * Scans `count` values of `bitWidth` bits (0 to 32) in [from, to). With `top` undefined only `largest` is looked for, and
 * values that cannot exceed `enough` are not looked at.
 */
export function scanHybrid(
  bytes: Uint8Array,
  range: { readonly from: number; readonly to: number },
  count: number,
  bitWidth: number,
  wanted: { readonly top?: number; readonly enough?: number } = {},
): HybridScan {
  const { to } = range
  const valueBytes = (bitWidth + 7) >> 3
  const tally: Tally = { largest: 0, zeros: 0, tops: 0, first: -1, top: wanted.top ?? -1 }
  const isHarmless = wanted.top === undefined && 2 ** bitWidth - 1 <= (wanted.enough ?? -1)
  let at = range.from
  let done = 0
  while (done < count) {
    let header = 0
    let factor = 1
    let byte = 0
    do {
      if (at >= to) return bad('the runs end too early')
      byte = bytes[at++] as number
      header += (byte & 127) * factor
      factor *= 128
    } while (byte >= 128 && factor < 2 ** 35)
    if (byte >= 128) return bad('the length of a run is too long')
    const length = Math.floor(header / 2)
    if (length === 0) return bad('a run is empty')
    const left = count - done
    if (header % 2 === 0) {
      if (length > left) return bad('a run is longer than the page')
      if (valueBytes > to - at) return bad('the runs end too early')
      let value = 0
      for (let index = valueBytes - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] as number)
      at += valueBytes
      // In one step a value of the widest byte count may exceed its bits.
      if (value >= 2 ** bitWidth) return bad('a value has more bits than it should')
      addRun(tally, value, length)
      done += length
      continue
    }
    const packed = Math.min(length * 8, left)
    const needed = Math.ceil((packed * bitWidth) / 8)
    // Some writers leave away what only pads the last group.
    if (needed > to - at) return bad('the runs end too early')
    if (bitWidth === 0) addRun(tally, 0, packed)
    else if (!isHarmless) addPacked(tally, bytes, at, packed, bitWidth)
    at = Math.min(to, at + length * bitWidth)
    done += packed
  }
  return { kind: 'ok', end: at, ...tally }
}

interface Tally {
  largest: number
  zeros: number
  tops: number
  first: number
  readonly top: number
}

function addRun(tally: Tally, value: number, length: number): void {
  if (tally.first < 0) tally.first = value
  if (value > tally.largest) tally.largest = value
  if (value === 0) tally.zeros += length
  if (value === tally.top) tally.tops += length
}

function addPacked(tally: Tally, bytes: Uint8Array, start: number, count: number, bitWidth: number): void {
  if (bitWidth === 1) return addBits(tally, bytes, start, count)
  if (bitWidth > 24) return addWide(tally, bytes, start, count, bitWidth)
  const mask = (1 << bitWidth) - 1
  const { top } = tally
  let at = start
  let held = 0
  let bits = 0
  let { largest, zeros, tops } = tally
  if (tally.first < 0) tally.first = firstValue(bytes, start, bitWidth)
  for (let index = 0; index < count; index++) {
    while (bits < bitWidth) {
      held |= (bytes[at++] as number) << bits
      bits += 8
    }
    const value = held & mask
    held >>>= bitWidth
    bits -= bitWidth
    if (value > largest) largest = value
    if (value === top) tops++
    if (value === 0) zeros++
  }
  tally.largest = largest
  tally.zeros = zeros
  tally.tops = tops
}

function firstValue(bytes: Uint8Array, start: number, bitWidth: number): number {
  let value = 0
  for (let index = ((bitWidth + 7) >> 3) - 1; index >= 0; index--) value = value * 256 + (bytes[start + index] ?? 0)
  return value % 2 ** bitWidth
}

function addBits(tally: Tally, bytes: Uint8Array, start: number, count: number): void {
  const whole = count >> 3
  let ones = 0
  for (let index = 0; index < whole; index++) ones += BIT_COUNTS[bytes[start + index] as number] as number
  if ((count & 7) > 0) ones += BIT_COUNTS[(bytes[start + whole] as number) & ((1 << (count & 7)) - 1)] as number
  if (tally.first < 0) tally.first = (bytes[start] as number) & 1
  if (ones > 0 && tally.largest < 1) tally.largest = 1
  tally.zeros += count - ones
  if (tally.top === 1) tally.tops += ones
  if (tally.top === 0) tally.tops += count - ones
}

/** More than 24 bits: beyond what fits a 32-bit shift register. */
function addWide(tally: Tally, bytes: Uint8Array, start: number, count: number, bitWidth: number): void {
  const size = 2 ** bitWidth
  let at = start
  let held = 0
  let bits = 0
  for (let index = 0; index < count; index++) {
    while (bits < bitWidth) {
      held += (bytes[at++] as number) * 2 ** bits
      bits += 8
    }
    addRun(tally, held % size, 1)
    held = Math.floor(held / size)
    bits -= bitWidth
  }
}

const BIT_COUNTS: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
)

function bad(reason: string): HybridScan {
  return { kind: 'bad', reason }
}

/** Bits that are needed for the values 0 to `max`. */
export function bitWidthOf(max: number): number {
  return max <= 0 ? 0 : 32 - Math.clz32(max)
}
