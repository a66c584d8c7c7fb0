import type { AlertKind, AlertSeverity, NewsKind } from '@tidegate/core'

/** What is wrong until it is over, and how bad it is. A run of which only some files failed is a warning. */
export const ALERT_SEVERITY: Readonly<Record<AlertKind, AlertSeverity>> = {
  gate_failed: 'critical',
  run_failed: 'critical',
  file_quarantined: 'warning',
  stale: 'warning',
  missing: 'critical',
  schema_changed: 'warning',
  schedule_missed: 'warning',
  job_dead: 'critical',
}

export const ALERT_KINDS: readonly AlertKind[] = Object.keys(ALERT_SEVERITY) as readonly AlertKind[]

/** What is told once. */
export const NEWS_KINDS: readonly NewsKind[] = ['file_arrived', 'output_generated', 'recovered', 'daily_digest']

/** Events that channels can ask for in `on`. */
export const NOTICE_EVENTS: readonly string[] = [...ALERT_KINDS, ...NEWS_KINDS]
