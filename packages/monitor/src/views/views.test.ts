import { expect, test } from 'vitest'
import type { FileRecord, RunStatus } from '@tidegate/core'
import { aCheck, aFile, aHistory, aRun, aSource, DAY, HOUR, MINUTE, NOW } from '../testing/history-builder.ts'
import { failureAnalysis } from './failure-analysis.ts'
import { overview } from './overview.ts'
import { qualitySummary } from './quality-summary.ts'
import { quarantineOverview } from './quarantine-overview.ts'
import { throughput } from './throughput.ts'
import { watermarkStatus } from './watermark-status.ts'

const context = { nowMs: NOW, config: [aSource()] }

test('a check that could not run counts as evaluated and not passed', () => {
  const checks = [aCheck('passed'), aCheck('passed'), aCheck('failed'), aCheck('error')]
  expect(qualitySummary(aHistory({ checks }), context)).toMatchObject({
    score: 50,
    evaluated: 4,
    passed: 2,
    failed: 1,
    errors: 1,
  })
})

test('without checks there is no score', () => {
  expect(qualitySummary(aHistory(), context)).toMatchObject({ score: null, evaluated: 0, trend: [], datasets: [] })
})

test('the trend has one entry per UTC day, with gaps where nothing was checked', () => {
  const checks = [
    aCheck('failed', { checkedAtMs: Date.UTC(2026, 10, 21, 0) }),
    aCheck('passed', { checkedAtMs: Date.UTC(2026, 10, 19, 23, 59, 59, 999) }),
    aCheck('failed', { checkedAtMs: Date.UTC(2026, 10, 19, 1) }),
  ]
  const { trend } = qualitySummary(aHistory({ checks }), context)
  expect(trend.map(({ day, score }) => [day, score])).toEqual([
    ['2026-11-19', 50],
    ['2026-11-20', null],
    ['2026-11-21', 0],
  ])
})

test('a dataset shows the score of its newest run beside that of the window', () => {
  const checks = [
    aCheck('passed', { run: 'new' }),
    aCheck('failed', { run: 'old', checkedAtMs: NOW - DAY }),
    aCheck('failed', { run: 'old', checkedAtMs: NOW - DAY }),
    aCheck('failed', { run: 'old', checkedAtMs: NOW - DAY }),
  ]
  expect(qualitySummary(aHistory({ checks }), context).datasets[0]).toMatchObject({ score: 25, lastScore: 100 })
})

test('worst checks come by how often they fail, and of more than 20 the total is told', () => {
  const checks = Array.from({ length: 25 }, (_, index) =>
    aCheck('failed', {}, { id: `c${index}`, unexpectedCount: index }),
  )
  const view = qualitySummary(aHistory({ checks: [...checks, aCheck('failed', {}, { id: 'c7' })] }), context)
  expect([view.worst.length, view.worstTotal]).toEqual([20, 25])
  expect(view.worst.slice(0, 2).map(({ check }) => check)).toEqual(['c7', 'c24'])
})

test('failures are grouped by cause with shares that add up', () => {
  const checks = Array.from({ length: 6 }, (_, index) =>
    aCheck('failed', { file: `flights/f${index}#1`, checkedAtMs: NOW - index * HOUR }, { unexpectedCount: 2 }),
  )
  const failures = [0, 1, 2].map((index) => ({
    source: 'flights',
    dataset: 'flights',
    path: `x${index}`,
    stamp: '',
    run: 'r1',
    code: 'ENGINE_CRASHED',
    message: 'the engine stopped',
    failedAtMs: NOW - index,
    attempts: 1,
  }))
  const runs = [
    aRun({ status: 'failed', errorCode: 'ENOSPC', errorMessage: 'no space' }),
    aRun({ startedAtMs: NOW - 2 * DAY }),
  ]
  const view = failureAnalysis(aHistory({ checks, failures, runs }), context)
  expect(view.total).toBe(10)
  expect(view.vitalFew).toBe(2)
  expect(
    view.causes.map((cause) => [cause.code, cause.count, cause.sharePercent, Math.round(cause.cumulativePercent)]),
  ).toEqual([
    ['delay:between', 6, 60, 60],
    ['ENGINE_CRASHED', 3, 30, 90],
    ['ENOSPC', 1, 10, 100],
  ])
  expect(view.causes[0]).toMatchObject({
    files: 6,
    rows: 12,
    firstSeenAt: new Date(NOW - 5 * HOUR).toISOString(),
    lastSeenAt: new Date(NOW).toISOString(),
  })
  expect(view.causes[0]?.examples).toHaveLength(5)
})

