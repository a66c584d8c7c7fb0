import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { compileScope } from '../compile/compile-contract.ts'
import { renderExpression } from '../expression/render-expression.ts'
import { contractOf, literalRelation } from '../testing/tables.ts'
import { parseRowCondition } from './parse-row-condition.ts'

// Random conditions are printed in each language, parsed, and asked of the engine; what they mean is said by a model of a
// few lines, in SQL's three-valued logic and in pandas' two-valued one.

type Value = number | string | boolean
type Row = Readonly<Record<string, Value | null>>
type Tree =
  | { readonly op: 'compare'; readonly column: string; readonly operator: string; readonly value: Value }
  | { readonly op: 'columns'; readonly left: string; readonly operator: string; readonly right: string }
  | { readonly op: 'in'; readonly column: string; readonly values: readonly Value[] }
  | { readonly op: 'null'; readonly column: string }
  | { readonly op: 'and' | 'or'; readonly items: readonly Tree[] }
  | { readonly op: 'not'; readonly item: Tree }

const TYPES = { n: 'INTEGER', 'x y': 'DOUBLE', s: 'VARCHAR', b: 'BOOLEAN' } as const
const NUMBERS = [-3, 0, 1, 2, 2.5, 7]
const TEXTS = ['', 'a', 'B', "it's", 'x or y', '--', 'ü%_']
const ROWS: readonly Row[] = [
  { n: 1, 'x y': 2.5, s: 'a', b: true },
  { n: 2, 'x y': 2, s: "it's", b: false },
  { n: null, 'x y': 0, s: '--', b: null },
  { n: 7, 'x y': null, s: null, b: true },
  { n: -3, 'x y': -3, s: 'x or y', b: false },
  { n: 0, 'x y': 7, s: '', b: null },
  { n: null, 'x y': null, s: 'ü%_', b: null },
]

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(async () => session.close())

const OPERATORS = ['<', '<=', '>', '>=', '==', '!='] as const
const trees = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      op: fc.constant('compare' as const),
      column: fc.constantFrom('n', 'x y'),
      operator: fc.constantFrom(...OPERATORS),
      value: fc.constantFrom(...NUMBERS),
    }),
    fc.record({
      op: fc.constant('compare' as const),
      column: fc.constant('s'),
      operator: fc.constantFrom('==', '!='),
      value: fc.constantFrom(...TEXTS),
    }),
    fc.record({
      op: fc.constant('columns' as const),
      left: fc.constantFrom('n', 'x y'),
      operator: fc.constantFrom(...OPERATORS),
      right: fc.constantFrom('n', 'x y'),
    }),
    fc.record({
      op: fc.constant('in' as const),
      column: fc.constantFrom('n', 'x y'),
      values: fc.array(fc.constantFrom(...NUMBERS), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('null' as const), column: fc.constantFrom('n', 'x y', 's', 'b') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      items: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), item: tie('tree') }),
  ),
})).tree

const LANGUAGES = {
  sql: {
    column: (name: string) => (name === 'x y' ? '"x y"' : name.toUpperCase()),
    text: (value: string) => `'${value.replaceAll("'", "''")}'`,
    equals: '=',
    in: (column: string, list: string) => `${column} IN (${list})`,
    null: (column: string) => `${column} IS NULL`,
    words: [' AND ', ' OR ', 'NOT '],
  },
  spark: {
    column: (name: string) => `\`${name}\``,
    text: (value: string) => JSON.stringify(value),
    equals: '==',
    in: (column: string, list: string) => `${column} in (${list})`,
    null: (column: string) => `${column} is null`,
    words: [' and ', ' or ', 'not '],
  },
  pandas: {
    column: (name: string) => (name === 'x y' ? '`x y`' : name),
    text: (value: string) => JSON.stringify(value),
    equals: '==',
    in: (column: string, list: string) => `${column} in [${list}]`,
    null: (column: string) => `${column}.isnull()`,
    words: [' & ', ' | ', '~'],
  },
  great_expectations: {
    column: (name: string) => `col("${name}")`,
    text: (value: string) => `"${value}"`,
    equals: '==',
    in: (column: string, list: string) => `${column}.is_in([${list}])`,
    null: (column: string) => `${column}.isNull()`,
    words: [' & ', ' | ', '~'],
  },
} as const

