import type { RunStatus } from '@tidegate/core'
import { expect, test } from 'vitest'
import { NOTHING_YET } from './runs.ts'
import { freshPath, freshState, reopen } from './testing/fresh-state.ts'
import { readTable } from './testing/read-table.ts'

test('the views have the names and columns of the older platform', async () => {
  const file = freshPath()
  let now = Date.UTC(2024, 0, 31, 10, 0, 0, 250)
  const state = await reopen(file, { nowMs: () => now })
  await state.updateWatermark("O'Hare", '42', { type: 'BIGINT', recordsProcessed: 7, metadata: { a: [1] } })
  const id = await state.startLoad("O'Hare")
  const running = await state.startLoad('trains')
  now += 90_000
  await state.completeLoad(id, { recordsProcessed: 7, status: 'failed', errorMessage: 'no', watermarkValue: '42' })
  await state.close()

  const watermarks = await readTable(file, 'watermarks', 'source_name')
  const loads = await readTable(file, 'load_history', 'source_name')
  expect(Object.keys(watermarks[0] ?? {})).toEqual([
    'source_name',
    'watermark_value',
    'watermark_type',
    'last_updated',
    'records_processed',
    'metadata',
  ])
  expect(Object.keys(loads[0] ?? {})).toEqual([
    'id',
    'source_name',
    'load_start',
    'load_end',
    'records_processed',
    'status',
    'error_message',
    'watermark_value',
  ])
  expect(watermarks).toEqual([
    {
      source_name: "O'Hare",
      watermark_value: '42',
      watermark_type: 'BIGINT',
      last_updated: '2024-01-31T10:00:00.250Z',
      records_processed: 7,
      metadata: '{"a":[1]}',
    },
  ])
  expect(loads).toEqual([
    {
      id,
      source_name: "O'Hare",
      load_start: '2024-01-31T10:00:00.250Z',
      load_end: '2024-01-31T10:01:30.250Z',
      records_processed: 7,
      status: 'failed',
      error_message: 'no',
      watermark_value: '42',
    },
    {
      id: running,
      source_name: 'trains',
      load_start: '2024-01-31T10:00:00.250Z',
      load_end: null,
      records_processed: 0,
      status: 'running',
      error_message: null,
      watermark_value: null,
    },
  ])
})

test('the statuses of runs have the words of the older platform', async () => {
  const state = await freshState()
  const statuses: readonly RunStatus[] = [
    'running',
    'ok',
    'nothing-new',
    'gate-failed',
    'partial',
    'failed',
    'interrupted',
  ]
  for (const [index, status] of statuses.entries()) {
    const run = { ...NOTHING_YET, id: status, command: 'ingest', source: 's', startedAtMs: index, status } as const
    await state.closeRun(status === 'failed' ? { ...run, errorCode: 'STATE_FULL' } : run)
  }
  await state.closeRun({ ...NOTHING_YET, id: 'profile', command: 'profile', source: 's', startedAtMs: 9 })
  const history = await state.getLoadHistory()
  expect(history.map((load) => [load.id, load.status, load.errorMessage])).toEqual([
    ['interrupted', 'failed', 'the process ended before the load did'],
    ['failed', 'failed', 'STATE_FULL'],
    ['partial', 'partial', null],
    ['gate-failed', 'held', null],
    ['nothing-new', 'success', null],
    ['ok', 'success', null],
    ['running', 'running', null],
  ])
})

test('a load is started, completed once, and found again', async () => {
  let now = 1000
  const state = await freshState({ nowMs: () => now })
  const id = await state.startLoad('flights')
  now = 2000
  await state.completeLoad(id, { recordsProcessed: 5, status: 'success', watermarkValue: '7' })
  const load = {
    id,
    source: 'flights',
    startedAtMs: 1000,
    endedAtMs: 2000,
    recordsProcessed: 5,
    status: 'success',
    errorMessage: null,
    watermarkValue: '7',
  }
  expect(await state.getLoadHistory()).toEqual([load])
  const again = state.completeLoad(id, { recordsProcessed: 6, status: 'failed' })
  await expect(again).rejects.toMatchObject({ code: 'STATE_LOAD_COMPLETE' })
  expect(await state.getLoadHistory({ source: 'flights' })).toEqual([load])
  expect(await state.getLoadHistory({ source: 'trains' })).toEqual([])
  now = 3000
  const second = await state.startLoad('flights')
  expect((await state.getLoadHistory({ limit: 1 })).map((one) => one.id)).toEqual([second])
})

test('unknown loads and statuses are refused', async () => {
  const state = await freshState()
  const unknown = state.completeLoad("'; drop table run; --", { recordsProcessed: 1, status: 'success' })
  await expect(unknown).rejects.toMatchObject({ code: 'STATE_UNKNOWN_LOAD' })
  await state.openRun({ id: 'ingest', command: 'ingest', source: 's', startedAtMs: 1 })
  const notALoad = state.completeLoad('ingest', { recordsProcessed: 1, status: 'success' })
  await expect(notALoad).rejects.toMatchObject({ code: 'STATE_UNKNOWN_LOAD' })
  const id = await state.startLoad('s')
  for (const status of ['done', '__proto__', 'running']) {
    const bad = state.completeLoad(id, { recordsProcessed: 1, status: status as 'success' })
    await expect(bad).rejects.toMatchObject({ code: 'STATE_BAD_INPUT' })
  }
})