test('a held file with a recorded check is counted once, its damage as a cause of its own', () => {
  const reasons = [
    { check: 'delay:between', severity: 'critical', message: 'x' },
    { check: 'PQ105', severity: 'critical', message: 'the footer is gone' },
  ] as const
  const held = aFile({ outcome: 'held', reasons })
  const view = failureAnalysis(aHistory({ checks: [aCheck('failed')], files: [held] }), context)
  expect(new Set(view.causes.map(({ kind, code, count }) => `${kind} ${code} ${count}`))).toEqual(
    new Set(['check delay:between 1', 'file PQ105 1']),
  )
  expect(view.causes.find(({ code }) => code === 'PQ105')?.suggestion).toContain('tidegate files explain')
})

test('where a repair with loss would bring rows back, that is said beside the damage and is no failure of its own', () => {
  const reason = (check: string, severity: 'critical' | 'warning'): FileRecord['reasons'][number] => ({
    check,
    severity,
    message: check,
  })
  const held = aFile({
    outcome: 'held',
    path: 'week 3.parquet',
    reasons: [reason('PQ105', 'critical'), reason('REPAIR_IS_LOSSY', 'warning')],
  })
  const { total, causes } = failureAnalysis(aHistory({ files: [held] }), context)
  expect([total, causes.map(({ code }) => code)]).toEqual([1, ['PQ105']])
  expect(causes[0]?.suggestion).toContain(
    `tidegate files retry 'week 3.parquet' --set 'sources.${held.source}.repair=lossy'`,
  )
})

test('files that were loaded repaired are counted, those with losses apart', () => {
  const repair = {
    status: 'repaired',
    sourceSha256: 'a',
    repairedSha256: 'b',
    path: 's/d/r/f',
    codes: ['PQ107'],
    confidence: 'proven',
    rowsLost: 0,
    cellsNulled: 0,
  } as const
  const files = [
    aFile({ path: 'a', repair }),
    aFile({ path: 'b', repair: { ...repair, status: 'partial', rowsLost: 'unknown' } }),
    aFile({ path: 'c', repair, decidedAtMs: NOW - 400 * DAY }),
    aFile({ path: 'd', outcome: 'held', repair }),
    aFile({ path: 'e' }),
  ]
  expect(quarantineOverview(aHistory({ files }), context)).toMatchObject({ repairedFiles: 2, repairedInPart: 1 })
})

test('fingerprints of hostile names stay apart and can be made of anything', () => {
  const names = ['a/b', 'a', "'; DROP TABLE", '\ud800', '../x', 'ü\n']
  const checks = names.map((name) => aCheck('failed', { source: name, dataset: name }))
  const { causes } = failureAnalysis(aHistory({ checks }), context)
  expect(new Set(causes.map(({ fingerprint }) => fingerprint)).size).toBe(names.length)
})

test('rates are interpolated medians of the runs that read rows', () => {
  const runs = [
    aRun({ id: '1', startedAtMs: NOW - HOUR, endedAtMs: NOW - HOUR + 1000, rowsRead: 100, bytesRead: 10 }),
    aRun({ id: '2', startedAtMs: NOW - 2 * HOUR, endedAtMs: NOW - 2 * HOUR + 2000, rowsRead: 600, bytesRead: 20 }),
    aRun({ id: '3', startedAtMs: NOW - 3 * HOUR, rowsRead: 0 }),
    aRun({ id: '4', startedAtMs: NOW - 4 * HOUR, endedAtMs: null, status: 'running' }),
    // The clock was set back during the run.
    aRun({ id: '5', startedAtMs: NOW - 5 * HOUR, endedAtMs: NOW - 6 * HOUR }),
  ]
  const view = throughput(aHistory({ runs }), context)
  // 100 and 300 rows a second.
  expect(view.sources[0]).toMatchObject({
    runs: 2,
    rowsPerSecondP50: 200,
    rowsPerSecondP95: 290,
    durationMsP50: 1500,
    bytesPerSecondP50: 10,
    trend: [300, 100],
  })
  expect(view.lastRuns.map(({ durationMs }) => durationMs)).toEqual([1000, 2000, 10_000, null, 0])
  expect(view.lastRuns.at(-1)?.rowsPerSecond).toBeNull()
})

