import type { ByteSource } from '@tidegate/core'

import { CODEC } from '../pages/decompress-page.ts'
import type { Page } from '../pages/page.ts'

/**
 * Codecs that a page may be compressed with, most likely first: no header says it. Only what the first bytes rule out is
 * left out, so each must be tried. `isMixed` is true when some page of the file is compressed, so that equal sizes are most
 * likely an accident. Empty: the page has nothing that could be compressed.
 */
export async function possibleCodecs(
  source: Pick<ByteSource, 'read'>,
  page: Page,
  { isMixed }: { readonly isMixed: boolean },
): Promise<readonly number[]> {
  const levelBytes = page.v2 === undefined ? 0 : page.v2.definitionBytes + page.v2.repetitionBytes
  const stored = page.compressedBytes - levelBytes
  const plain = page.uncompressedBytes - levelBytes
  if (stored <= 0 || page.v2?.compressed === false) return []
  const head = await source.read(page.offset + page.headerBytes + levelBytes, Math.min(stored, 8))
  const byMagic = [
    ...(startsWith(head, 0x28, 0xb5, 0x2f, 0xfd) ? [CODEC.ZSTD] : []),
    ...(startsWith(head, 0x1f, 0x8b) ? [CODEC.GZIP] : []),
    ...(leadingVarint(head) === plain ? [CODEC.SNAPPY] : []),
  ]
  const unmarked = [CODEC.LZ4_RAW, CODEC.BROTLI, CODEC.LZ4]
  const none = stored === plain ? [CODEC.UNCOMPRESSED] : []
  return isMixed ? [...byMagic, ...unmarked, ...none] : [...none, ...byMagic, ...unmarked]
}

/** `preferred`, the codec of the column elsewhere, comes first if it is possible at all. */
export function preferCodec(possible: readonly number[], preferred: number | undefined): readonly number[] {
  if (possible.length === 0) return [preferred ?? CODEC.UNCOMPRESSED]
  if (preferred === undefined || !possible.includes(preferred)) return possible
  return [preferred, ...possible.filter((codec) => codec !== preferred)]
}

function startsWith(bytes: Uint8Array, ...magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte)
}

function leadingVarint(bytes: Uint8Array): number | undefined {
  let value = 0
  for (let index = 0; index < Math.min(5, bytes.length); index++) {
    const byte = bytes[index] as number
    value += (byte & 127) * 128 ** index
    if ((byte & 128) === 0) return value
  }
  return undefined
}
