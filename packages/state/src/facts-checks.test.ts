import type { ContractVersion, FactWindow, FailedChecksOf } from '@tidegate/core'
import { expect, test } from 'vitest'
import type { State } from './index.ts'
import { makeEntry } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'
import { makeCheck } from './testing/make-check.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Begin of a day. */
const DAY_1 = Date.UTC(2026, 2, 1)
const EVER: FactWindow = { sinceMs: 0, untilMs: DAY_1 * 2 }

test('results of checks are counted by day; one that is recorded again takes the place of the earlier one', async () => {
  const state = await freshState()
  await state.recordChecks([
    makeCheck('c', 'passed'),
    makeCheck('c', 'failed', { file: 'flights/g#1', unexpected: 4 }),
    makeCheck('c', 'error', { file: 'flights/h#1' }),
  ])
  const day = {
    source: 'flights',
    dataset: 'd',
    check: 'c',
    type: 'expect_x',
    columns: ['a'],
    severity: 'warning',
    dimension: 'validity',
    dayMs: DAY_1,
    passed: 1,
    failed: 1,
    errors: 1,
    unexpectedRows: 4,
    lastMs: DAY_1 + 5,
  }
  expect(await state.sumCheckDays(EVER)).toEqual([day])
  await state.recordChecks([makeCheck('c', 'passed', { file: 'flights/g#1', checkedAtMs: DAY_1 + 9 })])
  expect(await state.sumCheckDays(EVER)).toEqual([
    { ...day, passed: 2, failed: 0, unexpectedRows: 0, lastMs: DAY_1 + 9 },
  ])
  expect(await state.sumCheckFailures(EVER)).toEqual([
    { source: 'flights', dataset: 'd', check: 'c', hourMs: DAY_1, failed: 0, errors: 1, files: 1 },
  ])
})

test('what is pruned, renamed and imported is counted as it is then', async () => {
  const state = await freshState()
  await state.recordChecks([
    makeCheck('c', 'passed', { checkedAtMs: DAY_1 - 1 }),
    makeCheck('c', 'passed', { checkedAtMs: DAY_1 + HOUR_MS, run: 'r2' }),
    makeCheck('c', 'failed', { checkedAtMs: DAY_1 + 3 * HOUR_MS, run: 'r3' }),
  ])
  const exported = await Array.fromAsync(state.exportState())
  const counts = async (of: State): Promise<readonly unknown[]> =>
    (await of.sumCheckDays(EVER)).map((day) => [day.source, day.dayMs, day.passed, day.failed])
  await state.pruneHistory(DAY_1 + 2 * HOUR_MS)
  expect(await counts(state)).toEqual([['flights', DAY_1, 0, 1]])
  await state.renameSource('flights', 'planes')
  expect(await counts(state)).toEqual([['planes', DAY_1, 0, 1]])
  const copy = await freshState()
  await copy.importRows(exported)
  await copy.importRows(exported)
  expect(await counts(copy)).toEqual([
    ['flights', DAY_1 - DAY_MS, 1, 0],
    ['flights', DAY_1, 1, 1],
  ])
})

test('of each check the newest failures come', async () => {
  const state = await freshState()
  await state.recordChecks(
    [1, 2, 3].flatMap((n) => [
      makeCheck('c', 'failed', { checkedAtMs: DAY_1 + n, run: `r${String(n)}` }),
      makeCheck('d', n === 2 ? 'error' : 'passed', { checkedAtMs: DAY_1 + n, run: `r${String(n)}` }),
    ]),
  )
  const { items, total } = await state.failedChecks(EVER, 2)
  expect(total).toBe(4)
  expect(items.map((one) => [one.result.id, one.run])).toEqual([
    ['c', 'r3'],
    ['d', 'r2'],
    ['c', 'r2'],
  ])
  expect(items[0]).toEqual(makeCheck('c', 'failed', { checkedAtMs: DAY_1 + 3, run: 'r3' }))
  const page = async (only: FailedChecksOf): Promise<unknown> => {
    const found = await state.failedChecks(EVER, 2, only)
    return [found.items.map((one) => `${one.result.id} ${one.run}`), found.total]
  }
  expect(await page({ check: 'c' })).toEqual([['c r3', 'c r2'], 3])
  expect(await page({ check: 'c', offset: 2 })).toEqual([['c r1'], 3])
  expect(await page({ check: 'c', offset: 4 })).toEqual([[], 3])
  expect(await page({ check: "c'", offset: 0 })).toEqual([[], 0])
  expect(await page({ dataset: items[0]?.dataset ?? '', check: 'd' })).toEqual([['d r2'], 1])
  expect(await page({ dataset: 'another' })).toEqual([[], 0])
})

