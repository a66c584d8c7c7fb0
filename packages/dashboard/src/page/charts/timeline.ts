import { zoomControls } from './lines.ts'
import { baseOption, legend, timeAxis, tooltip, valueAxis, type Option } from './option.ts'
import { toneColour, type Palette, type Tone } from './palette.ts'

export interface TimelinePoint {
  readonly atMs: number
  readonly durationMs: number
  readonly rows: number
  readonly status: string
  readonly tone: Tone
  readonly name: string
  readonly href: string
}

export interface TimelineInput {
  readonly points: readonly TimelinePoint[]
  readonly annotations: readonly { readonly atMs: number; readonly text: string }[]
}

/** Runs as points: when, how long, how many rows (size), how they ended (colour and shape). */
export function timelineOption({ points, annotations }: TimelineInput, palette: Palette, summary: string): Option {
  const most = points.reduce((largest, { rows }) => Math.max(largest, rows), 1)
  const statuses = [...new Map(points.map(({ status, tone }) => [status, tone]))]
  return {
    ...baseOption(palette, summary),
    grid: { left: 4, right: 16, top: 32, bottom: 48, containLabel: true },
    legend: legend(palette),
    tooltip: tooltip(palette, { trigger: 'item' }),
    brush: {
      xAxisIndex: 0,
      brushType: 'lineX',
      brushStyle: { color: `${palette.accent}22`, borderColor: palette.accent },
      throttleType: 'debounce',
      throttleDelay: 250,
    },
    toolbox: { show: false },
    xAxis: timeAxis(palette),
    yAxis: valueAxis(palette, '@duration', { min: 0 }),
    dataZoom: zoomControls(palette),
    series: statuses.map(([status, tone], index) => ({
      type: 'scatter',
      name: status,
      symbol: symbolOf(statuses, index, tone),
      large: points.length > 5000,
      itemStyle: { color: toneColour(palette, tone), opacity: 0.82, borderColor: palette.surface, borderWidth: 0.5 },
      data: points
        .filter((point) => point.status === status)
        .map(({ atMs, durationMs, rows, name, href }) => ({
          name,
          value: [atMs, durationMs],
          symbolSize: Math.round(6 + 16 * Math.sqrt(rows / most)),
          href,
        })),
      ...(index === 0 && annotations.length > 0 ? { markLine: annotationLines(annotations, palette) } : {}),
    })),
  }
}

/** Two statuses of one colour differ in shape. */
function symbolOf(statuses: readonly (readonly [string, Tone])[], index: number, tone: Tone): string {
  const taken = statuses.slice(0, index).some(([, other]) => other === tone)
  return taken ? (SECOND_SYMBOLS[tone] ?? 'arrow') : SYMBOLS[tone]
}

const SECOND_SYMBOLS: Partial<Readonly<Record<Tone, string>>> = { ok: 'roundRect', bad: 'diamond', warn: 'arrow' }

const SYMBOLS: Readonly<Record<Tone, string>> = {
  accent: 'circle',
  ok: 'circle',
  warn: 'triangle',
  bad: 'rect',
  unknown: 'diamond',
}

function annotationLines(annotations: TimelineInput['annotations'], palette: Palette): Option {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: palette.muted, type: 'dotted', width: 1 },
    label: { color: palette.muted, fontSize: 10, formatter: '{b}', rotate: 0, position: 'insideEndTop' },
    data: annotations.slice(0, 40).map(({ atMs, text }) => ({ name: text.slice(0, 28), xAxis: atMs })),
  }
}
