import { expect, test } from 'vitest'
import { withHeadRoom, type NumericRange } from './head-room.ts'

function bounds(slices: readonly (readonly [string, string])[], more: Partial<NumericRange> = {}): unknown {
  return withHeadRoom({
    slices: slices.map(([min, max]) => ({ min, max })),
    quantiles: null,
    wholeNumbers: true,
    type: 'BIGINT',
    factor: 1,
    ...more,
  })
}

test('a tenth of the span on each side, then outward to a round number', () => {
  // Span 1000, head-room 100, a quarter of it is 25, so steps of 20: -1100 and -100 lie on it.
  expect(bounds([['-1000', '0']])).toEqual({ min: '-1100', max: '0' })
  // Span 90, head-room 9, a quarter is 2: 10 − 9 = 1 → 0; 100 + 9 = 109 → 110.
  expect(bounds([['10', '100']])).toEqual({ min: '0', max: '110' })
})

test('zero is not crossed where no value crossed it', () => {
  expect(bounds([['3', '5000']])).toEqual({ min: '0', max: '5500' })
  expect(bounds([['-5000', '-3']])).toEqual({ min: '-5500', max: '0' })
  expect(bounds([['-3', '4997']])).toEqual({ min: '-600', max: '5500' })
})

test('extremes that differ from file to file ask for more room', () => {
  // Maxima 100, 200, 900: 900 − median 200 = 700; quarter 175 → steps of 100: 1600. Minima are all 0.
  const slices = [
    ['0', '100'],
    ['0', '200'],
    ['0', '900'],
  ] as const
  expect(bounds(slices)).toEqual({ min: '0', max: '1600' })
  // Twice that after a failed try: 1400, quarter 350 → steps of 200: 2300 → 2400.
  expect(bounds(slices, { factor: 2 })).toEqual({ min: '0', max: '2400' })
})

test('a heavy tail asks for half the way from the 99% quantile to the maximum', () => {
  // (1600 − 100) / 2 = 750, quarter 187 → steps of 100: 2350 → 2400.
  expect(bounds([['0', '1600']], { quantiles: { p01: '0', p99: '100' } })).toEqual({ min: '0', max: '2400' })
})

test('decimals beyond double precision stay exact', () => {
  const range = bounds([['12345678901234567890123456.01', '12345678901234567890123456.02']], {
    wholeNumbers: false,
    type: 'DECIMAL(38,2)',
  })
  // Span 0.01, head-room 0.001, a quarter of it 0.00025 → steps of 0.0002, of which 0.009 and 0.021 are multiples.
  expect(range).toEqual({ min: '12345678901234567890123456.009', max: '12345678901234567890123456.021' })
})

test('a bound beyond the type is no bound', () => {
  expect(bounds([['-9223372036854775808', '9223372036854775807']])).toEqual({ min: undefined, max: undefined })
  expect(bounds([['0', '250']], { type: 'UTINYINT' })).toEqual({ min: '0', max: undefined })
  expect(bounds([['-1.7e308', '1.7e308']], { type: 'DOUBLE', wholeNumbers: false })).toEqual({
    min: undefined,
    max: undefined,
  })
})

test('tiny floats keep their scale', () => {
  // Span 9e-10; in steps of 1e-12 that is 900, head-room 90, quarter 22 → 20: 910 → 910 is not a multiple, 1090 → 1100.
  expect(bounds([['1e-10', '1e-9']], { type: 'DOUBLE', wholeNumbers: false })).toEqual({
    min: '0',
    max: '0.0000000011',
  })
})
