import { integerIn, isStruct, type TypedValue } from '../../thrift/thrift-value.ts'

/** A node of the schema below its root. */
export interface SchemaNode {
  /** Its place in the footer's list of schema elements. */
  readonly element: number
  readonly repetition: 'required' | 'optional' | 'repeated'
  /** Levels at which it is there. */
  readonly definitionLevel: number
  readonly repetitionLevel: number
  /** Leaves below it (or itself), in schema order; by number. */
  readonly leaves: readonly number[]
}

/** By leaf the nodes that lead to it, outermost first, the leaf itself last. `elements` must be a valid schema. */
export function schemaPaths(elements: readonly TypedValue[]): readonly (readonly SchemaNode[])[] {
  const paths: (readonly SchemaNode[])[] = []
  const cursor = { at: 1 }
  while (cursor.at < elements.length) visit(elements, cursor, [], paths)
  return paths
}

const REPETITIONS = ['required', 'optional', 'repeated'] as const

function visit(
  elements: readonly TypedValue[],
  cursor: { at: number },
  above: readonly SchemaNode[],
  paths: (readonly SchemaNode[])[],
): readonly number[] {
  const element = cursor.at++
  const item = elements[element]
  const repetition = REPETITIONS[(isStruct(item) ? integerIn(item, 3) : 0) ?? 0] ?? 'required'
  const parent = above.at(-1)
  const leaves: number[] = []
  const node: SchemaNode = {
    element,
    repetition,
    definitionLevel: (parent?.definitionLevel ?? 0) + (repetition === 'required' ? 0 : 1),
    repetitionLevel: (parent?.repetitionLevel ?? 0) + (repetition === 'repeated' ? 1 : 0),
    leaves,
  }
  const children = (isStruct(item) ? integerIn(item, 5) : 0) ?? 0
  if (children === 0 && isStruct(item) && item.fields.has(1)) {
    leaves.push(paths.length)
    paths.push([...above, node])
  }
  for (let child = 0; child < children && cursor.at < elements.length; child++)
    leaves.push(...visit(elements, cursor, [...above, node], paths))
  return leaves
}
