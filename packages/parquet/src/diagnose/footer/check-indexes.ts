/** Page indexes and bloom filters: what readers use to skip, and can do without. */
import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import type { ColumnChunk, ParquetFooter } from '../../footer.ts'
import { FieldError, ofStruct, readFields, type Fields } from '../../thrift-fields.ts'
import { readThriftStruct, ThriftError } from '../../read-thrift.ts'

export interface IndexFault {
  readonly rowGroup: number
  readonly column: number
  readonly what: 'page-index' | 'bloom-filter'
  readonly finding: Finding
}

const MAX_INDEX_BYTES = 64 * 1024 * 1024
const BLOOM_HEADER_BYTES = 64

/**
 * Reads the indexes and the header of the bloom filter of every chunk, or of those that are asked for. Whether the bounds in
 * them are true is not looked at.
 */
export async function checkIndexes(
  source: ByteSource,
  footer: ParquetFooter,
  options: {
    readonly only?: ((rowGroup: number, column: number) => boolean) | undefined
    readonly signal?: AbortSignal | undefined
  } = {},
): Promise<IndexFault[]> {
  const faults: IndexFault[] = []
  for (const [rowGroup, { rows, chunks }] of footer.rowGroups.entries())
    for (const [column, chunk] of chunks.entries()) {
      if (chunk.indexes === undefined || options.only?.(rowGroup, column) === false) continue
      options.signal?.throwIfAborted()
      const name = (footer.leaves[column]?.path ?? chunk.path).join('.')
      const why = await wrongPageIndex(source, chunk, rows)
      if (why !== undefined)
        faults.push({ rowGroup, column, what: 'page-index', finding: indexFault(why, rowGroup, name) })
      const bloom = await checkBloomFilter(source, chunk, rowGroup, name)
      if (bloom !== undefined) faults.push({ rowGroup, column, what: 'bloom-filter', finding: bloom })
    }
  return faults
}

function indexFault(why: string, rowGroup: number, column: string): Finding {
  return finding('PQ216', `The page index of column ${column} in row group ${rowGroup} is wrong: ${why}.`, {
    severity: 'warn',
    repairable: 'lossless',
    where: { rowGroup, column },
    evidence: { why },
  })
}

/** Reads the header of a chunk's bloom filter, if there is one. */
export async function checkBloomFilter(
  source: ByteSource,
  chunk: ColumnChunk,
  rowGroup: number,
  column: string,
): Promise<Finding | undefined> {
  const why = await wrongBloomFilter(source, chunk)
  if (why === undefined) return undefined
  return finding('PQ217', `The bloom filter of column ${column} in row group ${rowGroup} is wrong: ${why}.`, {
    severity: 'warn',
    repairable: 'lossless',
    where: { rowGroup, column },
    evidence: { why },
  })
}

async function wrongPageIndex(source: ByteSource, chunk: ColumnChunk, rows: number): Promise<string | undefined> {
  const { offsetIndex, columnIndex } = chunk.indexes ?? {}
  let pages: number | undefined
  if (offsetIndex !== undefined) {
    const read = await readWhole(source, offsetIndex)
    if (typeof read === 'string') return `its offset index ${read}`
    const locations = tryRead(() => read.list(1).map((item) => toLocation(readFields(ofStruct(item)))))
    if (locations === undefined) return 'its offset index cannot be decoded'
    pages = locations.length
    const why = wrongLocations(locations, chunk, rows)
    if (why !== undefined) return why
  }
  if (columnIndex === undefined) return undefined
  const read = await readWhole(source, columnIndex)
  if (typeof read === 'string') return `its column index ${read}`
  const counts = tryRead(() => [1, 2, 3].map((field) => read.list(field).length))
  if (counts === undefined) return 'its column index cannot be decoded'
  return counts.some((count) => count !== counts[0] || (pages !== undefined && count !== pages))
    ? 'its lists have different lengths'
    : undefined
}

interface Location {
  readonly offset: number
  readonly bytes: number
  readonly firstRow: number
}

function toLocation(fields: Fields): Location {
  return { offset: fields.long(1), bytes: fields.int(2), firstRow: fields.long(3) }
}

function wrongLocations(locations: readonly Location[], chunk: ColumnChunk, rows: number): string | undefined {
  for (const [index, { offset, bytes, firstRow }] of locations.entries()) {
    const before = locations[index - 1]
    if (offset < chunk.start || bytes < 0 || offset + bytes > chunk.end) return 'it names pages outside of the chunk'
    if (
      firstRow < 0 ||
      firstRow > rows ||
      (before !== undefined && (offset <= before.offset || firstRow < before.firstRow))
    )
      return 'its pages are not in order'
  }
  return (locations[0]?.firstRow ?? 0) === 0 ? undefined : 'its first page does not begin with the first row'
}

async function wrongBloomFilter(source: ByteSource, chunk: ColumnChunk): Promise<string | undefined> {
  const range = chunk.indexes?.bloomFilter
  if (range === undefined) return undefined
  const [start, length] = range
  if (start < 4 || start >= source.sizeBytes) return 'it should lie outside of the file'
  const bytes = await source.read(start, Math.min(BLOOM_HEADER_BYTES, source.sizeBytes - start))
  const header = tryRead(() => readThriftStruct(bytes))
  const filterBytes = header && tryRead(() => readHeader(readFields(header.struct)))
  if (header === undefined || filterBytes === undefined) return 'its header cannot be decoded'
  // Blocks of 256 bits.
  if (filterBytes <= 0 || filterBytes % 32 !== 0) return `it should have ${filterBytes} bytes`
  const total = header.end + filterBytes
  if (start + total > source.sizeBytes) return 'it goes on after the end of the file'
  return length !== undefined && length !== 0 && length !== total ? `it has ${total} bytes, not ${length}` : undefined
}

function readHeader(header: Fields): number {
  header.struct(2)
  header.struct(3)
  header.struct(4)
  return header.int(1)
}

async function readWhole(
  source: ByteSource,
  [start, length]: readonly [number, number | undefined],
): Promise<Fields | string> {
  if (length === undefined || length <= 0 || length > MAX_INDEX_BYTES || start < 4 || start + length > source.sizeBytes)
    return 'should lie outside of the file'
  const bytes = await source.read(start, length)
  const read = tryRead(() => readThriftStruct(bytes))
  return read === undefined || read.end !== length ? 'cannot be decoded' : readFields(read.struct)
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ThriftError || error instanceof FieldError) return undefined
    throw error
  }
}
