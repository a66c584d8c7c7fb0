import { replaceItem, setField } from '../../thrift/patch-thrift.ts'
import {
  integerIn,
  isStruct,
  itemsIn,
  structField,
  structIn,
  text,
  textIn,
  textList,
  type TypedStruct,
} from '../../thrift/thrift-value.ts'
import { uniqueNames } from '../../unique-names.ts'
import type { RepairStep } from '../plan.ts'
import { withoutSchemaCopies } from './apply-fixes.ts'
import { elementPaths } from './element-paths.ts'
import { withItems } from './shift-offsets.ts'

/**
 * Gives the later of two siblings of one name (upper and lower case are the same) a suffix, in the schema and in the
 * paths of the chunks. Pure.
 */
export function renameColumns(tree: TypedStruct): {
  readonly tree: TypedStruct
  readonly steps: readonly RepairStep[]
} {
  const names = itemsIn(tree, 2).map((element) => (isStruct(element) ? (textIn(element, 4) ?? '') : ''))
  const renamed = new Map<number, string>()
  for (const siblings of families(tree)) {
    const unique = uniqueNames(siblings.map((index) => names[index] ?? ''))
    for (const [place, index] of siblings.entries()) {
      const name = unique[place] ?? ''
      if (name !== names[index] && names[index]?.trim() !== '') renamed.set(index, name)
    }
  }
  if (renamed.size === 0) return { tree, steps: [] }
  let result = tree
  for (const [index, name] of renamed)
    result = replaceItem(result, 2, index, (item) => (isStruct(item) ? setField(item, 4, text(name)) : item))
  const paths = elementPaths(tree).map((path) => path.map((index) => renamed.get(index) ?? names[index] ?? ''))
  const changed = elementPaths(tree).map((path) => path.some((index) => renamed.has(index)))
  result = withItems(result, 4, (group) =>
    withItems(group, 1, (chunk, column) => {
      const metadata = structIn(chunk, 3)
      const path = paths[column]
      if (metadata === undefined || path === undefined || changed[column] !== true) return chunk
      return setField(chunk, 3, structField(setField(metadata, 3, textList(path))))
    }),
  )
  const steps = [...renamed].map(([index, name]): RepairStep => {
    const what = `The second column ${JSON.stringify(names[index])} is called ${JSON.stringify(name)}`
    return { code: 'PQ207', what, lossless: true }
  })
  return { tree: withoutSchemaCopies(result), steps }
}

/** Numbers of the schema elements that have the same parent. */
function families(tree: TypedStruct): number[][] {
  const all: number[][] = []
  const open: { readonly children: number[]; left: number }[] = []
  for (const [index, element] of itemsIn(tree, 2).entries()) {
    const parent = open.at(-1)
    if (parent !== undefined) {
      parent.children.push(index)
      parent.left--
    }
    const count = isStruct(element) ? (integerIn(element, 5) ?? 0) : 0
    if (count > 0) {
      const children: number[] = []
      all.push(children)
      open.push({ children, left: count })
    }
    while ((open.at(-1)?.left ?? 1) <= 0) open.pop()
  }
  return all
}
