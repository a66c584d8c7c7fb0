import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult, JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import type { EvaluateOptions } from '../evaluate/evaluate-checks.ts'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'
import type { MetricPoint } from './definition.ts'

const NOW = Date.UTC(2024, 0, 31, 12)
const HOUR = 3_600_000
const DAY = 24 * HOUR

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => session.close())

async function check(
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly string[])[],
  type: string,
  kwargs: Record<string, JsonValue>,
  options: EvaluateOptions & { readonly earlier?: readonly number[] } = {},
): Promise<CheckResult> {
  const relation = literalRelation(session, columns, { f: rows })
  const contract = contractOf(columns, [{ type, kwargs, id: 'it' }])
  const { earlier = [], ...rest } = options
  const history: readonly MetricPoint[] = earlier.map((value, index) => ({
    atMs: NOW - (earlier.length - index) * DAY,
    value,
  }))
  const results = await evaluateAll(session, contract, relation, {
    nowMs: NOW,
    history: new Map([['it', history]]),
    ...rest,
  })
  const [result] = results.get('f') ?? []
  if (result === undefined) throw new Error('no result')
  return result
}

describe('expect_row_values_to_have_recent_data', () => {
  const type = 'expect_row_values_to_have_recent_data'
  const recent = async (
    cells: readonly string[],
    kwargs: Record<string, JsonValue>,
    column = 'TIMESTAMP',
  ): Promise<CheckResult> =>
    check(
      { t: column },
      cells.map((cell) => [cell]),
      type,
      { column: 't', ...kwargs },
    )

  test('the latest value may be as old as max_age, and not older', async () => {
    const cells = ["'2024-01-31 10:00'", 'NULL', "'2023-01-01'"]
    expect(await recent(cells, { max_age: '2h' })).toMatchObject({
      outcome: 'passed',
      dimension: 'freshness',
      observedValue: '2024-01-31 10:00:00',
      message: 't not older than 2 h: the latest is 2 h old',
    })
    expect(await recent(cells, { max_age: '119m' })).toMatchObject({ outcome: 'failed' })
    expect(await recent(cells, { datepart: 'hour', interval: 2 })).toMatchObject({ outcome: 'passed' })
    expect(await recent(cells, { datepart: 'minutes', interval: 119 })).toMatchObject({ outcome: 'failed' })
  })

  test('a date counts from its midnight, a zone from UTC', async () => {
    expect(await recent(["'2024-01-30'"], { max_age: '36h' }, 'DATE')).toMatchObject({ outcome: 'passed' })
    expect(await recent(["'2024-01-30'"], { max_age: '35h' }, 'DATE')).toMatchObject({ outcome: 'failed' })
    const zoned = ["'2024-01-31 12:00:00+02'"]
    expect(await recent(zoned, { max_age: '2h' }, 'TIMESTAMPTZ')).toMatchObject({ outcome: 'passed' })
    expect(await recent(zoned, { max_age: '1h' }, 'TIMESTAMPTZ')).toMatchObject({ outcome: 'failed' })
  })

  test('a date far in the future hides how old the rest is, so it fails; a little ahead is now', async () => {
    expect(await recent(["'2024-01-31 20:00'"], { max_age: '1h' })).toMatchObject({ outcome: 'passed' })
    expect(await recent(["'2099-12-31'", "'2024-01-31 12:00'"], { max_age: '1h' })).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('in the future'),
    })
    expect(await recent(["'2024-01-31 20:00'"], { max_age: '1h', max_future: '1h' })).toMatchObject({
      outcome: 'failed',
    })
    expect(await recent(["'infinity'"], { max_age: '1h' })).toMatchObject({ outcome: 'failed' })
  })

  test('no rows, or none with a value, are not recent', async () => {
    expect(await recent([], { max_age: '1h' })).toMatchObject({ outcome: 'failed', observedValue: null })
    expect(await recent(['NULL'], { max_age: '1h' })).toMatchObject({ outcome: 'failed', missingCount: 1 })
  })

  test('without a clock it is an error, never a pass', async () => {
    const result = await check(
      { t: 'TIMESTAMP' },
      [["'2024-01-31'"]],
      type,
      { column: 't', max_age: '1h' },
      { nowMs: undefined },
    )
    expect(result).toMatchObject({ outcome: 'error', error: { code: 'CHECK_NOW' } })
  })

  test.each<readonly [kwargs: Record<string, JsonValue>, column: string, code: string]>([
    [{ max_age: '1 fortnight' }, 'TIMESTAMP', 'CHECK_KWARG'],
    [{}, 'TIMESTAMP', 'CHECK_KWARG'],
    [{ max_age: '1h', interval: 1, datepart: 'day' }, 'TIMESTAMP', 'CHECK_KWARG'],
    [{ datepart: 'eon', interval: 1 }, 'TIMESTAMP', 'CHECK_KWARG'],
    [{ datepart: 'day', interval: -1 }, 'TIMESTAMP', 'CHECK_KWARG'],
    [{ max_age: '1h', max_future: 'soon' }, 'TIMESTAMP', 'CHECK_KWARG'],
    [{ max_age: '1h' }, 'INTEGER', 'CHECK_TYPE'],
  ])('%j on %s: %s', async (kwargs, column, code) => {
    expect(await recent(['NULL'], kwargs, column)).toMatchObject({ outcome: 'error', error: { code } })
  })
})

