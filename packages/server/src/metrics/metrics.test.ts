import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aNewJob, aRunRecord, batchEntry, heldEntry, LOCATION, writeBatches, writeRun } from '../testing/api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from '../testing/api-world.ts'
import { parseExposition, type ParsedMetric } from '../testing/parse-exposition.ts'
import { boundSeries, MOST_SERIES } from './bound-series.ts'
import { renderMetrics, type Metric } from './exposition.ts'
import { METRICS } from './metric-definitions.ts'
import { readMetrics } from './metric-routes.ts'

let world: ApiWorld

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(async () => world.close())

async function read(): Promise<ReadonlyMap<string, ParsedMetric>> {
  return parseExposition(await readMetrics(world.api.services))
}

function valueOf(
  metrics: ReadonlyMap<string, ParsedMetric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = metrics.get(name.replace(/_(?:bucket|sum|count)$/, '')) ?? metrics.get(name)
  const sample = found?.samples.find(
    (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )
  return sample?.value ?? Number.NaN
}

const ORDERS = { source: 'orders', dataset: 'orders' }

test('every metric of the list is there with its type and no other label than its own; an empty state has no counts', async () => {
  const metrics = await read()
  expect([...metrics.keys()].toSorted()).toEqual(Object.keys(METRICS).toSorted())
  for (const [name, { type, help, samples }] of metrics) {
    const definition = METRICS[name as keyof typeof METRICS]
    expect({ type, help }).toEqual({ type: definition.type, help: definition.help })
    for (const { labels } of samples)
      expect(Object.keys(labels).filter((label) => label !== 'le')).toEqual(definition.labels)
    expect(name).toMatch(type === 'counter' ? /_total$/ : /^tidegate_(?!.*_total$)/)
  }
})

test('counts are those of what was committed', async () => {
  const { state } = world
  await writeBatches(state, 3, 1)
  await writeRun(state, aRunRecord('r1', NOW_MS - 100_000))
  await writeRun(state, aRunRecord('r2', NOW_MS - 90_000, { status: 'failed', endedAtMs: NOW_MS - 90_000 + 20_000 }))
  await writeRun(state, aRunRecord('r3', NOW_MS - 80_000, { status: 'running', endedAtMs: null }))
  await state.createJob(aNewJob('j1', NOW_MS))
  const metrics = await read()
  expect(valueOf(metrics, 'tidegate_rows_read_total', ORDERS)).toBe(40)
  expect(valueOf(metrics, 'tidegate_rows_loaded_total', ORDERS)).toBe(30)
  expect(valueOf(metrics, 'tidegate_rows_rejected_total', ORDERS)).toBe(10)
  expect(valueOf(metrics, 'tidegate_files_total', { ...ORDERS, status: 'loaded' })).toBe(3)
  expect(valueOf(metrics, 'tidegate_files_total', { ...ORDERS, status: 'held' })).toBe(1)
  // The newest batch is the held file, the newest loaded one was 97 hours ago.
  expect(valueOf(metrics, 'tidegate_quality_score', ORDERS)).toBe(50)
  expect(valueOf(metrics, 'tidegate_dataset_freshness_seconds', ORDERS)).toBe(97 * 3600)
  expect(valueOf(metrics, 'tidegate_quarantine_open_records', ORDERS)).toBe(1)
  expect(valueOf(metrics, 'tidegate_quarantine_open_rows', ORDERS)).toBe(10)
  expect(valueOf(metrics, 'tidegate_watermark_age_seconds', { source: 'orders' })).toBe(96 * 3600)
  expect(valueOf(metrics, 'tidegate_runs_total', { source: 'orders', stage: 'ingest', status: 'ok' })).toBe(1)
  expect(valueOf(metrics, 'tidegate_runs_total', { source: 'orders', status: 'failed' })).toBe(1)
  expect(valueOf(metrics, 'tidegate_runs_total', { status: 'running' })).toBeNaN()
  expect(valueOf(metrics, 'tidegate_jobs_open', { status: 'queued' })).toBe(1)
  expect(valueOf(metrics, 'tidegate_run_duration_seconds_sum', { source: 'orders' })).toBe(22)
  const buckets = metrics.get('tidegate_run_duration_seconds')?.samples.filter(({ name }) => name.endsWith('_bucket'))
  expect(buckets?.map(({ labels, value }) => [labels['le'], value])).toEqual([
    ['1', 0],
    ['5', 1],
    ['15', 1],
    ['60', 2],
    ['300', 2],
    ['900', 2],
    ['3600', 2],
    ['14400', 2],
    ['+Inf', 2],
  ])
  expect(valueOf(metrics, 'tidegate_event_loop_delay_seconds')).toBe(0.003)
})

test('no counter goes down when quarantine is given up, or when history is pruned', async () => {
  const { state } = world
  const before = await read()
  const held = heldEntry(4, 0)
  await state.indexEntry(LOCATION, {
    ...batchEntry(5, 0, {}, { files: [], add: [] }),
    consumes: ['orders/held4.csv'],
    replays: [
      {
        record: 'orders/held4.csv',
        file: held.files[0]?.id ?? '',
        action: 'discard',
        rowsRead: 10,
        rowsLoaded: 0,
        rowsRejected: 0,
        rowsDropped: 0,
        rowsDiscarded: 10,
      },
    ],
  })
  expect(await state.pruneHistory(NOW_MS - 85_000)).toMatchObject({ runs: 2 })
  expect(await state.listRuns()).toHaveLength(1)
  const after = await read()
  expect(valueOf(after, 'tidegate_quarantine_open_rows', ORDERS)).toBeNaN()
  for (const [name, { type, samples }] of before)
    if (type !== 'gauge')
      for (const sample of samples) {
        const now = after
          .get(name)
          ?.samples.find(
            (one) => one.name === sample.name && JSON.stringify(one.labels) === JSON.stringify(sample.labels),
          )
        expect(now?.value, `${sample.name} ${JSON.stringify(sample.labels)}`).toBeGreaterThanOrEqual(sample.value)
      }
  expect(valueOf(after, 'tidegate_rows_rejected_total', ORDERS)).toBe(10)
  await state.pruneHistory(NOW_MS - 85_000)
  expect(valueOf(await read(), 'tidegate_runs_total', { source: 'orders', status: 'ok' })).toBe(1)
})

test('names with quotes, backslashes, new lines and half surrogates are escaped so that they are read as they are', () => {
  const odd = ['a"b', 'a\\b', 'a\nb', '\\n', 'ü 日本', '{x="1"} 2', '', 'half \uD800']
  const metric: Metric = {
    name: 'm',
    help: 'one\\two\nthree "quoted"',
    type: 'gauge',
    series: odd.map((source) => ({ labels: { source }, value: 1 })),
  }
  const parsed = parseExposition(renderMetrics([metric])).get('m')
  expect(parsed?.help).toBe('one\\two\nthree "quoted"')
  expect(parsed?.samples.map(({ labels }) => labels['source'])).toEqual(odd.map((text) => text.toWellFormed()))
})

test('of thousands of series five hundred are left, and nothing of their sum is lost', () => {
  const series = Array.from({ length: 3000 }, (_, index) => ({
    labels: { source: `s${String(index).padStart(4, '0')}`, status: index % 2 === 0 ? 'ok' : 'failed' },
    value: 1,
  }))
  const { metric, dropped } = boundSeries({ name: 'm', help: '', type: 'counter', series }, ['source'])
  expect(metric.series).toHaveLength(MOST_SERIES)
  expect(dropped).toBe(3000 - 498)
  expect(metric.series.reduce((sum, { value }) => sum + Number(value), 0)).toBe(3000)
  expect(metric.series.slice(-2).map(({ labels }) => labels)).toEqual([
    { source: 'other', status: 'ok' },
    { source: 'other', status: 'failed' },
  ])
})

test('a gauge of the rest is its worst; histograms are added up', () => {
  const gauge = {
    name: 'm',
    help: '',
    type: 'gauge',
    series: [3, 9, 5].map((value) => ({ labels: { source: `s${String(value)}` }, value })),
  } as const
  expect(boundSeries(gauge, ['source'], 2).metric.series).toEqual([
    { labels: { source: 's3' }, value: 3 },
    { labels: { source: 'other' }, value: 9 },
  ])
  const one = { bounds: [1], bins: [1, 2], sum: 5 }
  const histogram: Metric = {
    name: 'm',
    help: '',
    type: 'histogram',
    series: ['a', 'b', 'c'].map((source) => ({ labels: { source }, value: one })),
  }
  expect(boundSeries(histogram, ['source'], 1).metric.series).toEqual([
    { labels: { source: 'other' }, value: { bounds: [1], bins: [3, 6], sum: 15 } },
  ])
})

test('it is answered without a token, as text, and one reading serves five seconds', async () => {
  const first = await world.api.app.inject({ url: '/metrics', headers: { host: 'localhost' } })
  expect(first.statusCode).toBe(200)
  expect(first.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  parseExposition(first.body)
  await world.state.createJob(aNewJob('j2', NOW_MS))
  expect((await world.get('/metrics')).text).toBe(first.body)
})

const DASHBOARD = new URL('../../../../docs/observability/grafana-dashboard.json', import.meta.url)
const RULES = new URL('../../../../docs/observability/prometheus-rules.yaml', import.meta.url)

test('dashboard and alert rules name metrics and labels that there are', () => {
  const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[]
  }
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const rules = [...readFileSync(RULES, 'utf8').matchAll(/^\s+expr: (.+)$/gm)].map(([, expr = '']) => expr)
  expect(expressions.length).toBeGreaterThan(8)
  expect(rules.length).toBeGreaterThan(5)
  for (const expression of [...expressions, ...rules]) {
    const names = [...expression.matchAll(/tidegate_\w+/g)].map(([name]) => name)
    expect(names.length, expression).toBeGreaterThan(0)
    for (const name of names) {
      const base = name.replace(/_(?:bucket|sum|count)$/, '')
      const definition = METRICS[base as keyof typeof METRICS]
      expect(definition, name).toBeDefined()
      expect(base === name || definition.type === 'histogram', name).toBe(true)
      // A counter is read through rate or increase.
      if (definition.type === 'counter') expect(expression, name).toMatch(/rate\(|increase\(/)
      // That it was seen at a time is asked without its labels.
      if (name === 'tidegate_build_info') continue
      const own = [...definition.labels, 'le', 'instance', 'job']
      const asked = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) =>
        list.split(',').map((label) => label.trim()),
      )
      for (const label of asked) expect(own, expression).toContain(label)
    }
  }
})
