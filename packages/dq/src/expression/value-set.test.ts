import { describe, expect, test } from 'vitest'
import type { Cell, JsonValue } from '@tidegate/core'
import { columnRef } from './column-ref.ts'
import { parseType, type DataType } from './data-type.ts'
import { FALSE } from './expression.ts'
import { inSet, memberKey, setLiterals } from './value-set.ts'

function typeOf(text: string): DataType {
  const type = parseType(text)
  if (type === undefined) throw new Error(`no type ${text}`)
  return type
}

describe('a value of the engine and a member of a contract', () => {
  test.each<[type: string, cell: Cell, member: JsonValue]>([
    ['INTEGER', 2, 2.0],
    ['INTEGER', 1, true],
    ['INTEGER', 0, false],
    ['BIGINT', 9007199254740993n, '9007199254740993'],
    ['DOUBLE', 0.1, 0.1],
    ['DOUBLE', -0, 0],
    ['DOUBLE', Infinity, 'Infinity'],
    ['FLOAT', Math.fround(0.1), 0.1],
    ['DECIMAL(18,2)', '1.50', 1.5],
    ['DECIMAL(18,2)', '1.50', '1.5'],
    ['BOOLEAN', true, 1],
    ['BOOLEAN', false, 0],
    ['DATE', '2024-01-31', '2024-01-31T00:00:00'],
    ['TIMESTAMP', '2024-01-31 10:00:00', '2024-01-31T12:00:00+02:00'],
    ['TIMESTAMPTZ', '2024-01-31 10:00:00+00', '2024-01-31T10:00:00Z'],
    ['TIME', '10:00:00', '10:00'],
    ['VARCHAR', '1', '1'],
  ])('%s: %s is %j', (type, cell, member) => {
    expect(memberKey(typeOf(type), cell)).toBeDefined()
    expect(memberKey(typeOf(type), cell)).toBe(memberKey(typeOf(type), member))
  })

  test.each<[type: string, cell: Cell, member: JsonValue]>([
    ['INTEGER', 1, '1'],
    ['INTEGER', 1, 1.5],
    ['VARCHAR', '1', 1],
    ['VARCHAR', 'true', true],
    ['BOOLEAN', true, 'true'],
    ['BOOLEAN', true, 2],
    ['DOUBLE', 1, null],
    ['DATE', '2024-01-31', '2024-01-31T00:00:01'],
    ['DATE', '2024-01-31', '2024-02-30'],
    ['TINYINT', 1, 300],
  ])('%s: %s is not %j', (type, cell, member) => {
    expect(memberKey(typeOf(type), cell)).not.toBe(memberKey(typeOf(type), member))
  })
})

test('members that mean the same are one', () => {
  const column = columnRef('x', typeOf('INTEGER'))
  expect(setLiterals(column, [1, 1.0, true, 2, null, 'a', 1.5]).size).toBe(2)
})

test('nothing is in a set that no value of the column can meet', () => {
  expect(inSet(columnRef('x', typeOf('INTEGER')), ['a', null, 0.5])).toBe(FALSE)
})
