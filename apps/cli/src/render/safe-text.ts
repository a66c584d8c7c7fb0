/**
 * Text that came from outside (file names, column names, messages of engines) on its way to a terminal.
 *
 * A file may be called `x\x1b[2J.parquet`. What would move the cursor, change colours, reorder or hide text is shown as an
 * escape instead, so that one cell stays one visible piece of one line.
 */

/** Controls (C0, DEL, C1), line separators, direction overrides, invisible spaces, tag characters, lone surrogates. */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Replaces every character that a terminal would act on or hide by a visible escape: `\n`, `\x1b`, `\u{202e}`. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const short = SHORT[char]
    if (short !== undefined) return short
    const code = char.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** Like {@link safeText}, but newlines stay: for texts that have paragraphs, such as explanations. */
export function safeParagraphs(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => safeText(line))
    .join('\n')
}
