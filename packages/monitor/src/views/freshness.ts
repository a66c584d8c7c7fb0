/**
 * Whether files arrive when they should.
 *
 * `every`: enough files were loaded within the last such period. `by`: enough were loaded since the deadline of the day
 * before; files that come after their deadline make the source fresh again. Without an expectation, or without any
 * evidence, the answer is `unknown`.
 */
import { dailyDeadlines, deadlinesBetween, parseEvery } from '../arrival.ts'
import { DAY_MS, dayOf, dayText, windowDays, windowRange } from '../days.ts'
import type { Facts } from '../facts.ts'
import { isoTime, keyOf, sumOf } from '../figures.ts'
import type { MonitorContext, MonitoredSource } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'
import { runsBySource } from '../window-sums.ts'
import { amount, count, listing, percent } from '../wording.ts'
import { arrivalsOf, type Arrivals } from './arrivals.ts'
import type { Freshness, FreshnessView, MissedPeriod } from './freshness-view.ts'
import { linkTo } from './link.ts'
import { missedPeriods } from './missed-periods.ts'
import { remembered, type ViewCache } from './remembered.ts'

const MISSED = 50

export function freshness(facts: Facts, context: MonitorContext): FreshnessView {
  return remembered(cache, facts, context, judgeSources)
}

const cache: ViewCache<FreshnessView> = new WeakMap()

function judgeSources(facts: Facts, context: MonitorContext): FreshnessView {
  const days = windowDays(facts)
  const arrivals = arrivalsOf(facts)
  const runs = runsBySource(facts)
  const deadlines = deadlinesOf(facts, context)
  const items = sourceNames(facts, context).map((source) =>
    freshnessOf(source, facts, days, {
      config: context.config.find(({ name }) => name === source),
      arrivals: arrivals(source),
      // Newest first.
      watchedSinceMs: runs.get(source)?.at(-1)?.startedAtMs,
      nowMs: context.nowMs,
      knownSinceMs: facts.reachMs,
      deadlines,
    }),
  )
  const late = items.filter(({ status }) => status === 'late').length
  const fresh = items.filter(({ status }) => status === 'fresh').length
  const compliancePercent = late + fresh === 0 ? null : (fresh / (late + fresh)) * 100
  return {
    summary: summarise(items, compliancePercent),
    items,
    late,
    unknown: items.length - late - fresh,
    compliancePercent,
    days: days.map((dayMs) => dayText(dayMs)),
  }
}

function summarise(items: readonly Freshness[], compliancePercent: number | null): string {
  const judged = items.filter(({ status }) => status !== 'unknown').length
  const late = items.filter(({ status }) => status === 'late').map(({ source }) => source)
  const missed = sumOf(items, ({ missedTotal }) => missedTotal)
  if (judged === 0) return 'Of no source can be told whether its files come in time.'
  const unknown = items.length === judged ? '' : `; ${amount(items.length - judged, 'source')} cannot be judged`
  const past = missed === 0 ? '' : `; ${amount(missed, 'arrival')} missed in the window`
  const now =
    late.length === 0
      ? 'No source is late'
      : `${amount(late.length, 'source is', 'sources are')} late (${listing(late)})`
  return `${now}: ${percent(compliancePercent)} of ${amount(judged, 'source')} in time${past}${unknown}.`
}

type Judgement = Pick<Freshness, 'dueAt' | 'lateByMs' | 'filesInPeriod' | 'heldInPeriod' | 'status' | 'because'>

export interface ArrivalEvidence {
  readonly config: MonitoredSource | undefined
  readonly arrivals: Arrivals
  /** The earliest run known: since then somebody was looking. */
  readonly watchedSinceMs: number | undefined
  readonly nowMs: number
  /** Files before this are not counted one by one. */
  readonly knownSinceMs: number
  /** Those that passed in the window and the ones before it, oldest first. */
  readonly deadlines: (by: string, zone: string) => readonly number[]
}

const TWO_DAYS_MS = 2 * DAY_MS

/** Sources mostly have few deadlines among them, and a zone's clock is slow to read. */
function deadlinesOf(facts: Facts, { nowMs }: MonitorContext): ArrivalEvidence['deadlines'] {
  const known = new Map<string, readonly number[]>()
  return (by, zone) => {
    const key = keyOf(by, zone)
    const found = known.get(key)
    if (found !== undefined) return found
    const untilMs = Math.min(nowMs, facts.untilMs)
    const deadlines = deadlinesBetween(by, zone, facts.sinceMs - TWO_DAYS_MS, untilMs) ?? []
    known.set(key, deadlines)
    return deadlines
  }
}

