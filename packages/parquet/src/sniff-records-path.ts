import { readTextHead } from './read-text-head.ts'

/** How much of a document is looked at for the key that holds the rows. */
const HEAD_BYTES = 8 * 1024 * 1024

/**
 * Where the rows of a JSON document are: `''` for an array (or a single record), else the one top-level key whose value
 * is an array of objects, e.g. `features`. Several such keys: `''`, the document is one record.
 */
export async function sniffRecordsPath(path: string): Promise<string> {
  const text = await readTextHead(path, HEAD_BYTES)
  if (!text.trimStart().startsWith('{')) return ''
  const keys = arrayKeys(text)
  return keys.length === 1 ? (keys[0] ?? '') : ''
}

/** Top-level keys whose value begins `[{`. Reads strings and brackets only, so that a cut-off text is no problem. */
function arrayKeys(text: string): string[] {
  const keys: string[] = []
  let depth = 0
  let key = ''
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gsu
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [part] = match
    if (part === '{' || part === '[') {
      if (
        depth === 1 &&
        part === '[' &&
        /^\[\s*\{/.test(text.slice(match.index, match.index + 1000)) &&
        !key.includes('.')
      )
        keys.push(key)
      depth++
    } else if (part === '}' || part === ']') depth--
    else if (depth === 1 && part !== ':') key = parseKey(part)
  }
  return keys
}

function parseKey(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return ''
  }
}
