import { expect, test } from 'vitest'

import { placeRows } from './row-spans.ts'

const sure = (rows: number): { rows: number; doubtful: false } => ({ rows, doubtful: false })
const unknown = { rows: undefined, doubtful: true }
const doubt = (rows: number): { rows: number; doubtful: true } => ({ rows, doubtful: true })

test('known parts follow each other', () => {
  expect(placeRows([sure(0), sure(10), sure(5)], 15)).toEqual([span(0, 0), span(0, 10), span(10, 15)])
})

test('the only unknown part gets what the others leave', () => {
  expect(placeRows([sure(10), unknown, sure(5)], 40)).toEqual([span(0, 10), span(10, 35), span(35, 40)])
  expect(placeRows([unknown, sure(5)], 5)).toEqual([span(0, 0), span(0, 5)])
})

test('a doubtful count is kept while it fits and corrected where it is the only doubt', () => {
  expect(placeRows([sure(10), doubt(20), sure(5)], 35)).toEqual([span(0, 10), span(10, 30), span(30, 35)])
  expect(placeRows([sure(10), doubt(900), sure(5)], 35)).toEqual([span(0, 10), span(10, 30), span(30, 35)])
})

test('of several unknown parts those outside of them are placed from their side', () => {
  const spans = placeRows([sure(10), unknown, sure(3), unknown, sure(5)], 40)
  expect(spans).toEqual([span(0, 10), undefined, undefined, undefined, span(35, 40)])
})

test('counts above the total are not placed', () => {
  expect(placeRows([sure(10), sure(20), sure(30)], 25)).toEqual([span(0, 10), undefined, undefined])
})

function span(from: number, to: number): { from: number; to: number } {
  return { from, to }
}
