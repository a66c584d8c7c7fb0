import { expect, test } from 'vitest'
import { renderFileMap, type MapCell } from './file-map.ts'
import { createStyle, plainStyle } from './style.ts'
import { textWidth } from './text-width.ts'

const colored = createStyle({ isTTY: true }, { color: true, env: {} })

function grid(
  columns: number,
  groups: number,
  bad: Readonly<Record<string, MapCell>> = {},
): Parameters<typeof renderFileMap>[0] {
  return {
    columns: Array.from({ length: columns }, (_, index) => `c${String(index).padStart(3, '0')}`),
    groups: Array.from({ length: groups }, (_, group) =>
      Array.from({ length: columns }, (_, column) => bad[`${group},${column}`] ?? 'intact'),
    ),
  }
}

test('one line per column, one sign per row group, the signs told apart without colour', () => {
  const map = {
    columns: ['id', 'email', 'tags.list.element'],
    groups: [
      ['intact', 'intact', 'unchecked'],
      ['intact', 'partly', 'unchecked'],
      ['recovered', 'lost', 'unchecked'],
    ],
  } as const
  expect(renderFileMap(map, { style: plainStyle, width: 80 })).toBe(
    [
      'row group          0',
      'id                 ■■◆',
      'email              ■▒×',
      'tags.list.element  ···',
      '■ intact  ◆ recovered  · not looked at  ▒ some rows damaged  × damaged  (3 columns × 3 row groups)',
    ].join('\n'),
  )
})

test('500 row groups share signs, none wider than the terminal, and one damaged chunk is still seen', () => {
  const drawn = renderFileMap(grid(3, 500, { '499,1': 'lost' }), { style: plainStyle, width: 60 })
  const lines = drawn.split('\n')
  // 60 − 9 (`row group`) − 2 = 49 signs at most, so 11 row groups each: 46 signs.
  expect(lines[1]).toBe(`c000       ${'■'.repeat(46)}`)
  expect(lines[2]).toBe(`c001       ${'■'.repeat(45)}×`)
  expect(lines[0]).toMatch(/^row group {2}0 +55 +110 +165/)
  expect(drawn).toContain('3 columns × 500 row groups; each sign is 11 row groups, the worst is shown')
  for (const line of lines.slice(0, -1)) expect(textWidth(line)).toBeLessThanOrEqual(60)
})

test('200 columns: neighbours that look alike share a line, the damaged one keeps its own', () => {
  const lines = renderFileMap(grid(200, 2, { '1,150': 'lost' }), { style: plainStyle, width: 80 }).split('\n')
  expect(lines.slice(1, -1)).toEqual(['c000 and 149 more  ■■', 'c150               ■×', 'c151 and 48 more   ■■'])
  expect(lines.at(-1)).toContain('200 columns × 2 row groups; columns share 3 lines')
})

test('200 columns of which every other one is damaged: lines are shared all the same, with the worst', () => {
  const bad = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`0,${2 * index}`, 'lost' as const]))
  const lines = renderFileMap(grid(200, 2, bad), { style: plainStyle, width: 80, maxLines: 40 }).split('\n')
  expect(lines.slice(1, -1)).toHaveLength(40)
  expect(lines[1]).toBe('c000 and 4 more  ×■')
})

test('names of columns are harmless and cut to their place', () => {
  const map = {
    columns: ['\u001b[2Jx', 'long'.repeat(50), '表'.repeat(40)],
    groups: [['intact', 'intact', 'lost']],
  } as const
  const drawn = renderFileMap(map, { style: plainStyle, width: 40 })
  expect(drawn).not.toContain('\u001b')
  for (const line of drawn.split('\n').slice(0, -1)) expect(textWidth(line)).toBeLessThanOrEqual(40)
})

test('in colour each run of signs is painted once, and the text is the same', () => {
  const map = grid(1, 50, { '20,0': 'lost' })
  const drawn = renderFileMap(map, { style: colored, width: 80 })
  // oxlint-disable-next-line no-control-regex -- colours are what is taken away
  expect(drawn.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderFileMap(map, { style: plainStyle, width: 80 }))
  expect(drawn.split('\n')[1]?.split('\u001b[31m')).toHaveLength(2)
})

test('a file without row groups or columns has no drawing; a narrow terminal gets one', () => {
  expect(renderFileMap({ columns: ['a'], groups: [] }, { style: plainStyle, width: 80 })).toBe('')
  expect(renderFileMap({ columns: [], groups: [[]] }, { style: plainStyle, width: 80 })).toBe('')
  expect(renderFileMap(grid(2, 7), { style: plainStyle, width: 5 }).split('\n')).toHaveLength(4)
})
