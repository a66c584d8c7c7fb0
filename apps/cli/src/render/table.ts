/**
 * Aligned tables: a header, a thin rule, one line per row. Two spaces between columns, nothing around them.
 *
 * On a terminal the table is fitted to its width. Elsewhere (a pipe, a file, a CI log) nothing is cut: whoever greps wants
 * the whole name, and lines there do not wrap. `streamWidth` makes that choice.
 */
import { safeText } from './safe-text.ts'
import { padText, textWidth, truncateText, type Cut } from './text-width.ts'

export interface TableColumn {
  readonly title: string
  /** Ignored here; callers may use it to pick the cell from a record. */
  readonly key?: string
  /** @defaultValue right where every cell that is not empty is a number (with or without a unit), else left */
  readonly align?: 'left' | 'right'
  /** Cells it keeps when the table is too wide. @defaultValue 8; right-aligned columns are never cut: half a number lies */
  readonly min?: number
  /** Widest it gets on a terminal, even if there is room. */
  readonly max?: number
  /** Where a text too long loses its letters. @defaultValue 'end'; 'middle' suits paths */
  readonly cut?: Cut
  /** Colours a cell after it was fitted; gets the fitted text and the row's index. */
  readonly paint?: (text: string, row: number) => string
}

export interface TableSpec {
  readonly columns: readonly TableColumn[]
  /** Plain text; control characters are shown escaped. Missing cells are empty. */
  readonly rows: readonly (readonly string[])[]
  /** Cells per line. @defaultValue no limit */
  readonly width?: number
  /** Colours the header. */
  readonly paintHeader?: (text: string) => string
  /** @defaultValue 0 */
  readonly indent?: number
}

const GAP = 2
/** Below this many cells per line a table does without what the lines beneath it say as well. */
export const NARROW = 100

/** Files that are told one by one below a table of them; more where the table is cut short. */
export function maxDetailed({ width }: { readonly width: number }): number {
  return width < NARROW ? 8 : 3
}
const MIN_WIDTH = 8

/** The width tables should be fitted to on this stream: its columns (100 when unknown) on a TTY, no limit elsewhere. */
export function streamWidth(stream: { readonly isTTY?: boolean | undefined; readonly columns?: number }): number {
  if (stream.isTTY !== true) return Number.POSITIVE_INFINITY
  return stream.columns !== undefined && stream.columns > 0 ? stream.columns : 100
}

/** `landing/` of `landing/a` and `landing/b`; empty if they have none in common, or are one. */
export function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths
  if (others.length === 0) return ''
  let folder = first.slice(0, first.lastIndexOf('/') + 1)
  while (folder !== '' && !others.every((other) => other.startsWith(folder)))
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1)
  return folder
}

/** Renders a table. The result has no newline at its end. */
export function renderTable(spec: TableSpec): string {
  const indent = spec.indent ?? 0
  const columns = layoutColumns(spec, (spec.width ?? Number.POSITIVE_INFINITY) - indent)
  const lines = [
    line(columns, (column) => paintVisible(fit(column, column.title), spec.paintHeader)),
    line(columns, (column) => '─'.repeat(column.width)),
  ]
  for (const [row, cells] of spec.rows.entries()) {
    lines.push(
      line(columns, (column, index) => {
        const text = fit(column, safeText(cells[index] ?? ''))
        return paintVisible(text, column.paint === undefined ? undefined : (visible) => column.paint!(visible, row))
      }),
    )
  }
  const margin = ' '.repeat(indent)
  return lines.map((text) => margin + text).join('\n')
}

interface FittedColumn {
  readonly title: string
  readonly align: 'left' | 'right'
  readonly cut: Cut
  readonly paint: ((text: string, row: number) => string) | undefined
  readonly min: number
  width: number
}

function layoutColumns(spec: TableSpec, width: number): readonly FittedColumn[] {
  const fitted = spec.columns.map((column, index): FittedColumn => {
    const cells = spec.rows.map((row) => safeText(row[index] ?? ''))
    const title = safeText(column.title)
    const align = column.align ?? (looksNumeric(cells) ? 'right' : 'left')
    const natural = cells.reduce((widest, cell) => Math.max(widest, textWidth(cell)), textWidth(title))
    const capped = Number.isFinite(width) && column.max !== undefined ? Math.min(natural, column.max) : natural
    const floor = align === 'right' ? capped : Math.min(capped, column.min ?? MIN_WIDTH)
    return { title, align, cut: column.cut ?? 'end', paint: column.paint, min: floor, width: capped }
  })
  shrink(fitted, width - GAP * (fitted.length - 1))
  return fitted
}

/** Takes cells from the widest column that has some to give, until the sum fits or nobody has any left. */
function shrink(columns: readonly FittedColumn[], room: number): void {
  let excess = columns.reduce((sum, column) => sum + column.width, 0) - room
  while (excess > 0) {
    const givers = columns.filter((column) => column.width > column.min)
    const widest = givers.reduce<FittedColumn | undefined>(
      (best, column) => (best === undefined || column.width > best.width ? column : best),
      undefined,
    )
    if (widest === undefined) return
    const second = givers.reduce((most, column) => (column === widest ? most : Math.max(most, column.width)), 0)
    const step = Math.max(1, Math.min(excess, widest.width - Math.max(second, widest.min)))
    widest.width -= step
    excess -= step
  }
}

/** `1,234`, `-3.5`, `99.1 %`, `12 ms`, `3 MB/s`: but not a date, a version or a name. */
const NUMERIC = /^[-+−<]?\d[\d,]*(\.\d+)?( ?(%|[A-Za-zµ]{1,3}(\/s)?))?$/u

function looksNumeric(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell !== '' && cell !== '–')
  return filled.length > 0 && filled.every((cell) => NUMERIC.test(cell))
}

function fit(column: FittedColumn, text: string): string {
  return padText(truncateText(text, column.width, column.cut), column.width, column.align)
}

/** Colours the text but not the padding, so that underlines and backgrounds do not run on. */
function paintVisible(text: string, paint: ((text: string) => string) | undefined): string {
  if (paint === undefined) return text
  const visible = text.trim()
  if (visible === '') return text
  const start = text.indexOf(visible)
  return text.slice(0, start) + paint(visible) + text.slice(start + visible.length)
}

function line(columns: readonly FittedColumn[], cell: (column: FittedColumn, index: number) => string): string {
  return columns
    .map((column, index) => cell(column, index))
    .join(' '.repeat(GAP))
    .trimEnd()
}
