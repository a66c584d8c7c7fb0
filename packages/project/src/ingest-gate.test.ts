import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Expectation, OnFail } from '@tidegate/core'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const BETWEEN: Expectation = {
  id: 'delay-range',
  type: 'expect_column_values_to_be_between',
  kwargs: { column: 'delay', min_value: 0, max_value: 100 },
}
const NOT_NULL: Expectation = {
  id: 'delay-known',
  type: 'expect_column_values_to_not_be_null',
  kwargs: { column: 'delay' },
}
const NOT_NULL_ID: Expectation = { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' } }
const COLUMNS = { id: { type: 'BIGINT' }, delay: { type: 'BIGINT' } }

/** Two files: one good, one of ten rows where rows 3 and 7 break the range and row 5 has no delay. */
async function twoFiles(
  onFail: OnFail | undefined,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TempProject> {
  const p = bench.project(onFail === undefined ? more : { gate: { on_fail: onFail }, ...more })
  p.contract('s', COLUMNS, { expectations: [BETWEEN, NOT_NULL] })
  await p.landRows(
    'a-bad.parquet',
    'SELECT range AS id, CASE range WHEN 3 THEN 500 WHEN 7 THEN -1 WHEN 5 THEN NULL ELSE range END AS delay FROM range(10)',
  )
  await p.landRows('b-good.parquet', 'SELECT 100 + range AS id, range AS delay FROM range(4)')
  return p
}

function reasonsOf(p: TempProject): Record<string, unknown> {
  const names = Object.keys(p.tree('quarantine')).filter((name) => name.endsWith('.reasons.json'))
  expect(names).toHaveLength(1)
  return JSON.parse(p.read(`quarantine/${names[0] ?? ''}`)) as Record<string, unknown>
}

describe('quarantine of a file', () => {
  test('holds the bytes, the reasons, the counts and sample rows; the other file is loaded', async () => {
    const p = await twoFiles(undefined)
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['a-bad.parquet: held delay-range', 'b-good.parquet: loaded'])
    expect(report.status).toBe('gate-failed')
    expect(report.files[0]).toMatchObject({ rowsRead: 10, rowsLoaded: 0, rowsQuarantined: 10, cause: 'checks' })
    expect(await p.rows('count(*), min(id)')).toEqual([[4, 100]])

    const quarantine = p.tree('quarantine')
    const original = p.tree('landing')['a-bad.parquet']
    expect(Object.values(quarantine).filter((hash) => hash === original)).toHaveLength(1)
    expect(Object.keys(quarantine)).toHaveLength(2)
    const paper = reasonsOf(p)
    expect(paper).toMatchObject({ format: 1, source: 's', path: 'a-bad.parquet', sha256: original })
    const checks = paper['checks'] as { id: string; unexpectedCount: number; elementCount: number }[]
    expect(checks.map((check) => [check.id, check.unexpectedCount, check.elementCount])).toEqual([
      ['delay-range', 2, 10],
      ['delay-known', 1, 10],
    ])
    const samples = paper['sampleRows'] as { row: number; rules: string[]; values: Record<string, unknown> }[]
    expect(samples.map((sample) => sample.row).toSorted((a, b) => a - b)).toEqual([3, 5, 7])
    expect(JSON.stringify(samples.find((sample) => sample.row === 3))).toContain('500')
  })

  test('original: reference keeps the reasons and copies nothing', async () => {
    const p = await twoFiles(undefined, { quarantine: { path: 'quarantine/s', original: 'reference' } })
    expect((await p.ingest()).files[0]?.status).toBe('held')
    expect(Object.keys(p.tree('quarantine')).every((name) => name.endsWith('.reasons.json'))).toBe(true)
    expect(reasonsOf(p)['path']).toBe('a-bad.parquet')
  })

  test('sensitive values appear in no paper, no report and no state', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', "SELECT 's3cret-' || range AS email, range AS delay FROM range(5)")
    p.contract(
      's',
      { email: { type: 'VARCHAR', sensitive: 'mask' }, delay: { type: 'BIGINT' } },
      {
        expectations: [
          { type: 'expect_column_values_to_match_regex', kwargs: { column: 'email', regex: '@' } },
          { type: 'expect_column_values_to_be_in_set', kwargs: { column: 'email', value_set: ['x'] } },
        ],
      },
    )
    const report = await p.ingest()
    expect(report.files[0]?.status).toBe('held')
    expect(JSON.stringify(report)).not.toContain('s3cret')
    const paper = JSON.stringify(reasonsOf(p))
    expect(paper).not.toContain('s3cret')
    expect(paper).toContain('"delay"')
    for (const name of Object.keys(p.tree('.tidegate'))) expect(p.read(`.tidegate/${name}`)).not.toContain('s3cret')
  })
})

