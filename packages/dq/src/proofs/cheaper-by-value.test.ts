import { join } from 'node:path'
import type { Relation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { column, type Expression } from '../expression/expression.ts'
import { tempFolder, writtenRelation } from '../testing/parquet-file.ts'
import { cheaperByValue } from './cheaper-by-value.ts'

let session: Session
let relation: Relation
const folder = tempFolder()

beforeAll(async () => {
  session = await openDuckDB()
  const query = `SELECT 'C' || i % 40 AS code, 'user' || i || '@example.org' AS email, 'A' || i // 2 AS pair,
    CASE WHEN i < 2048 THEN 'x' ELSE 'u' || i END AS late, CAST(NULL AS VARCHAR) AS nothing FROM range(6000) t(i)`
  relation = await writtenRelation(session, join(folder.path, 'a.parquet'), query)
})

afterAll(async () => {
  await session.close()
  folder[Symbol.dispose]()
})

async function isCheaper(item: Expression): Promise<boolean> {
  const statistics = await session.fileStatistics(relation.files.map((file) => file.parquet ?? ''))
  return cheaperByValue(item, relation, statistics)
}

test('values that repeat often are cheaper to judge once, also as text', async () => {
  expect(await isCheaper(column('code'))).toBe(true)
  expect(await isCheaper({ op: 'text', item: column('code') })).toBe(true)
  expect(await isCheaper(column('nothing'))).toBe(true)
})

test('values that do not repeat, seldom repeat, or not in every row group are not', async () => {
  for (const name of ['email', 'pair', 'late']) expect(await isCheaper(column(name)), name).toBe(false)
})

test('without a footer, a column or a plain text nothing is guessed', async () => {
  expect(cheaperByValue(column('code'), relation, [])).toBe(false)
  expect(await isCheaper(column('missing'))).toBe(false)
  expect(await isCheaper({ op: 'length', item: column('code') })).toBe(false)
})

test('where the writer does not count its dictionary, its size is the hint', async () => {
  const statistics = await session.fileStatistics(relation.files.map((file) => file.parquet ?? ''))
  const sized = (dictionaryBytes: number): boolean =>
    cheaperByValue(
      column('code'),
      relation,
      statistics.map((file) => ({
        ...file,
        columns: file.columns.map((item) => ({
          ...item,
          rowGroups: item.rowGroups.map((chunk) => ({ ...chunk, distinct: null, dictionaryBytes })),
        })),
      })),
    )
  // 2,048 rows may have 102 values; at two bytes each that is 204 bytes. The last row group has 1,904 rows: 190 bytes.
  expect(sized(190)).toBe(true)
  expect(sized(205)).toBe(false)
  expect(sized(1_048_576)).toBe(false)
})