test('runs of the window come, and the newest of each source however old', async () => {
  const state = await freshState()
  for (const [id, source, startedAtMs] of [
    ['1', 'old', 1],
    ['2', 'old', 2],
    ['3', 'new', DAY_1],
    ['4', 'new', DAY_1 + 1],
    ['5', 'new', DAY_1 + 2],
  ] as const)
    await state.openRun({ id, command: 'ingest', source, startedAtMs })
  const ids = async (window: FactWindow, limit: number): Promise<unknown> => {
    const { items, total } = await state.factRuns(window, 1, limit)
    return [items.map(({ id }) => id).join(''), total]
  }
  expect(await ids({ ...EVER, sinceMs: DAY_1 + 1 }, 10)).toEqual(['542', 3])
  expect(await ids({ ...EVER, sinceMs: DAY_1 }, 3)).toEqual(['542', 4])
  expect(await ids({ ...EVER, sinceMs: DAY_1, sources: ['new'] }, 10)).toEqual(['543', 3])
  expect(await ids({ sinceMs: DAY_1, untilMs: DAY_1 + 1 }, 10)).toEqual(['32', 2])
})

test('schemas and contracts of the window come with the one before each', async () => {
  const state = await freshState()
  for (const [seq, id] of ['s1', 's2', 's2', 's3'].entries()) {
    const schema = { id, columns: [{ name: id, type: 'BIGINT' }] }
    await state.indexEntry(
      '/lake',
      makeEntry(seq + 1, [], { committedAt: new Date(DAY_1 + seq * DAY_MS).toISOString(), schema }),
    )
  }
  const window = { sinceMs: DAY_1 + 2 * DAY_MS, untilMs: DAY_1 + 5 * DAY_MS }
  expect((await state.schemaVersions(window)).map(({ id, firstSeenMs }) => [id, firstSeenMs])).toEqual([
    ['s2', DAY_1 + DAY_MS],
    ['s3', DAY_1 + 3 * DAY_MS],
  ])
  const contract = (id: string, firstUsedMs: number): ContractVersion => ({
    source: 'flights',
    dataset: 'd',
    id,
    firstUsedMs,
    run: 'r',
    version: 1,
    columns: [{ name: `"'`, type: 'BIGINT', nullable: true, required: true, sensitive: false }],
    checks: [{ id: 'c', type: 'expect_x', columns: ['a'], severity: 'critical', digest: '0' }],
  })
  for (const [day, id] of ['a', 'a', 'b', 'a', 'a'].entries())
    await state.recordContract(contract(id, DAY_1 + day * DAY_MS))
  expect(await state.contractVersions(EVER)).toEqual([
    contract('a', DAY_1),
    contract('b', DAY_1 + 2 * DAY_MS),
    contract('a', DAY_1 + 3 * DAY_MS),
  ])
  expect((await state.contractVersions({ ...EVER, sinceMs: DAY_1 + 3 * DAY_MS })).map(({ id }) => id)).toEqual([
    'b',
    'a',
  ])
})

test('failures of the window come newest first', async () => {
  const state = await freshState()
  await state.recordFailures(
    [1, 2, 3].map((n) => ({
      source: 'flights',
      dataset: 'd',
      path: String(n),
      stamp: 's',
      run: 'r',
      code: 'C',
      message: 'm',
      failedAtMs: DAY_1 + n,
    })),
  )
  const { items, total } = await state.factFailures({ ...EVER, sinceMs: DAY_1 + 2 }, 1)
  expect([items.map(({ path }) => path), total]).toEqual([['3'], 2])
})
