import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCheck, LOCATION, batchEntry, writeBatches } from '../testing/api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from '../testing/api-world.ts'

let world: ApiWorld

beforeAll(async () => {
  world = await openApiWorld()
  await writeBatches(world.state, 5, 2)
  const results = Array.from({ length: 7 }, (_, index) => [
    aCheck(`run-${String(index + 1)}`, `orders/f${String(index + 1)}.csv#1`, 'amount:not-null'),
    aCheck(`run-${String(index + 1)}`, `orders/f${String(index + 1)}.csv#1`, 'amount:between', {
      outcome: 'failed',
      unexpectedCount: 1,
      partialUnexpected: ['secret value'],
      observedValue: 'secret value',
    }),
  ])
  await world.state.recordChecks(results.flat())
})
afterAll(async () => world.close())

interface Named {
  readonly id: string
}

test('files are listed newest first, page by page to the end, each once', async () => {
  const { items, pages } = await world.pages('/api/v1/files', 3)
  expect(items.map(({ id }: Named) => id)).toEqual(
    ['held7', 'held6', 'f5', 'f4', 'f3', 'f2', 'f1'].map((name) => `orders/${name}.csv#1`),
  )
  expect(pages).toBe(3)
})

test('a file that is decided between two pages shifts nothing', async () => {
  const first = (await world.get('/api/v1/files?limit=4')).body as { next: string; items: Named[] }
  const later = await openApiWorld()
  try {
    await writeBatches(later.state, 7, 0)
    const page = (await later.get('/api/v1/files?limit=4')).body as { next: string; items: Named[] }
    await later.state.indexEntry(LOCATION, batchEntry(8, -1))
    const rest = (await later.get(`/api/v1/files?limit=4&after=${page.next}`)).body as { next: null; items: Named[] }
    expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(
      [7, 6, 5, 4, 3, 2, 1].map((seq) => `orders/f${String(seq)}.csv#1`),
    )
  } finally {
    await later.close()
  }
  expect(first.items).toHaveLength(4)
})

test.each([
  ['outcome=held', ['held7', 'held6']],
  ['search=f3', ['f3']],
  ['imperfect=true&order=lowest-score', ['held7', 'held6']],
  ['order=most-bytes&limit=1', ['held7']],
  ['source=payments', []],
  ['run=run-2', ['f2']],
  ['check=amount:between&search=f1', ['f1']],
  [`since=${new Date(NOW_MS - 95 * 3_600_000).toISOString()}`, ['held7', 'held6', 'f5']],
])('files can be filtered: %s', async (query, names) => {
  const { body } = await world.get(`/api/v1/files?${query}`)
  expect((body as { items: Named[] }).items.map(({ id }) => id)).toEqual(names.map((name) => `orders/${name}.csv#1`))
})

test('a file is found by its id, with the history of its path and the reasons', async () => {
  const { body } = await world.get(`/api/v1/files/${encodeURIComponent('orders/held6.csv#1')}`)
  expect(body).toMatchObject({
    file: { outcome: 'held', rowsRejected: 10, reasons: [{ check: 'amount:not-null', failedRows: 1 }] },
    versions: [{ id: 'orders/held6.csv#1' }],
    failures: [],
  })
  for (const id of ['orders/none.csv#1', 'orders/f1.csv#9', 'f1.csv', '#1', '../../etc/passwd', 'orders/../f1.csv#1'])
    expect(await world.get(`/api/v1/files/${encodeURIComponent(id)}`)).toMatchObject({ status: 404 })
})

test('watermarks are listed and read', async () => {
  const { items } = await world.pages('/api/v1/watermarks', 1)
  expect(items).toMatchObject([{ source: 'orders', value: '7', type: 'BIGINT' }])
  expect(await world.get('/api/v1/watermarks/orders')).toMatchObject({ status: 200 })
  expect((await world.get('/api/v1/watermarks/none')).body).toMatchObject({ code: 'WATERMARK_UNKNOWN' })
})

test('results of checks go from page to page to the end and hold no value out of a row', async () => {
  const { items } = await world.pages('/api/v1/validations', 4)
  expect(items).toHaveLength(14)
  expect(new Set(items.map((item) => JSON.stringify(item))).size).toBe(14)
  expect(JSON.stringify(items)).not.toContain('secret value')
})

