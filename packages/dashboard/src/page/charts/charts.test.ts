import { describe, expect, test } from 'vitest'
import { barsOption, paretoOption } from './bars.ts'
import { bindFormats } from './bind-formats.ts'
import { donutOption } from './donut.ts'
import { gaugeOption } from './gauge.ts'
import { heatmapOption } from './heatmap.ts'
import { linesOption } from './lines.ts'
import { shortName, type Option } from './option.ts'
import { PALETTES, type Palette } from './palette.ts'
import { panelsOption } from './panels.ts'
import { timelineOption } from './timeline.ts'
import { scoreColour, sunburstOption } from './tree.ts'

const HOSTILE = `</script><img src=x onerror=alert(1)>${'x'.repeat(10_000)}`
const SUMMARY = 'One sentence.'

const CHARTS: Readonly<Record<string, (palette: Palette) => Option>> = {
  gauge: (palette) => gaugeOption({ value: 97, max: 100, threshold: 95, tone: 'ok' }, palette, SUMMARY),
  lines: (palette) =>
    linesOption(
      {
        format: '@percent',
        series: [
          {
            name: HOSTILE,
            points: [
              [0, 1],
              [1, null],
            ],
          },
        ],
        band: [[0, 1, 2]],
        zoom: true,
      },
      palette,
      SUMMARY,
    ),
  bars: (palette) =>
    barsOption(
      { names: [HOSTILE, 'b'], series: [{ name: 'a', values: [1, null] }], format: '@count' },
      palette,
      SUMMARY,
    ),
  pareto: (palette) =>
    paretoOption({ causes: [{ name: HOSTILE, count: 3, cumulativePercent: 100 }] }, palette, SUMMARY),
  donut: (palette) => donutOption([{ name: 'ok', value: 3, tone: 'ok' }], palette, SUMMARY),
  heatmap: (palette) =>
    heatmapOption(
      { xs: [HOSTILE], ys: [HOSTILE], cells: [{ x: 0, y: 0, value: 1 }], format: '@count', what: 'failures' },
      palette,
      SUMMARY,
    ),
  timeline: (palette) =>
    timelineOption(
      {
        points: [{ atMs: 0, durationMs: 1, rows: 0, status: 'ok', tone: 'ok', name: 'a', href: '#/runs' }],
        annotations: [{ atMs: 0, text: HOSTILE }],
      },
      palette,
      SUMMARY,
    ),
  panels: (palette) =>
    panelsOption(
      [{ title: 'Rows', format: '@count', series: [{ name: 'all', points: [[0, 1]] }] }],
      2,
      palette,
      SUMMARY,
    ),
  sunburst: (palette) =>
    sunburstOption([{ name: HOSTILE, value: 1, score: null, children: [] }], '@count', palette, SUMMARY),
}

describe.each(Object.entries(CHARTS))('the option of %s', (_name, option) => {
  test('is plain JSON, the same each time, and says its sentence', () => {
    const made = option(PALETTES.light)
    expect(JSON.parse(JSON.stringify(made))).toEqual(made)
    expect(option(PALETTES.light)).toEqual(made)
    expect(made['aria']).toMatchObject({ enabled: true, label: { description: SUMMARY } })
  })

  test('holds no number that is none', () => {
    expect(JSON.stringify(bindFormats(option(PALETTES.dark)))).not.toMatch(/NaN|Infinity/)
  })

  test('shows no colour of the other theme', () => {
    const text = JSON.stringify(option(PALETTES.dark))
    expect(text).not.toContain(PALETTES.light.text)
    expect(text).not.toContain(PALETTES.light.muted)
  })
})

test('names on axes are short in the middle', () => {
  expect(shortName('a'.repeat(20) + 'b'.repeat(20), 11)).toBe('aaaaaa…bbbb')
  expect(shortName('short')).toBe('short')
  expect(JSON.stringify(CHARTS['bars']?.(PALETTES.light)).length).toBeLessThan(5000)
})

test('formats are put in where functions are asked for, and a name that looks like one is left alone', () => {
  const bound = bindFormats({ axisLabel: { formatter: '@count' }, data: ['@count'], name: '@count' })
  expect((bound['axisLabel'] as { formatter: (value: number) => string }).formatter(1_500_000)).toBe('1.5M')
  expect(bound['data']).toEqual(['@count'])
  expect(bound['name']).toBe('@count')
})

test('scores without evidence are grey, perfect ones green', () => {
  const { light } = PALETTES
  expect(scoreColour(null, light)).toBe(light.unknown)
  expect(scoreColour(0, light)).toBe(light.score[0])
  expect(scoreColour(99.9, light)).toBe(light.score[3])
  expect(scoreColour(100, light)).toBe(light.score[4])
})

describe.each(['light', 'dark'] as const)('the %s palette', (theme) => {
  test('has text that can be read (4.5) and marks that can be seen (3)', () => {
    const palette = PALETTES[theme]
    for (const colour of [palette.text, palette.muted])
      expect(contrast(colour, palette.surface)).toBeGreaterThanOrEqual(4.5)
    for (const colour of [palette.accent, palette.ok, palette.warn, palette.bad, palette.unknown, ...palette.series]) {
      expect(contrast(colour, palette.surface), colour).toBeGreaterThanOrEqual(3)
    }
  })
})

/** As WCAG 2.2 defines it. */
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