describe('expect_table_row_count_change_to_be_between', () => {
  const change = async (
    rows: number,
    kwargs: Record<string, JsonValue>,
    earlier: readonly number[],
  ): Promise<CheckResult> =>
    check(
      { a: 'INTEGER' },
      Array.from({ length: rows }, () => ['1']),
      'expect_table_row_count_change_to_be_between',
      kwargs,
      { earlier },
    )

  test('a share of the last run, bounds included', async () => {
    expect(await change(8, { min_value: -0.2, max_value: 0.2 }, [100, 10])).toMatchObject({
      outcome: 'passed',
      dimension: 'volume',
      observedValue: 8,
      details: { change: -0.2, earlier: 10 },
    })
    expect(await change(7, { min_value: -0.2 }, [100, 10])).toMatchObject({
      outcome: 'failed',
      message: 'change in share of rows at least -0.2: -0.3, 7 rows against 10',
    })
    expect(await change(7, { min_value: -0.2, strict_min: true }, [10])).toMatchObject({ outcome: 'failed' })
  })

  test('a number of rows, and the mean of the last runs', async () => {
    expect(await change(12, { max_value: 2, unit: 'rows' }, [10])).toMatchObject({ outcome: 'passed' })
    expect(await change(13, { max_value: 2, unit: 'rows' }, [10])).toMatchObject({ outcome: 'failed' })
    // Mean of the last two of 100, 8, 12 is 10.
    expect(await change(11, { max_value: 0.1, compare_to: 'mean', window: 2 }, [100, 8, 12])).toMatchObject({
      outcome: 'passed',
      details: { change: 0.1, earlier: 10 },
    })
  })

  test('the first run passes and says so; more than nothing is infinitely more', async () => {
    expect(await change(5, { min_value: 0 }, [])).toMatchObject({
      outcome: 'passed',
      message: 'change in share of rows at least 0: no earlier run to compare with',
    })
    expect(await change(5, { max_value: 1000 }, [0])).toMatchObject({
      outcome: 'failed',
      details: { change: 'Infinity' },
    })
    expect(await change(0, { min_value: 0, max_value: 0 }, [0])).toMatchObject({ outcome: 'passed' })
  })

  test('bounds that say nothing, or contradict each other, are errors', async () => {
    expect(await change(1, {}, [])).toMatchObject({ error: { code: 'CHECK_BOUNDS' } })
    expect(await change(1, { min_value: 2, max_value: 1 }, [])).toMatchObject({ error: { code: 'CHECK_BOUNDS' } })
    expect(await change(1, { min_value: 2, window: 0 }, [])).toMatchObject({ error: { code: 'CHECK_KWARG' } })
  })
})

