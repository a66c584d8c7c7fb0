import type { MetricType } from './exposition.ts'

export interface MetricDefinition {
  readonly help: string
  readonly type: MetricType
  readonly labels: readonly string[]
  /** Labels that become `other` where there are too many series. */
  readonly merge: readonly string[]
}

export type MetricName =
  | 'tidegate_build_info'
  | 'tidegate_rows_read_total'
  | 'tidegate_rows_loaded_total'
  | 'tidegate_rows_rejected_total'
  | 'tidegate_files_total'
  | 'tidegate_runs_total'
  | 'tidegate_run_duration_seconds'
  | 'tidegate_dataset_freshness_seconds'
  | 'tidegate_watermark_age_seconds'
  | 'tidegate_quality_score'
  | 'tidegate_quarantine_open_records'
  | 'tidegate_quarantine_open_rows'
  | 'tidegate_alerts_firing'
  | 'tidegate_notifications_total'
  | 'tidegate_jobs_open'
  | 'tidegate_scheduler_leader'
  | 'tidegate_scheduler_tick_age_seconds'
  | 'tidegate_schedule_ticks_total'
  | 'tidegate_event_loop_delay_seconds'
  | 'tidegate_process_resident_memory_bytes'
  | 'tidegate_process_start_time_seconds'
  | 'tidegate_metrics_dropped_series'

/**
 * Everything at `/metrics`. Counters are made of durable rows: they never go down over restarts, and count only what was
 * committed. No label holds a file or a value.
 */
export const METRICS: Readonly<Record<MetricName, MetricDefinition>> = {
  tidegate_build_info: gauge('Version of Tidegate; always 1.', ['version'], []),
  tidegate_rows_read_total: counter('Rows read of files that were decided.', ['source', 'dataset']),
  tidegate_rows_loaded_total: counter('Rows that came in when their file was decided.', ['source', 'dataset']),
  tidegate_rows_rejected_total: counter('Rows that went to quarantine, those that left it since too.', [
    'source',
    'dataset',
  ]),
  tidegate_files_total: counter(
    'Versions of files by what was decided.',
    ['source', 'dataset', 'status'],
    ['source', 'dataset'],
  ),
  tidegate_runs_total: counter('Runs that ended, by how.', ['source', 'stage', 'status'], ['source']),
  tidegate_run_duration_seconds: {
    help: 'How long runs took that ended.',
    type: 'histogram',
    labels: ['source', 'stage'],
    merge: ['source'],
  },
  tidegate_dataset_freshness_seconds: gauge('Since the newest batch with loaded files was committed.', [
    'source',
    'dataset',
  ]),
  tidegate_watermark_age_seconds: gauge('Since the watermark moved.', ['source']),
  tidegate_quality_score: gauge('Mean score of the files of the newest batch, 0 to 100.', ['source', 'dataset']),
  tidegate_quarantine_open_records: gauge('Held files and sets of rejected rows that wait for a decision.', [
    'source',
    'dataset',
  ]),
  tidegate_quarantine_open_rows: gauge('Rows in them.', ['source', 'dataset']),
  tidegate_alerts_firing: gauge('Alerts that are open and told.', ['source', 'severity'], ['source']),
  tidegate_notifications_total: counter(
    'Attempts to deliver a message, by what came of them.',
    ['channel', 'result'],
    ['channel'],
  ),
  tidegate_jobs_open: gauge('Jobs that wait or are under way.', ['status'], []),
  tidegate_scheduler_leader: gauge('1 where this daemon leads the schedules.', [], []),
  tidegate_scheduler_tick_age_seconds: gauge('Since the scheduler looked last.', [], []),
  tidegate_schedule_ticks_total: counter(
    'Instants of schedules by what became of them and, where nothing did, why.',
    ['status', 'result'],
    [],
  ),
  tidegate_event_loop_delay_seconds: gauge('Mean delay of the event loop over half a minute.', [], []),
  tidegate_process_resident_memory_bytes: gauge('Memory of the daemon without its children.', [], []),
  tidegate_process_start_time_seconds: gauge('When the daemon started, Unix seconds.', [], []),
  tidegate_metrics_dropped_series: gauge('Series that went into `other` because there were too many.', ['metric'], []),
}

function counter(help: string, labels: readonly string[], merge: readonly string[] = labels): MetricDefinition {
  return { help, type: 'counter', labels, merge }
}

function gauge(help: string, labels: readonly string[], merge: readonly string[] = labels): MetricDefinition {
  return { help, type: 'gauge', labels, merge }
}
