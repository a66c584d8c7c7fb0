import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { codeOf, type Cell, type Relation, type Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { convertedRelation, describeParquet, parquetRelation, type ParquetFile } from './index.ts'

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

test('rows carry the key of their file and their position in it', async () => {
  const a = await write('a.parquet', 'SELECT i AS x FROM range(3) t(i)')
  const b = await write("b [1]*'?.parquet", 'SELECT 10 AS x')
  const relation = parquetRelation(
    session.dialect,
    [
      { ...a, key: 'src/a#1' },
      { ...b, rows: 1 },
    ],
    [{ name: 'x', type: 'BIGINT' }],
  )
  expect(relation.files).toEqual([
    { key: 'src/a#1', path: 'a.parquet', rows: undefined, parquet: a.uri },
    { key: b.uri, path: "b [1]*'?.parquet", rows: 1, parquet: b.uri },
  ])
  expect(await read(relation)).toEqual([
    [0, 'src/a#1', 0],
    [1, 'src/a#1', 1],
    [2, 'src/a#1', 2],
    [10, b.uri, 0],
  ])
})

test('files may differ: columns are found by name and missing ones are NULL', async () => {
  const a = await write('a.parquet', "SELECT 1 AS x, 'a' AS y")
  const b = await write('b.parquet', "SELECT 'b' AS y, 2::INTEGER AS x, 3 AS extra")
  const c = await write('c.parquet', "SELECT 'c' AS y")
  const columns = [
    { name: 'x', type: 'BIGINT' },
    { name: 'y', type: 'VARCHAR' },
  ]
  expect((await read(parquetRelation(session.dialect, [a, b, c], columns))).map((row) => row.slice(0, 2))).toEqual([
    [1, 'a'],
    [2, 'b'],
    [null, 'c'],
  ])
})

test('a column that no file has is NULL when the files tell their columns', async () => {
  const a = await write('a.parquet', 'SELECT 1 AS x')
  const columns = [
    { name: 'x', type: 'INTEGER' },
    { name: 'new', type: 'DATE' },
  ]
  const file = { ...a, columns: [{ name: 'x', type: 'INTEGER' }] }
  expect(await read(parquetRelation(session.dialect, [file], columns))).toEqual([[1, null, a.uri, 0]])
})

test('data columns called filename and file_row_number stay what they are', async () => {
  const a = await write('a.parquet', "SELECT i * 5 AS file_row_number, 'mine' AS filename FROM range(3) t(i)")
  const b = await write('b.parquet', "SELECT 99 AS file_row_number, 'too' AS filename")
  const columns = await describeParquet(session, a.uri)
  expect(columns.map(({ name }) => name)).toEqual(['file_row_number', 'filename'])
  expect(await read(parquetRelation(session.dialect, [a, b], columns))).toEqual([
    [0, 'mine', a.uri, 0],
    [5, 'mine', a.uri, 1],
    [10, 'mine', a.uri, 2],
    [99, 'too', b.uri, 0],
  ])
})

test('names with quotes, newlines and statements are names', async () => {
  const names = ['a"b', 'x\ny', "'; DROP TABLE t; --", 'SELECT', 'ü 😀']
  const a = await write(
    'a.parquet',
    `SELECT ${names.map((name, index) => `${index} AS ${session.dialect.identifier(name)}`).join(', ')}`,
  )
  const columns = await describeParquet(session, a.uri)
  expect(columns.map(({ name }) => name)).toEqual(names)
  expect(await read(parquetRelation(session.dialect, [a], columns))).toEqual([[0, 1, 2, 3, 4, a.uri, 0]])
})

test('reserved names and empty relations are refused', () => {
  const file = { uri: '/x.parquet', path: 'x.parquet' }
  for (const name of ['__tg_row', '__TG_FILE', '__tg_anything'])
    expect(caught(() => parquetRelation(session.dialect, [file], [{ name, type: 'BIGINT' }]))).toBe('RESERVED_COLUMN')
  expect(caught(() => parquetRelation(session.dialect, [], [{ name: 'a', type: 'BIGINT' }]))).toBe('RELATION_EMPTY')
  expect(caught(() => convertedRelation(session.dialect, [], []))).toBe('RELATION_EMPTY')
})

test('a file whose columns are read as they are is named as Parquet, so that its footer may speak for its rows', async () => {
  const a = await write('same.parquet', 'SELECT 1 AS x, 2 AS y')
  const own = await describeParquet(session, a.uri)
  const [x, y] = own
  if (x === undefined || y === undefined) throw new Error('no columns')
  const addressOf = (columns: typeof own, file: ParquetFile = { ...a, columns: own }): string | undefined =>
    parquetRelation(session.dialect, [file], columns).files[0]?.parquet
  expect(addressOf(own)).toBe(a.uri)
  expect(addressOf([y])).toBe(a.uri)
  expect(addressOf(own, a)).toBe(a.uri)
  expect(addressOf([x, { name: 'y', type: 'BIGINT' }])).toBeUndefined()
  expect(addressOf([x, { name: 'Y', type: y.type }])).toBeUndefined()
  expect(addressOf([x, { name: 'z', type: 'INTEGER' }])).toBeUndefined()
  expect(convertedRelation(session.dialect, [a], own).files[0]?.parquet).toBeUndefined()
})

test('a hive-like folder name adds no column', async () => {
  const a = await write('x=1.parquet', 'SELECT 7 AS y')
  expect((await describeParquet(session, a.uri)).map(({ name }) => name)).toEqual(['y'])
})

async function write(name: string, select: string): Promise<ParquetFile> {
  const uri = join(folder, name)
  await session.query(`COPY (${select}) TO ${session.dialect.literal(uri)} (FORMAT parquet)`)
  return { uri, path: name }
}

async function read(relation: Relation): Promise<readonly (readonly Cell[])[]> {
  const names = [...relation.columns.map(({ name }) => name), relation.fileColumn, relation.rowColumn]
  const list = names.map((name) => session.dialect.identifier(name)).join(', ')
  const { rows } = await session.query(`SELECT ${list} FROM ${relation.sql}`)
  const order = new Map(relation.files.map(({ key }, index) => [key, index]))
  const place = (row: readonly Cell[]): number => (order.get(String(row.at(-2))) ?? -1) * 1000 + Number(row.at(-1))
  return [...rows].sort((a, b) => place(a) - place(b))
}

function caught(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return codeOf(error)
  }
  return undefined
}
