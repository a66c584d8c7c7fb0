import {
  baseOption,
  categoryAxis,
  legend,
  timeAxis,
  tooltip,
  valueAxis,
  withDecals,
  type FormatName,
  type Option,
} from './option.ts'
import { toneColour, type Palette, type Tone } from './palette.ts'
import { zoomControls } from './lines.ts'

export interface BarSeries {
  readonly name: string
  readonly values: readonly (number | null)[]
  readonly tone?: Tone | undefined
}

export interface BarsInput {
  /** Names, or instants in ms with `time`. */
  readonly names: readonly (string | number)[]
  readonly time?: boolean | undefined
  readonly series: readonly BarSeries[]
  readonly format: FormatName
  readonly stacked?: boolean | undefined
  readonly horizontal?: boolean | undefined
  readonly zoom?: boolean | undefined
  /** Where a click leads, per name. */
  readonly hrefs?: readonly (string | null)[] | undefined
}

/** Bars per day or per name; stacked ones carry patterns. */
export function barsOption(input: BarsInput, palette: Palette, summary: string): Option {
  const { names, time = false, series, format, stacked = false, horizontal = false, zoom = false } = input
  const many = series.length > 1
  const base = baseOption(palette, summary)
  const along = time
    ? timeAxis(palette)
    : categoryAxis(
        palette,
        names.map(String),
        horizontal ? { inverse: true, axisLabel: { color: palette.text, fontSize: 11 } } : {},
      )
  const across = valueAxis(palette, format, { min: 0 })
  return {
    ...(many && stacked ? withDecals(base, summary) : base),
    grid: { left: 4, right: 16, top: many ? 28 : 10, bottom: zoom ? 44 : 4, containLabel: true },
    tooltip: tooltip(palette, { trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: format }),
    ...(many ? { legend: legend(palette) } : {}),
    xAxis: horizontal ? across : along,
    yAxis: horizontal ? along : across,
    ...(zoom ? { dataZoom: zoomControls(palette) } : {}),
    series: series.map(({ name, values, tone }, index) => ({
      type: 'bar',
      name,
      ...(stacked ? { stack: 'all' } : {}),
      barMaxWidth: horizontal ? 18 : 28,
      itemStyle: {
        color: tone === undefined ? palette.series[index % palette.series.length] : toneColour(palette, tone),
        borderRadius: stacked ? 0 : 2,
      },
      data: values.map((value, at) => ({
        value: time ? [names[at], value] : value,
        ...(input.hrefs?.[at] === undefined || input.hrefs[at] === null ? {} : { href: input.hrefs[at] }),
      })),
    })),
  }
}

export interface ParetoInput {
  readonly causes: readonly {
    readonly name: string
    readonly count: number
    readonly cumulativePercent: number
    readonly href?: string
  }[]
}

/** Counts as bars, most first, and how much of the whole they make up together as a line. */
export function paretoOption({ causes }: ParetoInput, palette: Palette, summary: string): Option {
  const names = causes.map(({ name }) => name)
  return {
    ...baseOption(palette, summary),
    grid: { left: names.length > 4 ? 40 : 4, right: 8, top: 28, bottom: 4, containLabel: true },
    legend: legend(palette),
    tooltip: tooltip(palette, { trigger: 'axis', axisPointer: { type: 'shadow' } }),
    xAxis: categoryAxis(palette, names, {
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        interval: 0,
        width: 190,
        overflow: 'truncate',
        rotate: names.length > 4 ? 24 : 0,
      },
    }),
    yAxis: [
      valueAxis(palette, '@count', { min: 0 }),
      valueAxis(palette, '@percent', { min: 0, max: 100, interval: 25, splitLine: { show: false } }),
    ],
    series: [
      {
        type: 'bar',
        name: 'failures',
        barMaxWidth: 44,
        itemStyle: { color: palette.bad, borderRadius: 2 },
        tooltip: { valueFormatter: '@count' },
        data: causes.map(({ count, href }) => ({ value: count, ...(href === undefined ? {} : { href }) })),
      },
      {
        type: 'line',
        name: 'together',
        yAxisIndex: 1,
        symbol: 'circle',
        symbolSize: 6,
        itemStyle: { color: palette.text },
        lineStyle: { color: palette.text, width: 1.5 },
        tooltip: { valueFormatter: '@percent' },
        data: causes.map(({ cumulativePercent }) => Math.round(cumulativePercent * 100) / 100),
      },
    ],
  }
}
