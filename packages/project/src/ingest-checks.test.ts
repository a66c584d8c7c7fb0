import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cell, CheckResult, Expectation } from '@tidegate/core'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function rejected(p: TempProject, column: string): Promise<readonly (readonly Cell[])[]> {
  const { rows } = await bench.witness.query(
    `SELECT ${column}, __tg_row, __tg_rules FROM read_parquet('${p.directory}/quarantine/**/*.rows.parquet', union_by_name = true) ORDER BY __tg_file, __tg_row`,
  )
  return rows
}

async function checksOf(p: TempProject): Promise<readonly CheckResult[]> {
  const project = await p.open({ readOnly: true })
  const records = await project.state.listChecks({ source: 's' })
  await project.close()
  return records.map(({ result }) => result)
}

describe('checks that JavaScript tests', () => {
  // A digit somewhere: only a lookahead says it in front, and RE2 has none.
  const PATTERN: Expectation = {
    id: 'code',
    type: 'expect_column_values_to_match_regex',
    kwargs: { column: 'code', regex: '^(?=.*[0-9])[a-z0-9]+$' },
  }

  test('a pattern with a lookahead splits rows of Parquet', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', { code: { type: 'VARCHAR' } }, { expectations: [PATTERN] })
    await p.landRows('a.parquet', "SELECT unnest(['a1', 'abc', NULL, '7', 'A1', '']) AS code")
    await p.landRows('b.parquet', "SELECT unnest(['x9', 'abc']) AS code")
    expect((await p.ingest()).totals).toMatchObject({ rowsRead: 8, rowsLoaded: 4, rowsQuarantined: 4 })
    expect(await rejected(p, 'code')).toEqual([
      ['abc', 1, ['code']],
      ['A1', 4, ['code']],
      ['', 5, ['code']],
      ['abc', 1, ['code']],
    ])
  })

  test('and rows of a converted text file, beside a cell that is no number', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract(
      's',
      { code: { type: 'VARCHAR' }, n: { type: 'BIGINT' } },
      { expectations: [PATTERN], read: { format: 'csv', delimiter: ',', header: true } },
    )
    p.land('a.csv', 'code,n\na1,1\nabc,2\nb2,many\n"x y",4\n')
    expect((await p.ingest()).totals).toMatchObject({ rowsRead: 4, rowsLoaded: 1, rowsQuarantined: 3 })
    expect(await rejected(p, 'code')).toEqual([
      ['abc', 1, ['code']],
      ['b2', 2, ['schema:n:misfit']],
      ['x y', 3, ['code']],
    ])
  })

  test('a JSON schema splits rows', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    const schema = { type: 'object', required: ['id'], properties: { id: { type: 'integer', minimum: 1 } } }
    p.contract(
      's',
      { doc: { type: 'VARCHAR' } },
      {
        expectations: [
          {
            id: 'doc',
            type: 'expect_column_values_to_match_json_schema',
            kwargs: { column: 'doc', json_schema: schema },
          },
        ],
      },
    )
    await p.landRows(
      'a.parquet',
      `SELECT unnest(['{"id": 1}', '{"id": 0}', '{}', 'no json', NULL, '{"id": 2, "more": [1]}']) AS doc`,
    )
    expect((await p.ingest()).totals).toMatchObject({ rowsLoaded: 3, rowsQuarantined: 3 })
    expect((await rejected(p, 'doc')).map(([, row]) => row)).toEqual([1, 2, 3])
  })
})

describe('which rows and how many', () => {
  const COLUMNS = { kind: { type: 'VARCHAR' }, v: { type: 'BIGINT' } }
  const BETWEEN = { type: 'expect_column_values_to_be_between', kwargs: { column: 'v', min_value: 0 } } as const

  test('row_condition: only rows that meet it are judged and set aside', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    const kwargs = { ...BETWEEN.kwargs, row_condition: `col("kind") == "a"`, condition_parser: 'great_expectations' }
    p.contract('s', COLUMNS, { expectations: [{ ...BETWEEN, id: 'a-only', kwargs }] })
    await p.landRows('a.parquet', "SELECT * FROM (VALUES ('a', -1), ('b', -2), ('a', 3), (NULL, -4)) t(kind, v)")
    await p.ingest()
    expect(await rejected(p, 'v')).toEqual([[-1, 0, ['a-only']]])
  })

  test('beyond warn a file is let in with a warning, beyond fail it is held', async () => {
    const p = bench.project({ gate: { threshold: 0 } })
    p.contract('s', COLUMNS, { expectations: [{ ...BETWEEN, id: 'low', warn: { count: 1 }, fail: { fraction: 0.5 } }] })
    await p.landRows('a-quiet.parquet', "SELECT 'a' AS kind, unnest([-1, 1, 1, 1]) AS v")
    await p.landRows('b-warns.parquet', "SELECT 'a' AS kind, unnest([-1, -1, 1, 1]) AS v")
    await p.landRows('c-fails.parquet', "SELECT 'a' AS kind, unnest([-1, -1, -1, 1]) AS v")
    const report = await p.ingest()
    expect(report.files.map((file) => [file.path, file.status, file.verdict])).toEqual([
      ['a-quiet.parquet', 'loaded', 'admit'],
      ['b-warns.parquet', 'loaded', 'admit-with-warnings'],
      ['c-fails.parquet', 'held', 'hold'],
    ])
    expect(report.files[1]?.reasons[0]).toMatchObject({ check: 'low', severity: 'warning', failedRows: 2 })
    // The two columns are not required to be known, so only their types are asked for.
    expect(report.files.map((file) => file.scores)).toEqual([
      { validity: 100, schema: 100 },
      { validity: 0, schema: 100 },
      { validity: 0, schema: 100 },
    ])
    expect(report.files[1]?.score).toBeCloseTo(200 / 3)
  })
})

