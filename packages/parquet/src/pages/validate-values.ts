import type { PageLeaf } from './decode-levels.ts'
import { scanDelta } from './delta.ts'
import { scanHybrid } from './hybrid.ts'
import { fault } from './page-finding.ts'
import { isUtf8Range } from './utf8.ts'
import { validateDeltaLengths } from './validate-delta-lengths.ts'
import { validateDeltaStrings } from './validate-delta-strings.ts'
import {
  cutValue,
  damaged,
  ENCODING,
  invalidText,
  PHYSICAL,
  restIs,
  SOUND,
  wrongCount,
  type ValuesOutcome,
  type ValueSpec,
} from './value-spec.ts'

/**
 * Checks that `bytes` from `from` on are exactly `nonNull` values of the leaf's type. Allocates nothing that grows with
 * what the bytes claim. Never throws.
 */
export function validateValues(bytes: Uint8Array, leaf: PageLeaf, spec: ValueSpec): ValuesOutcome {
  if (spec.encoding === ENCODING.ALP)
    return fault('PQ213', 'The encoding ALP cannot be read.', { encoding: spec.encoding })
  if (!isLegal(spec.encoding, leaf.physicalType))
    return fault('PQ311', `Encoding ${spec.encoding} is not allowed for type ${leaf.physicalType}.`, {
      encoding: spec.encoding,
      physicalType: leaf.physicalType,
    })
  const isText = spec.utf8 === true && leaf.text === true && leaf.physicalType === PHYSICAL.BYTE_ARRAY
  switch (spec.encoding) {
    case ENCODING.PLAIN:
      return leaf.physicalType === PHYSICAL.BYTE_ARRAY
        ? validateByteArrays(bytes, spec, isText)
        : validateWidth(bytes, leaf, spec)
    case ENCODING.BYTE_STREAM_SPLIT:
      return validateWidth(bytes, leaf, spec)
    case ENCODING.PLAIN_DICTIONARY:
    case ENCODING.RLE_DICTIONARY:
      return validateIndices(bytes, spec)
    case ENCODING.RLE:
      return validateRleFlags(bytes, spec)
    case ENCODING.DELTA_BINARY_PACKED:
      return validateDelta(bytes, leaf, spec)
    case ENCODING.DELTA_LENGTH_BYTE_ARRAY:
      return validateDeltaLengths(bytes, spec, isText)
    default:
      return validateDeltaStrings(bytes, leaf, spec, isText)
  }
}

function isLegal(encoding: number, physicalType: number): boolean {
  const isBinary = physicalType === PHYSICAL.BYTE_ARRAY || physicalType === PHYSICAL.FIXED_LEN_BYTE_ARRAY
  switch (encoding) {
    case ENCODING.PLAIN:
      return true
    case ENCODING.PLAIN_DICTIONARY:
    case ENCODING.RLE_DICTIONARY:
      return physicalType !== PHYSICAL.BOOLEAN
    case ENCODING.RLE:
      return physicalType === PHYSICAL.BOOLEAN
    case ENCODING.DELTA_BINARY_PACKED:
      return physicalType === PHYSICAL.INT32 || physicalType === PHYSICAL.INT64
    case ENCODING.DELTA_LENGTH_BYTE_ARRAY:
      return physicalType === PHYSICAL.BYTE_ARRAY
    case ENCODING.DELTA_BYTE_ARRAY:
      return isBinary
    case ENCODING.BYTE_STREAM_SPLIT:
      return (
        physicalType !== PHYSICAL.BOOLEAN && physicalType !== PHYSICAL.INT96 && physicalType !== PHYSICAL.BYTE_ARRAY
      )
    default:
      return false
  }
}

const WIDTHS: Readonly<Record<number, number>> = { 1: 4, 2: 8, 3: 12, 4: 4, 5: 8 }

