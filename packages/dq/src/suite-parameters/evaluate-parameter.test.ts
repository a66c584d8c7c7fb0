import { describe, expect, test } from 'vitest'
import type { JsonValue } from '@tidegate/core'
import { evaluateParameter } from './evaluate-parameter.ts'
import { resolveParameters } from './resolve-parameters.ts'

const NOW = Date.UTC(2024, 0, 31, 13, 5)

function value(expression: string, parameters: Record<string, JsonValue> = {}): JsonValue {
  return evaluateParameter(expression, { parameters, nowMs: NOW })
}

describe('expressions', () => {
  // As Great Expectations 1.24.1 answers, but for ** and +-, which it does not know or gets wrong.
  test.each<readonly [expression: string, parameters: Record<string, JsonValue>, value: JsonValue]>([
    ['-2^2', {}, 4],
    ['2^3^2', {}, 512],
    ['2**3**2', {}, 512],
    ['a*2', { a: 3 }, 6],
    ['a', { a: [1, 2] }, [1, 2]],
    ['a', { a: { b: null } }, { b: null }],
    ['a/2', { a: 3 }, 1.5],
    ['a/2', { a: 4 }, 2],
    ['trunc(a/2)', { a: 3 }, 1],
    ['trunc(0-1.5)', {}, -1],
    ['round(2.5)', {}, 2],
    ['round(3.5)', {}, 4],
    ['abs(-3)', {}, 3],
    ['sgn(0-7)', {}, -1],
    ['--2+1', {}, 3],
    ['+-2+1', {}, -1],
    ['(1+2)*3', {}, 9],
    ['2-1-1', {}, 0],
    ['8/2/2', {}, 2],
    ['1e3*2', {}, 2000],
    ['a$b+1', { a$b: 1 }, 2],
    ['pi*1', {}, Math.PI],
    ['e*0 + exp(0)', {}, 1],
    ['rows * 0.9', { rows: '1000' }, 900],
    ['my-name', { 'my-name': 'x' }, 'x'],
    ['now() - timedelta(weeks=1)', {}, '2024-01-24T13:05:00'],
    ['now()', {}, '2024-01-31T13:05:00'],
    ['datetime(2020,1,2)', {}, '2020-01-02T00:00:00'],
    ['datetime(2020, month=1, day=2, hour=5)', {}, '2020-01-02T05:00:00'],
    ['a - timedelta(days=2)', { a: '2020-01-05' }, '2020-01-03T00:00:00'],
    ['a + timedelta(1) * 2', { a: '2020-01-05' }, '2020-01-07T00:00:00'],
  ])('%s', (expression, parameters, expected) => {
    expect(value(expression, parameters)).toEqual(expected)
  })

  test.each<readonly [expression: string, message: RegExp]>([
    ['1+', /a number or a name is missing at the end of "1\+"/],
    ['1 2', /an operator is missing at character 3/],
    ['(1', /\) is missing/],
    ['1 $ 2', /"\$" has no meaning at character 3/],
    ['1/0', /division by zero/],
    ['10^400', /no finite number/],
    ['fetch(1)', /there is no function fetch\(\)/],
    ['constructor(1)', /there is no function/],
    ['round(1, 2, 3)', /takes one number/],
    ['now(1)', /takes no argument/],
    ['datetime(2020, 2, 30)', /no such time/],
    ['timedelta(fortnights=1)', /takes numbers/],
    ['timedelta(days=1)', /length of time/],
    ['now() * 2', /means nothing/],
    ['a + 1', /a is "x", which cannot be reckoned with/],
    ['urn:great_expectations:validations:s:m', /result of another validation/],
    [`${'('.repeat(5000)}1`, /nested too deeply/],
    [`${'2^'.repeat(4000)}2`, /nested too deeply/],
    ['', /is missing/],
  ])('%s is refused', (expression, message) => {
    expect(() => value(expression, { a: 'x' })).toThrow(message)
  })

  test('a clock is only looked at where there is one', () => {
    expect(() => evaluateParameter('now()', { parameters: {}, nowMs: undefined })).toThrow(/nobody said what time/)
  })
})

describe('arguments', () => {
  const resolve = (kwargs: Record<string, JsonValue>, parameters: Record<string, JsonValue> = {}): unknown =>
    resolveParameters(kwargs, { parameters, nowMs: undefined })

  test('are resolved however deep they lie; others stay as they are', () => {
    const kwargs = {
      column: 'a',
      min_value: { $PARAMETER: 'low' },
      value_set: [1, { $PARAMETER: 'low + 1' }],
      quantile_ranges: { quantiles: [0.5], value_ranges: [[{ $PARAMETER: 'low' }, null]] },
    }
    expect(resolve(kwargs, { low: 2 })).toEqual({
      kwargs: {
        column: 'a',
        min_value: 2,
        value_set: [1, 3],
        quantile_ranges: { quantiles: [0.5], value_ranges: [[2, null]] },
      },
      problems: [],
    })
  })

  test('a value beside the name wins', () => {
    const kwargs = { min_value: { $PARAMETER: 'low', '$PARAMETER.low': 5 } }
    expect(resolve(kwargs, { low: 2 })).toEqual({ kwargs: { min_value: 5 }, problems: [] })
    expect(resolve(kwargs)).toEqual({ kwargs: { min_value: 5 }, problems: [] })
  })

  test('a missing value names itself and those that are there', () => {
    expect(resolve({ min_value: { $PARAMETER: 'upstream_row' } }, { upstream_rows: 1, other: 2 })).toMatchObject({
      problems: [
        {
          code: 'CHECK_PARAMETER',
          message: 'argument min_value: no value was given for the suite parameter "upstream_row"',
          hint: 'Did you mean upstream_rows?',
          missing: true,
        },
      ],
    })
    expect(resolve({ v: { $PARAMETER: 'x' } }, { first: 1, second: 2 })).toMatchObject({
      problems: [{ hint: 'Known are first, second.' }],
    })
  })

  test('what is no text, or a name of the prototype, is a problem', () => {
    expect(resolve({ v: { $PARAMETER: 5 } })).toMatchObject({ problems: [{ code: 'CHECK_PARAMETER', missing: false }] })
    expect(resolve({ v: { $PARAMETER: 'toString' } })).toMatchObject({ problems: [{ missing: true }] })
    expect(resolve({ v: { $PARAMETER: '__proto__' } })).toMatchObject({ problems: [{ missing: true }] })
  })
})
