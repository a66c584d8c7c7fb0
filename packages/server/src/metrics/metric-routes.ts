import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import type { Services } from '../services.ts'
import { renderMetrics } from './exposition.ts'
import { metricsOf } from './metrics-of.ts'

/** Several collectors, or one in a hurry, share one reading. */
const FRESH_MS = 5000

export function metricRoutes(scope: Route['scope']): Route[] {
  const read = cached(FRESH_MS)
  return [
    route({
      method: 'GET',
      path: '/metrics',
      operationId: 'metrics',
      tag: 'Health',
      summary: 'Metrics for Prometheus',
      scope,
      unlimited: true,
      replies: { 200: { description: 'Text format 0.0.4.', schema: z.string(), type: 'text/plain' } },
      async handle({ services }) {
        const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }
        return { status: 200, text: await read(services), headers }
      },
    }),
  ]
}

/** A reading that failed is not kept. */
function cached(freshMs: number): (services: Services) => Promise<string> {
  let known: { readonly atMs: number; readonly text: Promise<string> } | undefined
  return async (services) => {
    if (known !== undefined && performance.now() - known.atMs < freshMs) return known.text
    const reading = { atMs: performance.now(), text: readMetrics(services) }
    known = reading
    reading.text.catch(() => {
      if (known === reading) known = undefined
    })
    return reading.text
  }
}

export async function readMetrics(services: Services): Promise<string> {
  const { state, version } = services
  const nowMs = services.nowMs()
  const [sums, quarantine, watermarks, alerts, jobs] = await Promise.all([
    state.metricSums(),
    // Nothing but what is open was put there after now.
    state.sumQuarantine({ sinceMs: Number.MAX_SAFE_INTEGER, untilMs: Number.MAX_SAFE_INTEGER }),
    state.listWatermarks(),
    state.openAlerts(),
    state.openJobs(),
  ])
  return renderMetrics(
    metricsOf({
      sums,
      quarantine,
      watermarks,
      alerts,
      jobs,
      health: services.health(),
      rssBytes: process.memoryUsage.rss(),
      version,
      nowMs,
    }),
  )
}
