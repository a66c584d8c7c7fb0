import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderJUnit } from '../outputs/render-junit.ts'
import { validate } from '../validate/validate.ts'
import { reportOf } from './report-of.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(() => session.close())

test('a validation result is what the renderers take', async () => {
  const suite = {
    name: 's',
    expectations: [
      { type: 'expect_column_values_to_be_between', kwargs: { column: 'x', max_value: 1 }, severity: 'warning' },
      { type: 'expect_column_to_exist', kwargs: { column: 'x' } },
      { type: 'expect_nothing', kwargs: {} },
    ],
  }
  const result = await validate(session, { rows: [{ x: 1 }, { x: 2 }] }, suite)
  const report = reportOf(result)
  expect(report).toMatchObject({ name: 's', verdict: 'failure' })
  expect(report.score).toBeCloseTo(100 / 3)
  expect(renderJUnit(report, { strict: true })).toContain('unexpected: 1 of 2 rows')
  const [file] = report.files
  expect(file?.path).toBe('2 rows')
  expect(file?.results).toMatchObject([
    {
      id: 'x:between',
      columns: ['x'],
      outcome: 'failed',
      severity: 'warning',
      elementCount: 2,
      unexpectedCount: 1,
      unexpectedPercent: 50,
      partialUnexpected: [2],
    },
    { outcome: 'passed' },
    { outcome: 'error', error: { code: 'CHECK_UNKNOWN' } },
  ])
  expect(
    reportOf(
      new Map([
        ['a', result],
        ['b', result],
      ]),
    ).files.map((item) => item.path),
  ).toEqual(['a', 'b'])
})
