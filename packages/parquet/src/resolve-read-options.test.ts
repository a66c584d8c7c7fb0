import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { type ColumnSchema, type ReadOptions, type Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { convertedRelation, convertText, resolveReadOptions } from './index.ts'

let folder: string
let work: string
let session: Session

beforeAll(async () => {
  session = await openDuckDB()
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  work = join(folder, 'work')
  mkdirSync(work)
})

describe('resolveReadOptions', () => {
  test('learns how a CSV is read and what its columns are', async () => {
    const resolved = await resolve(
      'id;zip;price;day;when;ok;note\n1;00501;1,5;31.12.2023;2024-01-01 10:00:00;true;a\n2;10115;2,25;01.01.2024;2024-01-02 10:00:00;false;\n',
    )
    expect(resolved.read).toEqual({
      format: 'csv',
      encoding: 'utf-8',
      delimiter: ';',
      quote: '"',
      escape: '"',
      header: true,
      skip_rows: 0,
      null_values: [''],
      decimal: ',',
      date_format: '%d.%m.%Y',
    })
    expect(types(resolved.columns)).toBe(
      'id BIGINT, zip VARCHAR, price DOUBLE, day DATE, when TIMESTAMP, ok BOOLEAN, note VARCHAR',
    )
  })

  test('a date that may be read in two ways stays text, unless another column decides', async () => {
    expect(types((await resolve('a,b\n01/02/2024,x\n03/04/2024,y\n')).columns)).toBe('a VARCHAR, b VARCHAR')
    const decided = await resolve('a,b\n01/02/2024,31/12/2024\n03/04/2024,01/01/2024\n')
    expect([types(decided.columns), decided.read.date_format]).toEqual(['a DATE, b DATE', '%d/%m/%Y'])
  })

  test('a comma that may part thousands is not taken for a decimal point', async () => {
    expect(types((await resolve('a;b\n1,234;x\n5,678;y\n')).columns)).toBe('a VARCHAR, b VARCHAR')
  })

  test('a value far down decides the type', async () => {
    expect(types((await resolve(`a,b\n${'1,2\n'.repeat(30_000)}1,x\n`)).columns)).toBe('a BIGINT, b VARCHAR')
  })

  test('finds the encoding by the whole file', async () => {
    const resolved = await resolve(Buffer.from(`a,b\n${'1,plain\n'.repeat(200_000)}2,Müller\n`, 'latin1'))
    expect(resolved.read.encoding).toBe('windows-1252')
  })

  test('finds the rows of a JSON document and their types', async () => {
    const geo =
      '{"type":"FeatureCollection","features":[{"type":"Feature","id":"x","properties":{"mag":1.5},"geometry":{"coordinates":[1,2.5]}}]}'
    const resolved = await resolve(geo)
    expect(resolved.read).toEqual({ format: 'json', encoding: 'utf-8', records: 'features' })
    expect(types(resolved.columns)).toBe(
      'type VARCHAR, id VARCHAR, properties STRUCT("mag" DOUBLE), geometry STRUCT("coordinates" DOUBLE[])',
    )
    expect(types((await resolve('{"a":1,"b":"2"}\n{"a":1.5,"b":3}\n')).columns)).toBe('a DOUBLE, b VARCHAR')
  })

  test('what was asked for is not sniffed again', async () => {
    const resolved = await resolve('1,2\n3,4\n', { header: false, delimiter: ',', null_values: ['3'] })
    expect(resolved.read).toMatchObject({ header: false, null_values: ['3'] })
    expect(types(resolved.columns)).toBe('column_0 BIGINT, column_1 BIGINT')
  })

  test('a file that cannot be read is an error with a hint', async () => {
    for (const bytes of ['', gzipSync('a,b\n1,2\n').subarray(0, 20), '[{"a":1},', '<html><body>no</body></html>'])
      expect(await resolve(bytes).catch((error: unknown) => error)).toMatchObject({
        code: 'READ_OPTIONS_UNRESOLVED',
        hint: expect.any(String) as string,
      })
  })

  test('what was resolved converts without a misfit', async () => {
    const text = 'day;amount\n31.12.2023;1,5\n01.01.2024;\n'
    const { read, columns } = await resolve(text)
    const [uri, path] = [join(folder, 'sniffed'), join(folder, 'out.parquet')]
    expect(await convertText(session, { uri }, read, columns, { path, workFolder: work })).toMatchObject({ kind: 'ok' })
    const relation = convertedRelation(session.dialect, [{ uri: path, path: 'out' }], columns)
    const { rows } = await session.query(
      `SELECT day, amount, __tg_row, __tg_misfit FROM ${relation.sql} ORDER BY __tg_row`,
    )
    expect(rows).toEqual([
      ['2023-12-31', 1.5, 0, []],
      ['2024-01-01', null, 1, []],
    ])
  })
})

async function resolve(content: Uint8Array | string, wanted: ReadOptions = {}): ReturnType<typeof resolveReadOptions> {
  const uri = join(folder, 'sniffed')
  writeFileSync(uri, content)
  return await resolveReadOptions(session, { uri }, wanted, 'auto')
}

function types(columns: readonly ColumnSchema[]): string {
  return columns.map(({ name, type }) => `${name} ${type}`).join(', ')
}
