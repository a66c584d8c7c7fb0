import { expect, test } from 'vitest'
import type { DeltaField, DeltaType } from './delta-type.ts'
import { toDeltaType, toEngineType } from './engine-type.ts'

function field(name: string, type: DeltaType): DeltaField {
  return { name, type, nullable: true, metadata: {} }
}

test.each<[string, DeltaType]>([
  ['BIGINT', 'long'],
  ['TINYINT', 'byte'],
  ['UBIGINT', 'decimal(20,0)'],
  ['DECIMAL(18,2)', 'decimal(18,2)'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
  ['TIMESTAMP', 'timestamp_ntz'],
  ['UUID', 'string'],
  [`ENUM('a)', 'it''s', 'b(')`, 'string'],
  ['INTEGER[]', { type: 'array', elementType: 'integer', containsNull: true }],
  ['INTEGER[3][]', { type: 'array', elementType: { type: 'array', elementType: 'integer', containsNull: true }, containsNull: true }], // prettier-ignore
  ['MAP(VARCHAR, DECIMAL(4,1))', { type: 'map', keyType: 'string', valueType: 'decimal(4,1)', valueContainsNull: true }], // prettier-ignore
  ['STRUCT("a" BIGINT, "q"", ) x" VARCHAR[], plain DATE)', { type: 'struct', fields: [field('a', 'long'), field('q", ) x', { type: 'array', elementType: 'string', containsNull: true }), field('plain', 'date')] }], // prettier-ignore
])('%s has a Delta type', (engine, delta) => {
  expect(toDeltaType(engine)).toEqual(delta)
})

test.each([
  'TIME',
  'INTERVAL',
  'BIT',
  '"NULL"',
  'TIMESTAMP_NS',
  'UNION(a INTEGER)',
  'STRUCT(a TIME)',
  'STRUCT()',
  'MAP(VARCHAR)',
  'INTEGER[',
  'DECIMAL',
  'constructor',
  '',
])('%s has none', (engine) => {
  expect(toDeltaType(engine)).toBeUndefined()
})

test('the way back names the types that the engine uses', () => {
  const type = toDeltaType('STRUCT("A b" MAP(VARCHAR, TIMESTAMP WITH TIME ZONE[]), "x""y" SMALLINT)')
  expect(type === undefined ? undefined : toEngineType(type)).toBe(
    'STRUCT("A b" MAP(VARCHAR, TIMESTAMP WITH TIME ZONE[]), "x""y" SMALLINT)',
  )
  for (const unknown of ['void', 'variant', 'interval day', { type: 'variant' } as unknown as DeltaType])
    expect(toEngineType(unknown)).toBeUndefined()
})
