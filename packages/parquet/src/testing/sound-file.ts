import type { Layout } from './layout.ts'

export type Writer = 'duckdb' | 'arrow-rs' | 'hyparquet-writer'
export type Codec = 'none' | 'snappy' | 'gzip' | 'zstd' | 'lz4_raw' | 'brotli'
export type Shape = 'flat' | 'nested' | 'list' | 'map' | 'one' | 'three' | 'wide' | 'required'

/** How a file is to be written. */
export interface SoundSpec {
  readonly writer: Writer
  readonly codec: Codec
  readonly shape: Shape
  /** Version of the data pages. DuckDB's V2 means newer encodings in V1 pages; hyparquet-writer has only V2 pages. */
  readonly pages: 1 | 2
  readonly dictionary: boolean
  /** Several data pages per chunk where the writer can (not DuckDB). */
  readonly smallPages: boolean
  /** Page CRCs put in afterwards: none of these writers has them. */
  readonly checksums: boolean
}

/** A file that every reader accepts, with its byte map. */
export interface SoundFile {
  readonly name: string
  readonly spec: SoundSpec
  readonly bytes: Uint8Array
  readonly layout: Layout
}
