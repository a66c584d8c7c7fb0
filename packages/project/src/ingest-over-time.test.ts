import { rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckRecord, Expectation } from '@tidegate/core'
import { rebuildState } from './rebuild-state.ts'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'
import type { SourceReport } from '@tidegate/pipeline'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const COLUMNS = { id: { type: 'BIGINT' } }
const NORMAL: Expectation = {
  id: 'rows-normal',
  type: 'expect_metric_to_be_normal',
  kwargs: { metric: 'row_count', seasonality: 'none' },
}
const CHANGE: Expectation = {
  id: 'rows-change',
  type: 'expect_table_row_count_change_to_be_between',
  kwargs: { min_value: -0.5, max_value: 0.5 },
}
const HOUR = 3_600_000
const START = Date.UTC(2026, 5, 1, 6)

function withRules(expectations: readonly Expectation[], source: Readonly<Record<string, unknown>> = {}): TempProject {
  const p = bench.project(source)
  p.contract('s', COLUMNS, { expectations })
  return p
}

/** Lands one file with so many rows and ingests it, so many hours after the first. */
async function day(p: TempProject, name: string, rows: number, hours: number): Promise<SourceReport> {
  const from = hours * 100_000
  await p.landRows(`${name}.parquet`, `SELECT ${from} + range AS id FROM range(${rows})`)
  return at(p, hours)
}

async function at(
  p: TempProject,
  hours: number,
  run: Parameters<TempProject['ingest']>[0] = {},
): Promise<SourceReport> {
  const effects = run.effects
  return p.ingest({
    ...run,
    effects: (own, project) => {
      const timed = { ...own, clock: { nowMs: () => START + hours * HOUR } }
      return effects === undefined ? timed : effects(timed, project)
    },
  })
}

async function recorded(p: TempProject, check: string): Promise<readonly CheckRecord[]> {
  const project = await p.open({ readOnly: true })
  const records = await project.state.listChecks({ source: 's', dataset: 's', check })
  await project.close()
  return records
}

