/** The sections about the data: watermarks, quality, freshness, quarantine. */
import type { FreshnessView, QualityView, QuarantineView, WatermarksView } from '@tidegate/monitor'
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatPercent,
  NONE,
  sparkline,
} from '../format.ts'
import { safeText } from '../safe-text.ts'
import { amount, paintStatus, renderRows, renderSection, statusText, timeMs, type Canvas } from './section.ts'

export function renderWatermarks(view: WatermarksView, canvas: Canvas): string {
  const items = view.items.filter(({ status }) => status !== 'none')
  const without = view.items.length - items.length
  const summary =
    items.length === 0
      ? 'No source has a watermark.'
      : `${amount(items.length, 'watermark')}, ${view.stuck === 0 ? 'none' : view.stuck} stuck` +
        `${without === 0 ? '' : `; ${amount(without, 'source')} without`}.`
  const table = renderRows(
    canvas,
    [
      { title: 'source', cut: 'middle' },
      { title: 'status', paint: paintStatus(canvas.style), min: 9 },
      { title: 'column' },
      { title: 'value', align: 'left', min: 19 },
      { title: 'lag', align: 'right' },
      { title: 'updated' },
      { title: 'rows', align: 'right' },
    ],
    items.map((item) => [
      item.source,
      statusText(item.status),
      item.column ?? NONE,
      item.value ?? NONE,
      formatDuration(item.lagMs),
      formatAge(canvas.nowMs, timeMs(item.updatedAt)),
      formatCount(item.recordsProcessed),
    ]),
  )
  return renderSection(canvas, 'Watermarks', summary, [table])
}

export function renderQuality(view: QualityView, canvas: Canvas): string {
  const { style } = canvas
  if (view.evaluated === 0)
    return renderSection(canvas, 'Quality', 'No check was evaluated in the window: quality is unknown.')
  const summary =
    `Score ${formatPercent(view.score)}: of ${amount(view.evaluated, 'check')} ${formatCount(view.passed)} passed, ` +
    `${formatCount(view.failed)} failed, ${formatCount(view.errors)} could not run.`
  const days = view.trend.slice(-60)
  const scores = days.flatMap(({ score }) => score ?? [])
  const range = `${formatPercent(Math.min(...scores))} to ${formatPercent(Math.max(...scores))}`
  const label = `score per day, ${range}, ${days[0]?.day ?? ''} to ${days.at(-1)?.day ?? ''}`
  const trend = `  ${sparkline(days.map(({ score }) => score))}  ${style.dim(label)}`
  const datasets = renderRows(
    canvas,
    [
      { title: 'dataset', cut: 'middle' },
      { title: 'source', cut: 'middle' },
      { title: 'score', align: 'right' },
      { title: 'last', align: 'right' },
      { title: 'passed', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'errors', align: 'right' },
      { title: 'files', align: 'right' },
      { title: 'checked' },
    ],
    view.datasets.map((item) => [
      item.dataset,
      item.source,
      formatPercent(item.score),
      formatPercent(item.lastScore),
      formatCount(item.passed),
      formatCount(item.failed),
      formatCount(item.errors),
      formatCount(item.files),
      formatAge(canvas.nowMs, timeMs(item.lastCheckedAt)),
    ]),
  )
  const worst = renderRows(
    canvas,
    [
      { title: 'worst checks', cut: 'middle', min: 16 },
      { title: 'dataset', cut: 'middle' },
      { title: 'severity', paint: paintStatus(style) },
      { title: 'failed', align: 'right' },
      { title: 'of', align: 'right' },
      { title: 'rows', align: 'right' },
      { title: 'last time' },
    ],
    view.worst.map((item) => [
      item.check,
      item.dataset,
      item.severity,
      formatCount(item.failed + item.errors),
      formatCount(item.evaluated),
      formatCount(item.unexpectedRows),
      item.lastMessage,
    ]),
  )
  const cut =
    view.worst.length < view.worstTotal ? style.dim(`  ${view.worst.length} of ${view.worstTotal} checks shown`) : ''
  return renderSection(canvas, 'Quality', summary, [trend, datasets, worst, cut])
}

