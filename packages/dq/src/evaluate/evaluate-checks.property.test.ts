import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from './evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { rowRules } from '../rows/row-rules.ts'
import { splitSql } from '../rows/split-sql.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'
import { SLOW } from '../testing/lane.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

interface Row {
  readonly i: number | null
  readonly d: number | null
  readonly s: string | null
}
type Spec = readonly [type: string, kwargs: Record<string, JsonValue>]

const COLUMNS = { i: 'INTEGER', d: 'DOUBLE', s: 'VARCHAR' }
const TEXTS = ['', 'a', 'ab', "it's", 'ünï', '10', 'a\nb']

const row: fc.Arbitrary<Row> = fc.record({
  i: fc.option(fc.integer({ min: -4, max: 4 })),
  d: fc.option(fc.constantFrom(-1.5, 0, 0.1, 2, Number.NaN, Infinity)),
  s: fc.option(fc.constantFrom(...TEXTS)),
})
const mostly = fc.constantFrom(0, 0.25, 0.5, 0.9, 1)
const bound = fc.option(fc.constantFrom(-3, -1.5, 0, 0.1, 2, 100000000000))
const number = fc.constantFrom('i', 'd')
const any = fc.constantFrom('i', 'd', 's')
const spec: fc.Arbitrary<Spec> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'expect_column_values_to_be_null',
      'expect_column_values_to_not_be_null',
      'expect_column_values_to_be_unique',
    ),
    fc.record({ column: any, mostly }),
  ),
  fc.tuple(
    fc.constant('expect_column_values_to_be_between'),
    fc
      .record({
        column: number,
        min_value: bound,
        max_value: bound,
        strict_min: fc.boolean(),
        strict_max: fc.boolean(),
        mostly,
      })
      .filter(({ min_value: min, max_value: max }) => (min ?? max) !== null && (min ?? -Infinity) <= (max ?? Infinity)),
  ),
  fc.tuple(
    fc.constantFrom('expect_column_values_to_be_in_set', 'expect_column_values_to_not_be_in_set'),
    fc.record({
      column: any,
      value_set: fc.array(fc.constantFrom<JsonValue>(0, 2, 0.1, 'a', "it's", '10', null), { maxLength: 4 }),
      mostly,
    }),
  ),
  fc.tuple(
    fc.constant('expect_column_value_lengths_to_be_between'),
    fc.record({ column: fc.constant('s'), min_value: fc.constantFrom(0, 1), max_value: fc.constantFrom(1, 3), mostly }),
  ),
  fc.tuple(
    fc.constantFrom('expect_column_values_to_match_regex', 'expect_column_values_to_not_match_regex'),
    fc.record({ column: fc.constant('s'), regex: fc.constantFrom('a', '^a', '[0-9]+', "'"), mostly }),
  ),
  fc.tuple(
    fc.constant('expect_compound_columns_to_be_unique'),
    fc.record({
      column_list: fc.constantFrom(['i', 's'], ['s', 'i'], ['i', 'd', 's']),
      ignore_row_if: fc.constantFrom('all_values_are_missing', 'any_value_is_missing', 'never'),
      mostly,
    }),
  ),
  fc.tuple(
    fc.constant('expect_column_pair_values_a_to_be_greater_than_b'),
    fc.record({
      column_A: number,
      column_B: number,
      or_equal: fc.boolean(),
      ignore_row_if: fc.constantFrom('both_values_are_missing', 'either_value_is_missing', 'neither'),
      mostly,
    }),
  ),
)

test('one plan over several files answers like a loop over the rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      fc.array(spec, { minLength: 1, maxLength: 6 }),
      async (files, specs) => {
        const named = Object.fromEntries(files.map((rows, index) => [`f${index}`, rows]))
        const relation = literalRelation(
          session,
          COLUMNS,
          Object.fromEntries(Object.entries(named).map(([key, rows]) => [key, rows.map(cells)])),
        )
        const contract = contractOf(COLUMNS, specs)
        const compiled = compileContract(contract, relation.columns, { schema: false })
        const results = await evaluateChecks(session, planChecks(compiled, relation, session.dialect))
        const rules = rowRules(compiled, relation, session.dialect)
        for (const [key, rows] of Object.entries(named)) {
          const bad = new Set<number>()
          for (const [index, [type, kwargs]] of specs.entries()) {
            const verdicts = judgeByHand(type, kwargs, rows)
            const considered = verdicts.filter((verdict) => verdict !== 'ignored').length
            const unexpected = verdicts.filter((verdict) => verdict === 'bad').length
            for (const [place, verdict] of verdicts.entries()) if (verdict === 'bad') bad.add(place)
            expect(results.get(key)?.[index]).toMatchObject({
              outcome:
                considered === 0 || (considered - unexpected) / considered >= Number(kwargs['mostly'])
                  ? 'passed'
                  : 'failed',
              elementCount: rows.length,
              missingCount: rows.length - considered,
              unexpectedCount: unexpected,
            })
            const shown = results.get(key)?.[index]?.partialUnexpected?.length ?? 0
            expect(shown > 0).toBe(unexpected > 0 && type !== 'expect_column_values_to_not_be_null')
          }
          const { good, rejected } = splitSql(relation, rules, session.dialect, {
            file: key,
            columns: relation.columns,
          })
          const places = await session.query(`SELECT __tg_row FROM (${rejected})`)
          expect(new Set(places.rows.map(([place]) => Number(place)))).toEqual(bad)
          expect((await session.query(`SELECT count(*) FROM (${good})`)).rows).toEqual([[rows.length - bad.size]])
        }
      },
    ),
    { numRuns: SLOW ? 150 : 60 },
  )
})

