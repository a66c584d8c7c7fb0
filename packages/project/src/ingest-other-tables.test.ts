import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingestSource, type SourceReport } from '@tidegate/pipeline'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Source `s` (orders) and a second one beside it, which lands in `other/`. */
function twoSources(name: string, other: Readonly<Record<string, unknown>> = {}, table: string = name): TempProject {
  const p = bench.project({ gate: { on_fail: 'split' } })
  const file = path.join(p.directory, 'tidegate.yaml')
  const config = JSON.parse(readFileSync(file, 'utf8')) as { sources: Record<string, object> }
  config.sources[name] = { ...config.sources['s'], path: 'other/**/*', ...other }
  writeFileSync(file, JSON.stringify(config))
  p.contract(
    's',
    { customer: { type: 'BIGINT' } },
    {
      expectations: [
        {
          id: 'known',
          type: 'expect_column_values_to_exist_in_other_table',
          kwargs: { column: 'customer', other_table_name: table, other_column: 'id' },
        },
      ],
    },
  )
  return p
}

async function ingestOther(p: TempProject, name: string): Promise<SourceReport> {
  const project = await p.open()
  try {
    const source = project.config.sources.find((each) => each.name === name)
    if (source === undefined) throw new Error(`no source ${name}`)
    const options = { force: false, workers: 1, gate: {}, exclude: project.exclude }
    return await ingestSource(source, options, project.effects)
  } finally {
    await project.close()
  }
}

async function customers(p: TempProject): Promise<readonly unknown[]> {
  const { rows } = await bench.witness.query(
    `SELECT customer FROM read_parquet('${p.directory}/lake/s/*.parquet') ORDER BY ALL`,
  )
  return rows.map(([customer]) => customer)
}

describe('a table that is the target of another source', () => {
  test('by the source’s name: rows whose key is not there are set aside; NULL has no key to look up', async () => {
    const p = twoSources('customers')
    await p.landRows('../other/c.parquet', 'SELECT range AS id FROM range(3)')
    await ingestOther(p, 'customers')
    await p.landRows('a.parquet', 'SELECT unnest([0, 2, 3, NULL, 7]) AS customer')
    expect((await p.ingest()).totals).toMatchObject({ rowsRead: 5, rowsLoaded: 3, rowsQuarantined: 2 })
    expect(await customers(p)).toEqual([0, 2, null])
    // What arrived there in the meantime is seen by the next run.
    await p.landRows('../other/d.parquet', 'SELECT 7 AS id')
    await ingestOther(p, 'customers')
    await p.landRows('b.parquet', 'SELECT 7 AS customer')
    expect((await p.ingest()).totals).toMatchObject({ rowsLoaded: 1, rowsQuarantined: 0 })
  })

  test('one dataset of several by source/dataset; the source alone does not say which', async () => {
    for (const [table, loaded] of [
      ['shop/people', 1],
      ['shop', 0],
      ['shop/nothing', 0],
    ] as const) {
      const p = twoSources('shop', { dataset: '{stem}' }, table)
      await p.landRows('../other/people.parquet', 'SELECT 5 AS id')
      await p.landRows('../other/places.parquet', 'SELECT 6 AS id')
      await ingestOther(p, 'shop')
      await p.landRows('a.parquet', 'SELECT unnest([5, 6]) AS customer')
      const report = await p.ingest()
      expect(report.totals.rowsLoaded).toBe(loaded)
      if (loaded === 0) expect(report.files[0]?.reasons[0]?.message).toContain(`there is no table "${table}"`)
      expect(Object.keys(p.tree('lake')).filter((file) => file.includes('nothing'))).toEqual([])
    }
  })

  test('no such source, no rows yet, or a gate that keeps none: an error that holds the file', async () => {
    const nobody = twoSources('customers', {}, 'nobody')
    const empty = twoSources('customers')
    const gate = twoSources('customers', { target: { kind: 'none', path: 'gate/{dataset}' } })
    for (const p of [nobody, empty, gate]) {
      await p.landRows('a.parquet', 'SELECT 1 AS customer')
      const report = await p.ingest()
      expect(outcomes(report)).toEqual(['a.parquet: held known'])
      expect(report.files[0]?.reasons[0]?.message).toContain('there is no table')
    }
  })
})
