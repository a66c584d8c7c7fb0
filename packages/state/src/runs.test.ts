import type { CheckRecord, CheckResult, FileFailure, RunRecord } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import type { State } from './index.ts'
import { freshState } from './testing/fresh-state.ts'

async function emptyState(isAlive?: (id: string) => boolean | 'unknown'): Promise<State> {
  return freshState({ nowMs: () => 5_000_000, isAlive })
}

const ended: RunRecord = {
  id: 'r1',
  command: 'ingest',
  source: 'flights',
  startedAtMs: 1000,
  endedAtMs: 2000,
  status: 'partial',
  filesSeen: 10,
  filesLoaded: 6,
  filesHeld: 2,
  filesSkipped: 1,
  filesFailed: 1,
  rowsRead: 2 ** 40,
  rowsLoaded: 90,
  rowsRejected: 10,
  bytesRead: 12_345,
  errorCode: 'SOURCE_UNREADABLE',
  errorMessage: "can't read",
  watermarkValue: '2024-01-01',
  peakMemoryBytes: 2 ** 33,
  plan: 'plan-1',
}
const opened = { id: 'r1', command: 'ingest', source: 'flights', startedAtMs: 1000 } as const
const notice = { key: 'k', channel: 'ops', event: 'run_failed', payload: { run: 'r1' }, createdAtMs: 2000 }

describe('a run', () => {
  test('is running with zeros, then has its outcome', async () => {
    const state = await emptyState()
    await state.openRun(opened)
    expect(await state.listRuns()).toEqual([
      {
        ...opened,
        endedAtMs: null,
        status: 'running',
        filesSeen: 0,
        filesLoaded: 0,
        filesHeld: 0,
        filesSkipped: 0,
        filesFailed: 0,
        rowsRead: 0,
        rowsLoaded: 0,
        rowsRejected: 0,
        bytesRead: 0,
        errorCode: null,
        errorMessage: null,
        watermarkValue: null,
        peakMemoryBytes: null,
        plan: null,
      },
    ])
    await state.closeRun(ended)
    expect(await state.listRuns()).toEqual([ended])
  })

  test('cannot be opened twice', async () => {
    const state = await emptyState()
    await state.openRun(opened)
    await expect(state.openRun(opened)).rejects.toMatchObject({ code: 'STATE_RUN_EXISTS' })
  })

  test('closes together with its notices, and keeps its first outcome', async () => {
    const state = await emptyState()
    await state.openRun(opened)
    await state.closeRun(ended, { notices: [notice] })
    await state.closeRun({ ...ended, status: 'ok' }, { notices: [notice] })
    expect(await state.listRuns()).toEqual([ended])
    expect(await state.takeNotices(10, 3000)).toHaveLength(1)
  })

  test('that was not opened is recorded when it closes', async () => {
    const state = await emptyState()
    await state.closeRun(ended)
    expect(await state.listRuns()).toEqual([ended])
  })

  test('found interrupted that ends after all has its own outcome', async () => {
    const state = await emptyState()
    await state.openRun(opened)
    expect(await state.closeDeadRuns('flights', 'r2', 1500)).toBe(1)
    expect(await state.listRuns()).toMatchObject([{ status: 'interrupted', endedAtMs: 1500 }])
    await state.closeRun(ended)
    expect(await state.listRuns()).toEqual([ended])
  })
})

test('dead runs: those of this source and command, and of other commands if their process is gone', async () => {
  let alive: boolean | 'unknown' = true
  const state = await emptyState(() => alive)
  const open = async (id: string, command: RunRecord['command'], source = 'flights'): Promise<void> =>
    state.openRun({ id, command, source, startedAtMs: 1 })
  await open('dead', 'ingest')
  await open('mine', 'ingest')
  await open('profile', 'profile')
  await open('elsewhere', 'ingest', 'trains')
  const load = await state.startLoad('flights')
  expect(await state.closeDeadRuns('flights', 'mine', 10)).toBe(1)
  expect(await state.closeDeadRuns('flights', 'mine', 10)).toBe(0)
  alive = 'unknown'
  expect(await state.closeDeadRuns('flights', 'mine', 10)).toBe(0)
  alive = false
  expect(await state.closeDeadRuns('flights', 'mine', 10)).toBe(2)
  const status = new Map((await state.listRuns()).map((run) => [run.id, run.status]))
  expect(status.get('mine')).toBe('running')
  expect(status.get('elsewhere')).toBe('running')
  expect([status.get('dead'), status.get('profile'), status.get(load)]).toEqual(Array(3).fill('interrupted'))
})

test('runs are oldest first, with a limit newest first, and filtered by source and time', async () => {
  const state = await emptyState()
  for (const [id, source, startedAtMs] of [
    ['c', 'flights', 3],
    ['a', 'flights', 1],
    ['b', 'trains', 2],
  ] as const) {
    await state.openRun({ id, command: 'ingest', source, startedAtMs })
  }
  const ids = async (filter?: Parameters<State['listRuns']>[0]): Promise<string> =>
    (await state.listRuns(filter)).map((run) => run.id).join('')
  expect(await ids()).toBe('abc')
  expect(await ids({ limit: 2 })).toBe('cb')
  expect(await ids({ limit: 0 })).toBe('')
  expect(await ids({ source: 'flights' })).toBe('ac')
  expect(await ids({ sinceMs: 2 })).toBe('bc')
  expect(await ids({ source: `flights' or 1=1 --` })).toBe('')
})

