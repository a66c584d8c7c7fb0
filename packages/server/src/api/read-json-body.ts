import { RequestProblem } from '../http/problem.ts'

const DEEPEST = 64
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * JSON in UTF-8, or undefined for an empty body. Refused beside what is no JSON: nesting deeper than 64, a key `__proto__`, and
 * text that databases cannot keep (NUL, halves of surrogate pairs). Of a key that stands twice the last counts.
 * @throws {RequestProblem} 400 `HTTP_BODY`
 */
export function readJsonBody(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw new RequestProblem(400, 'HTTP_BODY', 'The body is not UTF-8.')
  }
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RequestProblem(400, 'HTTP_BODY', 'The body is not JSON.')
  }
  checkTree(value)
  return value
}

/** Without recursion: the depth is what is being checked. */
function checkTree(root: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next
    if (typeof value === 'string') checkText(value)
    if (typeof value !== 'object' || value === null) continue
    if (depth > DEEPEST) throw new RequestProblem(400, 'HTTP_BODY', `The body is nested deeper than ${DEEPEST}.`)
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') throw new RequestProblem(400, 'HTTP_BODY', 'The body has a key "__proto__".')
      checkText(key)
      open.push({ value: item, depth: depth + 1 })
    }
  }
}

function checkText(text: string): void {
  if (!isCleanText(text))
    throw new RequestProblem(400, 'HTTP_BODY', 'The body holds text that is no valid Unicode, or NUL.')
}

/** No NUL, no half of a surrogate pair. */
export function isCleanText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
