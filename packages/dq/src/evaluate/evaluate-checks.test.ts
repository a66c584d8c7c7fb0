import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import { TidegateError, type CheckResult, type Contract, type Session } from '@tidegate/core'
import type { CheckPlan } from '../plan/check-plan.ts'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from './evaluate-checks.ts'
import { explainPlan } from '../plan/explain-plan.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const between = 'expect_column_values_to_be_between'
const outcomes = (results: readonly CheckResult[] | undefined): readonly string[] =>
  (results ?? []).map((result) => result.outcome)

describe('the plan', () => {
  const columns = { a: 'INTEGER', b: 'INTEGER', s: 'VARCHAR' }
  const contract = contractOf(columns, [
    [between, { column: 'a', min_value: 0 }],
    [between, { column: 'a', min_value: 0, mostly: 0.5 }],
    ['expect_column_values_to_be_unique', { column: 'a' }],
    ['expect_column_unique_value_count_to_be_between', { column: 'a', min_value: 1 }],
    ['expect_compound_columns_to_be_unique', { column_list: ['a', 'b'] }],
    ['expect_compound_columns_to_be_unique', { column_list: ['b', 'a'], ignore_row_if: 'never' }],
    ['expect_column_median_to_be_between', { column: 'b', min_value: 0 }],
    ['expect_column_to_exist', { column: 's' }],
  ])

  test('is one scan, one grouping per set of keys, and samples: of single rows, and of rows that repeat others', () => {
    const relation = literalRelation(session, columns, { one: [], two: [] })
    const plan = planChecks(compileContract(contract, relation.columns, { schema: false }), relation, session.dialect)
    expect(plan.queries.map((query) => query.id)).toEqual(['scan-1', 'group-1', 'group-2', 'sample-1', 'sample-join-1'])
    expect(plan.withoutData.map((result) => result.id)).toEqual(['s:exists'])
    expect(plan.queries[0]?.sql).toContain('GROUP BY "__tg_file"')
    // Data, all of it: a function would not survive this.
    expect(structuredClone(plan)).toEqual(plan)
    const { rows } = explainPlan(plan)
    expect(rows.map((row) => row.how)).toEqual([
      'scan-1',
      'scan-1',
      'scan-1, group-1',
      'scan-1, group-1',
      'scan-1, group-2',
      'scan-1, group-2',
      'scan-1',
      'schema',
    ])
  })

  test('asks equal questions once', () => {
    const relation = literalRelation(session, columns, { one: [] })
    const plan = planChecks(compileContract(contract, relation.columns, { schema: false }), relation, session.dialect)
    const answers = plan.queries.flatMap((query) => query.answers)
    expect(new Set(answers).size).toBe(answers.length)
    expect(plan.queries[0]?.answers).toEqual(['rows', 'present("a")', 'count("a" < 0)', 'present("b")', 'median("b")'])
    expect(plan.queries[0]?.sql).not.toContain('GROUP BY')
  })

  test('is cut where a query would have too many aggregates, and answers the same', async () => {
    const relation = literalRelation(session, columns, { one: [['1', '2', "'x'"]], two: [['-1', '2', 'NULL']] })
    const compiled = compileContract(contract, relation.columns)
    const whole = planChecks(compiled, relation, session.dialect)
    const cut = planChecks(compiled, relation, session.dialect, { maxAggregatesPerQuery: 2 })
    expect(cut.queries.length).toBeGreaterThan(whole.queries.length)
    expect(await evaluateChecks(session, cut)).toEqual(await evaluateChecks(session, whole))
  })

  test('of 200 columns with three checks each is made in less than 200 ms', () => {
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`c${index}`, 'DOUBLE']))
    const many = contractOf(
      wide,
      Object.keys(wide).flatMap((column) => [
        [between, { column, min_value: 0, max_value: 1 }] as const,
        ['expect_column_values_to_not_be_null', { column }] as const,
        ['expect_column_values_to_be_in_set', { column, value_set: [1, 2, 3] }] as const,
      ]),
    )
    const relation = literalRelation(session, wide, { one: [] })
    const planIt = (): CheckPlan => planChecks(compileContract(many, relation.columns), relation, session.dialect)
    // The best of three: a loaded machine says nothing of the planner.
    const times = [1, 2, 3].map(() => {
      const start = performance.now()
      planIt()
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(200)
    const plan = planIt()
    expect(plan.queries.filter((query) => query.kind === 'fused')).toHaveLength(2)
  })
})

