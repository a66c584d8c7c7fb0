/** Places, sizes, counts and codecs of column chunks that their pages contradict: what the pages say decides. */
import type { ByteSource } from '@tidegate/core'

import type { ColumnChunk, ParquetFooter } from '../../footer.ts'
import { openWindow, type ByteWindow } from '../../pages/byte-window.ts'
import { checkPage } from '../../pages/check-page.ts'
import { pageEnd, type Page } from '../../pages/page.ts'
import { scanChunks, type ScanOptions } from '../../pages/scan-chunks.ts'
import { walkPages } from '../../pages/walk-pages.ts'
import { replaceItem, setField } from '../../thrift/patch-thrift.ts'
import {
  i32,
  i64,
  isStruct,
  structField,
  structIn,
  type TypedField,
  type TypedStruct,
} from '../../thrift/thrift-value.ts'
import type { RepairStep } from '../plan.ts'
import type { Mended } from './mend-schema.ts'

type Options = Pick<ScanOptions, 'limits' | 'signal'>

/** parquet-mr before 1.2.9 forgot the dictionary's header in the size of the chunk (PARQUET-816). */
const FORGOTTEN_BYTES = 256
const READ_AHEAD = 16 * 1024
const LZ4 = 5
const LZ4_RAW = 7
const CODECS = [0, 1, 2, 4, LZ4, 6, LZ4_RAW] as const

export async function mendChunks(
  view: ByteSource,
  footer: ParquetFooter,
  tree: TypedStruct,
  options: Options,
): Promise<Mended> {
  const window = openWindow(view, READ_AHEAD)
  const steps: RepairStep[] = []
  let result = tree
  let before = 4
  for (const [rowGroup, { rows, chunks }] of footer.rowGroups.entries())
    for (const [column, chunk] of chunks.entries()) {
      options.signal?.throwIfAborted()
      if (rows === 0 || chunk.encrypted || (chunk.filePath ?? '') !== '' || chunk.compressedBytes <= 0) continue
      const next = chunks[column + 1] ?? footer.rowGroups[rowGroup + 1]?.chunks[0]
      const place: Place = { view, window, footer, rowGroup, column, chunk, before, next: next?.start, options }
      const found = await findPages(place)
      before = found?.end ?? chunk.end
      const fields =
        found === undefined
          ? await dataPageField(place)
          : { ...placeFields(chunk, found), ...(await codecField(place, found)), ...countField(chunk, found) }
      if (Object.keys(fields).length === 0) continue
      result = changeMetadata(result, rowGroup, column, fields)
      steps.push(describe(footer, place, fields))
    }
  return { tree: result, steps }
}

interface Place {
  readonly view: ByteSource
  readonly window: ByteWindow
  readonly footer: ParquetFooter
  readonly rowGroup: number
  readonly column: number
  readonly chunk: ColumnChunk
  /** End of the chunk before it. */
  readonly before: number
  /** Start of the one behind it, as the footer says. */
  readonly next: number | undefined
  readonly options: Options
}

interface Run {
  readonly pages: readonly Page[]
  readonly values: number
  readonly start: number
  readonly end: number
}

/** The pages of a chunk without a gap; undefined where they are damaged or cannot be told from others. */
async function findPages(place: Place): Promise<Run | undefined> {
  const { chunk, before, next, footer } = place
  const { start, compressedBytes } = chunk
  const stated = await walk(place, start, chunk.end)
  if (stated !== undefined && isWhole(stated, chunk)) return stated
  for (const other of new Set([
    before,
    chunk.dictionaryPageOffset,
    chunk.dataPageOffset,
    (next ?? 0) - compressedBytes,
  ])) {
    if (other === undefined || other < 4 || other === start) continue
    const run = await walk(place, other, other + compressedBytes)
    if (run !== undefined && run.end === other + compressedBytes && isWhole(run, chunk)) return run
  }
  const limit = next !== undefined && next > start ? next : footer.footerOffset
  const sized = await walk(place, start, limit, chunk.values)
  if (sized !== undefined && isWhole(sized, chunk) && (next === undefined || sized.end === next)) return sized
  // All of its bytes are pages: then it is the number of values that is wrong, if the rows add up.
  const isComplete = stated !== undefined && stated.end === chunk.end && needsNoDictionary(stated)
  return isComplete && (await hasAllRows(place)) ? stated : undefined
}

