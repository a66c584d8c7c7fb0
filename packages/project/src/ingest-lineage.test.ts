import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TargetConfig } from '@tidegate/core'
import { openBench, outcomes, type Bench, type IngestRun, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const ALL: TargetConfig['lineage'] = { sourcePath: '_path', rowNumber: '_row', batchId: '_batch' }

/** An ingest whose target adds these columns. */
async function ingest(p: TempProject, lineage: TargetConfig['lineage'], run: IngestRun = {}): Promise<string[]> {
  const project = await p.open()
  const [source] = project.config.sources
  await project.close()
  if (source === undefined) throw new Error('no source')
  const target = { ...source.target, lineage }
  return outcomes(await p.ingest({ ...run, source: { ...run.source, target, targets: [target] } }))
}

describe('lineage columns', () => {
  test('every row says its file, its number from 1 on and its batch, also where files share a part', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 10 * range AS v FROM range(3)')
    await p.landRows('sub/b.parquet', 'SELECT 7::BIGINT AS v')
    expect(await ingest(p, ALL)).toEqual(['a.parquet: loaded', 'sub/b.parquet: loaded'])
    expect(await p.rows('v, _path, _row', 'ORDER BY _path, _row')).toEqual([
      [0, 'a.parquet', 1],
      [10, 'a.parquet', 2],
      [20, 'a.parquet', 3],
      [7, 'sub/b.parquet', 1],
    ])
    expect(await p.rows('count(DISTINCT _batch), count(_batch)')).toEqual([[1, 4]])
    expect(Object.keys(p.tree('lake')).filter((name) => name.endsWith('.parquet'))).toHaveLength(1)
  })

  test('records of text files count from 1, and those that are rejected keep their numbers', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', { id: { type: 'BIGINT' }, v: { type: 'BIGINT' } })
    p.land('a.csv', 'id,v\n1,10\n2,x\n3,30\n')
    p.land('b.csv', 'id,v\n4,40\n')
    p.land("sub/it's c.csv", 'id,v\n5,50\n6,60\n')
    expect(await ingest(p, ALL)).toEqual(['a.csv: loaded schema:v:misfit', 'b.csv: loaded', "sub/it's c.csv: loaded"])
    expect(await p.rows('id, _path, _row', 'ORDER BY id')).toEqual([
      [1, 'a.csv', 1],
      [3, 'a.csv', 3],
      [4, 'b.csv', 1],
      [5, "sub/it's c.csv", 1],
      [6, "sub/it's c.csv", 2],
    ])
  })

  test('names of files are data: quotes, brackets, emoji and newlines come out as they are', async () => {
    const p = bench.project()
    const names = [
      "it's.parquet",
      'a[1].parquet',
      'x*y.parquet',
      'snow 🌨 "q".parquet',
      'line\nend.parquet',
      '🌊/é.parquet',
    ]
    for (const [index, name] of names.entries()) await p.landRows(name, `SELECT ${index} AS v`)
    await ingest(p, { sourcePath: 'from', rowNumber: undefined, batchId: undefined })
    expect(await p.rows('"from"', 'ORDER BY v')).toEqual(names.map((name) => [name]))
  })

  test('a split file keeps the numbers of the rows that stay', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', { v: { type: 'INTEGER', nullable: false } })
    await p.landRows('a.parquet', 'SELECT CASE WHEN range % 2 = 0 THEN range::INTEGER END AS v FROM range(5)')
    await ingest(p, ALL)
    expect(await p.rows('v, _row', 'ORDER BY v')).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ])
  })

  test('a file with a column of that name is held, whatever its case, and its neighbours are loaded', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS v')
    await p.landRows('b.parquet', 'SELECT 2 AS v, 9 AS _ROW')
    expect(await ingest(p, ALL)).toEqual(['a.parquet: loaded', 'b.parquet: held SCHEMA_LINEAGE_COLUMN'])
    expect(await p.rows('v')).toEqual([[1]])
  })

  test('they may come and go: earlier and later rows have NULL', async () => {
    const p = bench.project()
    const none = { sourcePath: undefined, rowNumber: undefined, batchId: undefined }
    for (const [index, lineage] of [none, ALL, none].entries()) {
      await p.landRows(`${index}.parquet`, `SELECT ${index} AS v`)
      await ingest(p, lineage)
    }
    expect(await p.rows('v, _path, _row', 'ORDER BY v')).toEqual([
      [0, null, null],
      [1, '1.parquet', 1],
      [2, null, null],
    ])
  })
})
