import { expect, test } from 'vitest'
import { cellText } from './cell-text.ts'

test('a value is shown as it is, nested ones as JSON, whatever their size', () => {
  expect(cellText(null)).toBe('NULL')
  expect(cellText('it')).toBe('it')
  expect(cellText(9007199254740993n)).toBe('9007199254740993')
  expect(cellText({ id: 9007199254740993n, tags: ['a', null] })).toBe('{"id":"9007199254740993","tags":["a",null]}')
})
