import { expect, test } from 'vitest'
import { parseYamlValue } from './parse-yaml-value.ts'

test('YAML of any shape becomes plain values', () => {
  expect(parseYamlValue('- a: 1\n  b: [x, null, 2.5, true]\n', 'f.yml')).toEqual({
    kind: 'ok',
    value: [{ a: 1, b: ['x', null, 2.5, true] }],
    warnings: [],
  })
})

test('integers beyond what a number holds keep their digits', () => {
  expect(parseYamlValue('9007199254740993', 'f.yml')).toMatchObject({ value: '9007199254740993' })
})

test('an empty file and broken syntax are problems with a place', () => {
  expect(parseYamlValue('', 'f.yml')).toMatchObject({
    kind: 'problems',
    problems: [{ code: 'CONFIG_MISSING_KEY', line: 1 }],
  })
  expect(parseYamlValue('a: [1', 'f.yml')).toMatchObject({ kind: 'problems', problems: [{ code: 'CONFIG_SYNTAX' }] })
})

test('a hundred nested lists are refused', () => {
  expect(parseYamlValue('['.repeat(200) + ']'.repeat(200), 'f.yml').kind).toBe('problems')
})
