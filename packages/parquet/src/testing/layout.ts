/**
 * The byte map of a sound file. It comes from hyparquet's reading of footer and page headers, not from the package's own:
 * what is expected of our reader must not depend on it.
 */
import { parquetMetadata, type SchemaElement, type SchemaTree } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage, readDataPage } from 'hyparquet/src/datapage.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getSchemaPath } from 'hyparquet/src/schema.js'
import { compressors } from 'hyparquet-compressors'

import type { ByteRange } from './splices.ts'

export interface Layout {
  readonly sizeBytes: number
  readonly rows: number
  readonly leaves: readonly LeafMap[]
  readonly rowGroups: readonly RowGroupMap[]
  /** Column and offset indexes, and bloom filters, wherever they lie. */
  readonly columnIndexes: readonly ByteRange[]
  readonly offsetIndexes: readonly ByteRange[]
  readonly bloomFilters: readonly ByteRange[]
  /** From the first to the last byte of pages. */
  readonly data: ByteRange
  readonly footer: ByteRange
  readonly lengthField: ByteRange
  readonly tailMagic: ByteRange
}

export interface LeafMap {
  readonly path: readonly string[]
  readonly physicalType: string
  /** What hyparquet reads of the leaf's schema element. */
  readonly element: SchemaElement
  readonly maxDefinitionLevel: number
  readonly maxRepetitionLevel: number
}

export interface RowGroupMap {
  readonly rows: number
  /** Ordinal of its first row in the file. */
  readonly firstRow: number
  readonly chunks: readonly ChunkMap[]
}

export interface ChunkMap {
  readonly rowGroup: number
  /** Position among the leaves. */
  readonly leaf: number
  readonly codec: string
  readonly range: ByteRange
  /** In order; a dictionary comes first. */
  readonly pages: readonly PageMap[]
}

export interface PageMap {
  readonly rowGroup: number
  readonly leaf: number
  /** Position in the chunk. */
  readonly page: number
  readonly kind: 'dictionary' | 'data-v1' | 'data-v2'
  readonly header: ByteRange
  readonly body: ByteRange
  /** Levels and values apart, where the stored bytes show the border (V2, and V1 without compression). */
  readonly levels: ByteRange | undefined
  readonly payload: ByteRange | undefined
  readonly encoding: string
  readonly usesDictionary: boolean
  readonly uncompressedBytes: number
  readonly values: number
  readonly crc: number | undefined
  /** Rows of the row group that the page holds; none of a dictionary. */
  readonly rows: ByteRange
}

/** @throws if the file is not sound: rows that do not add up, chunks that do not end with a page */
export function layoutOf(bytes: Uint8Array): Layout {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = parquetMetadata(buffer)
  const footerBytes = new DataView(buffer).getUint32(bytes.length - 8, true)
  const indexRanges: Record<'column' | 'offset' | 'bloom', ByteRange[]> = { column: [], offset: [], bloom: [] }
  const paths = (metadata.row_groups[0]?.columns ?? []).map((column) => column.meta_data?.path_in_schema ?? [])
  const schemaPaths = paths.map((path) => getSchemaPath(metadata.schema, path))
  let firstRow = 0
  const rowGroups = metadata.row_groups.map((group, rowGroup): RowGroupMap => {
    const rows = Number(group.num_rows)
    const chunks = group.columns.map((column, leaf): ChunkMap => {
      addRange(indexRanges.column, column.column_index_offset, column.column_index_length)
      addRange(indexRanges.offset, column.offset_index_offset, column.offset_index_length)
      const meta = column.meta_data
      if (meta === undefined) throw new Error('a column chunk has no metadata')
      addRange(indexRanges.bloom, meta.bloom_filter_offset, meta.bloom_filter_length)
      const dictionary = Number(meta.dictionary_page_offset ?? 0n)
      const start = dictionary > 0 ? Math.min(dictionary, Number(meta.data_page_offset)) : Number(meta.data_page_offset)
      const range: ByteRange = [start, start + Number(meta.total_compressed_size)]
      const schemaPath = schemaPaths[leaf] as SchemaTree[]
      const pages = pagesOf({ buffer, rowGroup, leaf, range, rows, codec: meta.codec, schemaPath })
      return { rowGroup, leaf, codec: meta.codec, range, pages }
    })
    const map = { rows, firstRow, chunks }
    firstRow += rows
    return map
  })
  const ranges = rowGroups.flatMap(({ chunks }) => chunks.map(({ range }) => range))
  return {
    sizeBytes: bytes.length,
    rows: Number(metadata.num_rows),
    leaves: schemaPaths.map((path, leaf) => ({
      path: paths[leaf] ?? [],
      physicalType: path.at(-1)?.element.type ?? '',
      element: (path.at(-1) as SchemaTree).element,
      maxDefinitionLevel: getMaxDefinitionLevel(path),
      maxRepetitionLevel: getMaxRepetitionLevel(path),
    })),
    rowGroups,
    columnIndexes: indexRanges.column,
    offsetIndexes: indexRanges.offset,
    bloomFilters: indexRanges.bloom,
    data: [Math.min(...ranges.map(([start]) => start)), Math.max(...ranges.map(([, end]) => end))],
    footer: [bytes.length - 8 - footerBytes, bytes.length - 8],
    lengthField: [bytes.length - 8, bytes.length - 4],
    tailMagic: [bytes.length - 4, bytes.length],
  }
}

