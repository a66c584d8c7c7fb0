/** Paths and templates of the file: made absolute, and held against the placeholders that they may have. */
import path from 'node:path'
import { problemAt, type Problem } from './problem.ts'
import { toLocalPath, type IsFolder } from './source-location.ts'
import { suggest } from './suggest.ts'
import { valuePlace, variableWords, type Tree } from './tree.ts'

export interface BuildContext {
  readonly tree: Tree
  /** Absolute. */
  readonly file: string
  readonly directory: string
  readonly environment: string | undefined
  readonly isFolder: IsFolder | undefined
}

export function toAbsolute(text: string, key: readonly string[], context: BuildContext, problems: Problem[]): string {
  const local = toLocalPath(text)
  if (local !== undefined) return path.resolve(context.directory, local)
  problems.push(
    problemAt(valuePlace(context.tree, key), 'CONFIG_VALUE', `\`${key.join('.')}\` is not a local path`, {
      hint: 'Use a path on this machine, relative to the configuration file or absolute.',
    }),
  )
  return context.directory
}

export function checkTemplate(
  tree: Tree,
  key: readonly string[],
  text: string,
  known: readonly string[],
): readonly Problem[] {
  const place = valuePlace(tree, key)
  const list = known.map((name) => `{${name}}`).join(', ')
  const problems: Problem[] = []
  for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (known.includes(name)) continue
    const near = suggest(name, known)
    const variable = variableWords(tree, key)
    const shown = variable === undefined ? `{${name.slice(0, 60)}}` : `in ${variable}`
    problems.push(
      problemAt(place, 'CONFIG_TEMPLATE', `\`${key.join('.')}\` does not know the placeholder ${shown}`, {
        hint: near === undefined ? `Known: ${list}.` : `Did you mean {${near}}? Known: ${list}.`,
      }),
    )
  }
  if (/[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, ''))) {
    problems.push(
      problemAt(place, 'CONFIG_TEMPLATE', `\`${key.join('.')}\` has a brace without its pair`, {
        hint: `Known: ${list}.`,
      }),
    )
  }
  return problems
}
