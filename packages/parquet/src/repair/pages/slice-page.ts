import type { ByteSource } from '@tidegate/core'

import { buildPlainPage, type NullPage } from '../../assemble/null-page.ts'
import { CODEC } from '../../pages/decompress-page.ts'
import type { PageLimits } from '../../pages/page-limits.ts'
import type { RowSpan } from '../../pages/row-spans.ts'
import { ENCODING, PHYSICAL } from '../../pages/value-spec.ts'
import { needsDictionary, type ChunkState, type PlacedPage } from './chunk-state.ts'
import { decodeRuns, encodeLevels, encodeRuns } from './level-runs.ts'
import { openPage } from './read-levels.ts'

/** Whether some rows of a page can stand without the others: its values are found without decoding all of them. */
export function canSlice({ leaf, chunk }: ChunkState, { page, orphan }: PlacedPage): boolean {
  const isKnownWidth = leaf.physicalType !== PHYSICAL.FIXED_LEN_BYTE_ARRAY || leaf.typeLength !== undefined
  return (
    !orphan && chunk.codec !== CODEC.LZO && isKnownWidth && (page.encoding === ENCODING.PLAIN || needsDictionary(page))
  )
}

/**
 * The rows of a page that are in `rows`, as a page of its own: the stored bytes of the values, in the same encoding.
 * Entries of a row that began on an earlier page are there if `rows` begins with that row. Undefined where the page cannot be read.
 */
export async function slicePage(
  view: ByteSource,
  state: ChunkState,
  { page, rows: span }: PlacedPage,
  rows: RowSpan,
  limits: Partial<PageLimits> | undefined,
): Promise<NullPage | undefined> {
  const open = await openPage(view, page, state, limits)
  if (open === undefined) return undefined
  const { leaf, chunk } = state
  const isValue = (entry: number): boolean =>
    (open.definition[entry] ?? leaf.maxDefinitionLevel) === leaf.maxDefinitionLevel
  let row = span.from - 1
  let [first, end] = [page.values, page.values]
  let [valuesBefore, values, allValues, begun] = [0, 0, 0, 0]
  for (let entry = 0; entry < page.values; entry++) {
    if ((open.repetition[entry] ?? 0) === 0) {
      row++
      if (row >= rows.from && row < rows.to) begun++
    }
    if (row === rows.from && first === page.values) first = entry
    if (row === rows.to && end === page.values) end = entry
    if (!isValue(entry)) continue
    allValues++
    if (row < rows.from) valuesBefore++
    else if (row < rows.to) values++
  }
  const bytes = needsDictionary(page)
    ? sliceIndices(open.values, { skip: valuesBefore, take: values, all: allValues })
    : slicePlain(open.values, leaf, valuesBefore, values)
  if (bytes === undefined) return undefined
  const levels = {
    values: end - first,
    rows: begun,
    nulls: end - first - values,
    repetition: encodeLevels(open.repetition.subarray(first, end), leaf.maxRepetitionLevel),
    definition: encodeLevels(open.definition.subarray(first, end), leaf.maxDefinitionLevel),
  }
  const version = page.v2 === undefined ? 1 : 2
  return buildPlainPage(levels, bytes, { version, codec: chunk.codec, crc: state.hasChecksums }, page.encoding)
}

function sliceIndices(
  bytes: Uint8Array,
  { skip, take, all }: { readonly skip: number; readonly take: number; readonly all: number },
): Uint8Array | undefined {
  const bitWidth = bytes[0] ?? 0
  const indices = decodeRuns(bytes, { from: 1, to: bytes.length }, all, bitWidth)
  if (indices === undefined) return undefined
  return Buffer.concat([Uint8Array.of(bitWidth), encodeRuns(indices.subarray(skip, skip + take), bitWidth)])
}

const WIDTHS: Readonly<Record<number, number>> = {
  [PHYSICAL.INT32]: 4,
  [PHYSICAL.INT64]: 8,
  [PHYSICAL.INT96]: 12,
  [PHYSICAL.FLOAT]: 4,
  [PHYSICAL.DOUBLE]: 8,
}

function slicePlain(
  bytes: Uint8Array,
  leaf: { readonly physicalType: number; readonly typeLength: number | undefined },
  skip: number,
  take: number,
): Uint8Array | undefined {
  if (leaf.physicalType === PHYSICAL.BOOLEAN) return sliceBits(bytes, skip, take)
  if (leaf.physicalType !== PHYSICAL.BYTE_ARRAY) {
    const width =
      leaf.typeLength !== undefined && leaf.physicalType === PHYSICAL.FIXED_LEN_BYTE_ARRAY
        ? leaf.typeLength
        : WIDTHS[leaf.physicalType]
    return width === undefined ? undefined : bytes.subarray(skip * width, (skip + take) * width)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let from = 0
  for (let index = 0; index < skip + take; index++) {
    if (index === skip) from = at
    if (at + 4 > bytes.length) return undefined
    at += 4 + view.getUint32(at, true)
  }
  return take === 0 ? new Uint8Array() : bytes.subarray(from, at)
}

function sliceBits(bytes: Uint8Array, skip: number, take: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(take / 8))
  for (let index = 0; index < take; index++) {
    const place = skip + index
    const bit = ((bytes[place >> 3] ?? 0) >> (place & 7)) & 1
    packed[index >> 3] = (packed[index >> 3] ?? 0) | (bit << (index & 7))
  }
  return packed
}