type Language = keyof typeof LANGUAGES

function printed(tree: Tree, language: Language): string {
  const { column, text, equals, words, ...say } = LANGUAGES[language]
  const value = (item: Value): string => (typeof item === 'string' ? text(item) : String(item))
  const operator = (item: string): string =>
    item === '==' ? equals : item === '!=' && language === 'sql' ? '<>' : item
  switch (tree.op) {
    case 'compare':
      return `${column(tree.column)} ${operator(tree.operator)} ${value(tree.value)}`
    case 'columns':
      return `${column(tree.left)} ${operator(tree.operator)} ${column(tree.right)}`
    case 'in':
      return say.in(column(tree.column), tree.values.map(value).join(', '))
    case 'null':
      return say.null(column(tree.column))
    case 'not':
      return `${words[2]}(${printed(tree.item, language)})`
    default:
      return tree.items.map((item) => `(${printed(item, language)})`).join(words[tree.op === 'and' ? 0 : 1])
  }
}

/** True, false, or null: not known. */
function meaning(tree: Tree, row: Row, twoValued: boolean): boolean | null {
  const compared = (left: Value | null, operator: string, right: Value | null): boolean | null => {
    if (left === null || right === null) return twoValued ? operator === '!=' : null
    switch (operator) {
      case '<':
        return left < right
      case '<=':
        return left <= right
      case '>':
        return left > right
      case '>=':
        return left >= right
      case '==':
        return left === right
      default:
        return left !== right
    }
  }
  const of = (name: string): Value | null => row[name] ?? null
  switch (tree.op) {
    case 'compare':
      return compared(of(tree.column), tree.operator, tree.value)
    case 'columns':
      return compared(of(tree.left), tree.operator, of(tree.right))
    case 'in': {
      const value = of(tree.column)
      return value === null ? (twoValued ? false : null) : tree.values.includes(value)
    }
    case 'null':
      return of(tree.column) === null
    case 'not': {
      const inner = meaning(tree.item, row, twoValued)
      return inner === null ? null : !inner
    }
    default: {
      const parts = tree.items.map((item) => meaning(item, row, twoValued))
      const decisive = tree.op === 'or'
      if (parts.some((part) => part === decisive)) return decisive
      return parts.some((part) => part === null) ? null : !decisive
    }
  }
}

test.each(Object.keys(LANGUAGES) as Language[])('any %s condition selects the rows that it means', async (language) => {
  const literal = (value: Value | null): string =>
    value === null ? 'NULL' : typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
  const cells = ROWS.map((row) => Object.keys(TYPES).map((name) => literal(row[name] ?? null)))
  const relation = literalRelation(session, TYPES, { f: cells })
  const scope = compileScope(contractOf(TYPES, []), relation.columns)
  await fc.assert(
    fc.asyncProperty(fc.array(trees, { minLength: 1, maxLength: 8 }), async (conditions) => {
      const selects = conditions.map((tree) => {
        const parsed = parseRowCondition(printed(tree, language), language, scope)
        if (parsed.kind !== 'condition') throw new Error(JSON.stringify(parsed))
        const sql = renderExpression(parsed.condition, { dialect: session.dialect, relation })
        return `coalesce(list(__tg_row ORDER BY __tg_row) FILTER (WHERE ${sql}), [])`
      })
      const { rows } = await session.query(`SELECT ${selects.join(', ')} FROM ${relation.sql}`)
      const expected = conditions.map((tree) =>
        ROWS.flatMap((row, index) =>
          meaning(tree, row, language === 'pandas' || language === 'great_expectations') === true ? [index] : [],
        ),
      )
      expect(rows[0]).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
