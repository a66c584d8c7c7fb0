import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Cell, Relation, Session } from '@tidegate/core'
import type { CompiledCheck } from '../compile/compiled-contract.ts'
import { evaluatePlan } from '../evaluate/evaluate-checks.ts'
import { and, column, compare, isNull, not, TRUE, type Expression } from '../expression/expression.ts'
import { createRegistry } from '../expectations/registry.ts'
import type { Metric } from '../expression/metric.ts'
import { planChecks } from './plan-checks.ts'
import { literalRelation } from '../testing/tables.ts'
import type { ValueTester } from '../value-tests/value-test.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
  await session.query(
    `CREATE TABLE other AS SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (2, 'b'), (NULL, 'c')) t(id, name)`,
  )
})
afterAll(() => session.close())

/** Row numbers are those of the list; `two` has the same keys as `one`. */
function table(): Relation {
  return literalRelation(
    session,
    { a: 'INTEGER', s: 'VARCHAR' },
    {
      one: [
        ['1', "'a'"],
        ['NULL', "'b'"],
        ['2', "'b'"],
        ['2', "'x'"],
        ['5', 'NULL'],
      ],
      two: [
        ['5', "'a'"],
        ['3', "'it''s'"],
      ],
      empty: [],
    },
  )
}

/** What each file answers. */
async function measure(
  metric: Metric,
  relation: Relation = table(),
  options: { tester?: ValueTester } = {},
): Promise<Record<string, Cell | string>> {
  const check: CompiledCheck = {
    id: 'm',
    type: 'measure',
    columns: [],
    severity: 'critical',
    dimension: 'validity',
    index: 0,
    kwargs: {},
    answer: { kind: 'measured', metrics: { value: metric }, description: '' },
  }
  const registry = createRegistry([
    {
      type: 'measure',
      kind: 'table',
      dimension: 'validity',
      label: 'measure',
      kwargs: {},
      compile: () => check.answer,
      judge: (_, { cell }) => ({ passed: true, message: '', observedValue: cell('value') }),
    },
  ])
  const plan = planChecks({ contract: 'c', checks: [check], sensitive: new Map() }, relation, session.dialect)
  const { results } = await evaluatePlan(session, plan, { registry, ...options })
  return Object.fromEntries(
    [...results].map(([key, [result]]) => [
      key,
      result?.error === undefined ? (result?.observedValue ?? null) : `${result.error.code}: ${result.error.message}`,
    ]),
  )
}

const a = column('a')
const s = column('s')
const two: Expression = { op: 'literal', value: 2 }
const present: Expression = not(isNull(a))

describe('among', () => {
  const among = compare(a, '>=', two)
  test.each<readonly [Metric, Cell, Cell]>([
    [{ kind: 'rows', among }, 3, 2],
    [{ kind: 'count', where: compare(s, '=', { op: 'literal', value: 'x' }), among }, 1, 0],
    [{ kind: 'present', of: s, among }, 2, 2],
    [{ kind: 'aggregate', function: 'min', of: a, among: compare(a, '>', two) }, 5, 3],
    [{ kind: 'aggregate', function: 'median', of: a, among }, 2, 4],
    [{ kind: 'aggregate', function: 'distinct', of: a, among }, 2, 2],
    [{ kind: 'quantiles', of: a, fractions: [0, 0.5, 1], among }, [2, 2, 5], [3, 3, 5]],
    [{ kind: 'histogram', of: a, bounds: [0, 2, 5], among }, [0, 3], [0, 2]],
    [{ kind: 'group-count', keys: [a], count: 'groups', where: TRUE, among }, 2, 2],
    [{ kind: 'group-max', keys: [a], where: TRUE, among }, 2, 1],
    [{ kind: 'query-count', sql: 'SELECT * FROM {batch}', among }, 3, 2],
  ])('%j', async (metric, one, other) => {
    expect(await measure(metric)).toMatchObject({ one, two: other })
  })
})

