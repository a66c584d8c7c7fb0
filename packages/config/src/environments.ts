import { problemAt, quoteValue, type Problem } from './problem.ts'
import { suggest } from './suggest.ts'
import { keyPlace, mergeTrees, treeAt, valuePlace, withOrigin, type MapTree, type Tree } from './tree.ts'

export interface Chosen {
  /** Without `environments`. */
  readonly tree: Tree
  readonly problems: readonly Problem[]
}

/** Takes `environments` out and lays the chosen one over the rest. */
export function chooseEnvironment(root: Tree, environment: string | undefined): Chosen {
  const overlays = treeAt(root, ['environments'])
  const tree = root.kind === 'map' ? without(root, 'environments') : root
  const problems: Problem[] = []
  const names: string[] = []
  if (overlays?.kind === 'map') {
    for (const [name, { value }] of overlays.entries) {
      names.push(name)
      if (value.kind === 'map' || (value.kind === 'scalar' && value.value === null)) continue
      problems.push(
        problemAt(
          valuePlace(root, ['environments', name]),
          'CONFIG_TYPE',
          `environment ${quoteValue(name)} must be a map of keys`,
        ),
      )
    }
  } else if (overlays !== undefined && !(overlays.kind === 'scalar' && overlays.value === null)) {
    problems.push(problemAt(valuePlace(root, ['environments']), 'CONFIG_TYPE', '`environments` must be a map of names'))
  }
  if (environment === undefined) return { tree, problems }

  const chosen = treeAt(root, ['environments', environment])
  if (chosen === undefined) {
    const near = suggest(environment, names)
    let hint = 'The file has no `environments:`.'
    if (near !== undefined) hint = `Did you mean \`${near}\`?`
    else if (names.length > 0) hint = `Environments: ${names.join(', ')}.`
    const message = `there is no environment ${quoteValue(environment)}${names.length > 0 ? ` (there are: ${names.join(', ')})` : ''}`
    return {
      tree,
      problems: [
        ...problems,
        problemAt(keyPlace(root, ['environments']), 'CONFIG_UNKNOWN_ENVIRONMENT', message, { hint }),
      ],
    }
  }
  return chosen.kind === 'map'
    ? { tree: mergeTrees(tree, withOrigin(chosen, { kind: 'environment', name: environment })), problems }
    : { tree, problems }
}

function without(map: MapTree, key: string): MapTree {
  const entries = new Map(map.entries)
  entries.delete(key)
  return { ...map, entries }
}