async function walk(place: Place, from: number, to: number, stopAt = Infinity): Promise<Run | undefined> {
  const { view, window, footer, options } = place
  if (from < 4 || to > footer.footerOffset || to <= from) return undefined
  const pages: Page[] = []
  let values = 0
  let end = from
  for await (const item of walkPages(view, { from, to, window, limits: options.limits, signal: options.signal })) {
    if (item.kind === 'gap') {
      if (item.because === 'page-cut' && item.claimed !== undefined && pageEnd(item.claimed) <= to + FORGOTTEN_BYTES) {
        pages.push(item.claimed)
        values += valuesOf(item.claimed)
        end = to
        break
      }
      if (item.because === 'zeros' || item.because === 'column-metadata') continue
      return undefined
    }
    if (item.page.kind === 'dictionary' && pages.length > 0) return undefined
    pages.push(item.page)
    values += valuesOf(item.page)
    end = pageEnd(item.page)
    if (values >= stopAt) break
  }
  return { pages, values, start: from, end }
}

function valuesOf(page: Page): number {
  return page.kind === 'data-v1' || page.kind === 'data-v2' ? page.values : 0
}

function isWhole(run: Run, chunk: ColumnChunk): boolean {
  return run.values === chunk.values && needsNoDictionary(run)
}

/** True where no page refers to a dictionary, or there is one. */
function needsNoDictionary({ pages }: Run): boolean {
  const isReferring = pages.some(({ kind, encoding }) => kind !== 'dictionary' && (encoding === 2 || encoding === 8))
  return !isReferring || pages[0]?.kind === 'dictionary' || pages.every(({ v2 }) => v2 !== undefined && v2.nulls > 0)
}

async function hasAllRows({ view, footer, rowGroup, column, options }: Place): Promise<boolean> {
  const only = (group: number, index: number): boolean => group === rowGroup && index === column
  const rows = footer.rowGroups[rowGroup]?.rows
  for await (const scan of scanChunks(view, footer, { ...options, level: 'pages', only }))
    return scan.rows === rows && scan.items.every((item) => item.kind === 'page' && item.check.ok)
  return false
}

type Fields = Readonly<Record<number, TypedField>>

/** Fields of ColumnMetaData that say where the pages are. What is odd but serves is left as it is. */
function placeFields(chunk: ColumnChunk, run: Run): Fields {
  const fields: Record<number, TypedField> = {}
  const [first] = run.pages
  const data = run.pages.find(({ kind }) => kind !== 'dictionary' && kind !== 'index')
  const offsets = new Set(run.pages.map(({ offset }) => offset))
  if (data !== undefined && chunk.dataPageOffset !== 0 && !offsets.has(chunk.dataPageOffset))
    fields[9] = i64(data.offset)
  const dictionary = chunk.dictionaryPageOffset ?? 0
  if (first?.kind === 'dictionary' && run.start !== chunk.start) fields[11] = i64(first.offset)
  else if (dictionary > 0 && !offsets.has(dictionary) && first?.kind === 'dictionary') fields[11] = i64(first.offset)
  if (run.start === chunk.start && run.end > chunk.end + FORGOTTEN_BYTES) fields[7] = i64(run.end - run.start)
  return fields
}

/** The first data page of a chunk whose pages are in order, with bytes between them that nobody misses. */
async function dataPageField({ view, footer, rowGroup, column, chunk, options }: Place): Promise<Fields> {
  const only = (group: number, index: number): boolean => group === rowGroup && index === column
  for await (const { status, items } of scanChunks(view, footer, { ...options, level: 'pages', only })) {
    const pages = items.flatMap((item) => (item.kind === 'page' ? [item.page] : []))
    const data = pages.find(({ kind }) => kind === 'data-v1' || kind === 'data-v2')
    if (status !== 'intact' || data === undefined || pages.some(({ offset }) => offset === chunk.dataPageOffset)) break
    // Without a dictionary the chunk begins with that page, and ends where it did.
    const isFirst = pages[0] === data
    return { 9: i64(data.offset), ...(isFirst ? { 7: i64(chunk.end - data.offset) } : {}) }
  }
  return {}
}

