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
  readonly rowGroups: readonly RowGroup[]
  /** Keys of the key-value metadata. */
  readonly metadataKeys: readonly string[]
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
  /** True for text (a string, an enum, JSON): its bytes should be UTF-8. Absent for all else. */
  readonly text?: true | undefined
}

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
}
