import type { Facts } from './facts.ts'
import { isoTime } from './figures.ts'
import type { MonitorContext } from './monitored-source.ts'
import { alerts } from './views/alerts.ts'
import type { AlertsView } from './views/alerts-view.ts'
import { comparison } from './views/comparison.ts'
import type { ComparisonView } from './views/comparison-view.ts'
import { cumulative } from './views/cumulative.ts'
import type { CumulativeView } from './views/cumulative-view.ts'
import { failures } from './views/failures.ts'
import type { FailuresView } from './views/failures-view.ts'
import { files } from './views/files.ts'
import type { FilesView } from './views/files-view.ts'
import { freshness } from './views/freshness.ts'
import type { FreshnessView } from './views/freshness-view.ts'
import { heatmap } from './views/heatmap.ts'
import type { HeatmapView } from './views/heatmap-view.ts'
import { overview } from './views/overview.ts'
import type { OverviewView } from './views/overview-view.ts'
import { performance } from './views/performance.ts'
import type { PerformanceView } from './views/performance-view.ts'
import { quality } from './views/quality.ts'
import type { QualityView } from './views/quality-view.ts'
import { quarantine } from './views/quarantine.ts'
import type { QuarantineView } from './views/quarantine-view.ts'
import { report } from './views/report.ts'
import type { ReportView } from './views/report-view.ts'
import { schemas } from './views/schemas.ts'
import type { SchemasView } from './views/schemas-view.ts'
import { timeline } from './views/timeline.ts'
import type { TimelineView } from './views/timeline-view.ts'
import { watermarks } from './views/watermarks.ts'
import type { WatermarksView } from './views/watermarks-view.ts'

/**
 * Everything the monitor knows, as JSON-ready data: times are UTC ISO 8601, days `YYYY-MM-DD` in UTC, durations milliseconds,
 * nothing is NaN, and what was not measured is null. Its JSON Schema is `schema/monitor-report.schema.json`.
 */
export interface MonitorReport {
  readonly schemaVersion: 2
  readonly kind: 'monitor-report'
  readonly generatedAt: string | null
  /** From inclusive, to exclusive. */
  readonly window: { readonly since: string | null; readonly until: string | null }
  readonly overview: OverviewView
  readonly alerts: AlertsView
  readonly watermarks: WatermarksView
  readonly freshness: FreshnessView
  readonly quality: QualityView
  readonly failures: FailuresView
  readonly heatmap: HeatmapView
  readonly files: FilesView
  readonly quarantine: QuarantineView
  readonly timeline: TimelineView
  readonly performance: PerformanceView
  readonly cumulative: CumulativeView
  readonly comparison: ComparisonView
  readonly schemas: SchemasView
  readonly report: ReportView
}

export type MonitorSection = Exclude<keyof MonitorReport, 'schemaVersion' | 'kind' | 'generatedAt' | 'window'>

/** The sections of a report in reading order. */
export const MONITOR_SECTIONS: readonly MonitorSection[] = [
  'overview',
  'alerts',
  'watermarks',
  'freshness',
  'quality',
  'failures',
  'heatmap',
  'files',
  'quarantine',
  'timeline',
  'performance',
  'cumulative',
  'comparison',
  'schemas',
  'report',
]

/** The view behind each section. */
export const MONITOR_VIEWS: {
  readonly [Section in MonitorSection]: (facts: Facts, context: MonitorContext) => MonitorReport[Section]
} = {
  overview,
  alerts,
  watermarks,
  freshness,
  quality,
  failures,
  heatmap,
  files,
  quarantine,
  timeline,
  performance,
  cumulative,
  comparison,
  schemas,
  report,
}

/** One view of the facts. Pure. */
export function monitorView<Section extends MonitorSection>(
  section: Section,
  facts: Facts,
  context: MonitorContext,
): MonitorReport[Section] {
  return MONITOR_VIEWS[section](facts, context)
}

/** All views of the facts. Pure. */
export function monitorReport(facts: Facts, context: MonitorContext): MonitorReport {
  return {
    schemaVersion: 2,
    kind: 'monitor-report',
    generatedAt: isoTime(context.nowMs),
    window: { since: isoTime(facts.sinceMs), until: isoTime(facts.untilMs) },
    overview: overview(facts, context),
    alerts: alerts(facts, context),
    watermarks: watermarks(facts, context),
    freshness: freshness(facts, context),
    quality: quality(facts, context),
    failures: failures(facts, context),
    heatmap: heatmap(facts, context),
    files: files(facts, context),
    quarantine: quarantine(facts, context),
    timeline: timeline(facts, context),
    performance: performance(facts, context),
    cumulative: cumulative(facts, context),
    comparison: comparison(facts, context),
    schemas: schemas(facts, context),
    report: report(facts, context),
  }
}
