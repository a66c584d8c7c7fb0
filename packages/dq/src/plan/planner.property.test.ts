import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Cell, Session } from '@tidegate/core'
import type { CompiledCheck } from '../compile/compiled-contract.ts'
import { evaluatePlan } from '../evaluate/evaluate-checks.ts'
import { and, column, compare, isNull, not, or, type Comparison, type Expression } from '../expression/expression.ts'
import { createRegistry } from '../expectations/registry.ts'
import type { Metric } from '../expression/metric.ts'
import { planChecks } from './plan-checks.ts'
import { rowRules } from '../rows/row-rules.ts'
import { literalRelation } from '../testing/tables.ts'
import { SLOW } from '../testing/lane.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
  const rows = OTHER.map(([id, name]) => `(${id ?? 'NULL'}, ${name === null ? 'NULL' : `'${name}'`})`)
  await session.query(`CREATE TABLE other AS SELECT * FROM (VALUES ${rows.join(', ')}) t(id, name)`)
})
afterAll(() => session.close())

interface Row {
  readonly a: number | null
  readonly s: string | null
}
const OTHER: readonly (readonly [number | null, string | null])[] = [
  [1, 'x'],
  [2, 'y'],
  [2, 'y'],
  [null, 'z'],
  [3, null],
]
const a = column('a')
const s = column('s')

const row: fc.Arbitrary<Row> = fc.record({
  a: fc.option(fc.integer({ min: 0, max: 4 })),
  s: fc.option(fc.constantFrom('x', 'y', 'z')),
})
const plain: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .tuple(fc.constantFrom<Comparison>('<', '>=', '=', '<>'), fc.integer({ min: 0, max: 4 }))
    .map(([operator, value]) => compare(a, operator, { op: 'literal', value })),
  fc.constantFrom('x', 'y').map((value) => compare(s, '=', { op: 'literal', value })),
  fc.constant(isNull(s)),
)
const maybe = fc.option(plain, { nil: undefined })
const keys = fc.constantFrom<readonly Expression[]>([a], [s], [a, s])
const overRows: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .record({ keys, among: maybe, scope: fc.constantFrom<'file' | 'relation'>('file', 'relation') })
    .map((parts): Expression => ({ op: 'repeated', ...parts })),
  fc
    .tuple(fc.constantFrom<Comparison>('<', '>='), maybe)
    .map(([operator, among]) => compare({ op: 'previous', item: a, among }, operator, a)),
  fc
    .tuple(fc.constantFrom<Comparison>('<', '>='), maybe)
    .map(([operator, among]) => compare({ op: 'over-file', function: 'mean', of: a, among }, operator, a)),
  fc
    .constantFrom<readonly [readonly Expression[], readonly string[]]>(
      [[a], ['id']],
      [
        [a, s],
        ['id', 'name'],
      ],
    )
    .map(([of, columns]): Expression => ({ op: 'found-in', keys: of, table: 'other', columns })),
)
/** `repeated` means something only for rows that take part. */
const sensible = overRows.map((item) =>
  item.op === 'repeated' && item.among !== undefined ? and([item.among, item]) : item,
)
const condition: fc.Arbitrary<Expression> = fc.oneof(
  plain,
  sensible,
  sensible.map(not),
  fc.tuple(plain, sensible).map(and),
  fc.tuple(plain, sensible).map(or),
)
const among = fc.option(fc.oneof(plain, sensible), { nil: undefined })
const metric: fc.Arbitrary<Metric> = fc.oneof(
  fc.record({ kind: fc.constant('rows' as const), among }),
  fc.record({ kind: fc.constant('count' as const), where: condition, among }),
  fc.record({ kind: fc.constant('present' as const), of: fc.constant(a), among }),
  fc.record({
    kind: fc.constant('aggregate' as const),
    function: fc.constantFrom('min', 'max', 'sum', 'distinct'),
    of: fc.constant(a),
    among,
  }),
  fc.record({
    kind: fc.constant('group-count' as const),
    keys,
    count: fc.constantFrom('groups', 'rows'),
    where: fc.constant(compare({ op: 'group-size' }, '>', { op: 'literal', value: 1 })),
    among,
  }),
  fc.record({
    kind: fc.constant('group-list' as const),
    keys: fc.constant([a]),
    of: fc.constant(a),
    where: fc.constant(not(isNull(a))),
    among,
  }),
  fc.record({
    kind: fc.constant('query-count' as const),
    sql: fc.constant('SELECT * FROM {batch} WHERE a > 1'),
    among: maybe,
  }),
)
/** Nothing can answer these. */
const nowhere = column('nowhere')
const broken = fc.constantFrom<Metric>(
  { kind: 'present', of: nowhere },
  { kind: 'count', where: compare({ op: 'previous', item: nowhere }, '<', a) },
  { kind: 'count', where: { op: 'found-in', keys: [a], table: 'nowhere', columns: ['id'] } },
  { kind: 'count', where: { op: 'repeated', keys: [nowhere] } },
  { kind: 'group-max', keys: [nowhere], where: not(isNull(nowhere)) },
  { kind: 'query-count', sql: 'SELECT nowhere FROM {batch}' },
  { kind: 'rows', among: compare({ op: 'over-file', function: 'mean', of: s }, '>', a) },
)

