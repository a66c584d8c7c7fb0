import { expect, test } from 'vitest'
import type { RunStatus } from '@tidegate/core'
import { NOTICE_EVENTS, planNotices, type NoticeableRun } from './plan-notices.ts'

const ALL = { name: 'ops', on: NOTICE_EVENTS }
const HELD = [{ path: 'a', dataset: 'd', score: 10, reasons: [] }]

function outcome(status: RunStatus, facts: Partial<NoticeableRun> = {}): NoticeableRun {
  const run = {
    id: 'r1',
    source: 's',
    status,
    startedAtMs: 1000,
    endedAtMs: 2000,
    filesLoaded: 1,
    filesFailed: 0,
    errorCode: null,
  }
  return { run, held: [], previousStatus: null, ...facts }
}

function eventsOf(run: NoticeableRun, on = NOTICE_EVENTS as readonly string[]): readonly string[] {
  return planNotices(run, [{ name: 'ops', on }]).map(({ event }) => event)
}

test('a run that went well tells nobody', () => {
  expect(eventsOf(outcome('ok', { previousStatus: 'ok' }))).toEqual([])
  expect(eventsOf(outcome('nothing-new', { previousStatus: 'nothing-new' }))).toEqual([])
})

test('a failed gate and its quarantined files are one message for a channel that asks for both', () => {
  const run = outcome('gate-failed', { held: HELD })
  expect(eventsOf(run)).toEqual(['gate_failed'])
  expect(eventsOf(run, ['file_quarantined'])).toEqual(['file_quarantined'])
})

test('files held in a run that went on are told as quarantined', () => {
  expect(eventsOf(outcome('ok', { held: HELD }))).toEqual(['file_quarantined'])
})

test('failed runs and runs with failed files are told, a partial run without them is not', () => {
  expect(eventsOf(outcome('failed'))).toEqual(['run_failed'])
  const partial = outcome('partial')
  expect(eventsOf({ ...partial, run: { ...partial.run, filesFailed: 2 } })).toEqual(['run_failed'])
  expect(eventsOf(partial)).toEqual([])
})

test('a recovery is told once the reason is gone: nothing new ends a failure, not a failed gate', () => {
  expect(eventsOf(outcome('ok', { previousStatus: 'gate-failed' }))).toEqual(['recovered'])
  expect(eventsOf(outcome('nothing-new', { previousStatus: 'gate-failed' }))).toEqual([])
  expect(eventsOf(outcome('nothing-new', { previousStatus: 'failed' }))).toEqual(['recovered'])
  expect(eventsOf(outcome('ok', { wasStale: true }))).toEqual(['recovered'])
  expect(eventsOf(outcome('nothing-new', { wasStale: true }))).toEqual([])
  expect(eventsOf(outcome('failed', { previousStatus: 'failed' }))).toEqual(['run_failed'])
})

test('each channel gets what it asks for, under a key of its own that does not change', () => {
  const run = outcome('failed')
  const channels = [ALL, { name: 'quiet', on: ['recovered'] }, { name: 'second', on: ['run_failed'] }]
  const planned = planNotices(run, channels)
  expect(planned.map(({ channel, event, createdAtMs }) => [channel, event, createdAtMs])).toEqual([
    ['ops', 'run_failed', 2000],
    ['second', 'run_failed', 2000],
  ])
  expect(new Set(planned.map(({ key }) => key)).size).toBe(2)
  expect(planNotices(run, channels)).toEqual(planned)
  // Both carry the same notice key, so that a receiver behind two channels can tell.
  expect(planned[0]?.payload['key']).toBe(planned[1]?.payload['key'])
})