describe('expect_metric_to_be_normal', () => {
  const type = 'expect_metric_to_be_normal'
  const normal = async (
    cells: readonly string[],
    kwargs: Record<string, JsonValue>,
    earlier: readonly number[],
    column = 'INTEGER',
  ): Promise<CheckResult> =>
    check(
      { a: column },
      cells.map((cell) => [cell]),
      type,
      kwargs,
      { earlier },
    )
  const CELLS = ['1', '2', '6', 'NULL']

  test('learns until the fifth run', async () => {
    expect(await normal(CELLS, { metric: 'row_count' }, [1000, 1000, 1000])).toMatchObject({
      outcome: 'passed',
      message: 'row_count normal: learning, 3 of 4 earlier values',
    })
  })

  test('then says what it expected', async () => {
    // Median 100, spread 5 × 1.4826 × 1.206 = 8.94: 73.18 to 126.8.
    expect(await normal(CELLS, { metric: 'row_count' }, [90, 95, 100, 105, 110])).toMatchObject({
      outcome: 'failed',
      observedValue: 4,
      message: 'row_count normal: expected 73.18–126.8 from the last 5 values; got 4',
      details: { median: 100, earlier_values: 5 },
    })
  })

  test.each<readonly [metric: string, value: number]>([
    ['null_count', 1],
    ['null_fraction', 0.25],
    ['distinct_count', 3],
    ['mean', 3],
    ['min', 1],
    ['max', 6],
    ['sum', 9],
    ['median', 2],
    // Deviations −2, −1, 3: 14 / 2 = 7.
    ['stdev', Math.sqrt(7)],
  ])('%s of 1, 2, 6 and a NULL is %d', async (metric, value) => {
    const same = [value, value, value, value]
    const result = await normal(CELLS, { metric, column: 'a' }, same)
    expect(result).toMatchObject({ outcome: 'passed' })
    expect(result.observedValue).toBeCloseTo(value, 12)
    const other = await normal(
      CELLS,
      { metric, column: 'a' },
      same.map((item) => item + 100),
    )
    expect(other).toMatchObject({ outcome: 'failed' })
  })

  test('only in the direction that was asked for', async () => {
    const earlier = [100, 100, 100, 100]
    expect(await normal(CELLS, { metric: 'row_count', direction: 'spike' }, earlier)).toMatchObject({
      outcome: 'passed',
    })
    expect(await normal(CELLS, { metric: 'row_count', direction: 'drop' }, earlier)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('expected at least 99 from'),
    })
  })

  test('no value is not normal', async () => {
    const kwargs = { metric: 'mean', column: 'a' }
    expect(await normal(['NULL'], kwargs, [1, 1, 1, 1])).toMatchObject({ outcome: 'failed', observedValue: null })
  })

  test.each<readonly [kwargs: Record<string, JsonValue>, column: string, code: string]>([
    [{ metric: 'entropy' }, 'INTEGER', 'CHECK_KWARG'],
    [{ metric: 'mean' }, 'INTEGER', 'CHECK_KWARG'],
    [{ metric: 'row_count', column: 'a' }, 'INTEGER', 'CHECK_KWARG'],
    [{ metric: 'mean', column: 'a' }, 'VARCHAR', 'CHECK_TYPE'],
    [{ metric: 'mean', column: 'b' }, 'INTEGER', 'CHECK_COLUMN_MISSING'],
    [{ metric: 'row_count', sensitivity: 0 }, 'INTEGER', 'CHECK_KWARG'],
    [{ metric: 'row_count', window: 2 }, 'INTEGER', 'CHECK_KWARG'],
  ])('%j on %s: %s', async (kwargs, column, code) => {
    expect(await normal(['NULL'], kwargs, [], column)).toMatchObject({ outcome: 'error', error: { code } })
  })

  test('two metrics of a column keep their own history, whatever their order', async () => {
    const relation = literalRelation(session, { a: 'INTEGER' }, { f: [['1']] })
    const one = [type, { metric: 'mean', column: 'a' }] as const
    const two = [type, { metric: 'max', column: 'a' }] as const
    const ids = async (...list: readonly (typeof one | typeof two)[]): Promise<readonly (string | undefined)[]> =>
      ((await evaluateAll(session, contractOf({ a: 'INTEGER' }, list), relation)).get('f') ?? []).map(({ id }) => id)
    expect(await ids(one, two)).toEqual(['a:mean_normal', 'a:max_normal'])
    expect(await ids(two, one)).toEqual(['a:max_normal', 'a:mean_normal'])
  })

  test('of a sensitive column, neither the value nor the band is shown', async () => {
    const relation = literalRelation(session, { a: 'INTEGER' }, { f: [['12345']] })
    const base = contractOf({ a: 'INTEGER' }, [{ type, kwargs: { metric: 'max', column: 'a' }, id: 'it' }])
    const contract = { ...base, schema: { columns: { a: { type: 'INTEGER', sensitive: 'mask' as const } } } }
    const history = new Map([['it', [1, 2, 3, 4].map((atMs) => ({ atMs, value: 777 }))]])
    const results = await evaluateAll(session, contract, relation, { nowMs: NOW, history })
    expect(JSON.stringify(results.get('f'))).not.toMatch(/12345|12,345|777/)
  })
})
