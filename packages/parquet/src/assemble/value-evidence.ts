import type { ByteSource } from '@tidegate/core'

import type { LeafColumn } from '../footer.ts'
import { CODEC, decompressPage } from '../pages/decompress-page.ts'
import { decodeLevelsV1, decodeLevelsV2 } from '../pages/decode-levels.ts'
import type { Page } from '../pages/page.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import { ENCODING } from '../pages/value-spec.ts'
import type { AssembledChunk, Assembly } from './assemble-chunks.ts'
import { leafMeanings } from './leaf-meaning.ts'
import type { SchemaSource } from './schema-sources.ts'
import { isPlausible, readNumber } from './value-ranges.ts'

export interface ValueEvidence {
  /** Columns of which numbers were looked at. */
  readonly checked: number
  /** Paths of the columns many of whose numbers are not what the schema source says of them. */
  readonly implausible: readonly string[]
  /** How large the numbers of the first chunks are, as a power of 2, by the offset of the chunk's first page. */
  readonly sizes: ReadonlyMap<number, number>
  /** Paths of the columns whose numbers are far from what the schema source has for them, and are what it has for another. */
  readonly shifted: readonly string[]
}

/** Of each column, spread over the file. */
const SAMPLED_CHUNKS = 3
const SAMPLED_VALUES = 256
/** A share of values may be what nobody expects, such as an end date in the year 9999 that the sibling lacks. */
const MAY_BE_ODD = 0.1
const FEW = 20

/**
 * Looks at numbers of each column of the complete row groups: dates, timestamps, decimals and floats tell types of one width
 * apart, which the sizes of pages cannot. Reads at most three pages of a column.
 */
export async function sampleValues(
  source: Pick<ByteSource, 'read'>,
  assembly: Assembly,
  schema: SchemaSource,
  limits?: Partial<PageLimits>,
): Promise<ValueEvidence> {
  const meanings = leafMeanings(schema.elements)
  const implausible: string[] = []
  const shifted: string[] = []
  let checked = 0
  for (const [index, leaf] of schema.leaves.entries()) {
    const meaning = meanings[index]
    if (meaning === undefined || meaning.kind === 'other') continue
    const numbers: number[] = []
    for (const chunk of spread(assembly, index)) numbers.push(...(await numbersOf(source, chunk, leaf, limits)))
    // Zero is a value of every type.
    const telling = numbers.filter((number) => number !== 0)
    if (telling.length === 0) continue
    checked++
    const range = schema.ranges?.[index]
    const odd = telling.filter((number) => !isPlausible(number, meaning, range, leaf.physicalType)).length
    if (odd > telling.length * (telling.length < FEW ? 0.5 : MAY_BE_ODD)) implausible.push(leaf.path.join('.'))
    if (isOfOther(telling, index, schema)) shifted.push(leaf.path.join('.'))
  }
  return { checked, implausible, shifted, sizes: await sizesOf(source, assembly, limits) }
}

/** Ids grow from file to file, so only numbers that are nowhere near their own range tell anything. */
function isOfOther(numbers: readonly number[], leaf: number, { leaves, ranges }: SchemaSource): boolean {
  const own = ranges?.[leaf]
  if (own === undefined || numbers.length < FEW) return false
  const slack = (own.max - own.min) * 2 + 1
  if (numbers.some((number) => number >= own.min - slack && number <= own.max + slack)) return false
  return leaves.some((other, index) => {
    const range = ranges?.[index]
    const isSameType = index !== leaf && other.physicalType === leaves[leaf]?.physicalType
    return isSameType && range !== undefined && numbers.every((number) => number >= range.min && number <= range.max)
  })
}

/** Chunks at the start of the file of which a page is read, to see whether their order comes again. */
const SIZED_CHUNKS = 96

async function sizesOf(
  source: Pick<ByteSource, 'read'>,
  { groups }: Assembly,
  limits: Partial<PageLimits> | undefined,
): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>()
  const looked = groups.flatMap(({ chunks, open, later }) => [
    ...chunks,
    ...(open === undefined ? [] : [open]),
    ...later,
  ])
  for (const chunk of looked.slice(0, SIZED_CHUNKS)) {
    const numbers = (await numbersOf(source, chunk, chunk.leaf, limits)).filter((number) => Number.isFinite(number))
    const [first] = chunk.pages
    if (first === undefined || numbers.length === 0) continue
    const mean = numbers.reduce((sum, number) => sum + Math.abs(number) / numbers.length, 0)
    sizes.set(first.offset, Math.log2(1 + mean))
  }
  return sizes
}

