import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ParquetFooter } from '../footer.ts'
import { readFooter } from '../read-footer.ts'
import { bytesSource } from '../testing/byte-source.ts'
import type { SoundSpec } from '../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../testing/sound-files.ts'
import { chunkFindings } from './chunk-findings.ts'
import type { ChunkItem, ChunkScan } from './scan-chunk.ts'
import { scanChunks, type ScanOptions } from './scan-chunks.ts'

let files: SoundFiles

beforeAll(async () => {
  files = await openSoundFiles()
})

afterAll(async () => {
  await files.close()
})

const CODECS = ['none', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli'] as const
const SPECS: readonly SoundSpec[] = [
  ...SMALL_SPECS,
  ...CODECS.flatMap((codec) =>
    ([1, 2] as const).flatMap((pages) =>
      (['flat', 'nested'] as const).map((shape): SoundSpec => {
        return { writer: 'duckdb', codec, shape, pages, dictionary: true, smallPages: false, checksums: false }
      }),
    ),
  ),
]

describe('sound files of every writer have no finding, also without leniency', () => {
  for (const spec of SPECS)
    test(Object.values(spec).join(' '), async () => {
      const { bytes, layout } = await files.get(spec)
      const scans = await scan(bytes, { level: 'values', lenient: false })
      expect(scans).toHaveLength(layout.rowGroups.reduce((sum, group) => sum + group.chunks.length, 0))
      for (const chunk of scans) {
        const findings = [...chunk.findings, ...pagesOf(chunk).flatMap(({ check }) => check.findings)]
        expect(findings, chunk.path.join('.')).toEqual([])
        expect(chunk).toMatchObject({ status: 'intact', rows: chunk.expectedRows, values: chunk.expectedValues })
        // Its pages cover all rows of the row group, without a hole.
        const spans = pagesOf(chunk).flatMap(({ rows }) => (rows === undefined ? [] : [rows]))
        expect(spans[0]?.from).toBe(0)
        expect(spans.at(-1)?.to).toBe(chunk.expectedRows)
        for (const [index, span] of spans.entries()) expect(span.from).toBe(spans[index - 1]?.to ?? 0)
        if (spec.checksums) expect(pagesOf(chunk).every(({ check }) => check.crc === 'ok')).toBe(true)
      }
    })
})

const PLAIN_PAGES: SoundSpec = {
  writer: 'arrow-rs',
  codec: 'snappy',
  shape: 'flat',
  pages: 1,
  dictionary: false,
  smallPages: true,
  checksums: false,
}

test('64 flipped bytes in one compressed page are found, and its rows are told', async () => {
  // gzip carries a checksum of its own; flips in the literals of Snappy cannot always be seen.
  const { bytes } = await files.get({ ...PLAIN_PAGES, codec: 'gzip' })
  const [chunk, page] = await pageWith(bytes, (item) => item.page.compressedBytes > 400)
  const damaged = Uint8Array.from(bytes)
  const from = page.page.offset + page.page.headerBytes + 100
  for (let at = from; at < from + 64; at++) damaged[at] = (damaged[at] as number) ^ 0xa5
  const scans = await scan(damaged)
  const hit = scans.find((scan) => scan.rowGroup === chunk.rowGroup && scan.column === chunk.column)
  const broken = hit === undefined ? [] : pagesOf(hit).filter(({ status }) => status === 'damaged')
  expect(broken).toHaveLength(1)
  expect(broken[0]).toMatchObject({ rows: page.rows, page: { offset: page.page.offset } })
  expect(scans.filter(({ status }) => status !== 'intact')).toHaveLength(1)
})

test('a destroyed page header is a gap whose rows follow from the other pages', async () => {
  const { bytes } = await files.get(PLAIN_PAGES)
  const [chunk, page] = await pageWith(bytes, (item) => (item.rows?.from ?? 0) > 0)
  const damaged = Uint8Array.from(bytes)
  damaged.fill(0xee, page.page.offset, page.page.offset + 4)
  const scans = await scan(damaged)
  const bad = scans.filter(({ status }) => status !== 'intact')
  expect(bad).toHaveLength(1)
  expect(bad[0]).toMatchObject({ rowGroup: chunk.rowGroup, column: chunk.column, findings: [{ code: 'PQ301' }] })
  const gaps = bad[0]?.items.filter((item) => item.kind === 'gap')
  expect(gaps).toHaveLength(1)
  expect(gaps?.[0]).toMatchObject({ harmless: false, rows: page.rows, gap: { offset: page.page.offset } })
})

test('a hole of zeros over a page header is one loss, whose rows are told', async () => {
  const { bytes } = await files.get(PLAIN_PAGES)
  const [chunk, page] = await pageWith(bytes, (item) => (item.rows?.from ?? 0) > 0 && item.page.compressedBytes > 400)
  const damaged = Uint8Array.from(bytes)
  damaged.fill(0, page.page.offset, page.page.offset + 200)
  const [bad, ...others] = (await scan(damaged)).filter(({ status }) => status !== 'intact')
  expect(others).toEqual([])
  expect(bad).toMatchObject({ rowGroup: chunk.rowGroup, column: chunk.column })
  const gaps = bad?.items.filter((item) => item.kind === 'gap') ?? []
  expect(gaps.map(({ gap, rows }) => [gap.because, rows])).toEqual([
    ['zeros', page.rows],
    ['no-header', undefined],
  ])
  expect(chunkFindings(bad as ChunkScan)[0]).toMatchObject({
    code: 'PQ301',
    name: 'PAGE_HEADER_INVALID',
    repairable: 'lossy',
    where: { offset: page.page.offset, length: 200, rowGroup: chunk.rowGroup, column: chunk.path.join('.') },
    evidence: { because: 'zeros', rows: [page.rows?.from, page.rows?.to] },
  })
})

test('what depends on a damaged dictionary is damaged, too', async () => {
  const spec: SoundSpec = { ...PLAIN_PAGES, dictionary: true, checksums: true }
  const { bytes } = await files.get(spec)
  const [chunk, dictionary] = await pageWith(bytes, (item) => item.page.kind === 'dictionary')
  const damaged = Uint8Array.from(bytes)
  const at = dictionary.page.offset + dictionary.page.headerBytes + 1
  damaged[at] = (damaged[at] as number) ^ 1
  const bad = (await scan(damaged)).filter(({ status }) => status !== 'intact')
  expect(bad).toHaveLength(1)
  expect(bad[0]).toMatchObject({ rowGroup: chunk.rowGroup, column: chunk.column, findings: [] })
  for (const { page, status } of pagesOf(bad[0] as ChunkScan))
    expect(status).toBe(page.kind === 'dictionary' || page.encoding === 8 || page.encoding === 2 ? 'damaged' : 'intact')
})

test('a chunk with another number of rows or values than the footer says is found', async () => {
  const { bytes } = await files.get(PLAIN_PAGES)
  const footer = await footerOf(bytes)
  const [first, ...others] = footer.rowGroups
  const rows = { ...footer, rowGroups: [{ ...first, rows: 7 } as (typeof footer.rowGroups)[number], ...others] }
  const scans = await Array.fromAsync(scanChunks(bytesSource(bytes), rows))
  expect(scans[0]).toMatchObject({ status: 'damaged', findings: [{ code: 'PQ212', evidence: { expected: 7 } }] })
  const counts = withFirstChunk(footer, (chunk) => ({ ...chunk, values: 8 }))
  const [counted] = await Array.fromAsync(scanChunks(bytesSource(bytes), counts))
  expect(counted).toMatchObject({
    status: 'damaged',
    findings: expect.arrayContaining([expect.objectContaining({ code: 'PQ310' })]),
  })
})

test('a chunk outside of the data, in another file, or encrypted is not read', async () => {
  const { bytes } = await files.get(PLAIN_PAGES)
  const footer = await footerOf(bytes)
  const first = async (change: (chunk: Chunk) => Chunk): Promise<ChunkScan | undefined> =>
    (await Array.fromAsync(scanChunks(bytesSource(bytes), withFirstChunk(footer, change))))[0]
  expect(await first((chunk) => ({ ...chunk, end: bytes.length + 9 }))).toMatchObject({
    status: 'damaged',
    findings: [{ code: 'PQ209' }],
  })
  expect(await first((chunk) => ({ ...chunk, encrypted: true }))).toMatchObject({ status: 'unchecked', items: [] })
  expect(await first((chunk) => ({ ...chunk, filePath: 'b.parquet' }))).toMatchObject({ status: 'unchecked' })
  expect(await first((chunk) => ({ ...chunk, codec: 3 }))).toMatchObject({ status: 'unchecked' })
})

test('at level headers bodies are not read and nothing is claimed of them', async () => {
  const { bytes } = await files.get(PLAIN_PAGES)
  const damaged = Uint8Array.from(bytes)
  const [, page] = await pageWith(bytes, (item) => item.page.compressedBytes > 400)
  damaged.fill(7, page.page.offset + page.page.headerBytes, page.page.offset + page.page.headerBytes + 300)
  expect((await scan(damaged, { level: 'headers' })).every(({ status }) => status === 'intact')).toBe(true)
})

test('only the chunks that are asked for are read', async () => {
  const { bytes } = await files.get(PLAIN_PAGES)
  const scans = await scan(bytes, { only: (rowGroup, column) => rowGroup === 1 && column < 2 })
  expect(scans.map(({ rowGroup, column }) => [rowGroup, column])).toEqual([
    [1, 0],
    [1, 1],
  ])
})

type Chunk = ParquetFooter['rowGroups'][number]['chunks'][number]
type PageItem = Extract<ChunkItem, { kind: 'page' }>

async function scan(bytes: Uint8Array, options: ScanOptions = {}): Promise<ChunkScan[]> {
  return await Array.fromAsync(scanChunks(bytesSource(bytes), await footerOf(bytes), options))
}

async function footerOf(bytes: Uint8Array): Promise<ParquetFooter> {
  const outcome = await readFooter(bytesSource(bytes))
  if (outcome.kind !== 'ok') throw new Error('the footer is not readable')
  return outcome.footer
}

function pagesOf(chunk: ChunkScan): PageItem[] {
  return chunk.items.filter((item) => item.kind === 'page')
}

async function pageWith(bytes: Uint8Array, wanted: (item: PageItem) => boolean): Promise<[ChunkScan, PageItem]> {
  for (const chunk of await scan(bytes)) {
    const page = pagesOf(chunk).find(wanted)
    if (page !== undefined) return [chunk, page]
  }
  throw new Error('the file has no such page')
}

function withFirstChunk(footer: ParquetFooter, change: (chunk: Chunk) => Chunk): ParquetFooter {
  const rowGroups = footer.rowGroups.map((group, index) =>
    index === 0 ? { ...group, chunks: group.chunks.map((chunk, at) => (at === 0 ? change(chunk) : chunk)) } : group,
  )
  return { ...footer, rowGroups }
}
