/** The sections about the work: failures, performance, configuration. */
import type { ConfigurationView, FailuresView, PerformanceView } from '@tidegate/monitor'
import { formatAge, formatCount, formatDuration, formatPercent, formatRate, NONE, sparkline } from '../format.ts'
import { safeText } from '../safe-text.ts'
import { truncateText } from '../text-width.ts'
import { amount, paintStatus, renderRows, renderSection, statusText, timeMs, type Canvas } from './section.ts'

const CAUSES = 10

export function renderFailures(view: FailuresView, canvas: Canvas): string {
  if (view.total === 0) return renderSection(canvas, 'Failures', 'Nothing failed in the window.')
  const summary =
    `${amount(view.total, 'failure')} of ${amount(view.causes.length, 'cause')}; ` +
    `${amount(view.vitalFew, 'cause makes', 'causes make')} up 80 % or more.`
  const shown = view.causes.slice(0, CAUSES)
  const table = renderRows(
    canvas,
    [
      { title: '#', align: 'right' },
      { title: 'cause', cut: 'middle', min: 16 },
      { title: 'where', cut: 'middle' },
      { title: 'count', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'sum', align: 'right', from: 100 },
      { title: 'files', align: 'right' },
      { title: 'first' },
      { title: 'last' },
    ],
    shown.map((cause, index) => [
      String(index + 1),
      cause.code,
      cause.dataset ?? cause.source,
      formatCount(cause.count),
      formatPercent(cause.sharePercent),
      formatPercent(cause.cumulativePercent),
      formatCount(cause.files),
      formatAge(canvas.nowMs, timeMs(cause.firstSeenAt)),
      formatAge(canvas.nowMs, timeMs(cause.lastSeenAt)),
    ]),
  )
  const advice = shown
    .slice(0, Math.max(1, Math.min(view.vitalFew, 5)))
    .flatMap((cause, index) => [
      `  ${index + 1}. ${fitLine(safeText(cause.message), canvas.width - 6)}`,
      `     ${canvas.style.dim(`→ ${fitLine(safeText(cause.suggestion), Number.POSITIVE_INFINITY)}`)}`,
    ])
  const cut =
    shown.length < view.causes.length ? canvas.style.dim(`  ${shown.length} of ${view.causes.length} causes shown`) : ''
  return renderSection(canvas, 'Failures', summary, [table, cut, advice.join('\n')])
}

export function renderPerformance(view: PerformanceView, canvas: Canvas): string {
  const measured = view.sources.filter(({ runs }) => runs > 0)
  const summary =
    measured.length === 0
      ? `${amount(view.runsTotal, 'run')} in the window, none of which read rows: nothing to measure.`
      : `${amount(view.runsTotal, 'run')} in the window; rates are of those that read rows.`
  const sources = renderRows(
    canvas,
    [
      { title: 'source', cut: 'middle' },
      { title: 'runs', align: 'right' },
      { title: 'rows/s p50', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'bytes/s p50', align: 'right', from: 100 },
      { title: 'took p50', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'rows/s per run' },
    ],
    measured.map((item) => [
      item.source,
      formatCount(item.runs),
      formatCount(item.rowsPerSecondP50),
      formatCount(item.rowsPerSecondP95),
      formatRate(item.bytesPerSecondP50, 'bytes'),
      formatDuration(item.durationMsP50),
      formatDuration(item.durationMsP95),
      sparkline(item.trend.slice(-24)),
    ]),
  )
  const runs = renderRows(
    canvas,
    [
      { title: 'run', cut: 'middle', from: 120 },
      { title: 'source', cut: 'middle' },
      { title: 'status', paint: paintStatus(canvas.style), min: 13 },
      { title: 'started' },
      { title: 'took', align: 'right' },
      { title: 'loaded', align: 'right', from: 100 },
      { title: 'held', align: 'right' },
      { title: 'failed', align: 'right', from: 100 },
      { title: 'rows', align: 'right' },
      { title: 'rows/s', align: 'right' },
    ],
    view.lastRuns.map((run) => [
      run.run,
      run.source,
      statusText(run.status),
      formatAge(canvas.nowMs, timeMs(run.startedAt)),
      formatDuration(run.durationMs),
      formatCount(run.filesLoaded),
      formatCount(run.filesHeld),
      formatCount(run.filesFailed),
      formatCount(run.rowsRead),
      formatCount(run.rowsRead === 0 ? null : run.rowsPerSecond),
    ]),
  )
  const cut =
    view.lastRuns.length < view.runsTotal
      ? canvas.style.dim(`  ${view.lastRuns.length} of ${view.runsTotal} runs shown, newest first`)
      : ''
  return renderSection(canvas, 'Performance', summary, [sources, runs, cut])
}

export function renderConfiguration(view: ConfigurationView, canvas: Canvas): string {
  const orphans =
    view.orphans.length === 0 ? '' : ` With a history but not configured any more: ${view.orphans.join(', ')}.`
  const summary = `${amount(view.items.length, 'source')} configured.${orphans}`
  const table = renderRows(
    canvas,
    [
      { title: 'source', cut: 'middle', min: 6 },
      { title: 'path', cut: 'middle', min: 6 },
      { title: 'format', min: 6, from: 140 },
      { title: 'target', cut: 'middle', min: 6 },
      { title: 'gate', min: 6 },
      { title: 'watermark', min: 6, from: 100 },
      { title: 'repair', min: 6, from: 120 },
      { title: 'schedule', min: 6, from: 120 },
      { title: 'notify', min: 6, from: 140 },
    ],
    view.items.map((item) => [
      item.name,
      item.path,
      item.format,
      item.targets.map(({ kind, path }) => (kind === 'none' ? 'none (gate only)' : path)).join(', '),
      `${item.gate.threshold} ${item.gate.onFail}`,
      item.watermark?.column ?? NONE,
      item.repair,
      item.schedule === null ? NONE : `${item.schedule} ${item.timezone}`,
      item.notify.length === 0 ? NONE : item.notify.join(', '),
    ]),
  )
  return renderSection(canvas, 'Configuration', summary, [table])
}

function fitLine(text: string, width: number): string {
  return Number.isFinite(width) ? truncateText(text, width) : text
}
