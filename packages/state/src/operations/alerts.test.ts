import type { AlertDecision, AlertGroup, DeliveryRecord, OutboxNotice, RunRecord } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import type { State } from '../index.ts'
import { NOTHING_YET } from '../runs.ts'
import { freshState } from '../testing/fresh-state.ts'
import { makeAlert, makeSignal } from '../testing/make-signal.ts'

const notice: OutboxNotice = { key: 'n', channel: 'ops', event: 'alerts', payload: { a: 1 }, createdAtMs: 5 }
const run: RunRecord = {
  ...NOTHING_YET,
  id: 'r',
  command: 'ingest',
  source: 'orders',
  startedAtMs: 1,
  status: 'failed',
}
const group: AlertGroup = {
  channel: 'ops',
  key: 'source=orders',
  waitingSinceMs: 10,
  lastSentAtMs: null,
  told: { al: 'firing' },
  decided: { al: 'grouping' },
  news: [makeSignal('n', { kind: 'recovered', effect: 'news' })],
}
const decision: AlertDecision = {
  alert: 'al',
  channel: 'ops',
  atMs: 20,
  outcome: 'grouping',
  reason: 'group_wait 30s',
  notice: null,
}
const NOTHING = { alerts: [], groups: [], decisions: [], notices: [], folded: [], silenced: {} } as const

async function step(state: State, given: Partial<Parameters<State['applyAlertStep']>[0]>): Promise<boolean> {
  return state.applyAlertStep({ ...NOTHING, basedOn: await state.alertRevision(), ...given })
}

describe('signals', () => {
  test('are accepted once by their key, also after they were folded in, and come oldest first', async () => {
    const state = await freshState()
    await state.addSignals([makeSignal('b', { atMs: 20 }), makeSignal('z'), makeSignal('a')])
    await state.addSignals([makeSignal('z', { detail: {} }), makeSignal('c', { atMs: 5, dataset: 'd', run: null })])
    const keys = async (): Promise<string[]> => (await state.pendingSignals(10)).map(({ key }) => key)
    expect(await keys()).toEqual(['c', 'z', 'a', 'b'])
    expect((await state.pendingSignals(2))[1]).toEqual(makeSignal('z'))
    await step(state, { folded: ['z', 'c', 'unknown'] })
    await state.addSignals([makeSignal('z')])
    expect(await keys()).toEqual(['a', 'b'])
  })

  test('come with the end of a run, or not at all', async () => {
    const state = await freshState()
    await state.closeRun(run, { signals: [makeSignal('a')], notices: [notice] })
    expect(await state.pendingSignals(10)).toEqual([makeSignal('a')])
    expect(await state.takeNotices(10, 100)).toMatchObject([{ key: 'n' }])
    const broken = { ...notice, key: 'm', payload: null } as unknown as OutboxNotice
    Reflect.set(broken, 'channel', null)
    const failing = state.closeRun({ ...run, id: 's' }, { signals: [makeSignal('b')], notices: [broken] })
    await expect(failing).rejects.toThrow(/null/i)
    expect(await state.pendingSignals(10)).toHaveLength(1)
    expect(await state.getRun('s')).toBe(undefined)
  })
})

describe('a step of the alerts', () => {
  test('is applied whole, and the next one can build on it', async () => {
    const state = await freshState()
    await state.addSignals([makeSignal('a')])
    const al = makeAlert('al')
    expect(await state.alertRevision()).toBe(0)
    expect(
      await step(state, { alerts: [al], groups: [group], decisions: [decision], notices: [notice], folded: ['a'] }),
    ).toBe(true)
    expect(await state.alertRevision()).toBe(1)
    expect(await state.openAlerts()).toEqual([al])
    expect(await state.getAlert('al')).toEqual(al)
    expect(await state.listGroups()).toEqual([group])
    expect(await state.listDecisions('al')).toEqual([decision])
    expect(await state.pendingSignals(10)).toEqual([])
    const over = makeAlert('al', { state: 'resolved', resolvedAtMs: 30 })
    const sent = { ...decision, atMs: 30, outcome: 'sent', notice: 'n' } as const
    const empty = { ...group, waitingSinceMs: null, lastSentAtMs: 30, told: {}, decided: {}, news: [] }
    expect(await step(state, { alerts: [over], groups: [empty], decisions: [sent] })).toBe(true)
    expect(await state.openAlerts()).toEqual([])
    expect(await state.getAlert('al')).toEqual(over)
    expect(await state.listGroups()).toEqual([empty])
    expect(await state.listDecisions('al')).toEqual([decision, sent])
  })

  test('that was planned before another one changes nothing', async () => {
    const state = await freshState()
    await state.addSignals([makeSignal('a')])
    expect(await step(state, { alerts: [makeAlert('first')] })).toBe(true)
    const stale = { ...NOTHING, basedOn: 0, alerts: [makeAlert('al')], notices: [notice], folded: ['a'] }
    expect(await state.applyAlertStep(stale)).toBe(false)
    expect((await state.openAlerts()).map(({ id }) => id)).toEqual(['first'])
    expect(await state.takeNotices(10, 100)).toEqual([])
    expect(await state.pendingSignals(10)).toHaveLength(1)
  })

  test('of several that are planned at once one is applied', async () => {
    const state = await freshState()
    const applied = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => state.applyAlertStep({ ...NOTHING, basedOn: 0, alerts: [makeAlert(id)] })),
    )
    expect(applied.filter(Boolean)).toHaveLength(1)
    expect(await state.openAlerts()).toHaveLength(1)
  })

  test('writes a decision when it changes', async () => {
    const state = await freshState()
    const changes = [
      decision,
      { ...decision, atMs: 21 },
      { ...decision, atMs: 22, reason: 'group_interval 5m' },
      { ...decision, atMs: 23 },
      { ...decision, atMs: 24, channel: 'mail' },
    ]
    for (const one of changes) await step(state, { decisions: [one] })
    expect((await state.listDecisions('al')).map(({ atMs }) => atMs)).toEqual([20, 22, 23, 24])
  })
})

