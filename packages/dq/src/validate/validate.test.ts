import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineExpectation } from '../define-expectation.ts'
import { validate, validateEach } from './validate.ts'

const ROWS = [
  { k: 10, x: 1, s: 'a' },
  { k: 11, x: 5, s: 'b' },
  { k: 12, x: null, s: 'b' },
  { k: 13, x: -3, s: null },
  { k: 14, x: 5, s: 'zz' },
  { k: 15, x: 9, s: 'a' },
]
const BETWEEN = {
  type: 'expect_column_values_to_be_between',
  kwargs: { column: 'x', min_value: 0, max_value: 6 },
}
const SUITE = { name: 'numbers', expectations: [BETWEEN] }

let folder: string
let session: Session
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  session = await openDuckDB()
  await session.query(
    `CREATE TABLE t AS SELECT * FROM (VALUES ${ROWS.map((row) => `(${row.k}, ${row.x ?? 'NULL'}, ${row.s === null ? 'NULL' : `'${row.s}'`})`).join(', ')}) v(k, x, s)`,
  )
  await session.query(`COPY t TO '${at('all.parquet')}'`)
  await session.query(`COPY (FROM t LIMIT 3) TO '${at('part-1.parquet')}'`)
  await session.query(`COPY (FROM t LIMIT 3 OFFSET 3) TO '${at('part-2.parquet')}'`)
  await session.query(`COPY t TO '${at('all.csv')}'`)
  await session.query(`COPY t TO '${at('all.json')}'`)
})
afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})
const at = (name: string): string => path.join(folder, name)

describe('the same answer from every kind of data', () => {
  const expected = {
    element_count: 6,
    unexpected_count: 2,
    missing_count: 1,
    unexpected_percent: 40,
    unexpected_list: [-3, 9],
    unexpected_index_list: [3, 5],
  }
  test.each([
    ['a table', () => ({ table: 't' })],
    ['a table of a schema', () => ({ table: 'main.t' })],
    ['rows', () => ({ rows: ROWS })],
    ['a Parquet file', () => ({ files: at('all.parquet') })],
    ['a CSV file', () => ({ files: at('all.csv') })],
    ['a JSON file', () => ({ files: at('all.json') })],
  ])('%s', async (_, data) => {
    const result = await validate(session, data(), SUITE, { resultFormat: 'COMPLETE' })
    expect(result.success).toBe(false)
    expect(result.results[0]?.result).toMatchObject(expected)
  })

  test('a view, whose rows have no rowid', async () => {
    await session.query('CREATE OR REPLACE VIEW v AS FROM t')
    const result = await validate(session, { table: 'v' }, SUITE, { resultFormat: 'COMPLETE' })
    expect(result.results[0]?.result).toMatchObject(expected)
  })

  test('a table whose name has dots, quotes and statements in it', async () => {
    const name = `a.b"c'; DROP TABLE t; --`
    await session.query(`CREATE OR REPLACE TABLE ${session.dialect.identifier(name)} AS FROM t`)
    const result = await validate(session, { table: session.dialect.identifier(name) }, SUITE, {
      resultFormat: 'COMPLETE',
    })
    expect(result.results[0]?.result).toMatchObject(expected)
  })

  test('several files are one batch, and their rows are called by file', async () => {
    const unique = { type: 'expect_column_values_to_be_unique', kwargs: { column: 's' } }
    const result = await validate(session, { files: at('part-*.parquet') }, [BETWEEN, unique], {
      resultFormat: 'COMPLETE',
    })
    expect(result.results[0]?.result).toMatchObject({
      ...expected,
      unexpected_index_list: [
        { file: at('part-2.parquet'), row: 0 },
        { file: at('part-2.parquet'), row: 2 },
      ],
    })
    // b twice in the first file, a once in each.
    expect(result.results[1]?.result).toMatchObject({ unexpected_count: 4, unexpected_list: ['a', 'b', 'b', 'a'] })
    expect(result.meta.tidegate.data).toBe('2 files')
  })

  test('validateEach judges every file for itself', async () => {
    const results = await validateEach(session, { files: at('part-*.parquet') }, SUITE, { resultFormat: 'COMPLETE' })
    expect([...results].map(([file, result]) => [file, result.success])).toEqual([
      [at('part-1.parquet'), true],
      [at('part-2.parquet'), false],
    ])
    const second = results.get(at('part-2.parquet'))?.results[0]?.result
    expect(second).toMatchObject({ element_count: 3, unexpected_list: [-3, 9], unexpected_index_list: [0, 2] })
  })

  test('a DuckDBConnection is asked on itself, and left open', async () => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run('CREATE TABLE own AS SELECT 7 AS x')
    const result = await validate(connection, { table: 'own' }, SUITE)
    expect(result.results[0]?.result).toMatchObject({ element_count: 1, partial_unexpected_list: [7] })
    expect((await connection.runAndReadAll('SELECT x FROM own')).getRows()).toEqual([[7]])
    connection.closeSync()
    instance.closeSync()
  })
})

