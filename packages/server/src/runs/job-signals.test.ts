import type { JobCommand, JobState } from '@tidegate/core'
import { expect, test } from 'vitest'
import { jobSignals } from './job-signals.ts'

/** Effect and subject of what is said. */
function said(command: JobCommand, source: string, state: JobState, attempt = 1): string[] {
  const signals = jobSignals({ id: 'j', command, source }, { attempt, run: 'r' }, state, 'X', 0)
  return signals.map((signal) => `${signal.effect} ${signal.source}`)
}

test('a job that gives up is told, and the next one of its source that comes to an end takes it back', () => {
  expect(said('ingest', 'orders', 'dead', 3)).toEqual(['raise orders'])
  for (const state of ['ok', 'nothing-new', 'gate-failed', 'partial'] as const)
    expect(said('ingest', 'orders', state)).toEqual(['resolve orders'])
  for (const state of ['queued', 'retrying', 'cancelled'] as const) expect(said('ingest', 'orders', state)).toEqual([])
})

test('jobs of the whole project are told apart by what they do', () => {
  expect(said('maintain', '', 'dead')).toEqual(['raise maintain'])
  expect(said('arrivals', '', 'ok')).toEqual(['resolve arrivals'])
})

test('a replay that went well says nothing of the ingests of its source, unless it was driven again', () => {
  expect(said('replay', 'orders', 'ok')).toEqual([])
  expect(said('replay', 'orders', 'ok', 4)).toEqual(['resolve orders'])
})

test('the same end of the same attempt is the same signal', () => {
  const [first] = jobSignals({ id: 'j', command: 'ingest', source: 's' }, { attempt: 2, run: 'r' }, 'dead', 'X', 1)
  expect(first?.key).toBe('job_dead:j:2:raise')
})