function freshnessOf(source: string, facts: Facts, days: readonly number[], evidence: ArrivalEvidence): Freshness {
  const { config, arrivals, nowMs } = evidence
  const { last } = arrivals
  const perDay = new Map<number, number>()
  for (const { hourMs, loaded } of arrivals.hours) perDay.set(dayOf(hourMs), (perDay.get(dayOf(hourMs)) ?? 0) + loaded)
  const judgement = judge(evidence)
  const missed = missedPeriods(evidence, facts).filter((period) => !isCurrent(period, judgement))
  return {
    source,
    lastFile: last?.path ?? null,
    lastLoadedAt: isoTime(last?.decidedAtMs),
    ageMs: last === undefined ? null : nowMs - last.decidedAtMs,
    expected: config === undefined ? null : describeExpectation(config),
    ...judgement,
    arrivals: days.map((dayMs) => perDay.get(dayMs) ?? 0),
    missed: missed.slice(-MISSED),
    missedTotal: missed.length,
    link: linkTo('files', { source, outcome: 'loaded', order: 'newest', ...windowRange(facts) }),
  }
}

/** What is late now is not yet missed. */
function isCurrent(period: MissedPeriod, { status, dueAt }: Judgement): boolean {
  return status === 'late' && dueAt === period.to
}

function judge(evidence: ArrivalEvidence): Judgement {
  const { config } = evidence
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

function judgeEvery(every: string, files: number, evidence: ArrivalEvidence): Judgement {
  const periodMs = parseEvery(every)
  if (periodMs === undefined) return unknown(`\`every: ${every}\` is no duration`)
  const { nowMs, arrivals } = evidence
  const inPeriod = arrivals.countBetween(nowMs - periodMs)
  const counts = { files, inPeriod, held: arrivals.heldBetween(nowMs - periodMs) }
  // The file whose leaving the period made, or will make, the count fall short.
  const decisive = arrivals.nthNewestMs(files)
  if (inPeriod >= files && decisive !== undefined)
    return onTime(Math.max(decisive + periodMs, nowMs), counts, `${inPeriod} in the last ${every}`)
  // Of files before that only the newest is known, so they cannot be counted.
  if (files > 1 && evidence.knownSinceMs > nowMs - periodMs)
    return unknown('the period is longer than the history looked at')
  if (decisive !== undefined) return late(decisive + periodMs, counts, nowMs)
  const watched = evidence.watchedSinceMs
  if (watched === undefined || nowMs - watched <= periodMs) return unknown('it was not watched for long enough')
  return late(watched + periodMs, counts, nowMs)
}

function judgeBy(by: string, timezone: string, files: number, evidence: ArrivalEvidence): Judgement {
  const deadlines = dailyDeadlines(by, timezone, evidence.nowMs)
  if (deadlines === undefined) return unknown(`\`by: ${by}\` in ${timezone} is no time of day`)
  const { nowMs, arrivals, watchedSinceMs, knownSinceMs } = evidence
  const inPeriod = arrivals.countBetween(deadlines.previousMs)
  const counts = { files, inPeriod, held: arrivals.heldBetween(deadlines.previousMs) }
  if (inPeriod >= files) return onTime(deadlines.nextMs, counts, `${inPeriod} since the deadline before`)
  const known = arrivals.last !== undefined || (watchedSinceMs !== undefined && watchedSinceMs <= deadlines.lastMs)
  if (!known || (knownSinceMs > deadlines.previousMs && files > 1)) return unknown('it was not watched for long enough')
  return late(deadlines.lastMs, counts, nowMs)
}

interface PeriodCounts {
  /** Expected, loaded, held. */
  readonly files: number
  readonly inPeriod: number
  readonly held: number
}

function onTime(dueMs: number, { inPeriod, held }: PeriodCounts, because: string): Judgement {
  return {
    dueAt: isoTime(dueMs),
    lateByMs: null,
    filesInPeriod: inPeriod,
    heldInPeriod: held,
    status: 'fresh',
    because,
  }
}

function late(dueMs: number, counts: PeriodCounts, nowMs: number): Judgement {
  const { files, inPeriod, held } = counts
  return {
    dueAt: isoTime(dueMs),
    lateByMs: Math.max(0, nowMs - dueMs),
    filesInPeriod: inPeriod,
    heldInPeriod: held,
    status: 'late',
    because: describeArrival({ files: inPeriod, held, expected: files }),
  }
}

/** A file that is held came, but is not there. */
export function describeArrival({ files, held, expected }: Pick<MissedPeriod, 'files' | 'held' | 'expected'>): string {
  const of = `${count(files)} of ${amount(expected, 'expected file')}`
  if (held === 0) return `${of} came`
  return `${of} ${expected === 1 ? 'was' : 'were'} loaded: ${amount(held, 'file')} came and ${held === 1 ? 'was' : 'were'} held`
}

function unknown(because: string): Judgement {
  return { dueAt: null, lateByMs: null, filesInPeriod: null, heldInPeriod: null, status: 'unknown', because }
}

function describeExpectation({ expect, timezone }: MonitoredSource): string | null {
  if (expect === null) return null
  const files = expect.files === null ? '' : amount(expect.files, 'file')
  const every = expect.every === null ? '' : `every ${expect.every}`
  const by = expect.by === null ? '' : `by ${expect.by} ${timezone}`
  const text = [files, every, by].filter((part) => part !== '').join(' ')
  return text === '' ? null : text
}