describe('lists', () => {
  test('quantiles are values of the column, and nothing where there is none', async () => {
    expect(await measure({ kind: 'quantiles', of: a, fractions: [0.25, 0.5, 0.75] })).toEqual({
      one: [1, 2, 2],
      two: [3, 3, 5],
      empty: null,
    })
  })

  test('a histogram closes its last interval only', async () => {
    expect(await measure({ kind: 'histogram', of: a, bounds: [1, 2, 3, 5] })).toEqual({
      one: [1, 2, 1],
      two: [0, 0, 2],
      empty: null,
    })
  })

  test('groups with their counts, largest first, equal ones by value', async () => {
    const metric: Metric = { kind: 'group-list', keys: [a], of: a, where: present }
    const one = [
      { value: 2, count: 2 },
      { value: 1, count: 1 },
      { value: 5, count: 1 },
    ]
    expect((await measure(metric))['one']).toEqual(one)
    expect((await measure({ ...metric, limit: 2 }))['one']).toEqual(one.slice(0, 2))
    expect((await measure({ kind: 'group-max', keys: [a], where: present }))['one']).toBe(2)
  })
})

describe('expressions over several rows', () => {
  const count = (where: Expression): Metric => ({ kind: 'count', where })
  test('repeated, in the file and anywhere, and among some rows', async () => {
    expect(await measure(count({ op: 'repeated', keys: [a] }))).toMatchObject({ one: 2, two: 0 })
    expect(await measure(count({ op: 'repeated', keys: [a], scope: 'relation' }))).toMatchObject({ one: 3, two: 1 })
    const among = not(isNull(s))
    expect(await measure(count(and([among, { op: 'repeated', keys: [a], scope: 'relation', among }])))).toMatchObject({
      one: 2,
      two: 0,
    })
  })

  test('the previous value skips NULLs and rows that take no part', async () => {
    // one: 1, NULL, 2, 2, 5 · two: 5, 3
    const previous: Expression = { op: 'previous', item: a }
    expect(await measure(count(compare(a, '<=', previous)))).toMatchObject({ one: 1, two: 1 })
    expect(await measure(count(isNull(previous)))).toMatchObject({ one: 1, two: 1 })
    const among = compare(a, '<>', two)
    const skipping: Expression = { op: 'previous', item: a, among }
    expect(
      await measure({
        kind: 'aggregate',
        function: 'max',
        of: { op: 'arithmetic', operator: '-', left: a, right: skipping },
        among,
      }),
    ).toMatchObject({ one: 4, two: -2 })
  })

  test('numbers over the file, of one file and of several', async () => {
    const mean = (name: 'mean' | 'stdev' | 'quantile-linear', among?: Expression): Metric => ({
      kind: 'aggregate',
      function: 'max',
      of: { op: 'over-file', function: name, of: a, fraction: 0.75, among },
    })
    // one: 1, 2, 2, 5: mean 2.5, sum of squares 9, / 3 = 3; quantile 0.75 at place 2.25: 2 + 0.25 × 3
    expect(await measure(mean('mean'))).toMatchObject({ one: 2.5, two: 4 })
    expect(Number((await measure(mean('stdev')))['one'])).toBeCloseTo(Math.sqrt(3), 12)
    expect(await measure(mean('quantile-linear'))).toMatchObject({ one: 2.75, two: 4.5 })
    expect(await measure(mean('mean', compare(a, '>', { op: 'literal', value: 1 })))).toMatchObject({ one: 3 })
    const single = literalRelation(session, { a: 'INTEGER' }, { f: [['1'], ['2'], ['2'], ['5'], ['NULL']] })
    expect(await measure(mean('mean'), single)).toEqual({ f: 2.5 })
    expect(await measure(mean('quantile-linear'), single)).toEqual({ f: 2.75 })
    // One inside the other.
    const deviation: Expression = {
      op: 'absolute',
      item: { op: 'arithmetic', operator: '-', left: a, right: { op: 'over-file', function: 'mean', of: a } },
    }
    for (const relation of [single, table()])
      expect(
        Object.values(
          await measure(
            { kind: 'aggregate', function: 'max', of: { op: 'over-file', function: 'mean', of: deviation } },
            relation,
          ),
        )[0],
      ).toBe(1.25)
  })
})

