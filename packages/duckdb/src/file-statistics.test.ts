import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { ChunkStatistics, FileStatistics, Session } from '@tidegate/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoteLiteral } from './dialect.ts'
import { openDuckDB } from './open-duckdb.ts'

let session: Session
let folder: string

beforeAll(async () => {
  session = await openDuckDB()
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
})

afterAll(async () => {
  await session.close()
  fs.rmSync(folder, { recursive: true })
})

async function write(name: string, query: string): Promise<string> {
  const file = path.join(folder, name)
  await session.query(`COPY (${query}) TO ${quoteLiteral(file)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`)
  return file
}

async function read(name: string, query: string): Promise<FileStatistics> {
  const [statistics] = await session.fileStatistics([await write(name, query)])
  if (statistics === undefined) throw new Error('no statistics')
  return statistics
}

async function readChunk(sql: string): Promise<ChunkStatistics | undefined> {
  const { columns } = await read('chunk.parquet', `SELECT ${sql} AS a FROM range(10) t(i)`)
  return columns[0]?.rowGroups[0]
}

test('top-level columns are told, with their chunks, between nested ones whose leaves have the same paths', async () => {
  const { columns } = await read(
    'nested.parquet',
    `SELECT {'x': 1, 'deep': {'y': [2]}} AS s, 3 AS "s, x", MAP {'k': 4} AS m, 5 AS "l.list", [6] AS l, 7 AS z`,
  )
  expect(columns.map(({ name, type, rowGroups }) => [name, type, rowGroups[0]?.min])).toEqual([
    ['s, x', 'INTEGER', '3'],
    ['l.list', 'INTEGER', '5'],
    ['z', 'INTEGER', '7'],
  ])
})

test('where the engine renames columns, none is told: whose statistics are whose is not sure', async () => {
  expect((await read('case.parquet', 'SELECT 1 AS b, 2 AS c')).columns).toHaveLength(2)
  // Two columns of one name cannot be written by this engine; the same length of name lets a footer be edited.
  const file = await write('twice.parquet', 'SELECT 1 AS aa, [2] AS bb, 3 AS aa_1')
  fs.writeFileSync(file, Buffer.from(fs.readFileSync(file, 'latin1').replaceAll('bb', 'AA'), 'latin1'))
  const { rows } = await session.query(`DESCRIBE SELECT * FROM ${quoteLiteral(file)}`)
  expect(rows.map(([name]) => name)).toEqual(['aa', 'AA_1', 'aa_1_1'])
  const [statistics] = await session.fileStatistics([file])
  expect(statistics).toMatchObject({ rows: 1, columns: [] })
})

test('files come in the order asked for, under the names asked for, wildcards and doubled slashes included', async () => {
  const names = [`it's [a]*?.parquet`, 'a.parquet', 'new\nline.parquet']
  const files: string[] = []
  for (const [index, name] of names.entries()) files.push(await write(name, `SELECT 1 AS a FROM range(${index + 1})`))
  const asked = [...files.toReversed(), path.join(folder, '.').concat('//./a.parquet')]
  const statistics = await session.fileStatistics(asked)
  expect(statistics.map(({ file, rows }) => [file, rows])).toEqual([
    [asked[0], 3],
    [asked[1], 2],
    [asked[2], 1],
    [asked[3], 2],
  ])
})

test('a file without rows has no row groups; one without flat columns has rows all the same', async () => {
  expect(await read('empty.parquet', 'SELECT 1 AS a WHERE false')).toMatchObject({
    rows: 0,
    rowGroups: 0,
    rowGroupRows: [],
    columns: [{ name: 'a', rowGroups: [] }],
  })
  expect(await read('deep.parquet', 'SELECT [i] AS a FROM range(3000) t(i)')).toMatchObject({
    rows: 3000,
    rowGroupRows: [2048, 952],
    columns: [],
  })
})

test('a text that was cut, and a dictionary, say so', async () => {
  expect(await readChunk(`'x' || i`)).toMatchObject({ min: 'x0', max: 'x9', exact: true, deprecated: false })
  expect(await readChunk(`repeat('z', 300)`)).toMatchObject({ exact: false, distinct: 1 })
  expect(await readChunk('CAST(NULL AS INTEGER)')).toMatchObject({ nulls: 10, min: null, max: null, exact: null })
  expect((await readChunk('i // 5'))?.dictionaryBytes).toBeGreaterThan(0)
})

// The quality engine concludes from a range in a file of this engine that its floats hold no NaN.
test('the engine leaves out min and max of a chunk with a NaN, wherever it is and however it is stored', async () => {
  for (const type of ['DOUBLE', 'FLOAT'])
    for (const value of ['i', 'i // 5', '-i', `CASE WHEN i > 4 THEN i END`])
      for (const place of [0, 5, 9])
        for (const nan of [`'NaN'`, `-${type} 'NaN'`])
          expect(
            await readChunk(`CASE WHEN i = ${place} THEN CAST(${nan} AS ${type}) ELSE ${value} END`),
            `${type} ${value} ${place} ${nan}`,
          ).toMatchObject({ min: null, max: null })
  expect(await readChunk('CAST(i AS DOUBLE)')).toMatchObject({ min: '0.0', max: '9.0' })
})