describe('several files', () => {
  test('each has results of its own, an empty one too, in the order of the contract', async () => {
    const relation = literalRelation(
      session,
      { a: 'INTEGER' },
      { good: [['1'], ['2']], bad: [['1'], ['1']], empty: [] },
    )
    const contract = contractOf({ a: 'INTEGER' }, [
      ['expect_column_values_to_be_unique', { column: 'a' }],
      ['expect_column_to_exist', { column: 'a' }],
      ['expect_table_row_count_to_be_between', { min_value: 1 }],
    ])
    const results = await evaluateAll(session, contract, relation)
    expect([...results.keys()]).toEqual(['good', 'bad', 'empty'])
    expect(outcomes(results.get('good'))).toEqual(['passed', 'passed', 'passed'])
    expect(outcomes(results.get('bad'))).toEqual(['failed', 'passed', 'passed'])
    expect(outcomes(results.get('empty'))).toEqual(['passed', 'passed', 'failed'])
    expect(results.get('bad')?.map((result) => result.id)).toEqual(['a:unique', 'a:exists', 'table:row_count'])
  })

  test('no file, no result, no question', async () => {
    const relation = literalRelation(session, { a: 'INTEGER' }, {})
    const results = await evaluateAll(
      session,
      contractOf({ a: 'INTEGER' }, [[between, { column: 'a', min_value: 0 }]]),
      relation,
    )
    expect(results.size).toBe(0)
  })
})

describe('a broken check', () => {
  test('is alone in its error; the others are answered', async () => {
    const base = literalRelation(session, { a: 'INTEGER', s: 'VARCHAR' }, { one: [['1', "'x'"]], two: [['-1', "'2'"]] })
    // The engine fails as soon as somebody looks at b.
    const relation = {
      ...base,
      sql: `(SELECT *, CAST(s AS INTEGER) AS b FROM ${base.sql})`,
      columns: [...base.columns, { name: 'b', type: 'INTEGER' }],
    }
    const contract = contractOf({}, [
      [between, { column: 'a', min_value: 0 }],
      [between, { column: 'b', min_value: 0 }],
      ['expect_column_values_to_be_unique', { column: 'b' }],
      ['expect_column_values_to_not_be_null', { column: 's' }],
      ['expect_column_mean_to_be_between', { column: 'a', min_value: 0 }],
      ['expect_column_values_to_be_unique', { column: 'a' }],
    ])
    const results = await evaluateAll(session, contract, relation)
    expect(outcomes(results.get('one'))).toEqual(['passed', 'error', 'error', 'passed', 'passed', 'passed'])
    expect(outcomes(results.get('two'))).toEqual(['failed', 'error', 'error', 'passed', 'failed', 'passed'])
    expect(results.get('one')?.[1]).toMatchObject({ error: { code: 'CHECK_ENGINE' }, rowLevel: false })
    expect(results.get('two')?.[0]?.partialUnexpected).toEqual([-1])
  })

  test('quotes no value of a sensitive column', async () => {
    const base = literalRelation(session, { s: 'VARCHAR' }, { one: [["'secret@example.org'"]] })
    const relation = {
      ...base,
      sql: `(SELECT *, CAST(s AS INTEGER) AS b FROM ${base.sql})`,
      columns: [{ name: 'b', type: 'INTEGER' }],
    }
    const contract: Contract = {
      ...contractOf({}, [[between, { column: 'b', min_value: 0 }]]),
      schema: { columns: { b: { type: 'INTEGER', sensitive: 'mask' } } },
    }
    const results = await evaluateAll(session, contract, relation)
    expect(results.get('one')?.[0]?.outcome).toBe('error')
    expect(JSON.stringify([...results])).not.toContain('secret')
  })

  test('a relation that cannot be read at all makes every check an error', async () => {
    const relation = { ...literalRelation(session, { a: 'INTEGER' }, { one: [] }), sql: 'no_such_table' }
    const results = await evaluateAll(
      session,
      contractOf({}, [
        [between, { column: 'a', min_value: 0 }],
        ['expect_column_values_to_be_unique', { column: 'a' }],
      ]),
      relation,
    )
    expect(outcomes(results.get('one'))).toEqual(['error', 'error'])
  })
})

