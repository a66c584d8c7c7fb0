import type { ColumnSchema, Relation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findOddFiles } from './find-odd-files.ts'
import type { OddFile } from './oddity.ts'
import { oddTail } from './odd-tail.ts'
import { profileRelation, type ProfileOptions } from './profile-relation.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(async () => {
  await session.close()
})

/** `files` files of 400 rows; in SQL, `f` is the file's number and `i` the row's. */
async function oddOf(
  select: string,
  files = 12,
  options: ProfileOptions = {},
  where = 'true',
): Promise<readonly OddFile[]> {
  const sql = `(SELECT ${select}, 'week-' || f AS __tg_file, i AS __tg_row FROM range(${files}) AS a(f), range(400) AS b(i) WHERE ${where})`
  const { rows } = await session.query(`DESCRIBE SELECT * FROM ${sql}`)
  const relation: Relation = {
    sql,
    columns: rows.map(([name, type]) => ({ name: String(name), type: String(type) })).slice(0, -2),
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: Array.from({ length: files }, (_, at) => ({ key: `week-${at}`, path: `week-${at}.parquet` })),
  }
  return findOddFiles(await profileRelation(session, relation, options))
}

/** Spreads rows over 0–999 with no order. */
const MIXED = '(i * 7919 + f * 104729) % 1000'

describe('numbers', () => {
  test('a maximum far beyond all others is named, with the file and the numbers', async () => {
    const found = await oddOf(`CASE WHEN f = 7 AND i < 4 THEN 99999 ELSE 40 + ${MIXED} END AS delay`)
    expect(found).toEqual([
      {
        key: 'week-7',
        file: 'week-7.parquet',
        column: 'delay',
        what: expect.stringMatching(/^max 99,999 where the other 11 files stay at or below 1,0\d\d$/),
        check: 'expect_column_values_to_be_between',
      },
    ])
  })

  test('so is a minimum', async () => {
    const found = await oddOf(`CASE WHEN f = 2 AND i = 5 THEN -99999 ELSE ${MIXED} END AS x`)
    expect(found.map(({ key, what }) => [key, what])).toEqual([
      ['week-2', 'min -99,999 where the other 11 files stay at or above 0'],
    ])
  })

  test('two spoiled files of twenty do not excuse each other', async () => {
    const found = await oddOf(`CASE WHEN f IN (3, 9) AND i = 0 THEN 99999 + f ELSE ${MIXED} END AS x`, 20)
    expect(found.map((odd) => odd.key)).toEqual(['week-3', 'week-9'])
  })

  test('extremes that vary, heavy tails, constants that differ a little and running numbers are not odd', async () => {
    const columns = [
      // The largest value of a file lies anywhere between 600 and 2,000.
      `${MIXED} * (0.6 + ((f * 7) % 10) * 0.15) AS varies`,
      // Records that beat each other by factors, as in a Pareto distribution.
      'power(10, ((f * 5) % 12) / 4.0 + (i % 100) / 100.0) AS heavy',
      'f * 400 + i AS id',
      '2000 + f AS year',
      'CASE WHEN f = 4 THEN 6 ELSE 5 END AS status',
    ]
    expect(await oddOf(columns.join(', '))).toEqual([])
  })

  test('four files are too few to call one odd', async () => {
    expect(await oddOf('CASE WHEN f = 1 THEN 99999 ELSE i END AS x', 4)).toEqual([])
  })
})

describe('times', () => {
  test('every file has its own week, one may be missing', async () => {
    const date =
      "TIMESTAMP '2001-01-01' + INTERVAL 7 DAY * (CASE WHEN f > 8 THEN f + 5 ELSE f END) + INTERVAL 20 MINUTE * i AS at"
    expect(await oddOf(date)).toEqual([])
  })

  test('a date of another century is odd', async () => {
    const date =
      "CASE WHEN f = 5 AND i = 1 THEN DATE '9999-12-31' ELSE DATE '2001-01-01' + CAST(7 * f + i % 7 AS INTEGER) END AS day"
    const found = await oddOf(date)
    expect(found.map(({ key, what }) => [key, what])).toEqual([
      ['week-5', 'max 9999-12-31 where the other 11 files stay at or below 2001-03-25'],
    ])
  })
})

