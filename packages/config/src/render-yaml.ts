import { flowYaml, keyYaml, scalarYaml } from './flow-yaml.ts'

/** Any JSON value as YAML in block style: maps and lists over several lines, short lists of scalars on one. */
export function renderYaml(value: unknown): string {
  const lines = blockLines(value)
  return `${lines.join('\n')}\n`
}

const LONGEST_LINE = 100

function blockLines(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? ['[]'] : value.flatMap((item) => withDash(blockLines(item)))
  if (typeof value !== 'object' || value === null) return [scalarYaml(value)]
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return entries.length === 0 ? ['{}'] : entries.flatMap(([key, item]) => entryLines(key, item))
}

function entryLines(key: string, value: unknown): readonly string[] {
  const { text, long } = keyYaml(key)
  if (long) return [`? ${text}`, `: ${flowYaml(value)}`]
  if (isScalar(value) || isEmpty(value)) return [`${text}: ${flowYaml(value)}`]
  const short = Array.isArray(value) && value.every(isScalar) ? flowYaml(value) : undefined
  if (short !== undefined && short.length <= LONGEST_LINE) return [`${text}: ${short}`]
  return [`${text}:`, ...blockLines(value).map((line) => `  ${line}`)]
}

function withDash(lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${index === 0 ? '-' : ' '} ${line}`)
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
