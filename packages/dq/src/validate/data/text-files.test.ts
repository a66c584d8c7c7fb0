import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { filesData } from './files-data.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Names of the columns with their types, or what is wrong. */
async function columnsOf(files: Readonly<Record<string, string>>, declared: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  const data = { files: Object.keys(files), folder }
  const { relation } = await filesData(session, data, false, {}, new Map(Object.entries(declared)))
  return relation.columns.map(({ name, type }) => `${name} ${type}`)
}

test.each(['none.csv', 'none.tsv', 'none.json', 'none.ndjson'])('%s of 0 bytes is CHECK_DATA', async (name) => {
  await expect(columnsOf({ [name]: '' })).rejects.toMatchObject({
    code: 'CHECK_DATA',
    message: expect.stringContaining(`${name} is empty`),
  })
})

test('a file of 0 bytes among others is named', async () => {
  await expect(columnsOf({ 'one.csv': 'a\n1\n', 'two.csv': '' })).rejects.toMatchObject({
    code: 'CHECK_DATA',
    message: expect.stringContaining('two.csv is empty'),
  })
})

test.each([
  ['plain', 'a,a,b\n1,2,3\n', '"a"'],
  ['with other separators', "b;it's;it's\n1;2;3\n4;5;6\n", '"it\'s"'],
  ['in quotes', '"x, y",b,"x, y"\n1,2,3\n', '"x, y"'],
])('two columns of one name, %s, are CHECK_DATA', async (_, text, column) => {
  await expect(columnsOf({ 'twice[1].csv': text })).rejects.toMatchObject({
    code: 'CHECK_DATA',
    message: `twice[1].csv has two columns ${column}`,
  })
})

test('columns that are only called as if they were repeated are read', async () => {
  expect(await columnsOf({ 'like.csv': 'a,a_1\n1,2\n' })).toEqual(['a BIGINT', 'a_1 BIGINT'])
})

test('a file with only a header has the declared types, one with rows its own', async () => {
  const declared = { a: 'INTEGER', "it's": 'DECIMAL(9,2)', gone: 'DATE', odd: 'NO TYPE' }
  expect(await columnsOf({ 'header.csv': "a,it's,odd,b\n" }, declared)).toEqual([
    'a INTEGER',
    "it's DECIMAL(9,2)",
    'odd VARCHAR',
    'b VARCHAR',
  ])
  expect(await columnsOf({ 'texts.csv': 'a,b\nx,y\n' }, declared)).toEqual(['a VARCHAR', 'b VARCHAR'])
})
