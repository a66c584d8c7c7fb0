/**
 * Older writers (parquet-cpp up to 17, Impala, parquet-rs below 53, Polars) put the ColumnMetaData of a chunk, bare or
 * inside a ColumnChunk, behind its last page. Without a footer it tells which column the pages belong to.
 */
import { readThriftStruct, ThriftError } from '../read-thrift.ts'
import { FieldError, readFields, type Fields } from '../thrift-fields.ts'

export interface InlineMetadata {
  /** Bytes it takes. */
  readonly length: number
  readonly path: readonly string[]
  readonly physicalType: number
  readonly codec: number
  /** Values of the chunk, with the NULLs. Its offsets are left out: some writers gave them from another origin. */
  readonly values: number
}

export type InlineMetadataOutcome =
  | { readonly kind: 'metadata'; readonly metadata: InlineMetadata }
  | { readonly kind: 'none'; readonly truncated: boolean }

/** Never throws. */
export function readInlineMetadata(bytes: Uint8Array, at = 0): InlineMetadataOutcome {
  if (!mayBegin(bytes, at)) return { kind: 'none', truncated: false }
  try {
    const { struct, end } = readThriftStruct(bytes.subarray(at))
    const outer = readFields(struct)
    const meta = outer.has(5) ? outer : outer.struct(3)
    return { kind: 'metadata', metadata: { length: end, ...decode(meta) } }
  } catch (error) {
    if (error instanceof ThriftError) return { kind: 'none', truncated: error.reason === 'truncated' }
    if (error instanceof FieldError) return { kind: 'none', truncated: false }
    throw error
  }
}

function decode(meta: Fields): Omit<InlineMetadata, 'length'> {
  const [path, physicalType, codec] = [meta.textList(3), meta.int(1), meta.int(4)]
  meta.list(2)
  meta.long(9)
  if (path.length === 0 || physicalType < 0 || physicalType > 7 || codec < 0 || codec > 7)
    throw new FieldError('it is no column metadata')
  return { path, physicalType, codec, values: meta.long(5) }
}

/** ColumnMetaData: a type 0 to 7, then a list. ColumnChunk: an offset, or a path before it. */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]
  if (first === 0x15) return (bytes[at + 1] ?? 255) <= 14 && bytes[at + 2] === 0x19
  return first === 0x26 || first === 0x18
}