describe('suites', () => {
  test('0.18 is echoed with expectation_type, 1.x with type, in the order of the suite', async () => {
    const old = {
      expectation_suite_name: 'old',
      expectations: [
        { expectation_type: 'expect_table_row_count_to_equal', kwargs: { value: 6 }, meta: { note: 'all' } },
        { expectation_type: BETWEEN.type, kwargs: BETWEEN.kwargs },
      ],
    }
    const before = await validate(session, { table: 't' }, old)
    expect(before.suite_name).toBe('old')
    expect(before.results.map((result) => result.expectation_config)).toEqual([
      old.expectations[0],
      { ...old.expectations[1], meta: {} },
    ])
    const after = await validate(
      session,
      { table: 't' },
      { ...SUITE, expectations: [{ ...BETWEEN, severity: 'warning', id: 'i' }] },
    )
    expect(after.results[0]?.expectation_config).toEqual({ ...BETWEEN, severity: 'warning', id: 'i', meta: {} })
    expect(after.results[0]?.meta.tidegate.severity).toBe('warning')
  })

  test('statistics count what passed; no expectation at all is a success', async () => {
    const two = [BETWEEN, { type: 'expect_column_to_exist', kwargs: { column: 'k' } }]
    expect((await validate(session, { table: 't' }, two)).statistics).toEqual({
      evaluated_expectations: 2,
      successful_expectations: 1,
      unsuccessful_expectations: 1,
      success_percent: 50,
    })
    const none = await validate(session, { table: 't' }, { name: 'e', expectations: [] })
    expect(none).toMatchObject({ success: true, results: [], statistics: { success_percent: null } })
  })

  test('a contract is checked with what its schema implies, first', async () => {
    const contract = {
      contract: 'numbers',
      version: 1,
      schema: { columns: { x: { type: 'INTEGER', nullable: false }, gone: { type: 'DATE' } } },
      expectations: [BETWEEN],
    }
    const { results } = await validate(session, { table: 't' }, contract)
    expect(results.map((result) => [result.meta.tidegate.id, result.success])).toEqual([
      ['schema:x:type', true],
      ['schema:x:nullable', false],
      ['schema:gone:missing', false],
      ['x:between', false],
    ])
    expect(results[1]?.expectation_config).toMatchObject({ type: 'schema', kwargs: { column: 'x', rule: 'nullable' } })
  })

  test('a contract brings values of its parameters; those of the call are over them', async () => {
    const contract = {
      contract: 'c',
      version: 1,
      schema: { columns: {} },
      parameters: { upper: 9 },
      expectations: [{ type: BETWEEN.type, kwargs: { column: 'x', max_value: { $PARAMETER: 'upper' } } }],
    }
    expect((await validate(session, { table: 't' }, contract)).success).toBe(true)
    expect((await validate(session, { table: 't' }, contract, { parameters: { upper: 8 } })).success).toBe(false)
    const wrong = { ...contract, parameters: [9] }
    await expect(validate(session, { table: 't' }, wrong as never)).rejects.toMatchObject({ code: 'CHECK_SUITE' })
  })

  test('files of a folder keep the names that they were given by', async () => {
    const folder = path.dirname(at('all.parquet'))
    const named = async (files: string | string[]): Promise<string> =>
      (await validate(session, { files, folder }, SUITE)).meta.tidegate.data
    expect(await named('all.parquet')).toBe('all.parquet')
    expect(await named('./all.parquet')).toBe('./all.parquet')
    expect(await named('al[l].parquet')).toBe('all.parquet')
    expect(await named(at('all.parquet'))).toBe(at('all.parquet'))
    await expect(named('gone.parquet')).rejects.toMatchObject({
      message: 'there is no file gone.parquet',
      hint: `Paths count from ${folder}; globs need at least one match.`,
    })
  })

  test('scores, overall and by dimension', async () => {
    const two = [BETWEEN, { type: 'expect_column_to_exist', kwargs: { column: 'k' } }]
    const { meta } = await validate(session, { table: 't' }, two)
    const [passed, failed] = [
      { score: 100, checks: 1, passed: 1, failed: 0, errors: 0 },
      { score: 0, checks: 1, passed: 0, failed: 1, errors: 0 },
    ]
    expect(meta.tidegate.scores).toEqual({
      overall: { score: 50, checks: 2, passed: 1, failed: 1, errors: 0 },
      by_dimension: { validity: failed, schema: passed },
    })
  })

  test('sensitive values of a contract never reach the results', async () => {
    const contract = {
      contract: 'c',
      version: 1,
      schema: { columns: { s: { type: 'VARCHAR', sensitive: 'mask' } } },
      expectations: [{ type: 'expect_column_values_to_be_in_set', kwargs: { column: 's', value_set: ['a'] } }],
    }
    const result = await validate(session, { table: 't' }, contract, {
      resultFormat: 'COMPLETE',
      indexColumns: ['k', 's'],
    })
    expect(JSON.stringify(result.results)).not.toContain('zz')
    expect(result.results.at(-1)?.result).toMatchObject({ unexpected_list: ['***', '***', '***'] })
  })

  test('an expectation may bring its own result format; the option is stronger', async () => {
    const suite = [{ ...BETWEEN, kwargs: { ...BETWEEN.kwargs, result_format: 'BASIC' } }]
    const own = await validate(session, { table: 't' }, suite)
    expect(own.results[0]?.result).not.toHaveProperty('partial_unexpected_counts')
    const stronger = await validate(session, { table: 't' }, suite, { resultFormat: 'SUMMARY' })
    expect(stronger.results[0]?.result).toHaveProperty('partial_unexpected_counts')
    const wrong = await validate(session, { table: 't' }, [
      { ...BETWEEN, kwargs: { ...BETWEEN.kwargs, result_format: 'ALL' } },
    ])
    expect(wrong.results[0]).toMatchObject({ success: false, exception_info: { raised_exception: true } })
  })
})

