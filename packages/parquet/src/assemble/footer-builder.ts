/** Builds and patches FileMetaData. Field numbers are those of parquet.thrift. */
import type { Page } from '../pages/page.ts'
import { dropFields, replaceItem, setField } from '../thrift/patch-thrift.ts'
import { ThriftError } from '../read-thrift.ts'
import {
  i16,
  i32,
  i64,
  isStruct,
  listField,
  structField,
  struct,
  structIn,
  text,
  textIn,
  textList,
  TYPE,
  type TypedStruct,
  type TypedValue,
} from '../thrift/thrift-value.ts'
import { writeThrift } from '../thrift/write-thrift.ts'

/** A column chunk to be: pages that follow each other without a gap. */
export interface ChunkPages {
  readonly path: readonly string[]
  readonly physicalType: number
  readonly codec: number
  /** In file order; a dictionary page can only be the first. */
  readonly pages: readonly Page[]
}

export interface RowGroupPages {
  readonly rows: number
  readonly chunks: readonly ChunkPages[]
}

export interface NewFooter {
  /** Schema elements as they stand in a footer. */
  readonly schema: readonly TypedValue[]
  /** @defaultValue 1 */
  readonly version?: number
  /** Whole structs taken from elsewhere, or groups to be described. */
  readonly rowGroups: readonly (RowGroupPages | TypedStruct)[]
  /** Key-value metadata to keep: only where the schema is the file's own or unchanged. */
  readonly keyValues?: readonly TypedValue[] | undefined
  /** Of the original; it stays visible in ours. */
  readonly createdBy?: string | undefined
}

const RLE = 3

/** A footer without statistics: what the pages say, and nothing that was not looked at. */
export function buildFooter(footer: NewFooter): TypedStruct {
  const groups = footer.rowGroups.map((group, index) => (isStruct(group) ? group : buildRowGroup(group, index)))
  const rows = groups.reduce((sum, group) => sum + rowsOf(group), 0)
  return struct({
    1: i32(footer.version ?? 1),
    2: listField(TYPE.STRUCT, footer.schema),
    3: i64(rows),
    4: listField(TYPE.STRUCT, groups),
    5:
      footer.keyValues === undefined || footer.keyValues.length === 0
        ? undefined
        : listField(TYPE.STRUCT, footer.keyValues),
    6: text(createdBy(footer.createdBy)),
  })
}

/** Says who wrote the footer; readers look for the original's name to work around its faults, so that comes first. */
export function createdBy(original: string | undefined): string {
  if (original === undefined || original === '') return 'Tidegate (footer rebuilt)'
  return original.includes('Tidegate') ? original : `${original}, footer rebuilt by Tidegate`
}

/** The bytes that close a file: footer, its length, and PAR1. */
export function closeFile(footer: TypedStruct): Uint8Array {
  const bytes = writeThrift(footer)
  const end = Buffer.alloc(8, 'PAR1')
  end.writeUInt32LE(bytes.length, 0)
  end.write('PAR1', 4, 'latin1')
  return Buffer.concat([bytes, end])
}

export function buildRowGroup({ rows, chunks }: RowGroupPages, index: number): TypedStruct {
  const sizes = chunks.map(({ pages }) => chunkSizes(pages))
  const [first] = chunks[0]?.pages ?? []
  return struct({
    1: listField(TYPE.STRUCT, chunks.map(buildChunk)),
    2: i64(sizes.reduce((sum, { uncompressed }) => sum + uncompressed, 0)),
    3: i64(rows),
    5: first === undefined ? undefined : i64(first.offset),
    6: i64(sizes.reduce((sum, { compressed }) => sum + compressed, 0)),
    7: index > 0x7f_ff ? undefined : i16(index),
  })
}

