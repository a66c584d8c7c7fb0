import { crc32 } from 'node:zlib'
import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from './finding-codes.ts'
import type { ColumnChunk } from './footer.ts'
import { openWindow } from './pages/byte-window.ts'
import type { Page } from './pages/page.ts'
import { readPageHeader } from './pages/read-page-header.ts'
import { readFooter } from './read-footer.ts'

export interface ChecksumOptions {
  readonly signal?: AbortSignal | undefined
}

/** Looks at the bytes of a file on their way to somebody else. */
export interface ChecksumWatch {
  /**
   * The next bytes of the file, from its first on; they are not kept. `false`: nothing more is to be found out, so the rest
   * need not be shown.
   */
  push(bytes: Uint8Array): Promise<boolean>
  /** `PQ303` with the first page that is wrong; undefined while nothing is known to be wrong. */
  found(): Finding | undefined
}

/** Enough for the first page header; where that has no checksum, nothing more is read. */
const HEAD_BYTES = 4096
/** Read at a time. More was not faster. */
const BLOCK_BYTES = 2 ** 20
/** A header is rarely longer than 100 bytes; statistics of long texts may make it so. */
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
  const watch = watchChecksums(() => Promise.resolve({ ...source, close: () => Promise.resolve() }))
  for (let at = 0; at < source.sizeBytes;) {
    options.signal?.throwIfAborted()
    const bytes = await source.read(at, at === 0 ? HEAD_BYTES : BLOCK_BYTES)
    if (bytes.length === 0 || !(await watch.push(bytes))) break
    at += bytes.length
  }
  return watch.found()
}

/**
 * The same for a file that is read from its first byte to its last anyway, to hash it: adding up what is in memory costs half
 * of what hashing it does, reading it once more cost as much as the hash.
 *
 * @param open the same file, for its footer; only asked where the first page has a checksum or cannot be told, and closed
 */
export function watchChecksums(open: () => Promise<ByteSource>): ChecksumWatch {
  let at = 0
  let pages: PageStream | undefined
  let isOver = false
  return {
    found: () => pages?.wrong,
    async push(bytes) {
      if (isOver || bytes.length === 0) return !isOver
      if (at === 0) {
        const chunks = lacksChecksums(bytes) ? [] : await chunksOf(open)
        if (chunks.length > 0) pages = openPageStream(chunks)
      }
      at += bytes.length
      isOver = pages === undefined || !pages.push(bytes)
      return !isOver
    },
  }
}

/** Known from the head alone. A dictionary says nothing: some writers give only data pages a checksum. */
function lacksChecksums(head: Uint8Array): boolean {
  for (let at = MAGIC_BYTES, pages = 0; pages < 2 && at < head.length; pages++) {
    const outcome = readPageHeader(head, at, at)
    if (outcome.kind === 'no-page' || outcome.page.crc !== undefined) return false
    if (outcome.page.kind !== 'dictionary') return true
    at = bodyOf(outcome.page) + outcome.page.compressedBytes
  }
  return false
}

const MAGIC_BYTES = 4

interface PlacedChunk {
  readonly chunk: ColumnChunk
  readonly rowGroup: number
}

/** In the order of the file; none where the first has no checksums, or the footer is not sound. */
async function chunksOf(open: () => Promise<ByteSource>): Promise<readonly PlacedChunk[]> {
  const source = await open()
  try {
    const outcome = await readFooter(source)
    if (outcome.kind !== 'ok' || outcome.footer.leaves.length === 0) return []
    const chunks = outcome.footer.rowGroups.flatMap((group, rowGroup) =>
      group.chunks.map((chunk) => ({ chunk, rowGroup })),
    )
    const [first] = chunks
    if (first === undefined || !(await hasChecksums(source, first.chunk))) return []
    return chunks
      .filter(({ chunk }) => !chunk.encrypted && chunk.filePath === undefined && chunk.end <= source.sizeBytes)
      .toSorted((a, b) => a.chunk.start - b.chunk.start)
  } finally {
    await source.close()
  }
}

async function hasChecksums(source: ByteSource, chunk: ColumnChunk): Promise<boolean> {
  const window = openWindow(source, HEAD_BYTES)
  let at = chunk.start
  for (let pages = 0; pages < 2 && at < chunk.end; pages++) {
    const outcome = readPageHeader(await window.from(at, HEAD_BYTES), 0, at)
    // What has a longer header has statistics, and its checksum, if any, is behind the first bytes all the same.
    if (outcome.kind === 'no-page') return outcome.truncated
    if (outcome.page.crc !== undefined) return true
    at = bodyOf(outcome.page) + outcome.page.compressedBytes
  }
  return false
}

interface PageStream {
  readonly wrong: Finding | undefined
  /** `false`: at the end. */
  push(bytes: Uint8Array): boolean
}

/** Goes through the chunks page by page while the file passes by. Chunks that overlap one before are left out. */
function openPageStream(chunks: readonly PlacedChunk[]): PageStream {
  let place = 0
  let at = 0
  /** Where the next header begins; in a body, where the body ends. */
  let next = 0
  /** In its chunk, from 0; a dictionary counts. */
  let number = 0
  let begun: Uint8Array = NOTHING
  let body: { readonly page: Page; sum: number } | undefined
  let wrong: Finding | undefined
  nextChunk(0)

  function nextChunk(from: number): void {
    place = from
    while (place < chunks.length && (chunks[place] as PlacedChunk).chunk.start < at) place++
    next = chunks[place]?.chunk.start ?? Infinity
    number = 0
    begun = NOTHING
  }

  /** How many of these bytes were used up. */
  function take(bytes: Uint8Array): number {
    if (body === undefined && at - begun.length < next) return Math.min(bytes.length, next - at)
    if (body === undefined) return takeHeader(bytes)
    const part = bytes.subarray(0, next - at)
    body.sum = crc32(part, body.sum)
    return part.length
  }

  function takeHeader(bytes: Uint8Array): number {
    const { chunk } = chunks[place] as PlacedChunk
    const there = begun.length === 0 ? bytes : Buffer.concat([begun, bytes])
    const outcome = readPageHeader(there, 0, next)
    if (outcome.kind === 'no-page') {
      if (outcome.truncated && there.length < LONGEST_HEADER && next + there.length < chunk.end) {
        begun = Uint8Array.from(there)
        return bytes.length
      }
      nextChunk(place + 1)
      return 0
    }
    const { page } = outcome
    const used = page.headerBytes - begun.length
    const end = bodyOf(page) + page.compressedBytes
    if (end > chunk.end) {
      nextChunk(place + 1)
      return 0
    }
    begun = NOTHING
    body = { page, sum: 0 }
    next = end
    return used
  }

  function endPage(): void {
    if (body === undefined || at < next) return
    const { page, sum } = body
    const { chunk, rowGroup } = chunks[place] as PlacedChunk
    body = undefined
    if (page.crc !== undefined && page.crc !== sum) wrong = wrongPage(page, sum, { chunk, rowGroup }, number)
    number++
    if (next >= chunk.end) nextChunk(place + 1)
  }

  return {
    get wrong() {
      return wrong
    },
    push(bytes) {
      for (let used = 0; used < bytes.length && wrong === undefined && place < chunks.length;) {
        const taken = take(bytes.subarray(used))
        used += taken
        at += taken
        endPage()
      }
      return wrong === undefined && place < chunks.length
    },
  }
}

const NOTHING = new Uint8Array(0)

function bodyOf(page: Page): number {
  return page.offset + page.headerBytes
}

function wrongPage(page: Page, found: number, { chunk, rowGroup }: PlacedChunk, number: number): Finding {
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
