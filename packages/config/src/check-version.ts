import { problemAt, type Problem } from './problem.ts'
import { keyPlace, treeAt, valuePlace, type Tree } from './tree.ts'

/** `version` is there and one that this release reads. */
export function checkVersion(tree: Tree): readonly Problem[] {
  const version = treeAt(tree, ['version'])
  if (version === undefined || (version.kind === 'scalar' && version.value === null)) {
    return [
      problemAt(keyPlace(tree, ['version']), 'CONFIG_MISSING_KEY', '`version` is missing', {
        hint: 'Write `version: 1` at the top.',
      }),
    ]
  }
  if (version.kind === 'scalar' && version.value === 1) return []
  const place = valuePlace(tree, ['version'])
  if (version.kind === 'scalar' && typeof version.value === 'number') {
    return [
      problemAt(place, 'CONFIG_VERSION', `this release reads version 1 of the format, not ${version.value}`, {
        hint: version.value > 1 ? 'Update Tidegate.' : 'Write `version: 1`.',
      }),
    ]
  }
  return [
    problemAt(place, 'CONFIG_TYPE', '`version` must be the number 1', { hint: 'Write `version: 1`, without quotes.' }),
  ]
}