function countField(chunk: ColumnChunk, run: Run): Fields {
  return run.values === chunk.values ? {} : { 5: i64(run.values) }
}

/** Another codec, if only with it all pages can be decoded. */
async function codecField(place: Place, run: Run): Promise<Fields> {
  const { view, footer, rowGroup, column, chunk, options } = place
  const leaf = footer.leaves[column]
  const smallest = run.pages.reduce<Page | undefined>(
    (least, page) => (least === undefined || page.compressedBytes < least.compressedBytes ? page : least),
    undefined,
  )
  if (leaf === undefined || smallest === undefined) return {}
  const check = await checkPage(view, smallest, leaf, chunk.codec, {
    level: 'pages',
    lenient: true,
    limits: options.limits,
  })
  if (!check.findings.some(({ code }) => code === 'PQ304' || code === 'PQ305' || code === 'PQ213')) return {}
  const fitting: number[] = []
  for (const codec of CODECS) {
    if (codec === chunk.codec) continue
    const supposed = { ...chunk, codec, start: run.start, end: run.end }
    if (await isIntact(view, withChunk(footer, rowGroup, column, supposed), rowGroup, column, options))
      fitting.push(codec)
  }
  // What is lz4_raw can be read as lz4 too: its framing is told by its bytes.
  const certain = fitting.filter((codec) => codec !== LZ4 || !fitting.includes(LZ4_RAW))
  // Values of V2 pages can be stored as they are under any codec.
  const [codec] = certain.includes(0) ? [0] : certain
  return codec !== undefined && (certain.length === 1 || codec === 0) ? { 4: i32(codec) } : {}
}

function withChunk(footer: ParquetFooter, rowGroup: number, column: number, chunk: ColumnChunk): ParquetFooter {
  const group = footer.rowGroups[rowGroup]
  if (group === undefined) return footer
  return {
    ...footer,
    rowGroups: footer.rowGroups.with(rowGroup, { ...group, chunks: group.chunks.with(column, chunk) }),
  }
}

async function isIntact(
  view: ByteSource,
  footer: ParquetFooter,
  rowGroup: number,
  column: number,
  options: Options,
): Promise<boolean> {
  const only = (group: number, index: number): boolean => group === rowGroup && index === column
  for await (const { status } of scanChunks(view, footer, { ...options, level: 'pages', only }))
    return status === 'intact'
  return false
}

function changeMetadata(tree: TypedStruct, rowGroup: number, column: number, fields: Fields): TypedStruct {
  return replaceItem(tree, 4, rowGroup, (group) =>
    isStruct(group)
      ? replaceItem(group, 1, column, (chunk) => {
          const metadata = isStruct(chunk) ? structIn(chunk, 3) : undefined
          if (!isStruct(chunk) || metadata === undefined) return chunk
          const changed = Object.entries(fields).reduce(
            (all, [id, field]) => setField(all, Number(id), field),
            metadata,
          )
          return setField(chunk, 3, structField(changed))
        })
      : group,
  )
}

const CODEC_NAMES = ['no compression', 'snappy', 'gzip', 'LZO', 'brotli', 'lz4', 'zstd', 'lz4_raw'] as const

function describe(footer: ParquetFooter, { rowGroup, column }: Place, fields: Fields): RepairStep {
  const name = footer.leaves[column]?.path.join('.') ?? ''
  const where = `column ${name} in row group ${rowGroup}`
  const codec = fields[4]?.value
  if (typeof codec === 'number')
    return {
      code: 'PQ213',
      what: `The codec of ${where} is ${CODEC_NAMES[codec] ?? ''}, with which all of its pages can be decoded`,
      lossless: true,
    }
  if (fields[9] !== undefined || fields[11] !== undefined)
    return { code: 'PQ208', what: `The offset of ${where} is corrected`, lossless: true }
  if (fields[7] !== undefined) return { code: 'PQ209', what: `The size of ${where} is corrected`, lossless: true }
  return { code: 'PQ310', what: `The number of values of ${where} is that of its pages`, lossless: true }
}