export function renderFreshness(view: FreshnessView, canvas: Canvas): string {
  const judged = view.items.length - view.unknown
  const summary =
    judged === 0
      ? 'Of no source can be told whether its files come in time.'
      : `${view.late === 0 ? 'No source is' : amount(view.late, 'source is', 'sources are')} late; ` +
        `${formatPercent(view.compliancePercent)} of ${amount(judged, 'source')} in time` +
        `${view.unknown === 0 ? '' : `, ${view.unknown} unknown`}.`
  const table = renderRows(
    canvas,
    [
      { title: 'source', cut: 'middle' },
      { title: 'status', paint: paintStatus(canvas.style), min: 9 },
      { title: 'last file', cut: 'middle', from: 120 },
      { title: 'loaded', from: 100 },
      { title: 'expected' },
      { title: 'due', from: 100 },
      { title: 'because' },
    ],
    view.items.map((item) => [
      item.source,
      statusText(item.status),
      item.lastFile ?? NONE,
      formatAge(canvas.nowMs, timeMs(item.lastLoadedAt)),
      item.expected ?? NONE,
      formatInstant(timeMs(item.dueAt)),
      item.lateByMs === null ? item.because : `${formatDuration(item.lateByMs)} late: ${item.because}`,
    ]),
  )
  return renderSection(canvas, 'Freshness', summary, [table])
}

export function renderQuarantine(view: QuarantineView, canvas: Canvas): string {
  const rejected = view.rejectedRows === 0 ? '' : ` ${amount(view.rejectedRows, 'row')} of loaded files were split off.`
  const repaired =
    view.repair.files === 0
      ? ''
      : ` ${amount(view.repair.files, 'damaged file was', 'damaged files were')} loaded repaired` +
        `${view.repair.partial === 0 ? '' : `, ${formatCount(view.repair.partial)} of them in part`}: ` +
        `${amount(view.repair.rowsLoaded, 'row')} brought back, ${formatCount(view.repair.rowsLost)} lost.`
  const summary =
    (view.openFiles === 0
      ? 'No file waits in quarantine.'
      : `${amount(view.openFiles, 'file waits', 'files wait')} in quarantine ` +
        `(${amount(view.openRows, 'row')}, ${formatBytes(view.openBytes)}); the oldest for ${formatDuration(view.oldestAgeMs)}.`) +
    rejected +
    repaired
  const reasons = renderRows(
    canvas,
    [
      { title: 'reason', cut: 'middle', min: 16 },
      { title: 'files', align: 'right' },
      { title: 'rows', align: 'right' },
      { title: 'for example' },
    ],
    view.reasons
      .slice(0, REASONS)
      .map(({ check, files, rows, message }) => [
        check,
        formatCount(files),
        formatCount(rows),
        message === '' ? NONE : message,
      ]),
  )
  const items = renderRows(
    canvas,
    [
      { title: 'file', cut: 'middle', min: 20 },
      { title: 'source', cut: 'middle' },
      { title: 'rows', align: 'right' },
      { title: 'score', align: 'right' },
      { title: 'held' },
      { title: 'reasons' },
    ],
    view.items.map((item) => [
      item.path,
      item.source,
      formatCount(item.rows),
      formatPercent(item.score),
      formatAge(canvas.nowMs, timeMs(item.heldAt)),
      item.reasons.join(', '),
    ]),
  )
  const notes = [
    ...(view.reasons.length > REASONS ? [`${REASONS} of ${view.reasons.length} reasons shown`] : []),
    ...(view.items.length < view.openFiles
      ? [`${view.items.length} of ${view.openFiles} files shown, oldest first`]
      : []),
  ]
  return renderSection(canvas, 'Quarantine', summary, [
    reasons,
    items,
    notes.length === 0 ? '' : canvas.style.dim(`  ${safeText(notes.join('; '))}`),
  ])
}

const REASONS = 10
