import { join } from 'node:path'
import type { Cell, FileStatistics, Relation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columnRef } from '../expression/column-ref.ts'
import { BIGINT_TYPE, DOUBLE_TYPE, parseType } from '../expression/data-type.ts'
import { and, column, compare, FALSE, isNull, not, TRUE, type Expression } from '../expression/expression.ts'
import { metricKey, type Metric } from '../expression/metric.ts'
import { provedBy, scanned, tempFolder, writtenRelation } from '../testing/parquet-file.ts'
import { proveMetrics } from './prove-metrics.ts'

let session: Session
const folder = tempFolder()
let files = 0

beforeAll(async () => {
  session = await openDuckDB()
})

afterAll(async () => {
  await session.close()
  folder[Symbol.dispose]()
})

async function written(query: string): Promise<Relation> {
  files += 1
  return writtenRelation(session, join(folder.path, `it's ${files}.parquet`), query)
}

/** The proved value, or `unproved`. */
async function proved(relation: Relation, metric: Metric): Promise<Cell> {
  const proofs = await provedBy(session, relation, [metric])
  const values = proofs.values.get(metricKey(metric))
  return values === undefined ? 'unproved' : (values.get(relation.files[0]?.key ?? '') ?? null)
}

function count(where: Expression, among?: Expression): Metric {
  return { kind: 'count', where, among }
}

function literal(value: Cell, type?: string): Expression {
  return { op: 'literal', value, type }
}

function extreme(name: 'min' | 'max', of: Expression): Metric {
  return { kind: 'aggregate', function: name, of }
}

/** Three row groups: 0–2047, 2048–4095 without values, 4096–6143. */
const NUMBERS = 'SELECT CASE WHEN i // 2048 <> 1 THEN i END AS a, i AS b FROM range(6144) t(i)'

describe('rows of each row group add up', () => {
  const a = column('a')
  const cases: readonly (readonly [string, Metric, Cell])[] = [
    ['all rows', { kind: 'rows' }, 6144],
    ['rows with a value', { kind: 'present', of: a }, 4096],
    ['rows without', count(isNull(a)), 2048],
    ['none below the smallest', count(compare(a, '<', literal(0))), 0],
    ['all values at or above it', count(compare(a, '>=', literal(0))), 4096],
    ['a limit between two row groups: one in, one out', count(compare(a, '<', literal(4000))), 2048],
    ['a limit within a row group is not certain', count(compare(a, '<', literal(5000))), 'unproved'],
    ['NOT of NULL is NULL: nulls are in neither part', count(not(compare(a, '<', literal(4000)))), 2048],
    ['values outside of all row groups', count({ op: 'in', item: a, values: [literal(-1), literal(9999)] }), 0],
    ['a value within a row group may be there', count({ op: 'in', item: a, values: [literal(5)] }), 'unproved'],
    ['a condition on rows that leaves one row group', count(isNull(a), compare(column('b'), '<', literal(4096))), 2048],
    ['rows that a condition leaves', { kind: 'rows', among: compare(column('b'), '>=', literal(2048)) }, 4096],
    [
      'two columns, one of which decides',
      count(and([compare(a, '>', literal(-1)), compare(column('b'), '<', literal(2048))])),
      2048,
    ],
    ['min', extreme('min', a), 0],
    ['max', extreme('max', a), 6143],
    ['min among some rows is not known', { ...extreme('min', a), among: compare(a, '>', literal(5)) }, 'unproved'],
    ['min among all rows is the min', { ...extreme('min', column('b')), among: not(isNull(column('b'))) }, 0],
    ['a number is no condition', count(column('b')), 'unproved'],
    ['a number is no condition among others', count(and([TRUE, column('b')])), 'unproved'],
    ['mean is not in a footer', { kind: 'aggregate', function: 'mean', of: a }, 'unproved'],
    ['an example of rows that do not exist', { kind: 'sample', of: a, where: compare(a, '<', literal(0)) }, []],
    ['an example of rows that may', { kind: 'sample', of: a, where: isNull(a) }, 'unproved'],
  ]
  let relation: Relation
  beforeAll(async () => {
    relation = await written(NUMBERS)
  })
  test.each(cases)('%s', async (_, metric, expected) => {
    expect(await proved(relation, metric)).toEqual(expected)
  })
})

describe('what a scan might refuse, or what is not understood, is left to the scan', () => {
  const a = column('a')
  const expressions: readonly Expression[] = [
    { op: 'raw', sql: 'a > nonsense' },
    { op: 'cast', item: a, type: 'TINYINT' },
    { op: 'repeated', keys: [a] },
    isNull(column('missing')),
    compare({ op: 'arithmetic', operator: '+', left: a, right: a }, '>', literal(0)),
  ]
  test.each(expressions.map((expression) => [expression.op, expression] as const))('%s', async (_, expression) => {
    const relation = await written('SELECT 1 AS a WHERE false')
    expect(await proved(relation, count(and([FALSE, expression])))).toBe('unproved')
  })
})