test('a watermark that three loading runs left where it was is stuck', () => {
  const values = ['2026-11-18', '2026-11-19', '2026-11-19', '2026-11-19', '2026-11-19']
  const runs = values
    .map((watermarkValue, index) => aRun({ id: `r${index}`, startedAtMs: NOW - (10 - index) * HOUR, watermarkValue }))
    .toReversed()
  const watermarks = [
    {
      source: 'flights',
      value: '2026-11-19',
      type: 'DATE',
      updatedAtMs: NOW - 6 * HOUR,
      recordsProcessed: 5,
      metadata: {},
    },
  ]
  const item = watermarkStatus(aHistory({ runs, watermarks }), context).items[0]
  expect(item).toMatchObject({
    status: 'stuck',
    runsWithoutAdvance: 3,
    lastAdvanceAt: new Date(NOW - 9 * HOUR + 10_000).toISOString(),
    lagMs: 2 * DAY + 12 * HOUR,
    updatedAgeMs: 6 * HOUR,
  })
  const moving = watermarkStatus(aHistory({ runs: runs.slice(1), watermarks }), context)
  expect(moving.items[0]).toMatchObject({ status: 'moving', runsWithoutAdvance: 2 })
})

test('only values that are times have a lag', () => {
  const lag = (value: string): number | null | undefined =>
    watermarkStatus(
      aHistory({
        watermarks: [{ source: 'flights', value, type: '', updatedAtMs: NOW, recordsProcessed: 0, metadata: {} }],
      }),
      context,
    ).items[0]?.lagMs
  expect(lag('2026-11-21 11:00:00.5')).toBe(HOUR - 500)
  expect(lag('2026-11-21 13:00:00+02')).toBe(HOUR)
  expect(lag('2026-11-21T11:00:00Z')).toBe(HOUR)
  expect(lag('2026-11-21 16:30:00+05:30')).toBe(HOUR)
  for (const value of ['4711', '', '2026', '2026-13-45', 'infinity', "x'; DROP"]) expect(lag(value), value).toBeNull()
})

test('a configured watermark without a value is unknown, a source without one has none', () => {
  const config = [aSource({ watermark: { column: 'date', type: null, lagMs: 0 } }), aSource({ name: 'other' })]
  const view = watermarkStatus(aHistory(), { nowMs: NOW, config })
  expect(view.items.map(({ status }) => status)).toEqual(['unknown', 'none'])
})

test('quarantine counts what is open, by reason, oldest first', () => {
  const reason = (check: string) => ({ check, severity: 'critical', message: `${check} broke` }) as const
  const held = [
    aFile({
      path: 'n',
      outcome: 'held',
      rowsRejected: 5,
      decidedAtMs: NOW - HOUR,
      reasons: [reason('a'), reason('a')],
    }),
    aFile({
      path: 'o',
      outcome: 'held',
      rowsRejected: 7,
      decidedAtMs: NOW - 3 * HOUR,
      reasons: [reason('a'), reason('b')],
    }),
  ]
  const gone = { file: aFile({ path: 'g', outcome: 'held', rowsRejected: 100 }), superseded: true }
  const view = quarantineOverview(
    aHistory({
      held: [...held.map((file) => ({ file, superseded: false })), gone],
      files: [aFile({ rowsRejected: 3 })],
    }),
    context,
  )
  expect(view).toMatchObject({
    openFiles: 2,
    openRows: 12,
    supersededFiles: 1,
    oldestAgeMs: 3 * HOUR,
    rejectedRows: 3,
    rejectedFiles: 1,
  })
  expect(view.items.map(({ path }) => path)).toEqual(['o', 'n'])
  expect(view.reasons.map(({ check, files }) => [check, files])).toEqual([
    ['a', 2],
    ['b', 1],
  ])
})

