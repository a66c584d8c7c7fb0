import { PHYSICAL, ENCODING } from '../../pages/value-spec.ts'
import { readDeltaIntegers } from '../../pages/delta-integers.ts'

/** Values of a fixed width as PLAIN has them, some or all of a page at a time. */
export type BatchVisitor = (bytes: Uint8Array, from: number, count: number) => void

const BATCH_VALUES = 4096

/** Hands out the values of a sound page in order; false where the encoding is none for fixed widths. */
export function plainBatches(
  content: { readonly bytes: Uint8Array; readonly from: number; readonly encoding: number; readonly nonNull: number },
  leaf: { readonly physicalType: number; readonly width: number },
  visit: BatchVisitor,
): boolean {
  const { bytes, from, encoding, nonNull } = content
  if (nonNull === 0) return true
  switch (encoding) {
    case ENCODING.PLAIN:
      visit(bytes, from, nonNull)
      return true
    case ENCODING.BYTE_STREAM_SPLIT:
      joinStreams(bytes, from, nonNull, leaf.width, visit)
      return true
    case ENCODING.DELTA_BINARY_PACKED:
      readDeltaIntegers(bytes, from, leaf.physicalType === PHYSICAL.INT32 ? 4 : 8, visit)
      return true
    default:
      return false
  }
}

function joinStreams(bytes: Uint8Array, from: number, count: number, width: number, visit: BatchVisitor): void {
  const batch = new Uint8Array(BATCH_VALUES * width)
  for (let first = 0; first < count; first += BATCH_VALUES) {
    const size = Math.min(BATCH_VALUES, count - first)
    for (let stream = 0; stream < width; stream++) {
      const start = from + stream * count + first
      for (let index = 0; index < size; index++) batch[index * width + stream] = bytes[start + index] as number
    }
    visit(batch, 0, size)
  }
}
