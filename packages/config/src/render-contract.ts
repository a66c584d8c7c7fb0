/** A contract as YAML, one fact per line, so that its diff in a pull request reads well. */
import type { Contract, Expectation } from '@tidegate/core'
import { flowYaml, keyYaml, scalarYaml } from './flow-yaml.ts'

export interface RenderContractOptions {
  /** Comment at the top; may have several lines. */
  readonly header?: string
  /**
   * Comments above parts: `contract`, `version`, `description`, `file`, `read`, `schema`, `schema.columns.<column>`,
   * `parameters`, `expectations`, `expectations.<index from 0>`, `gate`, `meta`.
   */
  readonly comments?: ReadonlyMap<string, string>
}

/** Deterministic; `parseContract` gives the same contract back. */
export function renderContract(
  contract: Contract,
  { header, comments = new Map() }: RenderContractOptions = {},
): string {
  const lines: string[] = header === undefined ? [] : commentLines(header, '')
  const put = (key: string, indent: string, ...texts: readonly string[]): void => {
    const comment = comments.get(key)
    if (comment !== undefined) lines.push(...commentLines(comment, indent))
    lines.push(...texts.map((text) => indent + text))
  }

  put('contract', '', `contract: ${scalarYaml(contract.contract)}`)
  put('version', '', `version: ${scalarYaml(contract.version)}`)
  if (contract.description !== undefined) put('description', '', `description: ${scalarYaml(contract.description)}`)
  if (contract.file !== undefined) put('file', '', `file: ${flowYaml(contract.file)}`)
  if (contract.read !== undefined) put('read', '', `read: ${flowYaml(contract.read)}`)

  const columns = Object.entries(contract.schema.columns)
  if (columns.length === 0) put('schema', '', 'schema: { columns: {} }')
  else {
    put('schema', '', 'schema:', '  columns:')
    for (const [name, column] of columns)
      put(`schema.columns.${name}`, '    ', entryYaml(name, flowYaml(column), '    '))
  }

  const parameters = Object.entries(contract.parameters ?? {})
  if (parameters.length > 0)
    put(
      'parameters',
      '',
      'parameters:',
      ...parameters.map(([name, value]) => `  ${entryYaml(name, flowYaml(value), '  ')}`),
    )

  put('expectations', '', contract.expectations.length === 0 ? 'expectations: []' : 'expectations:')
  for (const [index, expectation] of contract.expectations.entries()) {
    put(`expectations.${index}`, '  ', ...expectationLines(expectation))
  }
  if (contract.gate !== undefined) put('gate', '', `gate: ${flowYaml(contract.gate)}`)
  if (contract.meta !== undefined) put('meta', '', `meta: ${flowYaml(contract.meta)}`)
  return `${lines.join('\n')}\n`
}

function expectationLines({ type, kwargs, severity, fail, warn, id, meta }: Expectation): readonly string[] {
  const lines = [`- type: ${scalarYaml(type)}`, `  kwargs: ${flowYaml(kwargs)}`]
  if (severity !== undefined) lines.push(`  severity: ${severity}`)
  if (fail !== undefined) lines.push(`  fail: ${flowYaml(fail)}`)
  if (warn !== undefined) lines.push(`  warn: ${flowYaml(warn)}`)
  if (id !== undefined) lines.push(`  id: ${scalarYaml(id)}`)
  if (meta !== undefined) lines.push(`  meta: ${flowYaml(meta)}`)
  return lines
}

function entryYaml(key: string, value: string, indent: string): string {
  const { text, long } = keyYaml(key)
  return long ? `? ${text}\n${indent}: ${value}` : `${text}: ${value}`
}

function commentLines(text: string, indent: string): string[] {
  return text
    .trimEnd()
    .split(/[\r\n\u0085\u2028\u2029]+/)
    .map((line) => `${indent}# ${line.replaceAll(/[\p{Cc}\uFEFF\uFFFE\uFFFF]|\p{Cs}/gu, ' ')}`.trimEnd())
}
