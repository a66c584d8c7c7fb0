import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'

/** Compresses the body of a page; the same body gives the same bytes. `codec` in the spelling of parquet.thrift. */
export function compressBody(body: Uint8Array, codec: string): Uint8Array {
  if (codec === 'UNCOMPRESSED') return body
  if (codec === 'GZIP') return new Uint8Array(gzipSync(body))
  if (codec === 'BROTLI') return new Uint8Array(brotliCompressSync(body))
  if (codec === 'ZSTD') return new Uint8Array(zstdCompressSync(body))
  if (codec === 'LZ4_RAW') return lz4Literals(body)
  if (codec === 'SNAPPY') return snappy(body)
  throw new Error(`no compression for ${codec}`)
}

const LARGEST_BLOCK = 128 * 1024

/** A zstd frame of stored blocks, as zstd itself writes of bytes that do not shrink. */
export function zstdFrame(body: Uint8Array): Uint8Array {
  const head = Buffer.alloc(9)
  head.writeUInt32LE(0xfd2fb528, 0)
  // One segment, its size in four bytes.
  head[4] = 0xa0
  head.writeUInt32LE(body.length, 5)
  const parts: Uint8Array[] = [head]
  let at = 0
  do {
    const block = body.subarray(at, at + LARGEST_BLOCK)
    at += block.length
    const blockHead = Buffer.alloc(3)
    blockHead.writeUIntLE((block.length << 3) | (at === body.length ? 1 : 0), 0, 3)
    parts.push(blockHead, block)
  } while (at < body.length)
  return new Uint8Array(Buffer.concat(parts))
}

/** A valid LZ4 block that saves nothing: one run of literals. */
function lz4Literals(body: Uint8Array): Uint8Array {
  const head = [Math.min(15, body.length) << 4]
  if (body.length >= 15) {
    let rest = body.length - 15
    for (; rest >= 255; rest -= 255) head.push(255)
    head.push(rest)
  }
  return new Uint8Array(Buffer.concat([Uint8Array.from(head), body]))
}

const LONGEST_COPY = 64

/** Literals, and copies with an offset of two bytes. It keeps nothing from call to call. */
function snappy(body: Uint8Array): Uint8Array {
  const out: number[] = []
  let size = body.length
  for (; size > 127; size >>>= 7) out.push((size & 127) | 128)
  out.push(size)
  const seen = new Map<number, number>()
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  let literal = 0
  let at = 0
  while (at + 4 <= body.length) {
    const word = view.getUint32(at, true)
    const earlier = seen.get(word)
    seen.set(word, at)
    if (earlier === undefined || at - earlier > 65_535) {
      at++
      continue
    }
    let length = 4
    while (length < LONGEST_COPY && at + length < body.length && body[earlier + length] === body[at + length]) length++
    pushLiteral(out, body.subarray(literal, at))
    out.push(((length - 1) << 2) | 2, (at - earlier) & 255, (at - earlier) >> 8)
    at += length
    literal = at
  }
  pushLiteral(out, body.subarray(literal))
  return Uint8Array.from(out)
}

function pushLiteral(out: number[], bytes: Uint8Array): void {
  if (bytes.length === 0) return
  const last = bytes.length - 1
  if (last < 60) out.push(last << 2)
  else out.push(62 << 2, last & 255, (last >> 8) & 255, (last >> 16) & 255)
  for (const byte of bytes) out.push(byte)
}
