import { barsOption, type BarSeries } from './bars.ts'
import type { Option } from './option.ts'
import type { Palette } from './palette.ts'

export interface Day {
  /** Its begin, as a UTC ISO 8601 text. */
  readonly day: string
}

export interface DaySeries<One extends Day> extends Omit<BarSeries, 'values'> {
  readonly value: (day: One) => number | null
}

/** Amounts per UTC day as bars, stacked where there are several; a click leads to what the day's link names. */
export function dayBarsOption<One extends Day>(
  days: readonly One[],
  series: readonly DaySeries<One>[],
  hrefOfDay: (day: One) => string,
): (palette: Palette, summary: string) => Option {
  const input = {
    time: true,
    format: '@count',
    stacked: series.length > 1,
    names: days.map(({ day }) => Date.parse(day)),
    hrefs: days.map((day) => hrefOfDay(day)),
    series: series.map(({ value, ...rest }) => ({ ...rest, values: days.map((day) => value(day)) })),
  } as const
  return (palette, summary) => barsOption(input, palette, summary)
}
