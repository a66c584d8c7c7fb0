import { join } from 'node:path'
import type { Relation } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { expect, test } from 'vitest'
import { columnRef } from '../expression/column-ref.ts'
import { parseType, type DataType } from '../expression/data-type.ts'
import { and, compare, isNull, NAN, not, or, type Comparison, type Expression } from '../expression/expression.ts'
import { metricKey, type Metric } from '../expression/metric.ts'
import { provedBy, scanned, tempFolder, writtenRelation } from '../testing/parquet-file.ts'

/** SQL of the value number `n` of each type, and a literal of the same value as our expressions write it. */
const TYPES: Readonly<Record<string, readonly [sql: (n: string) => string, literal: (n: number) => Expression]>> = {
  INTEGER: [(n) => `CAST(${n} AS INTEGER)`, (n) => ({ op: 'literal', value: n })],
  BIGINT: [
    (n) => `9007199254740990 + ${n}`,
    (n) => ({ op: 'literal', value: 9007199254740990n + BigInt(n), type: 'BIGINT' }),
  ],
  UTINYINT: [(n) => `CAST(100 + ${n} AS UTINYINT)`, (n) => ({ op: 'literal', value: 100 + n })],
  DOUBLE: [(n) => `CAST(${n} AS DOUBLE) / 8`, (n) => ({ op: 'literal', value: n / 8 })],
  FLOAT: [(n) => `CAST(${n} AS FLOAT) / 8`, (n) => ({ op: 'literal', value: n / 8, type: 'FLOAT' })],
  'DECIMAL(9,2)': [
    (n) => `CAST(${n} AS DECIMAL(9,2)) * 0.25`,
    (n) => ({ op: 'literal', value: (n / 4).toFixed(2), type: 'DECIMAL(9,2)' }),
  ],
  VARCHAR: [(n) => `'é' || CAST(100 + ${n} AS VARCHAR)`, (n) => ({ op: 'literal', value: `é${100 + n}` })],
  DATE: [
    (n) => `DATE '1970-01-01' + CAST(${n} AS INTEGER)`,
    (n) => ({ op: 'literal', value: new Date(n * 86_400_000).toISOString().slice(0, 10), type: 'DATE' }),
  ],
  TIMESTAMP: [
    (n) => `TIMESTAMP '1970-01-01' + to_milliseconds(${n})`,
    (n) => ({ op: 'literal', value: new Date(n).toISOString().replace('T', ' ').replace('Z', ''), type: 'TIMESTAMP' }),
  ],
  BOOLEAN: [(n) => `(${n}) > 0`, (n) => ({ op: 'literal', value: n > 0 })],
}

test('on random tables and conditions, what footers prove is what a scan counts', async () => {
  const session = await openDuckDB()
  using folder = tempFolder()
  let proved = 0
  let asked = 0
  for (let seed = 1; seed <= 24; seed += 1) {
    const random = seededRandom(seed)
    const types = Object.keys(TYPES)
    const columns = Array.from({ length: 4 }, (_, index) => [`c${index}`, types[random(types.length)] ?? ''] as const)
    const select = columns.map(([name, type]) => `${columnSql(type, random)} AS ${name}`)
    const query = `SELECT ${select.join(', ')} FROM range(6144) t(i)`
    const relation = await writtenRelation(session, join(folder.path, `${seed}.parquet`), query)
    const metrics = randomMetrics(columns, random)
    const proofs = await provedBy(session, relation, metrics)
    const certain = metrics.filter((metric) => proofs.values.has(metricKey(metric)))
    expect(valuesOf(proofs.values, certain, relation), `seed ${seed}: ${query}`).toEqual(
      await scanned(session, relation, certain),
    )
    proved += certain.length
    asked += metrics.length
  }
  await session.close()
  // Many must be proved, or the test would prove nothing.
  expect(proved / asked).toBeGreaterThan(0.3)
}, 60_000)

function valuesOf(
  values: ReadonlyMap<string, ReadonlyMap<string, unknown>>,
  metrics: readonly Metric[],
  { files }: Relation,
): unknown[] {
  return metrics.map((metric) => values.get(metricKey(metric))?.get(files[0]?.key ?? ''))
}

/** Each of the three row groups is all null, one constant, or a stretch of values, with or without nulls. */
function columnSql(type: string, random: Random): string {
  const sql = TYPES[type]?.[0] ?? ((n: string) => n)
  const groups = [0, 1, 2].map((group) => {
    const shape = random(5)
    if (shape === 0) return `WHEN ${group} THEN NULL`
    const value = sql(`(${random(60) - 30}${shape === 1 ? '' : ` + CAST(hash(i + ${random(1000)}) % 12 AS INTEGER)`})`)
    const withNaN = type === 'DOUBLE' && random(3) === 0 ? `CASE WHEN i % 7 = 3 THEN 'NaN' ELSE ${value} END` : value
    return `WHEN ${group} THEN ${shape < 4 ? withNaN : `CASE WHEN i % 5 <> 2 THEN ${withNaN} END`}`
  })
  return `CAST(CASE i // 2048 ${groups.join(' ')} END AS ${type})`
}

type Columns = readonly (readonly [name: string, type: string])[]

function randomMetrics(columns: Columns, random: Random): Metric[] {
  const metrics: Metric[] = [{ kind: 'rows' }]
  for (const [name, type] of columns) {
    const ref = columnRef(name, dataType(type))
    metrics.push(ref.present, { kind: 'count', where: ref.missing })
    for (const aggregate of ['min', 'max', 'distinct'] as const)
      metrics.push({ kind: 'aggregate', function: aggregate, of: ref.value })
  }
  for (let index = 0; index < 60; index += 1) {
    const where = condition(columns, random, 2)
    const among = random(4) === 0 ? condition(columns, random, 1) : undefined
    metrics.push({ kind: 'count', where, among })
  }
  return [...new Map(metrics.map((metric) => [metricKey(metric), metric])).values()]
}

function condition(columns: Columns, random: Random, depth: number): Expression {
  const kind = random(depth > 0 ? 10 : 6)
  if (kind >= 6) {
    const items = Array.from({ length: 1 + random(3) }, () => condition(columns, random, depth - 1))
    return kind === 6 ? not(and(items)) : kind < 9 ? and(items) : or(items)
  }
  const [name, type] = columns[random(columns.length)] ?? ['', '']
  const ref = columnRef(name, dataType(type))
  const literal = TYPES[type]?.[1] ?? (() => NAN)
  const near = (): Expression => literal(random(80) - 40)
  switch (kind) {
    case 0:
      return isNull(ref.value)
    case 1:
      return { op: 'in', item: ref.value, values: Array.from({ length: 1 + random(3) }, near) }
    case 2:
      return ref.type.class === 'float' ? compare(ref.raw, '<', NAN) : { op: 'same', left: ref.raw, right: near() }
    default:
      return compare(ref.raw, OPERATORS[random(OPERATORS.length)] ?? '=', near())
  }
}

const OPERATORS: readonly Comparison[] = ['<', '<=', '>', '>=', '=', '<>']

function dataType(text: string): DataType {
  const type = parseType(text)
  if (type === undefined) throw new Error(text)
  return type
}

type Random = (below: number) => number

/** A linear congruential generator: the same tables in every run. */
function seededRandom(seed: number): Random {
  let state = seed * 2654435761
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