function addRange(ranges: ByteRange[], offset: bigint | undefined, length: number | undefined): void {
  if (offset === undefined || offset === 0n) return
  ranges.push([Number(offset), Number(offset) + (length ?? 0)])
}

interface ChunkPlace {
  readonly buffer: ArrayBuffer
  readonly rowGroup: number
  readonly leaf: number
  readonly range: ByteRange
  readonly rows: number
  readonly codec: Parameters<typeof decompressPage>[2]
  readonly schemaPath: SchemaTree[]
}

function pagesOf(chunk: ChunkPlace): PageMap[] {
  const pages: PageMap[] = []
  const reader = { view: new DataView(chunk.buffer), offset: chunk.range[0] }
  const hasOneDataPage = dataPages(chunk) === 1
  let row = 0
  while (reader.offset < chunk.range[1]) {
    const start = reader.offset
    const header = parquetHeader(reader)
    const body: ByteRange = [reader.offset, reader.offset + header.compressed_page_size]
    reader.offset = body[1]
    const data = header.data_page_header_v2 ?? header.data_page_header
    const values = data?.num_values ?? header.dictionary_page_header?.num_values ?? 0
    const encoding = data?.encoding ?? header.dictionary_page_header?.encoding ?? 'PLAIN'
    const rows = data === undefined ? 0 : hasOneDataPage ? chunk.rows : rowsOf(chunk, header, body)
    const [levels, payload] = parts(chunk, header, body)
    pages.push({
      rowGroup: chunk.rowGroup,
      leaf: chunk.leaf,
      page: pages.length,
      kind: data === undefined ? 'dictionary' : header.data_page_header_v2 === undefined ? 'data-v1' : 'data-v2',
      header: [start, body[0]],
      body,
      levels,
      payload,
      encoding,
      usesDictionary: data !== undefined && (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY'),
      uncompressedBytes: header.uncompressed_page_size,
      values,
      crc: header.crc === undefined ? undefined : header.crc >>> 0,
      rows: [row, row + rows],
    })
    row += rows
  }
  if (reader.offset !== chunk.range[1]) throw new Error('a column chunk does not end with a page')
  if (row !== chunk.rows) throw new Error(`pages of leaf ${chunk.leaf} hold ${row} rows of ${chunk.rows}`)
  return pages
}

function dataPages({ buffer, range }: ChunkPlace): number {
  const reader = { view: new DataView(buffer), offset: range[0] }
  let count = 0
  while (reader.offset < range[1]) {
    const header = parquetHeader(reader)
    reader.offset += header.compressed_page_size
    if (header.dictionary_page_header === undefined) count++
  }
  return count
}

type PageHeader = ReturnType<typeof parquetHeader>

/** Rows that begin in a page. Pages of our writers begin with a new row. */
function rowsOf({ buffer, codec, schemaPath }: ChunkPlace, header: PageHeader, [start, end]: ByteRange): number {
  const v1 = header.data_page_header
  if (v1 === undefined) return header.data_page_header_v2?.num_rows ?? 0
  if (getMaxRepetitionLevel(schemaPath) === 0) return v1.num_values
  const element = schemaPath.at(-1)?.element
  if (element === undefined) throw new Error('a column has no schema')
  const body = new Uint8Array(buffer, start, end - start)
  const page = decompressPage(body, header.uncompressed_page_size, codec, compressors)
  const { repetitionLevels } = readDataPage(page, v1, {
    pathInSchema: [],
    type: element.type ?? 'BYTE_ARRAY',
    element,
    schemaPath,
    codec,
    compressors,
  } as unknown as Parameters<typeof readDataPage>[2])
  if (repetitionLevels[0] !== 0) throw new Error('a page begins inside a row')
  return repetitionLevels.filter((level) => level === 0).length
}

function parts(
  chunk: ChunkPlace,
  header: PageHeader,
  [start, end]: ByteRange,
): [ByteRange | undefined, ByteRange | undefined] {
  const v2 = header.data_page_header_v2
  if (v2 !== undefined) {
    const border = start + v2.definition_levels_byte_length + v2.repetition_levels_byte_length
    return [
      [start, border],
      [border, end],
    ]
  }
  if (header.data_page_header === undefined || chunk.codec !== 'UNCOMPRESSED') return [undefined, undefined]
  const view = new DataView(chunk.buffer)
  let border = start
  if (getMaxRepetitionLevel(chunk.schemaPath) > 0) border += 4 + view.getUint32(border, true)
  if (getMaxDefinitionLevel(chunk.schemaPath) > 0) border += 4 + view.getUint32(border, true)
  return [
    [start, border],
    [border, end],
  ]
}