function validateWidth(bytes: Uint8Array, leaf: PageLeaf, spec: ValueSpec): ValuesOutcome {
  const width =
    leaf.physicalType === PHYSICAL.FIXED_LEN_BYTE_ARRAY ? (leaf.typeLength ?? -1) : (WIDTHS[leaf.physicalType] ?? 0)
  if (width < 0) return fault('PQ311', 'The schema does not say how long the values are.')
  const length = leaf.physicalType === PHYSICAL.BOOLEAN ? Math.ceil(spec.nonNull / 8) : spec.nonNull * width
  // Values of a fixed width leave no doubt: bytes that follow mean another width.
  return restIs(bytes.length - spec.from - length, { ...spec, lenient: false })
}

function validateByteArrays(bytes: Uint8Array, spec: ValueSpec, isText: boolean): ValuesOutcome {
  const end = bytes.length
  let at = spec.from
  let wrong = 0
  let firstWrong = -1
  for (let index = 0; index < spec.nonNull; index++) {
    if (at + 4 > end) return cutValue(index, spec)
    const length =
      ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)) +
      (bytes[at + 3] as number) * 16_777_216
    at += 4
    if (length > end - at) return cutValue(index, spec)
    if (isText && !isUtf8Range(bytes, at, at + length)) {
      if (wrong++ === 0) firstWrong = index
    }
    at += length
  }
  const outcome = restIs(end - at, spec)
  return wrong === 0 || outcome.kind === 'fault'
    ? outcome
    : { kind: 'ok', findings: [...outcome.findings, invalidText(wrong, firstWrong)] }
}

function validateIndices(bytes: Uint8Array, spec: ValueSpec): ValuesOutcome {
  const { from, nonNull, dictionarySize } = spec
  if (nonNull === 0)
    return bytes.length - from <= 1 ? SOUND : restIs(bytes.length - from - 1, { ...spec, lenient: true })
  if (dictionarySize === undefined)
    return fault('PQ307', 'The page refers to a dictionary that the chunk does not have.')
  const bitWidth = bytes[from]
  if (bitWidth === undefined || bitWidth > 32)
    return fault('PQ309', `Dictionary indices of ${bitWidth ?? 'unknown'} bits do not exist.`, {
      bitWidth: bitWidth ?? null,
    })
  const scan = scanHybrid(bytes, { from: from + 1, to: bytes.length }, nonNull, bitWidth, {
    enough: dictionarySize - 1,
  })
  if (scan.kind === 'bad')
    return fault('PQ310', `The dictionary indices of the page are damaged: ${scan.reason}.`, { reason: scan.reason })
  if (scan.largest >= dictionarySize)
    return fault('PQ309', `The page refers to entry ${scan.largest} of a dictionary of ${dictionarySize}.`, {
      index: scan.largest,
      dictionarySize,
    })
  return restIs(bytes.length - scan.end, spec)
}

function validateRleFlags(bytes: Uint8Array, spec: ValueSpec): ValuesOutcome {
  const { from, nonNull } = spec
  if (nonNull === 0 && bytes.length - from <= 4) return SOUND
  if (bytes.length - from < 4) return restIs(bytes.length - from - 4, spec)
  const length = new DataView(bytes.buffer, bytes.byteOffset + from, 4).getUint32(0, true)
  const to = from + 4 + length
  if (to > bytes.length) return restIs(bytes.length - to, spec)
  const scan = scanHybrid(bytes, { from: from + 4, to }, nonNull, 1)
  if (scan.kind === 'bad')
    return fault('PQ310', `The flags of the page are damaged: ${scan.reason}.`, { reason: scan.reason })
  return restIs(bytes.length - scan.end, spec)
}

function validateDelta(bytes: Uint8Array, leaf: PageLeaf, spec: ValueSpec): ValuesOutcome {
  if (spec.nonNull === 0 && bytes.length === spec.from) return SOUND
  // Differences wrap around, so they need no more bits than the type; old writers used 64 for all.
  const maxBits = leaf.physicalType === PHYSICAL.INT32 && spec.lenient !== true ? 32 : 64
  const scan = scanDelta(bytes, spec.from, maxBits)
  if (scan.kind === 'bad') return damaged(scan.reason)
  if (scan.count !== spec.nonNull) return wrongCount(scan.count, spec)
  return restIs(bytes.length - scan.end, spec)
}
