import { expect, test } from 'vitest'
import type { RunStatus } from '@tidegate/core'
import { aCheck, aFile, aRun, aSource, DAY, factsOf, HOUR, NOW, type Records } from '../testing/facts-builder.ts'
import type { AlertsView, Incident, IncidentKind } from './alerts-view.ts'
import { alerts } from './alerts.ts'

const context = { nowMs: NOW, config: [aSource({ expect: { files: null, by: null, every: '1d' } })] }

async function found(records: Records, kind?: IncidentKind): Promise<readonly Incident[]> {
  const view: AlertsView = alerts(await factsOf(records), context)
  return view.items.filter((item) => kind === undefined || item.kind === kind)
}

function runsOf(statuses: readonly RunStatus[]): Records {
  return {
    runs: statuses.map((status, index) =>
      aRun({
        id: `r${index}`,
        status,
        startedAtMs: NOW - (index + 1) * HOUR,
        errorCode: status === 'failed' ? 'ENOSPC' : null,
        filesHeld: status === 'gate-failed' ? 2 : 0,
        filesSeen: 5,
      }),
    ),
  }
}

test('without trouble there is no incident, and that is said', async () => {
  const records = { ...runsOf(['ok']), files: [aFile()], checks: [aCheck('passed')] }
  expect(alerts(await factsOf(records), context)).toMatchObject({
    items: [],
    open: 0,
    summary: 'No incident was found.',
  })
})

test('runs that fail in a row are one open incident since the first of them', async () => {
  const [incident] = await found(runsOf(['failed', 'failed', 'failed', 'ok', 'failed']), 'run-failed')
  expect(incident).toMatchObject({
    id: 'run-failed/flights//',
    status: 'open',
    severity: 'critical',
    occurrences: 3,
    since: new Date(NOW - 3 * HOUR + 10_000).toISOString(),
    until: null,
    title: 'flights: the run failed, 3 times in a row',
    command: 'tidegate history flights',
  })
  expect(incident?.payload.fields).toContainEqual({ name: 'code', value: 'ENOSPC' })
})

test('a run that ended well resolves it, and it stays the same incident', async () => {
  const [open] = await found(runsOf(['failed', 'ok']), 'run-failed')
  const [resolved] = await found(runsOf(['ok', 'failed', 'ok']), 'run-failed')
  expect(resolved).toMatchObject({
    id: open?.id,
    status: 'resolved',
    until: new Date(NOW - HOUR + 10_000).toISOString(),
  })
})

test('of files that the gate held it is said how many, and that somebody must decide', async () => {
  const held = ['a', 'b'].map((path) => aFile({ path, outcome: 'held', run: 'r0' }))
  const [incident] = await found({ ...runsOf(['gate-failed']), files: held }, 'gate-failed')
  // Of the five files that the run saw one was loaded; the others it knew.
  expect(incident).toMatchObject({
    status: 'open',
    title: 'flights: the gate held 2 files',
    evidence: 'the gate stopped 1 run; it held 2 of 3 new files; nothing was loaded since',
    command: 'tidegate quarantine ls --source flights',
  })
})

test('what the gate held waits until the source loads again or a person decided, whatever ran since', async () => {
  const nothing = aRun({ id: 'n', status: 'nothing-new', filesLoaded: 0, startedAtMs: NOW - HOUR })
  const gate = aRun({ id: 'g', status: 'gate-failed', filesLoaded: 0, filesHeld: 1, startedAtMs: NOW - 2 * HOUR })
  const failed = aRun({ id: 'f', status: 'failed', filesLoaded: 0, startedAtMs: NOW - 3 * HOUR })
  const first = { ...gate, id: 'g1', startedAtMs: NOW - 4 * HOUR }
  const held = aFile({ path: 'h', outcome: 'held', run: 'g' })
  const ofGate = async (records: Records): Promise<Incident | undefined> => (await found(records, 'gate-failed'))[0]

  const open = await ofGate({ runs: [nothing, gate, failed, first], files: [held] })
  expect(open).toMatchObject({ status: 'open', until: null, occurrences: 2 })
  expect(open?.evidence).toBe(
    'the gate stopped 2 runs; the last time it held 1 of 1 new file; nothing was loaded since',
  )

  const loading = aRun({ id: 'l', startedAtMs: NOW - HOUR / 2 })
  expect(await ofGate({ runs: [loading, nothing, gate], files: [held] })).toMatchObject({
    status: 'resolved',
    until: new Date(NOW - HOUR / 2 + 10_000).toISOString(),
    evidence: 'the gate stopped 1 run; it held 1 of 1 new file',
  })
  const discard = aRun({ id: 'd', command: 'discard', filesLoaded: 0, startedAtMs: NOW - HOUR / 3 })
  expect(await ofGate({ runs: [discard, nothing, gate] })).toMatchObject({
    status: 'resolved',
    until: new Date(NOW - HOUR / 3 + 10_000).toISOString(),
  })
})

test('files that wait for a contract wait until one is there', async () => {
  const gate = aRun({ id: 'g', status: 'gate-failed', filesLoaded: 0, filesHeld: 0, startedAtMs: NOW - 2 * HOUR })
  const [open] = await found({ runs: [gate] }, 'gate-failed')
  expect(open).toMatchObject({ status: 'open', title: 'flights: files wait for a contract' })
  const gone = aRun({ id: 'n', status: 'nothing-new', filesLoaded: 0 })
  expect((await found({ runs: [gone, gate] }, 'gate-failed'))[0]?.status).toBe('resolved')
})

