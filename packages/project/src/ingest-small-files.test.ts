import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Overwrites values behind the first page's header; header and footer stay as they are. */
function spoil(file: string): void {
  const bytes = readFileSync(file)
  bytes.fill(0xff, 200, 1000)
  writeFileSync(file, bytes)
}

async function threeFiles(p: TempProject): Promise<void> {
  const rows = (name: string): string => `SELECT md5('${name}' || range) AS v FROM range(500)`
  await p.landRows('a.parquet', rows('a'))
  spoil(await p.landRows('b.parquet', rows('b')))
  await p.landRows('c.parquet', rows('c'))
}

describe('many small files', () => {
  test('files of equal columns share a part in the order of their paths; the log says which rows are whose', async () => {
    const p = bench.project()
    for (let index = 0; index < 30; index += 1)
      await p.landRows(
        `${String(index).padStart(2, '0')}.parquet`,
        `SELECT ${100 * index} + range AS v FROM range(${index})`,
      )
    const report = await p.ingest()
    expect(report.files.map(({ rowsLoaded }) => rowsLoaded)).toEqual(Array.from({ length: 30 }, (_, index) => index))
    const [name, ...others] = Object.keys(p.tree('lake')).filter((file) => file.endsWith('.parquet'))
    expect(others).toEqual([])
    const { rows } = await bench.witness.query(`SELECT v FROM read_parquet('${p.directory}/lake/${name}')`)
    const wanted = Array.from({ length: 30 }, (_, file) =>
      Array.from({ length: file }, (_row, row) => [100 * file + row]),
    )
    expect(rows).toEqual(wanted.flat())
    const entry = JSON.parse(p.read('lake/s/_tidegate/log/00000000000000000001.json')) as {
      readonly add: readonly { readonly ranges: readonly { readonly rows: number }[] }[]
    }
    // The first file has no rows, so none of the part is its.
    expect(entry.add[0]?.ranges.map((range) => range.rows)).toEqual(Array.from({ length: 29 }, (_, index) => index + 1))
  })

  test('a file whose pages cannot be read is held alone; its neighbours in the scan are judged and loaded', async () => {
    const p = bench.project()
    p.contract('s', { v: { type: 'VARCHAR', nullable: false } })
    await threeFiles(p)
    const report = await p.ingest({ source: { verify: 'off', repair: 'off' } })
    expect(report.files.map(({ path, status }) => [path, status])).toEqual([
      ['a.parquet', 'loaded'],
      ['b.parquet', 'held'],
      ['c.parquet', 'loaded'],
    ])
    expect(await p.count()).toBe(1000)
  })

  test('also where no check reads it: the part that cannot be written is halved until it is alone', async () => {
    const p = bench.project()
    await threeFiles(p)
    const report = await p.ingest({ source: { verify: 'off', repair: 'off' } })
    expect(outcomes(report)).toEqual(['a.parquet: loaded', 'b.parquet: held PQ406', 'c.parquet: loaded'])
    expect(await p.count()).toBe(1000)
  })

  test('a check that cannot run is an error for each of them, and no file is searched for to blame', async () => {
    const p = bench.project()
    p.contract(
      's',
      { v: { type: 'BIGINT' } },
      {
        expectations: [
          { id: 'broken', type: 'expect_column_values_to_be_between', kwargs: { column: 'gone', min_value: 0 } },
        ],
      },
    )
    for (const name of ['a', 'b', 'c']) await p.landRows(`${name}.parquet`, `SELECT 1::BIGINT AS v, '${name}' AS n`)
    expect(outcomes(await p.ingest())).toEqual([
      'a.parquet: held broken',
      'b.parquet: held broken',
      'c.parquet: held broken',
    ])
  })
  test('with several threads, too: 300 files of uneven sizes lie in the part one after another, each row in its place', async () => {
    const p = bench.project({ max_files_per_batch: 1000 })
    p.contract('s', { v: { type: 'BIGINT' } })
    const sizes = Array.from({ length: 300 }, (_, index) => (index * 7919) % 613)
    for (const [index, size] of sizes.entries()) {
      const name = `${String(index).padStart(3, '0')}.parquet`
      await p.landRows(name, `SELECT CAST(hash(${index} * 1000 + range) % 1000003 AS BIGINT) AS v FROM range(${size})`)
    }
    const report = await p.ingest()
    expect(report.totals.loaded).toBe(300)
    const entry = JSON.parse(p.read('lake/s/_tidegate/log/00000000000000000001.json')) as {
      readonly files: readonly { readonly id: string; readonly path: string }[]
      readonly add: readonly { readonly ranges: readonly { readonly file: string; readonly rows: number }[] }[]
    }
    expect(entry.add).toHaveLength(1)
    const part = Object.keys(p.tree('lake')).find((file) => file.endsWith('.parquet'))
    const paths = new Map(entry.files.map(({ id, path }) => [id, path]))
    const { rows } = await bench.witness.query(`SELECT v FROM read_parquet('${p.directory}/lake/${part}')`)
    let start = 0
    for (const range of entry.add[0]?.ranges ?? []) {
      const own = `${p.directory}/landing/${paths.get(range.file)}`
      const source = await bench.witness.query(`SELECT CAST(v AS BIGINT) FROM read_parquet('${own}')`)
      expect([own, rows.slice(start, start + range.rows)]).toEqual([own, source.rows])
      start += range.rows
    }
    expect(start).toBe(sizes.reduce((sum, size) => sum + size, 0))
  })

  test('files with a column of the engine’s own name cannot be read in a list: each has a part of its own', async () => {
    const p = bench.project()
    for (let index = 0; index < 5; index += 1)
      await p.landRows(
        `${index}.parquet`,
        `SELECT ${index} * 10000 + range AS "File_Row_Number" FROM range(${index + 1})`,
      )
    expect((await p.ingest()).totals.loaded).toBe(5)
    const parts = Object.keys(p.tree('lake')).filter((file) => file.endsWith('.parquet'))
    expect(parts).toHaveLength(5)
    expect(await p.count()).toBe(15)
  })
})
