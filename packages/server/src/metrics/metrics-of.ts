/** What was read of the state and the process → metrics. Pure. */
import type { AlertRecord, JobRecord, MetricSums, QuarantineSums, WatermarkRecord } from '@tidegate/core'
import type { Health } from '../services.ts'
import { boundSeries } from './bound-series.ts'
import type { Metric, Series } from './exposition.ts'
import { METRICS, type MetricName } from './metric-definitions.ts'

export interface MetricFacts {
  readonly sums: MetricSums
  readonly quarantine: readonly QuarantineSums[]
  readonly watermarks: readonly WatermarkRecord[]
  readonly alerts: readonly AlertRecord[]
  readonly jobs: readonly JobRecord[]
  readonly health: Health
  readonly rssBytes: number
  readonly version: string
  readonly nowMs: number
}

type SeriesOf = { readonly [Name in Exclude<MetricName, 'tidegate_metrics_dropped_series'>]: readonly Series[] }

export function metricsOf(facts: MetricFacts): readonly Metric[] {
  const series = seriesOf(facts)
  const dropped: Series[] = []
  const metrics = Object.entries(series).map(([name, all]): Metric => {
    const { help, type, merge } = METRICS[name as MetricName]
    const bounded = boundSeries({ name, help, type, series: all }, merge)
    if (bounded.dropped > 0) dropped.push({ labels: { metric: name }, value: bounded.dropped })
    return bounded.metric
  })
  const { help, type } = METRICS['tidegate_metrics_dropped_series']
  return [...metrics, { name: 'tidegate_metrics_dropped_series', help, type, series: dropped }]
}

function seriesOf(facts: MetricFacts): SeriesOf {
  const { sums, health, nowMs } = facts
  const { files } = sums
  const ageSeconds = (ms: number): number => Math.max(0, (nowMs - ms) / 1000)
  const perDataset = (value: (file: MetricSums['files'][number]) => number | null): Series[] =>
    files.flatMap((file) => {
      const found = value(file)
      return found === null ? [] : [{ labels: { source: file.source, dataset: file.dataset }, value: found }]
    })
  return {
    tidegate_build_info: [{ labels: { version: facts.version }, value: 1 }],
    tidegate_rows_read_total: perDataset(({ rowsRead }) => rowsRead),
    tidegate_rows_loaded_total: perDataset(({ rowsLoaded }) => rowsLoaded),
    tidegate_rows_rejected_total: perDataset(({ rowsRejected }) => rowsRejected),
    tidegate_files_total: files.flatMap(({ source, dataset, loaded, held, skipped }) =>
      Object.entries({ loaded, held, skipped }).map(([status, value]) => ({
        labels: { source, dataset, status },
        value,
      })),
    ),
    tidegate_runs_total: sums.runs.map(({ source, command, status, runs }) => ({
      labels: { source, stage: command, status },
      value: runs,
    })),
    tidegate_run_duration_seconds: sums.durations.map(({ source, command, totalMs, boundsSeconds, bins }) => ({
      labels: { source, stage: command },
      value: { bounds: boundsSeconds, bins, sum: totalMs / 1000 },
    })),
    tidegate_dataset_freshness_seconds: perDataset(({ lastLoadedAtMs }) =>
      lastLoadedAtMs === null ? null : ageSeconds(lastLoadedAtMs),
    ),
    tidegate_watermark_age_seconds: facts.watermarks.map(({ source, updatedAtMs }) => ({
      labels: { source },
      value: ageSeconds(updatedAtMs),
    })),
    tidegate_quality_score: perDataset(({ score }) => score),
    tidegate_quarantine_open_records: openQuarantine(facts.quarantine, ({ items }) => items),
    tidegate_quarantine_open_rows: openQuarantine(facts.quarantine, ({ rows }) => rows),
    tidegate_alerts_firing: countBy(
      facts.alerts.filter(({ state }) => state === 'firing' || state === 'acknowledged'),
      ({ source, severity }) => ({ source, severity }),
    ),
    tidegate_notifications_total: sums.deliveries.map(({ channel, outcome, deliveries }) => ({
      labels: { channel, result: outcome },
      value: deliveries,
    })),
    tidegate_jobs_open: countBy(facts.jobs, ({ state }) => ({ status: state })),
    tidegate_scheduler_leader: [{ labels: {}, value: health.isLeader ? 1 : 0 }],
    tidegate_scheduler_tick_age_seconds:
      health.lastTickAtMs === null ? [] : [{ labels: {}, value: ageSeconds(health.lastTickAtMs) }],
    tidegate_schedule_ticks_total: countTicks(sums.ticks),
    tidegate_event_loop_delay_seconds: [{ labels: {}, value: health.eventLoopDelayMs / 1000 }],
    tidegate_process_resident_memory_bytes: [{ labels: {}, value: facts.rssBytes }],
    tidegate_process_start_time_seconds: [{ labels: {}, value: health.startedAtMs / 1000 }],
  }
}

function openQuarantine(sums: readonly QuarantineSums[], value: (one: QuarantineSums) => number): readonly Series[] {
  const open = sums.filter(({ status }) => status === 'open')
  return [...Map.groupBy(open, ({ source, dataset }) => JSON.stringify([source, dataset])).values()].map((group) => ({
    labels: { source: group[0]?.source ?? '', dataset: group[0]?.dataset ?? '' },
    value: group.reduce((sum, one) => sum + value(one), 0),
  }))
}

function countBy<Item>(items: readonly Item[], labelsOf: (item: Item) => Record<string, string>): readonly Series[] {
  return [...Map.groupBy(items, (item) => JSON.stringify(labelsOf(item)))].map(([labels, group]) => ({
    labels: JSON.parse(labels) as Record<string, string>,
    value: group.length,
  }))
}

/** What is not started says which rule it was. */
function countTicks(ticks: MetricSums['ticks']): readonly Series[] {
  return ticks.map(({ state, reason, ticks: value }) => ({ labels: { status: state, result: reason ?? '' }, value }))
}