describe('the other policies', () => {
  test('split: bad rows go with the ids of their rules, the rest is loaded, and the counts conserve', async () => {
    const p = await twoFiles('split')
    const report = await p.ingest()
    expect(report.files[0]).toMatchObject({
      status: 'loaded',
      verdict: 'split',
      rowsRead: 10,
      rowsLoaded: 7,
      rowsQuarantined: 3,
    })
    expect(await p.rows('id', 'WHERE id < 100 ORDER BY id')).toEqual([[0], [1], [2], [4], [6], [8], [9]])
    const rejected = `${p.directory}/quarantine/**/*.parquet`
    const rows = await bench.witness.query(`SELECT id, delay, __tg_row, __tg_rules FROM '${rejected}' ORDER BY id`)
    expect(rows.rows).toEqual([
      [3, 500, 3, ['delay-range']],
      [5, null, 5, ['delay-known']],
      [7, -1, 7, ['delay-range']],
    ])
    expect(reasonsOf(p)).toMatchObject({ reasons: [{ check: 'delay-range' }, { check: 'delay-known' }] })
    for (const file of report.files)
      expect(file.rowsRead).toBe(file.rowsLoaded + file.rowsQuarantined + file.rowsDropped)
  })

  test('split of a text file sets unparsable cells and lines aside', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', COLUMNS, { read: { format: 'csv', delimiter: ',', header: true } })
    p.land('a.csv', 'id,delay\n1,10\n2,many\n3,30\n4,40,50,60\n')
    const report = await p.ingest()
    expect(report.files[0]).toMatchObject({ status: 'loaded', rowsRead: 4, rowsLoaded: 2, rowsQuarantined: 2 })
    expect(await p.rows('id, delay', 'ORDER BY id')).toEqual([
      [1, 10],
      [3, 30],
    ])
    const all = Object.keys(p.tree('quarantine')).map((name) => p.read(`quarantine/${name}`))
    expect(all.join('\n')).toContain('4,40,50,60')
  })

  test('a failed check that is not about rows makes the split a hold', async () => {
    const p = await twoFiles('split')
    p.contract('s', COLUMNS, {
      expectations: [BETWEEN, { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 50 } }],
    })
    expect((await p.ingest()).totals).toMatchObject({ held: 2, rowsLoaded: 0 })
  })

  test('warn: everything is loaded, and the reasons are said', async () => {
    const p = await twoFiles('warn')
    const report = await p.ingest()
    expect(report.files[0]).toMatchObject({ status: 'loaded', verdict: 'admit-with-warnings', rowsLoaded: 10 })
    expect(report.files[0]?.reasons.map((reason) => reason.check)).toEqual(['delay-range', 'delay-known'])
    expect(report.status).toBe('ok')
    expect(await p.count()).toBe(14)
  })

  test('fail: the run stops before the next batch, and the next run goes on', async () => {
    const p = await twoFiles('fail', { dataset: '{stem}' })
    for (const dataset of ['a-bad', 'b-good']) p.contract(dataset, COLUMNS, { expectations: [BETWEEN] })
    const report = await p.ingest({ workers: 1 })
    expect(outcomes(report)).toEqual(['a-bad.parquet: held delay-range', 'b-good.parquet: waiting RUN_STOPPED'])
    expect(await p.count()).toBe(0)
    expect(outcomes(await p.ingest({ workers: 1 }))).toEqual(['b-good.parquet: loaded'])
  })

  test('the flag wins over the source: at threshold 0 a warning-only contract lets the file in', async () => {
    const p = bench.project()
    p.contract('s', COLUMNS, { expectations: [{ ...BETWEEN, severity: 'warning' }], gate: { threshold: 100 } })
    await p.landRows('a.parquet', 'SELECT 1 AS id, 500 AS delay')
    expect((await p.ingest()).files[0]?.status).toBe('held')
    const again = await p.ingest({ force: true, gate: { threshold: 0 } })
    expect(again.files[0]).toMatchObject({ status: 'loaded', verdict: 'admit-with-warnings' })
    expect(await p.count()).toBe(1)
  })

  test('a check that cannot run is never a pass', async () => {
    const p = bench.project()
    p.contract('s', COLUMNS, {
      expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'missing', min_value: 0 } }],
    })
    await p.landRows('a.parquet', 'SELECT 1::BIGINT AS id, 5::BIGINT AS delay')
    expect((await p.ingest()).files[0]).toMatchObject({ status: 'held', rowsLoaded: 0 })
  })
})

