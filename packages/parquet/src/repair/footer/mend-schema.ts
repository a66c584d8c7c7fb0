/** Corrects a schema that all column chunks contradict, and chunks that the rest of their column contradicts. Pure. */
import type { SchemaFacts } from '../../diagnose/footer/check-schema.ts'
import { PHYSICAL_NAMES } from '../../diagnose/footer/check-schema.ts'
import type { ParquetFooter } from '../../footer.ts'
import { replaceItem, setField } from '../../thrift/patch-thrift.ts'
import {
  i32,
  isStruct,
  itemsIn,
  listField,
  structField,
  structIn,
  text,
  textList,
  TYPE,
  type TypedStruct,
} from '../../thrift/thrift-value.ts'
import type { RepairStep } from '../plan.ts'
import { elementPaths } from './element-paths.ts'
import { withItems } from './shift-offsets.ts'

export interface Mended {
  readonly tree: TypedStruct
  readonly steps: readonly RepairStep[]
}

export function mendSchema(tree: TypedStruct, footer: ParquetFooter, facts: SchemaFacts): Mended {
  const steps: RepairStep[] = []
  const step = (what: string): void => {
    steps.push({ code: 'PQ205', what, lossless: true })
  }
  let result = tree
  for (const { rowGroup, chunks } of facts.reordered) {
    result = replaceItem(result, 4, rowGroup, (group) => (isStruct(group) ? reorder(group, chunks) : group))
    step(`The column chunks of row group ${rowGroup} are listed in the order of the schema`)
  }
  const paths = elementPaths(tree)
  for (const { leaf, path } of facts.renamed) {
    const elements = paths[leaf] ?? []
    for (const [depth, name] of path.entries()) {
      const element = elements[depth]
      if (element === undefined || footer.leaves[leaf]?.path[depth] === name) continue
      result = replaceItem(result, 2, element, (item) => (isStruct(item) ? setField(item, 4, text(name)) : item))
    }
    step(`Column ${JSON.stringify(footer.leaves[leaf]?.path.join('.'))} is called ${path.join('.')}, as its data says`)
  }
  for (const { leaf, physicalType } of facts.retyped) {
    const element = paths[leaf]?.at(-1)
    if (element === undefined) continue
    result = replaceItem(result, 2, element, (item) => (isStruct(item) ? setField(item, 1, i32(physicalType)) : item))
    step(
      `Column ${footer.leaves[leaf]?.path.join('.') ?? ''} is ${PHYSICAL_NAMES[physicalType] ?? ''}, as its data says`,
    )
  }
  for (const { rowGroup, column } of facts.oddChunks) {
    const leaf = footer.leaves[column]
    if (leaf === undefined) continue
    result = replaceItem(result, 4, rowGroup, (group) =>
      isStruct(group)
        ? replaceItem(group, 1, column, (chunk) => (isStruct(chunk) ? nameChunk(chunk, leaf) : chunk))
        : group,
    )
    step(`Row group ${rowGroup} says again that its column ${column + 1} is ${leaf.path.join('.')}`)
  }
  return { tree: result, steps }
}

function reorder(group: TypedStruct, order: readonly number[]): TypedStruct {
  const chunks = itemsIn(group, 1)
  const sorted = order.flatMap((index) => chunks.slice(index, index + 1))
  return setField(group, 1, listField(TYPE.STRUCT, sorted))
}

function nameChunk(
  chunk: TypedStruct,
  leaf: { readonly path: readonly string[]; readonly physicalType: number },
): TypedStruct {
  const metadata = structIn(chunk, 3)
  if (metadata === undefined) return chunk
  return setField(
    chunk,
    3,
    structField(setField(setField(metadata, 1, i32(leaf.physicalType)), 3, textList(leaf.path))),
  )
}

/** A schema that cannot be read because a type in it does not exist: the chunks say which it is. */
export function mendUnknownTypes(tree: TypedStruct): TypedStruct {
  const types = new Map<number, number>()
  for (const group of itemsIn(tree, 4))
    for (const [index, chunk] of isStruct(group) ? itemsIn(group, 1).entries() : []) {
      const type = isStruct(chunk) ? structIn(chunk, 3)?.fields.get(1)?.value : undefined
      if (typeof type === 'number') types.set(index, types.has(index) && types.get(index) !== type ? -1 : type)
    }
  let leaf = -1
  return withItems(tree, 2, (element, index) => {
    if (index === 0 || element.fields.has(5)) return element
    leaf++
    const type = types.get(leaf)
    const own = element.fields.get(1)?.value
    const isUnknown = typeof own !== 'number' || own < 0 || own > 7
    return isUnknown && type !== undefined && type >= 0 && type <= 7 ? setField(element, 1, i32(type)) : element
  })
}
