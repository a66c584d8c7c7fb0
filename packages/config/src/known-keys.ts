import { suggest } from './suggest.ts'
import type { TreePath } from './tree.ts'

/** The part of JSON Schema that says which keys a map may have. */
export interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
}

/** Keys that the schema names at a path. */
export function keysAt(schema: SchemaNode, path: TreePath): readonly string[] {
  return Object.keys(nodeAt(schema, path)?.properties ?? {})
}

/** A child map of the path that has this key, or one that looks like it. */
export function findKey(
  schema: SchemaNode,
  path: TreePath,
  name: string,
): { readonly under: string; readonly key: string } | undefined {
  const children = Object.entries(nodeAt(schema, path)?.properties ?? {})
  for (const [under, child] of children) {
    if (child.properties !== undefined && Object.hasOwn(child.properties, name)) return { under, key: name }
  }
  for (const [under, child] of children) {
    const key = suggest(name, Object.keys(child.properties ?? {}))
    if (key !== undefined) return { under, key }
  }
  return undefined
}

function nodeAt(schema: SchemaNode, path: TreePath): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema
  for (const key of path) {
    if (node === undefined) return undefined
    node = mapOf(node)
    const named: SchemaNode | undefined =
      node.properties !== undefined && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined
    node =
      named ?? node.items ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined)
  }
  return node === undefined ? undefined : mapOf(node)
}

/** Where a word or a map may stand: the map. */
function mapOf(node: SchemaNode): SchemaNode {
  return node.anyOf?.find((choice) => choice.properties !== undefined) ?? node
}
