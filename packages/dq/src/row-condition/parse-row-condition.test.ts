import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { compileScope } from '../compile/compile-contract.ts'
import type { CompileScope } from '../expectations/definition.ts'
import { renderExpression } from '../expression/render-expression.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'
import { parseRowCondition } from './parse-row-condition.ts'

const TYPES = {
  a: 'INTEGER',
  u: 'UTINYINT',
  d: 'DECIMAL(10,2)',
  f: 'FLOAT',
  s: 'VARCHAR',
  day: 'DATE',
  t: 'TIMESTAMP',
  ok: 'BOOLEAN',
  'A b': 'INTEGER',
} as const
const ROWS: readonly (readonly string[])[] = [
  ['1', '0', '0.10', '0.1', "'JFK'", "'2024-01-31'", "'2024-01-31 10:00'", 'true', '10'],
  ['5', '255', '5.50', '2.5', "'it''s'", "'2024-02-01'", "'2024-02-01 00:00'", 'false', '20'],
  ['6', '7', '-1.00', 'NULL', "'LGA'", "'2023-12-31'", 'NULL', 'true', '30'],
  ['NULL', 'NULL', 'NULL', "'NaN'", 'NULL', 'NULL', 'NULL', 'NULL', 'NULL'],
]

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => session.close())

function scopeOf(types: Readonly<Record<string, string>> = TYPES): CompileScope {
  return compileScope(
    contractOf(types, []),
    Object.entries(types).map(([name, type]) => ({ name, type })),
  )
}

/** Numbers of the rows that are selected, or what is wrong. */
async function selected(condition: JsonValue, parser?: JsonValue): Promise<unknown> {
  const parsed = parseRowCondition(condition, parser, scopeOf())
  if (parsed.kind !== 'condition') return parsed.kind === 'problem' ? parsed.problem.message : parsed.kind
  const relation = literalRelation(session, TYPES, { f: ROWS })
  const sql = renderExpression(parsed.condition, { dialect: session.dialect, relation })
  const { rows } = await session.query(
    `SELECT coalesce(list(__tg_row ORDER BY __tg_row) FILTER (WHERE ${sql}), []) FROM ${relation.sql}`,
  )
  return rows[0]?.[0]
}

