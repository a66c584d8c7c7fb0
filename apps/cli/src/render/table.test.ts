import { expect, test } from 'vitest'
import { commonFolder, renderTable, streamWidth } from './table.ts'
import { textWidth } from './text-width.ts'

test('columns are aligned, numbers to the right, without spaces at the end of lines', () => {
  const table = renderTable({
    columns: [{ title: 'file' }, { title: 'rows' }, { title: 'why' }],
    rows: [
      ['a.parquet', '1,234', 'x'],
      ['日本.csv', '7', ''],
    ],
  })
  expect(table.split('\n')).toEqual([
    'file        rows  why',
    '─────────  ─────  ───',
    'a.parquet  1,234  x',
    '日本.csv       7',
  ])
})

test('dates, versions and names are no numbers; sizes, rates and percents are', () => {
  const lines = (cells: readonly string[]): string | undefined =>
    renderTable({ columns: [{ title: 'a column' }, { title: 'x' }], rows: cells.map((cell) => [cell, '.']) }).split(
      '\n',
    )[2]
  for (const text of ['1.5 MB', '99.9 %', '-3', '12 ms', '3 kB/s', '<0.1 %', '–']) {
    expect(lines([text, '1']), text).toMatch(/^ +\S.* {2}\.$/)
  }
  for (const text of ['2026-11-21', '1.2.3', '3 files', '1e5x', '01JABC']) expect(lines([text]), text).toMatch(/^\S/)
})

test('hostile cells stay in their row', () => {
  const table = renderTable({
    columns: [{ title: 'na\nme' }, { title: 'n' }],
    rows: [
      ['a\nb\u001b[2J\u202e', '1'],
      ["'; DROP TABLE", '2'],
    ],
  })
  expect(table.split('\n')).toHaveLength(4)
  // oxlint-disable-next-line no-control-regex -- none may be left
  expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
})

test('a table too wide is fitted: the widest column gives first, numbers never', () => {
  const table = renderTable({
    columns: [{ title: 'path', cut: 'middle' }, { title: 'rows' }, { title: 'why' }],
    rows: [['landing/flights/2026/11/21/part-000.parquet', '1,234,567,890', 'too few rows in the file']],
    width: 50,
  })
  for (const line of table.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(50)
  expect(table).toContain('1,234,567,890')
  expect(table).toMatch(/landin.*….*parquet/)
})

test('where even the least does not fit, lines are longer rather than empty', () => {
  const table = renderTable({
    columns: [{ title: 'a' }, { title: 'b' }],
    rows: [['abcdefghijkl', 'abcdefghijkl']],
    width: 5,
  })
  expect(table.split('\n')[2]).toBe('abcdefg…  abcdefg…')
})

test('without a width nothing is cut, whatever the column allows', () => {
  const long = 'x'.repeat(500)
  expect(renderTable({ columns: [{ title: 'a', max: 10 }], rows: [[long]] })).toContain(long)
  expect(renderTable({ columns: [{ title: 'a', max: 10 }], rows: [[long]], width: 600 })).toContain(
    `${'x'.repeat(9)}…\n`.trim(),
  )
})

test('rows may be short, and there may be none', () => {
  expect(renderTable({ columns: [{ title: 'a' }, { title: 'b' }], rows: [['1'], []] }).split('\n')).toEqual([
    'a  b',
    '─  ─',
    '1',
    '',
  ])
  expect(renderTable({ columns: [{ title: 'a' }], rows: [] })).toBe('a\n─')
})

test('colours go around the text and not around the padding, and do not count as width', () => {
  const table = renderTable({
    columns: [{ title: 'status', paint: (text, row) => `<${row}${text}>` }, { title: 'b' }],
    rows: [
      ['ok', 'x'],
      ['failed', 'y'],
    ],
  })
  expect(table.split('\n').slice(2)).toEqual(['<0ok>      x', '<1failed>  y'])
})

test('streams that are no terminal have no width', () => {
  expect(streamWidth({ isTTY: true, columns: 80 })).toBe(80)
  expect(streamWidth({ isTTY: true })).toBe(100)
  expect(streamWidth({ isTTY: true, columns: 0 })).toBe(100)
  expect(streamWidth({ columns: 80 })).toBe(Number.POSITIVE_INFINITY)
})

test('the folder that paths have in common is that of all of them, with its slash; a lone path keeps its own', () => {
  expect(commonFolder(['land/a/x', 'land/a/y', 'land/b'])).toBe('land/')
  expect(commonFolder(['land/x', 'landing/x'])).toBe('')
  expect(commonFolder(['/data/in/x', '/data/in/y'])).toBe('/data/in/')
  expect(commonFolder(['land/x'])).toBe('')
  expect(commonFolder([])).toBe('')
})
