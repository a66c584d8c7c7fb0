import type { FileRecord, RunRecord } from '@tidegate/core'
import { dailyDeadlines, parseEvery } from '../arrival.ts'
import { bySource, isoTime } from '../figures.ts'
import type { History } from '../history.ts'
import type { MonitorContext, MonitoredSource } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'

export interface FreshnessView {
  readonly items: readonly Freshness[]
  readonly late: number
  readonly unknown: number
  /** Sources that have an expectation and meet it, in percent of those that can be judged; null when none can. */
  readonly compliancePercent: number | null
}

export interface Freshness {
  readonly source: string
  readonly lastFile: string | null
  readonly lastLoadedAt: string | null
  readonly ageMs: number | null
  /** In words: `every 1h`, `24 files by 02:15 Europe/Berlin`. */
  readonly expected: string | null
  /** When the next file is due; for a late source, when it was due. */
  readonly dueAt: string | null
  readonly lateByMs: number | null
  /** Files loaded since the period that is judged began; null where none is. */
  readonly filesInPeriod: number | null
  readonly status: 'fresh' | 'late' | 'unknown'
  /** Why, in one sentence. */
  readonly because: string
}

/**
 * Whether files arrive when they should.
 *
 * `every`: enough files were loaded within the last such period. `by`: enough were loaded since the deadline of the day
 * before; files that come after their deadline make the source fresh again. Without an expectation, or without any
 * evidence, the answer is `unknown`.
 */
export function freshness(history: History, context: MonitorContext): FreshnessView {
  const loaded = bySource(history.files.filter(({ outcome }) => outcome === 'loaded'))
  const runs = bySource(history.runs)
  const items = sourceNames(history, context).map((source) =>
    freshnessOf(
      source,
      context.config.find(({ name }) => name === source),
      loaded(source),
      runs(source),
      { nowMs: context.nowMs, sinceMs: history.sinceMs },
    ),
  )
  const late = items.filter(({ status }) => status === 'late').length
  const fresh = items.filter(({ status }) => status === 'fresh').length
  return {
    items,
    late,
    unknown: items.length - late - fresh,
    compliancePercent: late + fresh === 0 ? null : (fresh / (late + fresh)) * 100,
  }
}

type Judgement = Pick<Freshness, 'dueAt' | 'lateByMs' | 'filesInPeriod' | 'status' | 'because'>

interface Evidence {
  readonly loadedNewestFirst: readonly FileRecord[]
  /** The earliest run in the history: since then somebody was looking. */
  readonly watchedSinceMs: number | undefined
  readonly nowMs: number
  readonly sinceMs: number
}

function freshnessOf(
  source: string,
  config: MonitoredSource | undefined,
  loadedNewestFirst: readonly FileRecord[],
  runsNewestFirst: readonly RunRecord[],
  window: { readonly nowMs: number; readonly sinceMs: number },
): Freshness {
  const last = loadedNewestFirst[0]
  const evidence = { loadedNewestFirst, watchedSinceMs: runsNewestFirst.at(-1)?.startedAtMs, ...window }
  return {
    source,
    lastFile: last?.path ?? null,
    lastLoadedAt: isoTime(last?.decidedAtMs),
    ageMs: last === undefined ? null : window.nowMs - last.decidedAtMs,
    expected: config === undefined ? null : describeExpectation(config),
    ...judge(config, evidence),
  }
}

function judge(config: MonitoredSource | undefined, evidence: Evidence): Judgement {
  if (config === undefined) return unknown('it is not in the configuration any more')
  const { expect, timezone } = config
  if (expect === null || (expect.every === null && expect.by === null)) return unknown('no arrival is expected of it')
  const judgements: Judgement[] = []
  if (expect.every !== null) judgements.push(judgeEvery(expect.every, expect.files ?? 1, evidence))
  if (expect.by !== null) judgements.push(judgeBy(expect.by, timezone, expect.files ?? 1, evidence))
  return (
    judgements.find(({ status }) => status === 'late') ??
    judgements.find(({ status }) => status === 'unknown') ??
    judgements[0] ??
    unknown('no arrival is expected of it')
  )
}

function judgeEvery(every: string, files: number, evidence: Evidence): Judgement {
  const periodMs = parseEvery(every)
  if (periodMs === undefined) return unknown(`\`every: ${every}\` is no duration`)
  const { nowMs, loadedNewestFirst } = evidence
  const inPeriod = loadedNewestFirst.filter(({ decidedAtMs }) => decidedAtMs > nowMs - periodMs).length
  // The file whose leaving the period made, or will make, the count fall short.
  const decisive = loadedNewestFirst[files - 1]?.decidedAtMs
  if (inPeriod >= files && decisive !== undefined)
    return onTime(decisive + periodMs, inPeriod, `${inPeriod} in the last ${every}`)
  // Of files before the window only the newest is known, so they cannot be counted.
  if (files > 1 && evidence.sinceMs > nowMs - periodMs) return unknown('the period is longer than the window looked at')
  if (decisive !== undefined) return late(decisive + periodMs, inPeriod, files, nowMs)
  const watched = evidence.watchedSinceMs
  if (watched === undefined || nowMs - watched <= periodMs) return unknown('it was not watched for long enough')
  return late(watched + periodMs, inPeriod, files, nowMs)
}

function judgeBy(by: string, timezone: string, files: number, evidence: Evidence): Judgement {
  const deadlines = dailyDeadlines(by, timezone, evidence.nowMs)
  if (deadlines === undefined) return unknown(`\`by: ${by}\` in ${timezone} is no time of day`)
  const { nowMs, loadedNewestFirst, watchedSinceMs, sinceMs } = evidence
  const inPeriod = loadedNewestFirst.filter(({ decidedAtMs }) => decidedAtMs > deadlines.previousMs).length
  if (inPeriod >= files) return onTime(deadlines.nextMs, inPeriod, `${inPeriod} since the deadline before`)
  const known = loadedNewestFirst.length > 0 || (watchedSinceMs !== undefined && watchedSinceMs <= deadlines.lastMs)
  // Of files before the window only the newest is known, so they cannot be counted.
  if (!known || (sinceMs > deadlines.previousMs && files > 1)) return unknown('it was not watched for long enough')
  return late(deadlines.lastMs, inPeriod, files, nowMs)
}

function onTime(dueMs: number, filesInPeriod: number, because: string): Judgement {
  return { dueAt: isoTime(dueMs), lateByMs: null, filesInPeriod, status: 'fresh', because }
}

function late(dueMs: number, filesInPeriod: number, files: number, nowMs: number): Judgement {
  return {
    dueAt: isoTime(dueMs),
    lateByMs: Math.max(0, nowMs - dueMs),
    filesInPeriod,
    status: 'late',
    because: `${filesInPeriod} of ${files} expected ${files === 1 ? 'file' : 'files'} came`,
  }
}

function unknown(because: string): Judgement {
  return { dueAt: null, lateByMs: null, filesInPeriod: null, status: 'unknown', because }
}

function describeExpectation({ expect, timezone }: MonitoredSource): string | null {
  if (expect === null) return null
  const files = expect.files === null ? '' : `${expect.files} ${expect.files === 1 ? 'file' : 'files'}`
  const every = expect.every === null ? '' : `every ${expect.every}`
  const by = expect.by === null ? '' : `by ${expect.by} ${timezone}`
  const text = [files, every, by].filter((part) => part !== '').join(' ')
  return text === '' ? null : text
}