test('a late source of which the file came and is held sends to the quarantine, not to the landing folder', async () => {
  const files = [aFile({ decidedAtMs: NOW - 2 * DAY }), aFile({ path: 'h', outcome: 'held' })]
  const [late] = await found({ files, ...runsOf(['ok']) }, 'late')
  expect(late).toMatchObject({ command: 'tidegate quarantine ls --source flights' })
  expect(late?.evidence).toContain('1 file came and was held')
})

test('a late source is critical, but only a warning while its runs fail', async () => {
  const old = { files: [aFile({ decidedAtMs: NOW - 2 * DAY })] }
  const [alone] = await found({ ...old, ...runsOf(['ok']) }, 'late')
  expect(alone).toMatchObject({
    severity: 'critical',
    since: new Date(NOW - DAY).toISOString(),
    title: 'flights is late by 1 d 00 h',
  })
  const [consequence] = await found({ ...old, ...runsOf(['failed']) }, 'late')
  expect(consequence?.severity).toBe('warning')
})

test('arrivals that were missed are one resolved incident', async () => {
  const files = [6, 4, 0].map((back) => aFile({ path: `f${back}`, decidedAtMs: NOW - HOUR / 2 - back * DAY }))
  const incidents = await found({ files, runs: [aRun({ startedAtMs: NOW - 7 * DAY })] }, 'missing')
  expect(incidents).toHaveLength(1)
  // The last gap ended when the newest file came.
  expect(incidents[0]).toMatchObject({
    status: 'resolved',
    occurrences: 2,
    until: new Date(NOW - HOUR / 2).toISOString(),
  })
})

test('a missed arrival is over when the next file came, not when the newest did', async () => {
  const files = [6, 4, 3.5, 3, 2.5, 2, 1.5, 1, 0.5, 0].map((back) =>
    aFile({ path: `f${back}`, decidedAtMs: NOW - HOUR / 2 - back * DAY }),
  )
  const [incident] = await found({ files, runs: [aRun({ startedAtMs: NOW - 7 * DAY })] }, 'missing')
  expect(incident).toMatchObject({ occurrences: 1, until: new Date(NOW - HOUR / 2 - 4 * DAY).toISOString() })
})

test('a figure outside its band on the bad side drifts, on the good side it does not', async () => {
  const files = (rows: number) =>
    Array.from({ length: 12 }, (_, back) =>
      aFile({ path: `f${back}`, decidedAtMs: NOW - HOUR - back * DAY, rowsLoaded: back === 1 ? rows : 1000 }),
    )
  expect((await found({ files: files(10) }, 'drifting')).map(({ id }) => id)).toEqual(['drifting/flights/flights/rows'])
  expect(await found({ files: files(100_000) }, 'drifting')).toEqual([])
})

test('a score that falls over the window drifts', async () => {
  const checks = [6, 5, 4, 3, 2, 1].flatMap((back) =>
    [0, 1, 2, 3].map((index) =>
      aCheck(back < 4 && index === 0 ? 'failed' : 'passed', { checkedAtMs: NOW - back * DAY }, { id: `c${index}` }),
    ),
  )
  const [incident] = await found({ checks }, 'drifting')
  // 100, 100, 100 and then 75, 75, 75.
  expect(incident).toMatchObject({
    id: 'drifting/flights/flights/score-trend',
    evidence: 'it is 25 % lower in the later half of the window than in the earlier one',
  })
})

test('a quarantine grows when something new stays in it on two of three days', async () => {
  const held = (back: number, path: string) =>
    aFile({ path, outcome: 'held', rowsRejected: 5, decidedAtMs: NOW - HOUR - back * DAY })
  expect(await found({ files: [held(0, 'a'), held(0, 'b')] }, 'quarantine-growing')).toEqual([])
  const [incident] = await found({ files: [held(0, 'a'), held(2, 'b'), held(50, 'c')] }, 'quarantine-growing')
  expect(incident).toMatchObject({ dataset: 'flights', occurrences: 2 })
  expect(incident?.evidence).toContain('3 records with 15 rows wait')
})

test('open comes before resolved and critical before warning, and payloads have a key of their own each time', async () => {
  const records = {
    ...runsOf(['ok', 'failed', 'ok']),
    files: [aFile({ decidedAtMs: NOW - 2 * DAY })],
  }
  const view = alerts(await factsOf(records), context)
  expect(view.items.map(({ kind, status }) => `${kind} ${status}`)).toEqual(['late open', 'run-failed resolved'])
  expect(view).toMatchObject({ open: 1, bySeverity: { critical: 1, warning: 0, info: 0 } })
  expect(view.summary).toBe(
    '1 incident open, 1 critical: flights is late by 1 d 00 h; 1 incident of the window is over.',
  )
  const later = alerts(await factsOf({ ...runsOf(['failed']), ...records, runs: runsOf(['failed']).runs! }), context)
  const keyOf = (items: readonly Incident[]): string | undefined =>
    items.find(({ kind }) => kind === 'run-failed')?.payload.key
  expect(keyOf(later.items)).not.toBe(keyOf(view.items))
})

test('names in payloads are those of things: no message of an engine, which may quote a cell', async () => {
  const secret = 'could not convert string "4711-SECRET" to INT32'
  const records: Records = {
    runs: [aRun({ status: 'failed', errorCode: 'ENGINE_SQL', errorMessage: secret })],
    checks: [aCheck('failed', {}, { message: secret })],
    files: [aFile({ outcome: 'held', reasons: [{ check: 'PQ105', severity: 'critical', message: secret }] })],
  }
  expect(
    JSON.stringify((await found(records)).map(({ payload, title, evidence }) => [payload, title, evidence])),
  ).not.toContain('SECRET')
})
