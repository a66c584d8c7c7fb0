import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { buildFooter, closeFile } from '../assemble/footer-builder.ts'
import type { Page } from '../pages/page.ts'
import { walkPages } from '../pages/walk-pages.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { dataPage, plainTexts } from '../testing/hand-built-pages.ts'
import { i32, i64, struct, text, type TypedStruct } from '../thrift/thrift-value.ts'
import { parseThrift } from '../thrift/parse-thrift.ts'
import { setField } from '../thrift/patch-thrift.ts'
import { writeRepair } from './apply-repair.ts'
import { planRepair } from './plan-repair.ts'
import type { RepairedRowGroup } from './plan.ts'
import { openTempFiles } from './temp-files.ts'
import { verifyRepair } from './verify-repair.ts'

let folder: string
let session: Session

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
  await session.query(
    `COPY (SELECT i::INT AS i, CASE WHEN i % 2 = 0 THEN 'x' END AS t, [i] AS l FROM range(3000) t(i)) TO '${inside('a.parquet')}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  )
})
afterAll(async () => {
  await session.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

test('a file that holds what was planned stands up to both readers', async () => {
  const planned = [group(2048, { t: [[0, 1000]] }), group(952, {})]
  expect(await verifyRepair(inside('a.parquet'), planned, { session })).toEqual({
    readers: ['own', 'duckdb'],
    ok: true,
    rowsRead: 3000,
    mismatches: [],
    notes: [],
  })
  expect(await verifyRepair(inside('a.parquet'), planned, { session: undefined })).toMatchObject({
    readers: ['own'],
    ok: true,
  })
})

test.each<[string, readonly RepairedRowGroup[], RegExp]>([
  ['too few row groups', [group(3000, {})], /2 row groups; 1 were planned/],
  ['other row counts', [group(2000, {}), group(1000, {})], /row group 0 has 2048 rows; 2000/],
  [
    'fewer NULLs',
    [group(2048, { t: [[0, 1025]] }), group(952, {})],
    /column t of row group 0 has 1024 NULLs; at least 1025/,
  ],
])('a file with %s than planned does not', async (_what, planned, why) => {
  const found = await verifyRepair(inside('a.parquet'), planned, { session })
  expect(found.ok).toBe(false)
  expect(found.mismatches.join('\n')).toMatch(why)
})

test('a file with a damaged page does not, whatever the plan was', async () => {
  const bytes = fs.readFileSync(inside('a.parquet'))
  // The header of the first page.
  bytes.fill(0xff, 4, 24)
  fs.writeFileSync(inside('damaged.parquet'), bytes)
  const found = await verifyRepair(inside('damaged.parquet'), undefined, { session })
  expect(found).toMatchObject({ ok: false, readers: ['own'] })
  expect(found.mismatches[0]).toMatch(/column i of row group 0/)
})

test('a footer that counts other rows does not', async () => {
  const bytes = fs.readFileSync(inside('a.parquet'))
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
  const { struct: footer } = parseThrift(bytes.subarray(start, -8))
  const lie = closeFile(setField(footer, 3, i64(3001)))
  fs.writeFileSync(inside('lie.parquet'), Buffer.concat([bytes.subarray(0, start), lie]))
  expect((await verifyRepair(inside('lie.parquet'), undefined, { session })).ok).toBe(false)
})

test('a text that DuckDB does not read says nothing against the repair', async () => {
  const page = dataPage(new Uint8Array(plainTexts('good', new Uint8Array([0xff, 0xfe]))), 2)
  await writeByHand('text.parquet', page, struct({ 1: i32(6), 3: i32(0), 4: text('t'), 6: i32(0) }), 6)
  const found = await verifyRepair(inside('text.parquet'), [group(2, {})], { session })
  expect(found).toMatchObject({ ok: true, rowsRead: 2, mismatches: [] })
  expect(found.notes.join('\n')).toMatch(/DuckDB does not read column t/)
})

test('rows cannot be encoded anew without an engine, and it is said how to get one', async () => {
  const temps = openTempFiles(folder)
  const source = bytesSource(fs.readFileSync(inside('a.parquet')))
  const plan = await planRepair(source, { mode: 'rewrite' })
  expect(plan).toMatchObject({ kind: 'repair', rewrite: { fixes: [], dropRows: [] } })
  const written = await writeRepair(source, plan, { temps, openSession: async () => undefined })
  expect(written).toMatchObject({ kind: 'refused', finding: { message: expect.stringMatching(/@tidegate\/duckdb/) } })
})

async function writeByHand(name: string, page: Uint8Array, element: TypedStruct, physicalType: number): Promise<void> {
  const bytes = Buffer.concat([Buffer.from('PAR1'), page])
  const pages: Page[] = []
  for await (const item of walkPages(bytesSource(bytes))) if (item.kind === 'page') pages.push(item.page)
  const footer = buildFooter({
    schema: [struct({ 4: text('root'), 5: i32(1) }), element],
    rowGroups: [{ rows: 2, chunks: [{ path: ['t'], physicalType, codec: 0, pages }] }],
  })
  fs.writeFileSync(inside(name), Buffer.concat([bytes, closeFile(footer)]))
}

function group(
  rows: number,
  nulled: Readonly<Record<string, readonly (readonly [number, number])[]>>,
): RepairedRowGroup {
  const columns = Object.entries(nulled).map(([column, nulledRows]) => ({
    column,
    status: 'partly-nulled' as const,
    nulledRows,
  }))
  return { rows, sourceRowGroup: undefined, columns }
}

function inside(name: string): string {
  return path.join(folder, name)
}
