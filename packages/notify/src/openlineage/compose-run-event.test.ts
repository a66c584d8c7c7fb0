import { expect, test } from 'vitest'
import type { OutboxNotice } from '@tidegate/core'
import { composeRunEvents, type LineageRun } from './compose-run-event.ts'

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

const CHANNEL = { name: 'line', namespace: 'zone' }

function endOf(run: LineageRun): OutboxNotice {
  return composeRunEvents(run, CHANNEL)[1]
}

test('a run that ended well is COMPLETE, with what it read and wrote and how much', () => {
  const { payload, channel, event } = endOf(RUN)
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
  const { payload } = endOf({ ...RUN, isFailed: true, errorCode: 'ENGINE_CRASHED' })
  expect(payload).toMatchObject({ eventType: 'FAIL', run: { facets: { errorMessage: { message: 'ENGINE_CRASHED' } } } })
})

test('the run id is a UUID that follows from source and run, and every facet names its schema', () => {
  const event = endOf(RUN)
  const { run } = event.payload as { run: { runId: string; facets: Record<string, Record<string, string>> } }
  expect(run.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(endOf(RUN)).toEqual(event)
  expect(endOf({ ...RUN, run: 'r2' }).payload['run']).not.toMatchObject({
    runId: run.runId,
  })
  for (const facet of Object.values(run.facets))
    expect(facet).toMatchObject({
      _producer: 'urn:tidegate:notify',
      _schemaURL: expect.stringMatching(/Facet\.json#/),
    })
})

/** What the specification demands of a run event and of each facet, written down from its JSON Schema. */
function faultsOf(event: Readonly<Record<string, unknown>>): readonly string[] {
  const faults: string[] = []
  const must = (isSo: boolean, what: string): void => void (isSo || faults.push(what))
  const isUri = (value: unknown): boolean => typeof value === 'string' && URL.canParse(value)
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
  const isCount = (value: unknown): boolean => value === undefined || Number.isSafeInteger(value)
  const required: Readonly<Record<string, readonly string[]>> = {
    errorMessage: ['message', 'programmingLanguage'],
    processing_engine: ['version'],
    jobType: ['processingType', 'integration'],
    schema: ['fields'],
    inputStatistics: ['rowCount'],
    outputStatistics: ['rowCount'],
  }
  const facets = (all: unknown): void => {
    for (const [name, one] of Object.entries((all ?? {}) as Record<string, Record<string, unknown>>)) {
      must(isUri(one['_producer']) && isUri(one['_schemaURL']), `${name}: no producer or schema`)
      must(/\/(\w+)\.json#\/\$defs\/\1$/.test(String(one['_schemaURL'])), `${name}: schema of another facet`)
      must(name in required, `${name}: unknown facet`)
      for (const key of required[name] ?? []) must(one[key] !== undefined, `${name}.${key} is missing`)
      for (const key of ['rowCount', 'fileCount', 'size']) must(isCount(one[key]), `${name}.${key} is no integer`)
    }
  }
  const { run, job, inputs, outputs } = event as Record<string, Record<string, unknown>>
  must(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER'].includes(String(event['eventType'])), 'eventType')
  must(new Date(String(event['eventTime'])).toISOString() === event['eventTime'], 'eventTime')
  must(isUri(event['producer']) && isUri(event['schemaURL']), 'producer or schemaURL')
  must(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(run?.['runId'])), 'runId')
  must(isText(job?.['namespace']) && isText(job?.['name']), 'job')
  facets(run?.['facets'])
  facets(job?.['facets'])
  for (const dataset of [inputs, outputs].flat() as unknown as Record<string, unknown>[]) {
    must(isText(dataset['namespace']) && isText(dataset['name']), 'dataset')
    for (const kind of ['facets', 'inputFacets', 'outputFacets']) facets(dataset[kind])
  }
  return faults
}

test.each([
  ['that ended well', RUN],
  ['that failed', { ...RUN, isFailed: true, errorCode: 'ENGINE_CRASHED' }],
  ['without a start before its end', { ...RUN, startedAtMs: RUN.endedAtMs }],
  ['with strange names', { ...RUN, run: '../\u0000', source: 'ö 💥\u202e'.repeat(500), inputs: [], outputs: [] }],
  [
    'with columns',
    { ...RUN, outputs: RUN.outputs.map((one) => ({ ...one, columns: [{ name: 'id', type: 'BIGINT' }] })) },
  ],
] as const)(
  'a run %s is one START and then one end of the same run, both as the specification wants them',
  (_, run) => {
    const [start, end] = composeRunEvents(run, CHANNEL)
    expect(faultsOf(start.payload)).toEqual([])
    expect(faultsOf(end.payload)).toEqual([])
    const ids = [start, end].map(({ payload }) => (payload['run'] as { runId: string }).runId)
    expect(ids[0]).toBe(ids[1])
    expect([start.payload['eventType'], end.payload['eventType']]).toEqual([
      'START',
      run.isFailed ? 'FAIL' : 'COMPLETE',
    ])
    expect(start.key).not.toBe(end.key)
    expect(start.createdAtMs).toBeLessThan(end.createdAtMs)
  },
)

test('the columns of what was written are its schema', () => {
  const columns = [{ name: 'id', type: 'BIGINT' }]
  const { payload } = endOf({ ...RUN, outputs: RUN.outputs.map((one) => ({ ...one, columns })) })
  expect(payload['outputs']).toMatchObject([{ facets: { schema: { fields: columns } } }])
})