describe('bad checks are results', () => {
  test.each([
    [{ type: 'expect_column_values_to_be_betwen', kwargs: { column: 'x' } }, 'CHECK_UNKNOWN'],
    [{ type: BETWEEN.type, kwargs: { column: 'y', min_value: 0 } }, 'CHECK_COLUMN_MISSING'],
    [{ type: BETWEEN.type, kwargs: { column: 'x', min_value: 6, max_value: 0 } }, 'CHECK_BOUNDS'],
    [{ type: BETWEEN.type, kwargs: { column: 'x', min: 6 } }, 'CHECK_KWARG'],
    [{ type: BETWEEN.type, kwargs: { column: `"'; DROP TABLE t; --`, min_value: 0 } }, 'CHECK_COLUMN_MISSING'],
  ])('%j', async (bad, code) => {
    const { success, results } = await validate(session, { table: 't' }, [
      bad,
      { type: 'expect_column_to_exist', kwargs: { column: 'k' } },
    ])
    expect(success).toBe(false)
    expect(results[0]).toMatchObject({ success: false, result: {}, meta: { tidegate: { code } } })
    expect(results[0]?.exception_info.raised_exception).toBe(true)
    expect(results[1]?.success).toBe(true)
  })
})

describe('input that cannot be validated is a coded error', () => {
  const suite = SUITE
  test.each([
    ['no such table', { table: 'nope' }, suite, 'CHECK_DATA'],
    ['a name that is none', { table: 't; DROP TABLE t' }, suite, 'CHECK_DATA'],
    ['no such file', { files: '/no/such/file.parquet' }, suite, 'CHECK_DATA'],
    ['no files', { files: [] }, suite, 'CHECK_DATA'],
    ['a file of no known format', { files: import.meta.filename }, suite, 'CHECK_DATA'],
    ['rows that are none', { rows: [1, 2] as never }, suite, 'CHECK_DATA'],
    ['nothing', {} as never, suite, 'CHECK_DATA'],
    ['a suite that is none', { table: 't' }, { name: 'x' }, 'CHECK_SUITE'],
    ['expectations without a type', { table: 't' }, { expectations: [{ kwargs: {} }] }, 'CHECK_FORMAT'],
  ] as const)('%s', async (_, data, given, code) => {
    await expect(validate(session, data, given)).rejects.toMatchObject({ name: 'TidegateError', code })
  })

  test('a session that is none, a result format that is none, an index column that is not there', async () => {
    await expect(validate({} as never, { table: 't' }, SUITE)).rejects.toMatchObject({ code: 'CHECK_SESSION' })
    await expect(validate(session, { table: 't' }, SUITE, { resultFormat: 'ALL' as never })).rejects.toMatchObject({
      code: 'CHECK_RESULT_FORMAT',
    })
    await expect(validate(session, { table: 't' }, SUITE, { indexColumns: ['id'] })).rejects.toMatchObject({
      code: 'CHECK_INDEX_COLUMN',
    })
  })

  test('damaged files and columns with our names', async () => {
    writeFileSync(at('broken.parquet'), 'PAR1 no')
    await expect(validate(session, { files: at('broken.parquet') }, SUITE)).rejects.toMatchObject({
      code: 'CHECK_DATA',
    })
    await session.query('CREATE OR REPLACE TABLE ours AS SELECT 1 AS __tg_row, 2 AS x')
    await expect(validate(session, { table: 'ours' }, SUITE)).rejects.toMatchObject({ code: 'CHECK_DATA' })
  })

  test('a signal stops it', async () => {
    const options = { signal: AbortSignal.abort() }
    await expect(validate(session, { table: 't' }, SUITE, options)).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('options', () => {
  test('parameters of the call are over those of the suite, and are told', async () => {
    const suite = {
      name: 'p',
      suite_parameters: { upper: 9, lower: -3 },
      expectations: [
        {
          type: BETWEEN.type,
          kwargs: { column: 'x', min_value: { $PARAMETER: 'lower' }, max_value: { $PARAMETER: 'upper' } },
        },
      ],
    }
    expect((await validate(session, { table: 't' }, suite)).success).toBe(true)
    const result = await validate(session, { table: 't' }, suite, { parameters: { upper: 8 } })
    expect(result.suite_parameters).toEqual({ upper: 8, lower: -3 })
    expect(result.results[0]?.result).toMatchObject({ partial_unexpected_list: [9] })
  })

  test('other tables by name', async () => {
    const suite = [{ type: 'expect_table_row_count_to_equal_other_table', kwargs: { other_table_name: 'orders' } }]
    const of = (tables: Record<string, { rows: { a: number }[] } | { table: string }>): Promise<boolean> =>
      validate(session, { table: 't' }, suite, { tables }).then((result) => result.success)
    expect(await of({ orders: { table: 't' } })).toBe(true)
    expect(await of({ orders: { rows: [{ a: 1 }] } })).toBe(false)
  })

  test('explain brings the plan', async () => {
    const { meta } = await validate(session, { table: 't' }, SUITE, { explain: true })
    expect(meta.tidegate.plan).toMatchObject({ checks: [{ check: 'x:between' }] })
  })

  test('earlier values come as an object or as a Map', async () => {
    const meta = { tidegate: { id: 'rows' } }
    const suite = [{ type: 'expect_metric_to_be_normal', kwargs: { metric: 'row_count' }, meta }]
    const points = [1, 2, 3, 4, 5].map((day) => ({ atMs: Date.UTC(2026, 0, day), value: 1000 }))
    const nowMs = Date.UTC(2026, 0, 6)
    // Six rows are none of the thousand that there always were.
    for (const history of [{ rows: points }, new Map([['rows', points]])])
      expect((await validate(session, { table: 't' }, suite, { history, nowMs })).success).toBe(false)
    expect((await validate(session, { table: 't' }, suite, { nowMs })).success).toBe(true)
  })

  test('plug-ins are known by their name', async () => {
    const even = defineExpectation({
      type: 'expect_column_values_to_be_even',
      holds: ({ columns: [x], sql }) => sql`${x ?? null} % 2 = 0`,
    })
    const suite = [{ type: even.type, kwargs: { column: 'k', mostly: 0.5 } }]
    const result = await validate(session, { table: 't' }, suite, { plugins: [even] })
    expect(result.success).toBe(true)
    expect(result.results[0]?.result).toMatchObject({ unexpected_count: 3, partial_unexpected_list: [11, 13, 15] })
  })

  test('temporary tables are gone afterwards', async () => {
    await validate(session, { rows: ROWS }, SUITE, { tables: { other: { rows: ROWS } } })
    const { rows } = await session.query("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE '__tg_%'")
    expect(rows).toEqual([[0]])
  })
})

test('Parquet footers prove what they can, and the result says so', async () => {
  const suite = [{ type: BETWEEN.type, kwargs: { column: 'k', min_value: 10, max_value: 15 } }]
  const { results } = await validate(session, { files: at('all.parquet') }, suite)
  expect(results[0]).toMatchObject({
    success: true,
    result: { element_count: 6, unexpected_count: 0 },
    meta: { tidegate: { proved_by: 'metadata', row_groups: 1 } },
  })
})
