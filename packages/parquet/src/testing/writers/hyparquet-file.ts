import { parquetMetadata, parquetReadObjects, type CompressionCodec, type SchemaElement } from 'hyparquet'
import { compressors as decompressors } from 'hyparquet-compressors'
import { parquetWriteBuffer } from 'hyparquet-writer'

import { compressBody } from '../compress-body.ts'
import type { Codec, SoundSpec } from '../sound-file.ts'

const CODECS: Readonly<Record<Codec, CompressionCodec>> = {
  none: 'UNCOMPRESSED',
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  zstd: 'ZSTD',
  lz4_raw: 'LZ4_RAW',
  brotli: 'BROTLI',
}

/** Lets hyparquet-writer write the rows of another Parquet file, in its schema; `required` makes every column so. */
export async function writeWithHyparquet(source: Uint8Array, spec: SoundSpec): Promise<Uint8Array> {
  const file = source.buffer.slice(source.byteOffset, source.byteOffset + source.byteLength) as ArrayBuffer
  const metadata = parquetMetadata(file)
  const rows = await parquetReadObjects({ file, metadata, compressors: decompressors })
  const names = topLevelNames(metadata.schema)
  const codec = CODECS[spec.codec]
  const buffer = parquetWriteBuffer({
    columnData: names.map((name) => ({
      name,
      data: rows.map((row) => row[name]),
      ...(spec.dictionary ? {} : { encoding: 'PLAIN' as const }),
      columnIndex: true,
      bloomFilter: true,
    })),
    schema: spec.shape === 'required' ? metadata.schema.map(makeRequired) : metadata.schema,
    codec,
    compressors: { [codec]: (body: Uint8Array) => compressBody(body, codec) },
    rowGroupSize: 2048,
    ...(spec.smallPages ? { pageSize: 2048 } : {}),
  })
  return new Uint8Array(buffer)
}

function topLevelNames(schema: readonly SchemaElement[]): string[] {
  const names: string[] = []
  const skip = (at: number): number => {
    let next = at + 1
    for (let count = schema[at]?.num_children ?? 0; count > 0; count--) next = skip(next)
    return next
  }
  for (let at = 1; at < schema.length; at = skip(at)) names.push((schema[at] as SchemaElement).name)
  return names
}

function makeRequired(element: SchemaElement, index: number): SchemaElement {
  return index === 0 ? element : { ...element, repetition_type: 'REQUIRED' }
}
