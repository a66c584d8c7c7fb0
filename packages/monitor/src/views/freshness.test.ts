import { expect, test } from 'vitest'
import type { MonitoredSource } from '../monitored-source.ts'
import { aFile, aRun, aSource, DAY, factsOf, HOUR, MINUTE, NOW } from '../testing/facts-builder.ts'
import { freshness } from './freshness.ts'
import type { Freshness } from './freshness-view.ts'

const hourly = { files: null, by: null, every: '1h' }

async function judge(
  expectation: MonitoredSource['expect'],
  loadedMinutesAgo: readonly number[],
  watched = true,
): Promise<Freshness> {
  const files = loadedMinutesAgo.map((minutes) => aFile({ path: `f${minutes}`, decidedAtMs: NOW - minutes * MINUTE }))
  const runs = watched ? [aRun({ startedAtMs: NOW - 5 * DAY })] : []
  const view = freshness(await factsOf({ files, runs }), { nowMs: NOW, config: [aSource({ expect: expectation })] })
  return view.items[0]!
}

test('a file within the period is fresh, and the next is due one period after it', async () => {
  expect(await judge(hourly, [20])).toMatchObject({
    status: 'fresh',
    dueAt: '2026-11-21T12:40:00.000Z',
    lateByMs: null,
  })
})

test('a file older than the period is late, by the time since it was due', async () => {
  expect(await judge(hourly, [90])).toMatchObject({
    status: 'late',
    dueAt: '2026-11-21T11:30:00.000Z',
    lateByMs: 30 * MINUTE,
  })
})

test('of several expected files every one must come in the period', async () => {
  const three = { files: 3, by: null, every: '1h' }
  expect((await judge(three, [5, 10, 15])).status).toBe('fresh')
  expect(await judge(three, [5, 10, 70])).toMatchObject({ status: 'late', filesInPeriod: 2, lateByMs: 10 * MINUTE })
})

test('of more files than are listed one by one, those of the hour that the period cuts count as come', async () => {
  // 400 files in each of the last three hours: 334 are listed. It is 12:00, 90 minutes ago was 10:30.
  const files = Array.from({ length: 1200 }, (_, index) =>
    aFile({ path: `f${index}`, decidedAtMs: NOW - 1000 - index * 9 * 1000, score: null, rowsRead: 0 }),
  )
  const config = [aSource({ expect: { files: 700, by: null, every: '90m' } })]
  const [item] = freshness(await factsOf({ files, runs: [aRun()] }), { nowMs: NOW, config }).items
  // 400 of the hour from 11:00, and all 400 of the hour from 10:00 instead of the 200 after 10:30.
  expect(item).toMatchObject({ status: 'fresh', filesInPeriod: 800 })
})

test('a source nobody watched is unknown, one that was watched for longer than the period is late', async () => {
  expect(await judge(hourly, [], false)).toMatchObject({ status: 'unknown', lastLoadedAt: null })
  expect(await judge(hourly, [], true)).toMatchObject({ status: 'late', lateByMs: 5 * DAY - HOUR })
})

test('without an expectation freshness is unknown, never fresh', async () => {
  expect(await judge(null, [1])).toMatchObject({ status: 'unknown', expected: null })
  expect((await judge({ files: 24, by: null, every: null }, [1])).status).toBe('unknown')
})

test('by a time of day: files since the deadline before count, and files that come late count too', async () => {
  const byTen = { files: 2, by: '10:00', every: null }
  // It is 12:00. The deadline before was yesterday at 10:00, 26 hours ago.
  expect(await judge(byTen, [60, 25 * 60])).toMatchObject({ status: 'fresh', dueAt: '2026-11-22T10:00:00.000Z' })
  expect(await judge(byTen, [60, 27 * 60])).toMatchObject({
    status: 'late',
    dueAt: '2026-11-21T10:00:00.000Z',
    lateByMs: 2 * HOUR,
    because: '1 of 2 expected files came',
  })
})

