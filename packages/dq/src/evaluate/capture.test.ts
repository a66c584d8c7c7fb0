import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, Contract, Relation, Session } from '@tidegate/core'
import type { CaptureSettings } from '../plan/check-plan.ts'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from './evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 2 })
})
afterAll(() => session.close())

const columns = { a: 'INTEGER', s: 'VARCHAR' }
const contract = contractOf(columns, [
  ['expect_column_values_to_be_between', { column: 'a', min_value: 0 }],
  ['expect_column_values_to_be_unique', { column: 'a' }],
  ['expect_column_values_to_not_be_null', { column: 's' }],
  ['expect_column_mean_to_be_between', { column: 'a', min_value: 100 }],
])

/** Out of the file's order, as an engine may deliver them. */
function table(): Relation {
  const base = literalRelation(session, columns, {
    one: [
      ['-1', "'x'"],
      ['5', 'NULL'],
      ['-2', "'y'"],
      ['5', "'z'"],
      ['-1', 'NULL'],
    ],
    two: [['-3', "'u'"]],
  })
  return { ...base, sql: `(SELECT * FROM ${base.sql} ORDER BY hash(__tg_row))` }
}

async function run(
  capture: Partial<CaptureSettings>,
  relation: Relation = table(),
  subject: Contract = contract,
): Promise<ReadonlyMap<string, readonly CheckResult[]>> {
  const compiled = compileContract(subject, relation.columns, { schema: false })
  return evaluateChecks(session, planChecks(compiled, relation, session.dialect, { capture }))
}

describe.each(['after', 'same-scan'] as const)('%s', (when) => {
  test('the first unexpected values in the order of the file, and the rows they are in', async () => {
    const results = await run({ when, indexColumns: ['s'] })
    const [between, unique, notNull, mean] = results.get('one') ?? []
    expect(between?.partialUnexpected).toEqual([-1, -2, -1])
    expect(between?.partialUnexpectedRows).toEqual([
      { file: 'one', row: 0, index: { s: 'x' } },
      { file: 'one', row: 2, index: { s: 'y' } },
      { file: 'one', row: 4, index: { s: null } },
    ])
    expect(unique?.partialUnexpected).toEqual([-1, 5, 5, -1])
    expect(unique?.partialUnexpectedRows?.map(({ row }) => row)).toEqual([0, 1, 3, 4])
    expect(notNull?.partialUnexpected).toBeUndefined()
    expect(notNull?.partialUnexpectedRows?.map(({ row }) => row)).toEqual([1, 4])
    expect(mean?.partialUnexpectedRows).toBeUndefined()
    expect(results.get('two')?.[0]?.partialUnexpectedRows).toEqual([{ file: 'two', row: 0, index: { s: 'u' } }])
    expect(results.get('two')?.[1]?.partialUnexpected).toBeUndefined()
  })

  test('as many as wanted, with exact counts', async () => {
    const [between, unique] = (await run({ when, values: 2 })).get('one') ?? []
    expect(between).toMatchObject({ unexpectedCount: 3, partialUnexpected: [-1, -2] })
    expect(unique).toMatchObject({ unexpectedCount: 4, partialUnexpected: [-1, 5] })
    expect(between?.partialUnexpectedRows).toBeUndefined()
  })
})

/** Rows 0 to 999; `often` breaks its rule in all of them, `seldom` in 700 and 800. */
function unevenRows(): Relation {
  return {
    sql: `(SELECT -1 AS often, CASE WHEN range IN (700, 800) THEN -range ELSE 1 END AS seldom, 'f' AS __tg_file, range AS __tg_row FROM range(1000))`,
    columns: ['often', 'seldom'].map((name) => ({ name, type: 'BIGINT' })),
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: [{ key: 'f', path: 'f' }],
  }
}

