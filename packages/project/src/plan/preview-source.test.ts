import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunRecord, SourceConfig } from '@tidegate/core'
import type { Project } from '../open-project.ts'
import { readEngines, testEngine } from '../read-engines.ts'
import { openBench, type Bench } from '../testing/temp-project.ts'
import { estimateSource, priceOf } from './estimate-source.ts'
import { previewSource } from './preview-source.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})

afterAll(async () => {
  await bench.close()
})

function only(project: Project): SourceConfig {
  const [source] = project.config.sources
  if (source === undefined) throw new Error('no source')
  return source
}

test('a preview says what would be taken, what waits, and how the first files would fare, and changes nothing', async () => {
  const project = bench.project({ ready: { settle: '0s', marker: '{name}.done' } })
  const columns = {
    id: { type: 'BIGINT' },
    mail: { type: 'VARCHAR', sensitive: 'mask' },
    pin: { type: 'BIGINT', sensitive: 'drop' },
  }
  const rule = { type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }
  project.contract('s', columns, { expectations: [rule] })
  project.land('a.csv', 'id,mail,pin\n1,a@example.com,7\n99,b@example.com,8\n')
  project.land('b.csv', 'id,mail,pin\n2,c@example.com,9\n')
  project.land('c.csv', 'id,mail,pin\n3,d@example.com,9\n')
  project.land('a.csv.done', '')
  project.land('b.csv.done', '')
  const opened = await project.open({ readOnly: true })
  const before = project.tree('')
  const preview = await previewSource(opened, only(opened), { files: 1, rows: 1 })
  expect(preview).toMatchObject({ filesToDo: 2, waitingTotal: 1, unchanged: 0 })
  expect(preview.files.map(({ path, why }) => [path, why])).toEqual([
    ['a.csv', 'new file'],
    ['b.csv', 'new file'],
  ])
  expect(preview.waiting.map(({ path }) => path)).toEqual(['c.csv'])
  expect(preview.judged).toMatchObject([
    { path: 'a.csv', rows: 2, verdict: 'hold', firstRows: [{ row: 0, values: { id: 1, mail: '***' } }] },
  ])
  expect(preview.judged[0]?.failed.map(({ columns: names }) => names)).toEqual([['id']])
  expect(JSON.stringify(preview)).not.toMatch(/example\.com|"pin":\d/)
  expect(project.tree('')).toEqual(before)
  await opened.close()
})

test('without a contract, columns that speak of people are masked all the same', async () => {
  const project = bench.project()
  project.land('a.csv', 'id,contact,phone,city\n1,ann@example.com,12345,Oslo\n')
  const opened = await project.open()
  const { judged } = await previewSource(opened, only(opened), { files: 5, rows: 5 })
  expect(judged[0]?.firstRows).toEqual([{ row: 0, values: { id: 1, contact: '***', phone: '***', city: 'Oslo' } }])
  await opened.close()
})

test.each([
  ['no contract', undefined, 'CONTRACT_MISSING', 'on_missing_contract: profile'],
  ['a contract with a mistake', { schema: 7 }, 'CONTRACT_INVALID', 's.yaml'],
])(
  'where a run takes nothing because of %s, the preview admits nothing and says why',
  async (_, parts, check, part) => {
    const project = bench.project({ on_missing_contract: 'hold' })
    if (parts !== undefined) project.contract('s', {}, parts)
    project.land('a.csv', 'id\n1\n')
    const opened = await project.open()
    const preview = await previewSource(opened, only(opened), { files: 5, rows: 5 })
    expect(preview).toMatchObject({ filesSeen: 1, filesToDo: 0, bytesToDo: 0, files: [], unchanged: 0 })
    expect(preview.waiting).toEqual([{ path: 'a.csv', why: expect.stringContaining(part) as string }])
    expect(preview.judged).toMatchObject([{ path: 'a.csv', rows: 1, verdict: 'hold', reasons: [{ check }] }])
    await opened.close()
  },
)

