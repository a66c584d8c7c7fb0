import type { ByteSource } from '@tidegate/core'

import type { ColumnChunk } from '../footer.ts'
import type { ByteWindow } from './byte-window.ts'
import { checkHeader, checkPageBody, overLimit, type PageCheck, type PageInspector } from './check-page.ts'
import type { PageLeaf } from './decode-levels.ts'
import { hasOtherSize, TRIAL_BYTES } from './has-other-size.ts'
import { pageEnd, type Gap, type Page } from './page.ts'
import { pageFinding, type PageFinding } from './page-finding.ts'
import type { PageLimits } from './page-limits.ts'
import { placeRows, type RowSpan } from './row-spans.ts'
import { ENCODING } from './value-spec.ts'
import { walkPages } from './walk-pages.ts'

export interface ChunkScan {
  readonly rowGroup: number
  readonly column: number
  readonly path: readonly string[]
  /** Bytes [start, end), as the footer says. */
  readonly start: number
  readonly end: number
  /** `unchecked`: encrypted, in another file, above a limit, or of an unknown codec; nothing is known of it. */
  readonly status: 'intact' | 'damaged' | 'unchecked'
  /** In the order of the file. */
  readonly items: readonly ChunkItem[]
  /** Rows of the row group. */
  readonly expectedRows: number
  /** Rows of the intact pages, or undefined where the level does not count them. */
  readonly rows: number | undefined
  /** Values of the data pages, with the NULLs, damaged pages included as far as their headers tell. */
  readonly values: number
  readonly expectedValues: number
  /** Of the chunk as a whole; those of its pages stand with them. */
  readonly findings: readonly PageFinding[]
}

export type ChunkItem =
  | {
      readonly kind: 'page'
      readonly page: Page
      readonly status: 'intact' | 'damaged' | 'unchecked'
      /** Where in the row group its rows lie, if that can be told. A dictionary has none. */
      readonly rows: RowSpan | undefined
      readonly check: PageCheck
    }
  | {
      readonly kind: 'gap'
      readonly gap: Gap
      /** Nothing is missing: padding, or bytes behind the last value. */
      readonly harmless: boolean
      /** The rows that are lost in it, if that can be told. */
      readonly rows: RowSpan | undefined
    }

interface Bytes {
  readonly source: ByteSource
  readonly window: ByteWindow
  /** Exclusive end of everything that can be a page. */
  readonly dataEnd: number
}

interface Options {
  readonly level: 'headers' | 'pages' | 'values'
  readonly lenient: boolean
  readonly limits: Partial<PageLimits> | undefined
  readonly signal: AbortSignal | undefined
  readonly inspect: PageInspector | undefined
}

interface Place {
  readonly rowGroup: number
  readonly column: number
  readonly path: readonly string[]
  readonly rows: number
  readonly leaf: PageLeaf
}

/** Bodies above this are read on their own, not through the window. */
const OWN_READ_BYTES = 256 * 1024

/** Checks one chunk. See {@link scanChunks}. */
export async function scanChunk(bytes: Bytes, chunk: ColumnChunk, place: Place, options: Options): Promise<ChunkScan> {
  const state: State = { dictionarySize: undefined, dictionaryDamaged: false, hasData: false }
  const drafts: Draft[] = []
  const walk = walkPages(bytes.source, {
    from: chunk.start,
    to: chunk.end,
    limits: options.limits,
    signal: options.signal,
    window: bytes.window,
  })
  for await (const item of walk)
    drafts.push(
      item.kind === 'gap'
        ? { kind: 'gap', gap: item }
        : {
            kind: 'page',
            page: item.page,
            check: await checkInChunk(bytes, item.page, chunk, place.leaf, options, state),
          },
    )
  const page = await lastPageBeyond(bytes, drafts, chunk, options)
  if (page !== undefined)
    drafts.splice(-1, 1, {
      kind: 'page',
      page,
      check: await checkInChunk(bytes, page, chunk, place.leaf, options, state),
    })
  return conclude(drafts, chunk, place)
}

interface State {
  dictionarySize: number | undefined
  dictionaryDamaged: boolean
  hasData: boolean
}

type Draft =
  | { readonly kind: 'page'; readonly page: Page; readonly check: PageCheck }
  | { readonly kind: 'gap'; readonly gap: Gap }

/**
 * parquet-mr before 1.2.9 forgot the dictionary's header in the size of the chunk (PARQUET-816): its last page ends by so much
 * behind the chunk.
 */