test('metrics over any rows answer like a loop, and what is broken breaks nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { maxLength: 7 }), { minLength: 1, maxLength: 3 }),
      fc.array(metric, { minLength: 1, maxLength: 6 }),
      fc.array(broken, { maxLength: 2 }),
      async (files, asked, wrong) => {
        const results = await measureAll(files, [...asked, ...wrong])
        for (const [place, rows] of files.entries()) {
          for (const [index, item] of asked.entries())
            expect(results[place]?.[index] ?? nothingOf(item)).toEqual(measureByHand(item, rows, files))
          for (const index of wrong.keys()) expect(results[place]?.[asked.length + index]).toBe('CHECK_ENGINE')
        }
      },
    ),
    { numRuns: SLOW ? 200 : 80, seed: 20260101 },
  )
})

test('rules about rows say the same as the loop', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { maxLength: 7 }), { minLength: 1, maxLength: 3 }),
      fc.array(condition, { minLength: 1, maxLength: 4 }),
      async (files, conditions) => {
        const relation = relationOf(files)
        const checks = conditions.map((violated, index) => checkOf(index, { kind: 'count', where: violated }, violated))
        const rules = rowRules({ contract: 'c', checks, sensitive: new Map() }, relation, session.dialect)
        const { rows } = await session.query(
          `SELECT __tg_file, __tg_row, [${rules.map((rule) => rule.violatedSql).join(', ')}] FROM ${relation.sql}`,
        )
        expect(rows).toHaveLength(files.flat().length)
        for (const [file, ordinal, answers] of rows) {
          const own = files[Number(String(file).slice(1))] ?? []
          const truths = conditions.map((item) => valueOf(item, Number(ordinal), own, files) === true)
          expect(answers).toEqual(truths)
        }
      },
    ),
    { numRuns: 100, seed: 20260102 },
  )
})

function relationOf(files: readonly (readonly Row[])[]): ReturnType<typeof literalRelation> {
  const cells = (item: Row): readonly string[] => [String(item.a ?? 'NULL'), item.s === null ? 'NULL' : `'${item.s}'`]
  const named = files.map((rows, index) => [`f${index}`, rows.map(cells)] as const)
  return literalRelation(session, { a: 'INTEGER', s: 'VARCHAR' }, Object.fromEntries(named))
}

function checkOf(index: number, value: Metric, violated?: Expression): CompiledCheck {
  return {
    id: `m${index}`,
    type: 'measure',
    columns: [],
    severity: 'critical',
    dimension: 'validity',
    index,
    kwargs: {},
    answer: { kind: 'measured', metrics: { value }, description: '', violated },
  }
}

async function measureAll(
  files: readonly (readonly Row[])[],
  metrics: readonly Metric[],
): Promise<readonly (readonly Cell[])[]> {
  const checks = metrics.map((item, index) => checkOf(index, item))
  const registry = createRegistry([
    {
      type: 'measure',
      kind: 'table',
      dimension: 'validity',
      label: 'measure',
      kwargs: {},
      compile: () => ({ kind: 'problem', problem: { code: 'CHECK_KWARG', message: 'not compiled here' } }),
      judge: (_, { cell }) => ({ passed: true, message: '', observedValue: cell('value') }),
    },
  ])
  const plan = planChecks({ contract: 'c', checks, sensitive: new Map() }, relationOf(files), session.dialect)
  const { results } = await evaluatePlan(session, plan, { registry })
  return [...results.values()].map((list) => list.map((result) => result.error?.code ?? result.observedValue ?? null))
}