describe('nulls and texts', () => {
  test('5% nulls where the others have none', async () => {
    const found = await oddOf("CASE WHEN f = 6 AND i % 20 = 0 THEN NULL ELSE 'JFK' END AS origin")
    expect(found.map(({ key, what }) => [key, what])).toEqual([
      ['week-6', '5% null where the other 11 files have none'],
    ])
  })

  test('null shares that vary between 2% and 8% are not odd', async () => {
    expect(await oddOf(`CASE WHEN (i * 7919) % 100 < 2 + (f * 5) % 7 THEN NULL ELSE i END AS x`)).toEqual([])
  })

  test('another kind of text', async () => {
    const found = await oddOf(`CASE WHEN f = 3 THEN ${MIXED} || ' km' ELSE CAST(${MIXED} AS VARCHAR) END AS distance`)
    expect(found.map(({ key, what }) => [key, what])).toEqual([
      ['week-3', '0% digits only where the other 11 files have 100%'],
    ])
  })

  test('values that no other file has, without naming them', async () => {
    const found = await oddOf("CASE WHEN f = 8 AND i % 50 = 0 THEN 'XX' ELSE 'c' || (i % 4) END AS code")
    expect(found.map(({ key, what }) => [key, what])).toEqual([
      ['week-8', '1 value in 8 rows that none of the other 11 files has'],
    ])
  })

  test('a list that grows in every file is open, not odd', async () => {
    expect(await oddOf("CASE WHEN i < 40 THEN 'new' || f ELSE 'c' || (i % 4) END AS code")).toEqual([])
  })

  test('a text far longer than all others', async () => {
    const found = await oddOf(
      "repeat('x y', CASE WHEN f = 1 AND i = 0 THEN 5000 ELSE 5 + (i * 7 + f) % 20 END) AS note",
    )
    expect(found.map(({ key, what }) => [key, what])).toEqual([
      ['week-1', 'texts of up to 15,000 characters where the other 11 files have at most 72'],
    ])
  })
})

describe('whole files', () => {
  test('no rows, and a tenth of the rows', async () => {
    const found = await oddOf('i AS x', 12, {}, 'f <> 4 OR i < 0')
    expect(found.map(({ key, column, what }) => [key, column, what])).toEqual([
      ['week-4', undefined, 'no rows where the other 11 files have 400'],
    ])
    const few = await oddOf('i % 3 AS x', 12, {}, 'f <> 4 OR i < 30')
    expect(few.map(({ what }) => what)).toEqual(['30 rows where the other 11 files have 400'])
  })

  test('columns that differ from the majority; a narrower type does not', async () => {
    const usual: readonly ColumnSchema[] = [
      { name: 'x', type: 'BIGINT' },
      { name: 'y', type: 'BIGINT' },
    ]
    const fileColumns = new Map<string, readonly ColumnSchema[]>(
      Array.from({ length: 6 }, (_, at) => [`week-${at}`, usual]),
    )
    fileColumns.set('week-1', [{ name: 'x', type: 'BIGINT' }])
    fileColumns.set('week-2', [...usual, { name: 'z"', type: 'DATE' }])
    fileColumns.set('week-3', [
      { name: 'x', type: 'VARCHAR' },
      { name: 'y', type: 'INTEGER' },
    ])
    const found = await oddOf('i AS x, CASE WHEN f = 1 THEN NULL ELSE i END AS y', 6, { fileColumns })
    expect(found.map(({ key, column, what, check }) => [key, column, what, check])).toEqual([
      ['week-1', 'y', 'column missing where 5 of 6 files have it', 'schema'],
      ['week-2', 'z"', 'a column more, which 5 of 6 files do not have', 'schema'],
      ['week-3', 'x', 'type VARCHAR where 5 of 6 files have BIGINT', 'schema'],
    ])
  })
})

test('the tail rule: one span away is not odd, more is', () => {
  const others = [10, 10, 11, 12].map((value, at) => ({ at, value }))
  const rule = { spanOf: () => 12, spans: 1, smallestGap: 1 }
  expect(oddTail([...others, { at: 9, value: 24 }], rule)).toBeUndefined()
  expect(oddTail([...others, { at: 9, value: 25 }], rule)).toMatchObject({ at: [9], edge: 12 })
})
