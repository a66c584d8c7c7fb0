import { expect, test } from 'vitest'
import { composeRunEvent, type LineageRun } from './compose-run-event.ts'

const RUN: LineageRun = {
  run: 'r1',
  source: 'orders',
  command: 'ingest',
  isFailed: false,
  startedAtMs: Date.UTC(2026, 10, 21, 12),
  endedAtMs: Date.UTC(2026, 10, 21, 12, 1),
  errorCode: null,
  inputs: [{ namespace: 'file', name: '/data/landing', files: 2, rows: 20, bytes: 300 }],
  outputs: [{ namespace: 'postgres://db:5432', name: 'lake.public.orders', files: 2, rows: 19 }],
}

test('a run that ended well is COMPLETE, with what it read and wrote and how much', () => {
  const { payload, channel, event } = composeRunEvent(RUN, { name: 'line', namespace: 'zone' })
  expect([channel, event]).toEqual(['line', 'lineage'])
  expect(payload).toMatchObject({
    eventType: 'COMPLETE',
    eventTime: '2026-11-21T12:01:00.000Z',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    job: { namespace: 'zone', name: 'ingest.orders' },
    inputs: [
      {
        namespace: 'file',
        name: '/data/landing',
        inputFacets: { inputStatistics: { rowCount: 20, fileCount: 2, size: 300 } },
      },
    ],
    outputs: [{ name: 'lake.public.orders', outputFacets: { outputStatistics: { rowCount: 19, fileCount: 2 } } }],
  })
})

test('a run that failed is FAIL, with its code', () => {
  const { payload } = composeRunEvent(
    { ...RUN, isFailed: true, errorCode: 'ENGINE_CRASHED' },
    { name: 'line', namespace: 'z' },
  )
  expect(payload).toMatchObject({ eventType: 'FAIL', run: { facets: { errorMessage: { message: 'ENGINE_CRASHED' } } } })
})

test('the run id is a UUID that follows from source and run, and every facet names its schema', () => {
  const event = composeRunEvent(RUN, { name: 'line', namespace: 'zone' })
  const { run } = event.payload as { run: { runId: string; facets: Record<string, Record<string, string>> } }
  expect(run.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(composeRunEvent(RUN, { name: 'line', namespace: 'zone' })).toEqual(event)
  expect(composeRunEvent({ ...RUN, run: 'r2' }, { name: 'line', namespace: 'zone' }).payload['run']).not.toMatchObject({
    runId: run.runId,
  })
  for (const facet of Object.values(run.facets))
    expect(facet).toMatchObject({
      _producer: expect.stringMatching(/^https:/),
      _schemaURL: expect.stringMatching(/Facet\.json#/),
    })
})
