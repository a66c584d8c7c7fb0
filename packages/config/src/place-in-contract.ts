import { parseYaml } from './parse-yaml.ts'
import { problemAt, type Problem } from './problem.ts'
import { readText } from './read-text.ts'
import { valuePlace } from './tree.ts'

/**
 * Where in a contract file something stands, for problems that only its meaning shows (an unknown expectation, a wrong
 * argument). `path` leads to it, e.g. `['expectations', 2]`; what is not there stands where its nearest ancestor does.
 * Undefined when the file is gone or no YAML.
 */
export async function placeInContract(
  file: string,
  path: readonly (string | number)[],
): Promise<Pick<Problem, 'line' | 'column' | 'endColumn' | 'excerpt'> | undefined> {
  const read = await readText(file)
  if (read.kind !== 'ok') return undefined
  const { tree } = parseYaml(read.text, file)
  if (tree === undefined) return undefined
  return problemAt(valuePlace(tree, path), 'CONFIG_VALUE', '')
}
