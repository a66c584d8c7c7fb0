import { expect, test } from 'vitest'
import { isJsonParseable } from './python-json.ts'

// As json.loads of CPython 3.11.2 answers.
test.each(
  [
    [
      'NaN',
      'Infinity',
      '-Infinity',
      '[NaN]',
      '{"a":NaN}',
      '"NaN"',
      '"a\\"NaN"',
      '{"Infinity":-Infinity}',
      '[NaN,"NaN\\\\"]',
    ],
    ['{}', '[]', ' 1 ', '\t[1,\r\n2]\n', '-0', '1e5', '1E+5', '1e400', '"\\ud800"', '"\\/"', '"\x7f"', '"\u2028"'],
    ['true', 'null', '{"a":1,"a":2}', '123456789012345678901234567890', `1${'0'.repeat(5000)}.5`, '9'.repeat(4300)],
  ].flat(),
)('json.loads accepts %j', (text) => {
  expect(isJsonParseable(text)).toBe(true)
})

test.each(
  [
    [
      '-NaN',
      '+Infinity',
      '{NaN:1}',
      '1NaN',
      'NaN1',
      'nan',
      'NaNNaN',
      '-Infinity1',
      '- Infinity',
      '--Infinity',
      'Infinit',
    ],
    [
      '',
      '  ',
      '\ufeff1',
      '01',
      '1.',
      '.5',
      '0x1',
      '-',
      '--1',
      '- 1',
      '\u0661',
      '"a\tb"',
      '"\\u12"',
      '"\\x"',
      "'a'",
      '"a',
    ],
    ['True', 'None', 'undefined', '[1,]', '[,1]', '{"a":1,}', '{1:2}', '[1 2]', '{"a" 1}', '[1', '{"a":1}{"b":2}'],
    ['// c', '/**/1', '\u00a01', '\x0b1', '1\0', '"\\"', '9'.repeat(4301)],
    ['['.repeat(1000) + ']'.repeat(1000), '{"a":'.repeat(1000) + '1' + '}'.repeat(1000)],
  ].flat(),
)('json.loads refuses %j', (text) => {
  expect(isJsonParseable(text)).toBe(false)
})

test('nesting below Python’s limit is accepted', () => {
  expect(isJsonParseable('['.repeat(900) + ']'.repeat(900))).toBe(true)
  expect(isJsonParseable(`[${'[],'.repeat(5000)}[]]`)).toBe(true)
})
