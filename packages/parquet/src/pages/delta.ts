/** DELTA_BINARY_PACKED: blocks of miniblocks of packed differences. Counts are never trusted for memory or time. */

export type DeltaScan =
  | { readonly kind: 'ok'; readonly end: number; readonly count: number }
  | { readonly kind: 'bad'; readonly reason: string }

interface DeltaHeader {
  readonly miniblocks: number
  readonly perMiniblock: number
  readonly count: number
  readonly first: number
  readonly end: number
}

/** The structure only, without the numbers: as fast as there are miniblocks. `maxBits`: 32 or 64. */
export function scanDelta(bytes: Uint8Array, from: number, maxBits: number): DeltaScan {
  const header = readHeader(bytes, from)
  if (typeof header === 'string') return { kind: 'bad', reason: header }
  const { miniblocks, perMiniblock, count } = header
  let at = header.end
  let left = count - 1
  while (left > 0) {
    const min = readVarint(bytes, at)
    if (min === undefined) return ENDS_EARLY
    const widthsAt = min.end
    at = widthsAt + miniblocks
    if (at > bytes.length) return ENDS_EARLY
    for (let index = 0; index < miniblocks && left > 0; index++) {
      const width = bytes[widthsAt + index] as number
      if (width > maxBits) return { kind: 'bad', reason: `a difference has ${width} bits` }
      const length = (perMiniblock / 8) * width
      if (length > bytes.length - at) {
        // Some writers leave away what only pads the last miniblock.
        if (left > perMiniblock || Math.ceil((left * width) / 8) > bytes.length - at) return ENDS_EARLY
        at = bytes.length
      } else at += length
      left -= perMiniblock
    }
  }
  return { kind: 'ok', end: at, count }
}

const ENDS_EARLY = { kind: 'bad', reason: 'the differences end too early' } as const

/** Lengths one after another. `next` answers the number, or -1 when the bytes are damaged or it would be negative. */
export interface DeltaLengths {
  readonly count: number
  next(): number
}

/** Reads 32-bit lengths in order, holding one block header. A reason instead, if the header is damaged. */
export function readDeltaLengths(bytes: Uint8Array, from: number): DeltaLengths | string {
  const header = readHeader(bytes, from)
  if (typeof header === 'string') return header
  const { count } = header
  const state: LengthState = {
    ...header,
    bytes,
    at: header.end,
    miniblockEnd: header.end,
    miniblock: header.miniblocks,
    left: 0,
    width: 0,
    min: 0,
    widthsAt: 0,
    value: header.first,
    decoded: 1,
  }
  const batch = new Int32Array(BATCH)
  batch[0] = header.first
  let filled = Math.min(1, count)
  let index = 0
  return {
    count,
    next() {
      if (index === filled) {
        filled = fillBatch(state, batch)
        if (filled === 0) return -1
        index = 0
      }
      const value = batch[index++] as number
      return value < 0 ? -1 : value
    },
  }
}

const BATCH = 256

interface LengthState extends DeltaHeader {
  readonly bytes: Uint8Array
  at: number
  miniblockEnd: number
  miniblock: number
  /** Values of the open miniblock that are not decoded yet. */
  left: number
  width: number
  min: number
  widthsAt: number
  value: number
  decoded: number
}

/** Decodes the next values of one miniblock, up to a batch; 0 when there is none. */
function fillBatch(state: LengthState, batch: Int32Array): number {
  if (state.left === 0 && !openMiniblock(state)) return 0
  // A miniblock has a multiple of 32 values, so a batch ends between two bytes.
  const size = Math.min(BATCH, state.left, state.count - state.decoded)
  const { bytes, width, min } = state
  let { at, value } = state
  let held = 0
  let bits = 0
  if (width <= 24) {
    const mask = (1 << width) - 1
    for (let index = 0; index < size; index++) {
      while (bits < width) {
        held |= (bytes[at++] as number) << bits
        bits += 8
      }
      value = (value + (min + (held & mask))) | 0
      held >>>= width
      bits -= width
      batch[index] = value
    }
  } else {
    const range = 2 ** width
    for (let index = 0; index < size; index++) {
      while (bits < width) {
        held += (bytes[at++] as number) * 2 ** bits
        bits += 8
      }
      value = (value + min + (held % range)) | 0
      held = Math.floor(held / range)
      bits -= width
      batch[index] = value
    }
  }
  state.at = at
  state.value = value
  state.left -= size
  state.decoded += size
  return size
}

