/** Python's whitespace besides JavaScript's: four separators of ASCII, and NEL. JavaScript's has the byte order mark. */
const SEPARATORS = '\u001c\u001d\u001e\u001f\u0085'

/** Inside of a pattern: one character of Python's whitespace. */
export const SPACE: string = `(?:(?!\ufeff)[\\s${SEPARATORS}])`

export function isPythonSpace(character: string): boolean {
  return SEPARATORS.includes(character) || (character !== '\ufeff' && /^\s$/.test(character))
}
