import { gunzipSync } from 'node:zlib'
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { MONITOR_SECTIONS } from '@tidegate/monitor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveMonitor } from './serve-monitor.ts'
import { ask, startServed, type Answer, type Served } from './testing/served.ts'
import { aFailedCheck, aRun } from './testing/small-reader.ts'

let served: Served
let port: number
beforeAll(async () => {
  served = await startServed()
  port = served.server.port
})
afterAll(() => served.stop())

function problemOf({ status, headers, body }: Answer): unknown {
  expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  const problem = JSON.parse(body.toString()) as { readonly status: number; readonly code: string }
  expect(problem.status).toBe(status)
  return [status, problem.code]
}

test.for([
  'evil.example',
  'evil.example:PORT',
  'localhost:1',
  'localhost',
  'localhost.evil.example:PORT',
  '127.0.0.1.nip.io:PORT',
  '0.0.0.0:PORT',
  'localhost:PORT@evil.example',
])('a request for the host %j is misdirected, whatever it asks for', async (host) => {
  for (const target of ['/', '/views/facts', '/assets/page-1.js']) {
    const answer = await ask(port, target, { headers: { host: host.replace('PORT', String(port)) } })
    // An empty host is refused before us.
    if (host !== '') expect(problemOf(answer)).toEqual([421, 'HTTP_HOST'])
    expect(answer.status).toBeGreaterThanOrEqual(400)
  }
})

test.for(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('%s with the port is this server', async (name) => {
  expect((await ask(port, '/', { headers: { host: `${name}:${port}` } })).status).toBe(200)
})

test.for(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s changes nothing and is told so', async (method) => {
  const answer = await ask(port, '/views/facts', { method })
  expect(problemOf(answer)).toEqual([405, 'HTTP_METHOD'])
  expect(answer.headers.allow).toBe('GET, HEAD')
})

test('every page has the page, with headers that let nothing else in', async () => {
  for (const target of ['/', '/quality', '/files?folder=a/b', '/no/such/page', '/viewsx']) {
    const { status, headers, body } = await ask(port, target)
    expect([target, status, body.toString()]).toEqual([target, 200, '<!doctype html><title>The page</title>'])
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).not.toContain('unsafe-eval')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
})

test.for([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/assets/%2e%2e/%2e%2e/secret.txt',
  '/assets/..\\..\\secret.txt',
  '/assets/../hidden.js',
  '/assets//etc/passwd',
  '//etc/passwd',
  '/assets/page-1.js%00.html',
  '/assets/__proto__',
  '/%c0%ae%c0%ae/secret.txt',
])('%s leads to nothing but the page or an error', async (target) => {
  const { body } = await ask(port, target)
  expect(body.toString()).not.toMatch(/secret\b(?!\.)|hidden|root:/)
})

test('an asset stays with the reader for ever, packed where that is taken', async () => {
  const plain = await ask(port, '/assets/page-1.js')
  const packed = await ask(port, '/assets/page-1.js', { headers: { 'accept-encoding': 'br, gzip' } })
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(packed.body)).toEqual(plain.body)
  expect(plain.headers['cache-control']).toContain('immutable')
  const refused = await ask(port, '/assets/page-1.js', { headers: { 'accept-encoding': 'gzip;q=0' } })
  expect(refused.headers['content-encoding']).toBeUndefined()
  expect(problemOf(await ask(port, '/assets/page-2.js'))).toEqual([404, 'HTTP_NOT_FOUND'])
})

test('every section of the report has a view, HEAD says the same without a body, an etag saves the way', async () => {
  for (const section of MONITOR_SECTIONS) {
    const answer = await ask(port, `/views/${section}`)
    expect([section, answer.status]).toEqual([section, 200])
    expect(JSON.parse(answer.body.toString())).toHaveProperty('summary')
    const head = await ask(port, `/views/${section}`, { method: 'HEAD' })
    expect([head.status, head.body.length, head.headers.etag]).toEqual([200, 0, answer.headers.etag])
    const again = await ask(port, `/views/${section}`, { headers: { 'if-none-match': answer.headers.etag ?? '' } })
    expect([again.status, again.body.length]).toEqual([304, 0])
  }
})

test.for([
  '/views/overview?since=yesterday',
  '/views/overview?since=-1',
  '/views/overview?since=1e3',
  '/views/overview?since=99999999999999999999',
  '/views/overview?since=8640000000000000',
  '/views/overview?since=1&since=2',
  '/views/overview?colour=red',
  '/views/overview?constructor=1',
  '/views/files?limit=0',
  '/views/files?limit=1001',
  '/views/files?limit=10;drop',
  '/views/files?limit=5&order=newest;--',
  '/views/files?limit=5&outcome=Loaded',
  '/views/files?limit=5&repaired=1',
  '/views/files?limit=5&offset=-1',
  `/views/files?limit=5&search=${'x'.repeat(5000)}`,
  '/views/checks?perCheck=100000',
  '/views/events?x=1',
])('%s is refused', async (target) => {
  expect(problemOf(await ask(port, target))).toEqual([400, 'HTTP_PARAMETER'])
})