test('an expectation that makes no sense is unknown and says so', async () => {
  expect((await judge({ files: null, by: null, every: 'soon' }, [1])).because).toContain('`every: soon`')
  expect((await judge({ files: null, by: '25:99', every: null }, [1])).because).toContain('25:99')
})

test('a period longer than the history looked at cannot be counted', async () => {
  expect((await judge({ files: 5, by: null, every: '60d' }, [1, 2])).status).toBe('unknown')
})

test('compliance is of the sources that can be judged, and null when none can', async () => {
  const facts = await factsOf({ files: [aFile({ decidedAtMs: NOW - MINUTE })], runs: [aRun()] })
  const config = [aSource({ expect: hourly }), aSource({ name: 'quiet' })]
  expect(freshness(facts, { nowMs: NOW, config })).toMatchObject({ late: 0, unknown: 1, compliancePercent: 100 })
  expect(freshness(await factsOf(), { nowMs: NOW, config })).toMatchObject({ unknown: 2, compliancePercent: null })
})

test('deadlines that passed without their files are missed, but for the one that is late now', async () => {
  // Daily at 10:00 one file. Files on the 17th and 19th at 09:30; watched since the 16th at noon. Today is the 21st.
  const at = (day: number): number => Date.UTC(2026, 10, day, 9, 30)
  const files = [17, 19].map((day) => aFile({ path: `f${day}`, decidedAtMs: at(day) }))
  const runs = [aRun({ startedAtMs: NOW - 5 * DAY })]
  const config = [aSource({ expect: { files: null, by: '10:00', every: null } })]
  const [item] = freshness(await factsOf({ files, runs }), { nowMs: NOW, config }).items
  // The period that ended on the 17th began before anybody watched.
  expect(item?.missed.map(({ to }) => to)).toEqual(['2026-11-18T10:00:00.000Z', '2026-11-20T10:00:00.000Z'])
  expect(item).toMatchObject({ status: 'late', dueAt: '2026-11-21T10:00:00.000Z', missedTotal: 2 })
})

test('a gap that was certainly longer than the period is missed once, a doubtful one is not', async () => {
  const files = [20, 90, 175, 500].map((minutes) => aFile({ path: `f${minutes}`, decidedAtMs: NOW - minutes * MINUTE }))
  const facts = await factsOf({ files, runs: [aRun({ startedAtMs: NOW - DAY })] })
  const [item] = freshness(facts, { nowMs: NOW, config: [aSource({ expect: hourly })] }).items
  // In hours: 11, 10, 09 and 03. Between 03:xx and 09:xx lie more than four hours whatever the minutes.
  expect(item?.missed).toEqual([
    { from: '2026-11-21T04:00:00.000Z', to: '2026-11-21T05:00:00.000Z', files: 0, held: 0, expected: 1 },
  ])
})

test('a file that came and is held is not there, but it is not said that none came', async () => {
  const byTen = aSource({ expect: { files: 1, by: '10:00', every: null } })
  // Held today at 09:00 and on the 19th at 09:00; loaded on the 17th, 18th and 20th at 09:30. It is noon on the 21st.
  const on = (day: number, outcome: 'loaded' | 'held') =>
    aFile({ path: `f${day}`, outcome, decidedAtMs: Date.UTC(2026, 10, day, 9, outcome === 'held' ? 0 : 30) })
  const files = [on(17, 'loaded'), on(18, 'loaded'), on(19, 'held'), on(20, 'loaded'), on(21, 'held')]
  const facts = await factsOf({ files, runs: [aRun({ startedAtMs: NOW - 5 * DAY })] })
  const [item] = freshness(facts, { nowMs: NOW, config: [byTen] }).items
  // The deadline before was yesterday at 10:00, after that day's file.
  expect(item).toMatchObject({
    status: 'late',
    filesInPeriod: 0,
    heldInPeriod: 1,
    because: '0 of 1 expected file was loaded: 1 file came and was held',
    missed: [{ to: '2026-11-19T10:00:00.000Z', files: 0, held: 1, expected: 1 }],
  })
})
