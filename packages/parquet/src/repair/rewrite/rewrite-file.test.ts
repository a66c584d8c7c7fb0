import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import type { Cell, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { buildFooter, closeFile } from '../../assemble/footer-builder.ts'
import type { Page } from '../../pages/page.ts'
import { walkPages } from '../../pages/walk-pages.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import { dataPage } from '../../testing/hand-built-pages.ts'
import { i32, struct, text } from '../../thrift/thrift-value.ts'
import { runRepair, type RunRepairOptions } from '../repair.ts'
import type { RepairReport } from '../report.ts'

let base: string
let folder: string
let session: Session

beforeAll(async () => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
})
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(base, 'case-'))
})
afterAll(async () => {
  await session.close()
  fs.rmSync(base, { recursive: true, force: true })
})

describe('a rewriting', () => {
  test('keeps every cell of a sound file, its codec and its row groups', async () => {
    await write(
      `SELECT i::INT AS i, 'n' || i AS n, CASE WHEN i % 3 > 0 THEN i / 7 END AS d, [i, NULL] AS l, {'x': i, 'y': 'z' || i} AS s,
        MAP {'k': i} AS m, DATE '2020-01-01' + i::INT % 999 AS day, i::DECIMAL(20, 4) AS money FROM range(9000) t(i)`,
      'COMPRESSION zstd, ROW_GROUP_SIZE 2048',
    )
    const report = await mend({ mode: 'rewrite' })
    expect(report).toMatchObject({
      status: 'repaired',
      summary: { untouchedPrefixBytes: 0, totals: { rowsRecovered: 9000 } },
    })
    expect(await difference()).toEqual([0, 0])
    expect(
      await rows(
        `SELECT DISTINCT compression, row_group_num_rows FROM parquet_metadata('${inside('out.parquet')}') ORDER BY ALL`,
      ),
    ).toEqual([
      ['ZSTD', 808],
      ['ZSTD', 2048],
    ])
  })

  test('replaces what is not UTF-8, byte by byte, and leaves question marks alone', async () => {
    await write(
      `SELECT i::INT AS i, CASE i WHEN 3 THEN 'wh?t' WHEN 5 THEN NULL ELSE 'Zoë' || i END AS name FROM range(5000) t(i)`,
      'COMPRESSION uncompressed',
    )
    const bytes = fs.readFileSync(inside('a.parquet'))
    // Rows 3 and 8 as they are in the file, with one byte each that is no UTF-8.
    damage(bytes, 'wh?t', Buffer.from([0xff, 0x68, 0x3f, 0x74]))
    damage(bytes, 'Zoë8', Buffer.from([0x5a, 0x6f, 0xc3, 0x28, 0x38]))
    fs.writeFileSync(inside('a.parquet'), bytes)
    const report = await mend({ fix: ['utf8-replace'] })
    expect(report.status).toBe('partial')
    expect(report.summary.steps.map(({ code, lossless }) => [code, lossless])).toContainEqual(['PQ401', false])
    expect(report.summary.steps.map(({ what }) => what).join('\n')).toMatch(/2 values of column name/)
    expect(await rows(`SELECT i, name FROM '${inside('out.parquet')}' WHERE i IN (3, 5, 7, 8) ORDER BY i`)).toEqual([
      [3, '\ufffdh?t'],
      [5, null],
      [7, 'Zoë7'],
      [8, 'Zo\ufffd(8'],
    ])
    expect(await rows(`SELECT count(*), count(name), sum(i) FROM '${inside('out.parquet')}'`)).toEqual([
      [5000, 4999, 12_497_500],
    ])
  })

  test('turns INT96 into microseconds, and what does not fit into NULL with its row', async () => {
    const stamps = [
      int96(2_440_588, 0n),
      int96(2_459_950, 3_661_000_001_000n),
      int96(2_440_587, 86_399_999_999_000n),
      int96(0xff_ff_ff_ff, 0n),
      int96(2_440_588, 86_400_000_000_000n),
      int96(2_440_588, 1_500n),
    ]
    await writeInt96(stamps)
    const report = await mend({ fix: ['int96'] })
    expect(report).toMatchObject({
      status: 'partial',
      summary: { totals: { rowsRecovered: 6, rowsLost: 0, cellsNulled: 2 } },
    })
    expect(report.summary.loss).toMatchObject([
      { code: 'PQ402', column: 't', rowGroup: 0, rows: [3, 5], wrote: 'null', cells: 2 },
    ])
    expect(await rows(`SELECT typeof(t), t FROM '${inside('out.parquet')}'`)).toEqual([
      ['TIMESTAMP', '1970-01-01 00:00:00'],
      ['TIMESTAMP', '2023-01-05 01:01:01.000001'],
      ['TIMESTAMP', '1969-12-31 23:59:59.999999'],
      ['TIMESTAMP', null],
      ['TIMESTAMP', null],
      ['TIMESTAMP', '1970-01-01 00:00:00.000001'],
    ])
    expect(report.summary.steps.map(({ what }) => what).join('\n')).toMatch(/1 values of column t lose/)
  })

  test('turns timestamps and dates outside of the years 1 to 9999 into NULL, by row group and row', async () => {
    await write(
      `SELECT i::INT AS i,
        CASE i WHEN 10 THEN TIMESTAMP '0044-03-15 (BC) 12:00:00' WHEN 3000 THEN TIMESTAMP '20000-01-01' WHEN 3001 THEN TIMESTAMP '20000-01-02'
          ELSE TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND END AS t,
        CASE i WHEN 0 THEN TIMESTAMP_MS '9999-12-31 23:59:59.999' WHEN 1 THEN TIMESTAMP_MS '10000-01-01' END AS ms,
        CASE i WHEN 4999 THEN DATE '0001-01-01' - 1 WHEN 4998 THEN DATE '0001-01-01' END AS day,
        TIMESTAMPTZ '2021-01-01 00:00:00+00' AS tz
        FROM range(5000) t(i)`,
      'ROW_GROUP_SIZE 2048',
    )
    const report = await mend({ fix: ['timestamps'] })
    expect(report).toMatchObject({ status: 'partial', summary: { totals: { rowsRecovered: 5000, cellsNulled: 5 } } })
    expect(
      report.summary.loss.map(({ column, rowGroup, rows: lost, cells }) => [column, rowGroup, lost, cells]),
    ).toEqual([
      ['t', 0, [10, 11], 1],
      ['t', 1, [952, 954], 2],
      ['ms', 0, [1, 2], 1],
      ['day', 2, [903, 904], 1],
    ])
    expect(
      await rows(
        `SELECT count(t), count(ms), min(ms)::VARCHAR, count(day), min(day)::VARCHAR, count(tz), typeof(any_value(tz)), typeof(any_value(t)) FROM '${inside('out.parquet')}'`,
      ),
    ).toEqual([[4997, 1, '9999-12-31 23:59:59.999', 1, '0001-01-01', 5000, 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP']])
  })

  test('leaves out the rows of damaged pages, and no others', async () => {
    await write(
      `SELECT i::INT AS i, md5(i::VARCHAR) AS text FROM range(9000) t(i)`,
      'COMPRESSION gzip, ROW_GROUP_SIZE 2048',
    )
    const [[offset]] = (await rows(
      `SELECT data_page_offset::INT FROM parquet_metadata('${inside('a.parquet')}') WHERE row_group_id = 1 AND path_in_schema = 'text'`,
    )) as [[number]]
    const bytes = fs.readFileSync(inside('a.parquet'))
    bytes.fill(0xaa, offset + 200, offset + 300)
    fs.writeFileSync(inside('a.parquet'), bytes)
    const report = await mend({ onDamagedPage: 'drop-rows' })
    expect(report).toMatchObject({ status: 'partial', summary: { totals: { rowsRecovered: 6952, rowsLost: 2048 } } })
    expect(report.summary.loss.every(({ wrote }) => wrote === 'left-out')).toBe(true)
    expect(
      await rows(
        `SELECT count(*), count(text), count(*) FILTER (i BETWEEN 2048 AND 4095) FROM '${inside('out.parquet')}'`,
      ),
    ).toEqual([[6952, 6952, 0]])
  })

  test('is not done where no column needs it', async () => {
    await write(`SELECT i::INT AS i, 'text' AS t, TIMESTAMP '2020-01-01' AS at FROM range(100) t(i)`)
    const report = await mend({ fix: ['utf8-replace', 'int96', 'timestamps'] })
    expect(report.status).toBe('unchanged')
  })
})

async function write(select: string, options = 'ROW_GROUP_SIZE 2048'): Promise<void> {
  await session.query(`COPY (${select}) TO '${inside('a.parquet')}' (FORMAT parquet, ${options})`)
  fs.copyFileSync(inside('a.parquet'), inside('sound.parquet'))
}

async function mend(options: RunRepairOptions): Promise<RepairReport> {
  return await runRepair(inside('a.parquet'), inside('out.parquet'), { engine: { place: 'here' }, ...options })
}

async function rows(sql: string): Promise<readonly (readonly Cell[])[]> {
  return (await session.query(sql)).rows
}

async function difference(): Promise<readonly Cell[] | undefined> {
  const [sound, out] = [inside('sound.parquet'), inside('out.parquet')]
  const [row] = await rows(
    `SELECT (SELECT count(*) FROM (FROM '${out}' EXCEPT ALL FROM '${sound}')), (SELECT count(*) FROM (FROM '${sound}' EXCEPT ALL FROM '${out}'))`,
  )
  return row
}

function inside(name: string): string {
  return path.join(folder, name)
}

/** Puts other bytes of the same length where a text is stored. */
function damage(bytes: Buffer, text: string, by: Buffer): void {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(by.length)
  const at = bytes.indexOf(Buffer.concat([length, Buffer.from(text, 'utf8')]))
  if (at < 0) throw new Error(`${text} is not stored as it is`)
  by.copy(bytes, at + 4)
}

function int96(day: number, nanos: bigint): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeBigUInt64LE(nanos, 0)
  bytes.writeUInt32LE(day, 8)
  return bytes
}

/** No writer at hand writes INT96: a file of one required column `t`, built by hand. */
async function writeInt96(values: readonly Buffer[]): Promise<void> {
  const pages = Buffer.concat([Buffer.from('PAR1'), dataPage(Buffer.concat(values), values.length)])
  const found: Page[] = []
  for await (const item of walkPages(bytesSource(pages))) if (item.kind === 'page') found.push(item.page)
  const footer = buildFooter({
    schema: [struct({ 4: text('root'), 5: i32(1) }), struct({ 1: i32(3), 3: i32(0), 4: text('t') })],
    rowGroups: [{ rows: values.length, chunks: [{ path: ['t'], physicalType: 3, codec: 0, pages: found }] }],
  })
  fs.writeFileSync(inside('a.parquet'), Buffer.concat([pages, closeFile(footer)]))
}