function cells(row: Row): readonly string[] {
  const literal = (value: number | string | null): string =>
    value === null
      ? 'NULL'
      : typeof value === 'number' && Number.isInteger(value)
        ? String(value)
        : `'${String(value).replaceAll("'", "''")}'`
  return [literal(row.i), literal(row.d), literal(row.s)]
}

type ByHand = 'good' | 'bad' | 'ignored'

/** The rules once more, row by row and without SQL. */
function judgeByHand(type: string, kwargs: Record<string, JsonValue>, rows: readonly Row[]): readonly ByHand[] {
  const value = (row: Row, name: unknown): number | string | null => {
    const cell = row[name as keyof Row]
    return Number.isNaN(cell) ? null : cell
  }
  const single = (broken: (cell: number | string) => boolean): readonly ByHand[] =>
    rows.map((row) => {
      const cell = value(row, kwargs['column'])
      return cell === null ? 'ignored' : broken(cell) ? 'bad' : 'good'
    })
  const truth = (broken: (row: Row) => boolean): readonly ByHand[] => rows.map((row) => (broken(row) ? 'bad' : 'good'))
  switch (type) {
    case 'expect_column_values_to_be_null':
      return truth((row) => value(row, kwargs['column']) !== null)
    case 'expect_column_values_to_not_be_null':
      return truth((row) => value(row, kwargs['column']) === null)
    case 'expect_column_values_to_be_unique':
      return single((cell) => rows.filter((row) => value(row, kwargs['column']) === cell).length > 1)
    case 'expect_column_values_to_be_between': {
      const [min, max] = [kwargs['min_value'] as number | null, kwargs['max_value'] as number | null]
      return single((cell) => {
        const x = Number(cell)
        const low = min === null || (kwargs['strict_min'] === true ? x > min : x >= min)
        const high = max === null || (kwargs['strict_max'] === true ? x < max : x <= max)
        return !low || !high
      })
    }
    case 'expect_column_values_to_be_in_set':
      return single((cell) => !(kwargs['value_set'] as JsonValue[]).includes(cell))
    case 'expect_column_values_to_not_be_in_set':
      return single((cell) => (kwargs['value_set'] as JsonValue[]).includes(cell))
    case 'expect_column_value_lengths_to_be_between':
      return single(
        (cell) =>
          String(cell).length < Number(kwargs['min_value']) || String(cell).length > Number(kwargs['max_value']),
      )
    case 'expect_column_values_to_match_regex':
      return single((cell) => !new RegExp(String(kwargs['regex'])).test(String(cell)))
    case 'expect_column_values_to_not_match_regex':
      return single((cell) => new RegExp(String(kwargs['regex'])).test(String(cell)))
    case 'expect_compound_columns_to_be_unique':
      return compoundByHand(
        rows,
        (kwargs['column_list'] as string[]).map((name) => (row: Row) => value(row, name)),
        kwargs['ignore_row_if'],
      )
    case 'expect_column_pair_values_a_to_be_greater_than_b':
      return rows.map((row) => {
        const [a, b] = [value(row, kwargs['column_A']), value(row, kwargs['column_B'])]
        const ignore = kwargs['ignore_row_if']
        if (ignore === 'both_values_are_missing' && a === null && b === null) return 'ignored'
        if (ignore === 'either_value_is_missing' && (a === null || b === null)) return 'ignored'
        return a !== null && b !== null && (kwargs['or_equal'] === true ? a >= b : a > b) ? 'good' : 'bad'
      })
    default:
      throw new Error(type)
  }
}

function compoundByHand(
  rows: readonly Row[],
  getters: readonly ((row: Row) => number | string | null)[],
  ignore: unknown,
): readonly ByHand[] {
  const keys = rows.map((row) => JSON.stringify(getters.map((get) => String(get(row) ?? '<null>'))))
  return rows.map((row, index) => {
    const missing = getters.filter((get) => get(row) === null).length
    if (ignore === 'all_values_are_missing' && missing === getters.length) return 'ignored'
    if (ignore === 'any_value_is_missing' && missing > 0) return 'ignored'
    return keys.filter((key) => key === keys[index]).length > 1 ? 'bad' : 'good'
  })
}
