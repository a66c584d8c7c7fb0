import { expect, test } from 'vitest'
import { wilsonInterval } from './wilson.ts'

test('Wilson 95%: 8 of 10 is between 0.4902 and 0.9433', () => {
  // By hand with z = 1.96: centre (0.8 + 0.19208) / 1.38416 = 0.71674, half 1.41600 × sqrt(0.016 + 0.009604) = 0.22657.
  const { low, high } = wilsonInterval(8, 10)
  expect(low).toBeCloseTo(0.4902, 4)
  expect(high).toBeCloseTo(0.9433, 4)
})

test('all of n leaves z² / (n + z²) in doubt', () => {
  expect(wilsonInterval(100, 100).low).toBeCloseTo(100 / 103.8415, 6)
  expect(wilsonInterval(100, 100).high).toBe(1)
  expect(wilsonInterval(0, 100).low).toBe(0)
})

test('without trials nothing is known', () => {
  expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
})
