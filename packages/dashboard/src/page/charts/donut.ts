import { baseOption, tooltip, withDecals, type Option } from './option.ts'
import { toneColour, type Palette, type Tone } from './palette.ts'

export interface Slice {
  readonly name: string
  readonly value: number
  readonly tone: Tone
  readonly href?: string | undefined
}

/** Shares of a whole; every slice is named and counted beside it. */
export function donutOption(slices: readonly Slice[], palette: Palette, summary: string): Option {
  return {
    ...withDecals(baseOption(palette, summary), summary),
    tooltip: tooltip(palette, { trigger: 'item', valueFormatter: '@count' }),
    series: [
      {
        type: 'pie',
        radius: ['46%', '70%'],
        center: ['50%', '50%'],
        padAngle: 1,
        minAngle: 3,
        itemStyle: { borderRadius: 3 },
        label: { color: palette.text, fontSize: 12, formatter: '{b}\n{d} %', lineHeight: 16 },
        labelLine: { length: 8, length2: 6, lineStyle: { color: palette.muted } },
        data: slices
          .filter(({ value }) => value > 0)
          .map(({ name, value, tone, href }) => ({
            name,
            value,
            itemStyle: { color: toneColour(palette, tone) },
            ...(href === undefined ? {} : { href }),
          })),
      },
    ],
  }
}
