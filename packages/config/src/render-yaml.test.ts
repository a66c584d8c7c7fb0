import { expect, test } from 'vitest'
import { parseYamlValue } from './parse-yaml-value.ts'
import { renderYaml } from './render-yaml.ts'

test('maps and lists are blocks, short lists stay on one line', () => {
  expect(renderYaml({ a: 1, b: { c: ['x', 2] }, d: [{ e: 'yes' }, { f: [] }] })).toBe(
    ['a: 1', 'b:', '  c: [x, 2]', 'd:', '  - e: "yes"', '  - f: []', ''].join('\n'),
  )
})

test('every value comes back from the parser', () => {
  const value = {
    'a: b': "it's\n# no comment",
    '__proto__ ': [null, true, -0.5, '007', ['nested', []], { deep: [{ x: {} }] }],
    '': '- dash',
    long: Array.from({ length: 50 }, (_, index) => `item ${index}`),
    [`k${'y'.repeat(1100)}`]: { m: [1] },
  }
  expect(parseYamlValue(renderYaml(value), 'f')).toMatchObject({ kind: 'ok', value })
  expect(parseYamlValue(renderYaml(['x']), 'f')).toMatchObject({ value: ['x'] })
  expect(parseYamlValue(renderYaml('x'), 'f')).toMatchObject({ value: 'x' })
})
