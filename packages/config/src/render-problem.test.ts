import { expect, test } from 'vitest'
import type { Problem } from './problem.ts'
import { renderProblem } from './render-problem.ts'

const PROBLEM: Problem = {
  code: 'CONFIG_UNKNOWN_KEY',
  severity: 'error',
  message: 'unknown key "threshhold" in `gate`',
  file: 'tidegate.yaml',
  line: 14,
  column: 13,
  endColumn: 23,
  hint: 'Did you mean `threshold`?',
  excerpt: '    gate: { threshhold: 95 }',
}

test('the place, the line, carets below what is meant, and the hint', () => {
  expect(renderProblem(PROBLEM)).toBe(`error[CONFIG_UNKNOWN_KEY]: unknown key "threshhold" in \`gate\`
  --> tidegate.yaml:14:13
   |
14 |     gate: { threshhold: 95 }
   |             ^^^^^^^^^^
   = hint: Did you mean \`threshold\`?`)
})

test('without a place there is no excerpt', () => {
  expect(renderProblem({ code: 'CONFIG_VALUE', severity: 'warning', message: 'm', file: 'f' })).toBe(
    'warning[CONFIG_VALUE]: m\n--> f',
  )
})

test('colour changes nothing but the colour', () => {
  const coloured = renderProblem(PROBLEM, { color: true })
  expect(coloured).toContain('\u001B[1;31m')
  // oxlint-disable-next-line no-control-regex
  expect(coloured.replaceAll(/\u001B\[[\d;]*m/g, '')).toBe(renderProblem(PROBLEM))
})

test('control characters of the file do not reach the terminal', () => {
  const evil = { ...PROBLEM, message: 'a\u001B[2Jb', excerpt: '\tx: \u001B]0;t\u0007\u202E y', column: 2, endColumn: 3 }
  expect(renderProblem(evil)).not.toContain('\u001B')
  expect(renderProblem(evil)).not.toContain('\u202E')
  expect(renderProblem(evil).split('\n')[4]).toBe('   |   ^')
})

test('wide characters take two columns', () => {
  const lines = renderProblem({ ...PROBLEM, excerpt: '航班: 值x', column: 5, endColumn: 7 }).split('\n')
  expect(lines[4]).toBe('   |       ^^^')
})

test('a long line is cut around the place', () => {
  const excerpt = `${'a'.repeat(300)}X${'b'.repeat(90)}`
  const lines = renderProblem({ ...PROBLEM, excerpt, column: 301, endColumn: 302 }).split('\n')
  expect(lines[3]?.length).toBeLessThan(160)
  expect(lines[3]?.[(lines[4] ?? '').indexOf('^')]).toBe('X')
})
