/** A page as its header describes it. Offsets are from the start of the file, in bytes. */
export interface Page {
  /** Of the header. */
  readonly offset: number
  readonly headerBytes: number
  readonly kind: 'data-v1' | 'data-v2' | 'dictionary' | 'index'
  /** Of the body, as it is stored. */
  readonly compressedBytes: number
  readonly uncompressedBytes: number
  /** With the NULLs; of a dictionary its entries. */
  readonly values: number
  /** `Encoding` of parquet.thrift. */
  readonly encoding: number
  /** V1 only. */
  readonly definitionEncoding: number | undefined
  readonly repetitionEncoding: number | undefined
  readonly v2: PageV2 | undefined
  /** CRC-32 of the stored body, where the writer gave one. Unsigned. */
  readonly crc: number | undefined
}

export interface PageV2 {
  /** Not to be trusted for nested columns: parquet-cpp 8 wrote the number of values. */
  readonly rows: number
  readonly nulls: number
  readonly definitionBytes: number
  readonly repetitionBytes: number
  readonly compressed: boolean
}

/** What a walk over bytes meets, in order. Together the items cover the range without overlap. */
export type WalkItem =
  | { readonly kind: 'page'; readonly page: Page }
  /** Bytes that are no page: padding, indexes, damage. */
  | Gap

export interface Gap {
  readonly kind: 'gap'
  readonly offset: number
  readonly length: number
  readonly because: GapReason
  /** `page-cut`, `page-size`: what the header at `offset` claims; its body is not all there or its size is wrong. */
  readonly claimed?: Page | undefined
}

/**
 * `zeros`: a run of zero bytes. `column-metadata`: what some writers put after each chunk. `page-cut`: the body of a page
 * goes on after the end of the range. `page-size`: a page header whose size swallows the pages that follow it.
 * `no-header`: nothing that is known. `limit`: more pages than allowed, the rest was not looked at.
 */
export type GapReason = 'zeros' | 'column-metadata' | 'page-cut' | 'page-size' | 'no-header' | 'limit'

/** Exclusive end of a page's body. */
export function pageEnd(page: Page): number {
  return page.offset + page.headerBytes + page.compressedBytes
}
