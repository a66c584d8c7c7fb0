import { textWidth } from './text-width.ts'

// oxlint-disable-next-line no-control-regex -- colours take no cell
const COLORS = /\u001b\[[\d;]*m/g

/**
 * Breaks sentences that are wider than the terminal between words; what follows stands below the first word, two cells in.
 * Commands (after `→`) and words that are too long stay whole: they are there to be copied.
 */
export function wrapLines(text: string, width: number): string {
  if (!Number.isFinite(width)) return text
  return text
    .split('\n')
    .map((line) => (visibleWidth(line) <= width || isCommand(line) ? line : wrapLine(line, width)))
    .join('\n')
}

function wrapLine(line: string, width: number): string {
  const margin = /^ */.exec(line)?.[0] ?? ''
  const lines: string[] = []
  let current = ''
  for (const word of line.slice(margin.length).split(' ')) {
    const longer = current === '' ? `${lines.length === 0 ? margin : `${margin}  `}${word}` : `${current} ${word}`
    if (current !== '' && visibleWidth(longer) > width) {
      lines.push(current)
      current = `${margin}  ${word}`
    } else current = longer
  }
  return [...lines, current].join('\n')
}

function isCommand(line: string): boolean {
  return line.replaceAll(COLORS, '').trimStart().startsWith('→ tidegate ')
}

function visibleWidth(line: string): number {
  return textWidth(line.replaceAll(COLORS, ''))
}
