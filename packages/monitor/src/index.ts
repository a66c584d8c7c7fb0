// History, read once
export { readHistory, type HeldFile, type History, type HistoryWindow } from './history.ts'
export { monitoredSources, type MonitorContext, type MonitoredSource } from './monitored-source.ts'

// The whole
export { MONITOR_SECTIONS, monitorReport, type MonitorReport, type MonitorSection } from './monitor-report.ts'

// Views, one by one
export {
  overview,
  type Attention,
  type Facet,
  type Health,
  type OverviewView,
  type SourceOverview,
} from './views/overview.ts'
export { watermarkStatus, type WatermarkStatus, type WatermarkStatusView } from './views/watermark-status.ts'
export {
  qualitySummary,
  type CheckCounts,
  type DatasetQuality,
  type DayQuality,
  type QualitySummaryView,
  type WorstCheck,
} from './views/quality-summary.ts'
export { failureAnalysis, type FailureAnalysisView, type FailureCause } from './views/failure-analysis.ts'
export { freshness, type Freshness, type FreshnessView } from './views/freshness.ts'
export { throughput, type RunThroughput, type SourceThroughput, type ThroughputView } from './views/throughput.ts'
export { configurationInForce, type ConfigurationView } from './views/configuration-in-force.ts'
export { quarantineOverview, type QuarantinedFile, type QuarantineView } from './views/quarantine-overview.ts'
