import { describe, expect, test } from 'vitest'
import { barsOption, paretoOption } from './bars.ts'
import { bindFormats } from './bind-formats.ts'
import { donutOption } from './donut.ts'
import { heatmapOption } from './heatmap.ts'
import { linesOption } from './lines.ts'
import { shortName, type Option } from './option.ts'
import { PALETTES, type Palette } from './palette.ts'
import { panelsOption } from './panels.ts'
import { groupAnnotations, timelineOption } from './timeline.ts'
import { piecesOf, scoreColour, sunburstOption, type TreeSource } from './tree.ts'

const HOSTILE = `</script><img src=x onerror=alert(1)>${'x'.repeat(10_000)}`
const SUMMARY = 'One sentence.'

const CHARTS: Readonly<Record<string, (palette: Palette) => Option>> = {
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
        points: [{ atMs: 0, durationMs: 1, weight: 0, status: 'ok', tone: 'ok', name: 'a', href: '#/runs' }],
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

describe('a tree with more pieces than can be told apart', () => {
  const leaf = (name: string, value: number): TreeSource => ({
    name,
    value,
    score: 100,
    href: () => undefined,
    children: () => [],
  })
  const folder = (name: string, value: number, children: readonly TreeSource[]): TreeSource => ({
    ...leaf(name, value),
    children: () => children,
  })

  test('shows the largest, ring by ring, and what is left of a node as one piece of its own', () => {
    const roots = [folder('a', 10, [leaf('a1', 6), leaf('a2', 3), leaf('a3', 1)]), leaf('b', 4), leaf('empty', 0)]
    const [a, b, ...others] = piecesOf(roots, 4)
    expect(others).toEqual([])
    expect(b).toMatchObject({ name: 'b', value: 4, children: [] })
    expect(a?.children.map(({ name, value, score }) => [name, value, score])).toEqual([
      ['a1', 6, 100],
      ['a2', 3, 100],
      ['more', 1, null],
    ])
  })

  test('never has more than that many, whatever is in it, and no sum changes', () => {
    const files = Array.from({ length: 500 }, (_, index) => leaf(`f${index}`, 1))
    const roots = Array.from({ length: 20 }, (_, index) => folder(`s${index}`, 500, files))
    const pieces = piecesOf(roots)
    const names = pieces.flatMap((root) => [root.name, ...root.children.map(({ name }) => name)])
    expect(names.filter((name) => name !== 'more').length).toBeLessThanOrEqual(300)
    for (const { value, children } of pieces)
      if (children.length > 0) expect(children.reduce((sum, child) => sum + child.value, 0)).toBe(value)
  })
})

test('notes on the timeline that would overlap share a label', () => {
  const points = [0, 1400].map((atMs) => ({
    atMs,
    durationMs: 1,
    weight: 1,
    status: 'ok',
    tone: 'ok' as const,
    name: '',
    href: '',
  }))
  const notes = [
    { atMs: 10, text: 'repair' },
    { atMs: 20, text: 'replay' },
    { atMs: 500, text: 'repair' },
    { atMs: 550, text: 'repair' },
    { atMs: 1300, text: 'schema change' },
  ]
  expect(groupAnnotations(points, notes, 1 / 14)).toEqual([
    { atMs: 10, text: '2 events' },
    { atMs: 500, text: '2 × repair' },
    { atMs: 1300, text: 'schema change' },
  ])
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
