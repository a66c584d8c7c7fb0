import type { ColumnSchema } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { parseSchema, type DeltaField, type DeltaType } from './delta-type.ts'
import { fits, planColumns } from './plan-columns.ts'

function fieldOf(name: string, type: DeltaType, more: Partial<DeltaField> = {}): DeltaField {
  return { name, type, nullable: true, metadata: {}, ...more }
}

function columnsOf(columns: Readonly<Record<string, string>>): readonly ColumnSchema[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }))
}

const SHAPE = { fields: [fieldOf('Id', 'long'), fieldOf('day', 'date')], partitionColumns: ['day'] }

test('columns are found whatever their case, cast to what the table has, and new ones are added', () => {
  const planned = planColumns(columnsOf({ ID: 'INTEGER', day: 'DATE', late: 'BOOLEAN' }), SHAPE, 'add_columns')
  expect(
    planned.map(({ source, field, engineType, isPartition, isNew }) => [
      source,
      field.name,
      engineType,
      isPartition,
      isNew,
    ]),
  ).toEqual([
    ['ID', 'Id', 'BIGINT', false, false],
    ['day', 'day', 'DATE', true, false],
    ['late', 'late', 'BOOLEAN', false, true],
  ])
})

describe('refused:', () => {
  test.each<[string, string, Readonly<Record<string, string>>, Partial<typeof SHAPE>, 'add_columns' | 'fail']>([
    [
      'a new column, where none may be added',
      'DELTA_SCHEMA',
      { Id: 'BIGINT', day: 'DATE', late: 'BOOLEAN' },
      {},
      'fail',
    ],
    ['a wider type', 'DELTA_SCHEMA', { Id: 'DOUBLE', day: 'DATE' }, {}, 'add_columns'],
    ['no partition column', 'DELTA_SCHEMA', { Id: 'BIGINT' }, {}, 'add_columns'],
    ['nothing but partition columns', 'DELTA_SCHEMA', { day: 'DATE' }, {}, 'add_columns'],
    [
      'a required column that is not there',
      'DELTA_SCHEMA',
      { x: 'BIGINT' },
      { fields: [fieldOf('Id', 'long', { nullable: false })], partitionColumns: [] },
      'add_columns',
    ],
    [
      'a type without a Delta type',
      'DELTA_COLUMN',
      { Id: 'TIME' },
      { fields: [], partitionColumns: [] },
      'add_columns',
    ],
    ['a blank in a name', 'DELTA_COLUMN', { 'a b': 'BIGINT' }, { fields: [], partitionColumns: [] }, 'add_columns'],
    [
      'a blank in a nested name',
      'DELTA_COLUMN',
      { s: 'STRUCT("a b" BIGINT)[]' },
      { fields: [], partitionColumns: [] },
      'add_columns',
    ],
    [
      'names that differ in case only',
      'DELTA_COLUMN',
      { a: 'BIGINT', A: 'BIGINT' },
      { fields: [], partitionColumns: [] },
      'add_columns',
    ],
    [
      'a list as a partition column',
      'DELTA_COLUMN',
      { a: 'BIGINT', l: 'BIGINT[]' },
      { fields: [], partitionColumns: ['l'] },
      'add_columns',
    ],
  ])('%s', (_, code, columns, shape, evolution) => {
    expect(() => planColumns(columnsOf(columns), { ...SHAPE, ...shape }, evolution)).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

test.each<[DeltaType, DeltaType, boolean]>([
  ['byte', 'long', true],
  ['long', 'integer', false],
  ['integer', 'double', true],
  ['long', 'double', false],
  ['short', 'float', true],
  ['integer', 'float', false],
  ['long', 'decimal(19,0)', true],
  ['long', 'decimal(20,2)', false],
  ['decimal(10,2)', 'decimal(12,4)', true],
  ['decimal(10,2)', 'decimal(12,1)', false],
  ['timestamp_ntz', 'timestamp', true],
  ['timestamp', 'timestamp_ntz', false],
  ['date', 'timestamp_ntz', false],
  ['string', 'binary', false],
])('every %s is a %s: %s', (from, to, expected) => {
  expect(fits(from, to)).toBe(expected)
})

test('a schema nested beyond all measure is an error, not a crash', () => {
  const deep = `${'{"type":"array","containsNull":true,"elementType":'.repeat(50_000)}"long"${'}'.repeat(50_000)}`
  const text = `{"type":"struct","fields":[{"name":"a","type":${deep},"nullable":true,"metadata":{}}]}`
  expect(() => parseSchema(text)).toThrow(expect.objectContaining({ code: 'DELTA_LOG_CORRUPT' }))
})
