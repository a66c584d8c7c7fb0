/** The sections about the course of things: timeline, sums over time, comparison with what was usual. */
import type { ComparisonView, CumulativePanel, CumulativeView, TimelineView } from '@tidegate/monitor'
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  NONE,
  sparkline,
} from '../format.ts'
import { cutNote, paintStatus, renderRows, renderSection, statusText, timeMs, type Canvas } from './section.ts'

const RUNS = 10
const ANNOTATIONS = 8
const COMPARED = 20
/** Cells of a sparkline, and what stands beside it. */
const BUCKETS = 40
const BESIDE = 62

export function renderTimeline(view: TimelineView, canvas: Canvas): string {
  const runs = view.runs.slice(-RUNS).toReversed()
  const table = renderRows(
    canvas,
    [
      { title: 'started' },
      { title: 'source', cut: 'middle' },
      { title: 'command' },
      { title: 'status', paint: paintStatus(canvas.style) },
      { title: 'took', align: 'right' },
      { title: 'rows', align: 'right' },
      { title: 'held', align: 'right' },
      { title: 'failed', align: 'right' },
    ],
    runs.map((run) => [
      formatAge(canvas.nowMs, timeMs(run.startedAt)),
      run.source,
      run.command,
      statusText(run.status),
      formatDuration(run.durationMs),
      formatCount(run.rowsLoaded),
      formatCount(run.filesHeld),
      formatCount(run.filesFailed),
    ]),
  )
  const notes = renderRows(
    canvas,
    [{ title: 'when' }, { title: 'kind' }, { title: 'source', cut: 'middle' }, { title: 'what', min: 24 }],
    view.annotations
      .slice(-ANNOTATIONS)
      .toReversed()
      .map((item) => [formatAge(canvas.nowMs, timeMs(item.at)), item.kind, item.source, item.text]),
  )
  return renderSection(canvas, 'Timeline', view.summary, [
    table,
    cutNote(canvas, runs.length, view.runsTotal, 'runs'),
    notes,
  ])
}

export function renderCumulative(view: CumulativeView, canvas: Canvas): string {
  const cells = Math.max(8, Math.min(BUCKETS, canvas.width - BESIDE))
  const rows = view.panels.flatMap((panel) =>
    panel.series.map((series) => [
      panel.title,
      series.name,
      sparkline(bucketed(series.values, cells)),
      inUnit(panel, series.values.findLast((value) => value !== null) ?? null),
    ]),
  )
  const table = renderRows(
    canvas,
    [
      { title: 'panel', cut: 'end', min: 12 },
      { title: 'series', cut: 'middle' },
      { title: `by ${view.step}`, align: 'left', min: 8 },
      { title: 'last', align: 'right' },
    ],
    rows,
  )
  return renderSection(canvas, 'Cumulative', view.summary, [table])
}

/** The last value of each of at most so many stretches: sums grow, so the last is what was reached. */
function bucketed(values: readonly (number | null)[], cells: number): readonly (number | null)[] {
  if (values.length <= cells) return values
  return Array.from({ length: cells }, (_, at) => {
    const stretch = values.slice(
      Math.floor((at * values.length) / cells),
      Math.floor(((at + 1) * values.length) / cells),
    )
    return stretch.findLast((value) => value !== null) ?? null
  })
}

function inUnit({ unit }: CumulativePanel, value: number | null): string {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'rows-per-second') return formatRate(value, 'rows')
  return formatCount(value)
}

export function renderComparison(view: ComparisonView, canvas: Canvas): string {
  const known = view.items.filter(({ status }) => status !== 'unknown')
  const shown = known.slice(0, COMPARED)
  const isWide = canvas.width >= 120
  const table = renderRows(
    canvas,
    [
      { title: 'dataset', cut: 'middle' },
      { title: 'metric' },
      { title: view.day, align: 'right' },
      ...(isWide
        ? ([
            { title: 'day before', align: 'right' },
            { title: 'week before', align: 'right' },
          ] as const)
        : []),
      { title: 'median', align: 'right' },
      { title: 'expected' },
      { title: 'status', paint: paintStatus(canvas.style) },
      ...(isWide ? ([{ title: '29 days', align: 'left' }] as const) : []),
    ],
    shown.map((item) => {
      const format = formatOf(item.metric)
      return [
        item.dataset ?? item.source,
        item.metric,
        format(item.value),
        ...(isWide ? [format(item.dayBefore), format(item.weekBefore)] : []),
        format(item.median),
        item.band === null ? NONE : `${format(item.band.low)} to ${format(item.band.high)}`,
        item.status === 'inside'
          ? '✓ ok'
          : item.bad
            ? `✗ ${item.status}`
            : item.status === 'unknown'
              ? '? unknown'
              : `! ${item.status}`,
        ...(isWide ? [sparkline(item.values)] : []),
      ]
    }),
  )
  return renderSection(canvas, 'Comparison', view.summary, [
    table,
    cutNote(canvas, shown.length, known.length, 'comparisons'),
  ])
}

function formatOf(metric: ComparisonView['items'][number]['metric']): (value: number | null) => string {
  switch (metric) {
    case 'bytes':
      return formatBytes
    case 'score':
    case 'rejected-percent':
      return (value) => formatPercent(value)
    case 'rows-per-second':
      return (value) => formatRate(value, 'rows')
    case 'files':
    case 'rows':
      return formatCount
  }
}
