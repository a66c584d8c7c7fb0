import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { smallReader } from '../testing/small-reader.ts'
import { openTestApi, type TestApi } from '../testing/test-api.ts'
import { route } from './route.ts'

let api: TestApi | undefined
afterEach(async () => {
  trace.disable()
  await api?.close()
})

async function start(): Promise<{ readonly api: TestApi; readonly exporter: InMemorySpanExporter }> {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  const views = { facts: smallReader(), sources: () => [], project: 'shop', command: 'tidegate monitor' }
  api = await openTestApi({
    views,
    routes: [
      route({
        method: 'GET',
        path: '/api/v1/things/{id}',
        operationId: 'getThing',
        tag: 'test',
        summary: 'A thing',
        scope: 'read',
        params: z.object({ id: z.string() }),
        query: z.object({ q: z.string().optional() }),
        replies: { 200: { description: 'It.' } },
        handle: async ({ params: { id } }) => {
          if (id === 'bug') throw new Error('geheim')
          return { status: 200, body: { id } }
        },
      }),
    ],
  })
  return { api, exporter }
}

test('a request is a span named after its operation, below the caller\u2019s, and tells nothing of what was asked', async () => {
  const { api: asked, exporter } = await start()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await asked.ask({ url: '/api/v1/things/geheim?q=geheim', headers: { traceparent } })
  const [span] = exporter.getFinishedSpans()
  expect(span).toMatchObject({
    name: 'getThing',
    kind: 1,
    parentSpanContext: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', isRemote: true },
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/api/v1/things/:id',
      'http.response.status_code': 200,
      'tidegate.actor': expect.stringMatching(/^token:/) as string,
    },
    status: { code: 0 },
  })
  expect(JSON.stringify([span?.attributes, span?.name, span?.events])).not.toContain('geheim')
})

test('views, refusals and bugs have spans, too; only a bug is an error', async () => {
  const { api: asked, exporter } = await start()
  await asked.ask('/views/overview')
  await asked.ask({ method: 'HEAD', url: '/api/v1/things/a' })
  await asked.ask({ url: '/api/v1/things/a', headers: { authorization: 'Bearer no', traceparent: '00-nonsense' } })
  await asked.ask('/nowhere/geheim')
  await asked.ask('/api/v1/things/bug')
  const spans = exporter.getFinishedSpans()
  expect(
    spans.map(({ name, attributes, status }) => [name, attributes['http.response.status_code'], status.code]),
  ).toEqual([
    ['readView', 200, 0],
    ['getThing', 200, 0],
    ['getThing', 401, 0],
    ['GET', 404, 0],
    ['getThing', 500, 2],
  ])
  expect(spans.every(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(true)
  expect(JSON.stringify(spans.map(({ attributes, events }) => [attributes, events]))).not.toContain('geheim')
})
