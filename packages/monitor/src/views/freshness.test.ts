import { expect, test } from 'vitest'
import type { MonitoredSource } from '../monitored-source.ts'
import { aFile, aHistory, aRun, aSource, DAY, HOUR, MINUTE, NOW } from '../testing/history-builder.ts'
import { freshness, type Freshness } from './freshness.ts'

const hourly = { files: null, by: null, every: '1h' }

function judge(expectation: MonitoredSource['expect'], loadedMinutesAgo: readonly number[], watched = true): Freshness {
  const files = loadedMinutesAgo.map((minutes) => aFile({ path: `f${minutes}`, decidedAtMs: NOW - minutes * MINUTE }))
  const runs = watched ? [aRun({ startedAtMs: NOW - 5 * DAY })] : []
  const view = freshness(aHistory({ files, runs }), { nowMs: NOW, config: [aSource({ expect: expectation })] })
  return view.items[0]!
}

test('a file within the period is fresh, and the next is due one period after it', () => {
  expect(judge(hourly, [20])).toMatchObject({ status: 'fresh', dueAt: '2026-11-21T12:40:00.000Z', lateByMs: null })
})

test('a file older than the period is late, by the time since it was due', () => {
  expect(judge(hourly, [90])).toMatchObject({
    status: 'late',
    dueAt: '2026-11-21T11:30:00.000Z',
    lateByMs: 30 * MINUTE,
  })
})

test('of several expected files every one must come in the period', () => {
  const three = { files: 3, by: null, every: '1h' }
  expect(judge(three, [5, 10, 15]).status).toBe('fresh')
  expect(judge(three, [5, 10, 70])).toMatchObject({ status: 'late', filesInPeriod: 2, lateByMs: 10 * MINUTE })
})

test('a source nobody watched is unknown, one that was watched for longer than the period is late', () => {
  expect(judge(hourly, [], false)).toMatchObject({ status: 'unknown', lastLoadedAt: null })
  expect(judge(hourly, [], true)).toMatchObject({ status: 'late', lateByMs: 5 * DAY - HOUR })
})

test('without an expectation freshness is unknown, never fresh', () => {
  expect(judge(null, [1])).toMatchObject({ status: 'unknown', expected: null })
  expect(judge({ files: 24, by: null, every: null }, [1]).status).toBe('unknown')
})

test('by a time of day: files since the deadline before count, and files that come late count too', () => {
  const byTen = { files: 2, by: '10:00', every: null }
  // It is 12:00. The deadline before was yesterday at 10:00, 26 hours ago.
  expect(judge(byTen, [60, 25 * 60])).toMatchObject({ status: 'fresh', dueAt: '2026-11-22T10:00:00.000Z' })
  expect(judge(byTen, [60, 27 * 60])).toMatchObject({
    status: 'late',
    dueAt: '2026-11-21T10:00:00.000Z',
    lateByMs: 2 * HOUR,
    because: '1 of 2 expected files came',
  })
})

test('an expectation that makes no sense is unknown and says so', () => {
  expect(judge({ files: null, by: null, every: 'soon' }, [1]).because).toContain('`every: soon`')
  expect(judge({ files: null, by: '25:99', every: null }, [1]).because).toContain('25:99')
})

test('a period longer than the window cannot be counted', () => {
  expect(judge({ files: 5, by: null, every: '30d' }, [1, 2]).status).toBe('unknown')
})

test('compliance is of the sources that can be judged, and null when none can', () => {
  const history = aHistory({ files: [aFile({ decidedAtMs: NOW - MINUTE })], runs: [aRun()] })
  const config = [aSource({ expect: hourly }), aSource({ name: 'quiet' })]
  expect(freshness(history, { nowMs: NOW, config })).toMatchObject({ late: 0, unknown: 1, compliancePercent: 100 })
  expect(freshness(aHistory(), { nowMs: NOW, config })).toMatchObject({ unknown: 2, compliancePercent: null })
})