describe('expect_metric_to_be_normal', () => {
  test('learns from four files, then holds what is out of the band and says the band; what was held is not learned', async () => {
    const p = withRules([NORMAL])
    // Median 100.5; deviations 0.5, 0.5, 1.5, 1.5 have the median 1. 3 × 1.4826 × 1.363 (for four values) × 1 = 6.06.
    for (const [index, rows] of [99, 101, 100, 102].entries())
      expect((await day(p, `d${index}`, rows, index)).files[0]?.status).toBe('loaded')
    expect((await recorded(p, 'rows-normal')).map(({ result }) => result.message)).toEqual(
      [0, 1, 2, 3].map((seen) => `row_count normal: learning, ${seen} of 4 earlier values`),
    )
    const odd = await day(p, 'd4', 500, 4)
    expect(outcomes(odd)).toEqual(['d4.parquet: held rows-normal'])
    expect(odd.files[0]?.reasons[0]?.message).toBe(
      'row_count normal: expected 94.44–106.6 from the last 4 values; got 500',
    )
    // Were the 500 rows learned, the band would now be wide.
    expect(outcomes(await day(p, 'd5', 500, 5))).toEqual(['d5.parquet: held rows-normal'])
    expect((await day(p, 'd6', 101, 6)).files[0]?.status).toBe('loaded')
    const last = (await recorded(p, 'rows-normal')).at(-1)?.result
    expect(last?.details).toMatchObject({ earlier_values: 4 })
  })

  test('a held file that was let in later is learned, once', async () => {
    const p = withRules([NORMAL])
    for (const [index, rows] of [100, 100, 100, 100].entries()) await day(p, `d${index}`, rows, index)
    await day(p, 'odd', 500, 4)
    await at(p, 5, { retry: new Set(['odd.parquet']), gate: { on_fail: 'warn' } })
    await day(p, 'd6', 100, 6)
    expect((await recorded(p, 'rows-normal')).at(-1)?.result.details).toMatchObject({ earlier_values: 5 })
  })

  test('files of one batch are judged against the same past, and all of them are past for the next', async () => {
    const p = withRules([NORMAL])
    for (let file = 0; file < 4; file++)
      await p.landRows(`a${file}.parquet`, `SELECT ${file * 1000} + range AS id FROM range(100)`)
    await at(p, 0)
    const messages = (await recorded(p, 'rows-normal')).map(({ result }) => result.message)
    expect(new Set(messages)).toEqual(new Set(['row_count normal: learning, 0 of 4 earlier values']))
    expect(outcomes(await day(p, 'b', 10, 1))).toEqual(['b.parquet: held rows-normal'])
  })

  test('datasets of one source learn apart', async () => {
    const p = bench.project({ dataset: '{stem}' })
    p.contract('x', COLUMNS, { expectations: [NORMAL] })
    p.contract('y', COLUMNS, { expectations: [NORMAL] })
    for (let run = 0; run < 4; run++) {
      await p.landRows('x.parquet', `SELECT ${run} * 1000 + range AS id FROM range(100)`)
      await at(p, run)
    }
    await p.landRows('y.parquet', 'SELECT range AS id FROM range(7)')
    expect(outcomes(await at(p, 5))).toEqual(['y.parquet: loaded'])
  })

  test('a state that was rebuilt has no past: it learns again and says so', async () => {
    const p = withRules([NORMAL])
    for (let index = 0; index < 4; index++) await day(p, `d${index}`, 100, index)
    for (const name of Object.keys(p.tree('.tidegate')).filter((each) => each.startsWith('state')))
      rmSync(path.join(p.directory, '.tidegate', name))
    const project = await p.open()
    await rebuildState(project)
    await project.close()
    expect(outcomes(await day(p, 'd5', 500, 5))).toEqual(['d5.parquet: loaded'])
    expect((await recorded(p, 'rows-normal'))[0]?.result.message).toContain('learning, 0 of 4')
  })

  test('a metric of decimals and one without a value', async () => {
    const mean: Expectation = {
      id: 'sum',
      type: 'expect_metric_to_be_normal',
      kwargs: { metric: 'sum', column: 'id', seasonality: 'none' },
    }
    const p = bench.project()
    p.contract('s', { id: { type: 'DECIMAL(18,2)' } }, { expectations: [mean] })
    for (let index = 0; index < 4; index++) {
      await p.landRows(`d${index}.parquet`, `SELECT (100 + ${index})::DECIMAL(18,2) AS id`)
      await at(p, index)
    }
    await p.landRows('d5.parquet', 'SELECT 900::DECIMAL(18,2) AS id')
    expect(outcomes(await at(p, 5))).toEqual(['d5.parquet: held sum'])
    await p.landRows('d6.parquet', 'SELECT NULL::DECIMAL(18,2) AS id')
    expect(outcomes(await at(p, 6))).toEqual(['d6.parquet: held sum'])
  })
})

test('expect_table_row_count_change_to_be_between compares with the file before', async () => {
  const p = withRules([CHANGE])
  expect(outcomes(await day(p, 'd0', 100, 0))).toEqual(['d0.parquet: loaded'])
  expect(outcomes(await day(p, 'd1', 150, 1))).toEqual(['d1.parquet: loaded'])
  const less = await day(p, 'd2', 60, 2)
  expect(outcomes(less)).toEqual(['d2.parquet: held rows-change'])
  // (60 − 150) / 150
  expect(less.files[0]?.reasons[0]?.message).toMatch(/-0\.6.*60 rows against 150/)
  expect(outcomes(await day(p, 'd3', 80, 3))).toEqual(['d3.parquet: loaded'])
})

test('freshness asks the clock of the run', async () => {
  const fresh: Expectation = {
    id: 'fresh',
    type: 'expect_row_values_to_have_recent_data',
    kwargs: { column: 'at', max_age: '24h' },
  }
  const p = bench.project()
  p.contract('s', { at: { type: 'TIMESTAMP' } }, { expectations: [fresh] })
  await p.landRows('a.parquet', "SELECT TIMESTAMP '2026-06-01 00:00:00' AS at")
  // 06:00 of the same day; and 25 hours after midnight.
  expect(outcomes(await at(p, 0))).toEqual(['a.parquet: loaded'])
  await p.landRows('b.parquet', "SELECT TIMESTAMP '2026-06-01 00:00:00' AS at, 1 AS n")
  expect(outcomes(await at(p, 19))).toEqual(['b.parquet: held fresh'])
})