function openMiniblock(state: LengthState): boolean {
  const { bytes, miniblocks, perMiniblock } = state
  if (state.decoded >= state.count) return false
  state.at = state.miniblockEnd
  if (state.miniblock === miniblocks) {
    const varint = readVarint(bytes, state.at)
    if (varint === undefined) return false
    state.min = varint.zigzag
    state.widthsAt = varint.end
    state.at = varint.end + miniblocks
    if (state.at > bytes.length) return false
    state.miniblock = 0
  }
  state.width = bytes[state.widthsAt + state.miniblock++] as number
  if (state.width > 32) return false
  const needed = Math.ceil((Math.min(perMiniblock, state.count - state.decoded) * state.width) / 8)
  if (needed > bytes.length - state.at) return false
  state.miniblockEnd = Math.min(bytes.length, state.at + (perMiniblock / 8) * state.width)
  state.left = perMiniblock
  return true
}

/** The header with its first value in full, for those who need the numbers themselves. */
export function readDeltaHeader(
  bytes: Uint8Array,
  from: number,
): (DeltaHeader & { readonly firstValue: bigint }) | string {
  const header = readHeader(bytes, from)
  if (typeof header === 'string') return header
  let at = from
  for (let field = 0; field < 3; field++) at = readVarint(bytes, at)?.end ?? at
  return { ...header, firstValue: readVarint64(bytes, at)?.value ?? 0n }
}

/** A zigzag number of 64 bits. */
export function readVarint64(
  bytes: Uint8Array,
  from: number,
): { readonly value: bigint; readonly end: number } | undefined {
  let value = 0n
  for (let index = 0; index < 10; index++) {
    const byte = bytes[from + index]
    if (byte === undefined) return undefined
    value |= BigInt(byte & 127) << BigInt(index * 7)
    if (byte < 128) {
      const whole = BigInt.asUintN(64, value)
      return { value: (whole >> 1n) ^ -(whole & 1n), end: from + index + 1 }
    }
  }
  return undefined
}

function readHeader(bytes: Uint8Array, from: number): DeltaHeader | string {
  const block = readVarint(bytes, from)
  const mini = block && readVarint(bytes, block.end)
  const total = mini && readVarint(bytes, mini.end)
  const first = total && readVarint(bytes, total.end)
  if (block === undefined || mini === undefined || total === undefined || first === undefined)
    return 'the header is cut off'
  const perMiniblock = block.value / mini.value
  const isRegular = block.value > 0 && block.value % 128 === 0 && mini.value > 0 && perMiniblock % 32 === 0
  if (!isRegular || block.value > 2 ** 31) return `blocks of ${block.value} in ${mini.value} miniblocks do not exist`
  if (total.value > 2 ** 31) return `it claims ${total.value} values`
  return { miniblocks: mini.value, perMiniblock, count: total.value, first: first.zigzag, end: first.end }
}

/** A number of up to ten bytes. `zigzag` is right to 32 bits, all that lengths need. */
function readVarint(
  bytes: Uint8Array,
  from: number,
): { readonly value: number; readonly zigzag: number; readonly end: number } | undefined {
  let value = 0
  let factor = 1
  let low = 0
  for (let index = 0; index < 10; index++) {
    const byte = bytes[from + index]
    if (byte === undefined) return undefined
    value += (byte & 127) * factor
    // 33 bits are needed for a zigzag of 32 bits.
    if (index < 5) low += (byte & 127) * factor
    factor *= 128
    if (byte < 128) {
      const half = Math.floor(low / 2)
      return { value, zigzag: (low % 2 === 0 ? half : -half - 1) | 0, end: from + index + 1 }
    }
  }
  return undefined
}
