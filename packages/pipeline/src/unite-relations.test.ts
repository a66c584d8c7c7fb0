import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Relation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { uniteRelations } from './unite-relations.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

function relation(sql: string, types: Readonly<Record<string, string>>, file: string): Relation {
  return {
    sql: `(SELECT *, '${file}' AS f_${file}, 7 AS r_${file} FROM ${sql})`,
    columns: Object.entries(types).map(([name, type]) => ({ name, type })),
    fileColumn: `f_${file}`,
    rowColumn: `r_${file}`,
    misfitColumn: '__tg_misfit',
    files: [{ key: file, path: `${file}.parquet`, rows: 1, parquet: `/${file}.parquet` }],
  }
}

test('the columns that all have, each of the type that holds the others, or text', async () => {
  const a = relation(
    `(SELECT 1::INTEGER AS n, 'x' AS "odd ""name""", 1.5::DOUBLE AS d, 1 AS only_a)`,
    { n: 'INTEGER', 'odd "name"': 'VARCHAR', d: 'DOUBLE', only_a: 'INTEGER' },
    'a',
  )
  const b = relation(
    `(SELECT DATE '2001-02-03' AS "odd ""name""", 2::BIGINT AS n, 3::INTEGER AS d)`,
    { 'odd "name"': 'DATE', n: 'BIGINT', d: 'INTEGER' },
    'b',
  )
  const united = uniteRelations([a, b], session.dialect)
  expect(united.columns).toEqual([
    { name: 'n', type: 'BIGINT' },
    { name: 'odd "name"', type: 'VARCHAR' },
    { name: 'd', type: 'DOUBLE' },
  ])
  // Rows are cast on the way, so no footer may speak for them; misfits were seen by the files' own checks.
  expect(united.misfitColumn).toBeUndefined()
  expect(united.files).toEqual([
    { key: 'a', path: 'a.parquet', rows: 1 },
    { key: 'b', path: 'b.parquet', rows: 1 },
  ])
  const { rows } = await session.query(`SELECT n, "odd ""name""", d, "f_a", "r_a" FROM ${united.sql} ORDER BY n`)
  expect(rows).toEqual([
    [1, 'x', 1.5, 'a', 7],
    [2, '2001-02-03', 3, 'b', 7],
  ])
})

test('one alone is itself', () => {
  const only = relation('(SELECT 1 AS n)', { n: 'INTEGER' }, 'a')
  expect(uniteRelations([only], session.dialect)).toBe(only)
})