test('of an empty file everything is proved', async () => {
  const relation = await written('SELECT 1 AS a WHERE false')
  const a = column('a')
  const keys = [a]
  const metrics: readonly (readonly [Metric, Cell])[] = [
    [{ kind: 'rows' }, 0],
    [count(compare(a, '=', literal(1))), 0],
    [extreme('min', a), null],
    [{ kind: 'aggregate', function: 'sum', of: a }, null],
    [{ kind: 'aggregate', function: 'distinct', of: a }, 0],
    [{ kind: 'group-count', keys, count: 'rows', where: TRUE }, 0],
    [{ kind: 'group-max', keys, where: TRUE }, 0],
    [{ kind: 'quantiles', of: a, fractions: [0.5] }, null],
  ]
  for (const [metric, expected] of metrics) expect(await proved(relation, metric), metricKey(metric)).toEqual(expected)
})

test('a column of nulls has no values to compare, to aggregate or to tell apart', async () => {
  const relation = await written('SELECT CAST(NULL AS INTEGER) AS a FROM range(3000)')
  const a = column('a')
  expect(await proved(relation, count(compare(a, '=', literal(1))))).toBe(0)
  expect(await proved(relation, count(isNull(a)))).toBe(3000)
  for (const name of ['min', 'max', 'mean', 'sum', 'median', 'stdev'] as const)
    expect(await proved(relation, { kind: 'aggregate', function: name, of: a })).toBeNull()
  expect(await proved(relation, { kind: 'aggregate', function: 'distinct', of: a })).toBe(0)
})

describe('a float column', () => {
  const ref = columnRef('x', DOUBLE_TYPE)
  const below = count(compare(ref.raw, '<', literal(0)))

  test('without NaN is proved like any other', async () => {
    const relation = await written('SELECT i / 4 AS x FROM range(3000) t(i)')
    expect(await proved(relation, ref.present)).toBe(3000)
    expect(await proved(relation, count(ref.missing))).toBe(0)
    expect(await proved(relation, extreme('max', ref.value))).toBe(749.75)
    expect(await proved(relation, below)).toBe(0)
    // -0 and 0 are equal; which of the two a scan hands out is chance.
    expect(await proved(relation, extreme('min', ref.value))).toBe('unproved')
  })

  test('with NaN anywhere is not: null counts do not count it', async () => {
    for (const place of [0, 1500, 2999]) {
      const relation = await written(
        `SELECT CASE WHEN i = ${place} THEN DOUBLE 'NaN' ELSE i END AS x FROM range(3000) t(i)`,
      )
      expect(await proved(relation, ref.present)).toBe('unproved')
      expect(await proved(relation, count(ref.missing))).toBe('unproved')
      expect(await proved(relation, extreme('max', ref.value))).toBe('unproved')
      expect(await proved(relation, { kind: 'present', of: ref.raw })).toBe(3000)
    }
  })

  test('of another writer may hold NaN: only what is true of NaN too is proved', async () => {
    const relation = await written('SELECT 1 + i / 4 AS x FROM range(3000) t(i)')
    const statistics = await session.fileStatistics([relation.files[0]?.parquet ?? ''])
    const spark = statistics.map((file) => ({ ...file, createdBy: 'parquet-mr version 1.12.3 (build x)' }))
    const above = count(compare(ref.raw, '>', literal(0)))
    const metrics = new Map([below, above, ref.present].map((metric) => [metricKey(metric), metric]))
    const { values } = proveMetrics(metrics, relation, spark)
    // NaN is not below 0. But it is above 0, and it is not present.
    expect([...values.keys()]).toEqual([metricKey(below), metricKey(above)])
    expect([...(values.get(metricKey(above))?.values() ?? [])]).toEqual([3000])
  })
})