async function lastPageBeyond(
  { source, window, dataEnd }: Bytes,
  drafts: readonly Draft[],
  chunk: ColumnChunk,
  { lenient, limits, signal }: Options,
): Promise<Page | undefined> {
  const [first, last] = [drafts[0], drafts.at(-1)]
  if (!lenient || last?.kind !== 'gap' || first?.kind !== 'page' || first.page.kind !== 'dictionary') return undefined
  const to = chunk.end + first.page.headerBytes
  if (to > dataEnd || last.gap.offset + last.gap.length !== chunk.end) return undefined
  for await (const item of walkPages(source, { from: last.gap.offset, to, limits, signal, window }))
    return item.kind === 'page' && pageEnd(item.page) === to ? item.page : undefined
  return undefined
}

async function checkInChunk(
  bytes: Bytes,
  page: Page,
  chunk: ColumnChunk,
  leaf: PageLeaf,
  options: Options,
  state: State,
): Promise<PageCheck> {
  const { level, lenient, limits, inspect } = options
  const tooLarge = overLimit(page, limits)
  const { dictionarySize } = state
  const seen =
    level === 'headers' || tooLarge !== undefined
      ? checkHeader(page, leaf, tooLarge)
      : checkPageBody(await readBody(bytes, page), page, leaf, chunk.codec, {
          level,
          lenient,
          limits,
          dictionarySize,
          inspect,
        })
  const check = level === 'headers' ? seen : await withoutFalseLimit(bytes, page, chunk.codec, seen)
  if (page.kind === 'index') return check
  if (page.kind === 'dictionary') {
    const misplaced = state.hasData || state.dictionarySize !== undefined
    state.dictionarySize ??= page.values
    state.dictionaryDamaged ||= misplaced || check.findings.some((found) => isError(found) && !isBeyondUs(found))
    return misplaced ? withError(check, pageFinding('PQ308', 'The chunk has a second or late dictionary.')) : check
  }
  state.hasData = true
  const usesDictionary = page.encoding === ENCODING.PLAIN_DICTIONARY || page.encoding === ENCODING.RLE_DICTIONARY
  if (!usesDictionary || !check.ok) return check
  if (state.dictionaryDamaged)
    return withError(check, pageFinding('PQ308', 'The page can be read, but the dictionary it needs is damaged.'))
  if (state.dictionarySize === undefined && page.values > 0 && check.nonNull !== 0)
    return withError(check, pageFinding('PQ307', 'The page refers to a dictionary that the chunk does not have.'))
  return check
}

/** A page that claims more than the limits allow, and whose bytes prove another size, is damaged and not large. */
async function withoutFalseLimit(bytes: Bytes, page: Page, codec: number, check: PageCheck): Promise<PageCheck> {
  const isLarge = check.findings.some(({ code }) => code === 'PQ315')
  if (!isLarge || page.compressedBytes > TRIAL_BYTES) return check
  if (!hasOtherSize(await readBody(bytes, page), page, codec)) return check
  const { compressedBytes, uncompressedBytes } = page
  const wrong = pageFinding('PQ305', 'The page claims a size that its bytes do not have.', {
    compressedBytes,
    uncompressedBytes,
  })
  return { ...check, findings: [wrong, ...check.findings.filter(({ code }) => code !== 'PQ315')] }
}

function withError(check: PageCheck, finding: PageFinding): PageCheck {
  return { ...check, ok: false, findings: [...check.findings, finding] }
}

async function readBody({ source, window }: Bytes, page: Page): Promise<Uint8Array> {
  const [at, length] = [page.offset + page.headerBytes, page.compressedBytes]
  if (length > OWN_READ_BYTES && window.held(at).length < length) return await source.read(at, length)
  return (await window.from(at, length)).subarray(0, length)
}

function conclude(drafts: readonly Draft[], chunk: ColumnChunk, place: Place): ChunkScan {
  const values = drafts.reduce(
    (sum, draft) => sum + (draft.kind === 'page' && isData(draft.page) ? draft.page.values : 0),
    0,
  )
  const pages = drafts.flatMap((draft) => (draft.kind === 'page' ? [draft] : []))
  const isComplete = values === chunk.values && pages.every(({ check }) => check.ok)
  const isFlat = place.leaf.maxRepetitionLevel === 0
  // Gaps that follow each other (zeros, then the rest of a page) are one loss; the first of them has its rows.
  const goesOn = (index: number): boolean => drafts[index]?.kind === 'gap' && drafts[index - 1]?.kind === 'gap'
  const parts = drafts.map((draft, index) => {
    if (goesOn(index)) return { rows: 0, doubtful: false }
    if (draft.kind === 'gap') return { rows: isComplete ? 0 : undefined, doubtful: !isComplete }
    const { page, check } = draft
    const rows = !isData(page) ? 0 : (check.rows ?? (isFlat ? page.values : undefined))
    return { rows, doubtful: !check.ok && isData(page) }
  })
  const spans = placeRows(parts, place.rows)
  const items = drafts.map((draft, index): ChunkItem => {
    const rows = spans[index]
    if (draft.kind === 'gap')
      return { ...draft, harmless: isComplete, rows: isComplete || goesOn(index) ? undefined : rows }
    const status = draft.check.ok ? 'intact' : draft.check.findings.every(isBeyondUs) ? 'unchecked' : 'damaged'
    return { ...draft, status, rows: isData(draft.page) ? rows : undefined }
  })
  const findings = chunkFindings(drafts, chunk, place, { values, isComplete })
  const isDamaged = findings.some(isError) || items.some((item) => item.kind === 'page' && item.status === 'damaged')
  return {
    rowGroup: place.rowGroup,
    column: place.column,
    path: place.path,
    start: chunk.start,
    end: chunk.end,
    status: isDamaged ? 'damaged' : pages.some(({ check }) => !check.ok) ? 'unchecked' : 'intact',
    items,
    expectedRows: place.rows,
    rows: sumRows(pages.map(({ check }) => (check.ok ? check.rows : 0))),
    values,
    expectedValues: chunk.values,
    findings,
  }
}

