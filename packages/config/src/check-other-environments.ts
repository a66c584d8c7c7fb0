import { assertNever } from '@tidegate/core'
import { checkShape } from './check-shape.ts'
import { configSchema } from './config-schema.ts'
import { configKeySchema } from './json-schema.ts'
import { findNotYet } from './not-yet.ts'
import type { Place, Problem } from './problem.ts'
import { mergeTrees, toPlain, treeAt, type Tree, type TreePath } from './tree.ts'

/**
 * A typing error under `environments: prod` should show today, not on the day of the release. Variables are left alone:
 * those of another environment need not be set here.
 */
export function checkOtherEnvironments(root: Tree, chosen: string | undefined): readonly Problem[] {
  const overlays = treeAt(root, ['environments'])
  if (overlays?.kind !== 'map' || root.kind !== 'map') return []
  const entries = new Map(root.entries)
  entries.delete('environments')
  const base: Tree = { ...root, entries }
  return [...overlays.entries].flatMap(([name, { value }]) =>
    name === chosen || value.kind !== 'map' ? [] : checkOverlay(base, value),
  )
}

function checkOverlay(base: Tree, overlay: Tree): readonly Problem[] {
  const tree = mergeTrees(base, overlay)
  const notYet = findNotYet(tree)
  const plain = toPlain(tree, { dropNulls: true, mangleProto: true }) as Record<string, unknown>
  plain['version'] = 1
  const skip = [...notYet.paths, ...pathsWithVariables(tree, [])]
  const shape = checkShape(tree, { schema: configSchema, jsonSchema: configKeySchema, plain, skip })
  const own = new Set(placesOf(overlay).map(placeId))
  return [...notYet.problems, ...shape.problems].filter(({ line = 0, column = 0 }) => own.has(`${line}:${column}`))
}

function pathsWithVariables(tree: Tree, path: TreePath): readonly TreePath[] {
  switch (tree.kind) {
    case 'scalar':
      return typeof tree.value === 'string' && tree.value.includes('${') ? [path] : []
    case 'list':
      return tree.items.flatMap((item, index) => pathsWithVariables(item, [...path, index]))
    case 'map':
      return [...tree.entries].flatMap(([key, { value }]) => pathsWithVariables(value, [...path, key]))
    default:
      return assertNever(tree)
  }
}

function placesOf(tree: Tree): readonly Place[] {
  switch (tree.kind) {
    case 'scalar':
      return [tree.place]
    case 'list':
      return [tree.place, ...tree.items.flatMap(placesOf)]
    case 'map':
      return [...tree.entries.values()].flatMap(({ key, value }) => [key].concat(placesOf(value)))
    default:
      return assertNever(tree)
  }
}

function placeId({ line, column }: Place): string {
  return `${line}:${column}`
}
