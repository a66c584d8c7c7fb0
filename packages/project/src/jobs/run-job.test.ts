import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBench, type Bench } from '../testing/temp-project.ts'
import type { Project } from '../open-project.ts'
import { hasWork } from './has-work.ts'
import { runJob, type JobOrder, type JobOutcome } from './run-job.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})

afterAll(async () => {
  await bench.close()
})

const ROW = { id: { type: 'BIGINT' } }
const SMALL = { type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }

test('a file is loaded by the attempt that it was ordered for, and an attempt after it finds nothing', async () => {
  const project = bench.project()
  project.land('a.csv', 'id\n1\n2\n')
  const opened = await project.open()
  expect(await run(opened, { run: '20261121T120000000-00000001' })).toMatchObject({
    outcome: 'ok',
    errorCode: null,
    summary: { filesLoaded: 1, rowsLoaded: 2 },
  })
  const [record] = await opened.state.listRuns({ source: 's' })
  expect(record).toMatchObject({ id: '20261121T120000000-00000001', status: 'ok' })
  expect(await run(opened, {})).toMatchObject({ outcome: 'nothing-new' })
  await opened.close()
})

test('rows behind a gate are a gate that failed; mended by hand they are replayed by a job', async () => {
  const project = bench.project({ on_missing_contract: 'hold' })
  project.contract('s', ROW, { expectations: [SMALL] })
  project.land('a.csv', 'id\n1\n99\n')
  const opened = await project.open()
  expect(await run(opened, {})).toMatchObject({ outcome: 'gate-failed', summary: { filesHeld: 1 } })
  const [record] = await opened.state.listQuarantine({ status: 'open' })
  const records = [record?.id ?? '']
  expect(await run(opened, { command: 'replay', args: { records } })).toMatchObject({ outcome: 'gate-failed', summary: { stays: 1 } }) // prettier-ignore
  project.contract('s', ROW)
  const replayed = await run(opened, { command: 'replay', args: { records }, run: '20261121T120000000-00000002' })
  expect(replayed).toMatchObject({ outcome: 'ok', summary: { records: 1, loaded: 1, rowsLoaded: 2 } })
  expect((await opened.state.listRuns({ source: 's' })).map(({ id }) => id)).toContain('20261121T120000000-00000002')
  expect(await run(opened, { command: 'replay', args: { records } })).toMatchObject({ outcome: 'nothing-new' })
  await opened.close()
})

test('files that wait for a contract are nowhere in the lists, so the run itself says why', async () => {
  const project = bench.project({ on_missing_contract: 'hold' })
  project.land('a.csv', 'id\n1\n')
  project.land('b.csv', 'id\n1\n')
  const opened = await project.open()
  const waits = await run(opened, {})
  expect(waits).toMatchObject({ outcome: 'gate-failed', errorCode: 'CONTRACT_MISSING', summary: { filesWaiting: 2 } })
  expect(waits.errorMessage).toMatch(/^2 files could not be judged: no contract .*tidegate profile s$/)
  await opened.close()
})

test('a source that somebody else works on is not failed', async () => {
  const opened = await bench.project().open()
  await opened.state.acquireLease('s', { id: 'elsewhere:1:1', what: 'a run elsewhere' }, Date.now(), 60_000)
  expect(await run(opened, {})).toMatchObject({ outcome: 'lease-held', errorCode: 'LEASE_HELD' })
  expect(await run(opened, { command: 'maintain', source: '' })).toMatchObject({ outcome: 'lease-held' })
  await opened.close()
})

test.each([
  [undefined, 'cancelled'],
  ['expired', 'expired'],
  ['interrupted', 'interrupted'],
])('who is told to stop with %s ends as %s', async (reason, outcome) => {
  const opened = await bench.project().open()
  const stop = new AbortController()
  stop.abort(reason)
  expect(await run(opened, {}, stop.signal)).toMatchObject({ outcome, errorCode: 'CANCELLED' })
  expect(await opened.state.listRuns({ source: 's' })).toEqual([])
  await opened.close()
})

test.each<[Partial<JobOrder>, string]>([
  [{ source: 'nobody' }, 'CONFIG_UNKNOWN_SOURCE'],
  [{ args: { force: 'yes' } }, 'JOB_BAD_ARGUMENT'],
  [{ args: { threshold: 101 } }, 'JOB_BAD_ARGUMENT'],
  [{ args: { plan: '../../etc/passwd' } }, 'PLAN_UNKNOWN'],
  [{ command: 'release', args: {} }, 'JOB_BAD_ARGUMENT'],
  [{ command: 'discard', args: { records: 'all' } }, 'JOB_BAD_ARGUMENT'],
  [{ command: 'digest', source: '', args: { channel: 'nobody' } }, 'CONFIG_UNKNOWN_CHANNEL'],
  [{ command: 'paint' as JobOrder['command'] }, 'JOB_UNKNOWN_COMMAND'],
])('the order %j fails with %s, and nothing was done', async (order, code) => {
  const opened = await bench.project().open()
  expect(await run(opened, order)).toMatchObject({ outcome: 'failed', errorCode: code })
  expect(await opened.state.listRuns({})).toEqual([])
  await opened.close()
})

