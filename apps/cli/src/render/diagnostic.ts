import { safeParagraphs, safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { textWidth } from './text-width.ts'

/** Where in a file something is wrong. Line and column are 1-based. */
export interface Place {
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** The text of that line; then it is printed with a caret under the column. */
  readonly excerpt?: string | undefined
  /** Characters the caret covers. @defaultValue 1 */
  readonly length?: number | undefined
}

/** What a TidegateError, a configuration problem or a finding has in common. */
export interface DiagnosticError {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  /** What this means for the data now. */
  readonly dataNow?: string | undefined
  readonly place?: string | Place | undefined
  /** @defaultValue 'error' */
  readonly level?: 'error' | 'warning' | undefined
}

/**
 * Renders an error for people, without a newline at its end:
 * ```
 * error[CONFIG_UNKNOWN_KEY]: unknown key `pth`
 *   --> tidegate.yaml:4:5
 *    |
 *  4 |     pth: landing
 *    |     ^^^
 *    = now: nothing was read or changed
 *    = hint: did you mean `path`?
 *    = help: tidegate explain CONFIG_UNKNOWN_KEY
 * ```
 */
export function renderError(error: DiagnosticError, style: Style): string {
  const place = typeof error.place === 'string' ? { file: error.place } : error.place
  const gutter = ' '.repeat(place?.line === undefined ? 1 : String(place.line).length)
  const level = error.level ?? 'error'
  const label = `${level}[${safeText(error.code)}]`
  const lines = [
    `${style.bold(level === 'error' ? style.bad(label) : style.warn(label))}: ${withMargin(error.message, `${gutter}   `)}`,
  ]
  if (place !== undefined) lines.push(...placeLines(place, gutter, style))
  const note = (name: string, text: string): string =>
    `${gutter} = ${style.bold(name)}: ${withMargin(text, `${gutter}   `)}`
  if (error.dataNow !== undefined) lines.push(note('now', error.dataNow))
  if (error.hint !== undefined) lines.push(note('hint', error.hint))
  lines.push(note('help', `tidegate explain ${error.code}`))
  return lines.join('\n')
}

function placeLines(place: Place, gutter: string, style: Style): readonly string[] {
  const at = [safeText(place.file), place.line, place.line === undefined ? undefined : place.column]
  const lines = [`${gutter}${style.dim('-->')} ${at.filter((part) => part !== undefined).join(':')}`]
  if (place.excerpt === undefined || place.line === undefined) return lines
  lines.push(`${gutter} ${style.dim('|')}`)
  lines.push(`${style.dim(String(place.line))} ${style.dim('|')} ${safeText(place.excerpt)}`)
  if (place.column !== undefined) {
    const before = textWidth(safeText(place.excerpt.slice(0, place.column - 1)))
    const carets = '^'.repeat(Math.max(1, place.length ?? 1))
    lines.push(`${gutter} ${style.dim('|')} ${' '.repeat(before)}${style.bad(carets)}`)
  }
  return lines
}

/** Messages of engines have lines; the following ones stand under the first. */
function withMargin(text: string, margin: string): string {
  return safeParagraphs(text).split('\n').join(`\n${margin}`)
}
