/** Goes over values and keeps the smallest and the largest. Nothing is allocated by value. */
import { compareBytes, compareSigned } from './compare-bytes.ts'
import { halfOf, LANE_BYTES, type Lane, type Scalar } from './bounds.ts'

export interface Tally {
  /** Values of a fixed width, as PLAIN has them. */
  addPlain(bytes: Uint8Array, from: number, count: number): void
  /** One value of any lane but `bit`, PLAIN without a length. */
  addOne(bytes: Uint8Array, from: number, to: number): void
  /** Undefined: there was none but NaN. */
  bounds(): { readonly min: Scalar; readonly max: Scalar } | undefined
  /** NaNs among floating-point numbers. */
  nans(): number
}

export function openTally(lane: Lane): Tally {
  if (lane === 'bytes' || lane === 'signed-bytes') return bytesTally(lane)
  if (lane === 'bit') return bitTally()
  if (lane === 'f32' || lane === 'f64' || lane === 'f16') return floatTally(lane)
  return integerTally(lane)
}

function bytesTally(lane: 'bytes' | 'signed-bytes'): Tally {
  const compare = lane === 'bytes' ? compareBytes : compareSigned
  const kept = { isEmpty: true, min: new Uint8Array(32), minLength: 0, max: new Uint8Array(32), maxLength: 0 }
  const keep = (old: Uint8Array<ArrayBuffer>, bytes: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> => {
    const room = to - from > old.length ? new Uint8Array((to - from) * 2) : old
    room.set(bytes.subarray(from, to))
    return room
  }
  const addOne = (bytes: Uint8Array, from: number, to: number): void => {
    if (kept.isEmpty || compare(bytes, from, to, kept.min, kept.minLength) < 0) {
      kept.min = keep(kept.min, bytes, from, to)
      kept.minLength = to - from
    }
    if (kept.isEmpty || compare(bytes, from, to, kept.max, kept.maxLength) > 0) {
      kept.max = keep(kept.max, bytes, from, to)
      kept.maxLength = to - from
    }
    kept.isEmpty = false
  }
  return {
    addOne,
    addPlain() {},
    nans: () => 0,
    bounds: () =>
      kept.isEmpty
        ? undefined
        : {
            min: Uint8Array.from(kept.min.subarray(0, kept.minLength)),
            max: Uint8Array.from(kept.max.subarray(0, kept.maxLength)),
          },
  }
}

function bitTally(): Tally {
  let zeros = 0
  let ones = 0
  return {
    addOne() {},
    addPlain(bytes, from, count) {
      for (let index = 0; index < count; index++) {
        if ((((bytes[from + (index >> 3)] as number) >> (index & 7)) & 1) === 1) ones++
        else zeros++
      }
    },
    nans: () => 0,
    bounds: () => (zeros + ones === 0 ? undefined : { min: zeros > 0 ? 0n : 1n, max: ones > 0 ? 1n : 0n }),
  }
}

function floatTally(lane: 'f16' | 'f32' | 'f64'): Tally {
  const width = LANE_BYTES[lane]
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let nans = 0
  let any = false
  const addPlain = (bytes: Uint8Array, from: number, count: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const end = from + count * width
    for (let at = from; at < end; at += width) {
      const value =
        width === 8
          ? view.getFloat64(at, true)
          : width === 4
            ? view.getFloat32(at, true)
            : halfOf(view.getUint16(at, true))
      if (value < min) min = value
      if (value > max) max = value
      if (value !== value) nans++
      else any = true
    }
  }
  return {
    addPlain,
    addOne: (bytes, from) => addPlain(bytes, from, 1),
    nans: () => nans,
    bounds: () => (any ? { min, max } : undefined),
  }
}

/** 64-bit numbers are compared as two halves: bigints would be allocated one by one. */
function integerTally(lane: 'i32' | 'u32' | 'i64' | 'u64'): Tally {
  const isLong = lane === 'i64' || lane === 'u64'
  const isSigned = lane === 'i32' || lane === 'i64'
  const [lowest, highest] = isSigned ? [-0x8000_0000, 0x7fff_ffff] : [0, 0xffff_ffff]
  let [minHigh, minLow, maxHigh, maxLow] = [highest, 0xffff_ffff, lowest, 0]
  let count = 0
  const addPlain = (bytes: Uint8Array, from: number, values: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const width = isLong ? 8 : 4
    const end = from + values * width
    for (let at = from; at < end; at += width) {
      // 32-bit numbers stand in the high half alone.
      const highAt = isLong ? at + 4 : at
      const high = isSigned ? view.getInt32(highAt, true) : view.getUint32(highAt, true)
      const low = isLong ? view.getUint32(at, true) : 0
      if (high < minHigh || (high === minHigh && low < minLow)) {
        minHigh = high
        minLow = low
      }
      if (high > maxHigh || (high === maxHigh && low > maxLow)) {
        maxHigh = high
        maxLow = low
      }
    }
    count += values
  }
  const whole = (high: number, low: number): bigint => (isLong ? (BigInt(high) << 32n) + BigInt(low) : BigInt(high))
  return {
    addPlain,
    addOne: (bytes, from) => addPlain(bytes, from, 1),
    nans: () => 0,
    bounds: () => (count === 0 ? undefined : { min: whole(minHigh, minLow), max: whole(maxHigh, maxLow) }),
  }
}
