import { baseOption, legend, timeAxis, tooltip, valueAxis, type FormatName, type Option } from './option.ts'
import { toneColour, type Palette, type Tone } from './palette.ts'

export interface LineSeries {
  readonly name: string
  /** Instant in ms and value; null breaks the line. */
  readonly points: readonly (readonly [number, number | null])[]
  readonly tone?: Tone | undefined
  readonly area?: boolean | undefined
  readonly dashed?: boolean | undefined
}

export interface LinesInput {
  readonly series: readonly LineSeries[]
  readonly format: FormatName
  readonly threshold?: { readonly value: number; readonly name: string } | undefined
  readonly marks?: readonly { readonly atMs: number; readonly name: string }[] | undefined
  /** A range that is expected: its lower and upper edge per instant. */
  readonly band?: readonly (readonly [number, number | null, number | null])[] | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly zoom?: boolean | undefined
}

/** Lines over time. Each has its own symbol and dash, so that colour is not all that tells them apart. */
export function linesOption(input: LinesInput, palette: Palette, summary: string): Option {
  const { series, format, max, zoom = false } = input
  const single = series.length === 1
  return {
    ...baseOption(palette, summary),
    grid: { left: 4, right: 12, top: single ? 12 : 28, bottom: zoom ? 44 : 4, containLabel: true },
    tooltip: tooltip(palette, { trigger: 'axis', valueFormatter: format }),
    ...(single ? {} : { legend: legend(palette) }),
    xAxis: timeAxis(palette),
    yAxis: valueAxis(palette, format, {
      ...lowest(input),
      ...(max === undefined ? {} : { max }),
    }),
    ...(zoom ? { dataZoom: zoomControls(palette) } : {}),
    series: [
      ...bandSeries(input.band, palette),
      ...series.map((line, index) => lineSeries(line, index, input, palette)),
    ],
  }
}

/** Percents begin with a multiple of five below them, so that their steps are even. */
function lowest({ series, min, max, format, threshold }: LinesInput): Option {
  if (min !== undefined) return { min }
  if (format !== '@percent' || max !== 100) return { scale: true }
  const values = series.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])))
  const least = values.reduce((low, value) => Math.min(low, value), threshold?.value ?? 100)
  const from = Math.max(0, Math.floor((least - 1) / 5) * 5)
  return { min: from, interval: from >= 80 ? 5 : from >= 50 ? 10 : 25 }
}

export function zoomControls(palette: Palette, xAxisIndex: 'all' | readonly number[] = 'all'): readonly Option[] {
  return [
    { type: 'inside', xAxisIndex, zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false },
    {
      type: 'slider',
      xAxisIndex,
      height: 18,
      bottom: 6,
      showDetail: false,
      brushSelect: false,
      borderColor: palette.line,
      fillerColor: `${palette.accent}22`,
      handleStyle: { color: palette.surface, borderColor: palette.accent },
      moveHandleSize: 0,
      dataBackground: { lineStyle: { color: palette.line }, areaStyle: { color: palette.sunken } },
      selectedDataBackground: { lineStyle: { color: palette.accent }, areaStyle: { color: palette.sunken } },
    },
  ]
}

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow'] as const
const DASHES = ['solid', 'dashed', 'dotted'] as const

function lineSeries(line: LineSeries, index: number, input: LinesInput, palette: Palette): Option {
  const colour =
    line.tone === undefined ? palette.series[index % palette.series.length] : toneColour(palette, line.tone)
  const first = index === 0
  return {
    type: 'line',
    name: line.name,
    data: line.points,
    symbol: SYMBOLS[index % SYMBOLS.length],
    symbolSize: line.points.length > 60 ? 0 : 5,
    showSymbol: line.points.length <= 60,
    connectNulls: false,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 2, type: line.dashed === true ? 'dashed' : DASHES[Math.floor(index / 2) % 3] },
    ...(line.area === true ? { areaStyle: { color: colour, opacity: 0.12 } } : {}),
    ...(first && (input.marks?.length ?? 0) + (input.threshold === undefined ? 0 : 1) > 0
      ? { markLine: markLine(input, palette) }
      : {}),
  }
}

function markLine({ threshold, marks = [] }: LinesInput, palette: Palette): Option {
  return {
    silent: true,
    symbol: 'none',
    label: { color: palette.muted, fontSize: 10, formatter: '{b}', position: 'insideEndTop' },
    lineStyle: { color: palette.muted, type: 'dashed', width: 1 },
    data: [
      ...(threshold === undefined ? [] : [{ name: threshold.name, yAxis: threshold.value }]),
      ...marks.map(({ atMs, name }) => ({ name: name.slice(0, 24), xAxis: atMs, lineStyle: { type: 'dotted' } })),
    ],
  }
}

/** Two stacked lines: an unseen one up to the lower edge, and the area between it and the upper. */
function bandSeries(band: LinesInput['band'], palette: Palette): readonly Option[] {
  if (band === undefined || band.length === 0) return []
  const shared = { type: 'line', stack: 'band', symbol: 'none', silent: true, lineStyle: { opacity: 0 } }
  return [
    { ...shared, name: 'expected from', data: band.map(([at, low]) => [at, low]), tooltip: { show: false } },
    {
      ...shared,
      name: 'expected range',
      data: band.map(([at, low, high]) => [at, low === null || high === null ? null : high - low]),
      areaStyle: { color: palette.unknown, opacity: 0.16 },
      tooltip: { show: false },
    },
  ]
}