function spread({ groups }: Assembly, leaf: number): readonly AssembledChunk[] {
  const chunks = groups.flatMap((group) => group.chunks[leaf] ?? [])
  const places = new Set([0, Math.floor(chunks.length / 2), chunks.length - 1].slice(0, SAMPLED_CHUNKS))
  return [...places].flatMap((place) => chunks[place] ?? [])
}

async function numbersOf(
  source: Pick<ByteSource, 'read'>,
  { pages, codec }: AssembledChunk,
  leaf: LeafColumn,
  limits: Partial<PageLimits> | undefined,
): Promise<readonly number[]> {
  const [page] = pages
  if (page === undefined || page.values === 0) return []
  const body = await source.read(page.offset + page.headerBytes, page.compressedBytes)
  const values = valuesOf(body, page, leaf, codec, limits)
  if (values === undefined) return []
  const { physicalType } = leaf
  const isDictionary = page.kind === 'dictionary'
  if (isDictionary || page.encoding === ENCODING.PLAIN) return plainNumbers(values, physicalType)
  if (page.encoding === ENCODING.DELTA_BINARY_PACKED) return firstOfDelta(values)
  if (page.encoding === ENCODING.BYTE_STREAM_SPLIT) return splitNumbers(values, physicalType)
  return []
}

/** The bytes behind the levels, unfolded. */
function valuesOf(
  body: Uint8Array,
  page: Page,
  leaf: LeafColumn,
  codec: number,
  limits: Partial<PageLimits> | undefined,
): Buffer | undefined {
  if (page.kind === 'data-v2') {
    const levels = decodeLevelsV2(body, page, leaf, { lenient: true })
    if (levels.kind === 'fault') return undefined
    const stored = body.subarray((page.v2?.definitionBytes ?? 0) + (page.v2?.repetitionBytes ?? 0))
    const size = page.uncompressedBytes - (body.length - stored.length)
    const isStored = page.v2?.compressed === false
    const unfolded = decompressPage(stored, isStored ? CODEC.UNCOMPRESSED : codec, size, limits)
    return unfolded.kind === 'ok' ? toBuffer(unfolded.bytes) : undefined
  }
  const unfolded = decompressPage(body, codec, page.uncompressedBytes, limits)
  if (unfolded.kind !== 'ok') return undefined
  if (page.kind === 'dictionary') return toBuffer(unfolded.bytes)
  const levels = decodeLevelsV1(unfolded.bytes, page, leaf, { lenient: true })
  return levels.kind === 'ok' ? toBuffer(unfolded.bytes.subarray(levels.valuesAt)) : undefined
}

function plainNumbers(values: Buffer, physicalType: number): number[] {
  const width = physicalType === 1 || physicalType === 4 ? 4 : 8
  const count = Math.floor(values.length / width)
  const step = Math.max(1, Math.floor(count / SAMPLED_VALUES))
  const numbers: number[] = []
  for (let index = 0; index < count; index += step) {
    const number = readNumber(values, index * width, physicalType)
    if (number !== undefined) numbers.push(number)
  }
  return numbers
}

/** A delta page begins with the sizes of its blocks, the number of values, and the first value; that one is enough. */
function firstOfDelta(values: Buffer): number[] {
  let at = 0
  let value = 0n
  for (let field = 0; field < 4; field++) {
    value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = values[at++]
      if (byte === undefined) return []
      value |= BigInt(byte & 127) << shift
      if (byte < 128) break
    }
  }
  return [Number((value >> 1n) ^ -(value & 1n))]
}

/** First bytes of all values, then second bytes of all, and so on. */
function splitNumbers(values: Buffer, physicalType: number): number[] {
  const width = physicalType === 1 || physicalType === 4 ? 4 : 8
  const count = Math.floor(values.length / width)
  const joined = Buffer.alloc(Math.min(count, SAMPLED_VALUES) * width)
  for (let index = 0; index * width < joined.length; index++)
    for (let byte = 0; byte < width; byte++) joined[index * width + byte] = values[byte * count + index] as number
  return plainNumbers(joined, physicalType)
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
