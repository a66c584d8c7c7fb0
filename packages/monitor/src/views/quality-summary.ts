import type { CheckRecord } from '@tidegate/core'
import { groupBy, isoTime, percentOf } from '../figures.ts'
import type { History } from '../history.ts'
import type { MonitorContext } from '../monitored-source.ts'

/**
 * Checks counted over the window. `score` is Great Expectations' success percent: passed of evaluated, where a check that
 * could not run counts as evaluated and not passed; null when none was evaluated.
 */
export interface CheckCounts {
  readonly score: number | null
  readonly evaluated: number
  readonly passed: number
  readonly failed: number
  readonly errors: number
}

export interface QualitySummaryView extends CheckCounts {
  readonly sources: readonly (CheckCounts & { readonly source: string })[]
  readonly datasets: readonly DatasetQuality[]
  /** One entry per UTC day from the first measured one to today, at most the last 90; days without checks are null. */
  readonly trend: readonly DayQuality[]
  /** Checks that failed or could not run, most often first: at most 20 of `worstTotal`. */
  readonly worst: readonly WorstCheck[]
  readonly worstTotal: number
}

export interface DatasetQuality extends CheckCounts {
  readonly source: string
  readonly dataset: string
  readonly files: number
  readonly lastCheckedAt: string | null
  /** The score of its newest run. */
  readonly lastScore: number | null
}

export interface DayQuality extends CheckCounts {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string
}

export interface WorstCheck extends CheckCounts {
  readonly source: string
  readonly dataset: string
  readonly check: string
  readonly type: string
  readonly columns: readonly string[]
  readonly severity: string
  /** Rows that broke it, summed. */
  readonly unexpectedRows: number
  readonly lastFailedAt: string | null
  readonly lastMessage: string
}

const TREND_DAYS = 90
const WORST = 20
const DAY_MS = 86_400_000

/** How good the data was: by dataset, by source, by day, and which checks fail. */
export function qualitySummary(history: History, context: MonitorContext): QualitySummaryView {
  const { checks } = history
  const worst = worstChecks(checks)
  return {
    ...countChecks(checks),
    sources: Array.from(
      groupBy(checks, ({ source }) => source),
      ([source, records]) => ({
        source,
        ...countChecks(records),
      }),
    ),
    datasets: Array.from(
      groupBy(checks, ({ source, dataset }) => JSON.stringify([source, dataset])).values(),
      datasetQuality,
    ).toSorted((a, b) => (a.score ?? 101) - (b.score ?? 101)),
    trend: trendByDay(checks, context.nowMs),
    worst: worst.slice(0, WORST),
    worstTotal: worst.length,
  }
}

/** Counts outcomes and forms the score. */
export function countChecks(checks: readonly Pick<CheckRecord, 'result'>[]): CheckCounts {
  let passed = 0
  let failed = 0
  for (const { result } of checks) {
    if (result.outcome === 'passed') passed += 1
    else if (result.outcome === 'failed') failed += 1
  }
  // What is neither is an error, whatever a newer version may have written there.
  const errors = checks.length - passed - failed
  return { score: percentOf(passed, checks.length), evaluated: checks.length, passed, failed, errors }
}

function datasetQuality(newestFirst: readonly CheckRecord[]): DatasetQuality {
  const newest = newestFirst[0]
  return {
    source: newest?.source ?? '',
    dataset: newest?.dataset ?? '',
    ...countChecks(newestFirst),
    files: new Set(newestFirst.map(({ file }) => file)).size,
    lastCheckedAt: isoTime(newest?.checkedAtMs),
    lastScore: countChecks(newestFirst.filter(({ run }) => run === newest?.run)).score,
  }
}

function trendByDay(checks: readonly CheckRecord[], nowMs: number): readonly DayQuality[] {
  if (checks.length === 0) return []
  const days = groupBy(checks, ({ checkedAtMs }) => String(Math.floor(checkedAtMs / DAY_MS)))
  const today = Math.floor(nowMs / DAY_MS)
  const first = Math.min(today, ...Array.from(days.keys(), Number))
  const from = Math.max(first, today - TREND_DAYS + 1)
  return Array.from({ length: today - from + 1 }, (_, index) => ({
    day: isoTime((from + index) * DAY_MS)?.slice(0, 10) ?? '',
    ...countChecks(days.get(String(from + index)) ?? []),
  }))
}

function worstChecks(checks: readonly CheckRecord[]): readonly WorstCheck[] {
  const groups = groupBy(checks, ({ source, dataset, result }) => JSON.stringify([source, dataset, result.id]))
  return Array.from(groups.values(), (newestFirst) => worstCheck(newestFirst))
    .filter(({ failed, errors }) => failed + errors > 0)
    .toSorted((a, b) => b.failed + b.errors - (a.failed + a.errors) || b.unexpectedRows - a.unexpectedRows)
}

function worstCheck(newestFirst: readonly CheckRecord[]): WorstCheck {
  const newest = newestFirst[0]
  const lastBad = newestFirst.find(({ result }) => result.outcome !== 'passed')
  return {
    source: newest?.source ?? '',
    dataset: newest?.dataset ?? '',
    check: newest?.result.id ?? '',
    type: newest?.result.type ?? '',
    columns: newest?.result.columns ?? [],
    severity: newest?.result.severity ?? 'critical',
    ...countChecks(newestFirst),
    unexpectedRows: newestFirst.reduce((sum, { result }) => sum + (result.unexpectedCount ?? 0), 0),
    lastFailedAt: isoTime(lastBad?.checkedAtMs),
    lastMessage: lastBad?.result.error?.message ?? lastBad?.result.message ?? '',
  }
}
