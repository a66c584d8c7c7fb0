import type { CheckResult } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import { renderGithubAnnotations } from './render-github-annotations.ts'
import { renderJUnit } from './render-junit.ts'
import { renderGithubSummary, renderMarkdown } from './render-markdown.ts'
import { assertWellFormed } from '../testing/assert-well-formed.ts'

const HOSTILE = 'a<b>&"\'|`]]>\n\r\t,:%\u0000\u001b[31m\ud800 ::error::x\u2028'

function result(over: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 'x:between',
    type: 'expect_column_values_to_be_between',
    columns: ['x'],
    severity: 'critical',
    dimension: 'validity',
    outcome: 'failed',
    rowLevel: true,
    message: 'x between 0 and 1: 2 of 10 rows outside',
    elementCount: 10,
    unexpectedCount: 2,
    unexpectedPercent: 20,
    partialUnexpected: [5, -5],
    provedBy: 'scan',
    ...over,
  }
}

const REPORT = {
  name: 'calls',
  score: 66.666,
  verdict: 'hold',
  files: [
    {
      path: 'a.parquet',
      results: [
        result({ id: 'ok', outcome: 'passed' }),
        result({ id: 'bad' }),
        result({ id: 'warn', severity: 'warning' }),
        result({ id: 'info', severity: 'info' }),
        result({ id: 'broken', outcome: 'error', error: { code: 'CHECK_TYPE', message: 'no' } }),
      ],
    },
  ],
}

describe('JUnit', () => {
  test('one suite per file, one case per check', () => {
    const xml = renderJUnit(REPORT, { seconds: 1.5 })
    assertWellFormed(xml)
    expect(xml).toContain('<testsuites name="calls" tests="5" failures="1" errors="1" skipped="2" time="1.500">')
    expect(xml).toContain('<testcase name="ok" classname="a.parquet"/>')
    expect(xml).toContain('<failure message="x between 0 and 1: 2 of 10 rows outside" type="critical">')
    expect(xml).toContain('examples: 5, -5')
    expect(xml).toContain('type="CHECK_TYPE"')
    expect(renderJUnit(REPORT, { strict: true })).toContain('failures="3" errors="1" skipped="0"')
  })
  test('hostile names, messages and values stay text', () => {
    const file = { path: HOSTILE, results: [result({ id: HOSTILE, message: HOSTILE, partialUnexpected: [HOSTILE] })] }
    const xml = renderJUnit({ name: HOSTILE, files: [file] })
    assertWellFormed(xml)
    for (const character of ['\u0000', '\u001b']) expect(xml).not.toContain(character)
  })
  test('without files it is well-formed too', () => {
    assertWellFormed(renderJUnit({ name: '', files: [] }))
  })
})

describe('GitHub annotations', () => {
  test('errors, warnings and notices', () => {
    expect(renderGithubAnnotations(REPORT).trim().split('\n')).toEqual([
      '::error file=a.parquet,title=bad::x between 0 and 1: 2 of 10 rows outside (5, -5)',
      '::error file=a.parquet,title=broken::x between 0 and 1: 2 of 10 rows outside (5, -5)',
      '::warning file=a.parquet,title=warn::x between 0 and 1: 2 of 10 rows outside (5, -5)',
      '::notice file=a.parquet,title=info::x between 0 and 1: 2 of 10 rows outside (5, -5)',
    ])
  })
  test('line breaks, colons, commas and percent signs are escaped', () => {
    const text = renderGithubAnnotations({
      name: 'n',
      files: [{ path: 'a,b:c.csv', results: [result({ id: 'i%', message: 'x\ny\r%', partialUnexpected: [] })] }],
    })
    expect(text).toBe('::error file=a%2Cb%3Ac.csv,title=i%25::x%0Ay%0D%25\n')
  })
  test('ten of a kind at most, the tenth says how many more', () => {
    const results = Array.from({ length: 25 }, (_, index) => result({ id: `c${index}` }))
    const lines = renderGithubAnnotations({ name: 'n', files: [{ path: 'f', results }] })
      .trim()
      .split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[9]).toBe('::error title=n%3A 16 more::16 more checks of this kind; GitHub shows 10')
    expect(
      renderGithubAnnotations({ name: 'n', files: [{ path: 'f', results: results.slice(0, 10) }] }).match(/::error/g),
    ).toHaveLength(10)
  })
  test('nothing failed: nothing is said', () => {
    expect(
      renderGithubAnnotations({ name: 'n', files: [{ path: 'f', results: [result({ outcome: 'passed' })] }] }),
    ).toBe('')
  })
})

describe('Markdown', () => {
  test('the verdict first, then what failed, worst first, then all', () => {
    const lines = renderMarkdown(REPORT).split('\n')
    expect(lines[2]).toBe(
      '**hold** · 1 of 5 checks passed in 1 file · 1 could not be evaluated · 1 failed · 1 warned · 1 noted · score 66.66',
    )
    // One of five passed: 20 percent.
    expect(lines[4]).toBe('Scores: validity 20 (5)')
    const ids = lines.flatMap((line) => /^\| [^|]* \| <code>([a-z]+)<\/code>/.exec(line)?.[1] ?? [])
    expect(ids).toEqual(['broken', 'bad', 'warn', 'info', 'ok', 'bad', 'warn', 'info', 'broken'])
    expect(lines.find((line) => line.includes('bad'))).toContain('2 of 10 (20%) | <code>5, -5</code> |')
  })
  test('hostile text neither ends a cell nor becomes markup', () => {
    const file = { path: HOSTILE, results: [result({ id: HOSTILE, message: HOSTILE, partialUnexpected: [HOSTILE] })] }
    const text = renderMarkdown({ name: HOSTILE, files: [file] })
    const rows = text.split('\n').filter((line) => line.startsWith('| ') && line.includes('error'))
    expect(rows.map((row) => row.split('|').length)).toEqual([8, 6])
    for (const part of ['<b>', '\u0000', '`']) expect(text).not.toContain(part)
  })
  test('long reports say how much more there is', () => {
    const results = Array.from({ length: 300 }, (_, index) => result({ id: `c${index}` }))
    const text = renderMarkdown({ name: 'n', files: [{ path: 'f', results }] })
    expect(text).toContain('… and 250 more failed checks')
    expect(text).toContain('… and 100 more checks')
  })
  test('a step summary fits into a mebibyte', () => {
    const results = Array.from({ length: 5000 }, () => result({ id: '<'.repeat(300), message: '&'.repeat(300) }))
    const text = renderGithubSummary({ name: 'n', files: [{ path: '>'.repeat(300), results }] })
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(1024 * 1024)
    expect(text).toContain('5000 failed')
  })
})
