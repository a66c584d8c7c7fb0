import type { OverviewView } from '@tidegate/monitor'
import { formatAge, formatBytes, formatCount, formatPercent, formatRate, NONE, sparkline } from '../format.ts'
import { safeText } from '../safe-text.ts'
import { amount, paintStatus, renderRows, renderSection, statusText, timeMs, type Canvas } from './section.ts'

/** The first line answers whether anything needs a person. */
export function renderAnswer(view: OverviewView, canvas: Canvas): string {
  const { style } = canvas
  const bad = view.attention.filter(({ health }) => health === 'bad').length
  const warn = view.attention.length - bad
  const unknown = view.sources.filter(({ health }) => health === 'unknown').length
  if (view.sources.length === 0) return style.warn('? Unknown: no source is configured and nothing was recorded.')
  if (view.attention.length > 0) {
    const parts = [...(bad > 0 ? [amount(bad, 'problem')] : []), ...(warn > 0 ? [amount(warn, 'warning')] : [])]
    const text = `${bad > 0 ? '✗' : '!'} Something needs you: ${parts.join(' and ')}.`
    return style.bold(bad > 0 ? style.bad(text) : style.warn(text))
  }
  if (unknown > 0) {
    return style.warn(`? Nothing is known to be wrong, but ${amount(unknown, 'source')} cannot be judged.`)
  }
  return style.ok(
    `✓ Nothing needs you: ${view.sources.length === 1 ? 'the source is' : `all ${view.sources.length} sources are`} well.`,
  )
}

export function renderAttention(view: OverviewView, canvas: Canvas): string {
  const paint = { bad: canvas.style.bad, warn: canvas.style.warn }
  return view.attention
    .map(({ source, health, text, command }) => {
      const mark = paint[health](health === 'bad' ? '✗' : '!')
      return `  ${mark} ${safeText(source)}: ${safeText(text)}\n    ${canvas.style.dim(`→ ${safeText(command)}`)}`
    })
    .join('\n')
}

export function renderOverview(view: OverviewView, canvas: Canvas): string {
  const { totals } = view
  const summary =
    `${amount(totals.runs, 'run')} (${formatPercent(totals.successPercent)} successful), ` +
    `${amount(totals.filesLoaded, 'file')} loaded, ${formatCount(totals.filesHeld)} held, ` +
    `${formatCount(totals.filesFailed)} failed, ${amount(totals.rowsLoaded, 'row')} in, ${formatBytes(totals.bytesRead)} read, ` +
    `score ${formatPercent(totals.score)}.`
  const paint = paintStatus(canvas.style)
  const table = renderRows(
    canvas,
    [
      { title: 'source', cut: 'middle' },
      { title: 'health', paint, min: 9 },
      { title: 'last run', from: 110 },
      { title: 'score', align: 'right' },
      { title: 'loaded', align: 'right', from: 100 },
      { title: 'held', align: 'right', from: 100 },
      { title: 'rows', align: 'right' },
      { title: 'because' },
    ],
    view.sources.map((item) => [
      item.source,
      statusText(item.health),
      `${item.lastRunStatus ?? 'never'}${item.lastRunAt === null ? '' : ` ${formatAge(canvas.nowMs, timeMs(item.lastRunAt))}`}`,
      formatPercent(item.score),
      formatCount(item.filesLoaded),
      formatCount(item.filesHeld),
      formatCount(item.rowsLoaded),
      item.workingNow === null ? becauseOf(item) : `working now: ${item.workingNow}`,
    ]),
  )
  const gauges = renderRows(
    canvas,
    [
      { title: 'gauge', min: 16 },
      { title: 'value', align: 'right' },
      { title: 'change', align: 'right' },
      { title: 'health', paint, min: 9 },
      { title: 'days', align: 'left', min: 7, from: 90 },
      { title: 'against', cut: 'end' },
    ],
    view.gauges.map((gauge) => [
      gauge.label,
      gaugeValue(gauge.unit, gauge.value),
      gauge.delta === null ? NONE : `${gauge.delta > 0 ? '+' : ''}${gaugeValue(gauge.unit, gauge.delta)}`,
      statusText(gauge.health),
      sparkline(gauge.trend.slice(-Math.max(7, Math.min(30, canvas.width - 80)))),
      gauge.reference === null ? NONE : `${gauge.referenceLabel} ${gaugeValue(gauge.unit, gauge.reference)}`,
    ]),
  )
  const changes = view.changes.map(({ text }) => `  · ${safeText(text)}`).join('\n')
  return renderSection(canvas, 'Overview', summary, [gauges, table, changes])
}

function gaugeValue(unit: 'percent' | 'rows-per-second', value: number | null): string {
  return unit === 'percent' ? formatPercent(value) : formatRate(value, 'rows')
}

/** Names the facets that made the health what it is. */
function becauseOf(item: OverviewView['sources'][number]): string {
  const facets = [item.run, item.checks, item.freshness, item.schema]
  const decisive = facets.filter(({ health }) => health === item.health)
  if (item.health !== 'ok') return decisive.map(({ because }) => because).join('; ')
  return item.freshness.health === 'not-watched' ? 'well; freshness is not watched' : 'well'
}
