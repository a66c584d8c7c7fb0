import { expect, test } from 'vitest'
import type { FileRecord } from '@tidegate/core'
import { aCheck, aFile, aRun, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import { failures } from './failures.ts'

const context = { nowMs: NOW, config: [aSource()] }
const MINUTE = 60_000

function reason(check: string, severity: 'critical' | 'warning' = 'critical'): FileRecord['reasons'][number] {
  return { check, severity, message: check }
}

test('failures are grouped by cause with shares that add up', async () => {
  const checks = Array.from({ length: 6 }, (_, index) =>
    aCheck('failed', { file: `flights/f${index}#1`, checkedAtMs: NOW - MINUTE - index * HOUR }, { unexpectedCount: 2 }),
  )
  const unjudged = [0, 1, 2].map((index) => ({
    source: 'flights',
    dataset: 'flights',
    path: `x${index}`,
    stamp: '',
    run: 'r1',
    code: 'ENGINE_CRASHED',
    message: 'the engine stopped',
    failedAtMs: NOW - 1 - index,
    attempts: 1,
  }))
  const runs = [
    aRun({ status: 'failed', errorCode: 'ENOSPC', errorMessage: 'no space' }),
    aRun({ startedAtMs: NOW - 2 * DAY }),
  ]
  const view = failures(await factsOf({ checks, failures: unjudged, runs }), context)
  expect(view).toMatchObject({ total: 10, vitalFew: 2, causesTotal: 3 })
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
    firstSeenAt: new Date(NOW - MINUTE - 5 * HOUR).toISOString(),
    lastSeenAt: new Date(NOW - MINUTE).toISOString(),
    byDay: [0, 0, 0, 0, 0, 0, 0, 6],
  })
  expect(view.causes[0]?.examples).toHaveLength(5)
  expect(view.days.at(-1)).toMatchObject({ day: '2026-11-21', count: 10 })
  expect(view.summary).toBe(
    '10 failures of 3 causes; 2 causes make up 80 % or more, the first being delay:between of flights with 6 (60 %).',
  )
})

test('of a check that failed more often than is listed all is counted, and the first time is known to the hour', async () => {
  const checks = Array.from({ length: 50 }, (_, index) =>
    aCheck('failed', { file: `flights/f${index}#1`, checkedAtMs: NOW - MINUTE - index * 10 * MINUTE }),
  )
  const [cause] = failures(await factsOf({ checks }), context).causes
  // The oldest is 8 h 11 min ago: at 03:49.
  expect(cause).toMatchObject({ count: 50, files: 50, firstSeenAt: '2026-11-21T03:00:00.000Z' })
})

test('a held file with a recorded check is counted once, its damage as a cause of its own', async () => {
  const held = aFile({ outcome: 'held', reasons: [reason('delay:between'), reason('PQ105')] })
  const view = failures(await factsOf({ checks: [aCheck('failed')], files: [held] }), context)
  expect(new Set(view.causes.map(({ kind, code, count }) => `${kind} ${code} ${count}`))).toEqual(
    new Set(['check delay:between 1', 'file PQ105 1']),
  )
  expect(view.causes.find(({ code }) => code === 'PQ105')?.suggestion).toContain('tidegate files explain')
})

test('where more files are held than are listed, the sums of the quarantine count', async () => {
  const quarantine = [
    {
      source: 'flights',
      dataset: 'flights',
      kind: 'held',
      status: 'open',
      reason: 'PQ105',
      dayMs: Date.UTC(2026, 10, 20),
      items: 4000,
      rows: 0,
      bytes: 0,
    },
  ] as const
  const files = [aFile({ outcome: 'held', reasons: [reason('PQ105')], decidedAtMs: NOW - DAY })]
  const [cause] = failures(await factsOf({ files, quarantine }), context).causes
  expect(cause).toMatchObject({ count: 4000, files: 4000, examples: ['flights/a.parquet#1'], message: 'PQ105' })
})

test('where a repair with loss would bring rows back, that is said beside the damage and is no failure of its own', async () => {
  const held = aFile({
    outcome: 'held',
    path: 'week 3.parquet',
    reasons: [reason('PQ105'), reason('REPAIR_IS_LOSSY', 'warning')],
  })
  const { total, causes } = failures(await factsOf({ files: [held] }), context)
  expect([total, causes.map(({ code }) => code)]).toEqual([1, ['PQ105']])
  expect(causes[0]?.suggestion).toContain(
    `tidegate files retry 'week 3.parquet' --set 'sources.${held.source}.repair=lossy'`,
  )
})

test('several findings of one damaged file are one cause, named by the first', async () => {
  const held = aFile({ outcome: 'held', reasons: [reason('PQ105'), reason('PQ201'), reason('PQ604')] })
  const { total, causes } = failures(await factsOf({ files: [held] }), context)
  expect([total, causes.map(({ code, files }) => [code, files])]).toEqual([1, [['PQ105', 1]]])
})

test('rejected rows are spoken of only where some can have been rejected', async () => {
  const between = 'expect_column_values_to_be_between'
  const suggestion = async (result: Parameters<typeof aCheck>[2]): Promise<string | undefined> =>
    failures(await factsOf({ checks: [aCheck('failed', {}, result)] }), context).causes[0]?.suggestion
  expect(await suggestion({ type: between })).toContain('rejected rows')
  expect(await suggestion({ type: between, severity: 'warning' })).toContain('no row was rejected')
  for (const type of ['expect_column_mean_to_be_between', 'expect_column_max_to_be_between']) {
    expect(await suggestion({ type, rowLevel: false })).toContain('figure of the whole file')
  }
  expect(await suggestion({ type: 'expect_table_row_count_to_be_between', rowLevel: false })).toContain('rows')
  expect(await suggestion({ type: 'expect_something_else', rowLevel: false })).toContain('no single row')
})

test('of a column that must have no NULLs it is said that NULLs came', async () => {
  const checks = [aCheck('failed', {}, { id: 'schema:origin:nullable', type: 'schema' })]
  expect(failures(await factsOf({ checks }), context).causes[0]?.suggestion).toMatch(/^NULLs came/)
})

test('a source that could not be read has no dataset, and is named itself', async () => {
  const failure = {
    source: 'flights',
    dataset: '',
    path: 'x',
    stamp: '',
    run: 'r1',
    code: 'SOURCE_UNREADABLE',
    message: 'no such folder',
    failedAtMs: NOW - HOUR,
    attempts: 1,
  }
  const { causes, summary } = failures(await factsOf({ failures: [failure] }), context)
  expect(causes[0]).toMatchObject({ dataset: null, source: 'flights' })
  expect(summary).toContain('SOURCE_UNREADABLE of flights')
})

test('fingerprints of hostile names stay apart and can be made of anything', async () => {
  const names = ['a/b', 'a', "'; DROP TABLE", '\ud800', '../x', 'ü\n', '</script>']
  const checks = names.map((name) => aCheck('failed', { source: name, dataset: name }))
  const { causes } = failures(await factsOf({ checks }), context)
  expect(new Set(causes.map(({ fingerprint }) => fingerprint)).size).toBe(names.length)
})

test('without a failure there is no cause, and that is said', async () => {
  expect(failures(await factsOf({ checks: [aCheck('passed')] }), context)).toMatchObject({
    total: 0,
    causes: [],
    vitalFew: 0,
    summary: 'Nothing failed in the window.',
  })
})
