import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'

import { compressors } from 'hyparquet-compressors'

/** The largest body that is unpacked here. */
const MAX_BYTES = 64 * 1024 * 1024

/** Decompresses the body of a page, or undefined where it does not come to `size` bytes. `codec` as in parquet.thrift. */
export function decompressBody(body: Uint8Array, codec: string, size: number): Uint8Array | undefined {
  if (size > MAX_BYTES) return undefined
  try {
    // A copy: a Buffer may be part of a pool, and its slice is no copy.
    const bytes = new Uint8Array(decompress(body, codec, size))
    return bytes.length === size ? bytes : undefined
  } catch {
    return undefined
  }
}

function decompress(body: Uint8Array, codec: string, size: number): Uint8Array {
  const limit = { maxOutputLength: Math.max(1, size) }
  if (codec === 'UNCOMPRESSED') return body
  if (codec === 'GZIP') return gunzipSync(body, limit)
  if (codec === 'BROTLI') return brotliDecompressSync(body, limit)
  if (codec === 'ZSTD') return zstdDecompressSync(body, limit)
  const other = codec === 'SNAPPY' ? compressors.SNAPPY : compressors.LZ4_RAW
  if (other === undefined) throw new Error(`no decompression for ${codec}`)
  // An empty LZ4 block is one zero, which this decoder does not take.
  if (size === 0) return body.length <= 1 ? new Uint8Array() : body
  return other(body, size)
}
