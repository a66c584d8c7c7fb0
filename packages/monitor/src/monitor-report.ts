import { isoTime } from './figures.ts'
import type { History } from './history.ts'
import type { MonitorContext } from './monitored-source.ts'
import { configurationInForce, type ConfigurationView } from './views/configuration-in-force.ts'
import { failureAnalysis, type FailureAnalysisView } from './views/failure-analysis.ts'
import { freshness, type FreshnessView } from './views/freshness.ts'
import { overview, type OverviewView } from './views/overview.ts'
import { qualitySummary, type QualitySummaryView } from './views/quality-summary.ts'
import { quarantineOverview, type QuarantineView } from './views/quarantine-overview.ts'
import { throughput, type ThroughputView } from './views/throughput.ts'
import { watermarkStatus, type WatermarkStatusView } from './views/watermark-status.ts'

/** Everything the monitor knows, as JSON-ready data: times are UTC ISO 8601, durations milliseconds, nothing is NaN. */
export interface MonitorReport {
  readonly schemaVersion: 1
  readonly kind: 'monitor-report'
  readonly generatedAt: string | null
  /** From inclusive, to exclusive. */
  readonly window: { readonly since: string | null; readonly until: string | null }
  readonly overview: OverviewView
  readonly watermarks: WatermarkStatusView
  readonly quality: QualitySummaryView
  readonly failures: FailureAnalysisView
  readonly freshness: FreshnessView
  readonly throughput: ThroughputView
  readonly configuration: ConfigurationView
  readonly quarantine: QuarantineView
}

export type MonitorSection = Exclude<keyof MonitorReport, 'schemaVersion' | 'kind' | 'generatedAt' | 'window'>

/** The sections of a report in reading order. */
export const MONITOR_SECTIONS: readonly MonitorSection[] = [
  'overview',
  'watermarks',
  'quality',
  'failures',
  'freshness',
  'throughput',
  'configuration',
  'quarantine',
]

/** All views of one history. Pure. */
export function monitorReport(history: History, context: MonitorContext): MonitorReport {
  return {
    schemaVersion: 1,
    kind: 'monitor-report',
    generatedAt: isoTime(context.nowMs),
    window: { since: isoTime(history.sinceMs), until: isoTime(history.readAtMs) },
    overview: overview(history, context),
    watermarks: watermarkStatus(history, context),
    quality: qualitySummary(history, context),
    failures: failureAnalysis(history, context),
    freshness: freshness(history, context),
    throughput: throughput(history, context),
    configuration: configurationInForce(history, context),
    quarantine: quarantineOverview(history, context),
  }
}
