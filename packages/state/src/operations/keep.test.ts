import { SCHEDULER_LEASE, type AttemptEnd, type DeliveryRecord } from '@tidegate/core'
import { expect, test } from 'vitest'
import type { ExportedRow, State } from '../index.ts'
import { freshState } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'
import { makeSchedule } from '../testing/make-schedule.ts'
import { makeAlert, makeSignal } from '../testing/make-signal.ts'

const owner = { id: 'far:1:1', what: 'daemon' }
const DAY = 86_400_000
const ok: AttemptEnd = {
  outcome: 'ok',
  errorCode: null,
  errorMessage: null,
  summary: { files: 1 },
  next: { state: 'ok', notBeforeMs: null, countsAsFailure: false },
}
const delivery: DeliveryRecord = {
  notice: 'n',
  channel: 'ops',
  event: 'alerts',
  attempt: 1,
  atMs: 30,
  outcome: 'failed',
  status: 500,
  message: 'HTTP 500',
  nextAtMs: 40,
}
const token = {
  id: 'tk',
  hash: 'ff',
  name: 'n',
  scope: 'read',
  createdBy: 'b',
  createdAtMs: 1,
  expiresAtMs: 9,
  lastUsedAtMs: null,
  revokedAtMs: null,
} as const

/** One of everything that the daemon keeps, about the source `orders`, all of it from the first 100 ms. */
async function lived(nowMs: () => number = () => 100): Promise<State> {
  const state = await freshState({ nowMs, isAlive: () => 'unknown' })
  await state.saveSchedules([makeSchedule('orders')], 0)
  await state.acquireLease(SCHEDULER_LEASE, owner, 0, 1000)
  const tick = { schedule: 'ingest:orders', state: 'started', reason: null, count: 1, decidedAtMs: 20 } as const
  const ticks = [
    { ...tick, instantMs: 10, job: 'over' },
    { ...tick, instantMs: 20, job: 'open' },
  ]
  const jobs = ticks.map(({ job: id, instantMs }) =>
    makeJob({
      id,
      source: 'orders',
      schedule: 'ingest:orders',
      instantMs,
      createdAtMs: instantMs,
      args: { force: true },
    }),
  )
  const decision = { schedule: 'ingest:orders', fromCursorMs: 0, toCursorMs: 20, ticks, jobs, cancel: [] }
  await state.decideTicks([decision], { owner, fence: 1 }, 20)
  await state.claimJob({ owner, run: () => 'run 1', nowMs: 25 })
  await state.endAttempt('over', 1, ok, 30)
  await state.claimJob({ owner, run: () => 'run 2', nowMs: 31 })
  await state.pauseSchedule('ingest:orders', 'bob', 35)

  await state.createIngestion({
    id: 'orders',
    entry: { path: 'x' },
    createdBy: 'b',
    createdAtMs: 1,
    updatedBy: 'b',
    updatedAtMs: 1,
  })
  await state.createToken(token)
  await state.createSession({ hash: 'h', token: 'tk', csrf: 'c', createdAtMs: 1, expiresAtMs: 50 })
  await state.beginIdempotent({ actor: 'a', key: 'k', request: 'r', createdAtMs: 1 })
  await state.addAudit({ id: 'au', atMs: 5, actor: 'a', action: 'x', subject: 'y', outcome: 'done', detail: {} })
  await state.createSilence({
    id: 'si',
    matcher: { source: 'orders' },
    startsAtMs: 1,
    endsAtMs: 60,
    createdBy: 'b',
    createdAtMs: 1,
    reason: 'r',
  })
  await state.addSignals([makeSignal('z'), makeSignal('b'), makeSignal('a')])
  await state.applyAlertStep({
    basedOn: await state.alertRevision(),
    alerts: [makeAlert('al'), makeAlert('gone', { state: 'resolved', resolvedAtMs: 40 })],
    groups: [
      {
        channel: 'ops',
        key: 'old',
        waitingSinceMs: null,
        lastSentAtMs: 40,
        told: { gone: 'resolved' },
        decided: {},
        news: [],
      },
      {
        channel: 'ops',
        key: 'open',
        waitingSinceMs: null,
        lastSentAtMs: 40,
        told: { al: 'firing' },
        decided: {},
        news: [],
      },
    ],
    decisions: ['al', 'gone'].map((alert) => ({
      alert,
      channel: 'ops',
      atMs: 20,
      outcome: 'sent',
      reason: 'r',
      notice: 'n',
    })),
    notices: ['n', 'waits'].map((key) => ({ key, channel: 'ops', event: 'alerts', payload: {}, createdAtMs: 20 })),
    folded: ['b'],
    silenced: {},
  })
  await state.markFailed('n', 30, 'HTTP 500', null)
  await state.addDelivery(delivery)
  await state.addDelivery({ ...delivery, notice: 'waits' })
  return state
}

