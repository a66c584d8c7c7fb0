/** A real daemon with a real SDK and exporter: what a receiver of OTLP gets of one run that was asked for by API. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { smallProject, type SmallProject } from '../testing/small-project.ts'

const HOST = fileURLToPath(new URL('../testing/daemon-host.ts', import.meta.url))
const PRELOADED = pathToFileURL(fileURLToPath(new URL('../testing/trace-by-otlp.ts', import.meta.url))).href

let project: SmallProject | undefined
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  project?.remove()
})

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

interface Batch {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[]
}

async function receiver(): Promise<{ readonly url: string; readonly spans: Span[]; readonly texts: string[] }> {
  const spans: Span[] = []
  const texts: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      texts.push(text)
      if (request.url === '/v1/traces')
        for (const { scopeSpans } of (JSON.parse(text) as Batch).resourceSpans)
          spans.push(...scopeSpans.flatMap((scope) => scope.spans))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  closing.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, spans, texts }
}

async function startTraced(directory: string, endpoint: string): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['--conditions=tidegate:source', HOST, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${PRELOADED} --disable-warning=ExperimentalWarning`,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=SECRETheader',
      HOOK_URL: 'https://hooks.example.com/SECRETurl',
    },
  })
  closing.push(() => child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /"url":"(http:[^"]+?)\/?"/.exec(chunk.toString())?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => reject(new Error('it did not start')))
  })
  const stop = async (): Promise<void> => {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
  }
  return { url, stop }
}

test('a run asked for by API is one trace of its attempt, joined across its process; the request is a span; no secret is told', async () => {
  const { url: endpoint, spans, texts } = await receiver()
  project = smallProject(['orders'], {
    channels: { ops: { kind: 'webhook', url: '${HOOK_URL}', on: ['output_generated'] } },
  })
  project.land('orders', 'SECRETname.csv', 20)
  const daemon = await startTraced(project.directory, endpoint)
  const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const asked = await fetch(`${daemon.url}/api/v1/ingestions/orders/run?x=SECRETquery`, {
    method: 'POST',
    headers: { traceparent: caller, 'content-type': 'application/json' },
    body: '{}',
  })
  // A query that nobody knows is refused, and is a span all the same.
  expect(asked.status).toBe(400)
  const made = await fetch(`${daemon.url}/api/v1/ingestions/orders/run`, { method: 'POST', headers: { traceparent: caller } }) // prettier-ignore
  expect(made.status).toBe(202)
  const { id } = (await made.json()) as { readonly id: string }
  const state = async (): Promise<unknown> =>
    ((await (await fetch(`${daemon.url}/api/v1/runs/${id}`)).json()) as { readonly state: string }).state
  await expect.poll(state, { timeout: 60_000, interval: 200 }).toBe('ok')
  await daemon.stop()

  const runs = spans.filter(({ name }) => name === 'tidegate.run')
  expect(runs.map(attributesOf)).toMatchObject([
    { 'tidegate.job': id, 'tidegate.source': 'orders', 'tidegate.trigger': 'api', 'tidegate.outcome': 'ok' },
  ])
  const [run] = runs
  const own = spans.filter(({ traceId, spanId }) => traceId === run?.traceId && spanId !== run?.spanId)
  expect(own.every(({ parentSpanId }) => parentSpanId === run?.spanId)).toBe(true)
  const phases = own.map(({ name }) => name)
  for (const phase of ['leased', 'planned', 'pinned', 'checked', 'staged', 'entry-durable', 'indexed', 'closed'])
    expect(phases).toContain(`tidegate.${phase}`)
  // Of the pipeline nothing is in another trace.
  expect(spans.filter(({ name, traceId }) => name.startsWith('tidegate.') && traceId !== run?.traceId)).toEqual([])
  const requests = spans.filter(({ name }) => name === 'runIngestion')
  expect(requests.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual(
    Array.from({ length: 2 }, () => [caller.slice(3, 35), caller.slice(36, 52)]),
  )
  expect(texts.join('\n')).not.toContain('SECRET')
}, 120_000)

function attributesOf({ attributes }: Span): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
