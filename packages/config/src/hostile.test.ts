import { expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'
import { parseContract } from './parse-contract.ts'

const codes = (text: string): readonly string[] => {
  const result = parseConfig(text, { directory: '/project' })
  return result.kind === 'problems' ? result.problems.map(({ code }) => code) : []
}

test('tabs as indentation are named, with what to do', () => {
  const result = parseConfig('version: 1\nsources:\n\ta: 1\n', { directory: '/p' })
  expect(result).toMatchObject({
    problems: [{ code: 'CONFIG_SYNTAX', line: 3, column: 1, hint: 'YAML is indented with spaces; replace the tab.' }],
  })
})

test('a glob and a template without quotes are named, with the quotes they need', () => {
  expect(parseConfig('a: **/*.csv\n', { directory: '/p' })).toMatchObject({
    problems: [{ code: 'CONFIG_SYNTAX', line: 1, hint: 'Write it in quotes: "**/*.csv".' }],
  })
  expect(parseConfig('a: { path: lake/{dataset}, b: 1 }\n', { directory: '/p' })).toMatchObject({
    problems: [
      { code: 'CONFIG_SYNTAX', line: 1, hint: 'Inside { } a value with braces needs quotes: "lake/{dataset}".' },
    ],
  })
})

test.each(['', '\n\n', '# only a comment\n', '---\n', 'null'])('an empty file (%j) says how to begin', (text) => {
  expect(codes(text)).toEqual(['CONFIG_MISSING_KEY'])
})

test.each(['- a', 'hello', '42', '"x"'])('%s is not a map', (text) => {
  expect(codes(text)).toEqual(['CONFIG_TYPE'])
})

test('aliases that multiply are stopped', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 9; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`)
  }
  expect(codes(lines.join('\n'))).toEqual(['CONFIG_SYNTAX'])
})

test('an alias inside its own anchor is stopped', () => {
  expect(codes('a: &a [*a]')).toEqual(['CONFIG_SYNTAX'])
  expect(codes('a: &a { b: { c: *a } }')).toEqual(['CONFIG_SYNTAX'])
})

test('deep nesting is an answer, not a crash', () => {
  expect(codes('['.repeat(50_000))).toContain('CONFIG_SYNTAX')
  expect(codes(`${'['.repeat(500)}${']'.repeat(500)}`)).toEqual(['CONFIG_SYNTAX'])
})

test('a file of 1 MB is read', () => {
  const padding = '#'.repeat(80)
  const sources = Array.from(
    { length: 6000 },
    (_, index) => `  s${index}:\n    path: in/s${index}/*.csv\n    ${padding}\n`,
  )
  const text = `version: 1\nsources:\n${sources.join('')}`
  expect(text.length).toBeGreaterThan(700_000)
  const result = parseConfig(text, { directory: '/p' })
  expect(result.kind === 'ok' ? result.config.sources.length : 0).toBe(6000)
})

test('thousands of mistakes are all reported', () => {
  const sources = Array.from({ length: 2000 }, (_, index) => `  s${index}: { path: in/s${index}-*.csv, wat: 1 }\n`)
  expect(codes(`version: 1\nsources:\n${sources.join('')}`).length).toBe(2000)
})

test('__proto__ is a key like any other, and not a known one', () => {
  expect(
    codes('version: 1\n__proto__: { a: 1 }\nsources: { a: { path: a, __proto__: { duplicates: load } } }'),
  ).toEqual(['CONFIG_UNKNOWN_KEY', 'CONFIG_UNKNOWN_KEY'])
  expect(codes('version: 1\nsources: { __proto__: { path: a } }')).toEqual(['CONFIG_VALUE'])
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
})

test('constructor and toString are ordinary names', () => {
  const result = parseConfig('version: 1\nsources: { constructor: { path: a }, toString: { path: b } }', {
    directory: '/p',
  })
  expect(result.kind === 'ok' ? result.config.sources.map(({ name }) => name) : []).toEqual(['constructor', 'toString'])
})

test.each(['../a', 'a..b', '.a', '_a', 'a/b', 'a b', "a'b", 'a\nb', "'; DROP TABLE x; --", '-a', '', 'a\u0000b'])(
  '%j is no name of a source',
  (name) => {
    expect(codes(`version: 1\nsources: { ${JSON.stringify(name)}: { path: in } }`)).toEqual(['CONFIG_VALUE'])
  },
)

test('numbers that are huge, negative or no numbers are refused where a count stands', () => {
  for (const value of ['9007199254740993', '1e400', '-1', '.nan', '2.5', '0x1FFFFFFFFFFFFFFFFF']) {
    expect(codes(`version: 1\ndefaults: { workers: ${value} }\nsources: { a: { path: in } }`)).toHaveLength(1)
  }
})

test('keys that are lists or maps are refused', () => {
  expect(codes('version: 1\n? [a, b]\n: 1\nsources: { a: { path: in } }')).toEqual(['CONFIG_TYPE'])
})

test('a contract is as hard to upset as a configuration', () => {
  for (const text of ['', '- a', 'x', '['.repeat(50_000), 'a: &a [*a]', 'contract: a\ncontract: b\nversion: 1']) {
    expect(parseContract(text, 'c.yaml').kind).toBe('problems')
  }
})