const uneven = contractOf({}, [
  ['expect_column_values_to_be_between', { column: 'often', min_value: 0 }],
  ['expect_column_values_to_be_between', { column: 'seldom', min_value: 0 }],
  ['expect_column_values_to_not_be_in_set', { column: 'seldom', value_set: [-800] }],
])

function counted(statements: string[]): Session {
  return {
    ...session,
    query: (sql, options) => {
      statements.push(sql)
      return session.query(sql, options)
    },
  }
}

test.each([
  ['found by the scan alone', 'seldom', 1],
  ['looked for again, where others fill what a scan keeps', 'often', 2],
])('same-scan: rows are %s', async (_, column, least) => {
  const relation = unevenRows()
  const subject = column === 'often' ? uneven : { ...uneven, expectations: uneven.expectations.slice(1) }
  const compiled = compileContract(subject, relation.columns, { schema: false })
  const plan = planChecks(compiled, relation, session.dialect, {
    capture: { when: 'same-scan', values: 3, rows: true },
  })
  const statements: string[] = []
  const results = (await evaluateChecks(counted(statements), plan)).get('f') ?? []
  expect(statements.length).toBe(least)
  expect(results.map((result) => [result.unexpectedCount, result.partialUnexpected]).slice(-2)).toEqual([
    [2, [-700, -800]],
    [1, [-800]],
  ])
  expect(results.at(-1)?.partialUnexpectedRows).toEqual([{ file: 'f', row: 800 }])
  if (column === 'often') expect(results[0]).toMatchObject({ unexpectedCount: 1000, partialUnexpected: [-1, -1, -1] })
})

test('same-scan: a condition that the engine refuses spoils no other, nor what is shown of it', async () => {
  const base = unevenRows()
  const relation: Relation = {
    ...base,
    sql: `(SELECT *, CAST(concat('x', __tg_row) AS BIGINT) AS bad FROM ${base.sql})`,
    columns: [...base.columns, { name: 'bad', type: 'BIGINT' }],
  }
  const broken: Contract = {
    ...uneven,
    expectations: [
      ...uneven.expectations,
      { type: 'expect_column_values_to_be_between', kwargs: { column: 'bad', max_value: 0 } },
    ],
  }
  const compiled = compileContract(broken, relation.columns, { schema: false })
  const plan = planChecks(compiled, relation, session.dialect, { capture: { when: 'same-scan', values: 3 } })
  const results = (await evaluateChecks(session, plan)).get('f') ?? []
  expect(results.map((result) => result.error?.code ?? result.partialUnexpected)).toEqual([
    [-1, -1, -1],
    [-700, -800],
    [-800],
    'CHECK_ENGINE',
  ])
})

test('same-scan shows what a query afterwards shows, however often rules are broken', async () => {
  const value = (seed: number): string => (seed % 7 === 0 ? 'NULL' : String(((seed * 7919) % 41) - 12))
  for (const rows of [3, 40, 400]) {
    const relation = literalRelation(session, columns, {
      one: Array.from({ length: rows }, (_, row) => [value(row * 3 + rows), row % 5 === 0 ? 'NULL' : `'s${row % 9}'`]),
      two: Array.from({ length: rows }, (_, row) => [value(row + 2), "'t'"]),
    })
    const subject = contractOf(columns, [
      ...contract.expectations,
      ['expect_column_values_to_be_between', { column: 'a', min_value: -11, max_value: 27 }],
      ['expect_column_values_to_not_be_in_set', { column: 's', value_set: ['s3', 's4'] }],
      ['expect_column_values_to_not_be_null', { column: 'a' }],
      ['expect_column_pair_values_to_be_in_set', { column_A: 'a', column_B: 's', value_pairs_set: [[1, 't']] }],
    ])
    for (const values of [1, 4, 20]) {
      const settings = { values, indexColumns: ['s', 'a'] }
      const shown = await run({ ...settings, when: 'same-scan' }, relation, subject)
      expect(shown).toEqual(await run({ ...settings, when: 'after' }, relation, subject))
    }
  }
})

