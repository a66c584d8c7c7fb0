import { expect, test } from 'vitest'
import type { State } from './index.ts'
import { makeEntry, makeFile } from './testing/entries.ts'
import { freshPath, freshState, reopen } from './testing/fresh-state.ts'
import { makeCheck } from './testing/make-check.ts'
import { makeJob } from './testing/make-job.ts'
import { makeSchedule } from './testing/make-schedule.ts'

const LAKE = '/lake'

/** A held file; entry 2 loads it in its place, as a replay does: no run begins or ends. */
const held = makeEntry(1, [], {
  files: [makeFile({ path: 'a', outcome: 'held', rowsLoaded: 0, rowsRejected: 10, score: 0 })],
  rejected: [{ kind: 'original', staged: '', visible: 'q', file: 'flights/a#1', rows: 10, bytes: 1, hash: 'h' }],
})
const replayed = makeEntry(2, ['a'], {
  consumes: ['q'],
  files: [makeFile({ path: 'a', replaces: 'flights/a#1' })],
})

const silence = {
  id: 's',
  matcher: {},
  startsAtMs: 1,
  endsAtMs: 2,
  createdBy: 'bob',
  createdAtMs: 1,
  reason: 'a test',
}

test('each thing that happens to a state changes its marker, and looking at it does not', async () => {
  const state = await freshState()
  const seen = [await state.changeMarker()]
  const steps: readonly (() => Promise<unknown>)[] = [
    async () => state.openRun({ id: 'r', command: 'ingest', source: 'flights', startedAtMs: 1 }),
    async () => state.indexEntry(LAKE, held),
    async () => state.indexEntry(LAKE, replayed),
    async () => state.recordChecks([makeCheck('c', 'failed', { checkedAtMs: 5 })]),
    async () => state.updateWatermark('flights', '7'),
    async () => state.acquireLease('flights', { id: 'me', what: 'a test' }, 1, 60_000),
    async () => state.createJob(makeJob({ id: 'j' })),
    async () => state.requestCancel('j', 'bob', 20),
    async () => state.saveSchedules([makeSchedule('a')], 5),
    async () => state.pauseSchedule('ingest:a', 'bob', 6),
    async () => state.acknowledgeAlert('none', 'bob', null, 7).then(() => state.createSilence(silence)),
    async () => state.clearIndex(),
  ]
  for (const step of steps) {
    await step()
    seen.push(await state.changeMarker())
    expect(await state.changeMarker()).toBe(seen.at(-1))
    await state.listFiles()
    expect(await state.changeMarker()).toBe(seen.at(-1))
  }
  expect(new Set(seen).size).toBe(steps.length + 1)
})

test('signs of life do not change it', async () => {
  const state = await freshState({ isAlive: () => 'unknown' })
  const owner = { id: 'far:1:1', what: 'a test' }
  const lease = await state.acquireLease('~scheduler', owner, 1, 60_000)
  const fence = lease.kind === 'acquired' ? lease.fence : -1
  await state.createJob(makeJob({ id: 'j' }))
  await state.claimJob({ owner, run: () => 'r', nowMs: 50 })
  const token = { id: 't', name: 't', hash: 'h', scope: 'run', createdBy: 'me', createdAtMs: 1 } as const
  await state.createToken({ ...token, expiresAtMs: null, revokedAtMs: null, lastUsedAtMs: null })
  const before = await state.changeMarker()
  const audit = { id: 'a', actor: 'me', action: 'x', subject: 'y', outcome: 'done', detail: {} } as const
  const signs: readonly (() => Promise<unknown>)[] = [
    async () => expect(await state.beatAttempt('j', 1, 60)).toBe('ok'),
    async () => state.addJobEvents('j', [{ atMs: 61, kind: 'progress', data: { files: 1 } }]),
    async () => expect(await state.renewLease('~scheduler', owner, fence, 62, 60_000)).toBe(true),
    async () => state.touchToken('t', 63),
    async () => state.createSession({ hash: 's', token: 't', csrf: 'c', createdAtMs: 64, expiresAtMs: 99 }),
    async () => state.beginIdempotent({ actor: 'me', key: 'k', request: 'q', createdAtMs: 65 }),
    async () => state.addAudit({ ...audit, atMs: 66 }),
  ]
  for (const sign of signs) {
    await sign()
    expect(await state.changeMarker(), String(sign)).toBe(before)
  }
  await state.indexEntry(LAKE, held)
  expect(await state.changeMarker()).not.toBe(before)
})

test('a reader in another process sees that held files were replayed', async () => {
  const path = freshPath()
  const writer = await reopen(path)
  await writer.indexEntry(LAKE, held)
  const reader = await reopen(path, { readOnly: true })
  const before = await reader.changeMarker()
  expect(await reader.changeMarker()).toBe(before)
  await writer.indexEntry(LAKE, replayed)
  expect(await reader.changeMarker()).not.toBe(before)
  expect(await statuses(reader)).toEqual(['replayed'])
})

test('a reader that came before the first writer finds the state when it asks for the marker', async () => {
  const path = freshPath()
  const reader = await reopen(path, { readOnly: true })
  const empty = await reader.changeMarker()
  expect(await statuses(reader)).toEqual([])
  const writer = await reopen(path)
  await writer.indexEntry(LAKE, held)
  const found = await reader.changeMarker()
  expect(found).not.toBe(empty)
  expect(await statuses(reader)).toEqual(['open'])
  await writer.indexEntry(LAKE, replayed)
  expect(await reader.changeMarker()).not.toBe(found)
  expect(await statuses(reader)).toEqual(['replayed'])
})

async function statuses(state: State): Promise<readonly string[]> {
  return (await state.listQuarantine()).map(({ status }) => status)
}
