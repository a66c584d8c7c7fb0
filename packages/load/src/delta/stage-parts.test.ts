import { join } from 'node:path'
import type { FileRows, LedgerPart, Session, WritePlan } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batchOf, draftOf, fileOf } from '../testing/drafts.ts'
import { tree } from '../testing/temp-target.ts'
import { actionsIn, loadBatch, openIn, rowsIn, tempTable, type TempTable } from './testing/delta-story.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 2 })
})
afterAll(() => session.close())

const APPEND: WritePlan = { mode: 'append', replace: 'all', keys: [], dedup: undefined, partitionBy: [] }

/** Stages calls of a select with its files, settles, commits as files loaded in full but for what was dropped. */
async function load(
  places: TempTable,
  calls: readonly (readonly [select: string, files: readonly FileRows[]])[],
  plan: Partial<WritePlan> = {},
): Promise<{ readonly add: readonly LedgerPart[]; readonly dropped: readonly FileRows[] }> {
  const target = await openIn(places, session)
  const staging = await target.prepare(batchOf('b1'), { ...APPEND, ...plan })
  for (const [at, [select, files]] of calls.entries()) {
    await staging.stageRows(session, select, { visible: `part-b1-${at}.parquet`, files })
  }
  const { add, dropped, basedOn } = await staging.settle(session, { leaving: new Set() })
  expect(basedOn).toBeUndefined()
  await staging.seal()
  const files = calls.flatMap(([, own]) => own).map(({ file, rows }) => {
    const lost = dropped.find((item) => item.file === file)?.rows ?? 0
    return fileOf(file, rows - lost, { rowsRead: rows, rowsDropped: lost })
  }) // prettier-ignore
  expect(await target.commit(draftOf('b1', { files, add }))).toMatchObject({ kind: 'committed' })
  await target.publish()
  return { add, dropped }
}

/** Rows of a part in their order, as its file has them. */
async function rowsOf(places: TempTable, part: LedgerPart | undefined): Promise<readonly unknown[]> {
  const path = session.dialect.literal(join(places.table, part?.visible ?? ''))
  return (await session.query(`SELECT * FROM read_parquet(${path}, hive_partitioning = false)`)).rows.map(
    (row) => row[0],
  )
}

test('rows of many files share a part, which says how many are of which, in their order', async () => {
  using places = tempTable()
  const files = [{ file: 'a#1', rows: 3 }, { file: 'b#1', rows: 0 }, { file: 'c#1', rows: 2 }] // prettier-ignore
  const { add } = await load(places, [['SELECT range AS n FROM range(5)', files]])
  expect(add).toMatchObject([{ rows: 5, files: ['a#1', 'c#1'], ranges: [{ file: 'a#1', rows: 3 }, { file: 'c#1', rows: 2 }] }]) // prettier-ignore
  expect(await rowsOf(places, add[0])).toEqual([0, 1, 2, 3, 4])
})

test('in partitions too, and no part holds anything of a file that has no rows there', async () => {
  using places = tempTable()
  // a: 0 1 2 3, b: 4 5 6; odd ones of both; 100 only of c
  const select = `SELECT n, CASE WHEN n = 100 THEN NULL ELSE n % 2 END AS p FROM (SELECT range AS n FROM range(7) UNION ALL SELECT 100)`
  const files = [{ file: 'a#1', rows: 4 }, { file: 'b#1', rows: 3 }, { file: 'c#1', rows: 1 }] // prettier-ignore
  const { add } = await load(places, [[select, files]], { partitionBy: ['p'] })
  expect(add.map(({ partition, ranges, files: ids, rows }) => ({ partition, ranges, ids, rows }))).toEqual([
    { partition: { p: null }, ranges: undefined, ids: ['c#1'], rows: 1 },
    { partition: { p: '0' }, ranges: [{ file: 'a#1', rows: 2 }, { file: 'b#1', rows: 2 }], ids: ['a#1', 'b#1'], rows: 4 }, // prettier-ignore
    { partition: { p: '1' }, ranges: [{ file: 'a#1', rows: 2 }, { file: 'b#1', rows: 1 }], ids: ['a#1', 'b#1'], rows: 3 }, // prettier-ignore
  ])
  expect(await rowsOf(places, add[1])).toEqual([0, 2, 4, 6])
  expect(await rowsOf(places, add[2])).toEqual([1, 3, 5])
  expect((await tree(places.table)).filter((name) => name.includes('heap'))).toEqual([])
})

test('a part that has more or fewer rows than its files is refused', async () => {
  using places = tempTable()
  const staging = await (await openIn(places, session)).prepare(batchOf('b1'), { ...APPEND, partitionBy: ['p'] })
  for (const rows of [1, 3]) {
    const part = { visible: 'part.parquet', files: [{ file: 'a#1', rows }] }
    await expect(staging.stageRows(session, 'SELECT 1 AS n, 2 AS p FROM range(2)', part)).rejects.toMatchObject({
      code: 'LEDGER_CONSERVATION',
    })
  }
})

