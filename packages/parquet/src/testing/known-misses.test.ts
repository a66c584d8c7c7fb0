import { expect, test } from 'vitest'

import { judgeFailures, KNOWN_MISSES } from './known-misses.ts'

const misses = [
  { name: 'cut of a', reason: 'one column' },
  { name: 'cut of b', reason: 'no rows' },
  { name: 'cut of c', reason: 'not tried today' },
]

test('a known miss that fails is known, one that does not is mended, and any other failure is one', () => {
  const failures = ['cut of a: salvage 0.5', 'cut of ab: salvage 0.1', 'cut of c: it was not tried']
  expect(judgeFailures(failures, new Set(['cut of a', 'cut of ab', 'cut of b']), misses)).toEqual({
    unknown: ['cut of ab: salvage 0.1', 'cut of c: it was not tried'],
    mended: ['cut of b'],
    known: ['cut of a: salvage 0.5 (one column)'],
  })
})

test('each known miss is listed once, with a reason', () => {
  expect(new Set(KNOWN_MISSES.map(({ half, name }) => `${half} ${name}`)).size).toBe(KNOWN_MISSES.length)
  for (const { reason } of KNOWN_MISSES) expect(reason.length).toBeGreaterThan(20)
})
