import { expect, test } from 'vitest'
import type { State } from './index.ts'
import type { OutboxNotice, RunRecord } from '@tidegate/core'
import { freshState } from './testing/fresh-state.ts'

const run: RunRecord = {
  id: 'r',
  command: 'ingest',
  source: 'flights',
  startedAtMs: 1,
  endedAtMs: 2,
  status: 'ok',
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
}

function notice(key: string, createdAtMs: number): OutboxNotice {
  return { key, channel: 'ops', event: 'stale', payload: { text: 'a "b"\n', n: 1, list: [null, true] }, createdAtMs }
}

async function stateWith(notices: readonly OutboxNotice[]): Promise<State> {
  const state = await freshState()
  await state.closeRun(run, { notices })
  return state
}

async function takeKeys(state: State, limit: number, nowMs: number): Promise<string[]> {
  return (await state.takeNotices(limit, nowMs)).map((pending) => pending.key)
}

test('notices are taken oldest first, not before their time, and not twice within a minute', async () => {
  const state = await stateWith([notice('b', 20), notice('a', 30), notice('c', 10), notice('later', 5000)])
  expect(await state.takeNotices(1, 100)).toEqual([{ ...notice('c', 10), attempts: 0 }])
  expect(await takeKeys(state, 10, 100)).toEqual(['b', 'a'])
  expect(await takeKeys(state, 10, 101)).toEqual([])
  expect(await takeKeys(state, 10, 60_099)).toEqual(['later'])
  expect(await takeKeys(state, 10, 60_100)).toEqual(['c', 'b', 'a'])
})

test('a delivered notice never comes back, also when its key is inserted again', async () => {
  const state = await stateWith([notice('a', 1)])
  await state.takeNotices(1, 10)
  await state.markDelivered('a', 11)
  await state.markFailed('a', 12, 'late answer', 20)
  await state.closeRun({ ...run, id: 'r2' }, { notices: [notice('a', 20)] })
  expect(await takeKeys(state, 10, 10_000_000)).toEqual([])
})

test('a failed notice comes back when its time has come, with its attempts', async () => {
  const state = await stateWith([notice('a', 1)])
  await state.takeNotices(1, 10)
  await state.markFailed('a', 100, 'HTTP 500', 5100)
  expect(await takeKeys(state, 10, 5099)).toEqual([])
  expect(await state.takeNotices(1, 5100)).toMatchObject([{ key: 'a', attempts: 1 }])
  await state.markFailed('a', 6000, 'HTTP 500', 16_000)
  expect(await state.takeNotices(1, 15_999)).toEqual([])
  expect(await state.takeNotices(1, 16_000)).toMatchObject([{ attempts: 2 }])
  await state.markFailed('unknown', 1, 'x', 2)
  await state.markDelivered('unknown', 1)
})

test('a failed notice comes back when the receiver says, and one that is given up never does', async () => {
  const state = await stateWith([notice('a', 1), notice('b', 2)])
  expect(await state.nextNoticeAtMs()).toBe(1)
  await state.takeNotices(10, 10)
  expect(await state.nextNoticeAtMs()).toBe(60_010)
  await state.markFailed('a', 100, 'HTTP 429', 700)
  expect(await state.nextNoticeAtMs()).toBe(700)
  await state.markFailed('b', 100, 'HTTP 410', null)
  await state.markFailed('b', 101, 'late answer', 200)
  expect(await takeKeys(state, 10, 700)).toEqual(['a'])
  await state.markFailed('a', 800, 'HTTP 410', null)
  expect(await state.nextNoticeAtMs()).toBe(null)
  await state.closeRun({ ...run, id: 'r2' }, { notices: [notice('b', 900)] })
  expect(await takeKeys(state, 10, 1e12)).toEqual([])
})

test('channels that have to wait are left out, and what was put in since then is known', async () => {
  const state = await stateWith([notice('a', 1), { ...notice('b', 2), channel: 'mail' }, notice('c', 3)])
  expect((await state.takeNotices(10, 10, ['ops', 'other'])).map(({ key }) => key)).toEqual(['b'])
  await state.markDelivered('b', 11)
  expect(await state.sentSince(2)).toEqual([
    { channel: 'mail', atMs: 2 },
    { channel: 'ops', atMs: 3 },
  ])
})