test('same-scan: values of a dropped column do not leave the engine', () => {
  const relation = table()
  const secret = {
    ...contract,
    schema: { columns: { a: { type: 'INTEGER', sensitive: 'drop' }, s: { type: 'VARCHAR' } } },
  } as const
  const plan = planChecks(compileContract(secret, relation.columns), relation, session.dialect, {
    capture: { when: 'same-scan' },
  })
  expect(plan.queries.flatMap(({ select }) => select.flatMap((item) => item.captured ?? []))).toEqual([])
})

test('never: counts alone', async () => {
  const [between] = (await run({ when: 'never', rows: true })).get('one') ?? []
  expect(between?.unexpectedCount).toBe(3)
  expect(between?.partialUnexpected).toBeUndefined()
  expect(between?.partialUnexpectedRows).toBeUndefined()
})

test('complete: all values and rows, beyond what is shown', async () => {
  const results = await run({ complete: true, values: 1, indexColumns: ['a'] })
  const [between, unique, notNull, mean] = results.get('one') ?? []
  expect(between?.partialUnexpected).toEqual([-1])
  expect(between?.unexpected).toEqual([-1, -2, -1])
  expect(unique?.unexpected).toEqual([-1, 5, 5, -1])
  expect(unique?.unexpectedRows?.map(({ row, index }) => [row, index?.['a']])).toEqual([
    [0, -1],
    [1, 5],
    [3, 5],
    [4, -1],
  ])
  expect(notNull?.unexpectedRows?.map(({ row }) => row)).toEqual([1, 4])
  expect(mean?.unexpected).toBeUndefined()
  expect(results.get('two')?.[1]?.unexpected).toBeUndefined()
})

test('rows of a query are cut at 200 unless all are asked for', async () => {
  const queries = contractOf(columns, [
    ['unexpected_rows_expectation', { unexpected_rows_query: 'SELECT a FROM {batch}, range(100)' }],
  ])
  for (const [complete, length] of [
    [false, 200],
    [true, 500],
  ] as const) {
    const [result] = (await run({ complete }, table(), queries)).get('one') ?? []
    expect(result?.observedValue).toBe(500)
    expect(result?.details?.['unexpected_rows']).toHaveLength(length)
  }
})

function manyRows(): Relation {
  return {
    sql: `(SELECT range // 2 AS a, CASE WHEN range % 2 = 0 THEN 'even' ELSE 'odd' END AS __tg_file, range // 2 AS __tg_row FROM range(500000))`,
    columns: [{ name: 'a', type: 'BIGINT' }],
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: [
      { key: 'even', path: 'even' },
      { key: 'odd', path: 'odd' },
    ],
  }
}

test('complete has no cap, whatever the number of rows', async () => {
  const results = await run(
    { complete: true },
    manyRows(),
    contractOf({}, [['expect_column_values_to_be_between', { column: 'a', min_value: 100_000 }]]),
  )
  for (const file of ['even', 'odd']) {
    const result = results.get(file)?.[0]
    expect(result?.unexpected).toHaveLength(100_000)
    expect(result?.unexpectedRows?.every(({ row }, index) => row === index)).toBe(true)
  }
})

test.each([
  ['everywhere', 'a % 3 = 0', [0, 3, 6]],
  ['at the end alone', 'a >= 249000', [249_000, 249_001, 249_002]],
  ['once', 'a = 200000', [200_000]],
])('rows that are unexpected %s are found in order', async (_, violated, first) => {
  const relation = manyRows()
  const flagged: Relation = {
    ...relation,
    sql: `(SELECT *, CASE WHEN ${violated} THEN a END AS v FROM ${relation.sql})`,
    columns: [...relation.columns, { name: 'v', type: 'BIGINT' }],
  }
  const results = await run(
    { values: 3 },
    flagged,
    contractOf({}, [['expect_column_values_to_be_null', { column: 'v' }]]),
  )
  expect(results.get('even')?.[0]?.partialUnexpected).toEqual(first)
  expect(results.get('odd')?.[0]?.partialUnexpected).toEqual(first)
})