describe('what ends the evaluation is thrown', () => {
  test.each(['ENGINE_CRASHED', 'ENGINE_OUT_OF_MEMORY', 'ENGINE_DISK_FULL', 'CANCELLED'])('%s', async (code) => {
    const relation = literalRelation(session, { a: 'INTEGER' }, { one: [['1']] })
    const broken: Session = { ...session, query: () => Promise.reject(new TidegateError(code, 'no')) }
    const contract = contractOf({}, [[between, { column: 'a', min_value: 0 }]])
    await expect(evaluateAll(broken, contract, relation)).rejects.toMatchObject({ code })
  })

  test('an aborted signal', async () => {
    const relation = literalRelation(session, { a: 'INTEGER' }, { one: [['1']] })
    const contract = contractOf({}, [[between, { column: 'a', min_value: 0 }]])
    await expect(evaluateAll(session, contract, relation, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})

describe('sensitive values', () => {
  const run = async (
    sensitive: 'mask' | 'hash' | 'drop' | undefined,
    masked: readonly string[] = [],
  ): Promise<readonly CheckResult[]> => {
    const columns = { e: 'VARCHAR', n: 'INTEGER' }
    const relation = literalRelation(session, columns, {
      one: [
        ["'a@b.c'", '1'],
        ["'a@b.c'", '1'],
      ],
    })
    const contract: Contract = {
      ...contractOf(columns, [
        ['expect_column_values_to_match_regex', { column: 'e', regex: 'x' }],
        ['expect_column_max_to_be_between', { column: 'e', max_value: 'a' }],
        ['expect_compound_columns_to_be_unique', { column_list: ['e', 'n'] }],
      ]),
      schema: { columns: { e: { type: 'VARCHAR', sensitive }, n: { type: 'INTEGER' } } },
    }
    return (await evaluateAll(session, contract, relation, { maskedColumns: masked })).get('one') ?? []
  }

  test('are shown where nothing is sensitive', async () => {
    const [first, second, third] = await run(undefined)
    expect(first?.partialUnexpected).toEqual(['a@b.c', 'a@b.c'])
    expect(second?.observedValue).toBe('a@b.c')
    expect(third?.partialUnexpected).toEqual([
      { e: 'a@b.c', n: 1 },
      { e: 'a@b.c', n: 1 },
    ])
  })

  test.each(['mask', 'hash', 'drop'] as const)('%s: no trace in any result', async (rule) => {
    const results = await run(rule)
    expect(outcomes(results)).toEqual(['failed', 'failed', 'failed'])
    expect(JSON.stringify(results)).not.toContain('a@b.c')
    // sha256('a@b.c'), first 16 hex digits, by coreutils.
    const shown = { mask: '***', hash: `sha256:${SHA}`, drop: undefined }[rule]
    expect(results[1]?.observedValue).toBe(shown)
    const record = shown === undefined ? { n: 1 } : { e: shown, n: 1 }
    expect(results[2]?.partialUnexpected).toEqual([record, record])
  })

  test('masked on request', async () => {
    expect(JSON.stringify(await run(undefined, ['e']))).not.toContain('a@b.c')
  })
})

const SHA = 'd648b243a3e817ea'

describe('hostile column names', () => {
  test.each(['a"b', "it's", 'new\nline', "'; DROP TABLE t; --", '"; DROP TABLE t; --', 'ünï🌊', ' ', 'select'])(
    '%o',
    async (name) => {
      const columns: Record<string, string> = Object.fromEntries([
        [name, 'INTEGER'],
        ['other', 'INTEGER'],
      ])
      const relation = literalRelation(session, columns, {
        "fi'le\n1": [
          ['1', '2'],
          ['1', '2'],
        ],
        two: [],
      })
      const contract = contractOf(columns, [
        [between, { column: name, max_value: 0 }],
        ['expect_column_values_to_be_unique', { column: name }],
        ['expect_compound_columns_to_be_unique', { column_list: [name, 'other'] }],
        ['expect_column_mean_to_be_between', { column: name, min_value: 1 }],
      ])
      const results = await evaluateAll(session, contract, relation)
      expect(outcomes(results.get("fi'le\n1"))).toEqual(['failed', 'failed', 'failed', 'passed'])
      expect(Object.entries(results.get("fi'le\n1")?.[2]?.partialUnexpected?.[0] ?? {})).toEqual([
        [name, 1],
        ['other', 2],
      ])
    },
  )
})

test('a column may be called __proto__', async () => {
  const columns: Record<string, string> = Object.fromEntries([['__proto__', 'INTEGER']])
  const relation = literalRelation(session, columns, { one: [['1']] })
  const results = await evaluateAll(
    session,
    contractOf(columns, [[between, { column: '__proto__', max_value: 0 }]]),
    relation,
  )
  expect(results.get('one')?.[0]).toMatchObject({ outcome: 'failed', partialUnexpected: [1] })
})

test('very many unexpected rows are sampled without a list of them all', async () => {
  const relation = {
    sql: `(SELECT range AS a, CASE WHEN range % 2 = 0 THEN 'even' ELSE 'odd' END AS __tg_file, range AS __tg_row FROM range(500000))`,
    columns: [{ name: 'a', type: 'BIGINT' }],
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: [
      { key: 'even', path: 'even' },
      { key: 'odd', path: 'odd' },
    ],
  }
  const contract = contractOf({}, [
    [between, { column: 'a', max_value: -1 }],
    [between, { column: 'a', min_value: 2 }],
  ])
  const results = await evaluateAll(session, contract, relation)
  expect(results.get('odd')?.[0]?.unexpectedCount).toBe(250_000)
  expect(results.get('odd')?.[0]?.partialUnexpected).toHaveLength(20)
  expect(results.get('odd')?.[0]?.partialUnexpected?.every((value) => Number(value) % 2 === 1)).toBe(true)
  expect(results.get('even')?.[1]?.partialUnexpected).toEqual([0])
})
