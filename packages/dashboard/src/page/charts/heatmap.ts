import { baseOption, categoryAxis, shortName, tooltip, type FormatName, type Option } from './option.ts'
import { inkOn, type Palette } from './palette.ts'

export interface HeatmapInput {
  readonly xs: readonly string[]
  readonly ys: readonly string[]
  readonly cells: readonly {
    readonly x: number
    readonly y: number
    readonly value: number
    readonly href?: (() => string) | undefined
  }[]
  readonly format: FormatName
  /** What a cell counts, e.g. `failures`. */
  readonly what: string
  /** Of the chart, in pixels: how much of a name fits below a column. @defaultValue 1000 */
  readonly width?: number | undefined
}

/** Cells without a value stay empty: nothing known is not the same as no failure. */
export function heatmapOption(input: HeatmapInput, palette: Palette, summary: string): Option {
  const { xs, ys, cells, what, format, width = 1000 } = input
  const most = cells.reduce((largest, { value }) => Math.max(largest, value), 0)
  const few = most < 100_000 && (width - 170) / Math.max(1, xs.length) > String(most).length * 7 + 6
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
        ...(wide ? wideLabels(xs.length, width) : {}),
      },
    }),
    yAxis: categoryAxis(palette, ys, {
      inverse: true,
      axisLine: { show: false },
      axisLabel: { color: palette.text, fontSize: 11, width: 150, overflow: 'truncate' },
    }),
    visualMap: {
      // One failure is seen beside none.
      min: most > 1 ? 1 : 0.5,
      max: Math.max(1, most),
      calculable: false,
      orient: 'horizontal',
      right: 8,
      bottom: 0,
      itemHeight: 90,
      itemWidth: 9,
      text: [`${most} ${what}`, '1'],
      textStyle: { color: palette.muted, fontSize: 11 },
      inRange: { color: palette.heat },
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
          ...(few && value > 0
            ? { label: { show: true, color: inkOn(heatColour(most > 1 ? (value - 1) / (most - 1) : 1, palette)) } }
            : {}),
          ...(value === 0 ? { visualMap: false, itemStyle: { color: palette.sunken } } : {}),
          // Of thousands of empty cells nobody follows one.
          ...(href === undefined || value === 0 ? {} : { href: href() }),
        })),
      },
    ],
  }
}

/** Names below columns: flat where they fit, else slanted and short. All of them: a column without a name says nothing. */
function wideLabels(columns: number, width: number): Option {
  const each = (width - 170) / columns
  const isFlat = each >= 90
  return { interval: 0, overflow: 'truncate', width: isFlat ? each - 8 : 120, rotate: isFlat ? 0 : 34 }
}

function heatColour(share: number, { heat }: Palette): string {
  return heat[Math.round(share * (heat.length - 1))] ?? '#000000'
}
