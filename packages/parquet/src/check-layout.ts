/** Compares a footer with the bytes it speaks of: are there pages where it says, is there a second file in the gap. */
import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from './finding-codes.ts'
import type { ColumnChunk, ParquetFooter } from './footer.ts'
import { readThriftStruct } from './read-thrift.ts'
import { readFields } from './thrift-fields.ts'

/** A page header is small; statistics of long strings make it larger. */
const HEADER_BYTES = 16 * 1024
/** Bytes between the last known byte of data and the footer that are searched for the end of another file. */
const GAP_BYTES = 4 * 1024 * 1024

export async function checkLayout(source: ByteSource, footer: ParquetFooter, head: Uint8Array): Promise<Finding[]> {
  const chunks = sampleChunks(footer)
  const [first] = chunks
  if (first === undefined) return await checkGap(source, footer)
  const misses: ColumnChunk[] = []
  for (const chunk of chunks) if (!(await hasPageAt(source, chunk.start, footer.footerOffset))) misses.push(chunk)
  if (misses.length === 0) return await checkGap(source, footer)

  const delta = await findShift(source, footer, chunks, head)
  if (delta !== undefined && delta > 0)
    return [
      finding('PQ108', `${delta} bytes were put before the start of the Parquet file.`, {
        repairable: 'lossless',
        where: { offset: 0, length: delta },
        evidence: { leadingBytes: delta },
      }),
    ]
  const gap = await checkGap(source, footer)
  if (gap.length > 0) return gap
  const column = (misses[0] as ColumnChunk).path.join('.')
  return [
    finding(
      'PQ301',
      `There is no page at byte ${(misses[0] as ColumnChunk).start}, where column ${column} should begin.`,
      {
        repairable: 'lossy',
        where: { offset: (misses[0] as ColumnChunk).start, column },
        evidence: { checkedChunks: chunks.length, wrongChunks: misses.length },
      },
    ),
  ]
}

/** First and last chunk of the first and the last row group: enough to see a shift, few reads. */
function sampleChunks(footer: ParquetFooter): ColumnChunk[] {
  const groups = footer.rowGroups.filter((group) => group.rows > 0 && group.chunks.length > 0)
  const chosen = [groups[0], groups.at(-1)].flatMap((group) =>
    group === undefined ? [] : [group.chunks[0], group.chunks.at(-1)],
  )
  return [...new Set(chosen)].filter((chunk): chunk is ColumnChunk => chunk !== undefined && chunk.end > chunk.start)
}

async function hasPageAt(source: ByteSource, offset: number, end: number): Promise<boolean> {
  if (offset < 0 || offset >= end) return false
  const bytes = await source.read(offset, Math.min(HEADER_BYTES, end - offset))
  try {
    const { struct, end: headerBytes } = readThriftStruct(bytes)
    const header = readFields(struct)
    const type = header.int(1)
    const compressed = header.int(3)
    const isPage =
      (type === 0 && header.has(5)) || type === 1 || (type === 2 && header.has(7)) || (type === 3 && header.has(8))
    return isPage && header.int(2) >= 0 && compressed >= 0 && offset + headerBytes + compressed <= end
  } catch {
    // A header with very long statistics may not fit the window: not a miss.
    return bytes.length === HEADER_BYTES && bytes[0] === 0x15 && bytes[2] === 0x15
  }
}

/** The PAR1 nearest to the start after which every sampled chunk is in place. */
async function findShift(
  source: ByteSource,
  footer: ParquetFooter,
  chunks: readonly ColumnChunk[],
  head: Uint8Array,
): Promise<number | undefined> {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  for (let at = text.indexOf('PAR1', 1); at > 0; at = text.indexOf('PAR1', at + 1)) {
    let fits = true
    for (const chunk of chunks) fits &&= await hasPageAt(source, chunk.start + at, footer.footerOffset)
    if (fits) return at
  }
  return undefined
}

/** `cat a.parquet b.parquet`: the end of one file and the start of the next lie between the data and the footer. */
async function checkGap(source: ByteSource, footer: ParquetFooter): Promise<Finding[]> {
  const dataEnd = footer.rowGroups
    .flatMap(({ chunks }) => chunks.flatMap((chunk) => [chunk.end, ...chunk.auxiliary.map(([, end]) => end)]))
    .reduce((max, end) => Math.max(max, end), 4)
  const gap = footer.footerOffset - dataEnd
  if (gap < 12) return []
  const bytes = await source.read(dataEnd, Math.min(gap, GAP_BYTES))
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = text.indexOf('PAR1PAR1')
  if (at < 4) return []
  const firstFileBytes = dataEnd + at + 4
  const innerFooter = text.readUInt32LE(at - 4)
  if (innerFooter > firstFileBytes - 12) return []
  return [
    finding(
      'PQ109',
      `Two Parquet files were joined: one ends at byte ${firstFileBytes}, and readers see only one of them.`,
      {
        repairable: 'lossless',
        where: { offset: firstFileBytes },
        evidence: { firstFileBytes },
      },
    ),
  ]
}