describe('an acknowledgement', () => {
  test('is a step, and the first one is kept', async () => {
    const state = await freshState()
    await step(state, { alerts: [makeAlert('al'), makeAlert('over', { state: 'resolved', resolvedAtMs: 5 })] })
    const acknowledged = { state: 'acknowledged', acknowledgedAtMs: 40, acknowledgedBy: 'bob', note: 'I look' } as const
    expect(await state.acknowledgeAlert('al', 'bob', 'I look', 40)).toEqual(makeAlert('al', acknowledged))
    expect(await state.alertRevision()).toBe(2)
    expect(await state.acknowledgeAlert('al', 'eve', null, 41)).toEqual(makeAlert('al', acknowledged))
    expect(await state.acknowledgeAlert('over', 'bob', null, 42)).toBe(undefined)
    expect(await state.acknowledgeAlert('nobody', 'bob', null, 42)).toBe(undefined)
    expect(await state.alertRevision()).toBe(2)
    expect(await state.applyAlertStep({ ...NOTHING, basedOn: 1, alerts: [makeAlert('al')] })).toBe(false)
  })
})

describe('silences', () => {
  const silence = {
    id: 's',
    matcher: { kind: 'stale', source: 'o*' },
    startsAtMs: 100,
    endsAtMs: 200,
    createdBy: 'bob',
    createdAtMs: 99,
    reason: 'we move',
  } as const

  test('count what they held back, end, and are shown for a week after', async () => {
    let nowMs = 150
    const state = await freshState({ nowMs: () => nowMs })
    await state.createSilence(silence)
    await step(state, { silenced: { s: 3, unknown: 1 } })
    await step(state, { silenced: { s: 2 } })
    expect(await state.listSilences()).toEqual([{ ...silence, hidden: 5 }])
    expect(await state.alertRevision()).toBe(3)
    expect(await state.endSilence('s', 160)).toBe(true)
    expect(await state.endSilence('s', 160)).toBe(false)
    expect(await state.endSilence('nobody', 160)).toBe(false)
    expect(await state.alertRevision()).toBe(4)
    nowMs = 160 + 7 * 86_400_000 - 1
    expect(await state.listSilences()).toMatchObject([{ endsAtMs: 160 }])
    nowMs += 1
    expect(await state.listSilences()).toEqual([])
  })

  test('need an end after their beginning, and an id of their own', async () => {
    const state = await freshState()
    await expect(state.createSilence({ ...silence, endsAtMs: 100 })).rejects.toMatchObject({ code: 'STATE_BAD_INPUT' })
    await state.createSilence(silence)
    await expect(state.createSilence(silence)).rejects.toMatchObject({ code: 'STATE_BAD_INPUT' })
  })
})

test('deliveries are listed newest first, by notice and by channel', async () => {
  const state = await freshState()
  const delivery: DeliveryRecord = {
    notice: 'n',
    channel: 'ops',
    event: 'alerts',
    attempt: 1,
    atMs: 10,
    outcome: 'failed',
    status: 503,
    message: 'HTTP 503',
    nextAtMs: 5010,
  }
  const delivered = {
    ...delivery,
    attempt: 2,
    atMs: 5011,
    outcome: 'delivered',
    status: 200,
    message: null,
    nextAtMs: null,
  } as const
  const other = { ...delivery, notice: 'm', channel: 'mail', atMs: 7, status: null }
  for (const one of [delivery, delivered, other, delivery]) await state.addDelivery(one)
  expect(await state.listDeliveries({ limit: 10 })).toEqual({ items: [delivered, delivery, other], next: null })
  expect((await state.listDeliveries({ limit: 10, notice: 'm' })).items).toEqual([other])
  expect((await state.listDeliveries({ limit: 10, channel: 'ops' })).items).toEqual([delivered, delivery])
})