const schemaOk = aCheck('passed', {}, { id: 'schema', type: 'schema', dimension: 'schema' })

test('green needs evidence of runs, checks and schema', () => {
  const full = { runs: [aRun()], checks: [aCheck('passed'), schemaOk] }
  const healthOf = (history: Parameters<typeof aHistory>[0]) => overview(aHistory(history), context).health
  expect(healthOf(full)).toBe('ok')
  expect(healthOf({ ...full, runs: [] })).toBe('unknown')
  expect(healthOf({ ...full, checks: [schemaOk] })).toBe('unknown')
  expect(healthOf({ ...full, checks: [aCheck('passed')] })).toBe('unknown')
  expect(healthOf({})).toBe('unknown')
  expect(overview(aHistory(), { nowMs: NOW, config: [] }).health).toBe('unknown')
})

test('the health of a source is the worst of its facets', () => {
  const runHealth = (status: RunStatus) =>
    overview(aHistory({ runs: [aRun({ status })] }), context).sources[0]?.run.health
  expect(
    (['ok', 'nothing-new', 'partial', 'interrupted', 'gate-failed', 'failed', 'running'] as const).map(runHealth),
  ).toEqual(['ok', 'ok', 'warn', 'warn', 'bad', 'bad', 'unknown'])
  const checks = [aCheck('failed', {}, { severity: 'warning' }), schemaOk]
  const warned = overview(aHistory({ runs: [aRun()], checks }), context)
  expect([warned.health, warned.attention[0]?.text]).toEqual(['warn', '1 of 1 checks failed as warnings'])
})

test('a profile that ended well does not hide a load that failed', () => {
  const runs = [aRun({ id: 'p', command: 'profile', startedAtMs: NOW }), aRun({ id: 'i', status: 'failed' })]
  expect(overview(aHistory({ runs }), context).sources[0]).toMatchObject({
    lastRunStatus: 'failed',
    run: { health: 'bad' },
  })
})

test('a check that was mended by a later run is not red any more', () => {
  const checks = [aCheck('passed', { run: 'r2' }), aCheck('failed', { run: 'r1', checkedAtMs: NOW - DAY }), schemaOk]
  expect(overview(aHistory({ runs: [aRun()], checks }), context).sources[0]?.checks.health).toBe('ok')
})

test('an error of a check is bad whatever its severity', () => {
  const checks = [aCheck('error', {}, { severity: 'info' }), schemaOk]
  expect(overview(aHistory({ runs: [aRun()], checks }), context).health).toBe('bad')
})

test('a late source needs attention, and open quarantine does too, with commands that quote the name', () => {
  const name = "it's; rm -rf"
  const config = [aSource({ name, expect: { files: null, by: null, every: '1h' } })]
  const history = aHistory({
    runs: [aRun({ source: name })],
    files: [aFile({ source: name, decidedAtMs: NOW - 61 * MINUTE })],
    held: [{ file: aFile({ source: name, path: 'h', outcome: 'held' }), superseded: false }],
  })
  const { attention } = overview(history, { nowMs: NOW, config })
  expect(attention.map(({ health }) => health)).toEqual(['bad', 'warn'])
  expect(attention[0]?.command).toBe(String.raw`tidegate validate-source 'it'\''s; rm -rf'`)
})

test('runs that have not ended do not lower the success rate', () => {
  const runs = [
    aRun({ id: 'a', status: 'running', endedAtMs: null }),
    aRun({ id: 'b' }),
    aRun({ id: 'c', status: 'failed' }),
  ]
  expect(overview(aHistory({ runs }), context).totals).toMatchObject({ runs: 3, successPercent: 50 })
  expect(overview(aHistory(), context).totals.successPercent).toBeNull()
})
