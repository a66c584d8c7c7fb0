import { groupBy, isoTime, percentOf } from '../figures.ts'
import type { History } from '../history.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { suggestFix } from '../suggest-fix.ts'

export interface FailureAnalysisView {
  /** Times something failed in the window: once per check and file, per file that could not be judged, per failed run. */
  readonly total: number
  /** Causes, most frequent first (Pareto). */
  readonly causes: readonly FailureCause[]
  /** How many causes make up 80 % of the failures. */
  readonly vitalFew: number
}

export interface FailureCause {
  /** Stable across runs: kind, source, dataset and code, percent-encoded, joined by `/`. */
  readonly fingerprint: string
  readonly kind: 'check' | 'file' | 'run'
  /** Check id, finding code or error code. */
  readonly code: string
  readonly source: string
  readonly dataset: string | null
  readonly severity: string
  readonly count: number
  readonly sharePercent: number
  readonly cumulativePercent: number
  /** Different files. */
  readonly files: number
  /** Up to 5 of `files`, newest first. */
  readonly examples: readonly string[]
  /** Rows that broke a check, summed. */
  readonly rows: number
  readonly firstSeenAt: string | null
  readonly lastSeenAt: string | null
  /** What was said the last time. */
  readonly message: string
  readonly suggestion: string
}

const EXAMPLES = 5

/** Groups what failed by cause. */
export function failureAnalysis(history: History, _context: MonitorContext): FailureAnalysisView {
  const occurrences = collectOccurrences(history)
  const total = occurrences.length
  const groups = Array.from(groupBy(occurrences, ({ fingerprint }) => fingerprint).values()).toSorted(
    (a, b) => b.length - a.length || newest(b) - newest(a),
  )
  let seen = 0
  const causes = groups.map((group) => {
    seen += group.length
    return describeCause(group, percentOf(group.length, total) ?? 0, percentOf(seen, total) ?? 0)
  })
  const reached = causes.findIndex(({ cumulativePercent }) => cumulativePercent >= 80)
  return { total, causes, vitalFew: reached + 1 }
}

interface Occurrence {
  readonly fingerprint: string
  readonly kind: FailureCause['kind']
  readonly code: string
  readonly type: string | undefined
  readonly outcome: 'failed' | 'error'
  readonly source: string
  readonly dataset: string | null
  readonly severity: string
  readonly file: string | null
  readonly rows: number
  readonly atMs: number
  readonly message: string
  /** Path of the file, where a repair with loss would bring rows of it back. */
  readonly offer: string | undefined
}

/** What a repair could do about a damaged file is no failure of its own. */
const OFFER = 'REPAIR_IS_LOSSY'
const REMARKS: ReadonlySet<string> = new Set([OFFER, 'REPAIR_REFUSED'])

function collectOccurrences(history: History): readonly Occurrence[] {
  const explained = new Set<string>()
  const occurrences: Occurrence[] = []
  for (const { result, source, dataset, file, checkedAtMs } of history.checks) {
    if (result.outcome === 'passed') continue
    explained.add(JSON.stringify([file, result.id]))
    occurrences.push(
      occurrence({
        kind: 'check',
        code: result.id,
        type: result.type,
        outcome: result.outcome,
        source,
        dataset,
        severity: result.severity,
        file,
        rows: result.unexpectedCount ?? 0,
        atMs: checkedAtMs,
        message: result.error?.message ?? result.message,
      }),
    )
  }
  // Reasons that are no checks: damage found before the first check could run.
  for (const { id, source, dataset, path, outcome, reasons, decidedAtMs } of history.files) {
    if (outcome !== 'held' || decidedAtMs < history.sinceMs) continue
    const offer = reasons.some(({ check }) => check === OFFER) ? path : undefined
    for (const reason of reasons) {
      if (REMARKS.has(reason.check) || explained.has(JSON.stringify([id, reason.check]))) continue
      occurrences.push(
        occurrence({
          kind: 'file',
          code: reason.check,
          source,
          dataset,
          severity: reason.severity,
          file: id,
          rows: reason.failedRows ?? 0,
          atMs: decidedAtMs,
          message: reason.message,
          offer,
        }),
      )
    }
  }
  for (const { source, dataset, path, code, message, failedAtMs } of history.failures) {
    const file = `${source}/${path}`
    occurrences.push(
      occurrence({
        kind: 'file',
        code,
        source,
        dataset,
        severity: 'critical',
        file,
        rows: 0,
        atMs: failedAtMs,
        message,
      }),
    )
  }
  for (const run of history.runs) {
    if (run.status !== 'failed' || run.startedAtMs < history.sinceMs) continue
    occurrences.push(
      occurrence({
        kind: 'run',
        code: run.errorCode ?? 'UNKNOWN',
        source: run.source,
        dataset: null,
        severity: 'critical',
        file: null,
        rows: 0,
        atMs: run.endedAtMs ?? run.startedAtMs,
        message: run.errorMessage ?? 'no message was recorded',
      }),
    )
  }
  return occurrences
}

function occurrence(
  facts: Omit<Occurrence, 'fingerprint' | 'type' | 'outcome' | 'offer'> &
    Partial<Pick<Occurrence, 'type' | 'outcome' | 'offer'>>,
): Occurrence {
  const parts = [facts.kind, facts.source, facts.dataset ?? '', facts.code]
  const fingerprint = parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/')
  return { type: undefined, outcome: 'failed', offer: undefined, ...facts, fingerprint }
}

function describeCause(group: readonly Occurrence[], sharePercent: number, cumulativePercent: number): FailureCause {
  const byTime = group.toSorted((a, b) => b.atMs - a.atMs)
  // Groups are made of at least one occurrence.
  const last = byTime[0]!
  const files = [...new Set(byTime.flatMap(({ file }) => (file === null ? [] : [file])))]
  return {
    fingerprint: last.fingerprint,
    kind: last.kind,
    code: last.code,
    source: last.source,
    dataset: last.dataset,
    severity: last.severity,
    count: group.length,
    sharePercent,
    cumulativePercent,
    files: files.length,
    examples: files.slice(0, EXAMPLES),
    rows: group.reduce((sum, { rows }) => sum + rows, 0),
    firstSeenAt: isoTime(byTime.at(-1)?.atMs),
    lastSeenAt: isoTime(last.atMs),
    message: last.message,
    suggestion: suggestFix({ ...last, offer: byTime.find(({ offer }) => offer !== undefined)?.offer }),
  }
}

function newest(group: readonly Occurrence[]): number {
  return group.reduce((latest, { atMs }) => Math.max(latest, atMs), Number.NEGATIVE_INFINITY)
}
