import { renderTable, type TableColumn } from '../table.ts'
import type { Style } from '../style.ts'
import { safeText } from '../safe-text.ts'

/** What every section is drawn with. */
export interface Canvas {
  readonly style: Style
  /** Cells per line; infinite off a terminal. */
  readonly width: number
  /** The report's own time: ages are as of then. */
  readonly nowMs: number
}

/** A heading, one sentence that says what is to be seen, and the blocks below it. */
export function renderSection(canvas: Canvas, title: string, summary: string, blocks: readonly string[] = []): string {
  const filled = blocks.filter((block) => block !== '')
  return [canvas.style.heading(title), safeText(summary), ...filled.flatMap((block) => ['', block])].join('\n')
}

export interface SectionColumn extends TableColumn {
  /** It is left out where a line has fewer cells: on a narrow terminal the others can be read. */
  readonly from?: number
}

/** A table in the canvas; nothing at all without rows. */
export function renderRows(
  canvas: Canvas,
  columns: readonly SectionColumn[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return ''
  const fits = (at: number): boolean => (columns[at]?.from ?? 0) <= canvas.width
  return renderTable({
    columns: columns.filter((_, at) => fits(at)),
    rows: rows.map((cells) => cells.filter((_, at) => fits(at))),
    width: canvas.width,
    indent: 2,
    paintHeader: canvas.style.bold,
  })
}

/** `15 of 1,200 incidents shown`; nothing where all are. */
export function cutNote({ style }: Canvas, shown: number, total: number, noun: string): string {
  if (shown >= total) return ''
  return style.dim(`  ${shown.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} ${noun} shown`)
}

/** Colours words that say how something is; others stay as they are. */
export function paintStatus(style: Style): (text: string) => string {
  return (text) => {
    const word = text.trim().split(' ')[1] ?? text.trim()
    if (BAD.has(word)) return style.bad(text)
    if (WARN.has(word)) return style.warn(text)
    if (OK.has(word)) return style.ok(text)
    return style.dim(text)
  }
}

const BAD = new Set(['bad', 'late', 'failed', 'gate-failed', 'critical'])
const WARN = new Set(['warn', 'stuck', 'partial', 'interrupted', 'warning'])
const OK = new Set(['ok', 'fresh', 'moving', 'nothing-new'])

/** Colour alone carries no meaning: each state has its own sign and word. */
export function statusText(word: string): string {
  if (BAD.has(word)) return `✗ ${word}`
  if (WARN.has(word)) return `! ${word}`
  if (OK.has(word)) return `✓ ${word}`
  return `? ${word}`
}

/** `2 of 3 sources are late`-like counts: noun in the right number. */
export function amount(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`
}

export function timeMs(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso)
}