function chunkFindings(
  drafts: readonly Draft[],
  chunk: ColumnChunk,
  place: Place,
  { values, isComplete }: { readonly values: number; readonly isComplete: boolean },
): PageFinding[] {
  const findings: PageFinding[] = []
  for (const draft of drafts)
    if (draft.kind === 'gap' && !(isComplete && draft.gap.because === 'zeros'))
      findings.push(gapFinding(draft.gap, isComplete ? 'info' : 'error'))
  const isDamaged = findings.some(isError) || drafts.some((draft) => draft.kind === 'page' && !draft.check.ok)
  // Where nothing is missing between the pages, their headers are all there, whatever became of the bodies.
  const hasAllHeaders = drafts.every(({ kind }) => kind === 'page')
  if (values !== chunk.values && (!isDamaged || hasAllHeaders))
    findings.push(
      pageFinding(
        'PQ310',
        `The pages of the chunk have ${counted(values)} values; the footer says ${counted(chunk.values)}.`,
        {
          values,
          expected: chunk.values,
        },
      ),
    )
  if (isDamaged) return findings
  const beyond = overhang(drafts, chunk)
  if (beyond > 0)
    findings.push(
      pageFinding(
        'PQ302',
        `The last page ends ${beyond} bytes behind the end of its chunk: the writer left a header out of the size.`,
        { beyond },
        'warn',
      ),
    )
  const rows = sumRows(drafts.map((draft) => (draft.kind === 'page' ? draft.check.rows : 0)))
  if (rows !== undefined && rows !== place.rows)
    findings.push(
      pageFinding(
        'PQ212',
        `The pages of the chunk have ${counted(rows)} rows; its row group has ${counted(place.rows)}.`,
        {
          rows,
          expected: place.rows,
        },
      ),
    )
  return findings
}

/** Bytes of the last page that the size of the chunk leaves out. */
function overhang(drafts: readonly Draft[], chunk: ColumnChunk): number {
  const last = drafts.at(-1)
  return last?.kind === 'page' ? Math.max(0, pageEnd(last.page) - chunk.end) : 0
}

function gapFinding(gap: Gap, severity: PageFinding['severity']): PageFinding {
  const evidence = { offset: gap.offset, length: gap.length, because: gap.because }
  if (gap.because === 'page-cut')
    return pageFinding('PQ302', 'The page goes on after the end of its chunk.', evidence, severity)
  if (gap.because === 'limit')
    return pageFinding('PQ903', 'From here on there are more pages than are allowed.', evidence, severity)
  const what =
    gap.because === 'zeros'
      ? 'are zero'
      : gap.because === 'page-size'
        ? 'begin with a header of an impossible size'
        : 'cannot be read as one'
  const bytes = `${gap.length.toLocaleString('en-US')} ${gap.length === 1 ? 'byte' : 'bytes'}`
  return pageFinding('PQ301', `${bytes} where pages should be ${what}.`, evidence, severity)
}

function isData(page: Page): boolean {
  return page.kind === 'data-v1' || page.kind === 'data-v2'
}

function isError(finding: PageFinding): boolean {
  return finding.severity === 'error' || finding.severity === 'fatal'
}

/** Not read, so not known to be damaged. */
function isBeyondUs(finding: PageFinding): boolean {
  return !isError(finding) || finding.code === 'PQ315' || finding.code === 'PQ213' || finding.code === 'PQ903'
}

function sumRows(counts: readonly (number | undefined)[]): number | undefined {
  return counts.reduce<number | undefined>(
    (sum, rows) => (sum === undefined || rows === undefined ? undefined : sum + rows),
    0,
  )
}

/** For people, with separators. */
function counted(count: number): string {
  return count.toLocaleString('en-US')
}
