import { open } from 'node:fs/promises'

import { closeFile } from '../../assemble/footer-builder.ts'
import { readFooter } from '../../read-footer.ts'
import { openSource } from '../../source/open-source.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { dropFields, replaceItem, setField } from '../../thrift/patch-thrift.ts'
import { i32, isStruct, itemsIn, structIn, TYPE, type TypedStruct, type TypedValue } from '../../thrift/thrift-value.ts'
import { writeError } from '../write-error.ts'
import { writeFully } from '../write-pieces.ts'
import type { TopColumn } from './top-columns.ts'

const FIXED_LENGTH = 7
const INT96_BYTES = 12

export async function readTree(path: string): Promise<{ readonly tree: TypedStruct; readonly footerOffset: number }> {
  const source = await openSource({ path })
  try {
    const outcome = await readFooter(source)
    if (outcome.kind === 'bad') throw new Error('the patched file has no footer')
    const { footerOffset, footerBytes } = outcome.footer
    return { tree: parseThrift(await source.read(footerOffset, footerBytes)).struct, footerOffset }
  } finally {
    await source.close()
  }
}

/**
 * Changes the footer of a temp file of ours so that these columns are read as the bytes or numbers that are stored: texts as
 * binary, timestamps and dates as integers, INT96 as twelve bytes. No value changes; their statistics go.
 */
export async function showAsRaw(path: string, columns: readonly TopColumn[]): Promise<void> {
  const { tree, footerOffset } = await readTree(path)
  const out = await open(path, 'r+')
  try {
    const end = closeFile(asRaw(tree, columns))
    await out.truncate(footerOffset)
    await writeFully(out, end, footerOffset)
  } catch (error) {
    throw writeError(path, error)
  } finally {
    await out.close()
  }
}

export function asRaw(footer: TypedStruct, columns: readonly TopColumn[]): TypedStruct {
  let raw = footer
  for (const { element, kind } of columns)
    raw = replaceItem(raw, 2, element, (item) => {
      if (!isStruct(item)) return item
      const bare = dropFields(item, 6, 10)
      return kind === 'int96' ? setField(setField(bare, 1, i32(FIXED_LENGTH)), 2, i32(INT96_BYTES)) : bare
    })
  const leaves = new Map(columns.map(({ leaf, kind }) => [leaf, kind]))
  const groups = itemsIn(raw, 4).map((group) => (isStruct(group) ? rawGroup(group, leaves) : group))
  const orders = new Set(columns.filter(({ kind }) => kind !== 'other').map(({ leaf }) => leaf))
  const withGroups = setField(raw, 4, {
    type: TYPE.LIST,
    value: { kind: 'list', elementType: TYPE.STRUCT, items: groups },
  })
  return orders.size === 0 ? withGroups : dropFields(withGroups, 7)
}

function rawGroup(group: TypedStruct, leaves: ReadonlyMap<number, TopColumn['kind']>): TypedStruct {
  const chunks = itemsIn(group, 1).map((chunk, leaf): TypedValue => {
    const kind = leaves.get(leaf)
    const meta = isStruct(chunk) ? structIn(chunk, 3) : undefined
    if (kind === undefined || !isStruct(chunk) || meta === undefined) return chunk
    const bare = dropFields(meta, 12)
    const value = kind === 'int96' ? setField(bare, 1, i32(FIXED_LENGTH)) : bare
    return setField(chunk, 3, { type: TYPE.STRUCT, value })
  })
  return setField(group, 1, { type: TYPE.LIST, value: { kind: 'list', elementType: TYPE.STRUCT, items: chunks } })
}
