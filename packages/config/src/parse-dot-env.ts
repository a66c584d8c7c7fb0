/** Variables of a `.env` file. A later line wins over an earlier one. */
export interface DotEnv {
  readonly variables: ReadonlyMap<string, string>
  /** Numbers of the lines (from 1) that are neither `KEY=value` nor a comment. */
  readonly badLines: readonly number[]
}

/**
 * Reads `KEY=value` lines: `#` comments, `export ` in front, values bare (trimmed, ` #` starts a comment), in single
 * quotes (literal) or in double quotes (`\n`, `\r`, `\t`, `\"`, `\\`, `\$`). Quoted values may span lines. Nothing is expanded.
 */
export function parseDotEnv(text: string): DotEnv {
  const variables = new Map<string, string>()
  const badLines: number[] = []
  const body = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  let offset = 0
  let line = 1
  while (offset < body.length) {
    const end = lineEnd(body, offset)
    const raw = body.slice(offset, end)
    const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*/.exec(raw)
    let next = end
    if (assignment === null) {
      if (!/^\s*(#.*)?$/.test(raw)) badLines.push(line)
    } else {
      const valueStart = offset + assignment[0].length
      const quoted = readQuoted(body, valueStart)
      if (quoted !== undefined) {
        variables.set(assignment[1] ?? '', quoted.value)
        next = lineEnd(body, quoted.end)
      } else if (/^["']/.test(body.slice(valueStart, valueStart + 1))) badLines.push(line)
      else variables.set(assignment[1] ?? '', bareValue(body.slice(valueStart, end)))
    }
    line += body.slice(offset, next + 1).split('\n').length - 1
    offset = next + 1
  }
  return { variables, badLines }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

function bareValue(text: string): string {
  return text.replace(/(^|\s)#.*$/, '').trim()
}

function readQuoted(text: string, start: number): { readonly value: string; readonly end: number } | undefined {
  const quote = text[start]
  if (quote !== '"' && quote !== "'") return undefined
  let value = ''
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index] ?? ''
    if (character === quote) return { value, end: index + 1 }
    if (quote === '"' && character === '\\' && index + 1 < text.length) {
      index += 1
      const escaped = text[index] ?? ''
      value += ESCAPES[escaped] ?? `\\${escaped}`
    } else value += character
  }
  return undefined
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }
