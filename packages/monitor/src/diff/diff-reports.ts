/**
 * Two reports, what changed between them and whether that is better or worse. Worse is: a health that fell, a score that
 * lost half a point or more, an opened critical or warning incident, a new critical cause, a source that became late, a
 * breaking change of a schema, more files in quarantine. Volumes and changed counts are told and not judged: the windows may
 * differ. Lists that the reports cut are compared as far as they are there.
 */
import type { MonitorReport } from '../monitor-report.ts'
import { amount, count, listing, percent } from '../wording.ts'
import type { Incident } from '../views/alerts-view.ts'
import type { FailureCause } from '../views/failures-view.ts'
import { HEALTH_RANK, type Health } from '../views/health.ts'
import type {
  CauseChange,
  DiffedReport,
  DiffReason,
  FreshnessChange,
  HealthChange,
  IncidentChange,
  ReportDiff,
  ScoreChange,
  Verdict,
  VolumeChange,
} from './report-diff.ts'

const SCORE_POINTS = 0.5

export function diffReports(before: MonitorReport, after: MonitorReport): ReportDiff {
  const facts = {
    health: diffHealth(before, after),
    scores: diffScores(before, after),
    causes: diffCauses(before, after),
    incidents: diffIncidents(before, after),
    volumes: diffVolumes(before, after),
    freshness: diffFreshness(before, after),
    schemas: diffSchemas(before, after),
    quarantine: { before: before.quarantine.openFiles, after: after.quarantine.openFiles },
  }
  const reasons = reasonsOf(facts)
  const verdict = verdictOf(reasons)
  return {
    schemaVersion: 1,
    kind: 'monitor-diff',
    before: describeReport(before),
    after: describeReport(after),
    verdict,
    summary: summarise(verdict, reasons),
    reasons,
    ...facts,
  }
}

function describeReport({ generatedAt, window, overview, quality }: MonitorReport): DiffedReport {
  return { generatedAt, ...window, health: overview.health, score: quality.score }
}

function summarise(verdict: Verdict, reasons: readonly DiffReason[]): string {
  if (verdict === 'same') return 'Nothing got better or worse.'
  const decisive = reasons.filter((reason) => reason.verdict === verdict).map(({ text }) => text)
  const others = reasons.length - decisive.length
  return `${verdict === 'worse' ? 'Worse' : 'Better'}: ${listing(decisive)}${others === 0 ? '' : `; ${amount(others, 'thing')} got better`}.`
}

function verdictOf(reasons: readonly DiffReason[]): Verdict {
  if (reasons.some(({ verdict }) => verdict === 'worse')) return 'worse'
  return reasons.length > 0 ? 'better' : 'same'
}

/** Pairs by key, in the order of the later report, then what only the earlier one has. */
function pairs<Item>(
  before: readonly Item[],
  after: readonly Item[],
  key: (item: Item) => string,
): readonly (readonly [Item | undefined, Item | undefined])[] {
  const old = new Map(before.map((item) => [key(item), item]))
  const now = new Set(after.map((item) => key(item)))
  return [
    ...after.map((item) => [old.get(key(item)), item] as const),
    ...before.filter((item) => !now.has(key(item))).map((item) => [item, undefined] as const),
  ]
}

function diffHealth(before: MonitorReport, after: MonitorReport): readonly HealthChange[] {
  return pairs(before.overview.sources, after.overview.sources, ({ source }) => source).flatMap(([old, now]) => {
    if (old?.health === now?.health) return []
    const facets = now === undefined ? [] : [now.run, now.checks, now.freshness, now.schema]
    return [
      {
        source: now?.source ?? old?.source ?? '',
        before: old?.health ?? null,
        after: now?.health ?? null,
        verdict: compareHealth(old?.health, now?.health),
        because: facets
          .filter(({ health }) => health === now?.health)
          .map(({ because }) => because)
          .join('; '),
      },
    ]
  })
}

/** A source that is new or gone is neither better nor worse, but for one that comes in a bad state. */
function compareHealth(before: Health | undefined, after: Health | undefined): Verdict {
  if (after === undefined) return 'same'
  if (before === undefined) return after === 'bad' || after === 'warn' ? 'worse' : 'same'
  return HEALTH_RANK[after] > HEALTH_RANK[before] ? 'worse' : 'better'
}

function diffScores(before: MonitorReport, after: MonitorReport): readonly ScoreChange[] {
  const whole = { source: null, dataset: null }
  const datasets = pairs(before.quality.datasets, after.quality.datasets, ({ source, dataset }) =>
    JSON.stringify([source, dataset]),
  ).map(([old, now]) => ({
    source: now?.source ?? old?.source ?? '',
    dataset: now?.dataset ?? old?.dataset ?? '',
    before: old?.score ?? null,
    after: now?.score ?? null,
  }))
  return [{ ...whole, before: before.quality.score, after: after.quality.score }, ...datasets].flatMap((item) => {
    const points = item.before === null || item.after === null ? null : item.after - item.before
    if (item.before === item.after) return []
    const isSmall = points === null || Math.abs(points) < SCORE_POINTS
    return [{ ...item, points, verdict: isSmall ? 'same' : points > 0 ? 'better' : 'worse' } satisfies ScoreChange]
  })
}

function diffCauses(before: MonitorReport, after: MonitorReport): ReportDiff['causes'] {
  const all = pairs(before.failures.causes, after.failures.causes, ({ fingerprint }) => fingerprint)
  const described = (
    isWanted: (old: FailureCause | undefined, now: FailureCause | undefined) => boolean,
  ): readonly CauseChange[] =>
    all.flatMap(([old, now]) => {
      const cause = now ?? old
      return cause !== undefined && isWanted(old, now) ? [causeChange(cause, old?.count ?? 0, now?.count ?? 0)] : []
    })
  return {
    new: described((old) => old === undefined),
    gone: described((_, now) => now === undefined),
    changed: described((old, now) => old !== undefined && now !== undefined && old.count !== now.count),
  }
}

