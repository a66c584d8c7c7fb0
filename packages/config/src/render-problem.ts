import type { Problem } from './problem.ts'

export interface RenderProblemOptions {
  /** @defaultValue false */
  readonly color?: boolean
}

const WIDEST = 140

/** The problem for a terminal: what, where, the line with carets below it, and the hint. No newline at the end. */
export function renderProblem(problem: Problem, { color = false }: RenderProblemOptions = {}): string {
  const paint = (style: keyof typeof STYLES, text: string): string =>
    color ? `\u001B[${STYLES[style]}m${text}\u001B[0m` : text
  const accent = problem.severity === 'error' ? 'red' : 'yellow'
  const head = `${paint(accent, `${problem.severity}[${problem.code}]`)}${paint('bold', `: ${visible(problem.message)}`)}`
  const gutter = ' '.repeat(String(problem.line ?? '').length)
  const bar = paint('blue', '|')
  const lines = [head, `${gutter}${paint('blue', '-->')} ${placeText(problem)}`]
  if (problem.excerpt !== undefined && problem.line !== undefined) {
    const { text, indent, carets } = pointAt(problem.excerpt, problem.column ?? 1, problem.endColumn)
    lines.push(
      `${gutter} ${bar}`,
      `${paint('blue', String(problem.line))} ${bar} ${text}`,
      `${gutter} ${bar} ${indent}${paint(accent, carets)}`,
    )
  }
  if (problem.hint !== undefined)
    lines.push(`${gutter} ${paint('blue', '=')} ${paint('bold', 'hint')}: ${visible(problem.hint)}`)
  return lines.join('\n')
}

const STYLES = { red: '1;31', yellow: '1;33', blue: '34', bold: '1' } as const

function placeText({ file, line, column }: Problem): string {
  if (line === undefined) return visible(file)
  return `${visible(file)}:${line}${column === undefined ? '' : `:${column}`}`
}

/** Long lines are shown around the column only. Tabs become spaces, so that the carets stand below what they mean. */
function pointAt(
  excerpt: string,
  column: number,
  endColumn = column + 1,
): { text: string; indent: string; carets: string } {
  const start = Math.min(column - 1, excerpt.length)
  const end = Math.min(Math.max(endColumn - 1, start + 1), Math.max(excerpt.length, start + 1))
  const from = start > WIDEST / 2 && excerpt.length > WIDEST ? start - WIDEST / 4 : 0
  const to = Math.min(excerpt.length, from + WIDEST)
  const before = visible(excerpt.slice(from, start))
  const marked = visible(excerpt.slice(start, Math.min(end, to)))
  return {
    text: `${before}${marked}${visible(excerpt.slice(Math.min(end, to), to))}`.trimEnd(),
    indent: ' '.repeat(columnsOf(before)),
    carets: '^'.repeat(Math.max(1, columnsOf(marked))),
  }
}

/** Control characters of a file must not reach the terminal as commands. */
function visible(text: string): string {
  return text
    .replaceAll('\t', '  ')
    .replaceAll(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u2028\u2029]/gu, '\uFFFD')
}

/** Columns a text takes in a terminal: wide characters two, combining ones none. */
function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue
    columns += WIDE.test(character) ? 2 : 1
  }
  return columns
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u
