import type { AlertKind, NewsKind } from '@tidegate/core'

/** What is wrong until it is over. */
export const ALERT_KINDS: readonly AlertKind[] = [
  'gate_failed',
  'run_failed',
  'file_quarantined',
  'stale',
  'missing',
  'schema_changed',
  'schedule_missed',
  'job_dead',
]

/** What is told once. */
export const NEWS_KINDS: readonly NewsKind[] = ['file_arrived', 'output_generated', 'recovered', 'daily_digest']

/** Events that channels can ask for in `on`. */
export const NOTICE_EVENTS: readonly string[] = [...ALERT_KINDS, ...NEWS_KINDS]
