/**
 * What the charts have in common. An option is plain JSON: where ECharts wants a function there stands its name (`@bytes`),
 * and the component puts the function in its place. So options can be compared, printed and tested without a browser.
 */
import type { Palette } from './palette.ts'

export type Option = Readonly<Record<string, unknown>>

export type FormatName = '@count' | '@bytes' | '@percent' | '@duration' | '@day' | '@moment' | '@rate' | '@byteRate'

/** Names in charts are short; the table beside the chart has them whole. */
export function shortName(name: string, length = 32): string {
  const line = name.replace(/\s+/g, ' ')
  if (line.length <= length) return line
  const head = Math.ceil((length - 1) * 0.6)
  return `${line.slice(0, head)}…${line.slice(line.length - (length - 1 - head))}`
}

/** As in tokens.css, by its names: texts are measured before they are drawn, and `inherit` measures nothing. */
const FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

export function baseOption(palette: Palette, summary: string): Record<string, unknown> {
  return {
    animationDuration: 250,
    animationDurationUpdate: 200,
    backgroundColor: 'transparent',
    color: palette.series,
    textStyle: { color: palette.text, fontFamily: FONT, fontSize: 12 },
    aria: { enabled: true, label: { description: summary }, decal: { show: false } },
  }
}

/** Patterns beside colours, for areas that only their colour would tell apart. */
export function withDecals(option: Record<string, unknown>, summary: string): Record<string, unknown> {
  return { ...option, aria: { enabled: true, label: { description: summary }, decal: { show: true, decals: DECALS } } }
}

/** The first area is plain, the others differ by pattern: faint, so that the colour still speaks. */
const STROKE = 'rgba(255, 255, 255, 0.42)'
const DECALS = [
  { symbol: 'none' },
  { color: STROKE, dashArrayX: [1, 0], dashArrayY: [2, 5], symbolSize: 1, rotation: Math.PI / 6 },
  {
    color: STROKE,
    symbol: 'circle',
    dashArrayX: [
      [5, 5],
      [0, 5, 5, 0],
    ],
    dashArrayY: [4, 0],
    symbolSize: 0.7,
  },
  { color: STROKE, dashArrayX: [1, 0], dashArrayY: [2, 5], symbolSize: 1, rotation: -Math.PI / 4 },
  {
    color: STROKE,
    dashArrayX: [
      [6, 6],
      [0, 6, 6, 0],
    ],
    dashArrayY: [6, 0],
    symbolSize: 0.7,
  },
] as const

export function tooltip(palette: Palette, more: Option = {}): Option {
  return {
    confine: true,
    backgroundColor: palette.surface,
    borderColor: palette.line,
    borderWidth: 1,
    padding: [6, 10],
    textStyle: { color: palette.text, fontSize: 12 },
    extraCssText: 'max-width:360px;white-space:normal;overflow-wrap:anywhere;box-shadow:0 4px 14px rgb(0 0 0/18%)',
    ...more,
  }
}

export function valueAxis(palette: Palette, format: FormatName, more: Option = {}): Option {
  return {
    type: 'value',
    splitNumber: 4,
    ...(format === '@count' ? { minInterval: 1 } : {}),
    axisLabel: { color: palette.muted, formatter: format, fontSize: 11 },
    splitLine: { lineStyle: { color: palette.line } },
    axisLine: { show: false },
    axisTick: { show: false },
    ...more,
  }
}

export function timeAxis(palette: Palette, more: Option = {}): Option {
  return {
    type: 'time',
    axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true, formatter: '@axisTime' },
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    splitLine: { show: false },
    ...more,
  }
}

export function categoryAxis(palette: Palette, names: readonly string[], more: Option = {}): Option {
  return {
    type: 'category',
    data: names.map((name) => shortName(name)),
    axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true, showMaxLabel: true },
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    ...more,
  }
}

export function legend(palette: Palette, more: Option = {}): Option {
  return {
    top: 0,
    right: 0,
    itemWidth: 14,
    itemHeight: 9,
    itemGap: 12,
    type: 'scroll',
    textStyle: { color: palette.muted, fontSize: 11 },
    pageTextStyle: { color: palette.muted },
    pageIconColor: palette.muted,
    ...more,
  }
}
