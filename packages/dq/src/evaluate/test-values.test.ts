import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { CheckResult, Relation, Session } from '@tidegate/core'
import type { CompiledCheck, CompiledContract } from '../compile/compiled-contract.ts'
import { evaluatePlan } from './evaluate-checks.ts'
import { and, column, not, type Expression } from '../expression/expression.ts'
import { explainPlan } from '../plan/explain-plan.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { rowRules } from '../rows/row-rules.ts'
import { compileRows } from '../expectations/row-judgement.ts'
import { columnRef } from '../expression/column-ref.ts'
import { parseType } from '../expression/data-type.ts'
import { literalRelation } from '../testing/tables.ts'
import type { TestOutcome, ValueTest, ValueTester } from '../value-tests/value-test.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

/** Fails texts that contain the source, and counts what it is asked. */
function fakeTester(outcome?: TestOutcome): ValueTester & { readonly asked: string[][] } {
  const asked: string[][] = []
  return {
    asked,
    test(valueTest: ValueTest, values) {
      asked.push([...values])
      if (outcome !== undefined && valueTest.kind === 'json') return Promise.resolve(outcome)
      const source = valueTest.kind === 'regex' ? valueTest.source : '\0'
      const failing = values.flatMap((value, index) => (value.includes(source) ? [index] : []))
      return Promise.resolve({ kind: 'tested', failing })
    },
    close: () => Promise.resolve(),
  }
}

const s: Expression = column('s')
const without = (source: string): Expression => ({ op: 'passes', item: s, test: { kind: 'regex', source, flags: '' } })
const isJson: Expression = { op: 'passes', item: s, test: { kind: 'json' } }

function contract(...violated: readonly Expression[]): CompiledContract {
  const type = parseType('VARCHAR')
  if (type === undefined) throw new Error('no type')
  return {
    contract: 'c',
    sensitive: new Map(),
    checks: violated.map((condition, index): CompiledCheck => ({
      id: `c${index}`,
      type: 'rows',
      columns: ['s'],
      severity: 'critical',
      dimension: 'validity',
      index,
      kwargs: {},
      answer: compileRows(columnRef('s', type), condition, 's'),
    })),
  }
}

function table(): Relation {
  return literalRelation(
    session,
    { s: 'VARCHAR' },
    {
      one: [["'a'"], ["'it''s'"], ['NULL'], ["'a'"], ["'xx'"], ["''"]],
      two: [["'b'"]],
    },
  )
}

async function run(
  compiled: CompiledContract,
  tester: ValueTester,
  relation: Relation = table(),
): Promise<readonly (CheckResult | undefined)[]> {
  const plan = planChecks(compiled, relation, session.dialect)
  return [...(await evaluatePlan(session, plan, { tester })).results.values()].flat()
}

test('a value is tested once for all files, and the rows are counted exactly', async () => {
  const tester = fakeTester()
  const results = await run(contract(not(without('a'))), tester)
  expect(tester.asked.map((values) => values.toSorted())).toEqual([['', 'a', 'b', "it's", 'xx']])
  expect(results[0]).toMatchObject({
    elementCount: 6,
    missingCount: 1,
    unexpectedCount: 2,
    partialUnexpected: ['a', 'a'],
  })
  expect(results[1]).toMatchObject({ outcome: 'passed', unexpectedCount: 0 })
})

test('where nothing fails, everything passes but the NULLs, which are neither', async () => {
  const passes = without('zzz')
  const results = await run(contract(passes, not(passes), { op: 'is-null', item: passes }), fakeTester())
  expect(results.slice(0, 3).map((result) => result?.unexpectedCount)).toEqual([5, 0, 1])
})

test('two tests of one column share its values', async () => {
  const tester = fakeTester()
  const results = await run(contract(not(and([without('a'), without('s')]))), tester)
  expect(tester.asked).toHaveLength(2)
  expect(results[0]?.partialUnexpected).toEqual(['a', "it's", 'a'])
})

describe('a test that cannot be made is the error of its checks alone', () => {
  test.each<readonly [TestOutcome, string]>([
    [{ kind: 'timeout', afterMs: 5 }, 'CHECK_TIMEOUT'],
    [{ kind: 'unusable', message: 'no such module' }, 'CHECK_VALUE_TEST'],
  ])('%j', async (outcome, code) => {
    const results = await run(contract(not(isJson), not(without('a'))), fakeTester(outcome))
    expect(results.map((result) => result?.error?.code)).toEqual([code, undefined, code, undefined])
    expect(results[1]?.unexpectedCount).toBe(2)
  })

  test('values that the engine cannot read', async () => {
    const broken: Expression = {
      op: 'passes',
      item: { op: 'text', item: { op: 'cast', item: s, type: 'INTEGER' } },
      test: { kind: 'json' },
    }
    const results = await run(contract(not(broken), not(without('a'))), fakeTester())
    expect(results[0]).toMatchObject({ outcome: 'error', error: { code: 'CHECK_ENGINE' } })
    expect(results[1]?.unexpectedCount).toBe(2)
  })
})

test('a rule about rows exists once the values are tested', async () => {
  const compiled = contract(not(without('a')))
  const relation = table()
  expect(rowRules(compiled, relation, session.dialect)).toEqual([])
  const { failingValues } = await evaluatePlan(session, planChecks(compiled, relation, session.dialect), {
    tester: fakeTester(),
  })
  const [rule] = rowRules(compiled, relation, session.dialect, failingValues)
  const { rows } = await session.query(`SELECT ${rule?.violatedSql} FROM ${relation.sql} ORDER BY __tg_file, __tg_row`)
  expect(rows.flat()).toEqual([true, false, false, true, false, false, false])
})

test('the plan is data and names the statements before the values are known', () => {
  const plan = planChecks(contract(not(without('a'))), table(), session.dialect)
  expect(structuredClone(plan)).toEqual(plan)
  const { rows, json } = explainPlan(plan)
  expect(rows[0]?.how).toBe('scan-1, values-1, tested-join-1')
  expect(JSON.stringify(json)).toContain('values that fail')
})

test('very many and very long values are fetched in parts', async () => {
  const relation: Relation = {
    sql: `(SELECT CASE WHEN range % 3 = 0 THEN 'bad' ELSE 'good' END || range || CASE WHEN range = 7 THEN repeat('x', 3000000) ELSE '' END AS s, 'f' AS __tg_file, range AS __tg_row FROM range(450000))`,
    columns: [{ name: 's', type: 'VARCHAR' }],
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: [{ key: 'f', path: 'f' }],
  }
  const tester = fakeTester()
  const [result] = await run(contract(not(without('bad'))), tester, relation)
  expect(tester.asked.length).toBeGreaterThan(2)
  expect(Math.max(...tester.asked.map((values) => values.length))).toBeLessThan(200_000)
  expect(tester.asked.reduce((sum, values) => sum + values.length, 0)).toBe(450_000)
  expect(result).toMatchObject({
    unexpectedCount: 150_000,
    partialUnexpected: expect.arrayContaining(['bad0', 'bad3']),
  })
})
