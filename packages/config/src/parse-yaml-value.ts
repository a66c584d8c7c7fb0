import type { JsonValue } from '@tidegate/core'
import { jsonOf } from './parse-contract.ts'
import { parseYaml } from './parse-yaml.ts'
import { problemAt, sortProblems, type Problem } from './problem.ts'
import { readParsed } from './read-text.ts'

export type YamlValueResult =
  | { readonly kind: 'ok'; readonly value: JsonValue; readonly warnings: readonly Problem[] }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

/**
 * YAML or JSON of any shape → plain value, within the same bounds as a configuration (size, nesting, aliases). Integers
 * beyond ±2^53−1 and numbers that are not finite come back as texts. Nothing is expanded.
 */
export function parseYamlValue(text: string, file: string): YamlValueResult {
  const { tree, source, problems } = parseYaml(text, file)
  if (problems.some((problem) => problem.severity === 'error'))
    return { kind: 'problems', problems: sortProblems(problems) }
  if (tree === undefined) {
    const start = { source, line: 1, column: 1, endColumn: 2 }
    return { kind: 'problems', problems: [problemAt(start, 'CONFIG_MISSING_KEY', 'the file is empty')] }
  }
  return { kind: 'ok', value: jsonOf(tree) as JsonValue, warnings: sortProblems(problems) }
}

/** {@link parseYamlValue} of a file. @throws TidegateError `CONFIG_UNREADABLE` when it is there and cannot be read */
export async function readYamlValue(
  file: string,
): Promise<YamlValueResult | { readonly kind: 'missing'; readonly file: string }> {
  return readParsed(file, parseYamlValue)
}
