import { baseOption, type Option } from './option.ts'
import { toneColour, type Palette, type Tone } from './palette.ts'

export interface GaugeInput {
  /** 0 to `max`; null shows an empty arc. */
  readonly value: number | null
  readonly max: number
  readonly tone: Tone
  /** Where the value should be, if that is known. */
  readonly threshold?: number | null | undefined
}

/** An arc without numbers: the number stands beside it as text. */
export function gaugeOption(input: GaugeInput, palette: Palette, summary: string): Option {
  const { value, max, tone, threshold } = input
  const share = value === null || max <= 0 ? 0 : Math.min(1, Math.max(0, value / max))
  const mark = threshold === null || threshold === undefined || max <= 0 ? undefined : Math.min(1, threshold / max)
  const colour = toneColour(palette, tone)
  const track = palette.sunken
  return {
    ...baseOption(palette, summary),
    series: [
      {
        type: 'gauge',
        silent: true,
        center: ['50%', '72%'],
        radius: '128%',
        startAngle: 200,
        endAngle: -20,
        min: 0,
        max: 1,
        pointer: { show: false },
        progress: { show: true, width: 12, roundCap: share > 0.02, itemStyle: { color: colour } },
        axisLine: { roundCap: true, lineStyle: { width: 12, color: [[1, track]] } },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: { show: false },
        detail: { show: false },
        data: [{ value: share }],
      },
      ...(mark === undefined ? [] : [thresholdMark(mark, palette)]),
    ],
  }
}

/** A second gauge whose pointer is a short stroke on the arc. */
function thresholdMark(at: number, palette: Palette): Option {
  return {
    type: 'gauge',
    silent: true,
    center: ['50%', '72%'],
    radius: '128%',
    startAngle: 200,
    endAngle: -20,
    min: 0,
    max: 1,
    progress: { show: false },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: { show: false },
    detail: { show: false },
    pointer: { icon: 'rect', width: 2, length: 16, offsetCenter: [0, '-82%'], itemStyle: { color: palette.text } },
    data: [{ value: at }],
  }
}
