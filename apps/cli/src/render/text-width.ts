/**
 * How many cells a text takes on a terminal, and cutting it to so many.
 * Works on grapheme clusters, so that a flag, a family or a letter with its accents is never cut in two.
 */

const segmenter: Intl.Segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Printable ASCII takes one cell each; by far the most texts are nothing else. */
const ASCII = /^[\x20-\x7e]*$/

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u
const EMOJI = /\p{Emoji_Presentation}|\ufe0f|\p{Regional_Indicator}{2}/u

/** First and last code point of the blocks that East-Asian fonts draw two cells wide. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
]

/** Cells that `text` takes. The text must not hold control characters (see `safeText`). */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment)
  return width
}

export type Cut = 'end' | 'middle'

/**
 * Cuts to at most `width` cells and marks the place with `…`. `middle` keeps both ends, which for paths is where the
 * information is.
 */
export function truncateText(text: string, width: number, cut: Cut = 'end'): string {
  if (textWidth(text) <= width) return text
  if (width <= 0) return ''
  const room = width - 1
  if (cut === 'end') return `${takeStart(text, room)}…`
  const tail = Math.floor(room / 2)
  return `${takeStart(text, room - tail)}…${takeEnd(text, tail)}`
}

/** Fills up with spaces to `width` cells; longer texts stay as they are. */
export function padText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)))
  return align === 'left' ? text + fill : fill + text
}

function takeStart(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += graphemeWidth(segment)
    if (used > width) break
    taken += segment
  }
  return taken
}

function takeEnd(text: string, width: number): string {
  const segments = Array.from(segmenter.segment(text), ({ segment }) => segment)
  let taken = ''
  let used = 0
  for (const segment of segments.reverse()) {
    used += graphemeWidth(segment)
    if (used > width) break
    taken = segment + taken
  }
  return taken
}

function graphemeWidth(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0
  if (EMOJI.test(grapheme)) return 2
  const code = grapheme.codePointAt(0) ?? 0
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}
