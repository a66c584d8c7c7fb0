import { expect, test } from 'vitest'
import type { RunStatus } from '@tidegate/core'
import {
  aCheck,
  aFile,
  aRun,
  aSource,
  DAY,
  factsOf,
  HOUR,
  MINUTE,
  NOW,
  type Records,
} from '../testing/facts-builder.ts'
import type { OverviewView } from './overview-view.ts'
import { overview } from './overview.ts'

const context = { nowMs: NOW, config: [aSource()] }
const schemaOk = aCheck('passed', {}, { id: 'schema', type: 'schema', dimension: 'schema' })

async function board(records: Records = {}): Promise<OverviewView> {
  return overview(await factsOf(records), context)
}

test('green needs evidence of runs, checks and schema', async () => {
  const full = { runs: [aRun()], checks: [aCheck('passed'), schemaOk] }
  const healthOf = async (records: Records): Promise<string> => (await board(records)).health
  expect(await healthOf(full)).toBe('ok')
  expect(await healthOf({ ...full, runs: [] })).toBe('unknown')
  expect(await healthOf({ ...full, checks: [schemaOk] })).toBe('unknown')
  expect(await healthOf({ ...full, checks: [aCheck('passed')] })).toBe('unknown')
  expect(await healthOf({})).toBe('unknown')
  expect(overview(await factsOf(), { nowMs: NOW, config: [] }).health).toBe('unknown')
})

test('the health of a source is the worst of its facets', async () => {
  const runHealth = async (status: RunStatus): Promise<string | undefined> =>
    (await board({ runs: [aRun({ status })] })).sources[0]?.run.health
  const statuses = ['ok', 'nothing-new', 'partial', 'interrupted', 'gate-failed', 'failed', 'running'] as const
  const healths = await Promise.all(statuses.map((status) => runHealth(status)))
  expect(healths).toEqual(['ok', 'ok', 'warn', 'warn', 'bad', 'bad', 'unknown'])
  const checks = [aCheck('failed', {}, { severity: 'warning' }), schemaOk]
  const warned = await board({ runs: [aRun()], checks })
  expect([warned.health, warned.attention[0]?.text]).toEqual(['warn', '1 of 1 check failed as warnings: delay:between'])
})

test('a profile that ended well does not hide a load that failed', async () => {
  const runs = [aRun({ id: 'p', command: 'profile', startedAtMs: NOW - MINUTE }), aRun({ id: 'i', status: 'failed' })]
  expect((await board({ runs })).sources[0]).toMatchObject({ lastRunStatus: 'failed', run: { health: 'bad' } })
})

test('a check that was mended by a later run is not red any more, on another day and on the same', async () => {
  const healthOf = async (failedAtMs: number): Promise<string | undefined> => {
    const runs = [
      aRun({ id: 'r2', startedAtMs: NOW - HOUR - 1000 }),
      aRun({ id: 'r1', startedAtMs: failedAtMs - 1000, endedAtMs: failedAtMs + 1000 }),
    ]
    const checks = [aCheck('passed', { run: 'r2' }), aCheck('failed', { run: 'r1', checkedAtMs: failedAtMs }), schemaOk]
    return (await board({ runs, checks })).sources[0]?.checks.health
  }
  expect(await healthOf(NOW - DAY)).toBe('ok')
  expect(await healthOf(NOW - 3 * HOUR)).toBe('ok')
})

test('of the newest run one failed file among good ones keeps the check red', async () => {
  const run = aRun({ id: 'r1', startedAtMs: NOW - 2 * HOUR, endedAtMs: NOW - MINUTE })
  const checks = [
    aCheck('failed', { checkedAtMs: NOW - HOUR }),
    aCheck('passed', { file: 'b', checkedAtMs: NOW - 30 * MINUTE }),
    schemaOk,
  ]
  expect((await board({ runs: [run], checks })).sources[0]?.checks).toEqual({
    health: 'bad',
    because: '1 of 1 check failed: delay:between',
  })
})

test('an error of a check is bad whatever its severity', async () => {
  const checks = [aCheck('error', {}, { severity: 'info' }), schemaOk]
  expect((await board({ runs: [aRun()], checks })).health).toBe('bad')
})

test('a late source needs attention, and open quarantine does too, with commands that quote the name', async () => {
  const name = "it's; rm -rf"
  const config = [aSource({ name, expect: { files: null, by: null, every: '1h' } })]
  const facts = await factsOf({
    runs: [aRun({ source: name })],
    files: [
      aFile({ source: name, decidedAtMs: NOW - 61 * MINUTE }),
      aFile({ source: name, path: 'h', outcome: 'held' }),
    ],
  })
  const { attention } = overview(facts, { nowMs: NOW, config })
  expect(attention.map(({ health }) => health)).toEqual(['bad', 'warn'])
  expect(attention[0]?.command).toBe(String.raw`tidegate validate-source 'it'\''s; rm -rf'`)
})

test('runs that have not ended do not lower the success rate', async () => {
  const runs = [
    aRun({ id: 'a', status: 'running', endedAtMs: null }),
    aRun({ id: 'b' }),
    aRun({ id: 'c', status: 'failed' }),
  ]
  expect((await board({ runs })).totals).toMatchObject({ runs: 3, successPercent: 50 })
  expect((await board()).totals.successPercent).toBeNull()
})

