import { integerIn, isStruct, itemsIn, type TypedStruct } from '../../thrift/thrift-value.ts'

/** Of each leaf, in schema order, the numbers of the schema elements on the way to it, without the root. */
export function elementPaths(tree: TypedStruct): number[][] {
  const elements = itemsIn(tree, 2)
  const leaves: number[][] = []
  const open: { readonly index: number; left: number }[] = []
  for (const [index, element] of elements.entries()) {
    if (!isStruct(element)) continue
    const children = integerIn(element, 5) ?? 0
    if (index > 0 && children === 0 && element.fields.has(1))
      leaves.push([...open.slice(1).map((group) => group.index), index])
    const parent = open.at(-1)
    if (parent !== undefined) parent.left--
    if (children > 0) open.push({ index, left: children })
    while ((open.at(-1)?.left ?? 1) <= 0) open.pop()
  }
  return leaves
}
