/** `cat a.parquet b.parquet`: several files in one, of which readers see the last, or nothing that makes sense. */
import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import { walkPages } from '../../pages/walk-pages.ts'
import { viewOf } from '../../source/pieces.ts'
import { chunkPlaces, hasPageAt } from '../footer/chunk-places.ts'
import { dataEnd, fitsShifted, readLayout, startsOfFile, type LayoutFacts } from '../footer/read-layout.ts'
import { searchFooter, type FooterSite } from './footer-site.ts'
import { sameSchema } from './same-schema.ts'

/** One of several files: its bytes [start, end). `site` is in terms of the part; undefined: its end is missing. */
export interface FilePart {
  readonly start: number
  readonly end: number
  readonly site: FooterSite | undefined
}

export interface PartsFacts {
  readonly parts: readonly FilePart[]
  readonly finding: Finding
}

interface Request {
  readonly head: Uint8Array
  readonly signal?: AbortSignal | undefined
}

const SMALLEST_FILE = 12
/** Room that another file needs between the data and the footer, or behind the footer. */
const SMALLEST_GAP = 12
const MAX_PARTS = 10_000
/** Pages that are walked over, and bytes that are searched behind them, to find where a first file ends. */
const WALKED_PAGES = 200_000
const SEARCHED_BYTES = 16 * 1024 * 1024
const NO_HEAD = new Uint8Array(0)

/** `last`: the footer that was found, and how its offsets fit. Undefined where there is only one file. */
export async function readParts(
  source: ByteSource,
  last: FooterSite | undefined,
  layout: LayoutFacts | undefined,
  request: Request,
): Promise<PartsFacts | undefined> {
  const parts =
    last === undefined || layout === undefined
      ? await firstAndCut(source, request)
      : await partsOf(source, last, layout, request)
  return parts.length < 2 ? undefined : { parts, finding: joined(parts) }
}

async function partsOf(
  source: ByteSource,
  last: FooterSite,
  layout: LayoutFacts,
  request: Request,
): Promise<readonly FilePart[]> {
  const lastStart = await startOf(source, last, layout)
  if (lastStart === undefined) return []
  const behind = await cutPart(source, last.end, source.sizeBytes)
  if (lastStart === 0 && behind === undefined) return []
  const parts: FilePart[] = [partOf(lastStart, last), ...(behind === undefined ? [] : [behind])]
  for (let end = lastStart; end > 0 && parts.length < MAX_PARTS;) {
    request.signal?.throwIfAborted()
    const before = await partBefore(source, end)
    if (before.length === 0) break
    parts.unshift(...before)
    end = before[0]?.start ?? 0
  }
  return parts
}

/** Places of a site are those of the bytes that were searched; a part has its own. */
function partOf(start: number, site: FooterSite): FilePart {
  const footer = { ...site.footer, footerOffset: site.footer.footerOffset - start, trailingBytes: 0 }
  return { start, end: site.end, site: { ...site, footer, end: site.end - start } }
}

async function partBefore(source: ByteSource, end: number): Promise<readonly FilePart[]> {
  if (end < SMALLEST_FILE) return []
  const before = viewOf(source, [{ kind: 'source', offset: 0, length: end }])
  const search = await searchFooter(before)
  if (search.kind === 'found') {
    const layout = await readLayout(before, search.site.footer, { head: NO_HEAD })
    const start = await startOf(before, search.site, layout)
    if (start === undefined) return []
    const cut = await cutPart(source, search.site.end, end)
    return [partOf(start, search.site), ...(cut === undefined ? [] : [cut])]
  }
  const cut = await cutPart(source, 0, end)
  // A file can be a value of another one.
  return cut === undefined || (await isInsidePage(source, end)) ? [] : [cut]
}