test('what the daemon keeps is exported and comes back elsewhere, once', async () => {
  const from = await lived()
  const rows = await Array.fromAsync(from.exportState())
  const to = await freshState({ isAlive: () => 'unknown', nowMs: () => 100 })
  expect(await to.importRows(rows)).toMatchObject({ known: 0 })
  expect(await to.importRows(rows)).toMatchObject({ imported: 0 })
  // All but what ends with the database: leases, sessions, keys.
  const kept = (given: readonly ExportedRow[]): readonly ExportedRow[] => given.filter(({ table }) => table !== 'lease')
  expect(kept(await Array.fromAsync(to.exportState()))).toEqual(kept(rows))
  expect((await to.pendingSignals(9)).map(({ key }) => key)).toEqual(['z', 'a'])
  expect(await to.listSchedules()).toEqual(await from.listSchedules())
  expect(await to.getToken('tk')).toEqual(token)
  expect(await to.getSession('h')).toBe(undefined)
  expect(await to.takeNotices(10, 1000)).toMatchObject([{ key: 'waits' }])
  // The attempt that ran there runs nowhere: it is adopted, and tick and job are still one.
  expect((await to.adoptOrphans(100_000, 1000)).map(({ id }) => id)).toEqual(['open'])
})

test('a schedule that is here is paused when the imported one is, and else stays as it is', async () => {
  const from = await lived()
  const rows = await Array.fromAsync(from.exportState())
  const to = await freshState()
  await to.saveSchedules([makeSchedule('orders')], 500)
  await to.importRows(rows)
  expect(await to.listSchedules()).toMatchObject([{ cursorMs: 500, pausedAtMs: 35, pausedBy: 'bob' }])
})

test.each([
  ['tick', { schedule: 's', instant_ms: '1' }],
  ['token', { id: 'x', hash: null }],
  ['job', { id: 'x' }],
  ['alert_signal', { position: 1 }],
  ['session', { hash: 'mine' }],
])('a row of %s that does not fit is refused: %j', async (table, row) => {
  const state = await freshState()
  await expect(state.importRows([{ table, row } as unknown as ExportedRow])).rejects.toMatchObject({
    code: 'STATE_IMPORT',
  })
})

test('pruning forgets what is over and old, and keeps what goes on', async () => {
  const state = await lived(() => 10 * DAY)
  const counts = await state.metricSums()
  // 1 job, both ticks, 1 alert; of the records 1 delivery, 1 signal, the audit, the silence, the session, the key.
  const gone = { jobs: 1, ticks: 2, alerts: 1, records: 6, notices: 1 }
  expect(await state.pruneHistory(90, { dryRun: true })).toMatchObject(gone)
  expect(await state.pruneHistory(90)).toMatchObject(gone)
  expect(await state.pruneHistory(90)).toMatchObject({ jobs: 0, ticks: 0, alerts: 0, records: 0, notices: 0 })
  expect((await state.listJobs({ limit: 10 })).items.map(({ id }) => id)).toEqual(['open'])
  expect([await state.listAttempts('over'), await state.listJobEvents('over', 0, 10)]).toEqual([[], []])
  expect(await state.listAttempts('open')).toHaveLength(1)
  expect((await state.openAlerts()).map(({ id }) => id)).toEqual(['al'])
  expect([(await state.listDecisions('al')).length, await state.listDecisions('gone')]).toEqual([1, []])
  expect((await state.listGroups()).map(({ key }) => key)).toEqual(['open'])
  expect((await state.pendingSignals(9)).map(({ key }) => key)).toEqual(['z', 'a'])
  expect((await state.listDeliveries({ limit: 9 })).items.map(({ notice }) => notice)).toEqual(['waits'])
  expect(await state.takeNotices(10, 1000)).toMatchObject([{ key: 'waits' }])
  expect(await state.getSession('h')).toBe(undefined)
  expect(await state.beginIdempotent({ actor: 'a', key: 'k', request: 'other', createdAtMs: 10 * DAY })).toBe('first')
  expect(await state.getToken('tk')).toEqual(token)
  // Neither ticks nor deliveries are counted less than before.
  expect(await state.metricSums()).toEqual(counts)
})

