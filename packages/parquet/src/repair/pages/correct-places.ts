import type { Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import { dropFields, setField } from '../../thrift/patch-thrift.ts'
import { i64, integerIn, isList, isStruct, structField, structIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import type { RepairStep } from '../plan.ts'
import type { LocatedChunks } from './locate-chunks.ts'
import type { PagesInput } from './plan-pages.ts'

const INDEXES = [4, 5, 6, 7] as const
const BLOOM_FILTER = [14, 15] as const
/** Of the first data page, the index page, the dictionary. */
const PAGE_OFFSETS = [9, 10, 11] as const

/**
 * Offsets of the chunks that lie behind a place where bytes are missing or too many. Indexes and bloom filters are left
 * out of the whole footer: they lie behind the place, and hold offsets themselves.
 */
export function correctPlaces(from: PagesInput, { delta, movedFrom, footer }: LocatedChunks): PagesInput {
  if (delta === 0) return { ...from, footer }
  const field = from.tree.fields.get(4)
  if (field === undefined || !isList(field.value)) return from
  const groups = field.value.items.map((group) => (isStruct(group) ? correctGroup(group, movedFrom, delta) : group))
  const tree = setField(from.tree, 4, { type: field.type, value: { ...field.value, items: groups } })
  const step: RepairStep = {
    code: 'PQ115',
    what: `offsets behind byte ${movedFrom} are corrected by ${delta}`,
    lossless: true,
  }
  return { footer, tree, steps: [...from.steps, step] }
}

/** Offsets of chunks whose first page is at `movedFrom` or behind it; `movedFrom` is a place of the damaged file. */
function correctGroup(group: TypedStruct, movedFrom: number, delta: number): TypedStruct {
  const field = group.fields.get(1)
  if (field === undefined || !isList(field.value)) return group
  const chunks = field.value.items.map((chunk) => (isStruct(chunk) ? correctChunk(chunk, movedFrom, delta) : chunk))
  const corrected = setField(group, 1, { type: field.type, value: { ...field.value, items: chunks } })
  return movedField(corrected, 5, movedFrom, delta)
}

function correctChunk(chunk: TypedStruct, movedFrom: number, delta: number): TypedStruct {
  const bare = movedField(dropFields(chunk, ...INDEXES), 2, movedFrom, delta)
  const meta = structIn(bare, 3)
  if (meta === undefined) return bare
  const corrected = PAGE_OFFSETS.reduce(
    (struct, id) => movedField(struct, id, movedFrom, delta),
    dropFields(meta, ...BLOOM_FILTER),
  )
  return setField(bare, 3, structField(corrected))
}

function movedField(struct: TypedStruct, id: number, movedFrom: number, delta: number): TypedStruct {
  const offset = integerIn(struct, id)
  return offset === undefined || offset === 0 || offset + delta < movedFrom
    ? struct
    : setField(struct, id, i64(offset + delta))
}

export function placeFindings({ delta, movedFrom }: LocatedChunks): Finding[] {
  if (delta === 0) return []
  const bytes = `${Math.abs(delta).toLocaleString('en-US')} bytes`
  return [
    finding('PQ115', `${bytes} are ${delta < 0 ? 'missing' : 'too many'} before byte ${movedFrom}.`, {
      repairable: 'lossy',
      where: { offset: movedFrom },
      evidence: { offset: movedFrom, delta },
    }),
  ]
}
