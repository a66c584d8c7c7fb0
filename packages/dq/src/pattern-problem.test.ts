import { expect, test } from 'vitest'
import { patternProblem, re2Problem } from './pattern-problem.ts'

test.each([
  '',
  '^a|b$',
  '[]a]',
  '[^]]',
  '[[:alpha:]_]+',
  '(?i)x',
  '(?P<n>a)',
  '(?:a)?',
  'a+?',
  '\\(',
  '\\Q(\\E',
  'a{2,3}',
  '[(]',
  '(|a)',
])('%s is fine', (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined()
})

test.each(['[a', '(', 'a)', '*a', 'a**', '+', '(?:*)', 'a|*', 'a\\', '[\\]', '\0'])('%j is broken', (pattern) => {
  expect(patternProblem(pattern)).toBeTypeOf('string')
})

test.each(['(?=a)', '(?!a)', '(?<=a)b', '(?<!a)b', '(a)\\1', '(?P<n>a)(?P=n)'])('%s is beyond RE2', (pattern) => {
  expect(re2Problem(pattern)).toBeTypeOf('string')
})

test.each(['\\(?=', '(?<name>a)', '\\\\1', '[0-9]\\d'])('%s is not beyond RE2', (pattern) => {
  expect(re2Problem(pattern)).toBeUndefined()
})
