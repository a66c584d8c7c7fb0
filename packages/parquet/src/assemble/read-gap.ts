/** What stands between pages: metadata that some writers put after each chunk, padding, filters, or damage. */
import type { ByteSource } from '@tidegate/core'

import { readInlineMetadata, type InlineMetadata } from '../pages/read-inline-metadata.ts'
import { parseThrift, parseThriftPrefix } from '../thrift/parse-thrift.ts'
import { ThriftError } from '../read-thrift.ts'
import { integerIn, structIn, TYPE, type TypedStruct } from '../thrift/thrift-value.ts'

export interface GapContent {
  /** Of the chunk that ends where the gap begins. */
  readonly inline: InlineMetadata | undefined
  readonly rest:
    /** Nothing but what belongs there: no data is missing. */
    | 'none'
    | 'zeros'
    | 'bloom-filter'
    /** Column and offset indexes, or a footer: the data ends here. */
    | 'index'
    /** A page that ends behind the end of the file. */
    | 'cut-page'
    | 'unknown'
}

/** The part of a gap that is looked at. */
const WINDOW_BYTES = 1024 * 1024

/** Looks at a gap; `isLast` when the bytes after it are the end of the file. */
export async function readGap(
  source: Pick<ByteSource, 'read'>,
  gap: { readonly offset: number; readonly length: number },
  isLast: boolean,
): Promise<GapContent> {
  const bytes = await source.read(gap.offset, Math.min(gap.length, WINDOW_BYTES))
  const found = readInlineMetadata(bytes)
  const inline = found.kind === 'metadata' ? found.metadata : undefined
  const rest = bytes.subarray(inline?.length ?? 0)
  return { inline, rest: contentOf(rest, gap.length > bytes.length, isLast) }
}

function contentOf(bytes: Uint8Array, isLonger: boolean, isLast: boolean): GapContent['rest'] {
  if (bytes.length === 0 && !isLonger) return 'none'
  if (bytes.every((byte) => byte === 0) && !isLonger) return 'zeros'
  const filterEnd = bloomFilterEnd(bytes)
  if (filterEnd !== undefined && filterEnd <= bytes.length && !isLonger) {
    const behind = contentOf(bytes.subarray(filterEnd), false, isLast)
    return behind === 'none' || behind === 'zeros' ? 'bloom-filter' : behind
  }
  if (!isLast) return 'unknown'
  if (isPageStart(bytes)) return 'cut-page'
  return filterEnd !== undefined || isIndexStart(bytes) ? 'index' : 'unknown'
}

/** End of a BloomFilterHeader (numBytes, then algorithm, hash and compression as unions) and its bits. */
function bloomFilterEnd(bytes: Uint8Array): number | undefined {
  const parsed = tryParse(bytes)
  if (parsed === undefined) return undefined
  const { struct, end } = parsed
  const size = integerIn(struct, 1)
  const isFilter =
    size !== undefined &&
    size > 0 &&
    struct.fields.size === 4 &&
    [2, 3, 4].every((id) => structIn(struct, id)?.fields.size === 1)
  return isFilter ? end + size : undefined
}

/** A page header, whole or cut: its first bytes say page type and uncompressed size. */
function isPageStart(bytes: Uint8Array): boolean {
  const type = bytes[1]
  if (bytes[0] !== 0x15) return false
  if (type === undefined) return true
  if (type > 6 || type % 2 === 1 || (bytes.length > 2 && bytes[2] !== 0x15)) return false
  const { struct, complete } = parseThriftPrefix(bytes.subarray(0, 64 * 1024))
  // A FileMetaData begins alike but has a list for field 2.
  return !complete || (struct.fields.has(3) && [5, 7, 8].some((id) => struct.fields.has(id)))
}

/** ColumnIndex begins with a list of flags, OffsetIndex with a list of structs, FileMetaData with a version and a list. */
function isIndexStart(bytes: Uint8Array): boolean {
  const element = (bytes[1] ?? 0) & 15
  if (bytes[0] === 0x19) return element === TYPE.TRUE || element === TYPE.FALSE || element === TYPE.STRUCT
  return bytes[0] === 0x15 && bytes[2] === 0x19
}

function tryParse(bytes: Uint8Array): { readonly struct: TypedStruct; readonly end: number } | undefined {
  if (bytes.length === 0 || bytes[0] === 0) return undefined
  try {
    return parseThrift(bytes)
  } catch (error) {
    if (error instanceof ThriftError) return undefined
    throw error
  }
}
