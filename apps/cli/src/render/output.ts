import { assertNever, stringifyJson, toJson } from '@tidegate/core'

export type OutputFormat = 'table' | 'json' | 'ndjson'

/** What a command answers. `items`, if present, is the list that ndjson prints line by line. */
export interface Payload {
  readonly schemaVersion: 1 | 2
  /** Names the shape, e.g. `history`. */
  readonly kind: string
  readonly items?: readonly unknown[]
  readonly [field: string]: unknown
}

/**
 * Writes a command's result to stdout: `table` the text of `renderText`, `json` the whole payload indented by 2, `ndjson`
 * one line per item (the payload itself where it has no `items`). Ends with one newline; an empty list in ndjson, or an
 * empty text, writes nothing.
 */
export function emit(
  format: OutputFormat,
  payload: Payload,
  renderText: () => string,
  stdout: { write(text: string): unknown },
): void {
  const text = renderOutput(format, payload, renderText)
  if (text !== '') stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

function renderOutput(format: OutputFormat, payload: Payload, renderText: () => string): string {
  switch (format) {
    case 'table':
      return renderText()
    case 'json':
      return inert(stringifyJson(toJson(payload), 2))
    case 'ndjson':
      return (payload.items ?? [payload]).map((item) => inert(stringifyJson(item))).join('\n')
    default:
      return assertNever(format)
  }
}

/** JSON leaves DEL, the C1 controls and direction overrides as they are, and a terminal acts on them. Escaped they mean the same. */
export function inert(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