describe('values come in the form in which the engine hands them out', () => {
  const cases: readonly (readonly [type: string, low: string, high: string, min: Cell, max: Cell])[] = [
    ['TINYINT', '-128', '127', -128, 127],
    ['SMALLINT', '-32768', '32767', -32768, 32767],
    ['INTEGER', '-2147483648', '2147483647', -2147483648, 2147483647],
    ['BIGINT', '-9223372036854775808', '9007199254740991', -9223372036854775808n, 9007199254740991],
    ['UTINYINT', '0', '255', 0, 255],
    ['USMALLINT', '0', '65535', 0, 65535],
    ['UINTEGER', '0', '4294967295', 0, 4294967295],
    ['UBIGINT', '0', '18446744073709551615', 0, 18446744073709551615n],
    ['DECIMAL(4,1)', '-999.9', '0.5', '-999.9', '0.5'],
    ['DECIMAL(9,2)', '-9999999.99', '-0.01', '-9999999.99', '-0.01'],
    ['DECIMAL(18,0)', '-999999999999999999', '1', '-999999999999999999', '1'],
    [
      'DECIMAL(38,2)',
      '-999999999999999999999999999999999999.99',
      '7',
      '-999999999999999999999999999999999999.99',
      '7.00',
    ],
    ['FLOAT', '-0.1', '3.4028235e38', Math.fround(-0.1), 3.4028234663852886e38],
    ['DOUBLE', '-0.1', '1e308', -0.1, 1e308],
    ['BOOLEAN', 'false', 'true', false, true],
    ['DATE', '0001-01-01', '9999-12-31', '0001-01-01', '9999-12-31'],
    ['TIME', '00:00:00', '23:59:59.999999', '00:00:00', '23:59:59.999999'],
    ['TIMESTAMP', '1969-12-31 23:59:59.5', '2001-01-31 13:05:00', '1969-12-31 23:59:59.5', '2001-01-31 13:05:00'],
    ['TIMESTAMP_MS', '1900-01-01', '2001-01-31 13:05:00.25', '1900-01-01 00:00:00', '2001-01-31 13:05:00.25'],
    [
      'TIMESTAMP_NS',
      '1677-09-22',
      '2001-01-31 13:05:00.000000001',
      '1677-09-22 00:00:00',
      '2001-01-31 13:05:00.000000001',
    ],
    [
      'TIMESTAMPTZ',
      '1969-12-31 23:59:59.5+02',
      '2001-01-31 13:05:00+00',
      '1969-12-31 21:59:59.5+00',
      '2001-01-31 13:05:00+00',
    ],
    ['VARCHAR', '', 'ÿ€😀', '', 'ÿ€😀'],
    ['UUID', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'unproved', 'unproved'],
    ['BLOB', '\\x00', '\\xFF', 'unproved', 'unproved'],
  ]
  test.each(cases)('%s', async (type, low, high, min, max) => {
    const relation = await written(
      `SELECT CAST(CASE i WHEN 1 THEN '${low}' WHEN 2 THEN '${high}' WHEN 3 THEN NULL ELSE '${high}' END AS ${type}) AS x FROM range(5) t(i)`,
    )
    const [schema] = relation.columns
    const ref = columnRef('x', parseType(schema?.type ?? '') ?? BIGINT_TYPE)
    const lowest = extreme('min', ref.value)
    const highest = extreme('max', ref.value)
    expect([await proved(relation, lowest), await proved(relation, highest)]).toEqual([min, max])
    if (min !== 'unproved') expect(await scanned(session, relation, [lowest, highest])).toEqual([min, max])
    expect(await proved(relation, ref.present)).toBe(4)
  })

  test('values beyond what both sides spell alike are left to the scan', async () => {
    for (const value of [`DATE '0044-03-15 (BC)'`, `TIMESTAMP 'infinity'`, `DOUBLE 'infinity'`, `repeat('z', 300)`]) {
      const relation = await written(`SELECT ${value} AS x`)
      expect(await proved(relation, extreme('max', column('x'))), value).toBe('unproved')
    }
  })
})

describe('columns are only those that are surely meant', () => {
  test('names with quotes, dots, commas and line ends are found; parts of nested columns are not taken for columns', async () => {
    const names = [`q'"u`, 'b.c', 'x, y', 'l, list, element', 'new\nline', `'; DROP TABLE t; --`]
    const select = names.map((name, index) => `${index} AS ${session.dialect.identifier(name)}`)
    const relation = await written(`SELECT ${select.join(', ')}, [7, 8] AS l, {'c': 9} AS b`)
    for (const [index, name] of names.entries())
      expect(await proved(relation, extreme('min', column(name)))).toBe(index)
    for (const name of ['l', 'b'])
      expect(await proved(relation, { kind: 'present', of: column(name) })).toBe('unproved')
  })

  test('a type other than the file has, a name of other case, or another relation proves nothing of the column', async () => {
    const relation = await written('SELECT i AS a FROM range(5) t(i)')
    const present: Metric = { kind: 'present', of: column('a') }
    const wider = { ...relation, columns: [{ name: 'a', type: 'DOUBLE' }] }
    const shouted = { ...relation, columns: [{ name: 'A', type: 'BIGINT' }] }
    expect(await proved(relation, present)).toBe(5)
    expect(await proved(wider, present)).toBe('unproved')
    expect(await proved(shouted, { kind: 'present', of: column('A') })).toBe('unproved')
    expect(await proved({ ...relation, misfitColumn: 'm' }, present)).toBe('unproved')
  })
})

