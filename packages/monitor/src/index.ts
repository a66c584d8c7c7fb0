// The past in sums, read once
export { FACT_LIMITS, readFacts, type Facts, type FactsWindow } from './facts.ts'
export { narrowContext, narrowFacts, type ViewFilter } from './narrow-facts.ts'
export { monitoredSources, type MonitorContext, type MonitoredSource } from './monitored-source.ts'

// The whole
export {
  MONITOR_SECTIONS,
  MONITOR_VIEWS,
  monitorReport,
  monitorView,
  type MonitorReport,
  type MonitorSection,
} from './monitor-report.ts'

export { DATA_SLOT, writeReport, type ReportOptions, type WrittenReport } from './report/write-report.ts'
export { withoutSamples, withoutValues, type ReportData } from './report/report-data.ts'

// What the views share
export type { Health } from './views/health.ts'
export { linkTo, type Link, type LinkParams, type PageName } from './views/link.ts'

// Views, one by one
export { overview } from './views/overview.ts'
export type {
  Attention,
  Change,
  DayVolume,
  Facet,
  Gauge,
  OverviewTotals,
  OverviewView,
  SourceOverview,
  StatusShare,
} from './views/overview-view.ts'
export { alerts } from './views/alerts.ts'
export type { AlertsView, Incident, IncidentKind, IncidentPayload, IncidentSeverity } from './views/alerts-view.ts'
export { watermarks } from './views/watermarks.ts'
export type { ConfigurationView, WatermarkStatus, WatermarkStep, WatermarksView } from './views/watermarks-view.ts'
export { freshness } from './views/freshness.ts'
export type { Freshness, FreshnessView, MissedPeriod } from './views/freshness-view.ts'
export { quality } from './views/quality.ts'
export type {
  CheckCounts,
  DatasetQuality,
  DayQuality,
  DimensionQuality,
  QualityView,
  SourceQuality,
  TrendDirection,
  WorstCheck,
} from './views/quality-view.ts'
export { failures } from './views/failures.ts'
export type { FailureCause, FailuresView } from './views/failures-view.ts'
export { heatmap } from './views/heatmap.ts'
export { cellLink, type Heat, type HeatCell, type HeatLine, type HeatmapView } from './views/heatmap-view.ts'
export { files } from './views/files.ts'
export type { FileItem, FileNode, FilesView, FileSumsItem } from './views/files-view.ts'
export { quarantine } from './views/quarantine.ts'
export type {
  DatasetQuarantine,
  QuarantineDay,
  QuarantinedFile,
  QuarantineReason,
  QuarantineStatus,
  QuarantineView,
  RepairCodes,
  RepairOutcome,
} from './views/quarantine-view.ts'
export { timeline } from './views/timeline.ts'
export type { Annotation, TimelineBin, TimelineRun, TimelineView } from './views/timeline-view.ts'
export { performance } from './views/performance.ts'
export type {
  DayPerformance,
  PerformanceView,
  Rates,
  RunPerformance,
  ScoreDistribution,
  SourcePerformance,
} from './views/performance-view.ts'
export { cumulative } from './views/cumulative.ts'
export type { CumulativePanel, CumulativeSeries, CumulativeView } from './views/cumulative-view.ts'
export { comparison } from './views/comparison.ts'
export type { ComparedMetric, Comparison, ComparisonView } from './views/comparison-view.ts'
export { schemas } from './views/schemas.ts'
export type { DatasetSchema, SchemaChange, SchemaColumn, SchemasView } from './views/schemas-view.ts'
export { report } from './views/report.ts'
export type { ReportCount, ReportList, ReportView } from './views/report-view.ts'

// Two reports
export { diffReports } from './diff/diff-reports.ts'
export type {
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
} from './diff/report-diff.ts'

// Amounts in words, so that a page says them as the sentences do
export { bytes, duration, percent } from './wording.ts'
