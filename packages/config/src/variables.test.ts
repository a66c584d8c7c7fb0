import { expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'
import { parseDotEnv } from './parse-dot-env.ts'

const column = (value: string, env: Record<string, string>): unknown => {
  const text = `version: 1\nsources: { a: { path: in, watermark: { column: '${value}' } } }\n`
  const result = parseConfig(text, { directory: '/p', env })
  return result.kind === 'ok'
    ? result.config.sources[0]?.watermark?.column
    : result.problems.map(({ code, message, column: at }) => [code, message, at])
}

test.each([
  ['${A}', { A: 'x' }, 'x'],
  ['a${A}b${B}c', { A: '1', B: '2' }, 'a1b2c'],
  ['${A:-d}', {}, 'd'],
  ['${A:-d}', { A: '' }, 'd'],
  ['${A:-${B:-e}}', {}, 'e'],
  ['${A:-}x', {}, 'x'],
  ['${A:?needed}', { A: 'v' }, 'v'],
  ['$${A}', { A: 'x' }, '${A}'],
  ['$A $5 $', { A: 'x' }, '$A $5 $'],
  ['${A}', { A: '${B}' }, '${B}'],
  ['${A}', { A: '12345' }, '12345'],
])('%s with %j is %s', (value, env, expected) => {
  expect(column(value, env)).toBe(expected)
})

test('a missing variable is a problem at its own place', () => {
  // The quote opens in column 48 of the second line.
  expect(column('a${NOPE}', {})).toEqual([['CONFIG_MISSING_VARIABLE', 'variable NOPE is not set', 50]])
  expect(column('${NOPE:?ask ops}', {})).toEqual([['CONFIG_MISSING_VARIABLE', 'variable NOPE is not set: ask ops', 49]])
})

test.each(['${', '${}', '${A', '${A-b}', '${1A}', '${A B}'])('%s is not a variable', (value) => {
  expect(column(value, { A: 'x' })).toMatchObject([['CONFIG_VALUE', expect.any(String), expect.any(Number)]])
})

test('names from the prototype of objects are not variables', () => {
  expect(column('${constructor}', {})).toMatchObject([
    ['CONFIG_MISSING_VARIABLE', 'variable constructor is not set', 49],
  ])
})

test('a number or a boolean may come from a variable, and only where one is asked for', () => {
  const text = `version: 1
defaults: { workers: "\${W}" }
sources: { a: { path: in, options: { header: "\${H}", delimiter: "\${D}" } } }
`
  const result = parseConfig(text, { directory: '/p', env: { W: '7', H: 'true', D: '1' } })
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result))
  expect([result.config.workers, result.config.sources[0]?.options]).toEqual([7, { header: true, delimiter: '1' }])
})

test('what a secret variable holds is not told', () => {
  const text = 'version: 1\nsources: { a: { path: in, repair: "${API_TOKEN}" } }\n'
  const result = parseConfig(text, { directory: '/p', env: { API_TOKEN: 'hunter2' } })
  expect(result.kind).toBe('problems')
  expect(JSON.stringify(result)).not.toContain('hunter2')
})

test('.env lines are read as written', () => {
  const text = `# comment
A=1
 export B = two words # comment
C="x\\ny \\"q\\" \\$ #no"
D='raw \\n $X'
E=
F="over
two lines"
bad line
G=a#b
__proto__=p
H="open
`
  const { variables, badLines } = parseDotEnv(text)
  expect([...variables]).toEqual([
    ['A', '1'],
    ['B', 'two words'],
    ['C', 'x\ny "q" $ #no'],
    ['D', 'raw \\n $X'],
    ['E', ''],
    ['F', 'over\ntwo lines'],
    ['G', 'a#b'],
    ['__proto__', 'p'],
  ])
  expect(badLines).toEqual([9, 12])
})
