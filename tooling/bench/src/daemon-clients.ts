/**
 * Clients of a daemon, in a process of their own: `node daemon-clients.ts URL CLIENTS WARM_SECONDS SECONDS PAUSE_MS
 * PATH…`. Each client has one connection that stays open, and asks for the next path `PAUSE_MS` after it asked for the one before, or as soon as it has
 * that answer if that took longer. The first seconds, in which both sides compile their code, are counted apart. Prints JSON.
 */
import { Agent, get } from 'node:http'
import { setTimeout } from 'node:timers/promises'

export interface ClientReport {
  readonly requests: number
  readonly seconds: number
  /** Of the first seconds, of which nothing else here tells but `statuses`. */
  readonly warmP99Ms: number
  /** Answers by status; `error` for those that did not come. */
  readonly statuses: Readonly<Record<string, number>>
  /** Per path: milliseconds until the whole answer was there. */
  readonly paths: Readonly<Record<string, { readonly count: number; readonly p50Ms: number; readonly p99Ms: number }>>
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly bytes: number
}

const [url = '', clients = '1', warmSeconds = '0', seconds = '1', pauseMs = '0', ...paths] = process.argv.slice(2)
const times = { warmMs: Number(warmSeconds) * 1000, forMs: Number(seconds) * 1000, pauseMs: Number(pauseMs) }
const report = await drive(new URL(url), Number(clients), times, paths)
process.stdout.write(JSON.stringify(report))

async function drive(
  base: URL,
  count: number,
  { warmMs, forMs, pauseMs }: { readonly warmMs: number; readonly forMs: number; readonly pauseMs: number },
  asked: readonly string[],
): Promise<ClientReport> {
  const statuses: Record<string, number> = {}
  const warm: number[] = []
  const taken = new Map<string, number[]>(asked.map((path) => [path, []]))
  let bytes = 0
  const startedAt = performance.now() + warmMs
  const untilMs = startedAt + forMs
  await Promise.all(
    Array.from({ length: count }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      // Not all in the same moment.
      await setTimeout((pauseMs * client) / count)
      for (let turn = client; performance.now() < untilMs; turn += 1) {
        const path = asked[turn % asked.length] ?? '/'
        const sentAt = performance.now()
        const answer = await ask(new URL(path, base), agent)
        const tookMs = performance.now() - sentAt
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        if (sentAt < startedAt) warm.push(tookMs)
        else {
          taken.get(path)?.push(tookMs)
          bytes += answer.bytes
        }
        const restMs = sentAt + pauseMs - performance.now()
        if (restMs > 0) await setTimeout(restMs)
      }
      agent.destroy()
    }),
  )
  const sortedAll = [...taken.values()].flat().toSorted((a, b) => a - b)
  return {
    requests: sortedAll.length,
    seconds: (performance.now() - startedAt) / 1000,
    warmP99Ms: quantile(
      warm.toSorted((a, b) => a - b),
      0.99,
    ),
    statuses,
    paths: Object.fromEntries(
      [...taken].map(([path, all]) => {
        const sorted = all.toSorted((a, b) => a - b)
        return [path, { count: sorted.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) }]
      }),
    ),
    p50Ms: quantile(sortedAll, 0.5),
    p99Ms: quantile(sortedAll, 0.99),
    maxMs: sortedAll.at(-1) ?? 0,
    bytes,
  }
}

async function ask(url: URL, agent: Agent): Promise<{ readonly status: string; readonly bytes: number }> {
  return new Promise((resolve) => {
    const request = get(url, { agent, headers: { 'accept-encoding': 'gzip' } }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.on('end', () => resolve({ status: String(response.statusCode), bytes }))
      response.on('error', () => resolve({ status: 'error', bytes }))
    })
    request.on('error', () => resolve({ status: 'error', bytes: 0 }))
  })
}

/** Of sorted values: the smallest that is not below the share. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
