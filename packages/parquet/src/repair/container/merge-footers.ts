/** One footer for files of one schema that stand behind each other. Field numbers are those of parquet.thrift. */
import type { ByteSource } from '@tidegate/core'

import { closeFile } from '../../assemble/footer-builder.ts'
import type { FooterSite } from '../../diagnose/container/footer-site.ts'
import { ThriftError } from '../../read-thrift.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { dropFields, setField } from '../../thrift/patch-thrift.ts'
import {
  i16,
  i64,
  integerIn,
  isStruct,
  itemsIn,
  listField,
  TYPE,
  type TypedStruct,
  type TypedValue,
} from '../../thrift/thrift-value.ts'
import { writeThrift } from '../../thrift/write-thrift.ts'
import { shiftRowGroup, withItems } from '../footer/shift-offsets.ts'
import type { RepairStep } from '../plan.ts'

export interface Part {
  readonly start: number
  readonly end: number
  readonly site: FooterSite
}

export type MergedFooter =
  | {
      readonly kind: 'merged'
      /** What is to be written behind the last of the parts: indexes, the footer, its length, PAR1. */
      readonly bytes: Uint8Array
      readonly rows: number
      readonly steps: readonly RepairStep[]
    }
  | { readonly kind: 'refused'; readonly because: string }

/** A page index above this is left out rather than written anew. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024
const ORDINAL = 7

/** `parts` follow each other without a gap, in the new file. */
export async function mergeFooters(
  source: ByteSource,
  parts: readonly Part[],
  signal?: AbortSignal,
): Promise<MergedFooter> {
  const trees = parts.map(({ site }) => parseThrift(site.bytes).struct)
  const [first] = trees
  if (first === undefined) return { kind: 'refused', because: 'there is no footer' }
  const end = parts.reduce((sum, part) => sum + part.end - part.start, 0)
  const indexes: Indexes = { parts: [], at: end, left: MAX_INDEX_BYTES, dropped: 0 }
  const groups: TypedStruct[] = []
  let base = 0
  for (const [index, part] of parts.entries()) {
    for (const item of itemsIn(trees[index] ?? first, 4)) {
      if (!isStruct(item)) continue
      signal?.throwIfAborted()
      const group =
        base === 0 ? item : await moveIndexes(source, part, shiftRowGroup(item, { delta: base }), base, indexes)
      groups.push(renumber(group, groups.length))
    }
    base += part.end - part.start
  }
  const rows = groups.reduce((sum, group) => sum + (integerIn(group, 3) ?? 0), 0)
  const keyValues = commonKeyValues(trees)
  let merged = setField(setField(first, 3, i64(rows)), 4, listField(TYPE.STRUCT, groups))
  merged =
    keyValues.kept.length === 0 ? dropFields(merged, 5) : setField(merged, 5, listField(TYPE.STRUCT, keyValues.kept))
  if (!haveSame(trees, 7)) merged = dropFields(merged, 7)
  return {
    kind: 'merged',
    bytes: Buffer.concat([...indexes.parts, closeFile(merged)]),
    rows,
    steps: leftOut(keyValues.dropped, indexes.dropped),
  }
}

interface Indexes {
  readonly parts: Uint8Array[]
  /** Where the next one will stand. */
  at: number
  left: number
  dropped: number
}

/** An offset index says where in the file pages are: it is written anew. A column index says nothing of places. */
async function moveIndexes(
  source: ByteSource,
  part: Part,
  group: TypedStruct,
  base: number,
  indexes: Indexes,
): Promise<TypedStruct> {
  const moved: TypedStruct[] = []
  for (const chunk of itemsIn(group, 1)) {
    if (!isStruct(chunk)) continue
    const offset = integerIn(chunk, 4)
    const length = integerIn(chunk, 5)
    if (offset === undefined || length === undefined) {
      moved.push(chunk)
      continue
    }
    const bytes = await movedIndex(source, part.start + offset - base, length, base, indexes.left)
    if (bytes === undefined) {
      indexes.dropped++
      moved.push(dropFields(chunk, 4, 5, 6, 7))
      continue
    }
    moved.push(setField(setField(chunk, 4, i64(indexes.at)), 5, { type: TYPE.I32, value: bytes.length }))
    indexes.parts.push(bytes)
    indexes.at += bytes.length
    indexes.left -= bytes.length
  }
  return setField(group, 1, listField(TYPE.STRUCT, moved))
}

/** Undefined where it cannot be read. */
async function movedIndex(
  source: ByteSource,
  offset: number,
  length: number,
  base: number,
  left: number,
): Promise<Uint8Array | undefined> {
  if (offset < 0 || length <= 0 || length > left || offset + length > source.sizeBytes) return undefined
  try {
    const { struct, end } = parseThrift(await source.read(offset, length))
    if (end !== length) return undefined
    return writeThrift(withItems(struct, 1, (place) => setField(place, 1, i64((integerIn(place, 1) ?? 0) + base))))
  } catch (error) {
    if (error instanceof ThriftError) return undefined
    throw error
  }
}

function renumber(group: TypedStruct, index: number): TypedStruct {
  if (!group.fields.has(ORDINAL)) return group
  return index > 0x7f_ff ? dropFields(group, ORDINAL) : setField(group, ORDINAL, i16(index))
}

/** What all files say. What only some say, or in other words, may not be true of all. */
function commonKeyValues(trees: readonly TypedStruct[]): {
  readonly kept: readonly TypedValue[]
  readonly dropped: number
} {
  const sets = trees.map((tree) => new Set(itemsIn(tree, 5).map(keyOf)))
  const [first] = trees
  const all = new Set(sets.flatMap((set) => [...set]))
  const kept = first === undefined ? [] : itemsIn(first, 5).filter((item) => sets.every((set) => set.has(keyOf(item))))
  return { kept, dropped: all.size - new Set(kept.map(keyOf)).size }
}

function keyOf(item: TypedValue): string {
  return isStruct(item) ? Buffer.from(writeThrift(item)).toString('latin1') : ''
}

/** The orders of the columns, by which statistics are read. */
function haveSame(trees: readonly TypedStruct[], id: number): boolean {
  const keys = trees.map((tree) => itemsIn(tree, id).map(keyOf).join('\u0000'))
  return keys.every((key) => key === keys[0])
}

function leftOut(keyValues: number, indexes: number): RepairStep[] {
  const steps: RepairStep[] = []
  if (keyValues > 0)
    steps.push({
      code: 'PQ109',
      what: `${keyValues} entries of metadata that differ between the files are left out`,
      lossless: true,
    })
  if (indexes > 0)
    steps.push({ code: 'PQ109', what: `The page indexes of ${indexes} column chunks are left out`, lossless: true })
  return steps
}
