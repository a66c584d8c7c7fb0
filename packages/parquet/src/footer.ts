import type { ColumnSchema } from '@tidegate/core'

/** What a Parquet footer says, as plain data. Offsets are from the start of the file, in bytes. */
export interface ParquetFooter {
  readonly version: number
  readonly rows: number
  readonly createdBy: string | undefined
  /** Columns of the table, types in the engine's spelling. */
  readonly columns: readonly ColumnSchema[]
  /** Columns as they are stored, in schema order. */
  readonly leaves: readonly LeafColumn[]
  /** All that the schema says, as text to compare; absent where other metadata have a say in how columns are read. */
  readonly schemaKey?: string | undefined
  readonly rowGroups: readonly RowGroup[]
  /** Keys of the key-value metadata. */
  readonly metadataKeys: readonly string[]
  /** The key-value metadata itself; absent: none was read. */
  readonly metadata?: readonly { readonly key: string; readonly value: Uint8Array | undefined }[] | undefined
  /** True when the file declares an encryption algorithm (plaintext footer). */
  readonly encrypted: boolean
  /** Where the footer's Thrift bytes begin and how many there are. */
  readonly footerOffset: number
  readonly footerBytes: number
  /** Bytes of the file after the closing PAR1 (0 in a sound file). */
  readonly trailingBytes: number
}

export interface LeafColumn {
  readonly path: readonly string[]
  readonly physicalType: number
  readonly typeLength: number | undefined
  readonly maxDefinitionLevel: number
  readonly maxRepetitionLevel: number
  /** An annotation that the physical type cannot carry, e.g. `DATE on BYTE_ARRAY`. */
  readonly illegalType: string | undefined
  /** How its values are ordered, where statistics can be checked; absent: unknown to us, or undefined by the format. */
  readonly order?: ValueOrder | undefined
  /** True for text (a string, an enum, JSON): its bytes should be UTF-8. Absent for all else. */
  readonly text?: true | undefined
}

/** `bytes`: unsigned, byte by byte. `decimal`: big-endian, signed. */
export type ValueOrder = 'bool' | 'i32' | 'u32' | 'i64' | 'u64' | 'f16' | 'f32' | 'f64' | 'bytes' | 'decimal'

export interface RowGroup {
  readonly rows: number
  readonly chunks: readonly ColumnChunk[]
}

export interface ColumnChunk {
  readonly path: readonly string[]
  readonly physicalType: number
  readonly codec: number
  readonly values: number
  readonly compressedBytes: number
  readonly uncompressedBytes?: number | undefined
  /** `Encoding` of parquet.thrift, of all pages and levels. */
  readonly encodings?: readonly number[] | undefined
  readonly dataPageOffset: number
  readonly dictionaryPageOffset: number | undefined
  /** First byte of the chunk: its dictionary page if it has one. */
  readonly start: number
  /** Exclusive. */
  readonly end: number
  readonly encrypted: boolean
  readonly filePath: string | undefined
  /** Byte ranges of the indexes and the bloom filter, [start, end). */
  readonly auxiliary: readonly (readonly [number, number])[]
  /** The same one by one: where each begins, and its length where the footer says it. */
  readonly indexes?: ChunkIndexes | undefined
  /** As they are stored. */
  readonly statistics?: ChunkStatistics | undefined
}

export interface ChunkIndexes {
  readonly offsetIndex: readonly [start: number, length: number | undefined] | undefined
  readonly columnIndex: readonly [start: number, length: number | undefined] | undefined
  readonly bloomFilter: readonly [start: number, length: number | undefined] | undefined
}

export interface ChunkStatistics {
  readonly nulls: number | undefined
  readonly distinct: number | undefined
  readonly min: Uint8Array | undefined
  readonly max: Uint8Array | undefined
  /** The deprecated bounds: of texts and unsigned numbers writers ordered them in different ways. */
  readonly oldMin: Uint8Array | undefined
  readonly oldMax: Uint8Array | undefined
}
