import { TidegateError } from '@tidegate/core'
import { MONITOR_SECTIONS, type MonitorReport, type MonitorSection } from '@tidegate/monitor'
import { formatInstant } from './format.ts'
import { renderConfiguration, renderFailures, renderPerformance } from './monitor/render-work.ts'
import { renderFreshness, renderQuality, renderQuarantine, renderWatermarks } from './monitor/render-data.ts'
import { renderAnswer, renderAttention, renderOverview } from './monitor/render-overview.ts'
import { renderAlerts, renderReport, renderSchemas } from './monitor/render-alerts.ts'
import { renderComparison, renderCumulative, renderTimeline } from './monitor/render-course.ts'
import { renderFiles, renderHeatmap } from './monitor/render-places.ts'
import { timeMs, type Canvas } from './monitor/section.ts'
import type { Style } from './style.ts'
import { wrapLines } from './wrap-lines.ts'

/**
 * Draws a report for a terminal, without a newline at its end. The first line answers "does anything need me?"; what does
 * follows at once, then the sections.
 *
 * @param section only this one; all when undefined
 * @param width cells per line; infinite off a terminal, see `streamWidth`
 * @throws {TidegateError} `MONITOR_UNKNOWN_SECTION`
 */
export function renderMonitor(report: MonitorReport, section: string | undefined, style: Style, width: number): string {
  const canvas: Canvas = { style, width, nowMs: timeMs(report.generatedAt) ?? 0 }
  const window = `From ${formatInstant(timeMs(report.window.since))} to ${formatInstant(timeMs(report.window.until))}.`
  const top = [renderAnswer(report.overview, canvas), attentionAbove(report, section, canvas), style.dim(window)]
  const head = top.filter((part) => part !== '').join('\n')
  const wanted = section === undefined ? MONITOR_SECTIONS : [knownSection(section)]
  return wrapLines([head, ...wanted.map((name) => RENDERERS[name](report, canvas))].join('\n\n'), width)
}

/** Who asks for one section is told that more needs a look, and where it is said. */
function attentionAbove({ overview }: MonitorReport, section: string | undefined, canvas: Canvas): string {
  if (section === undefined || section === 'overview') return renderAttention(overview, canvas)
  return overview.attention.length === 0 ? '' : canvas.style.dim('  → tidegate monitor overview')
}

const RENDERERS: Readonly<Record<MonitorSection, (report: MonitorReport, canvas: Canvas) => string>> = {
  overview: (report, canvas) => renderOverview(report.overview, canvas),
  alerts: (report, canvas) => renderAlerts(report.alerts, canvas),
  watermarks: (report, canvas) =>
    [renderWatermarks(report.watermarks, canvas), renderConfiguration(report.watermarks.configuration, canvas)].join(
      '\n\n',
    ),
  quality: (report, canvas) => renderQuality(report.quality, canvas),
  failures: (report, canvas) => renderFailures(report.failures, canvas),
  freshness: (report, canvas) => renderFreshness(report.freshness, canvas),
  heatmap: (report, canvas) => renderHeatmap(report.heatmap, canvas),
  files: (report, canvas) => renderFiles(report.files, canvas),
  quarantine: (report, canvas) => renderQuarantine(report.quarantine, canvas),
  timeline: (report, canvas) => renderTimeline(report.timeline, canvas),
  performance: (report, canvas) => renderPerformance(report.performance, canvas),
  cumulative: (report, canvas) => renderCumulative(report.cumulative, canvas),
  comparison: (report, canvas) => renderComparison(report.comparison, canvas),
  schemas: (report, canvas) => renderSchemas(report.schemas, canvas),
  report: (report, canvas) => renderReport(report.report, canvas),
}

function knownSection(name: string): MonitorSection {
  const found = MONITOR_SECTIONS.find((section) => section === name)
  if (found !== undefined) return found
  throw new TidegateError('MONITOR_UNKNOWN_SECTION', `there is no section \`${name}\``, {
    hint: `The sections are ${MONITOR_SECTIONS.join(', ')}.`,
  })
}