test('work is found when a file came, and not while it settles, when it is loaded, or when it only waits', async () => {
  const project = bench.project({ ready: { settle: '0s', marker: '{name}.done' } })
  const opened = await project.open()
  const [source] = opened.config.sources
  if (source === undefined) throw new Error('no source')
  expect(await hasWork(opened, source)).toEqual({ found: false, files: 0 })
  project.land('a.csv', 'id\n1\n')
  expect((await hasWork(opened, source)).found).toBe(false)
  project.land('a.csv.done', '')
  expect(await hasWork(opened, source)).toEqual({ found: true, files: 1 })
  expect((await hasWork(opened, { ...source, ready: { ...source.ready, settleMs: 3_600_000 } })).found).toBe(false)
  await run(opened, {})
  expect(await hasWork(opened, source)).toEqual({ found: false, files: 0 })
  await opened.close()
})

test('what the last run could not take starts no run at each look, but does when a contract comes', async () => {
  const project = bench.project({ on_missing_contract: 'hold' })
  project.land('a.csv', 'id\n1\n')
  const opened = await project.open()
  const [source] = opened.config.sources
  if (source === undefined) throw new Error('no source')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await run(opened, {})).toMatchObject({ outcome: 'gate-failed' })
  expect(await hasWork(opened, source)).toEqual({ found: false, files: 1 })
  const later = { ...opened, effects: { ...opened.effects, clock: { nowMs: () => Date.now() + 61_000 } } }
  expect((await hasWork(later, source)).found).toBe(true)
  project.contract('s', ROW)
  expect((await hasWork(opened, source)).found).toBe(true)
  await opened.close()
})

test('an ingestion that was made by API is found like a source of the file, until a source has its name', async () => {
  const project = bench.project()
  const first = await project.open()
  const made = { createdBy: 'token:1', createdAtMs: 1, updatedBy: 'token:1', updatedAtMs: 1 }
  const entry = { path: 'inbox/*.csv', on_missing_contract: 'admit', ready: { settle: '0s' } }
  await first.state.createIngestion({ id: 'inbox', entry, ...made })
  await first.state.createIngestion({ id: 'climber', entry: { path: '../../*.csv' }, ...made })
  await first.state.createIngestion({ id: 's', entry, ...made })
  await first.close()
  project.land('../inbox/b.csv', 'id\n1\n')
  const opened = await project.open()
  expect(opened.config.sources.map(({ name, origin }) => [name, origin])).toEqual([
    ['s', 'file'],
    ['inbox', 'api'],
  ])
  expect(opened.warnings.map(({ code, file }) => [code, file])).toEqual([
    ['INGESTION_OUTSIDE', 'ingestion climber'],
    ['INGESTION_NAME', 'ingestion s'],
  ])
  expect(await run(opened, { source: 'inbox' })).toMatchObject({ outcome: 'ok', summary: { rowsLoaded: 1 } })
  await opened.close()
})

test('an arrival that is late raises one alert per deadline, and is over when files come', async () => {
  const project = bench.project({ expect: { every: '1h' } })
  project.land('a.csv', 'id\n1\n')
  const opened = await project.open()
  await run(opened, {})
  const at = async (afterMs: number): Promise<JobOutcome> => {
    const clock = { nowMs: () => Date.now() + afterMs }
    const order: JobOrder = { command: 'arrivals', source: '', args: {}, run: 'r' }
    return runJob({ ...opened, effects: { ...opened.effects, clock } }, order)
  }
  expect(await at(0)).toMatchObject({ outcome: 'ok', summary: { sources: 1, fresh: 1, late: 0 } })
  await at(7_200_000)
  await at(7_260_000)
  const stale = (await opened.state.pendingSignals(100)).filter(
    ({ kind, effect }) => kind === 'stale' && effect === 'raise',
  )
  expect(stale).toHaveLength(1)
  expect(stale[0]).toMatchObject({ source: 's', detail: { expected: 'every 1h' } })
  await opened.close()
})

test('maintain and digest are done, and a digest of the same day is told once', async () => {
  const project = bench.project()
  const file = path.join(project.directory, 'tidegate.yaml')
  const config = JSON.parse(project.read('tidegate.yaml')) as Record<string, unknown>
  const channels = { ops: { kind: 'webhook', url: 'https://hooks.example.com/x', on: ['daily_digest'] } }
  writeFileSync(file, JSON.stringify({ ...config, channels }))
  project.land('a.csv', 'id\n1\n')
  const opened = await project.open()
  await run(opened, {})
  expect(await run(opened, { command: 'maintain', source: '' })).toMatchObject({ outcome: 'nothing-new' })
  for (const args of [{ channel: 'ops' }, {}]) {
    expect(await run(opened, { command: 'digest', source: 'ops', args })).toMatchObject({ outcome: 'ok', summary: { runs: 1, filesLoaded: 1 } }) // prettier-ignore
  }
  const told = (await opened.state.pendingSignals(100)).filter(({ kind }) => kind === 'daily_digest')
  expect(told.map(({ detail }) => detail['channel'])).toEqual(['ops'])
  await opened.close()
})

let orders = 0

async function run(project: Project, order: Partial<JobOrder>, signal?: AbortSignal): Promise<JobOutcome> {
  const id = `20261121T130000000-${String(++orders).padStart(8, '0')}`
  return runJob(project, { command: 'ingest', source: 's', args: {}, run: id, ...order }, { signal })
}
