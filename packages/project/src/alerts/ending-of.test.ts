import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertSignal } from '@tidegate/core'
import { openBench, type Bench } from '../testing/temp-project.ts'
import { settleAlerts } from './settle-alerts.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})

afterAll(async () => {
  await bench.close()
})

const SMALL = { type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }

function named(signals: readonly AlertSignal[], effect: AlertSignal['effect']): readonly string[] {
  return signals.flatMap((signal) => (signal.effect === effect ? [signal.kind] : [])).toSorted()
}

test('a source without a channel raises what is wrong, keeps no news, and ends it when it is mended', async () => {
  const project = bench.project()
  project.contract('s', { id: { type: 'BIGINT' } }, { expectations: [SMALL] })
  project.land('a.csv', 'id\n99\n')
  await project.ingest()
  const opened = await project.open()
  const held = await opened.state.pendingSignals(100)
  expect(named(held, 'raise')).toEqual(['file_quarantined', 'gate_failed'])
  expect(named(held, 'news')).toEqual([])

  expect(await settleAlerts(opened)).toEqual({ delivered: 0, failed: [], leftToDaemon: false })
  expect(await opened.state.pendingSignals(100)).toEqual([])
  const open = await opened.state.openAlerts()
  expect(open.map(({ kind, state, dataset }) => `${kind} ${state} ${dataset ?? ''}`).toSorted()).toEqual([
    'file_quarantined firing s',
    'gate_failed firing s',
  ])
  for (const { id } of open) expect(await opened.state.listDecisions(id)).toEqual([])
  expect(await opened.state.nextNoticeAtMs()).toBe(null)

  project.contract('s', { id: { type: 'BIGINT' } })
  await project.ingest({ force: true })
  expect(named(await opened.state.pendingSignals(100), 'news')).toEqual([])
  await settleAlerts(opened)
  expect(await opened.state.openAlerts()).toEqual([])
  await opened.close()
})

test('a run that failed is an alert too where nobody is told, until one comes to its end', async () => {
  const project = bench.project()
  project.land('a.csv', 'id\n1\n')
  const opened = await project.open()
  const { status } = await project.ingest({
    effects: (effects) => ({ ...effects, openDestination: () => Promise.reject(new Error('no room')) }),
  })
  expect(status).toBe('failed')
  await settleAlerts(opened)
  expect((await opened.state.openAlerts()).map(({ kind }) => kind)).toEqual(['run_failed'])
  await project.ingest()
  await settleAlerts(opened)
  expect(await opened.state.openAlerts()).toEqual([])
  await opened.close()
})