/** A ColumnChunk. Throws {@link ThriftError} for a chunk that has no data page. */
export function buildChunk(chunk: ChunkPages): TypedStruct {
  const data = chunk.pages.filter(({ kind }) => kind === 'data-v1' || kind === 'data-v2')
  const dictionary = chunk.pages.find(({ kind }) => kind === 'dictionary')
  const [first] = data
  if (first === undefined) throw new ThriftError('invalid', `column ${chunk.path.join('.')} has no data page`, 0)
  const { compressed, uncompressed } = chunkSizes(chunk.pages)
  return struct({
    // Deprecated, and 0 by the format's advice for writers.
    2: i64(0),
    3: structField({
      1: i32(chunk.physicalType),
      2: listField(TYPE.I32, encodingsOf(chunk.pages)),
      3: textList(chunk.path),
      4: i32(chunk.codec),
      5: i64(data.reduce((sum, page) => sum + page.values, 0)),
      6: i64(uncompressed),
      7: i64(compressed),
      9: i64(first.offset),
      11: dictionary === undefined ? undefined : i64(dictionary.offset),
    }),
  })
}

/** With the headers, as the format counts them. */
function chunkSizes(pages: readonly Page[]): { readonly compressed: number; readonly uncompressed: number } {
  return {
    compressed: pages.reduce((sum, page) => sum + page.headerBytes + page.compressedBytes, 0),
    uncompressed: pages.reduce((sum, page) => sum + page.headerBytes + page.uncompressedBytes, 0),
  }
}

function encodingsOf(pages: readonly Page[]): number[] {
  const used = new Set<number>()
  for (const page of pages) {
    used.add(page.encoding)
    if (page.kind === 'dictionary') continue
    // Levels of V2 pages are always RLE.
    used.add(page.definitionEncoding ?? RLE)
    used.add(page.repetitionEncoding ?? RLE)
  }
  return [...used].toSorted((left, right) => left - right)
}

function rowsOf(group: TypedStruct): number {
  const rows = group.fields.get(3)?.value
  return typeof rows === 'bigint' ? Number(rows) : 0
}

export interface ChunkPatch {
  readonly rowGroup: number
  readonly column: number
  readonly chunk: ChunkPages
}

/**
 * A copy of a footer in which one chunk is made of other pages. Everything that was derived from its old values goes:
 * statistics, bloom filter, page index, encoding and size statistics; sums of the row group are corrected. All else stays
 * as it was. Throws {@link ThriftError} if there is no such chunk.
 */
export function patchChunk(footer: TypedStruct, { rowGroup, column, chunk }: ChunkPatch): TypedStruct {
  return replaceItem(markPatched(footer), 4, rowGroup, (group) =>
    isStruct(group) ? patchRowGroup(group, column, chunk) : group,
  )
}

function markPatched(footer: TypedStruct): TypedStruct {
  return setField(footer, 6, text(createdBy(textIn(footer, 6))))
}

const CHUNK_INDEXES = [4, 5, 6, 7] as const

function patchRowGroup(group: TypedStruct, column: number, chunk: ChunkPages): TypedStruct {
  let uncompressedChange = 0
  let compressedChange = 0
  const patched = replaceItem(group, 1, column, (item) => {
    if (!isStruct(item)) return item
    const old = structIn(item, 3)
    const fresh = structIn(buildChunk(chunk), 3)
    if (old === undefined || fresh === undefined) return item
    uncompressedChange = longIn(fresh, 6) - longIn(old, 6)
    compressedChange = longIn(fresh, 7) - longIn(old, 7)
    // Key-value metadata of the chunk (8) says nothing of its values.
    const kept = old.fields.get(8)
    return setField(
      dropFields(item, ...CHUNK_INDEXES),
      3,
      structField(kept === undefined ? fresh : setField(fresh, 8, kept)),
    )
  })
  const sized = setField(patched, 2, i64(longIn(group, 2) + uncompressedChange))
  const total = group.fields.has(6) ? setField(sized, 6, i64(longIn(group, 6) + compressedChange)) : sized
  // Rows are promised to be sorted by columns whose values may be NULL now.
  return dropFields(total, 4)
}

function longIn(from: TypedStruct, id: number): number {
  const value = from.fields.get(id)?.value
  return typeof value === 'bigint' ? Number(value) : 0
}