test('a view nobody knows is not found', async () => {
  for (const target of ['/views', '/views/nothing', '/views/constructor', '/views/a/b', '/api/v1'])
    expect(problemOf(await ask(port, target))).toEqual([404, 'HTTP_NOT_FOUND'])
})

test('a list of files is asked for with what the page may say', async () => {
  const hostile = "a'b</script>%_"
  served.reader.queries.length = 0
  await ask(port, `/views/files?limit=7&offset=14&source=s&source=t&repaired=true&order=most-rows&since=5&search=${encodeURIComponent(hostile)}`) // prettier-ignore
  expect(served.reader.queries).toEqual([
    expect.objectContaining({ limit: 7, offset: 14, sources: ['s', 't'], repairedOnly: true, order: 'most-rows', sinceMs: 5, search: hostile }), // prettier-ignore
  ])
})

test('failed results are asked for by check and dataset, page by page', async () => {
  served.reader.queries.length = 0
  await ask(port, '/views/checks?perCheck=5&offset=10&check=a%20b&dataset=d&source=s&since=5&until=9')
  await ask(port, '/views/checks')
  expect(served.reader.queries).toMatchObject([
    {
      window: { sinceMs: 5, untilMs: 9, sources: ['s'] },
      perCheck: 5,
      only: { check: 'a b', dataset: 'd', offset: 10 },
    },
    { perCheck: 20 },
  ])
  expect(problemOf(await ask(port, '/views/checks?offset=-1'))).toEqual([400, 'HTTP_PARAMETER'])
})

test('values out of rows are given out only where they were asked for', async () => {
  const failed = aFailedCheck(['secret-value'])
  for (const includeSamples of [false, true]) {
    const one = await startServed({ includeSamples })
    one.reader.failedChecks = async () => ({ items: [failed], total: 1 })
    for (const target of ['/views/facts', '/views/checks', '/views/all', '/views/failures']) {
      const text = (await ask(one.server.port, target)).body.toString()
      if (!includeSamples) expect([target, text.includes('secret-value')]).toEqual([target, false])
      else if (target === '/views/facts' || target === '/views/checks') expect(text).toContain('secret-value')
      if (target === '/views/facts')
        expect(JSON.parse(text)).toMatchObject({ samples: includeSamples ? 'masked' : 'none' })
    }
    await one.stop()
  }
})

test('many clients share one reading until the state moves', async () => {
  const before = served.reader.readings
  const since = Date.now() - 3_600_000
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, at) => ask(port, `/views/${at % 2 === 0 ? 'overview' : 'timeline'}?since=${since}`)),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200))
  expect(served.reader.readings).toBe(before + 1)
  served.reader.runs.push(aRun('another'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const moved = JSON.parse((await ask(port, `/views/timeline?since=${since}`)).body.toString()) as { runsTotal: number }
  expect(moved.runsTotal).toBe(1)
  expect(served.reader.readings).toBe(before + 2)
})

test('facts say whose they are', async () => {
  const { body } = await ask(port, '/views/facts')
  expect(JSON.parse(body.toString())).toMatchObject({
    kind: 'tidegate-report',
    reportVersion: 1,
    project: 'shop',
    version: '1.2.3',
    samples: 'none',
    trimmed: [],
    facts: { factsVersion: 1 },
    context: { config: [], command: 'tidegate monitor --since 7d' },
  })
})

test('a failure inside is told without what it was', async () => {
  const { queryFiles } = served.reader
  served.reader.queryFiles = () => Promise.reject(new Error('password=hunter2 at /srv/place'))
  const answer = await ask(port, '/views/files?limit=1')
  served.reader.queryFiles = queryFiles
  expect(problemOf(answer)).toEqual([500, 'INTERNAL'])
  expect(answer.body.toString()).not.toContain('hunter2')
})

test('a port in use and a page that is not there are said before anything is served', async () => {
  await expect(startServed({ port })).rejects.toMatchObject({ code: 'SERVER_PORT_TAKEN' })
  const empty = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  const options = {
    facts: served.reader,
    assets: { folder: empty },
    sources: [],
    project: '',
    version: '',
    command: '',
  }
  await expect(serveMonitor(options)).rejects.toMatchObject({ code: 'SERVER_PAGE_MISSING' })
})
