/** Values as one line of YAML. Every text comes back from a YAML 1.2 parser exactly; words of YAML 1.1 are quoted too. */

/** `{ a: 1, b: [x, "y z"] }`. Keys whose value is undefined are left out. */
export function flowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`
  if (typeof value !== 'object' || value === null) return scalarYaml(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (entries.length === 0) return '{}'
  return `{ ${entries.map(([key, item]) => flowEntry(key, flowYaml(item))).join(', ')} }`
}

function flowEntry(key: string, value: string): string {
  const { text, long } = keyYaml(key)
  return long ? `? ${text} : ${value}` : `${text}: ${value}`
}

/** A key; `long` ones must be written as `? key : value`, because YAML reads at most 1024 characters ahead for a colon. */
export function keyYaml(key: string): { readonly text: string; readonly long: boolean } {
  const text = textYaml(key)
  return { text, long: text.length > 1000 }
}

export function scalarYaml(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return textYaml(value)
    case 'number':
      return numberYaml(value)
    case 'boolean':
      return String(value)
    case 'bigint':
      return textYaml(value.toString())
    default:
      return 'null'
  }
}

const PLAIN = /^[\p{L}_][\p{L}\p{N}_.()/+-]*$/u
const WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i

function textYaml(text: string): string {
  if (text.length <= 120 && PLAIN.test(text) && !WORDS.test(text)) return text
  // JSON's escapes are YAML's; what YAML does not let stand as it is, is escaped on top.
  return JSON.stringify(text).replaceAll(
    /[\u007F-\u00A0\u00AD\u2028\u2029\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function numberYaml(value: number): string {
  if (!Number.isFinite(value)) return JSON.stringify(String(value))
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  // Written with all digits it would be an integer too large for a number, and come back as a text.
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e') ? value.toExponential() : text
}
