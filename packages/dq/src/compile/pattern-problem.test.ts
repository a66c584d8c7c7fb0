import { expect, test } from 'vitest'
import { re2Problem } from './pattern-problem.ts'

test.each(['(?=a)', '(?!a)', '(?<=a)b', '(?<!a)b', '(a)\\1', '(?P<n>a)(?P=n)'])('%s is beyond RE2', (pattern) => {
  expect(re2Problem(pattern)).toBeTypeOf('string')
})

test.each(['\\(?=', '(?<name>a)', '\\\\1', '[0-9]\\d', '\\Q(?=\\E'])('%s is not beyond RE2', (pattern) => {
  expect(re2Problem(pattern)).toBeUndefined()
})