test('values of rows are given to who may preview, and only where they are asked for', async () => {
  const query = '/api/v1/validations?run=run-3&failed=true&values=true'
  expect((await world.call('GET', query, { as: 'run' })).body).toMatchObject({
    items: [{ check: 'amount:between', observedValue: 'secret value', unexpectedValues: ['secret value'] }],
  })
  expect(await world.call('GET', query, { as: 'read' })).toMatchObject({ status: 403, body: { code: 'HTTP_SCOPE' } })
  const quiet = await world.call('GET', query.replace('=true&values=true', '=true&values=false'), { as: 'run' })
  expect(quiet.body).toMatchObject({ items: [{ observedValue: null, unexpectedValues: null }] })
})

test.each([
  ['failed=true', 7],
  ['run=run-3', 2],
  ['run=run-3&failed=true', 1],
  ['check=amount:not-null', 7],
  [`file=${encodeURIComponent('orders/f2.csv#1')}`, 2],
  ['dataset=none', 0],
])('results of checks can be filtered: %s', async (query, count) => {
  expect((await world.pages(`/api/v1/validations?${query}`, 3)).items).toHaveLength(count)
})

test('quarantine is listed to the end, and a record is found by its id although it has slashes', async () => {
  const { items, pages } = await world.pages('/api/v1/quarantine?status=open', 1)
  expect(items.map(({ id }: Named) => id)).toEqual(['orders/held7.csv', 'orders/held6.csv'])
  expect(pages).toBe(2)
  const { body } = await world.get(`/api/v1/quarantine/${encodeURIComponent('orders/held6.csv')}`)
  expect(body).toMatchObject({ kind: 'held', rows: 10, status: 'open', reasons: [{ failedRows: 1 }], closedAt: null })
  expect(await world.get('/api/v1/quarantine/none')).toMatchObject({ status: 404 })
  expect((await world.pages('/api/v1/quarantine?source=payments', 5)).items).toEqual([])
})

test('replaying records makes one run of their source, which names them', async () => {
  const records = ['orders/held6.csv', 'orders/held7.csv', 'orders/held6.csv']
  const { status, body } = await world.call('POST', '/api/v1/quarantine/replay', {
    body: { records, note: 'rule fixed' },
  })
  expect(status).toBe(202)
  const { runs } = body as { runs: readonly Named[] }
  expect(runs).toMatchObject([{ command: 'replay', source: 'orders', state: 'queued' }])
  const job = await world.state.getJob(runs[0]?.id ?? '')
  expect(job?.args).toEqual({ records: ['orders/held6.csv', 'orders/held7.csv'], note: 'rule fixed' })
  expect(world.woken).toContain('runner')
})

test.each([
  ['run', { records: ['orders/held6.csv'] }, 403, 'HTTP_SCOPE'],
  ['write', { records: ['none'] }, 404, 'QUARANTINE_UNKNOWN'],
  ['write', { records: [] }, 400, 'HTTP_BODY'],
  ['write', { records: ['orders/held6.csv'], force: true }, 400, 'HTTP_BODY'],
] as const)('discarding as %s with %j is refused', async (as, body, status, code) => {
  const before = (await world.state.openJobs()).length
  expect(await world.call('POST', '/api/v1/quarantine/discard', { as, body })).toMatchObject({ status, body: { code } })
  expect(await world.state.openJobs()).toHaveLength(before)
})

test.each(['/api/v1/files', '/api/v1/validations', '/api/v1/quarantine', '/api/v1/watermarks', '/api/v1/runs'])(
  '%s refuses a cursor that is none',
  async (url) => {
    const others = [
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('["a","b","c"]').toString('base64url'),
      '%00',
      'x',
    ]
    for (const after of others) expect(await world.get(`${url}?after=${after}`)).toMatchObject({ status: 400 })
    for (const limit of ['0', '1001', '-1', '1e2', 'x'])
      expect(await world.get(`${url}?limit=${limit}`)).toMatchObject({ status: 400 })
  },
)
