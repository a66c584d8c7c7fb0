/** Whether what `expect:` asks for has come. The judgement is the page's own: what it calls late raises an alert. */
import type { AlertKind, AlertRecord, AlertSignal } from '@tidegate/core'
import {
  freshness,
  monitoredSources,
  readFacts,
  type Facts,
  type Freshness,
  type MonitoredSource,
} from '@tidegate/monitor'
import { ALERT_SEVERITY } from '@tidegate/notify'
import type { JobContext, JobOutcome } from './run-job.ts'

const DAY_MS = 86_400_000

type ArrivalKind = Extract<AlertKind, 'stale' | 'missing'>

/** `stale`: less came within `every` than should. `missing`: less came by the time of day than should. */
export interface Arrival {
  readonly kind: ArrivalKind
  readonly found: Freshness
  readonly source: MonitoredSource
}

export async function arrivalsJob({ project, effects }: JobContext): Promise<JobOutcome> {
  const nowMs = effects.clock.nowMs()
  const { state: store } = project
  const sources = monitoredSources(project.config).filter(({ expect }) => expect !== null)
  const names = sources.map(({ name }) => name)
  const open = (await store.openAlerts()).filter(({ kind }) => kind === 'stale' || kind === 'missing')
  const facts =
    names.length === 0
      ? undefined
      : await readFacts(project.state, { sinceMs: nowMs - 2 * DAY_MS, nowMs, sources: names })
  const arrivals = facts === undefined ? [] : judgeArrivals(facts, sources, nowMs)
  const signals = arrivalSignals(arrivals, open, nowMs)
  if (signals.length > 0) await store.addSignals(signals)
  const count = (status: Freshness['status']): number => arrivals.filter(({ found }) => found.status === status).length
  return {
    outcome: 'ok',
    errorCode: null,
    errorMessage: null,
    summary: { sources: sources.length, fresh: count('fresh'), late: count('late'), unknown: count('unknown') },
  }
}

/** Each kind of expectation by itself: a source may be late in one way and in time in the other. Pure. */
export function judgeArrivals(facts: Facts, sources: readonly MonitoredSource[], nowMs: number): readonly Arrival[] {
  const judge = (kind: ArrivalKind): readonly Arrival[] => {
    const config = sources.flatMap((source) => {
      const { expect } = source
      if (expect === null || (kind === 'stale' ? expect.every : expect.by) === null) return []
      return [{ ...source, expect: { ...expect, ...(kind === 'stale' ? { by: null } : { every: null }) } }]
    })
    if (config.length === 0) return []
    const { items } = freshness(facts, { nowMs, config })
    return config.flatMap((source) => {
      const found = items.find((item) => item.source === source.name)
      return found === undefined ? [] : [{ kind, found, source }]
    })
  }
  return [...judge('stale'), ...judge('missing')]
}

/**
 * Raised once for each deadline that passed; resolved when it is met, and when nobody expects anything of the source any
 * more. What cannot be judged stays as it is. Pure.
 */
export function arrivalSignals(
  arrivals: readonly Arrival[],
  open: readonly Pick<AlertRecord, 'id' | 'kind' | 'source'>[],
  nowMs: number,
): readonly AlertSignal[] {
  const raised = arrivals.filter(({ found }) => found.status === 'late').map((arrival) => raise(arrival, nowMs))
  const resolved = open.flatMap(({ id, kind, source }): readonly AlertSignal[] => {
    const arrival = arrivals.find((each) => each.kind === kind && each.found.source === source)
    if (arrival !== undefined && arrival.found.status !== 'fresh') return []
    const because = arrival === undefined ? 'nothing is expected of it any more' : arrival.found.because
    return [
      {
        key: `${kind}:resolved:${id}`,
        kind,
        effect: 'resolve',
        source,
        dataset: null,
        severity: 'info',
        run: null,
        atMs: nowMs,
        detail: { because },
      },
    ]
  })
  return [...raised, ...resolved]
}

function raise({ kind, found, source: config }: Arrival, atMs: number): AlertSignal {
  const { source, expected, dueAt, filesInPeriod, heldInPeriod, lastLoadedAt, because } = found
  return {
    key: `${kind}:${source}:${dueAt ?? ''}`,
    kind,
    effect: 'raise',
    source,
    dataset: null,
    severity: ALERT_SEVERITY[kind],
    run: null,
    atMs,
    detail: {
      expected,
      dueAt,
      filesInPeriod,
      heldInPeriod,
      lastLoadedAt,
      because,
      dueAtMs: timeOf(dueAt),
      lastLoadedAtMs: timeOf(lastLoadedAt),
      expectedFiles: config.expect?.files ?? 1,
      arrivedFiles: filesInPeriod ?? 0,
      by: `${config.expect?.by ?? ''} ${config.timezone}`.trim(),
    },
  }
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
