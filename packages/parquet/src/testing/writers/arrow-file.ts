import {
  Compression,
  EnabledStatistics,
  readParquet,
  writeParquet,
  WriterPropertiesBuilder,
  WriterVersion,
} from 'parquet-wasm/node'

import type { Codec, SoundSpec } from '../sound-file.ts'

const CODECS: Readonly<Record<Codec, Compression>> = {
  none: Compression.UNCOMPRESSED,
  snappy: Compression.SNAPPY,
  gzip: Compression.GZIP,
  zstd: Compression.ZSTD,
  lz4_raw: Compression.LZ4_RAW,
  brotli: Compression.BROTLI,
}

/** Lets arrow-rs write the rows of another Parquet file. */
export function writeWithArrow(source: Uint8Array, spec: SoundSpec): Uint8Array {
  const builder = new WriterPropertiesBuilder()
    .setCompression(CODECS[spec.codec])
    .setWriterVersion(spec.pages === 1 ? WriterVersion.V1 : WriterVersion.V2)
    .setDictionaryEnabled(spec.dictionary)
    .setMaxRowGroupSize(2048)
    .setStatisticsEnabled(EnabledStatistics.Page)
  const sized = spec.smallPages ? builder.setDataPageSizeLimit(2048).setWriteBatchSize(256) : builder
  return writeParquet(readParquet(source), sized.build())
}
