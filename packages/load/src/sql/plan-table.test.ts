import { expect, test } from 'vitest'
import { planTable } from './plan-table.ts'
import type { TableShape } from './sql-database.ts'

const database = {
  table: { schema: 's', name: 't' },
  identifier: (name: string) => `"${name}"`,
  nameKey: (name: string) => name.toLowerCase(),
  columnType: ({ type }: { readonly type: string }) => type,
  sameType: (has: string, wanted: string) => has === wanted,
  alterType: (column: string, type: string) => `WIDEN ${column} ${type}`,
  afterCreate: ['AFTER'],
}
const INT = { name: 'a', type: 'INTEGER' }
const BIG = { name: 'a', type: 'BIGINT' }
const PART = { name: '_tidegate_part', type: 'BIGINT' }
const table = (...columns: TableShape['columns']): TableShape => ({ kind: 'table', columns })

test('a table that is not there is made, with our column at its end', () => {
  expect(planTable(undefined, [INT], undefined, database)).toEqual({
    statements: [
      'CREATE SCHEMA IF NOT EXISTS "s"',
      'CREATE TABLE "s"."t" ("a" INTEGER, "_tidegate_part" BIGINT)',
      'AFTER',
    ],
    adopts: false,
    changes: [],
  })
})

test('a table that the ledger does not know must agree and be empty', () => {
  const plan = planTable(table(INT), [INT], undefined, database)
  expect(plan).toEqual({
    statements: ['ALTER TABLE "s"."t" ADD COLUMN "_tidegate_part" BIGINT', 'AFTER'],
    adopts: true,
    changes: [],
  })
  const unlogged = { kind: 'volatile', columns: [INT] } as const
  for (const has of [table(BIG), table(), unlogged, { kind: 'other', columns: [] } as const]) {
    expect(() => planTable(has, [INT], undefined, database)).toThrow(
      expect.objectContaining({ code: 'TARGET_TABLE_FOREIGN' }),
    )
  }
})

test('columns that came are added, types that grew are widened', () => {
  const grown = [BIG, { name: 'b', type: 'VARCHAR' }]
  expect(planTable(table(INT, PART), grown, [INT], database).statements).toEqual([
    'WIDEN a BIGINT',
    'ALTER TABLE "s"."t" ADD COLUMN "b" VARCHAR',
  ])
})

test('a change of type is named with the rows that it must not change', () => {
  expect(planTable(table(BIG, PART), [INT], [BIG], database).changes).toEqual([
    {
      column: 'a',
      from: 'BIGINT',
      to: 'INTEGER',
      condition: 'CAST(CAST(t."a" AS INTEGER) AS BIGINT) IS DISTINCT FROM t."a"',
    },
  ])
})

test('what somebody made narrower by hand is refused', () => {
  expect(() => planTable(table({ name: 'a', type: 'SMALLINT' }, PART), [INT], [INT], database)).toThrow('does not hold')
})

test('what somebody made wider by hand stays, and columns of theirs as well', () => {
  const theirs = { name: 'note', type: 'VARCHAR' }
  expect(planTable(table({ name: 'A', type: 'HUGEINT' }, theirs, PART), [INT], [INT], database).statements).toEqual([])
})

test('a table of ours without our column is refused', () => {
  expect(() => planTable(table(INT), [INT], [INT], database)).toThrow('has lost its column')
})