describe('files without rows', () => {
  test('a header alone and a Parquet file of no rows load nothing', async () => {
    const p = bench.project()
    p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [NOT_NULL_ID] })
    p.land('header.csv', 'id\n')
    await p.landRows('zero.parquet', 'SELECT 1::BIGINT AS id WHERE false')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['header.csv: loaded', 'zero.parquet: loaded'])
    expect(report.totals).toMatchObject({ rowsRead: 0, rowsLoaded: 0 })
    expect(await p.count()).toBe(0)
  })

  test('a split that leaves no good row loads none and keeps all of them', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', { id: { type: 'BIGINT', nullable: false } })
    p.land('a.csv', 'id\nx\ny\nz\n')
    expect((await p.ingest()).files[0]).toMatchObject({ rowsRead: 3, rowsLoaded: 0, rowsQuarantined: 3 })
    const rejected = await bench.witness.query(`SELECT count(*) FROM '${p.directory}/quarantine/**/*.parquet'`)
    expect(rejected.rows).toEqual([[3]])
  })
})

describe('kind: none', () => {
  test('loads nothing, and its manifest lists exactly the files that passed', async () => {
    const p = await twoFiles(undefined, { target: { kind: 'none', path: 'gate/{dataset}' } })
    await p.landRows('c-good.parquet', 'SELECT 200 AS id, 1 AS delay')
    await p.ingest()
    expect(Object.keys(p.tree('gate')).filter((name) => name.endsWith('.parquet'))).toEqual([])
    const manifest = JSON.parse(p.read('gate/s/manifest.json')) as { files: { path: string; rows: number }[] }
    expect(manifest.files.map((file) => [file.path, file.rows])).toEqual([
      ['b-good.parquet', 4],
      ['c-good.parquet', 1],
    ])
    await p.landRows('c-good.parquet', 'SELECT 200 + range AS id, 500 AS delay FROM range(2)')
    await p.ingest()
    await p.landRows('b-good.parquet', 'SELECT range AS id, 9 AS delay FROM range(3)')
    await p.ingest()
    const later = JSON.parse(p.read('gate/s/manifest.json')) as typeof manifest
    expect(later.files.map((file) => [file.path, file.rows])).toEqual([
      ['c-good.parquet', 1],
      ['b-good.parquet', 3],
    ])
  })
})