test('rows that came out of quarantine count as loaded', async () => {
  const files = [
    aFile({ rowsRead: 10, rowsLoaded: 7, rowsRejected: 1, rowsReplayed: 2 }),
    aFile({ path: 'b', rowsLoaded: 5 }),
  ]
  const { totals, sources, days } = await board({ files })
  expect([totals.rowsLoaded, sources[0]?.rowsLoaded, days.at(-1)?.rowsLoaded]).toEqual([14, 14, 14])
})

test('the four gauges have values with evidence only, and compare the last whole day with the one before', async () => {
  const { gauges: nothing } = await board()
  expect(nothing.map(({ id, value, health, delta }) => [id, value, health, delta])).toEqual([
    ['score', null, 'unknown', null],
    ['success', null, 'unknown', null],
    ['freshness', null, 'unknown', null],
    ['throughput', null, 'unknown', null],
  ])
  // Rows per second: 100 today and yesterday, 400 on each of the seven days before.
  const runs = Array.from({ length: 9 }, (_, back) =>
    aRun({ id: `r${back}`, startedAtMs: NOW - HOUR - back * DAY, rowsRead: back < 2 ? 1000 : 4000 }),
  )
  const { gauges } = await board({ runs })
  expect(gauges.find(({ id }) => id === 'throughput')).toMatchObject({
    value: 100,
    reference: 400,
    delta: -300,
    health: 'warn',
    trend: [400, 400, 400, 400, 400, 400, 100, 100],
  })
  expect(gauges.find(({ id }) => id === 'success')).toMatchObject({ value: 100, health: 'ok', delta: 0 })
})

test('what changed since yesterday: a new cause before one that is gone', async () => {
  const at = (back: number): { checkedAtMs: number } => ({ checkedAtMs: NOW - HOUR - back * DAY })
  const checks = [
    aCheck('failed', at(0), { id: 'new' }),
    aCheck('passed', at(2), { id: 'new' }),
    aCheck('failed', at(2), { id: 'gone' }),
    aCheck('passed', at(0), { id: 'gone' }),
  ]
  const texts = (await board({ checks })).changes.map(({ health, text }) => `${health} ${text}`)
  expect(texts).toEqual(['bad new: new of flights (1 time)', 'ok gone: gone of flights'])
})

test('a check that failed on a file of long ago is not red once later files of its dataset were fine', async () => {
  // The column was missing in one file: only there the check of it is known.
  const missing = aCheck('failed', { checkedAtMs: NOW - 5 * DAY, run: 'old', file: 'flights/old#1' }, MISSING)
  const runs = [aRun(), aRun({ id: 'old', startedAtMs: NOW - 5 * DAY - 1000, endedAtMs: NOW - 5 * DAY + 1000 })]
  const checks = [missing, aCheck('passed', { run: runs[0]!.id }), schemaOk]
  expect((await board({ runs, checks })).sources[0]).toMatchObject({
    schema: { health: 'ok' },
    checks: { health: 'ok', because: '1 check passed' },
  })
  // Without a later file it stands.
  const alone = (await board({ runs, checks: [missing] })).sources[0]
  expect(alone?.schema).toEqual({ health: 'bad', because: '1 of 1 schema check failed: schema:date:missing' })
})

const MISSING = { id: 'schema:date:missing', type: 'schema', dimension: 'schema' } as const

test('attention names the checks that failed, and very long names are cut', async () => {
  const checks = ['b'.repeat(500), 'c', 'd'].map((id) => aCheck('failed', {}, { id }))
  const { attention } = await board({ runs: [aRun()], checks: [...checks, schemaOk] })
  expect(attention.map(({ text, command }) => [text, command])).toEqual([
    [`3 of 3 checks failed: ${'b'.repeat(59)}…, c and 1 more`, 'tidegate monitor failures flights'],
  ])
})

test('where nobody said what is right, good checks of files without a score are no evidence', async () => {
  const files = [aFile({ score: null })]
  const { sources, gauges } = await board({ runs: [aRun()], files, checks: [aCheck('passed')] })
  expect(sources[0]).toMatchObject({ score: null, health: 'unknown', checks: { health: 'unknown' } })
  expect(gauges[0]?.value).toBeNull()
  // What failed is told all the same.
  const failing = await board({ runs: [aRun()], files, checks: [aCheck('passed'), aCheck('failed', {}, { id: 'x' })] })
  expect(failing.sources[0]).toMatchObject({ score: 50, checks: { health: 'bad' } })
})

test('a file that could not be judged waits until a run came to its end without it', async () => {
  const failure = {
    source: 'flights',
    dataset: 'flights',
    path: 'x',
    stamp: '',
    run: 'r1',
    code: 'SOURCE_UNREADABLE',
    message: '',
    failedAtMs: NOW - DAY,
    attempts: 1,
  }
  const during = aRun({ id: 'r1', status: 'partial', startedAtMs: NOW - DAY - 1000, endedAtMs: NOW - DAY + 1000 })
  const failed = aRun({ id: 'r2', status: 'failed', startedAtMs: NOW - HOUR })
  const waiting = async (runs: Records['runs'] = []): Promise<number> =>
    (await board({ runs, failures: [failure] })).totals.filesFailed
  expect(await waiting([during])).toBe(1)
  expect(await waiting([failed, during])).toBe(1)
  expect(await waiting([aRun({ id: 'r3', status: 'nothing-new' }), failed, during])).toBe(0)
})