describe('checks', () => {
  const result: CheckResult = {
    id: 'delay',
    type: 'expect_column_values_to_be_between',
    columns: ['delay', 'a "b"'],
    severity: 'critical',
    dimension: 'validity',
    outcome: 'failed',
    rowLevel: true,
    message: '12 rows outside',
    elementCount: 100,
    unexpectedCount: 12,
    unexpectedPercent: 12.5,
    observedValue: 2n ** 60n,
    partialUnexpected: [1, Number.NaN, null, 'x'],
    provedBy: 'scan',
  }
  const record: CheckRecord = {
    run: 'r1',
    source: 'flights',
    dataset: 'd',
    file: 'flights/a#1',
    checkedAtMs: 10,
    result,
  }

  test('come back whole, with numbers JSON cannot hold as text', async () => {
    const state = await emptyState()
    await state.recordChecks([record])
    const stored = { ...result, observedValue: '1152921504606846976', partialUnexpected: [1, 'NaN', null, 'x'] }
    expect(await state.listChecks()).toEqual([{ ...record, result: stored }])
  })

  test('an error counts as failed; a check judged again in the same run counts once', async () => {
    const state = await emptyState()
    const variant = (id: string, outcome: CheckResult['outcome'], file = 'flights/a#1'): CheckRecord => ({
      ...record,
      file,
      result: { ...result, id, outcome },
    })
    await state.recordChecks([variant('a', 'passed'), variant('b', 'error'), variant('c', 'failed')])
    await state.recordChecks([variant('c', 'passed'), variant('c', 'failed', 'flights/b#1')])
    await state.recordChecks([])
    expect(await state.listChecks()).toHaveLength(4)
    const failed = await state.listChecks({ failedOnly: true, source: 'flights', sinceMs: 10, limit: 9 })
    expect(new Set(failed.map((check) => `${check.result.id} of ${check.file}`))).toEqual(
      new Set(['b of flights/a#1', 'c of flights/b#1']),
    )
    expect(await state.listChecks({ sinceMs: 11 })).toEqual([])
  })

  test('of one dataset, one check or one file', async () => {
    const state = await emptyState()
    const of = (dataset: string, id: string, file: string, checkedAtMs: number): CheckRecord => ({
      ...record,
      dataset,
      file,
      checkedAtMs,
      result: { ...result, id },
    })
    await state.recordChecks([
      of('d', 'a', 'f#1', 1),
      of('d', 'b', 'f#1', 2),
      of('e', 'a', 'g#1', 3),
      of('d', 'a', 'h#1', 4),
    ])
    const places = async (filter: Parameters<typeof state.listChecks>[0]): Promise<number[]> =>
      (await state.listChecks(filter)).map((check) => check.checkedAtMs)
    expect(await places({ dataset: 'd', check: 'a' })).toEqual([1, 4])
    expect(await places({ source: 'flights', dataset: 'd', check: 'a', limit: 1 })).toEqual([4])
    expect(await places({ file: 'f#1' })).toEqual([1, 2])
    expect(await places({ check: "a' or 1 = 1 --" })).toEqual([])
  })

  test('many at once', async () => {
    const state = await emptyState()
    const many = Array.from({ length: 1234 }, (_, index) => ({
      ...record,
      checkedAtMs: index,
      file: `flights/${String(index)}#1`,
    }))
    await state.recordChecks(many)
    expect((await state.listChecks()).map((check) => check.checkedAtMs)).toEqual(many.map((check) => check.checkedAtMs))
    expect((await state.listChecks({ limit: 2 })).map((check) => check.checkedAtMs)).toEqual([1233, 1232])
  })
})

test('failures count attempts per stamp', async () => {
  const state = await emptyState()
  const failure: Omit<FileFailure, 'attempts'> = {
    source: 'flights',
    dataset: 'd',
    path: 'a',
    stamp: 's1',
    run: 'r1',
    code: 'ENGINE_CRASHED',
    message: 'gone',
    failedAtMs: 10,
  }
  await state.recordFailures([failure])
  await state.recordFailures([{ ...failure, run: 'r2', failedAtMs: 20 }])
  await state.recordFailures([])
  expect(await state.listFailures()).toEqual([{ ...failure, run: 'r2', failedAtMs: 20, attempts: 2 }])
  await state.recordFailures([
    { ...failure, stamp: 's2' },
    { ...failure, path: 'b', failedAtMs: 30 },
  ])
  expect((await state.listFailures({ source: 'flights', limit: 5 })).map((one) => [one.path, one.attempts])).toEqual([
    ['b', 1],
    ['a', 1],
  ])
  expect(await state.listFailures({ sinceMs: 11 })).toHaveLength(1)
  expect(await state.listFailures({ source: 'trains' })).toEqual([])
})

test('pinned batches come back oldest first; pinning again replaces; dropping forgets', async () => {
  const state = await emptyState()
  const batch = {
    batch: 'b1',
    run: 'r',
    source: 'flights',
    dataset: 'd',
    location: '/lake',
    attempt: 1,
    files: [{ path: 'a\n"b"', hash: 'h', ordinal: 2 }],
    pinnedAtMs: 20,
  }
  await state.pinBatch(batch)
  await state.pinBatch({ ...batch, batch: 'b2', pinnedAtMs: 10 })
  await state.pinBatch({ ...batch, batch: 'b3', source: 'trains' })
  await state.pinBatch({ ...batch, attempt: 2 })
  expect(await state.openBatches('flights')).toEqual([
    { ...batch, batch: 'b2', pinnedAtMs: 10 },
    { ...batch, attempt: 2 },
  ])
  await state.dropBatch('b2')
  await state.dropBatch('unknown')
  expect(await state.openBatches('flights')).toEqual([{ ...batch, attempt: 2 }])
})