test('values of sensitive columns stay hidden, also as an index and in full', async () => {
  for (const [sensitive, shown] of [
    ['mask', { s: '***' }],
    ['drop', {}],
  ] as const) {
    const secret: Contract = {
      ...contract,
      schema: { columns: { a: { type: 'INTEGER' }, s: { type: 'VARCHAR', sensitive } } },
      expectations: [
        ...contract.expectations,
        { type: 'expect_column_values_to_match_regex', kwargs: { column: 's', regex: '^u' } },
      ],
    }
    const results = await run({ complete: true, indexColumns: ['s'] }, table(), secret)
    expect(results.get('one')?.[0]?.unexpectedRows?.[0]).toEqual({ file: 'one', row: 0, index: shown })
    expect(JSON.stringify([...results])).not.toMatch(/"[xyzu]"/)
    expect(results.get('one')?.[4]?.unexpectedRows?.map(({ row }) => row)).toEqual([0, 2, 3])
  }
})

test('settings that make no sense are refused', () => {
  const relation = table()
  const compiled = compileContract(contract, relation.columns)
  const plan = (capture: Partial<CaptureSettings>): unknown =>
    planChecks(compiled, relation, session.dialect, { capture })
  expect(() => plan({ indexColumns: ['nope'] })).toThrow(expect.objectContaining({ code: 'CHECK_INDEX_COLUMN' }))
  expect(() => plan({ values: -1 })).toThrow(expect.objectContaining({ code: 'CHECK_CAPTURE' }))
  expect(() => plan({ values: Number.NaN })).toThrow(expect.objectContaining({ code: 'CHECK_CAPTURE' }))
})

test.each(['a"b', "it's", 'new\nline', "'; DROP TABLE t; --", '__proto__', 'row', 'value', 'i0', '__tg_c0', '__TG_C0'])(
  'a column may be called %o, the file too',
  async (name) => {
    const file = "fi'le; --\n1"
    const relation = literalRelation(session, Object.fromEntries([[name, 'INTEGER']]), {
      [file]: [['1'], ['1'], ['NULL']],
      other: [['2']],
    })
    const hostile = contractOf({}, [
      ['expect_column_values_to_be_unique', { column: name }],
      ['expect_column_values_to_be_between', { column: name, max_value: 0 }],
    ])
    for (const capture of [{}, { complete: true }, { when: 'same-scan' }] as const) {
      const results = await run({ ...capture, indexColumns: [name] }, relation, hostile)
      for (const result of results.get(file) ?? []) {
        expect(result.partialUnexpected).toEqual([1, 1])
        expect(result.partialUnexpectedRows?.map(({ row, index }) => [row, Object.entries(index ?? {})])).toEqual([
          [0, [[name, 1]]],
          [1, [[name, 1]]],
        ])
      }
      expect(results.get('other')?.[0]?.outcome).toBe('passed')
    }
  },
)

test('an engine that refuses to list rows takes nothing from the counts', async () => {
  const relation = table()
  const compiled = compileContract(contract, relation.columns, { schema: false })
  const plan = planChecks(compiled, relation, session.dialect, { capture: { complete: true } })
  const refusing: Session = {
    ...session,
    query: (sql, options) =>
      sql.includes('ORDER BY "__tg_file"') ? Promise.reject(new Error('no')) : session.query(sql, options),
  }
  const [between] = (await evaluateChecks(refusing, plan)).get('one') ?? []
  expect(between).toMatchObject({ outcome: 'failed', unexpectedCount: 3, partialUnexpected: [-1, -2, -1] })
  expect(between?.unexpected).toBeUndefined()
})
