/** Keys and values that the format knows and this release does not: said plainly instead of "unknown key". */
import { problemAt, quoteValue, type Problem } from './problem.ts'
import { suggest } from './suggest.ts'
import { pathText, treeAt, valuePlace, type Tree, type TreePath } from './tree.ts'

export interface NotYet {
  readonly problems: readonly Problem[]
  readonly paths: readonly TreePath[]
}

export function findNotYet(tree: Tree): NotYet {
  const problems: Problem[] = []
  const paths: TreePath[] = []
  for (const rule of RULES) {
    for (const path of expandPath(tree, rule.path)) {
      const node = treeAt(tree, path)
      if (node === undefined) continue
      const value = node.kind === 'scalar' ? node.value : undefined
      const shown =
        node.origin.kind === 'variable' ? `from variable ${node.origin.names.join(', ')}` : quoteValue(String(value))
      const what = rule.what(value, shown)
      if (what === undefined) continue
      paths.push(path)
      const place = valuePlace(tree, path)
      problems.push(
        problemAt(place, 'CONFIG_NOT_YET', `\`${pathText(path)}\`: ${what} not in this release`, { hint: rule.hint }),
      )
    }
  }
  return { problems, paths }
}

interface Rule {
  /** `*` stands for any key. */
  readonly path: readonly string[]
  /** What is not there yet, with its verb, or undefined where the value is fine or simply wrong. */
  readonly what: (value: unknown, shown: string) => string | undefined
  readonly hint?: string
}

const RULES: readonly Rule[] = [
  ...[
    ['sources', '*', 'path'],
    ['sources', '*', 'contract'],
    ['sources', '*', 'quarantine', 'path'],
    ['sources', '*', 'target', 'path'],
    ['sources', '*', 'targets', '*', 'path'],
    ['sources', '*', 'clean_source', 'to'],
    ['limits', 'temp'],
    ['repaired'],
  ].map((path): Rule => ({ path, what: remoteStore, hint: 'Use a local path or a mount of the store.' })),
  ...[
    ['sources', '*', 'target', 'kind'],
    ['sources', '*', 'targets', '*', 'kind'],
  ].map((path): Rule => ({
    path,
    what: otherThan(['parquet', 'delta', 'duckdb', 'postgres', 'none'], 'target kind'),
    hint: 'Use `parquet`, `delta`, `duckdb` or `postgres`, or `none` for a gate in front of another loader.',
  })),
]

function remoteStore(value: unknown): string | undefined {
  const scheme =
    typeof value === 'string' ? /^(s3a?|azure|az|abfss?|wasbs?|gs|gcs|r2):\/\//i.exec(value)?.[1] : undefined
  return scheme === undefined ? undefined : `${scheme.toLowerCase()}:// paths are`
}

// A near miss of a supported word is a typing error, and the shape check names the word that was meant.
function otherThan(supported: readonly string[], what: string): Rule['what'] {
  return (value, shown) =>
    typeof value !== 'string' || value === '' || suggest(value, supported) !== undefined
      ? undefined
      : `${what} ${shown} is`
}

function expandPath(tree: Tree, pattern: readonly string[]): readonly TreePath[] {
  let paths: TreePath[] = [[]]
  for (const part of pattern) {
    paths = paths.flatMap((path) => {
      if (part !== '*') return [[...path, part]]
      const node = treeAt(tree, path)
      return node?.kind === 'map' ? [...node.entries.keys()].map((key) => path.concat(key)) : []
    })
  }
  return paths
}