test('where nulls are not counted there may be some', async () => {
  const relation = await written('SELECT i AS a FROM range(5) t(i)')
  const [footer] = await session.fileStatistics([relation.files[0]?.parquet ?? ''])
  if (footer === undefined) throw new Error('no footer')
  const columns = footer.columns.map((item) => ({
    ...item,
    rowGroups: item.rowGroups.map((chunk) => ({ ...chunk, nulls: null })),
  }))
  const a = column('a')
  const metrics: readonly (readonly [Metric, Cell | undefined])[] = [
    [{ kind: 'rows' }, 5],
    [{ kind: 'present', of: a }, undefined],
    [count(isNull(a)), undefined],
    [count(compare(a, '>=', literal(0))), undefined],
    [count(compare(a, '<', literal(0))), 0],
    [extreme('max', a), 4],
  ]
  const asked = new Map(metrics.map(([metric]) => [metricKey(metric), metric]))
  const { values } = proveMetrics(asked, relation, [{ ...footer, columns }])
  for (const [metric, expected] of metrics)
    expect(values.get(metricKey(metric))?.get(relation.files[0]?.key ?? ''), metricKey(metric)).toBe(expected)
})

describe('a footer that is not sound proves nothing', () => {
  const changes: readonly (readonly [string, Partial<FileStatistics>])[] = [
    ['rows that do not add up', { rows: 6 }],
    ['a row group that is missing', { rowGroups: 2 }],
    ['a negative row group', { rowGroupRows: [-1] }],
    ['another file', { file: '/elsewhere.parquet' }],
  ]
  test.each(changes)('%s', async (_, change) => {
    const relation = await written('SELECT i AS a FROM range(5) t(i)')
    const [footer] = await session.fileStatistics([relation.files[0]?.parquet ?? ''])
    if (footer === undefined) throw new Error('no footer')
    const metrics = new Map<string, Metric>([['rows', { kind: 'rows' }]])
    expect(proveMetrics(metrics, relation, [footer]).values.size).toBe(1)
    expect(proveMetrics(metrics, relation, [{ ...footer, ...change }]).values.size).toBe(0)
  })

  test('rows that the reader of the file counted otherwise', async () => {
    const relation = await written('SELECT i AS a FROM range(5) t(i)')
    const files = relation.files.map((file) => ({ ...file, rows: 4 }))
    expect(await proved({ ...relation, files }, { kind: 'rows' })).toBe('unproved')
  })

  test('one file that is not known leaves the metric to the scan of all', async () => {
    const relation = await written('SELECT i AS a FROM range(5) t(i)')
    const unknown = { ...relation, files: [...relation.files, { key: 'other', path: 'other' }] }
    expect((await provedBy(session, { ...unknown, files: relation.files }, [{ kind: 'rows' }])).values.size).toBe(1)
    const statistics = await session.fileStatistics([relation.files[0]?.parquet ?? ''])
    expect(proveMetrics(new Map([['rows', { kind: 'rows' }]]), unknown, statistics).values.size).toBe(0)
  })
})

test('values that cannot but be in a set: one value, or whole numbers, days and booleans that it lists without a gap', async () => {
  const relation = await written(
    `SELECT 'EUR' AS currency, CAST(1 + i % 12 AS INTEGER) AS month, i % 2 = 0 AS flag, DATE '2024-02-28' + CAST(i % 3 AS INTEGER) AS day FROM range(3000) t(i)`,
  )
  const outside = (name: string, values: readonly Expression[]): Metric =>
    count(not({ op: 'in', item: column(name), values }))
  const months = Array.from({ length: 12 }, (_, index) => literal(index + 1))
  const days = ['2024-02-28', '2024-02-29', '2024-03-01'].map((day) => literal(day, 'DATE'))
  expect(await proved(relation, outside('currency', [literal('USD'), literal('EUR')]))).toBe(0)
  expect(await proved(relation, outside('currency', [literal('USD')]))).toBe(3000)
  expect(await proved(relation, outside('month', months))).toBe(0)
  expect(await proved(relation, outside('month', months.slice(0, 11)))).toBe('unproved')
  expect(await proved(relation, outside('flag', [literal(true), literal(false)]))).toBe(0)
  expect(await proved(relation, outside('day', days))).toBe(0)
  expect(await proved(relation, outside('day', days.slice(1)))).toBe('unproved')
  expect(await proved(relation, { kind: 'aggregate', function: 'distinct', of: column('currency') })).toBe(1)
})
