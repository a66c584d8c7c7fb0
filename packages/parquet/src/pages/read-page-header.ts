import { COMPACT, fail, openCursor, readI32, readStruct, skipValue, type CompactCursor } from './compact-cursor.ts'
import type { Page } from './page.ts'

export type PageHeaderOutcome =
  | { readonly kind: 'page'; readonly page: Page }
  /** `truncated`: so far it looks like a header, but `bytes` end before it does. */
  | { readonly kind: 'no-page'; readonly truncated: boolean; readonly reason: string }

/** Encodings of values: all but the unused 1 and BIT_PACKED. */
const VALUE_ENCODINGS: ReadonlySet<number> = new Set([0, 2, 3, 5, 6, 7, 8, 9, 10])
/** RLE and BIT_PACKED; PLAIN is what some writers put where there are no levels. */
const LEVEL_ENCODINGS: ReadonlySet<number> = new Set([0, 3, 4])
const DICTIONARY_ENCODINGS: ReadonlySet<number> = new Set([0, 2])
const STRUCT_OF_TYPE = [5, 6, 7, 8] as const

/**
 * Reads the PageHeader that begins at `at`, if there is one. Strict: only what a writer can have meant is a page. Random
 * bytes do not pass. `offset` is the place of `bytes[at]` in the file. Whether the body fits the file is for the caller
 * to see ({@link pageEnd}). Never throws.
 */
export function readPageHeader(bytes: Uint8Array, at: number, offset: number): PageHeaderOutcome {
  if (!isPageSignature(bytes, at)) return no(isCutSignature(bytes, at), 'the bytes do not begin like a page header')
  const cursor = openCursor(bytes, at)
  const seen: HeaderFields = { kinds: 0, numbers: new Map(), compressed: true }
  readStruct(cursor, (field, type) => readHeaderField(cursor, seen, field, type))
  if (cursor.failed !== '') return no(cursor.failed === 'truncated', `the page header is ${cursor.failed}`)
  const { numbers } = seen
  const type = numbers.get(1) as number
  const uncompressedBytes = numbers.get(2) ?? -1
  const compressedBytes = numbers.get(3) ?? -1
  if (uncompressedBytes < 0 || compressedBytes < 0) return no(false, 'a size is negative or missing')
  if (seen.kinds !== 1 << (STRUCT_OF_TYPE[type] as number)) return no(false, 'the page type has not its own header')
  // No codec makes bytes more than a little larger.
  if (compressedBytes > uncompressedBytes * 2 + 4096) return no(false, 'the body is larger than any codec makes it')
  const crc = numbers.get(4)
  const reason = type === 1 ? undefined : whyImpossible(type, numbers, uncompressedBytes, compressedBytes)
  if (reason !== undefined) return no(false, reason)
  const base = (type === 0 ? 5 : type === 2 ? 7 : 8) * 16
  return {
    kind: 'page',
    page: {
      offset,
      headerBytes: cursor.at - at,
      kind: KINDS[type] as Page['kind'],
      compressedBytes,
      uncompressedBytes,
      values: type === 1 ? 0 : (numbers.get(base + 1) as number),
      encoding: type === 1 ? 0 : (numbers.get(base + (type === 3 ? 4 : 2)) as number),
      definitionEncoding: type === 0 ? numbers.get(base + 3) : undefined,
      repetitionEncoding: type === 0 ? numbers.get(base + 4) : undefined,
      v2:
        type === 3
          ? {
              rows: numbers.get(base + 3) as number,
              nulls: numbers.get(base + 2) as number,
              definitionBytes: numbers.get(base + 5) as number,
              repetitionBytes: numbers.get(base + 6) as number,
              compressed: seen.compressed,
            }
          : undefined,
      crc: crc === undefined ? undefined : crc >>> 0,
    },
  }
}

