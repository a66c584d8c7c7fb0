import { baseOption, categoryAxis, shortName, tooltip, type FormatName, type Option } from './option.ts'
import { inkOn, type Palette } from './palette.ts'

export interface HeatmapInput {
  readonly xs: readonly string[]
  readonly ys: readonly string[]
  readonly cells: readonly {
    readonly x: number
    readonly y: number
    readonly value: number
    readonly href?: string | undefined
  }[]
  readonly format: FormatName
  /** What a cell counts, e.g. `failures`. */
  readonly what: string
}

/** Cells without a value stay empty: nothing known is not the same as no failure. */
export function heatmapOption(input: HeatmapInput, palette: Palette, summary: string): Option {
  const { xs, ys, cells, what, format } = input
  const most = cells.reduce((largest, { value }) => Math.max(largest, value), 0)
  const few = xs.length <= 31 && most < 100_000
  const wide = xs.some((name) => name.length > 6)
  return {
    ...baseOption(palette, summary),
    grid: { left: 4, right: 12, top: 8, bottom: 34, containLabel: true },
    tooltip: tooltip(palette, { trigger: 'item', valueFormatter: format }),
    xAxis: categoryAxis(palette, xs, {
      axisLine: { show: false },
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        hideOverlap: !wide,
        ...(wide ? { interval: 0, width: 130, overflow: 'truncate', rotate: xs.length > 5 ? 32 : 0 } : {}),
      },
    }),
    yAxis: categoryAxis(palette, ys, {
      inverse: true,
      axisLine: { show: false },
      axisLabel: { color: palette.text, fontSize: 11, width: 150, overflow: 'truncate' },
    }),
    visualMap: {
      min: 0,
      max: Math.max(1, most),
      calculable: false,
      orient: 'horizontal',
      right: 8,
      bottom: 0,
      itemHeight: 90,
      itemWidth: 9,
      text: [`${most} ${what}`, '0'],
      textStyle: { color: palette.muted, fontSize: 11 },
      inRange: { color: [palette.sunken, ...palette.heat] },
    },
    series: [
      {
        type: 'heatmap',
        name: what,
        itemStyle: { borderColor: palette.surface, borderWidth: 2, borderRadius: 3 },
        label: { show: false, fontSize: 11, formatter: '{@[2]}' },
        emphasis: { itemStyle: { borderColor: palette.text, borderWidth: 1 } },
        data: cells.map(({ x, y, value, href }) => ({
          name: `${shortName(ys[y] ?? '')} · ${shortName(xs[x] ?? '')}`,
          value: [x, y, value],
          ...(few && value > 0 ? { label: { show: true, color: inkOn(heatColour(value / most, palette)) } } : {}),
          ...(href === undefined ? {} : { href }),
        })),
      },
    ],
  }
}

function heatColour(share: number, { heat }: Palette): string {
  return heat[Math.min(heat.length - 1, Math.floor(share * heat.length))] ?? '#000000'
}
