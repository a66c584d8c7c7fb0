import { expect, test } from 'vitest'
import { aCheck, aFile, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import { quality } from './quality.ts'

const context = { nowMs: NOW, config: [aSource()] }

test('a check that could not run counts as evaluated and not passed', async () => {
  const checks = [aCheck('passed'), aCheck('passed'), aCheck('failed'), aCheck('error')]
  expect(quality(await factsOf({ checks }), context)).toMatchObject({
    score: 50,
    evaluated: 4,
    passed: 2,
    failed: 1,
    errors: 1,
    summary: 'Score 50 %: of 4 checks 1 failed and 1 could not run; most often delay:between of flights.',
  })
})

test('without checks there is no score', async () => {
  expect(quality(await factsOf(), context)).toMatchObject({ score: null, evaluated: 0, trend: [], datasets: [] })
})

test('the trend has one entry per UTC day, with gaps where nothing was checked', async () => {
  const checks = [
    aCheck('failed', { checkedAtMs: Date.UTC(2026, 10, 21, 0) }),
    aCheck('passed', { checkedAtMs: Date.UTC(2026, 10, 19, 23, 59, 59, 999) }),
    aCheck('failed', { checkedAtMs: Date.UTC(2026, 10, 19, 1) }),
  ]
  const { trend, datasets } = quality(await factsOf({ checks }), context)
  expect(trend.map(({ day, score }) => [day, score])).toEqual([
    ['2026-11-19', 50],
    ['2026-11-20', null],
    ['2026-11-21', 0],
  ])
  expect(datasets[0]?.scores).toEqual([50, null, 0])
})

test('the day in which the window begins counts whole, what is before it not at all', async () => {
  const checks = [
    aCheck('failed', { checkedAtMs: NOW - 7 * DAY - HOUR }),
    aCheck('passed', { checkedAtMs: NOW - 7 * DAY + HOUR }),
    aCheck('failed', { checkedAtMs: NOW - 8 * DAY }),
  ]
  expect(quality(await factsOf({ checks }), context)).toMatchObject({ evaluated: 2, score: 50 })
})

test('a dataset shows the score of its last day beside that of the window', async () => {
  const before = { checkedAtMs: NOW - DAY }
  const checks = [aCheck('passed'), aCheck('failed', before), aCheck('failed', before), aCheck('failed', before)]
  const files = [aFile({}), aFile({ path: 'b' }), aFile({ path: 'c', score: null })]
  expect(quality(await factsOf({ checks, files }), context).datasets[0]).toMatchObject({
    score: 25,
    lastScore: 100,
    files: 2,
  })
})

test('worst checks come by how often they fail, and of more than 20 the total is told', async () => {
  const checks = Array.from({ length: 25 }, (_, index) =>
    aCheck('failed', {}, { id: `c${index}`, unexpectedCount: index }),
  )
  const view = quality(await factsOf({ checks: [...checks, aCheck('failed', {}, { id: 'c7' })] }), context)
  expect([view.worst.length, view.worstTotal]).toEqual([20, 25])
  expect(view.worst.slice(0, 2).map(({ check }) => check)).toEqual(['c7', 'c24'])
  expect(view.worst[0]).toMatchObject({ unexpectedRows: 7, failures: [2], lastMessage: 'delay between -120 and 1800' })
  expect(view.worst[0]?.link).toEqual({
    page: 'files',
    params: {
      source: 'flights',
      dataset: 'flights',
      check: 'c7',
      since: '2026-11-14T12:00:00.000Z',
      until: '2026-11-21T12:00:00.000Z',
    },
  })
})

test('the trend rises or falls by the later half against the earlier one, and half a point is steady', async () => {
  // 4 days: 50, 50, 100, 100.
  const days = [3, 2, 1, 0].flatMap((back) => {
    const at = { checkedAtMs: NOW - HOUR - back * DAY }
    return [aCheck('passed', at), aCheck(back < 2 ? 'passed' : 'failed', at)]
  })
  expect(quality(await factsOf({ checks: days }), context).direction).toEqual({ kind: 'rising', points: 50 })
  const steady = days.map((check) => ({ ...check, result: { ...check.result, outcome: 'passed' as const } }))
  expect(quality(await factsOf({ checks: steady }), context).direction).toEqual({ kind: 'steady', points: 0 })
  expect(quality(await factsOf({ checks: days.slice(-2) }), context).direction.kind).toBe('unknown')
})
