/** Bytes missing in two chunks of one row group: what lies between them is neither where it was nor where the rest is. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { decodeFooter } from '../../decode-footer.ts'
import { viewOf } from '../../source/pieces.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import { compareRows } from '../../testing/compare-rows.ts'
import { layoutOf } from '../../testing/layout.ts'
import type { SoundFile } from '../../testing/sound-file.ts'
import { applySplices } from '../../testing/splices.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { planPages } from './plan-pages.ts'

const ROWS = 1000
const [A, NUL, CAT, Z, Y] = [0, 1, 2, 3, 4] as const

let folder: string
let session: Session
let file: SoundFile

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
  const path = join(folder, 'sound.parquet')
  await session.query(
    `COPY (SELECT i AS a, NULL::VARCHAR AS nul, 'kind ' || (i % 7) AS cat, i * 3 AS z, i * 5 AS y FROM range(${ROWS}) t(i))
      TO '${path}' (FORMAT parquet, COMPRESSION uncompressed)`,
  )
  const bytes = new Uint8Array(readFileSync(path))
  file = {
    name: 'an empty column between others',
    spec: {
      writer: 'duckdb',
      codec: 'none',
      shape: 'flat',
      pages: 1,
      dictionary: true,
      smallPages: false,
      checksums: false,
    },
    bytes,
    layout: layoutOf(bytes),
  }
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

/** By the columns that lose bytes. The size of the empty column puts its page where the next one is looked for. */
async function lossAfter(columns: readonly number[], bytes: number): Promise<readonly (string | undefined)[]> {
  const chunks = file.layout.rowGroups[0]?.chunks ?? []
  const splices = columns.map((column) => {
    const [start, end] = chunks[column]?.range ?? [0, 0]
    return { offset: Math.floor((start + end) / 2), length: bytes, bytes: new Uint8Array() }
  })
  const damaged = Buffer.from(applySplices(file.bytes, splices))
  const offset = damaged.length - 8 - damaged.readUInt32LE(damaged.length - 8)
  const stored = damaged.subarray(offset, -8)
  const decoded = decodeFooter(stored, { footerOffset: offset, trailingBytes: 0 })
  if (decoded.kind === 'bad') throw new Error('no footer')
  const source = bytesSource(damaged)
  const plan = await planPages(source, { footer: decoded.footer, tree: parseThrift(stored).struct, steps: [] })
  if (plan.kind !== 'patched') throw new Error(plan.kind)
  const view = viewOf(source, plan.pieces)
  const repaired = new Uint8Array(await view.read(0, view.sizeBytes))
  const compared = await compareRows({ session, folder, original: file, repaired })
  const listed = plan.loss.filter(({ column }) => column !== 'nul').reduce((sum, { cells }) => sum + cells, 0)
  expect([bytes, compared.rowsRepaired, compared.cellsFalse, compared.cellsNulled]).toEqual([bytes, ROWS, 0, listed])
  return plan.loss.map(({ column }) => column)
}

test('the page of an empty column is not taken for its neighbour', async () => {
  const [start, end] = file.layout.rowGroups[0]?.chunks[NUL]?.range ?? [0, 0]
  const lost = await lossAfter([A, Z], end - start)
  expect(lost).toEqual(expect.arrayContaining(['a', 'cat', 'z']))
  expect(lost).not.toContain('y')
})

test('no cell is lost unseen, however much is missing', async () => {
  for (const bytes of [1, 7, 16, 24, 32, 48, 64, 128])
    for (const columns of [
      [A, Z],
      [A, Y],
      [CAT, Y],
      [A, CAT, Y],
    ])
      await lossAfter(columns, bytes)
})