test('a tick stays as long as its instant could be decided again', async () => {
  const state = await freshState()
  await state.saveSchedules([makeSchedule('a')], 0)
  await state.acquireLease(SCHEDULER_LEASE, owner, 0, 1000)
  const tick = {
    schedule: 'ingest:a',
    instantMs: 50,
    state: 'skipped',
    reason: 'overlap',
    job: null,
    count: 1,
    decidedAtMs: 1,
  } as const
  await state.decideTicks(
    [{ schedule: 'ingest:a', fromCursorMs: 0, toCursorMs: 10, ticks: [tick], jobs: [], cancel: [] }],
    { owner, fence: 1 },
    1,
  )
  expect(await state.pruneHistory(1000)).toMatchObject({ ticks: 0 })
})

test('a version of an ingestion is given once, also when one of its name is made again or renamed', async () => {
  const state = await lived()
  const by = { createdBy: 'b', createdAtMs: 1, updatedBy: 'b', updatedAtMs: 1 }
  const versionOf = async (id: string): Promise<number | undefined> => (await state.getIngestion(id))?.version
  await state.updateIngestion('orders', { entry: { path: 'y' }, by: 'b', ifVersion: 1 }, 2)
  expect(await state.deleteIngestion('orders', 2)).toBe('deleted')
  await state.createIngestion({ id: 'orders', entry: { path: 'z' }, ...by })
  expect(await versionOf('orders')).toBe(3)
  expect(await state.deleteIngestion('orders', 2)).toBe('conflict')
  await state.renameSource('orders', 'sales')
  await state.createIngestion({ id: 'orders', entry: { path: 'z' }, ...by })
  expect([await versionOf('sales'), await versionOf('orders')]).toEqual([4, 4])
  // What is counted there of other things stays as it is.
  expect((await state.metricSums()).runs).toEqual([])
})

test('a source that is renamed takes along what the daemon keeps of it', async () => {
  const state = await lived()
  await state.renameSource('orders', 'sales')
  expect((await state.listJobs({ limit: 9, source: 'sales', schedule: 'ingest:sales' })).items).toHaveLength(2)
  expect((await state.listTicks({ limit: 9, schedule: 'ingest:sales' })).items).toHaveLength(2)
  expect(await state.listSchedules()).toMatchObject([
    { id: 'ingest:sales', subject: 'sales', pausedBy: 'bob', cursorMs: 20 },
  ])
  expect(await state.getIngestion('sales')).toMatchObject({ id: 'sales', version: 2 })
  expect(await state.getIngestion('orders')).toBe(undefined)
  expect((await state.openAlerts()).map(({ source }) => source)).toEqual(['sales'])
  expect(new Set((await state.pendingSignals(9)).map(({ source }) => source))).toEqual(new Set(['sales']))
  expect(await state.listSilences()).toMatchObject([{ matcher: { source: 'sales' } }])
  const everywhere = (await Array.fromAsync(state.exportState())).filter(({ row }) => row['source'] === 'orders')
  expect(everywhere).toEqual([])
})

test('a schedule that the new name has already stays, and is paused when the old one was', async () => {
  const state = await lived()
  await state.saveSchedules([makeSchedule('sales')], 70)
  await state.renameSource('orders', 'sales')
  expect(await state.listSchedules()).toMatchObject([{ id: 'ingest:sales', cursorMs: 70, pausedBy: 'bob' }])
  expect((await state.listTicks({ limit: 9, schedule: 'ingest:sales' })).items).toHaveLength(2)
})