describe('on_missing_contract', () => {
  test('hold: the files wait, and nothing is recorded of them', async () => {
    const p = bench.project({ on_missing_contract: 'hold' })
    p.land('a.csv', 'id,delay\n1,2\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: waiting CONTRACT_MISSING'])
    expect((await p.ingest()).status).toBe('gate-failed')
    p.contract('s', COLUMNS)
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
  })

  test('profile: a contract is learned first and judges from then on', async () => {
    const p = bench.project({ on_missing_contract: 'profile' })
    await p.landRows('a.parquet', 'SELECT range AS id, range % 50 AS delay FROM range(500)')
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded'])
    const learned = p.read('contracts/s.yaml')
    expect(learned).toContain('delay')
    await p.landRows('b.parquet', "SELECT 'text' AS id, 1 AS delay")
    expect((await p.ingest()).files[0]?.status).toBe('held')
    expect(p.read('contracts/s.yaml')).toBe(learned)
  })

  test('profile: unreadable files are held, other datasets go on, and nothing is learned from them', async () => {
    const p = bench.project({ on_missing_contract: 'profile', dataset: '{stem}' })
    p.land('bad.parquet', 'no parquet at all')
    p.land('good.csv', 'id,delay\n1,2\n')
    const report = await p.ingest()
    expect(report.error).toBeUndefined()
    expect(report.files.map((file) => [file.path, file.status, file.cause])).toEqual([
      ['bad.parquet', 'held', 'unreadable'],
      ['good.csv', 'loaded', undefined],
    ])
    expect(Object.keys(p.tree('contracts'))).toEqual(['good.yaml'])
  })

  test('admit: everything readable is loaded', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    expect((await p.ingest()).files[0]).toMatchObject({ status: 'loaded', score: null })
  })

  test('an expectation that nobody knows holds the file: it is never a pass', async () => {
    const p = bench.project()
    p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [{ type: 'expect_nonsense', kwargs: {} }] })
    p.land('a.csv', 'id\n1\n')
    expect((await p.ingest()).files[0]).toMatchObject({ status: 'held', rowsLoaded: 0 })
  })

  test('a contract with mistakes judges nobody and admits nobody', async () => {
    const p = bench.project()
    p.contract('s', { id: { type: 'BIGINT' } }, { expectation: [] })
    p.land('a.csv', 'id\n1\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: failed CONTRACT_INVALID'])
    expect(await p.count()).toBe(0)
  })
})

describe('schema_evolution', () => {
  async function grown(evolution: string): Promise<TempProject> {
    const p = bench.project({ schema_evolution: evolution })
    p.contract('s', COLUMNS)
    await p.landRows('a.parquet', 'SELECT 1 AS id, 2 AS delay')
    await p.ingest()
    await p.landRows('b.parquet', "SELECT 3 AS id, 4 AS delay, 'new' AS note")
    return p
  }

  test('add_columns: older rows read as NULL there', async () => {
    const p = await grown('add_columns')
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: loaded'])
    expect(await p.rows('id, delay, note', 'ORDER BY id')).toEqual([
      [1, 2, null],
      [3, 4, 'new'],
    ])
    await p.landRows('c.parquet', 'SELECT 5 AS id, 6 AS delay')
    await p.ingest()
    expect(await p.rows('id, note', 'WHERE id = 5')).toEqual([[5, null]])
  })

  test('fail: the file is held', async () => {
    const p = await grown('fail')
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: held SCHEMA_EXTRA_COLUMN'])
    expect(await p.rows('id')).toEqual([[1]])
  })

  test('ignore: the column stays outside', async () => {
    const p = await grown('ignore')
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: loaded'])
    expect(await p.rows('*', 'ORDER BY id')).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('types widen without a contract, and what does not fit is held', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1::INTEGER AS id')
    await p.ingest()
    await p.landRows('b.parquet', 'SELECT 9007199254740993::BIGINT AS id')
    await p.landRows('c.parquet', "SELECT 'x' AS id")
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: loaded', 'c.parquet: held SCHEMA_TYPE'])
    expect(await p.rows('id::VARCHAR', 'ORDER BY id')).toEqual([['1'], ['9007199254740993']])
  })
})