test('a file that cannot be read is said to be so, beside its neighbours', async () => {
  const project = bench.project()
  project.land('a.parquet', 'PAR1 and nothing else')
  project.land('b.csv', 'id\n1\n')
  const opened = await project.open()
  const { judged } = await previewSource(opened, only(opened), { files: 5, rows: 5 })
  expect(judged.map(({ path, verdict }) => [path, verdict])).toEqual([
    ['a.parquet', 'unreadable'],
    ['b.csv', 'admit'],
  ])
  expect(judged[0]?.reasons).not.toEqual([])
  await opened.close()
})

const PRICES = { currency: 'EUR', computePerHour: 3.6, storageRequestsPer1000: 0.5 }

function past(run: Partial<RunRecord>): RunRecord {
  const counts = {
    filesSeen: 0,
    filesHeld: 0,
    filesSkipped: 0,
    filesFailed: 0,
    rowsRead: 1000,
    rowsLoaded: 0,
    rowsRejected: 0,
  }
  const base = { id: 'r', command: 'ingest', source: 's', status: 'ok', startedAtMs: 0, endedAtMs: 10_000 } as const
  const rest = { filesLoaded: 2, bytesRead: 100, errorCode: null, errorMessage: null, watermarkValue: null }
  return { ...base, ...counts, ...rest, ...run }
}

test('money is time and requests by the price table, as the formula says', () => {
  const load = { filesSeen: 10, folders: 1, files: 2, bytes: 100, batches: 1 }
  const priced = priceOf(load, [past({})], { prices: PRICES, runsPerMonth: 30 })
  // 1 folder + 10 files + 2 × 2 new files + 6 of the batch.
  expect(priced.requests).toBe(21)
  // The run before took 10 s with the same files and bytes: 10 s of 3.60 an hour.
  expect(priced.perRun).toEqual({
    currency: 'EUR',
    compute: { low: 0.01, high: 0.01 },
    storage: { low: 0.0105, high: 0.0105 },
    total: { low: 0.0205, high: 0.0205 },
  })
  // One run gives no spread: up to three times its time (the mean and twice the mean).
  expect(priced.perMonth).toMatchObject({
    runs: 30,
    requests: 630,
    compute: { low: 0, high: 0.9 },
    storage: { low: 0.315 },
  })
})

test('without a past or a schedule nothing is made up', () => {
  const load = { filesSeen: 10, folders: 1, files: 2, bytes: 100, batches: 1 }
  expect(priceOf(load, [], { prices: PRICES, runsPerMonth: 30 })).toMatchObject({ perRun: null, perMonth: null })
  expect(priceOf(load, [past({})], { prices: PRICES, runsPerMonth: undefined }).perMonth).toBeNull()
})

test('an estimate of a real source counts its files and reads none', async () => {
  const project = bench.project()
  project.land('x/a.csv', 'id\n1\n')
  project.land('x/b.csv', 'id\n22\n')
  const opened = await project.open()
  const effects = {
    ...opened.effects,
    store: { ...opened.effects.store, hash: () => Promise.reject(new Error('it was read')) },
  }
  const estimate = await estimateSource({ ...opened, effects }, only(opened), { prices: PRICES, runsPerMonth: 4 })
  expect(estimate).toMatchObject({ source: 's', filesSeen: 2, files: 2, bytes: 11, batches: 1, perRun: null })
  await opened.close()
})

test('the embedded engine is listed, answers, and an unknown one is refused', async () => {
  const opened = await bench.project().open()
  expect(readEngines(opened.config)).toMatchObject([{ name: 'duckdb', kind: 'duckdb', place: 'embedded', maxRuns: 2 }])
  expect(await testEngine(opened.config, 'duckdb')).toMatchObject({
    ok: true,
    version: expect.stringMatching(/^v\d/) as string,
  })
  await expect(testEngine(opened.config, 'spark')).rejects.toMatchObject({ code: 'ENGINE_UNKNOWN' })
  await opened.close()
})
