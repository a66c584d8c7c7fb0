/** The footer of a file whose pages were assembled, damaged column chunks included: a plan of pages looks after those. */
import type { AssembledChunk, AssembledGroup } from '../../assemble/assemble-chunks.ts'
import { groupEnd } from '../../assemble/assemble-file.ts'
import { buildChunk, buildFooter, buildRowGroup } from '../../assemble/footer-builder.ts'
import type { LeafColumn } from '../../footer.ts'
import { pageEnd, type Page } from '../../pages/page.ts'
import {
  i16,
  i32,
  i64,
  integerIn,
  isStruct,
  listField,
  struct,
  structField,
  structIn,
  textList,
  TYPE,
  type TypedStruct,
} from '../../thrift/thrift-value.ts'
import type { Assessment } from './assess-schema.ts'

/** With `groups` as row groups after those that the footer's remains list. */
export function rebuildFooter({ named, assembly }: Assessment, groups: readonly AssembledGroup[]): TypedStruct {
  const { schema } = named
  const own = schema.ownGroups ?? []
  const codecs = schema.leaves.map((_, leaf) => codecOf(assembly.groups, leaf) ?? schema.codecs?.[leaf] ?? 0)
  const built = groups.map((group, index) => {
    if (group.kind === 'full' && group.rows !== undefined)
      return buildRowGroup({ rows: group.rows, chunks: group.chunks.map(toPages) }, own.length + index)
    const before = assembly.groups[assembly.groups.indexOf(group) - 1]
    const start = before === undefined ? Math.max(4, ...own.map(groupEnd)) : endOf(before)
    return buildDamagedGroup(group, { start, codecs, index: own.length + index, leaves: schema.leaves })
  })
  return buildFooter({
    schema: schema.elements,
    keyValues: schema.keyValues,
    createdBy: schema.createdBy,
    rowGroups: [...own, ...built],
    ...(schema.version === undefined ? {} : { version: schema.version }),
  })
}

function codecOf(groups: readonly AssembledGroup[], leaf: number): number | undefined {
  return groups.find(({ kind }) => kind === 'full')?.chunks[leaf]?.codec
}

function toPages({ leaf, codec, pages }: AssembledChunk): Parameters<typeof buildChunk>[0] {
  return { path: leaf.path, physicalType: leaf.physicalType, codec, pages }
}

function endOf({ chunks, open, later, spanEnd }: AssembledGroup): number {
  const pages = [...chunks, ...(open === undefined ? [] : [open]), ...later].flatMap((chunk) => chunk.pages)
  return Math.max(spanEnd ?? 0, ...pages.slice(-1).map(pageEnd))
}

interface Place {
  /** Where the group begins if no page of its first column is known. */
  readonly start: number
  readonly codecs: readonly number[]
  readonly index: number
  readonly leaves: readonly LeafColumn[]
}

/**
 * The bytes of a single damaged column are known on both sides. Of several only the pages before the damage are: all else of
 * them is an empty chunk, which a plan of pages fills with NULL.
 */
function buildDamagedGroup(group: AssembledGroup, { start, codecs, index, leaves }: Place): TypedStruct {
  const { chunks, missing, later, open, spanEnd, rows = 0 } = group
  const before = chunks.at(-1)?.pages.at(-1)
  const first = open?.pages[0]?.offset ?? (before === undefined ? start : pageEnd(before))
  const damaged = missing.map((leaf, at) => {
    const isOpen = at === 0 && open !== undefined
    const last = isOpen ? open.pages.at(-1) : undefined
    const end =
      at > 0
        ? first
        : missing.length === 1 && spanEnd !== undefined
          ? spanEnd
          : last === undefined
            ? first
            : pageEnd(last)
    const codec = (isOpen ? open.codec : undefined) ?? codecs[leaves.indexOf(leaf)] ?? 0
    return damagedChunk(leaf, { codec, rows, start: first, end: Math.max(first, end), pages: isOpen ? open.pages : [] })
  })
  const items = [
    ...chunks.map((chunk) => buildChunk(toPages(chunk))),
    ...damaged,
    ...later.map((chunk) => buildChunk(toPages(chunk))),
  ]
  const sum = (id: number): number => items.reduce((total, item) => total + (integerIn(metaOf(item), id) ?? 0), 0)
  return struct({
    1: listField(TYPE.STRUCT, items),
    2: i64(sum(6)),
    3: i64(rows),
    6: i64(sum(7)),
    7: index > 0x7f_ff ? undefined : i16(index),
  })
}

function metaOf(chunk: TypedStruct): TypedStruct {
  const meta = structIn(chunk, 3)
  return isStruct(meta) ? meta : chunk
}

function damagedChunk(
  leaf: LeafColumn,
  span: {
    readonly codec: number
    readonly rows: number
    readonly start: number
    readonly end: number
    readonly pages: readonly Page[]
  },
): TypedStruct {
  const { codec, rows, start, end, pages } = span
  const dictionary = pages[0]?.kind === 'dictionary' ? pages[0] : undefined
  const data = pages.find(({ kind }) => kind !== 'dictionary')
  return struct({
    2: i64(0),
    3: structField({
      1: i32(leaf.physicalType),
      2: listField(TYPE.I32, [0, 3]),
      3: textList(leaf.path),
      4: i32(codec),
      5: i64(rows),
      6: i64(end - start),
      7: i64(end - start),
      9: i64(data?.offset ?? (dictionary === undefined ? start : pageEnd(dictionary))),
      11: dictionary === undefined ? undefined : i64(dictionary.offset),
    }),
  })
}
