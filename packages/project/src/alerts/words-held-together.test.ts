/** Words that stand in more than one place, because those places may not know each other. */
import { expect, test } from 'vitest'
import { DEFAULT_EVENTS, EVENTS } from '@tidegate/config'
import { ALERT_KINDS, ALERT_SEVERITY, NEWS_KINDS, NOTICE_EVENTS, signalsOf } from '@tidegate/notify'
import { arrivalSignals, type Arrival } from '../jobs/arrivals-job.ts'

test('what a channel can ask for in the configuration is what there is to be told', () => {
  expect(EVENTS.toSorted()).toEqual(NOTICE_EVENTS.toSorted())
  expect(new Set(NOTICE_EVENTS).size).toBe(ALERT_KINDS.length + NEWS_KINDS.length)
})

test('who asks for nothing is told of all that is wrong, and of no other news than its end', () => {
  expect(DEFAULT_EVENTS.toSorted()).toEqual([...ALERT_KINDS, 'recovered'].toSorted())
})

test('late files are raised as badly as the one table says', () => {
  const found = { source: 'orders', status: 'late', dueAt: '2026-11-21T10:00:00.000Z' } as Arrival['found']
  const source = { name: 'orders', timezone: 'UTC' } as Arrival['source']
  const signals = arrivalSignals([{ kind: 'stale', found, source }, { kind: 'missing', found, source }], [], 0) // prettier-ignore
  expect(signals.map(({ kind, severity }) => [kind, severity])).toEqual([
    ['stale', 'warning'],
    ['missing', 'critical'],
  ])
})

test('a run raises what it saw as badly as the one table says, and is a warning where only some files failed', () => {
  const run = { id: 'r', command: 'ingest', source: 's', startedAtMs: 0, endedAtMs: 1, filesLoaded: 0, errorCode: null } as const // prettier-ignore
  const nothing = { stillHeld: [], arrived: { files: 0, bytes: 0 }, outputs: [], schemaChanges: [] }
  const held = [{ path: 'a', dataset: 'd', score: null, reasons: [] }]
  const gate = signalsOf({ run: { ...run, status: 'gate-failed', filesFailed: 0 }, held, ...nothing })
  for (const { kind, severity, effect } of gate)
    if (effect === 'raise')
      expect([kind, severity]).toEqual([kind, ALERT_SEVERITY[kind as keyof typeof ALERT_SEVERITY]])
  const severityOf = (status: 'failed' | 'partial'): readonly string[] =>
    signalsOf({ run: { ...run, status, filesFailed: 1 }, held: [], ...nothing }).flatMap(({ kind, severity }) =>
      kind === 'run_failed' ? [severity] : [],
    )
  expect([severityOf('failed'), severityOf('partial').slice(0, 1)]).toEqual([['critical'], ['warning']])
})
