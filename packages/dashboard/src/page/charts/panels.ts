import { zoomControls, type LineSeries } from './lines.ts'
import { baseOption, legend, timeAxis, tooltip, valueAxis, type FormatName, type Option } from './option.ts'
import { toneColour, type Palette } from './palette.ts'

export interface Panel {
  readonly title: string
  readonly format: FormatName
  /** What differs by powers of ten: a logarithmic axis. */
  readonly log?: boolean | undefined
  readonly series: readonly LineSeries[]
}

/** Percent of the height: where the first panel begins, and what all rows have together. */
const TOP = 7
const SHARE = 83

/** Several charts over one time: cursor and zoom go through all of them. Two by two, or one below the other when narrow. */
export function panelsOption(panels: readonly Panel[], columns: 1 | 2, palette: Palette, summary: string): Option {
  const rows = Math.ceil(panels.length / columns)
  const colours = colourByName(panels, palette)
  const place = (index: number): Option => {
    const column = index % columns
    const row = Math.floor(index / columns)
    const height = SHARE / rows
    return {
      left: columns === 1 ? 8 : column === 0 ? 8 : '52%',
      right: columns === 1 ? 12 : column === 0 ? '51%' : 12,
      top: `${TOP + row * height + 6}%`,
      height: `${height - 8}%`,
      containLabel: true,
    }
  }
  return {
    ...baseOption(palette, summary),
    title: panels.map(({ title }, index) => ({
      text: title,
      left: columns === 1 || index % columns === 0 ? 4 : '51.5%',
      top: `${TOP + (Math.floor(index / columns) * SHARE) / rows}%`,
      textStyle: { color: palette.text, fontSize: 12, fontWeight: 600 },
    })),
    grid: panels.map((_, index) => place(index)),
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    tooltip: tooltip(palette, { trigger: 'axis' }),
    xAxis: panels.map((_, index) => timeAxis(palette, { gridIndex: index })),
    yAxis: panels.map(({ format, log = false }, index) =>
      valueAxis(palette, format, { gridIndex: index, splitNumber: 3, ...(log ? { type: 'log' } : { min: 0 }) }),
    ),
    legend: legend(palette, { left: 0 }),
    dataZoom: zoomControls(palette).map((control) => ({ ...control, left: 10, right: 14 })),
    series: panels.flatMap(({ series, format, log = false }, panel) =>
      series.map(({ name, points, tone, area, dashed }) => {
        const colour = tone === undefined ? colours.get(name) : toneColour(palette, tone)
        return {
          type: 'line',
          name,
          xAxisIndex: panel,
          yAxisIndex: panel,
          // A logarithm of zero there is none.
          data: log ? points.map(([at, value]) => [at, value === 0 ? null : value]) : points,
          sampling: 'lttb',
          showSymbol: false,
          tooltip: { valueFormatter: format },
          itemStyle: { color: colour },
          lineStyle: { color: colour, width: 2, type: dashed === true ? 'dashed' : 'solid' },
          ...(area === true && !log ? { areaStyle: { color: colour, opacity: 0.12 } } : {}),
        }
      }),
    ),
  }
}

/** A name has one colour in all panels. */
function colourByName(panels: readonly Panel[], palette: Palette): ReadonlyMap<string, string> {
  const names = new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))
  return new Map(
    [...names].map((name, index) => [name, palette.series[index % palette.series.length] ?? palette.accent]),
  )
}