type Truth = boolean | number | string | null

/** The value of an expression in one row, with SQL's NULL. */
function valueOf(item: Expression, at: number, rows: readonly Row[], files: readonly (readonly Row[])[]): Truth {
  const own = rows[at]
  if (own === undefined) throw new Error('no row')
  const inner = (part: Expression): Truth => valueOf(part, at, rows, files)
  const takesPart = (filter: Expression | undefined, index: number, list: readonly Row[]): boolean =>
    filter === undefined || valueOf(filter, index, list, files) === true
  switch (item.op) {
    case 'column':
      return item.name === 'a' ? own.a : own.s
    case 'literal':
      return item.value as Truth
    case 'is-null':
      return inner(item.item) === null
    case 'not': {
      const value = inner(item.item)
      return value === null ? null : value !== true
    }
    case 'and':
    case 'or': {
      const values = new Set(item.items.map(inner))
      const decides = item.op === 'or'
      return values.has(decides) ? decides : values.has(null) ? null : !decides
    }
    case 'compare':
      return compareByHand(inner(item.left), item.operator, inner(item.right))
    case 'repeated': {
      const lists = item.scope === 'relation' ? files : [rows]
      const same = lists.flatMap((list) =>
        list.filter(
          (_, index) =>
            takesPart(item.among, index, list) &&
            item.keys.every((key) => valueOf(key, index, list, files) === inner(key)),
        ),
      )
      return same.length > 1
    }
    case 'previous': {
      const before = rows.flatMap((_, index) => {
        const value = index < at && takesPart(item.among, index, rows) ? valueOf(item.item, index, rows, files) : null
        return value === null ? [] : [value]
      })
      return before.at(-1) ?? null
    }
    case 'over-file': {
      const values = rows.flatMap((other, index) =>
        takesPart(item.among, index, rows) && other.a !== null ? [other.a] : [],
      )
      return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
    }
    case 'found-in': {
      const values = item.keys.map(inner)
      if (values.includes(null)) return null
      return OTHER.some((other) => values.every((value, index) => other[index] === value))
    }
    default:
      throw new Error(item.op)
  }
}

function compareByHand(left: Truth, operator: Comparison, right: Truth): boolean | null {
  if (left === null || right === null) return null
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '=':
      return left === right
    case '<>':
      return left !== right
  }
}

/** What no answer stands for: an engine has no group for a file without rows. */
function nothingOf({ kind, ...item }: Metric): Cell {
  if (kind === 'group-list') return []
  return kind === 'aggregate' && 'function' in item && item.function !== 'distinct' ? null : 0
}

function measureByHand(item: Metric, rows: readonly Row[], files: readonly (readonly Row[])[]): Cell {
  const truth = (expression: Expression, index: number): boolean => valueOf(expression, index, rows, files) === true
  const part = rows.flatMap((_, index) => (item.among === undefined || truth(item.among, index) ? [index] : []))
  const numbers = part.flatMap((index) => rows[index]?.a ?? [])
  switch (item.kind) {
    case 'rows':
      return part.length
    case 'present':
      return numbers.length
    case 'count':
      return part.filter((index) => truth(item.where, index)).length
    case 'aggregate': {
      if (item.function === 'distinct') return new Set(numbers).size
      if (numbers.length === 0) return null
      const sum = numbers.reduce((total, value) => total + value, 0)
      return item.function === 'sum' ? sum : Math[item.function === 'min' ? 'min' : 'max'](...numbers)
    }
    case 'group-count': {
      const sizes = groupSizes(
        part.map((index) => JSON.stringify(item.keys.map((key) => valueOf(key, index, rows, files)))),
      )
      const large = [...sizes.values()].filter((size) => size > 1)
      return item.count === 'groups' ? large.length : large.reduce((sum, size) => sum + size, 0)
    }
    case 'group-list': {
      return [...groupSizes(numbers)]
        .map(([value, count]) => ({ value, count }))
        .toSorted((left, right) => right.count - left.count || left.value - right.value)
    }
    case 'query-count':
      return numbers.filter((value) => value > 1).length
    default:
      throw new Error(item.kind)
  }
}

function groupSizes<T>(keysOfRows: readonly T[]): ReadonlyMap<T, number> {
  const sizes = new Map<T, number>()
  for (const key of keysOfRows) sizes.set(key, (sizes.get(key) ?? 0) + 1)
  return sizes
}
