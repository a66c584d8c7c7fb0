/** Where a footer says that column chunks begin, and whether there are pages. */
import type { ByteSource } from '@tidegate/core'

import type { ColumnChunk, ParquetFooter } from '../../footer.ts'
import { readPageHeader } from '../../pages/read-page-header.ts'
import { readThriftStruct } from '../../read-thrift.ts'
import { readFields } from '../../thrift-fields.ts'

export interface ChunkPlace {
  readonly rowGroup: number
  readonly column: number
  readonly chunk: ColumnChunk
}

/** A page header is small; statistics of long strings make it larger. */
const HEADER_BYTES = 16 * 1024

/** Chunks that can be looked at (not empty, not encrypted, not in another file), in the order of the file. */
export function chunkPlaces(footer: ParquetFooter): ChunkPlace[] {
  const places: ChunkPlace[] = []
  for (const [rowGroup, { rows, chunks }] of footer.rowGroups.entries()) {
    if (rows === 0) continue
    for (const [column, chunk] of chunks.entries())
      if (chunk.end > chunk.start && !chunk.encrypted && !isElsewhere(chunk)) places.push({ rowGroup, column, chunk })
  }
  return places.sort((a, b) => a.chunk.start - b.chunk.start)
}

function isElsewhere({ filePath }: ColumnChunk): boolean {
  return filePath !== undefined && filePath !== ''
}

/** First and last chunk of the first and the last row group: enough to see a shift, few reads. */
export function samplePlaces(footer: ParquetFooter): ChunkPlace[] {
  const places: ChunkPlace[] = []
  const groups = footer.rowGroups.map((group, rowGroup) => ({ ...group, rowGroup }))
  const used = groups.filter(({ rows, chunks }) => rows > 0 && chunks.length > 0)
  for (const group of new Set([used[0], used.at(-1)]))
    for (const column of new Set([0, (group?.chunks.length ?? 0) - 1])) {
      const chunk = group?.chunks[column]
      if (group === undefined || chunk === undefined || chunk.end <= chunk.start) continue
      if (!chunk.encrypted && !isElsewhere(chunk)) places.push({ rowGroup: group.rowGroup, column, chunk })
    }
  return places
}

/** Up to `count` of the places, evenly spread; the first and the last are among them. */
export function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  const step = (items.length - 1) / (count - 1)
  return Array.from({ length: count }, (_, index) => items[Math.round(index * step)] as T)
}

/** True when a page begins at `offset`; whether all of it is there is not looked at. */
export async function hasPageAt(source: ByteSource, offset: number, end: number): Promise<boolean> {
  if (offset < 0 || offset >= end) return false
  const bytes = await source.read(offset, Math.min(HEADER_BYTES, end - offset))
  const strict = readPageHeader(bytes, 0, offset)
  if (strict.kind === 'page') return true
  // A header with very long statistics may not fit the window: not a miss.
  return (strict.truncated && bytes.length === HEADER_BYTES) || isOlderPage(bytes)
}

/** Odd writers: what is not quite a page header for the strict reader, but was meant as one. */
function isOlderPage(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x15 || bytes[2] !== 0x15) return false
  try {
    const header = readFields(readThriftStruct(bytes).struct)
    const type = header.int(1)
    const isPage =
      (type === 0 && header.has(5)) || type === 1 || (type === 2 && header.has(7)) || (type === 3 && header.has(8))
    return isPage && header.int(2) >= 0 && header.int(3) >= 0
  } catch {
    return false
  }
}
