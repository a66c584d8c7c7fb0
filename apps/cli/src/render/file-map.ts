/**
 * Draws a file: one line per column, one sign per row group. Pure.
 *
 * Damage never vanishes: where several row groups share a sign, or several columns a line, the worst of them is shown, and
 * the drawing says how many share.
 */
import { formatAmount, formatCount } from './format.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { padText, textWidth, truncateText } from './text-width.ts'

/**
 * `intact`: as the writer left it · `recovered`: could not be read before, can be now · `partly`: some of its rows are gone ·
 * `lost`: damaged or gone as a whole · `unchecked`: nothing is known of it.
 */
export type MapCell = 'intact' | 'recovered' | 'partly' | 'lost' | 'unchecked'

export interface FileMap {
  /** Paths of the columns, in the order of the file. */
  readonly columns: readonly string[]
  /** One array per row group, one cell per column. */
  readonly groups: readonly (readonly MapCell[])[]
}

export interface MapView {
  readonly style: Style
  /** Cells per line; no limit means 100. */
  readonly width: number
  /** Lines for columns. @defaultValue 40 */
  readonly maxLines?: number
  /** Whether it is drawn as it was found, or as a repair leaves it. @defaultValue 'found' */
  readonly as?: 'found' | 'repaired'
}

const SIGNS: Readonly<Record<MapCell, string>> = {
  intact: '■',
  recovered: '◆',
  partly: '▒',
  lost: '×',
  unchecked: '·',
}

const WORDS: Readonly<Record<MapCell, string>> = {
  intact: 'intact',
  recovered: 'recovered',
  partly: 'some rows damaged',
  lost: 'damaged',
  unchecked: 'not looked at',
}

const REPAIRED_WORDS: Readonly<Record<MapCell, string>> = {
  ...WORDS,
  partly: 'some rows NULL',
  lost: 'NULL or left out',
}

/** From best to worst. */
const RANK: readonly MapCell[] = ['intact', 'recovered', 'unchecked', 'partly', 'lost']
const DEFAULT_WIDTH = 100
const MAX_NAME = 32

/** The drawing without a newline at its end; empty for a file without row groups or columns. */
export function renderFileMap(map: FileMap, view: MapView): string {
  if (map.groups.length === 0 || map.columns.length === 0) return ''
  const width = Number.isFinite(view.width) ? view.width : DEFAULT_WIDTH
  const folded = foldColumns(map, view.maxLines ?? 40)
  const widest = folded.reduce((most, { label }) => Math.max(most, textWidth(label)), 'row group'.length)
  const labelWidth = Math.max(4, Math.min(widest, MAX_NAME, Math.floor(width / 2)))
  const room = Math.max(1, width - labelWidth - 2)
  const perSign = Math.ceil(map.groups.length / room)
  const lines = folded.map(({ label, cells }) => {
    const name = padText(truncateText(label, labelWidth, 'middle'), labelWidth)
    return `${name}  ${paintRun(foldGroups(cells, perSign), view.style)}`
  })
  return [
    axis(map.groups.length, perSign, labelWidth, width),
    ...lines,
    legend(map, perSign, folded.length, view),
  ].join('\n')
}

interface Line {
  readonly label: string
  readonly cells: readonly MapCell[]
}

/** Neighbours that look alike share a line; if there are still too many lines, neighbours that do not. */
function foldColumns({ columns, groups }: FileMap, maxLines: number): readonly Line[] {
  const each = columns.map((name, column) => ({
    names: [name],
    cells: groups.map((group) => group[column] ?? ('unchecked' as const)),
  }))
  if (each.length <= maxLines) return each.map(toLine)
  const alike: { names: string[]; cells: readonly MapCell[] }[] = []
  for (const column of each) {
    const last = alike.at(-1)
    if (last !== undefined && last.cells.every((cell, group) => cell === column.cells[group]))
      last.names.push(...column.names)
    else alike.push({ names: [...column.names], cells: column.cells })
  }
  if (alike.length <= maxLines) return alike.map(toLine)
  const perLine = Math.ceil(columns.length / maxLines)
  const lines: Line[] = []
  for (let from = 0; from < each.length; from += perLine) {
    const some = each.slice(from, from + perLine)
    const cells = groups.map((_, group) => worst(some.map(({ cells: own }) => own[group] ?? 'unchecked')))
    lines.push(toLine({ names: some.flatMap(({ names }) => names), cells }))
  }
  return lines
}

function toLine({ names, cells }: { readonly names: readonly string[]; readonly cells: readonly MapCell[] }): Line {
  const [first = ''] = names
  if (names.length === 1) return { label: safeText(first), cells }
  return { label: `${safeText(first)} and ${names.length - 1} more`, cells }
}

function foldGroups(cells: readonly MapCell[], perSign: number): readonly MapCell[] {
  if (perSign === 1) return cells
  const folded: MapCell[] = []
  for (let from = 0; from < cells.length; from += perSign) folded.push(worst(cells.slice(from, from + perSign)))
  return folded
}

function worst(cells: readonly MapCell[]): MapCell {
  return cells.reduce((most, cell) => (RANK.indexOf(cell) > RANK.indexOf(most) ? cell : most), 'intact')
}

/** Signs that follow each other and are alike are coloured as one. */
function paintRun(cells: readonly MapCell[], style: Style): string {
  let painted = ''
  for (let from = 0; from < cells.length;) {
    const cell = cells[from] as MapCell
    let end = from + 1
    while (end < cells.length && cells[end] === cell) end++
    painted += paint(cell, SIGNS[cell].repeat(end - from), style)
    from = end
  }
  return painted
}

function paint(cell: MapCell, text: string, style: Style): string {
  switch (cell) {
    case 'intact':
      return style.ok(text)
    case 'recovered':
      return style.bold(style.ok(text))
    case 'partly':
      return style.warn(text)
    case 'lost':
      return style.bad(text)
    case 'unchecked':
      return style.dim(text)
  }
}

/** Numbers of the row groups above their signs, as many as have room. */
function axis(groups: number, perSign: number, labelWidth: number, width: number): string {
  const signs = Math.ceil(groups / perSign)
  const digits = String((signs - 1) * perSign).length
  const step = [5, 10, 20, 50].find((candidate) => digits + 1 < candidate) ?? 50
  const margin = labelWidth + 2
  let line = padText(truncateText('row group', labelWidth), margin)
  for (let sign = 0; sign < signs; sign += step) {
    const text = String(sign * perSign)
    if (margin + sign + text.length <= width) line = padText(line, margin + sign) + text
  }
  return line
}

function legend({ columns, groups }: FileMap, perSign: number, lines: number, { style, as }: MapView): string {
  const used = new Set(groups.flat())
  const words = as === 'repaired' ? REPAIRED_WORDS : WORDS
  const signs = RANK.filter((cell) => used.has(cell)).map((cell) => `${paint(cell, SIGNS[cell], style)} ${words[cell]}`)
  const notes = [
    `${formatAmount(columns.length, 'column')} × ${formatAmount(groups.length, 'row group')}`,
    ...(perSign > 1 ? [`each sign is ${formatCount(perSign)} row groups, the worst is shown`] : []),
    ...(lines < columns.length ? [`columns share ${formatAmount(lines, 'line')}`] : []),
  ]
  return `${signs.join('  ')}  ${style.dim(`(${notes.join('; ')})`)}`
}
