/**
 * What Python's `json.loads` accepts: JSON, and NaN and the infinities besides. A byte order mark in front, a trailing comma
 * or a comment is refused by both; so is nesting beyond Python's recursion limit, and an integer beyond its 4,300 digits.
 */
export function isJsonParseable(text: string): boolean {
  return parsePythonJson(text).kind === 'value'
}

export type ParsedJson = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'refused' }

export function parsePythonJson(text: string): ParsedJson {
  try {
    const hasWords = /NaN|Infinity/.test(text)
    const value: unknown = JSON.parse(
      hasWords ? withNumbers(text, (word) => (word === 'NaN' ? ' 0 ' : ` ${sign(word)}1e999 `)) : text,
    )
    if (text.length > DIGITS_LIMIT && hasLongInteger(text)) return { kind: 'refused' }
    if (text.length > DEPTH_LIMIT && depthOf(text) > DEPTH_LIMIT) return { kind: 'refused' }
    return { kind: 'value', value }
  } catch {
    return { kind: 'refused' }
  }
}

/** Values nested deeper make Python's parser give up. */
const DEPTH_LIMIT = 990
const DIGITS_LIMIT = 4300

/** NaN has no JSON form; a number stands for it. Spaces keep it from growing together with what stands beside it. */
function withNumbers(text: string, numberOf: (word: string) => string): string {
  return text.replaceAll(/"(?:[^"\\]|\\[^])*"|-?Infinity|NaN/g, (part) =>
    part.startsWith('"') ? part : numberOf(part),
  )
}

function sign(word: string): string {
  return word.startsWith('-') ? '-' : ''
}

function hasLongInteger(text: string): boolean {
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\[^])*"|[0-9]+(?:[.eE][0-9.eE+-]*)?/g))
    if (!part.startsWith('"') && /^[0-9]+$/.test(part) && part.length > DIGITS_LIMIT) return true
  return false
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\[^])*"|[[\]{}]/g)) {
    if (part === '[' || part === '{') deepest = Math.max(deepest, ++depth)
    else if (part === ']' || part === '}') depth -= 1
  }
  return deepest
}
