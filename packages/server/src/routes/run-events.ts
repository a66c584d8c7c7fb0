/**
 * What is heard of a run, as server-sent events. The id of an event is its `seq`: who comes back with `Last-Event-ID` gets all
 * that came since, as far as the newest 1,000 are kept. `event: end` is the last one.
 *
 *   (1) No event of the run that is kept is left out, and none is given twice, also over a new connection.  [jobFeed]
 *   (2) `end` is sent once the run is over and all its events were given.                                   [eventsOf]
 */
import { stringifyJson, type JobEvent, type JobRecord } from '@tidegate/core'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import type { Services } from '../services.ts'
import { isoOf } from './fields.ts'
import { findRun, runParams } from './find-run.ts'

/** How long a reader waits before it connects again. */
const RETRY_MS = 2000
/** A silent stream says that it is there, so that nobody between takes it for dead. */
const HEARTBEAT_MS = 15_000
/** Whether the run is over is asked this often where no event says it. */
const LOOK_MS = 2000

export function runEventRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/runs/{id}/events',
      operationId: 'streamRunEvents',
      isPersonal: true,
      tag: 'Runs',
      summary: 'What is heard of a run, as server-sent events',
      scope: 'read',
      params: runParams,
      query: z.object({
        after: z
          .string()
          .regex(/^\d{1,15}$/)
          .optional()
          .meta({ description: 'Only events with a higher id; `Last-Event-ID` says the same.' }),
      }),
      replies: {
        200: {
          description:
            'Events `state`, `progress` and `note` with JSON, in order; `end` when the run is over. Resume with `Last-Event-ID`.',
          schema: z.string(),
          type: 'text/event-stream',
        },
      },
      problems: { 404: ['RUN_UNKNOWN'] },
      async handle({ params, query, services, lastEventId, signal }) {
        const found = await findRun(services, params.id)
        const last = lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? lastEventId : query.after
        const stream =
          found.kind === 'job'
            ? eventsOf(services, found.job.id, Number(last ?? 0), signal)
            : once(frame('end', { state: found.run.status }))
        return { status: 200, stream }
      },
    }),
  ]
}

async function* once(text: string): AsyncGenerator<string, undefined> {
  yield text
}

export async function* eventsOf(
  { state, jobFeed }: Pick<Services, 'state' | 'jobFeed'>,
  job: string,
  afterSeq: number,
  signal?: AbortSignal,
  { heartbeatMs = HEARTBEAT_MS, lookMs = LOOK_MS }: { heartbeatMs?: number; lookMs?: number } = {},
): AsyncGenerator<string, undefined> {
  const waiting: JobEvent[] = []
  let wake = (): void => {}
  let seq = afterSeq
  const unsubscribe = jobFeed.subscribe(job, afterSeq, (events) => {
    waiting.push(...events)
    // Whoever does not read on finds what the state keeps, and costs no more than that.
    if (waiting.length > MOST_EVENTS) waiting.splice(0, waiting.length - MOST_EVENTS)
    wake()
  })
  const onAbort = (): void => wake()
  signal?.addEventListener('abort', onAbort)
  try {
    yield `retry: ${RETRY_MS}\n\n`
    for (let spokenMs = performance.now(); !isGone(signal);) {
      for (const event of waiting.splice(0)) {
        seq = event.seq
        yield frame(event.kind, { at: isoOf(event.atMs), ...event.data }, event.seq)
        spokenMs = performance.now()
      }
      const now = await state.getJob(job)
      // Asked for after the job: an event that was written before its end is among these.
      if (now === undefined || isOver(now)) {
        const rest = await state.listJobEvents(job, seq, MOST_EVENTS)
        for (const event of rest) yield frame(event.kind, { at: isoOf(event.atMs), ...event.data }, event.seq)
        yield frame('end', { state: now?.state ?? null })
        return
      }
      if (waiting.length > 0) continue
      if (performance.now() - spokenMs >= heartbeatMs) {
        yield ': still here\n\n'
        spokenMs = performance.now()
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, Math.min(lookMs, heartbeatMs))
      wake = resolve
      if (waiting.length === 0 && !isGone(signal)) await promise
      clearTimeout(timer)
    }
  } finally {
    unsubscribe()
    signal?.removeEventListener('abort', onAbort)
  }
}

function isGone(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** As many as the state keeps of a job. */
const MOST_EVENTS = 1000
const OPEN: ReadonlySet<JobRecord['state']> = new Set(['queued', 'running', 'retrying'])

function isOver(job: JobRecord): boolean {
  return !OPEN.has(job.state)
}

function frame(event: string, data: unknown, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${stringifyJson(data)}\n\n`
}
