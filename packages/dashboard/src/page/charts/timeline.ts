import { zoomControls } from './lines.ts'
import { baseOption, legend, timeAxis, tooltip, valueAxis, type Option } from './option.ts'
import { toneColour, type Palette, type Tone } from './palette.ts'

export interface TimelinePoint {
  readonly atMs: number
  readonly durationMs: number
  /** What its size says: rows of a run, runs of a stretch of time. */
  readonly weight: number
  readonly status: string
  readonly tone: Tone
  readonly name: string
  readonly href: string
}

export interface TimelineInput {
  readonly points: readonly TimelinePoint[]
  readonly annotations: readonly { readonly atMs: number; readonly text: string }[]
  /** Of the chart, in pixels. @defaultValue 1200 */
  readonly width?: number | undefined
  /** @defaultValue up to {@link MOST_SIZED} points */
  readonly sized?: boolean | undefined
}

/** More runs than these are points of one size, drawn as one: nobody tells sizes apart among so many. */
export const MOST_SIZED = 800

/** Runs (or all of a stretch of time) as points: when, how long, how many rows (size), how they ended (colour and shape). */
export function timelineOption(input: TimelineInput, palette: Palette, summary: string): Option {
  const { points, annotations, width = 1200 } = input
  const isLarge = !(input.sized ?? points.length <= MOST_SIZED)
  const most = points.reduce((largest, { weight }) => Math.max(largest, weight), 1)
  const statuses = [...new Map(points.map(({ status, tone }) => [status, tone]))]
  return {
    ...baseOption(palette, summary),
    grid: { left: 4, right: 30, top: annotations.length === 0 ? 32 : 46, bottom: 48, containLabel: true },
    legend: legend(palette),
    tooltip: tooltip(palette, { trigger: 'item', valueFormatter: '@duration' }),
    xAxis: timeAxis(palette),
    yAxis: valueAxis(palette, '@duration', { min: 0 }),
    // A drag marks a stretch of time.
    dataZoom: zoomControls(palette).map((control) => ({ ...control, moveOnMouseMove: false })),
    series: statuses.map(([status, tone], index) => ({
      type: 'scatter',
      name: status,
      dimensions: ['started', 'took'],
      encode: { x: 0, y: 1, tooltip: [1] },
      symbol: symbolOf(statuses, index, tone),
      itemStyle: { color: toneColour(palette, tone), opacity: 0.82, borderColor: palette.surface, borderWidth: 0.5 },
      ...(isLarge ? { large: true, largeThreshold: 0, symbolSize: tone === 'ok' ? 5 : 8 } : {}),
      data: points
        .filter((point) => point.status === status)
        .map((point) => (isLarge ? [point.atMs, point.durationMs, point.href] : sizedPoint(point, most))),
      ...(index === 0 && annotations.length > 0
        ? { markLine: annotationLines(groupAnnotations(points, annotations, LABEL_WIDTH / width), palette) }
        : {}),
    })),
  }
}

function sizedPoint({ atMs, durationMs, weight, name, href, tone }: TimelinePoint, most: number): Option {
  // What failed often read nothing, and must be seen all the same.
  const symbolSize = Math.max(tone === 'ok' ? 6 : 10, Math.round(6 + 16 * Math.sqrt(weight / most)))
  return { name, value: [atMs, durationMs], symbolSize, href }
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

/** In pixels: lines that are nearer to each other share one label. */
const LABEL_WIDTH = 90

/** What happened within this share of the time stands together: `schema change`, `3 × repair`, `2 events`. */
export function groupAnnotations(
  points: TimelineInput['points'],
  annotations: TimelineInput['annotations'],
  share: number,
): TimelineInput['annotations'] {
  const times = [...points, ...annotations].map(({ atMs }) => atMs)
  const leastMs = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
  const mostMs = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY)
  const groups: { readonly atMs: number; readonly texts: string[] }[] = []
  for (const { atMs, text } of annotations.toSorted((a, b) => a.atMs - b.atMs)) {
    const last = groups.at(-1)
    if (last !== undefined && atMs - last.atMs < (mostMs - leastMs) * share) last.texts.push(text)
    else groups.push({ atMs, texts: [text] })
  }
  return groups.map(({ atMs, texts }) => {
    const [text = ''] = texts
    const isOneKind = texts.every((other) => other === text)
    if (texts.length === 1) return { atMs, text }
    return { atMs, text: isOneKind ? `${texts.length} × ${text}` : `${texts.length} events` }
  })
}

function annotationLines(annotations: TimelineInput['annotations'], palette: Palette): Option {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: palette.muted, type: 'dotted', width: 1 },
    label: { color: palette.muted, fontSize: 10, formatter: '{b}', rotate: 0, position: 'end', distance: 3 },
    data: annotations.map(({ atMs, text }) => ({ name: text.slice(0, 24), xAxis: atMs })),
  }
}
