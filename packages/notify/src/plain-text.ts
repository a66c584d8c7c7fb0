/** Names in notices come from files and folders: they may hold newlines, quotes and characters that reorder text. */

const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

const LONGEST = 200

/** One visible line of at most 200 characters; what is cut leaves a `…`. */
export function oneLine(text: string): string {
  const visible = text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
  const chars = Array.from(visible)
  return chars.length <= LONGEST ? visible : `${chars.slice(0, LONGEST - 1).join('')}…`
}

/** One word for a POSIX shell: quoted where it must be. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