/** Where the file that a footer belongs to begins; undefined if nothing fits. */
async function startOf(source: ByteSource, site: FooterSite, layout: LayoutFacts): Promise<number | undefined> {
  if (layout.kind === 'shifted') return layout.starts ? layout.delta : layout.delta > 0 ? undefined : 0
  if (layout.kind !== 'fits') return undefined
  const end = site.footer.footerOffset
  const gap = end - dataEnd(site.footer)
  if (gap < SMALLEST_GAP) return 0
  // The pages of an earlier file may lie where this footer says its own are.
  const places = chunkPlaces(site.footer)
  for (const start of await startsOfFile(source, NO_HEAD, gap)) {
    const before = await source.read(start - 4, 4)
    if (start >= SMALLEST_FILE && isMagic(before) && (await fitsShifted(source, places, start, end))) return start
  }
  return 0
}

/** A file that begins at `start` and has no footer. */
async function cutPart(source: ByteSource, start: number, end: number): Promise<FilePart | undefined> {
  if (end - start < SMALLEST_FILE || !isMagic(await source.read(start, 4))) return undefined
  return (await mayBePage(source, start + 4, end)) ? { start, end, site: undefined } : undefined
}

/** The first page of a cut file may be cut itself. */
async function mayBePage(source: ByteSource, offset: number, end: number): Promise<boolean> {
  if (await hasPageAt(source, offset, end)) return true
  const bytes = await source.read(offset, Math.min(3, end - offset))
  return bytes[0] === 0x15 && (bytes[1] ?? 8) <= 6 && bytes[2] === 0x15
}

async function isInsidePage(source: ByteSource, at: number): Promise<boolean> {
  let pages = 0
  for await (const item of walkPages(source)) {
    const end = item.kind === 'page' ? item.page.offset + item.page.headerBytes + item.page.compressedBytes : 0
    if (item.kind === 'page' && item.page.offset < at && end > at) return true
    const offset = item.kind === 'page' ? item.page.offset : item.offset
    if (offset >= at || ++pages > WALKED_PAGES) return false
  }
  return false
}

/** The source has no footer that can be read: another file may have been cut off behind a whole one. */
async function firstAndCut(source: ByteSource, { head, signal }: Request): Promise<readonly FilePart[]> {
  if (!isMagic(head)) return []
  let pages = 0
  for await (const item of walkPages(source, { signal })) {
    if (item.kind === 'page') {
      if (++pages > WALKED_PAGES) return []
      continue
    }
    if (item.because === 'zeros' || item.because === 'column-metadata') continue
    const bytes = Buffer.from(await source.read(item.offset, Math.min(SEARCHED_BYTES, source.sizeBytes - item.offset)))
    for (let at = bytes.indexOf('PAR1PAR1'); at >= 0; at = bytes.indexOf('PAR1PAR1', at + 1)) {
      const end = item.offset + at + 4
      const cut = await cutPart(source, end, source.sizeBytes)
      const search = cut && (await searchFooter(viewOf(source, [{ kind: 'source', offset: 0, length: end }])))
      if (cut !== undefined && search?.kind === 'found' && search.site.end === end) return [partOf(0, search.site), cut]
    }
    return []
  }
  return []
}

function joined(parts: readonly FilePart[]): Finding {
  const [first] = parts
  const firstFileBytes = first?.end ?? 0
  const whole = parts.flatMap(({ site }) => (site === undefined ? [] : [site]))
  const isWhole = whole.length === parts.length
  const same = isWhole && sameSchema(whole)
  const count = parts.length === 2 ? 'Two' : String(parts.length)
  const rest = isWhole
    ? same
      ? ''
      : ' Their columns differ, so they cannot become one file; each can be had alone.'
    : ` ${parts.length - whole.length} of them ${parts.length - whole.length === 1 ? 'has' : 'have'} no footer.`
  return finding(
    'PQ109',
    `${count} Parquet files were joined: one ends at byte ${firstFileBytes}, and readers see only one of them.${rest}`,
    {
      // Of files that cannot become one, only one is in a result.
      repairable: same ? 'lossless' : 'lossy',
      where: { offset: firstFileBytes },
      evidence: {
        firstFileBytes,
        files: parts.length,
        wholeFiles: whole.length,
        sameSchema: same,
        ends: parts.slice(0, 20).map(({ end }) => end),
      },
    },
  )
}

function isMagic(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PAR1'
}
