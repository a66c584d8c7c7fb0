import { expect, test } from 'vitest'
import { sensitiveWord } from './sensitive-name.ts'
import { TEXT_CLASSES, looksPersonal } from './text-class.ts'

const EXAMPLES: readonly (readonly [string, string | undefined])[] = [
  ['123e4567-e89b-12d3-a456-426614174000', 'uuid'],
  ['ada@example.org', 'email'],
  ['not@an address.org', undefined],
  ['https://example.org/a?b=c', 'url'],
  ['192.168.0.1', 'ip'],
  ['2001:db8::ff00:42:8329', 'ip'],
  ['2001-01-31', 'iso date'],
  ['2001-01-31T13:05:00Z', 'iso timestamp'],
  ['2001-01-31 13:05:00.25+01:00', 'iso timestamp'],
  ['DE89 3704 0044 0532 0130 00', 'iban'],
  ['GB82WEST12345698765432', 'iban'],
  ['10115', 'digits'],
  ['0301234567', 'digits'],
  ['+49 30 1234567', 'phone'],
  ['(030) 123-4567', 'phone'],
  ['212-555-0123', 'phone'],
  ['01-02-2003', undefined],
  ['JFK', 'upper-case letters'],
  ['Jfk', undefined],
]

test.each(EXAMPLES)('%s is of class %s', (text, expected) => {
  expect(TEXT_CLASSES.find((item) => new RegExp(item.pattern).test(text))?.name).toBe(expected)
})

test('a text with an address in it looks personal, a code does not', () => {
  expect(looksPersonal('Ada <ada@example.org>')).toBe(true)
  expect(looksPersonal(' +49 30 1234567 ')).toBe(true)
  expect(looksPersonal('10115')).toBe(false)
  expect(looksPersonal('2001-01-31')).toBe(false)
})

test('names speak of personal data in any spelling, as words', () => {
  expect(sensitiveWord('customerEmail', 'VARCHAR', 'text')).toBe('email')
  expect(sensitiveWord('E_MAIL', 'VARCHAR', 'text')).toBe('email')
  expect(sensitiveWord('home phone', 'BIGINT', 'integer')).toBe('phone')
  expect(sensitiveWord('IBAN', 'VARCHAR', 'text')).toBe('iban')
  expect(sensitiveWord('contact', 'STRUCT(email VARCHAR, age INTEGER)', 'nested')).toBe('email')
  expect(sensitiveWord('hotel', 'VARCHAR', 'text')).toBeUndefined()
  expect(sensitiveWord('email_sent', 'BOOLEAN', 'boolean')).toBeUndefined()
})
