import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Finding } from '@tidegate/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bytesSource } from '../testing/byte-source.ts'
import { mutate } from '../testing/mutate.ts'
import type { SoundFile } from '../testing/sound-file.ts'
import { openSoundFiles, type SoundFiles } from '../testing/sound-files.ts'
import { diagnose } from './diagnose.ts'
import { openFindingList } from './finding-list.ts'

let files: SoundFiles
/** Three row groups of 2,048, 2,048 and 904 rows; checksums; several pages per chunk. */
let file: SoundFile

beforeAll(async () => {
  files = await openSoundFiles()
  file = await files.get({
    writer: 'arrow-rs',
    codec: 'zstd',
    shape: 'flat',
    pages: 1,
    dictionary: false,
    smallPages: true,
    checksums: true,
  })
})

afterAll(async () => {
  await files.close()
})

describe('a file on disk', () => {
  test('is read by its path, and what is not there is an error, not a finding', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
    try {
      const path = join(folder, 'a.parquet')
      writeFileSync(path, file.bytes)
      expect(await diagnose({ path }, { level: 'pages' })).toMatchObject({ verdict: 'ok', level: 'pages', rows: 5000 })
      await expect(diagnose({ path: join(folder, 'b.parquet') })).rejects.toMatchObject({ code: 'SOURCE_GONE' })
      await expect(diagnose({ path: folder })).rejects.toMatchObject({ code: 'SOURCE_NOT_A_FILE' })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('what was checked', () => {
  test('is counted by page: headers, bodies, checksums', async () => {
    const pages = file.layout.rowGroups.flatMap(({ chunks }) => chunks.flatMap((chunk) => chunk.pages)).length
    const headers = await diagnose(bytesSource(file.bytes), { level: 'headers' })
    expect(headers.checked).toEqual({ pages, withChecksum: 0, decoded: 0, headersOnly: pages })
    const deep = await diagnose(bytesSource(file.bytes), { level: 'values' })
    expect(deep.checked).toEqual({ pages, withChecksum: pages, decoded: pages, headersOnly: 0 })
    expect(deep.layout?.map(({ rows }) => rows)).toEqual([2048, 2048, 904])
    expect(
      deep.layout?.[0]?.columns.every(({ status, damagedPages }) => status === 'intact' && damagedPages === 0),
    ).toBe(true)
  })

  test('levels container and footer look at no page', async () => {
    for (const level of ['container', 'footer'] as const) {
      const diagnosis = await diagnose(bytesSource(file.bytes), { level })
      expect(diagnosis).toMatchObject({ level, verdict: 'ok' })
      expect(diagnosis.layout).toBeUndefined()
    }
  })
})

test('one bad page is found with its row group, column, number, rows and bytes', async () => {
  const chunk = file.layout.rowGroups[1]?.chunks[1]
  const page = chunk?.pages[2]
  if (page === undefined) throw new Error('the file has too few pages')
  const bytes = Buffer.from(file.bytes)
  bytes[page.body[0] + 9] = (bytes[page.body[0] + 9] as number) ^ 0x10
  const diagnosis = await diagnose(bytesSource(bytes), { level: 'pages' })
  expect(diagnosis.verdict).toBe('repairable-lossy')
  expect(diagnosis.findings[0]).toMatchObject({
    code: 'PQ303',
    repairable: 'lossy',
    where: {
      rowGroup: 1,
      column: 'reading',
      page: 2,
      rows: page.rows,
      offset: page.header[0],
      length: page.body[1] - page.header[0],
    },
  })
  expect(diagnosis.intactRows).toBe(2048 + 904)
  expect(diagnosis.layout?.[1]?.columns[1]).toEqual({
    column: 'reading',
    status: 'damaged',
    pages: chunk?.pages.length,
    damagedPages: 1,
    damagedRows: [page.rows],
  })
})

describe('a file without its footer', () => {
  test('says how many pages are there, and that rows can come back', async () => {
    const bytes = file.bytes.subarray(0, file.layout.data[1])
    const { verdict, findings, checked } = await diagnose(bytesSource(bytes), { level: 'headers' })
    const pages = file.layout.rowGroups.flatMap(({ chunks }) => chunks.flatMap((chunk) => chunk.pages)).length
    expect(verdict).toBe('repairable-lossy')
    expect(findings.find(({ code }) => code === 'PQ201')).toMatchObject({ repairable: 'lossy', evidence: { pages } })
    expect(checked?.pages).toBe(pages)
  })

  test('is lost when not one page is whole', async () => {
    const first = file.layout.rowGroups[0]?.chunks[0]?.pages[0]
    const bytes = file.bytes.subarray(0, (first?.body[0] ?? 0) + 20)
    expect(await diagnose(bytesSource(bytes), { level: 'headers' })).toMatchObject({ verdict: 'unrecoverable' })
  })

  test('shows its row groups where the rest of the footer still has the schema', async () => {
    const cut = mutate(file, 'footer-cut-at-99-percent', 1)
    if (cut === undefined) throw new Error('no such damage')
    const { layout, intactRows, verdict } = await diagnose(bytesSource(cut.bytes), { level: 'pages' })
    expect(layout?.map(({ rows }) => rows)).toEqual([2048, 2048, 904])
    expect([verdict, intactRows]).toEqual(['repairable-lossy', 5000])
  })
})

test('bytes before the file do not hide a bad page, and its place is that in the file as it is', async () => {
  const page = file.layout.rowGroups[2]?.chunks[0]?.pages[1]
  if (page === undefined) throw new Error('the file has too few pages')
  const bytes = Buffer.concat([Buffer.alloc(100, 0x20), file.bytes])
  bytes[100 + page.body[0]] = (bytes[100 + page.body[0]] as number) ^ 1
  const { findings, verdict } = await diagnose(bytesSource(bytes), { level: 'pages' })
  expect(findings.map(({ code }) => code).slice(0, 2)).toEqual(['PQ108', 'PQ303'])
  expect(findings[1]?.where?.offset).toBe(100 + page.header[0])
  expect(verdict).toBe('repairable-lossy')
})

test('progress goes up to the end of the data, and an abort ends the reading', async () => {
  const told: number[] = []
  await diagnose(bytesSource(file.bytes), { level: 'pages', onProgress: ({ bytes }) => told.push(bytes) })
  expect(told.length).toBeGreaterThan(0)
  expect(told).toEqual([...told].sort((a, b) => a - b))
  expect(told.at(-1)).toBeGreaterThanOrEqual(file.layout.data[1] * 0.99)
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(diagnose(bytesSource(file.bytes), { level: 'pages', signal })).rejects.toThrow('enough')
})

test('many findings of one kind are listed up to a limit and counted beyond it', () => {
  const list = openFindingList(2)
  const found = (rowGroup: number, column: string): Finding => ({
    code: 'PQ303',
    name: 'PAGE_CRC_MISMATCH',
    severity: 'error',
    message: 'The CRC is wrong.',
    repairable: 'lossy',
    where: { rowGroup, column },
  })
  for (let index = 0; index < 7; index++) list.add(found(index, index % 2 === 0 ? 'a' : 'b'))
  const all = list.all()
  expect(all).toHaveLength(3)
  expect(all[2]).toMatchObject({
    code: 'PQ303',
    severity: 'error',
    repairable: 'lossy',
    message: '5 more of these findings in 2 columns and 5 row groups, 7 in all.',
    evidence: { more: 5, total: 7, rowGroups: 5, columns: 2 },
  })
})