test('a table whose rows are only appended refuses every other mode, and files that would leave', async () => {
  using places = tempTable()
  const target = await openIn(places, session)
  for (const mode of ['replace', 'upsert'] as const) {
    await expect(target.prepare(batchOf('b2'), { ...APPEND, mode })).rejects.toMatchObject({
      code: 'TARGET_APPEND_ONLY',
    })
  }
  await loadBatch(target, session, 'b1', 'a#1', 'SELECT 1 AS n')
  const staging = await target.prepare(batchOf('b2'))
  await expect(staging.settle(session, { leaving: new Set(['a#1']) })).rejects.toMatchObject({
    code: 'TARGET_APPEND_ONLY',
  })
  expect(await staging.settle(session, { leaving: new Set(['held#1']) })).toMatchObject({ add: [], remove: [] })
})

describe('dedup', () => {
  // k, v, file: the last of k = 1 is b's (v 5); k = 2 has its highest v in a; NULL keys are never equal.
  const a = `SELECT * FROM (VALUES (1, 1), (2, 9), (NULL, 1), (3, 3)) t(k, v)`
  const b = `SELECT * FROM (VALUES (1, 5), (2, 4), (NULL, 1)) t(k, v)`
  const files = [{ file: 'a#1', rows: 4 }, { file: 'b#1', rows: 3 }] // prettier-ignore

  test.each([
    ['the last of equal keys stays', undefined, [[1, 5], [2, 4], [3, 3], [null, 1], [null, 1]], [{ file: 'a#1', rows: 2 }]], // prettier-ignore
    ['the highest by an order column', 'V', [[1, 5], [2, 9], [3, 3], [null, 1], [null, 1]], [{ file: 'a#1', rows: 1 }, { file: 'b#1', rows: 1 }]], // prettier-ignore
  ])('%s', async (_, orderBy, rows, lost) => {
    const select = 'SELECT k, v FROM $TABLE ORDER BY k NULLS LAST, v'
    using apart = tempTable()
    const dedup = { keys: ['K'], orderBy }
    const one = await load(apart, [[a, files.slice(0, 1)], [b, files.slice(1)]], { dedup }) // prettier-ignore
    expect(one.dropped).toEqual(lost)
    expect(await rowsIn(apart, session, select)).toEqual(rows)
    using together = tempTable()
    const two = await load(together, [[`${a} UNION ALL ${b}`, files]], { dedup })
    expect(two.dropped).toEqual(lost)
    expect(await rowsIn(together, session, select)).toEqual(rows)
  })

  test('works across partitions and by their values, and the statistics are those of what stayed', async () => {
    using places = tempTable()
    const dedup = { keys: ['k', 'p'], orderBy: undefined }
    const select = `SELECT * FROM (VALUES (1, 'x', 700), (1, 'y', 2), (1, 'x', 3), (2, 'x', -50), (2, 'x', 4)) t(k, p, v)`
    const { add, dropped } = await load(places, [[select, [{ file: 'a#1', rows: 2 }, { file: 'b#1', rows: 3 }]]], { dedup, partitionBy: ['p'] }) // prettier-ignore
    expect(dropped).toEqual([{ file: 'a#1', rows: 1 }, { file: 'b#1', rows: 1 }]) // prettier-ignore
    expect(add.map(({ partition, rows, files: ids }) => [partition, rows, ids])).toEqual([[{ p: 'x' }, 2, ['b#1']], [{ p: 'y' }, 1, ['a#1']]]) // prettier-ignore
    const adds = (await actionsIn(places.log)).flatMap((action) => (action['add'] === undefined ? [] : [action['add']]))
    expect(adds.map((action) => [action['partitionValues'], JSON.parse(String(action['stats'])) as unknown])).toEqual([
      [{ p: 'x' }, { numRecords: 2, minValues: { k: 1, v: 3 }, maxValues: { k: 2, v: 4 }, nullCount: { k: 0, v: 0 } }],
      [{ p: 'y' }, { numRecords: 1, minValues: { k: 1, v: 2 }, maxValues: { k: 1, v: 2 }, nullCount: { k: 0, v: 0 } }],
    ])
  })

  test('of rows that are all dropped or none, and by a column that is not there', async () => {
    using places = tempTable()
    const dedup = { keys: ['k'], orderBy: undefined }
    const { add, dropped } = await load(places, [['SELECT 1 AS k', [{ file: 'a#1', rows: 1 }]], ['SELECT 1 AS k WHERE false', [{ file: 'b#1', rows: 0 }]], ['SELECT 1 AS k', [{ file: 'c#1', rows: 1 }]]], { dedup }) // prettier-ignore
    expect(add.map(({ files: ids }) => ids)).toEqual([['c#1']])
    expect(dropped).toEqual([{ file: 'a#1', rows: 1 }])
    const staging = await (await openIn(places, session)).prepare(batchOf('b2'), { ...APPEND, dedup: { keys: ['nope'], orderBy: undefined } }) // prettier-ignore
    await staging.stageRows(session, 'SELECT 1 AS k', { visible: 'p.parquet', files: [{ file: 'd#1', rows: 1 }] })
    await expect(staging.settle(session, { leaving: new Set() })).rejects.toMatchObject({
      code: 'TARGET_COLUMN_MISSING',
    })
  })
})