describe('keys of another table', () => {
  const found = (keys: readonly Expression[], columns: readonly string[]): Expression => ({
    op: 'found-in',
    keys,
    table: 'other',
    columns,
  })
  test('are found, not found, or NULL; no row is counted twice', async () => {
    const one = found([a], ['id'])
    expect(await measure({ kind: 'count', where: one })).toMatchObject({ one: 3, two: 0 })
    expect(await measure({ kind: 'count', where: not(one) })).toMatchObject({ one: 1, two: 2 })
    expect(await measure({ kind: 'count', where: isNull(one) })).toMatchObject({ one: 1, two: 0 })
  })
  test('may be composite', async () => {
    const both = found([a, s], ['id', 'name'])
    expect(await measure({ kind: 'count', where: both })).toMatchObject({ one: 2, two: 0 })
    expect(await measure({ kind: 'count', where: not(both) })).toMatchObject({ one: 1, two: 2 })
    expect(await measure({ kind: 'count', where: isNull(both) })).toMatchObject({ one: 2, two: 0 })
  })
  test('a table that is not there is the error of this check', async () => {
    const nowhere: Expression = { op: 'found-in', keys: [a], table: 'nowhere', columns: ['id'] }
    expect((await measure({ kind: 'count', where: nowhere }))['one']).toMatch(/^CHECK_ENGINE/)
  })
})

describe('SQL of the author', () => {
  const rows = (sql: string): Metric => ({ kind: 'query-count', sql })
  test('sees the rows of one file and only the columns of the data', async () => {
    expect(await measure(rows('SELECT * FROM {batch} WHERE a >= 2;'))).toEqual({ one: 3, two: 2, empty: 0 })
    expect(await measure(rows('SELECT x.a FROM {batch} x JOIN {batch} y USING (a) -- done'))).toMatchObject({ one: 6 })
    expect((await measure(rows('SELECT __tg_row FROM {batch}')))['one']).toMatch(/^CHECK_ENGINE/)
  })
  test('lists rows as records, in its own order', async () => {
    const metric: Metric = {
      kind: 'query-list',
      sql: 'SELECT a, s FROM {batch} WHERE a > 1 ORDER BY a DESC, s',
      limit: 2,
    }
    expect(await measure(metric)).toEqual({
      one: [
        { a: 5, s: null },
        { a: 2, s: 'b' },
      ],
      two: [
        { a: 5, s: 'a' },
        { a: 3, s: "it's" },
      ],
      empty: [],
    })
  })
  test.each([
    'SELECT 1; DROP TABLE other',
    'SELECT 1) t; DROP TABLE other; SELECT count(*) FROM (SELECT 1',
    'SELECT 1) --',
    'DROP TABLE other',
    "SELECT 'open",
    'SELECT (1',
    'SELECT /* open',
    ' -- nothing\n ; ',
    'SELECT 1 AS a$b$; DROP TABLE other; --$b$',
    "COPY (SELECT 1) TO 'x.csv'",
    'SELECT \0 1',
  ])('%j is refused', async (sql) => {
    expect((await measure(rows(sql)))['one']).toMatch(/^CHECK_SQL/)
    expect((await session.query('SELECT count(*) FROM other')).rows).toEqual([[4]])
  })
  test.each([
    "SELECT ';)' AS x",
    "SELECT E'\\';)' AS x",
    'SELECT $$;)$$ AS x',
    'SELECT $q$;)$q$ AS x',
    'SELECT 1 AS ";)"',
    'SELECT 1 /* ;) */',
    "SELECT /* /* */ '*/ ) ;' AS x",
    'WITH t AS (SELECT 1) SELECT * FROM t ; ',
    'FROM range(1)',
    '(SELECT 1)',
  ])('%j is one query', async (sql) => {
    expect((await measure(rows(sql)))['one']).toBe(1)
  })
})
