import { crc32 } from 'node:zlib'
import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from './finding-codes.ts'
import type { ColumnChunk } from './footer.ts'
import { openWindow, type ByteWindow } from './pages/byte-window.ts'
import type { Page } from './pages/page.ts'
import { readPageHeader } from './pages/read-page-header.ts'
import { readFooter } from './read-footer.ts'

export interface ChecksumOptions {
  readonly signal?: AbortSignal | undefined
}

/** Read at a time. More was not faster. */
const BLOCK_BYTES = 2 ** 20
/** A header is rarely longer than 100 bytes; statistics of long texts may make it so. */
const HEADER_BYTES = 4096
const LONGEST_HEADER = 2 ** 24

/**
 * Adds up the stored bytes of every page and compares them with the checksums that the writer put into the page headers. The
 * first page that is wrong ends it. A file whose first pages have no checksum is not looked at any further, so that it costs one
 * small read.
 *
 * Only the checksums are judged: where there is no page header, the chunk is left to those who decode it. Throws only what
 * the source throws.
 *
 * @returns `PQ303`, or undefined if nothing is known to be wrong
 */
export async function findWrongChecksum(
  source: ByteSource,
  options: ChecksumOptions = {},
): Promise<Finding | undefined> {
  const outcome = await readFooter(source)
  if (outcome.kind !== 'ok') return undefined
  const { rowGroups, leaves } = outcome.footer
  const chunks = rowGroups.flatMap((group, rowGroup) => group.chunks.map((chunk) => ({ chunk, rowGroup })))
  const first = chunks[0]?.chunk
  if (first === undefined || leaves.length === 0 || !(await hasChecksums(source, first))) return undefined
  const window = openWindow(source, BLOCK_BYTES)
  for (const { chunk, rowGroup } of chunks.toSorted((a, b) => a.chunk.start - b.chunk.start)) {
    const wrong = chunk.encrypted ? undefined : await wrongPage(window, chunk, source.sizeBytes, options.signal)
    if (wrong === undefined) continue
    const { page, number, found } = wrong
    return finding('PQ303', 'The checksum of a page is wrong: its bytes have changed since it was written.', {
      severity: 'error',
      repairable: 'lossy',
      where: {
        offset: page.offset,
        length: page.headerBytes + page.compressedBytes,
        rowGroup,
        column: chunk.path.join('.'),
        page: number,
      },
      evidence: { crc: page.crc ?? null, found },
    })
  }
  return undefined
}

/** The first page of a chunk may be a dictionary, which some writers leave without. */
async function hasChecksums(source: ByteSource, chunk: ColumnChunk): Promise<boolean> {
  const window = openWindow(source, HEADER_BYTES)
  let at = chunk.start
  for (let pages = 0; pages < 2 && at < chunk.end; pages++) {
    const page = await pageAt(window, at)
    if (page === undefined) return false
    if (page.crc !== undefined) return true
    at = page.offset + page.headerBytes + page.compressedBytes
  }
  return false
}

interface WrongPage {
  readonly page: Page
  /** In its chunk, from 0; a dictionary counts. */
  readonly number: number
  readonly found: number
}

async function wrongPage(
  window: ByteWindow,
  chunk: ColumnChunk,
  sizeBytes: number,
  signal: AbortSignal | undefined,
): Promise<WrongPage | undefined> {
  const end = Math.min(chunk.end, sizeBytes)
  let at = chunk.start
  for (let number = 0; at < end; number++) {
    signal?.throwIfAborted()
    const page = await pageAt(window, at)
    if (page === undefined) return undefined
    const body = page.offset + page.headerBytes
    at = body + page.compressedBytes
    if (at > end) return undefined
    if (page.crc === undefined) continue
    const found = await sumUp(window, body, at)
    if (found !== page.crc) return { page, number, found }
  }
  return undefined
}

/** Block by block, so that a page of any size needs no more than a block of memory. */
async function sumUp(window: ByteWindow, from: number, to: number): Promise<number> {
  let sum = 0
  for (let at = from; at < to;) {
    const there = window.held(at)
    const bytes = there.length > 0 ? there : await window.from(at, 1)
    if (bytes.length === 0) return sum
    const part = bytes.subarray(0, to - at)
    sum = crc32(part, sum)
    at += part.length
  }
  return sum
}

async function pageAt(window: ByteWindow, at: number): Promise<Page | undefined> {
  for (let length = HEADER_BYTES; ; length *= 8) {
    const bytes = await window.from(at, length)
    const outcome = readPageHeader(bytes, 0, at)
    if (outcome.kind === 'page') return outcome.page
    if (!outcome.truncated || bytes.length < length || length >= LONGEST_HEADER) return undefined
  }
}
