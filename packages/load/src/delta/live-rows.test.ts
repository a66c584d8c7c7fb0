import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchOf, draftOf, fileOf } from '../testing/drafts.ts'
import { loadBatch, openIn, tempTable } from './testing/delta-story.ts'
import { commitByHand } from './testing/foreign-writer.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 2 })
})
afterAll(() => session.close())

test("live rows have the partition columns, other writers' rows, later columns, and lack the files without", async () => {
  using places = tempTable()
  const target = await openIn(places, session, { partitionBy: ['day', 'p'] })
  const rowsWithout = async (...without: readonly string[]): Promise<unknown> => {
    const from = await target.liveRows(session, { without: new Set(without), scratch: places.root })
    return from === undefined ? from : (await session.query(`SELECT * FROM ${from} ORDER BY n`)).rows
  }
  expect(await rowsWithout()).toBeUndefined()
  const staging = await target.prepare(batchOf('b1'))
  const select = `SELECT range AS n, CASE WHEN range < 2 THEN 'a/b' END AS p, DATE '2020-01-01' + (range // 2)::INTEGER AS day FROM range(4)`
  const files = [{ file: 'a#1', rows: 1 }, { file: 'b#1', rows: 3 }] // prettier-ignore
  await staging.stageRows(session, select, { visible: 'part-b1.parquet', files })
  const { add } = await staging.settle(session, { leaving: new Set() })
  await staging.seal()
  await target.commit(draftOf('b1', { files: files.map(({ file, rows }) => fileOf(file, rows)), add }))
  await target.publish()
  await loadBatch(
    target,
    session,
    'b2',
    'c#1',
    `SELECT 4::BIGINT AS n, 'x' AS p, DATE '2020-01-03' AS day, 1.5::DOUBLE AS late`,
  )
  const file = join(places.table, 'other it.parquet')
  await session.query(`COPY (SELECT 9::BIGINT AS n) TO ${session.dialect.literal(file)} (FORMAT parquet)`)
  await commitByHand(places, [{ add: { path: 'other%20it.parquet', partitionValues: { day: '2021-01-01', p: "it's" }, size: 1, modificationTime: 1, dataChange: true } }]) // prettier-ignore

  expect((await target.currentSchema())?.columns.map(({ name }) => name)).toEqual(['n', 'p', 'day', 'late'])
  const all = [
    [0, 'a/b', '2020-01-01', null],
    [1, 'a/b', '2020-01-01', null],
    [2, null, '2020-01-02', null],
    [3, null, '2020-01-02', null],
    [4, 'x', '2020-01-03', 1.5],
    [9, "it's", '2021-01-01', null],
  ]
  expect(await rowsWithout()).toEqual(all)
  expect(await rowsWithout('a#1')).toEqual(all.slice(1))
  expect(await rowsWithout('b#1', 'c#1')).toEqual([all[0], all[5]])

  writeFileSync(join(places.table, 'gone.txt'), '')
  await commitByHand(places, [{ add: { path: 'file:///elsewhere/x.parquet', partitionValues: {}, size: 1, modificationTime: 1, dataChange: true } }]) // prettier-ignore
  await expect(rowsWithout()).rejects.toMatchObject({ code: 'DELTA_UNSUPPORTED' })
})
