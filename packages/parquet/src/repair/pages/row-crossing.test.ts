/** V1 pages of some writers begin in the middle of a row. Built byte by byte; expected rows are worked out by hand. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { buildFooter, closeFile } from '../../assemble/footer-builder.ts'
import { decodeFooter } from '../../decode-footer.ts'
import { readPageHeader } from '../../pages/read-page-header.ts'
import type { Page } from '../../pages/page.ts'
import { viewOf } from '../../source/pieces.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import { dataPage, int32, join as joinBytes, packed, withLength } from '../../testing/hand-built-pages.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { i32, struct, text, type TypedStruct } from '../../thrift/thrift-value.ts'
import { planPages } from './plan-pages.ts'

let folder: string
let session: Session

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB()
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

const OPTIONAL = 1
const REPEATED = 2
const LIST = 3
const element = (name: string, repetition: number, rest: Parameters<typeof struct>[0]): TypedStruct =>
  struct({ ...rest, 3: i32(repetition), 4: text(name) })

/** An optional list of optional 32-bit numbers. */
const SCHEMA = [
  struct({ 4: text('root'), 5: i32(1) }),
  element('l', OPTIONAL, { 5: i32(1), 6: i32(LIST) }),
  element('list', REPEATED, { 5: i32(1) }),
  element('element', OPTIONAL, { 1: i32(1) }),
]

/** Entries are [repetition level, number]. */
function pageOf(entries: readonly (readonly [number, number])[]): Uint8Array {
  const levels = [
    ...withLength(
      packed(
        entries.map(([repetition]) => repetition),
        1,
      ),
    ),
    ...withLength(
      packed(
        entries.map(() => 3),
        2,
      ),
    ),
  ]
  const values = entries.flatMap(([, value]) => int32(value))
  return dataPage(Uint8Array.from([...levels, ...values]), entries.length)
}

/** Rows [1, 2], [3, 4, 5], [6], [7, 8]: the second goes on in the second page, the fourth in the third. */
const PAGES = [
  pageOf([
    [0, 1],
    [1, 2],
    [0, 3],
  ]),
  pageOf([
    [1, 4],
    [1, 5],
    [0, 6],
    [0, 7],
  ]),
  pageOf([[1, 8]]),
]

function fileWithout(damaged: readonly number[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from('PAR1')]
  const pages: Page[] = []
  let at = 4
  for (const [index, bytes] of PAGES.entries()) {
    const header = readPageHeader(bytes, 0, at)
    if (header.kind !== 'page') throw new Error('no page')
    pages.push(header.page)
    // The length of the repetition levels no longer fits the page.
    parts.push(damaged.includes(index) ? bytes.with(header.page.headerBytes + 1, 0x70) : bytes)
    at += bytes.length
  }
  const chunk = { path: ['l', 'list', 'element'], physicalType: 1, codec: 0, pages }
  parts.push(closeFile(buildFooter({ schema: SCHEMA, rowGroups: [{ rows: 4, chunks: [chunk] }] })))
  return joinBytes(...parts)
}

async function listsAfter(damaged: readonly number[]): Promise<{ lists: unknown; lost: unknown }> {
  const bytes = fileWithout(damaged)
  const offset = bytes.length - 8 - Buffer.from(bytes).readUInt32LE(bytes.length - 8)
  const decoded = decodeFooter(bytes.subarray(offset, -8), { footerOffset: offset, trailingBytes: 0 })
  if (decoded.kind === 'bad') throw new Error('no footer')
  const tree = parseThrift(bytes.subarray(offset, -8)).struct
  const plan = await planPages(bytesSource(bytes), { footer: decoded.footer, tree, steps: [] })
  const view = viewOf(bytesSource(bytes), plan.kind === 'patched' ? plan.pieces : [])
  const repaired = plan.kind === 'intact' ? bytes : await view.read(0, view.sizeBytes)
  const path = join(folder, `${damaged.join('-')}.parquet`)
  writeFileSync(path, repaired)
  const { rows } = await session.query(`SELECT l::VARCHAR FROM read_parquet('${path}')`)
  const loss = plan.kind === 'patched' ? plan.loss : []
  return { lists: rows.map(([list]) => list), lost: loss.map(({ rows: span }) => span) }
}

describe('a row that goes on in the next page', () => {
  it('is read whole while both pages are there', async () => {
    expect(await listsAfter([])).toEqual({ lists: ['[1, 2]', '[3, 4, 5]', '[6]', '[7, 8]'], lost: [] })
  })

  it('is lost with the page that it goes on in; the rest of its first page is kept', async () => {
    const { lists } = await listsAfter([1])
    expect(lists).toEqual(['[1, 2]', null, null, null])
  })

  it('is lost with the page that it began on; the rest of the next page is kept', async () => {
    const { lists, lost } = await listsAfter([0])
    expect(lists).toEqual([null, null, '[6]', '[7, 8]'])
    expect(lost).toEqual([[0, 2]])
  })

  it('is lost with a last page on which no row begins', async () => {
    const { lists } = await listsAfter([2])
    expect(lists).toEqual(['[1, 2]', '[3, 4, 5]', '[6]', null])
  })
})
