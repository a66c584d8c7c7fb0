/** The sections about where: heat maps and files. */
import type { FileNode, FilesView, Heat, HeatmapView } from '@tidegate/monitor'
import { formatBytes, formatCount, formatPercent } from '../format.ts'
import { safeText } from '../safe-text.ts'
import { padText, textWidth, truncateText } from '../text-width.ts'
import { cutNote, renderRows, renderSection, type Canvas } from './section.ts'

const LABEL_WIDTH = 24
const LINES = 15
/** From least to most; what was not evaluated is a blank, what did not fail a point. */
const SHADES = '░▒▓█'

export function renderHeatmap(view: HeatmapView, canvas: Canvas): string {
  const maps = [view.days, view.hours, view.expectations].filter(({ max, rows }) => rows.length > 0 && max > 0)
  return renderSection(
    canvas,
    'Heat map',
    view.summary,
    maps.map((heat) => drawHeat(heat, canvas, heat !== view.expectations)),
  )
}

/** One cell per column. Of times the last are kept where not all fit, of names the first: those fail most. */
function drawHeat(heat: Heat, canvas: Canvas, keepsLast: boolean): string {
  const { style } = canvas
  const room = Number.isFinite(canvas.width) ? Math.max(8, canvas.width - LABEL_WIDTH - 14) : 60
  const first = keepsLast ? Math.max(0, heat.columns.length - room) : 0
  const end = first + room
  const failing = heat.rows.flatMap((line, row) => (line.failed > 0 ? [{ ...line, cells: heat.cells[row] ?? [] }] : []))
  const lines = failing.slice(0, LINES).map(({ label, failed, cells }) => {
    const drawn = cells.slice(first, end).map((cell) => {
      if (cell === null) return ' '
      if (cell.failed === 0) return style.dim('·')
      const shade = SHADES[Math.min(SHADES.length - 1, Math.floor((cell.failed / heat.max) * SHADES.length))] ?? '█'
      return style.bad(shade)
    })
    const name = padText(truncateText(safeText(label), LABEL_WIDTH, 'middle'), LABEL_WIDTH)
    return `  ${name} ${drawn.join('')} ${formatCount(failed)}`
  })
  const from = heat.columns[first]?.label ?? ''
  const to = heat.columns.slice(first, end).at(-1)?.label ?? ''
  const scale = `${safeText(from)} to ${safeText(to)}; ░ few █ ${formatCount(heat.max)} failures, · none, blank: nothing evaluated`
  const title = truncateText(safeText(heat.title), Math.max(20, canvas.width - 2))
  return [
    `  ${style.bold(title)}`,
    ...lines,
    style.dim(`  ${textWidth(scale) + 2 > canvas.width ? truncateText(scale, canvas.width - 2) : scale}`),
    cutNote(canvas, lines.length, failing.length, 'lines with failures'),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

const FOLDERS = 20

export function renderFiles(view: FilesView, canvas: Canvas): string {
  const folders = flatten(view.tree, 0).filter(({ node }) => node.kind !== 'file')
  const shown = folders.slice(0, FOLDERS)
  const table = renderRows(
    canvas,
    [
      { title: 'where', cut: 'middle', min: 20 },
      { title: 'files', align: 'right' },
      { title: 'held', align: 'right' },
      { title: 'rows', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'score', align: 'right' },
      { title: 'lowest', align: 'right' },
    ],
    shown.map(({ node, depth }) => [
      `${'· '.repeat(depth)}${node.name}`,
      formatCount(node.files),
      formatCount(node.held),
      formatCount(node.rowsLoaded),
      formatBytes(node.bytes),
      formatPercent(node.score),
      formatPercent(node.scoreMin),
    ]),
  )
  const cuts = view.cuts.map((cut) => canvas.style.dim(`  ${safeText(cut)}`)).join('\n')
  return renderSection(canvas, 'Files', view.summary, [
    table,
    cutNote(canvas, shown.length, folders.length, 'folders'),
    cuts,
  ])
}

interface Placed {
  readonly node: FileNode
  readonly depth: number
}

/** In reading order; the root itself is left out where it has one child only. */
function flatten(node: FileNode, depth: number): readonly Placed[] {
  return [{ node, depth }, ...node.children.flatMap((child) => flatten(child, depth + 1))]
}
