import type { TreePath } from './tree.ts'

/** The part of JSON Schema that says which keys a map may have. */
export interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
}

/** Keys that the schema names at a path. */
export function keysAt(schema: SchemaNode, path: TreePath): readonly string[] {
  return Object.keys(nodeAt(schema, path)?.properties ?? {})
}

/** A child map of the path in which `name` is a key, as a dotted path below it. */
export function findKey(schema: SchemaNode, path: TreePath, name: string): string | undefined {
  for (const [key, child] of Object.entries(nodeAt(schema, path)?.properties ?? {})) {
    if (child.properties !== undefined && Object.hasOwn(child.properties, name)) return key
  }
  return undefined
}

function nodeAt(schema: SchemaNode, path: TreePath): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema
  for (const key of path) {
    if (node === undefined) return undefined
    const named: SchemaNode | undefined =
      node.properties !== undefined && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined
    node = named ?? node.items ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined)
  }
  return node
}