/** Every page header begins with two 32-bit fields: `15`, the type (0 to 3, zigzag), `15`. */
export function isPageSignature(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0x15 || bytes[at + 2] !== 0x15) return false
  const type = bytes[at + 1] as number
  return type <= 6 && (type & 1) === 0
}

/** One or two bytes that may be the beginning of a signature. */
function isCutSignature(bytes: Uint8Array, at: number): boolean {
  if (at + 3 <= bytes.length || bytes[at] !== 0x15) return false
  const type = bytes[at + 1] ?? 0
  return type <= 6 && (type & 1) === 0
}

const KINDS = ['data-v1', 'index', 'dictionary', 'data-v2'] as const

interface HeaderFields {
  /** One bit per page struct that is there, at its field number. */
  kinds: number
  /** Fields of the header under their id, those of the struct of field f under f × 16 + id. */
  readonly numbers: Map<number, number>
  compressed: boolean
}

function readHeaderField(cursor: CompactCursor, seen: HeaderFields, field: number, type: number): void {
  if (field <= 4) {
    if (type !== COMPACT.I32) return fail(cursor)
    seen.numbers.set(field, readI32(cursor))
  } else if (field <= 8) {
    if (type !== COMPACT.STRUCT) return fail(cursor)
    seen.kinds |= 1 << field
    readStruct(cursor, (inner, innerType) => readKindField(cursor, seen, field, inner, innerType))
  } else fail(cursor)
}

/** Ids up to this are 32-bit numbers, by struct; after them come a flag and the statistics. */
const LAST_NUMBER: Readonly<Record<number, number>> = { 5: 4, 6: 0, 7: 2, 8: 6 }

function readKindField(cursor: CompactCursor, seen: HeaderFields, kind: number, field: number, type: number): void {
  if (field <= (LAST_NUMBER[kind] as number)) {
    if (type !== COMPACT.I32) return fail(cursor)
    seen.numbers.set(kind * 16 + field, readI32(cursor))
    return
  }
  const isFlag = type === COMPACT.TRUE || type === COMPACT.FALSE
  const isStatistics = (kind === 5 && field === 5) || (kind === 8 && field === 8)
  if ((isStatistics && type !== COMPACT.STRUCT) || (kind === 8 && field === 7 && !isFlag)) return fail(cursor)
  if (kind === 8 && field === 7) seen.compressed = type === COMPACT.TRUE
  skipValue(cursor, type)
}

function whyImpossible(
  type: number,
  numbers: ReadonlyMap<number, number>,
  uncompressedBytes: number,
  compressedBytes: number,
): string | undefined {
  const base = (type === 0 ? 5 : type === 2 ? 7 : 8) * 16
  const get = (field: number): number => numbers.get(base + field) ?? -1
  const values = get(1)
  if (values < 0) return 'the number of values is negative or missing'
  if (values > 0 && uncompressedBytes === 0) return 'there are values but no bytes'
  if (type === 2) return DICTIONARY_ENCODINGS.has(get(2)) ? undefined : 'a dictionary is not encoded like that'
  const encoding = get(type === 3 ? 4 : 2)
  if (!VALUE_ENCODINGS.has(encoding)) return `values are not encoded as ${encoding}`
  if (type === 0)
    return LEVEL_ENCODINGS.has(get(3)) && LEVEL_ENCODINGS.has(get(4)) ? undefined : 'levels are not encoded like that'
  const [nulls, rows, definitionBytes, repetitionBytes] = [get(2), get(3), get(5), get(6)]
  if (nulls < 0 || nulls > values || rows < 0 || rows > values) return 'there are more NULLs or rows than values'
  if (definitionBytes < 0 || repetitionBytes < 0) return 'a level size is negative or missing'
  if (definitionBytes + repetitionBytes > Math.min(compressedBytes, uncompressedBytes))
    return 'the levels are larger than the page'
  return undefined
}

function no(truncated: boolean, reason: string): PageHeaderOutcome {
  return { kind: 'no-page', truncated, reason }
}
