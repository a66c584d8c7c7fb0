/**
 * What a problem may show of a file. The address of a webhook is its password, so of addresses only scheme and host are
 * shown. Each character becomes one star, so that columns keep their meaning.
 */

/** Blanks credentials in URLs, and what follows the host in those of http. */
export function maskAddresses(text: string): string {
  return text
    .replace(/(:\/\/)([^\s/@"']+)(?=@)/g, (_, slashes: string, secret: string) => slashes + stars(secret))
    .replace(DATABASE, (_, scheme: string, secret: string) => scheme + stars(secret))
    .replace(DATABASE_OPTIONS, (_, place: string, options: string) => place + stars(options))
    .replace(ADDRESS, (_, host: string, slash: string, rest: string) => host + slash + stars(rest))
}

/** The same for a line of a file, where values of keys such as `url`, `password` and `headers` are blanked wholly. */
export function maskExcerpt(line: string): string {
  return maskAddresses(maskSecretKeys(line))
}

export function stars(text: string): string {
  return '*'.repeat(text.length)
}

// A password is often written as it is, with `@` and `/` in it.
const DATABASE = /(postgres(?:ql)?:\/\/)([^\s"']+)(?=@)/gi
const DATABASE_OPTIONS = /(postgres(?:ql)?:\/\/[^\s?"']*\?)([^\s"']*?)(?=[,}\])]*(?:[\s"']|$))/gi

// Brackets and commas that end the token belong to the YAML around it.
const ADDRESS = /(https?:\/\/[^\s/?#"']+)([/?#])([^\s"']*?)(?=[,}\])]*(?:[\s"']|$))/gi

// As YAML, as JSON, and as `--set channels.ops.url=…`; the last ones are headers, which stand on lines of their own.
const SECRET_KEY =
  /(?<=^|[\s{,."'])(?:url|secret|password|token|headers(?:\.[\w-]+)?|(?:proxy-)?authorization|cookie|[\w-]*(?:api-?key|secret|token))["']?\s*(?::\s*|=)/gi

function maskSecretKeys(line: string): string {
  let result = ''
  let rest = 0
  for (const { 0: key, index } of line.matchAll(SECRET_KEY)) {
    const start = index + key.length
    if (start < rest) continue
    const end = endOfValue(line, start)
    const value = line.slice(start, end)
    result += line.slice(rest, start) + (IS_VARIABLE.test(value) ? value : maskValue(value))
    rest = end
  }
  return result + line.slice(rest)
}

// The name of a variable tells nothing; what stands behind `:-` may.
const IS_VARIABLE = /^(["']?)\$\{\w+\}\1$/

function maskValue(value: string): string {
  const quote = /^["']/.exec(value)?.[0]
  if (quote === undefined) return stars(value)
  return value.length > 1 && value.endsWith(quote)
    ? quote + stars(value.slice(1, -1)) + quote
    : quote + stars(value.slice(1))
}

function endOfValue(line: string, start: number): number {
  const value = line.slice(start)
  const quoted = /^(?:"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^']|'')*(?:'|$))/.exec(value)
  if (quoted !== null) return start + quoted[0].length
  if (value.startsWith('{') || value.startsWith('[')) return start + endOfFlow(value)
  // A plain text ends at a comma or a brace only inside of { }; elsewhere they are part of it.
  const inside = line.slice(0, start).includes('{')
  const plain = (inside ? /^.*?(?=\s*[,}](?:[\s,}\]]|$)|\s+#|\s*$)/ : /^.*?(?=\s+#|\s*$)/).exec(value)
  return start + (plain?.[0].length ?? value.length)
}

/** Where the bracket that opens the text is closed; its end where it is not. What is quoted may hold brackets. */
function endOfFlow(text: string): number {
  let open = 0
  for (const { 0: piece, index } of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^']|'')*(?:'|$)|[{}[\]]/g)) {
    if (piece === '{' || piece === '[') open += 1
    else if ((piece === '}' || piece === ']') && --open === 0) return index + 1
  }
  return text.length
}