describe('SQL', () => {
  test.each<readonly [condition: string, rows: readonly number[]]>([
    ['a > 1', [1, 2]],
    ['A >= 5 AND s IS NOT NULL', [1, 2]],
    ['not (a = 1)', [1, 2]],
    ["NOT a = 1 AND s = 'LGA'", [2]],
    ["a = 1 or a = 5 and s = 'JFK'", [0]],
    ["s in ('JFK', 'it''s')", [0, 1]],
    ['a not in (1, 6)', [1]],
    ['a between 2 and 6', [1, 2]],
    ['a not between 2 and 6', [0]],
    ["s like '%F_'", [0]],
    ["s not like '%F%'", [1, 2]],
    ['"A b" + a * 2 = 12', [0]],
    ['-a < -5', [2]],
    ['ok', [0, 2]],
    ['not ok', [1]],
    ['ok = false', [1]],
    ["day >= '2024-01-31'", [0, 1]],
    ["day > DATE '2024-01-31'", [1]],
    ["t < '2024-02-01T00:00:00'", [0]],
    ['a <> 5', [0, 2]],
    ['a is null', [3]],
    ['f is null', [2, 3]],
    ['TRUE', [0, 1, 2, 3]],
  ])('%s', async (condition, rows) => {
    expect(await selected(condition)).toEqual(rows)
  })

  test('bounds between the values of a type, or beyond it, neither round nor overflow', async () => {
    expect(await selected('a < 5.5')).toEqual([0, 1])
    expect(await selected('a >= 5.5')).toEqual([2])
    expect(await selected('a = 5.5')).toEqual([])
    expect(await selected('a <> 5.5')).toEqual([0, 1, 2])
    expect(await selected('not (a = 5.5)')).toEqual([0, 1, 2])
    expect(await selected('u < 255.5')).toEqual([0, 1, 2])
    expect(await selected('u > -1')).toEqual([0, 1, 2])
    expect(await selected('u = 1000000000000000000000000')).toEqual([])
    expect(await selected('d = 0.1')).toEqual([0])
    expect(await selected('d > 0.099999999999999999999')).toEqual([0, 1])
    expect(await selected('f = 0.1')).toEqual([0])
    expect(await selected("day < '2024-01-31 12:00'")).toEqual([0, 2])
  })

  test('what the parser does not know goes to the engine as one expression', async () => {
    expect(await selected('length(s) = 3')).toEqual([0, 2])
    expect(await selected('CASE WHEN a > 1 THEN true ELSE false END')).toEqual([1, 2])
    expect(await selected("s ILIKE 'jf%' OR upper(s) = 'LGA'")).toEqual([0, 2])
    expect(await selected('extract(year from day) = 2023')).toEqual([2])
    expect(await selected('a IS DISTINCT FROM 1')).toEqual([1, 2, 3])
    expect(await selected('"A b" % 20 = 10 and coalesce(a, 0) > 0')).toEqual([0, 2])
    expect(await selected("a::VARCHAR || s = '1JFK'")).toEqual([0])
    expect(await selected("concat(s, ';--') = 'JFK;--'")).toEqual([0])
  })

  test.each([
    'a > 1; DROP TABLE x',
    'length(s) > 0); DROP TABLE x; --',
    'length(s) > 0 -- and more',
    'length(s) > 0 /* and more */',
    'a in (select 1)',
    'exists (from range(3))',
    "a = (SELECT max(a) FROM read_csv('/etc/passwd'))",
    'length(s) = (FROM range(3))',
    'length(s), 1',
    'length(s',
    'length(s)) > (1',
    "length(E'\\'') > 1",
    'length($1) > 0',
    'length(?) > 0',
    'length($$a$$) > 0',
    "getenv('HOME') = s",
    'length(s) > 0 union all values (1)',
    'length("s) > 0',
    'length(\u0000s) > 0',
    'a = @x',
    'a ->> 1 {',
  ])('%s is refused', (condition) => {
    expect(parseRowCondition(condition, undefined, scopeOf())).toMatchObject({
      kind: 'problem',
      problem: { code: 'CHECK_CONDITION' },
    })
  })

  test('names in quotes keep their case; without, they may differ in it unless two columns do', () => {
    const twins = scopeOf({ id: 'INTEGER', ID: 'INTEGER', Name: 'INTEGER' })
    expect(parseRowCondition('id > 1', undefined, twins)).toMatchObject({
      condition: { left: { op: 'column', name: 'id' } },
    })
    expect(parseRowCondition('"ID" > 1', undefined, twins)).toMatchObject({
      condition: { left: { op: 'column', name: 'ID' } },
    })
    expect(parseRowCondition('Id > 1', undefined, twins)).toMatchObject({
      problem: { message: expect.stringContaining('"id" or "ID"') },
    })
    expect(parseRowCondition('NAME > 1', undefined, twins)).toMatchObject({ kind: 'condition' })
    expect(parseRowCondition('"NAME" > 1', undefined, twins)).toMatchObject({
      problem: { code: 'CHECK_COLUMN_MISSING', hint: 'Did you mean Name?' },
    })
  })

  test('for spark double quotes are texts, also in what goes to the engine', async () => {
    expect(await selected('s = "it\'s"', 'spark')).toEqual([1])
    expect(await selected('`A b` > 10 and length("xy") = 2', 'spark')).toEqual([1, 2])
    expect(await selected('a == 5', 'spark')).toEqual([1])
    expect(await selected('s = "JFK"', 'sql')).toMatch(/no column "JFK"/)
  })
})

describe('pandas', () => {
  test.each<readonly [condition: string, rows: readonly number[]]>([
    ['a == 5', [1]],
    ['s == "it\'s" and a > 3', [1]],
    ['s in [\'JFK\', "LGA"]', [0, 2]],
    ['s not in ["JFK", "LGA"]', [1, 3]],
    ['s == ["JFK", "LGA"]', [0, 2]],
    ['s != ["JFK", "LGA",]', [1, 3]],
    ['a != 5', [0, 2, 3]],
    ['~(a > 1)', [0, 3]],
    ['not a > 1', [0, 3]],
    ['1 < a <= 5', [1]],
    ['a > 1 & a < 6 | s == "JFK"', [0, 1]],
    ['a.isnull()', [3]],
    ['a.notnull() and s.notna()', [0, 1, 2]],
    ['~a.isna()', [0, 1, 2]],
    ['s.isin(["JFK"])', [0]],
    ['a.between(2, 6)', [1, 2]],
    ['s.str.startswith("i") or s.str.endswith("K")', [0, 1]],
    ['`A b` > 10', [1, 2]],
    ['ok == True', [0, 2]],
    ['ok', [0, 2]],
    ['~ok', [1, 3]],
    ['a + `A b` > 24', [1, 2]],
    ['day > "2024-01-31"', [1]],
    ['a > -1', [0, 1, 2]],
    ['a in [-1, 1]', [0]],
  ])('%s', async (condition, rows) => {
    expect(await selected(condition, 'pandas')).toEqual(rows)
  })

  test.each([
    ['a = 5', 'row_condition: a single = compares nothing at character 3: "= 5"'],
    ['a == @limit', /variables of Python/],
    ['a == None', /nothing equals NULL/],
    ['a.sum() > 1', /\.sum is not known/],
    ['abs(a) > 1', /functions such as abs\(\)/],
    [
      'a == "5"',
      'row_condition: column "a", which is INTEGER, cannot be compared with "5" at character 1: "a == \\"5\\""',
    ],
    ['s > 5', /cannot be compared with 5/],
    ['aa > 5', 'row_condition: the data has no column "aa" at character 1: "aa > 5"'],
    ['a >', 'row_condition: a column or a value is missing at character 4, the end'],
    ['a > 5 b', /expected the end, or and\/or at character 7/],
    ['(a > 5', /\) is missing/],
    ['a in [1, 2', 'row_condition: , or ] is missing at character 11, the end'],
    ['a > "x', 'row_condition: the quote " is not closed at character 5: "\\"x"'],
    ['a > 12abc', /neither a number nor a name/],
    ['a', /is no condition/],
    ['5', /a condition is expected/],
    ['   ', /is empty/],
    [`${'('.repeat(10_000)}a > 1`, /nested too deeply/],
  ] as const)('%s is told with its place', (condition, message) => {
    const parsed = parseRowCondition(condition, 'pandas', scopeOf())
    expect(parsed).toMatchObject({ kind: 'problem' })
    expect(parsed.kind === 'problem' ? parsed.problem.message : '').toMatch(
      typeof message === 'string'
        ? new RegExp(`^${message.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`)
        : message,
    )
  })
})

describe("Great Expectations' own", () => {
  test.each<readonly [condition: string, rows: readonly number[]]>([
    ['col("a") > 4', [1, 2]],
    ['col("a")>=5', [1, 2]],
    ["col('s') == 'JFK'", [0]],
    ['col("a").notNull()', [0, 1, 2]],
    ['col("a").notnull()', [0, 1, 2]],
    ['col("a").is_null() | col("s") == "LGA"', [2, 3]],
    ['(col("A b") > 10) & (col("ok") == true)', [2]],
    ['col("a").is_not_in([1, 5])', [2, 3]],
    ['col("day") == date("2024-01-31")', [0]],
    ['col("a") != 5', [0, 2, 3]],
    ['col("s") != "JFK"', [1, 2, 3]],
    ['col("a") <= 5', [0, 1]],
    ['col("a") == "5"', [1]],
  ])('%s', async (condition, rows) => {
    expect(await selected(condition)).toEqual(rows)
    expect(await selected(condition, 'great_expectations')).toEqual(rows)
    expect(await selected(condition, 'great_expectations__experimental__')).toEqual(rows)
  })

  test('takes nothing else for a column', async () => {
    expect(await selected('a > 5', 'great_expectations')).toMatch(/"a" is not known here/)
  })

  test('as the objects that 1.x writes', async () => {
    const a = { column: { name: 'a' } }
    expect(await selected({ type: 'comparison', ...a, operator: '>', parameter: 4 })).toEqual([1, 2])
    expect(await selected({ type: 'comparison', ...a, operator: 'NOT_IN', parameter: [1, 6] })).toEqual([1, 3])
    expect(await selected({ type: 'comparison', ...a, operator: '!=', parameter: 5 })).toEqual([0, 2, 3])
    expect(await selected({ type: 'comparison', ...a, operator: '!=', parameter: 5 }, 'sql')).toEqual([0, 2])
    expect(await selected({ type: 'nullity', ...a, is_null: true })).toEqual([3])
    const or = {
      type: 'or',
      conditions: [
        {
          type: 'and',
          conditions: [
            { type: 'nullity', ...a, is_null: false },
            { type: 'comparison', column: { name: 's' }, operator: '==', parameter: 'LGA' },
          ],
        },
        { type: 'pass_through', pass_through_filter: 'a == 1' },
      ],
    }
    expect(await selected(or)).toEqual([0, 2])
  })

  test.each([
    [{ type: 'magic' }, /"magic" is no type of condition/],
    [{ type: 'comparison', column: { name: 'a' }, operator: '>' }, /needs a parameter/],
    [{ type: 'comparison', column: { name: 'a' }, operator: '~', parameter: 1 }, /"~" is no operator/],
    [{ type: 'comparison', column: { name: 'a' }, operator: 'IN', parameter: 1 }, /IN needs a list/],
    [{ type: 'and', conditions: [] }, /needs a list/],
    [{ type: 'nullity', column: 5, is_null: true }, /needs \{"column"/],
    [[1], /must be a text or a condition object/],
    [7, /must be a text or a condition object/],
  ])('%j is refused', (condition, message) => {
    expect(parseRowCondition(condition, undefined, scopeOf())).toMatchObject({
      kind: 'problem',
      problem: { message: expect.stringMatching(message) },
    })
  })
})

test('no condition is all rows, and an unknown parser is told', () => {
  expect(parseRowCondition(null, 'pandas', scopeOf())).toEqual({ kind: 'all-rows' })
  expect(parseRowCondition(undefined, null, scopeOf())).toEqual({ kind: 'all-rows' })
  expect(parseRowCondition('a > 1', 'polars', scopeOf())).toMatchObject({
    problem: { message: expect.stringContaining('no condition_parser "polars"') },
  })
})