describe('rules that look at neighbours', () => {
  const RISING: Expectation = {
    id: 'rising',
    type: 'expect_column_values_to_be_increasing',
    kwargs: { column: 'id', strictly: true },
  }

  test('each file has its own order, in one batch of several; good and rejected are all rows', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract(
      's',
      { id: { type: 'BIGINT' } },
      {
        expectations: [
          RISING,
          { id: 'once', type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' } },
          { id: 'over', type: 'expect_column_values_to_be_unique', kwargs: { column: 'id', scope: 'batch' } },
        ],
      },
    )
    await p.landRows('a.parquet', 'SELECT unnest([1, 5, 3, 3, NULL, 9]) AS id')
    await p.landRows('b.parquet', 'SELECT unnest([0, 9, 10]) AS id')
    p.land('c.csv', 'id\n30\n20\n21\n')
    expect((await p.ingest()).totals).toMatchObject({ rowsRead: 12, rowsLoaded: 7, rowsQuarantined: 5 })
    const { rows } = await bench.witness.query(
      `SELECT __tg_file, __tg_row, __tg_rules FROM read_parquet('${p.directory}/quarantine/**/*.rows.parquet', union_by_name = true) ORDER BY __tg_file, __tg_row`,
    )
    expect(rows).toEqual([
      ['a.parquet', 2, ['rising', 'once', 'over']],
      ['a.parquet', 3, ['rising', 'once', 'over']],
      ['a.parquet', 5, ['over']],
      ['b.parquet', 1, ['over']],
      ['c.csv', 1, ['rising']],
    ])
  })
})

describe('what a footer proves', () => {
  const RULES: readonly Expectation[] = [
    { id: 'known', type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' } },
    {
      id: 'range',
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'id', min_value: 0, max_value: 99_999 },
    },
    { id: 'rows', type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1, max_value: 100_000 } },
    {
      id: 'short',
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'id', max_value: 10 },
      severity: 'info',
    },
    { id: 'mean', type: 'expect_column_mean_to_be_between', kwargs: { column: 'id', min_value: 0 } },
  ]

  test('is not scanned for, in files of 20,000 rows or more, and the answers are those of a scan', async () => {
    const answers: (readonly CheckResult[])[] = []
    for (const rows of [20_000, 19_999]) {
      const p = bench.project({ gate: { threshold: 0 } })
      p.contract('s', { id: { type: 'BIGINT' } }, { expectations: RULES })
      await p.landRows('a.parquet', `SELECT range AS id FROM range(${rows})`)
      expect((await p.ingest()).files[0]).toMatchObject({ status: 'loaded', rowsLoaded: rows })
      answers.push(await checksOf(p))
    }
    const by = (results: readonly CheckResult[] = []): object =>
      Object.fromEntries(
        results.filter(({ id }) => !id.startsWith('schema')).map((result) => [result.id, result.provedBy]),
      )
    expect(by(answers[0])).toEqual({
      known: 'metadata',
      range: 'metadata',
      rows: 'metadata',
      short: 'scan',
      mean: 'scan',
    })
    expect(by(answers[1])).toEqual({ known: 'scan', range: 'scan', rows: 'scan', short: 'scan', mean: 'scan' })
    const proved = answers[0]?.find(({ id }) => id === 'range')
    expect(proved).toMatchObject({ elementCount: 20_000, missingCount: 0, unexpectedCount: 0, proof: { files: 1 } })
    const scanned = answers[1]?.find(({ id }) => id === 'range')
    expect(scanned).toMatchObject({ elementCount: 19_999, missingCount: 0, unexpectedCount: 0 })
    expect(answers[0]?.find(({ id }) => id === 'short')).toMatchObject({ outcome: 'failed', unexpectedCount: 19_989 })
  })
})