function causeChange(
  { fingerprint, code, source, dataset, severity }: FailureCause,
  before: number,
  after: number,
): CauseChange {
  return { fingerprint, code, source, dataset, severity, before, after }
}

function diffIncidents(before: MonitorReport, after: MonitorReport): ReportDiff['incidents'] {
  const openIn = ({ alerts }: MonitorReport): readonly Incident[] =>
    alerts.items.filter(({ status }) => status === 'open')
  const all = pairs(openIn(before), openIn(after), ({ id }) => id)
  return {
    opened: all.flatMap(([old, now]) => (old === undefined && now !== undefined ? [incidentChange(now)] : [])),
    closed: all.flatMap(([old, now]) => (old !== undefined && now === undefined ? [incidentChange(old)] : [])),
  }
}

function incidentChange({ id, kind, severity, source, title }: Incident): IncidentChange {
  return { id, kind, severity, source, title }
}

function diffVolumes(before: MonitorReport, after: MonitorReport): readonly VolumeChange[] {
  return pairs(before.overview.sources, after.overview.sources, ({ source }) => source)
    .map(([old, now]) => ({
      source: now?.source ?? old?.source ?? '',
      rowsBefore: old?.rowsLoaded ?? 0,
      rowsAfter: now?.rowsLoaded ?? 0,
      filesBefore: old?.filesLoaded ?? 0,
      filesAfter: now?.filesLoaded ?? 0,
      heldBefore: old?.filesHeld ?? 0,
      heldAfter: now?.filesHeld ?? 0,
    }))
    .filter(
      (item) =>
        item.rowsBefore !== item.rowsAfter ||
        item.filesBefore !== item.filesAfter ||
        item.heldBefore !== item.heldAfter,
    )
}

function diffFreshness(before: MonitorReport, after: MonitorReport): readonly FreshnessChange[] {
  return pairs(before.freshness.items, after.freshness.items, ({ source }) => source).flatMap(([old, now]) => {
    if (old?.status === now?.status) return []
    const verdict =
      now?.status === 'late' ? 'worse' : old?.status === 'late' && now?.status === 'fresh' ? 'better' : 'same'
    return [
      {
        source: now?.source ?? old?.source ?? '',
        before: old?.status ?? null,
        after: now?.status ?? null,
        verdict,
        because: now?.because ?? '',
      } satisfies FreshnessChange,
    ]
  })
}

function diffSchemas(before: MonitorReport, after: MonitorReport): ReportDiff['schemas'] {
  const keyOf = (item: ReportDiff['schemas'][number]): string =>
    JSON.stringify([item.kind, item.at, item.source, item.dataset])
  const known = new Set(before.schemas.changes.map((item) => keyOf(item)))
  return after.schemas.changes
    .filter((item) => !known.has(keyOf(item)) && (before.window.until === null || item.at >= before.window.until))
    .map(({ kind, at, source, dataset, breaking, text }) => ({ kind, at, source, dataset, breaking, text }))
}

type DiffFacts = Pick<ReportDiff, 'health' | 'scores' | 'causes' | 'incidents' | 'freshness' | 'schemas' | 'quarantine'>

function reasonsOf(facts: DiffFacts): readonly DiffReason[] {
  const { causes, incidents, quarantine } = facts
  const judged: readonly { readonly verdict: Verdict; readonly text: string }[] = [
    ...facts.health.map(({ verdict, source, before, after }) => ({
      verdict,
      text: `${source} went from ${before ?? 'not known'} to ${after ?? 'not known'}`,
    })),
    ...facts.scores.map(({ verdict, dataset, before, after }) => ({
      verdict,
      text: `the score${dataset === null ? '' : ` of ${dataset}`} went from ${percent(before)} to ${percent(after)}`,
    })),
    ...facts.freshness.map(({ verdict, source, after }) => ({ verdict, text: `${source} is ${after ?? 'gone'}` })),
    ...incidents.opened.map(({ severity, title }) => ({
      verdict: severity === 'info' ? ('same' as const) : ('worse' as const),
      text: `opened: ${title}`,
    })),
    ...incidents.closed.map(({ severity, title }) => ({
      verdict: severity === 'info' ? ('same' as const) : ('better' as const),
      text: `closed: ${title}`,
    })),
    ...causes.new.map(({ severity, code, dataset, source }) => ({
      verdict: severity === 'critical' ? ('worse' as const) : ('same' as const),
      text: `new: ${code} of ${dataset ?? source}`,
    })),
    ...causes.gone.map(({ severity, code, dataset, source }) => ({
      verdict: severity === 'critical' ? ('better' as const) : ('same' as const),
      text: `gone: ${code} of ${dataset ?? source}`,
    })),
    ...facts.schemas.map(({ breaking, dataset, kind, text }) => ({
      verdict: breaking ? ('worse' as const) : ('same' as const),
      text: `${kind} of ${dataset}: ${text}`,
    })),
    {
      verdict: compareCounts(quarantine.before, quarantine.after),
      text: `${count(quarantine.after)} instead of ${amount(quarantine.before, 'file')} in quarantine`,
    },
  ]
  const reasons = judged.flatMap(({ verdict, text }) => (verdict === 'same' ? [] : [{ verdict, text }]))
  return reasons.toSorted((a, b) => Number(a.verdict === 'better') - Number(b.verdict === 'better'))
}

function compareCounts(before: number, after: number): Verdict {
  if (before === after) return 'same'
  return after > before ? 'worse' : 'better'
}
