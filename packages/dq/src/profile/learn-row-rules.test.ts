import type { Relation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { learnContract } from './learn-contract.ts'
import { profileRelation } from './profile-relation.ts'
import type { Profile } from './profile-types.ts'
import { formatSuggestion } from './suggestion.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(async () => {
  await session.close()
})

/** In SQL, `f` is the file's number and `i` the row's. */
async function profiled(select: string, rows: number, files = 4, sampleRows = 100_000): Promise<Profile> {
  const sql = `(SELECT ${select}, 'f' || f AS __tg_file, i AS __tg_row FROM range(${files}) AS a(f), range(${rows}) AS b(i))`
  const described = await session.query(`DESCRIBE SELECT * FROM ${sql}`)
  const relation: Relation = {
    sql,
    columns: described.rows.map(([name, type]) => ({ name: String(name), type: String(type) })).slice(0, -2),
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: Array.from({ length: files }, (_, file) => ({ key: `f${file}`, path: `f${file}.csv` })),
  }
  return profileRelation(session, relation, { sampleRows, rowOrder: true })
}

describe('keys of several columns', () => {
  test('two columns that are unique together are found, and no third one is added', async () => {
    const profile = await profiled('i // 4 AS "order", i % 4 AS line, (i * 31) % 50 AS price', 1000)
    expect(profile.compoundKey).toEqual({ columns: ['order', 'line'], rows: 4000 })
    const { suggestions } = learnContract(profile, { dataset: 'd' })
    const found = suggestions.find((item) => item.expectation.type === 'expect_compound_columns_to_be_unique')
    expect(found).toMatchObject({
      expectation: { kwargs: { column_list: ['order', 'line'] }, severity: 'critical' },
      holdOut: 'passed',
    })
    expect(found === undefined ? '' : formatSuggestion(found)).toMatch(
      /^order \+ line: no combination twice · no combination/,
    )
  })
  test('three columns, where no two are enough', async () => {
    const profile = await profiled(
      "i // 100 AS a, 't' || ((i // 10) % 10) AS b, DATE '2001-01-01' + CAST(i % 10 AS INTEGER) AS c",
      1000,
    )
    expect(profile.compoundKey?.columns).toEqual(['a', 'b', 'c'])
  })
  test('one repetition outside of the sample is seen', async () => {
    // In the last file row 1,999 repeats the combination of row 0.
    const select =
      'CASE WHEN f = 3 AND i = 1999 THEN 0 ELSE i // 4 END AS a, CASE WHEN f = 3 AND i = 1999 THEN 0 ELSE i % 4 END AS b'
    expect((await profiled(select, 2000, 4, 1000)).compoundKey).toBeNull()
  })
  test('with a key of one column nobody looks for one of several', async () => {
    expect((await profiled('i AS id, i // 4 AS a, i % 4 AS b', 1000)).compoundKey).toBeNull()
  })
  test('what is distinct by chance, has NULLs or too few rows is no key', async () => {
    // 200 rows of 40,000 combinations: one half of a pair is expected to repeat.
    expect((await profiled('(i * 7919) % 199 AS a, (i * 104729) % 197 AS b', 200)).compoundKey).toBeNull()
    expect((await profiled('CASE WHEN i = 5 THEN NULL ELSE i // 4 END AS a, i % 4 AS b', 1000)).compoundKey).toBeNull()
    expect((await profiled('i // 4 AS a, i % 4 AS b', 90)).compoundKey).toBeNull()
  })
})

describe('order of the rows', () => {
  test('a time that rises comes before a number that does, and says whether it repeats', async () => {
    const time = "TIMESTAMP '2001-01-01' + INTERVAL 1 MINUTE * "
    const strict = await profiled(`i AS n, ${time} i AS at`, 1000)
    expect(strict.ordered).toEqual({ column: 'at', strictly: true, rows: 4000 })
    const weak = await profiled(`${time} (i // 2) AS at`, 1000)
    expect(weak.ordered).toEqual({ column: 'at', strictly: false, rows: 4000 })
    const { contract } = learnContract(weak, { dataset: 'd' })
    expect(contract.expectations).toContainEqual({
      type: 'expect_column_values_to_be_increasing',
      kwargs: { column: 'at' },
      severity: 'warning',
    })
  })
  test('one step down outside of the sample is seen', async () => {
    const profile = await profiled('CASE WHEN f = 2 AND i = 1500 THEN 3 ELSE i END AS n', 2000, 4, 500)
    expect(profile.ordered).toBeNull()
  })
  test('few rows, few values and personal columns have none', async () => {
    expect((await profiled('i AS n', 200)).ordered).toBeNull()
    expect((await profiled('i // 200 AS n', 1000)).ordered).toBeNull()
    expect((await profiled('i AS phone', 1000)).ordered).toBeNull()
  })
})
