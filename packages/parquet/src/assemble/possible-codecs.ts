import type { ByteSource } from '@tidegate/core'

import { CODEC } from '../pages/decompress-page.ts'
import type { Page } from '../pages/page.ts'

/**
 * Codecs that a page may be compressed with, most likely first: no header says it. Only what the first bytes rule out is
 * left out, so each must be tried. `preferred` is the codec of the column elsewhere; `isMixed` is true when some page of
 * the file is compressed, so that equal sizes are most likely an accident.
 */
export async function possibleCodecs(
  source: Pick<ByteSource, 'read'>,
  page: Page,
  hints: { readonly preferred: number | undefined; readonly isMixed: boolean },
): Promise<readonly number[]> {
  const levelBytes = page.v2 === undefined ? 0 : page.v2.definitionBytes + page.v2.repetitionBytes
  const stored = page.compressedBytes - levelBytes
  const plain = page.uncompressedBytes - levelBytes
  if (stored <= 0 || page.v2?.compressed === false) return [hints.preferred ?? CODEC.UNCOMPRESSED]
  const head = await source.read(page.offset + page.headerBytes + levelBytes, Math.min(stored, 8))
  const byMagic = [
    ...(startsWith(head, 0x28, 0xb5, 0x2f, 0xfd) ? [CODEC.ZSTD] : []),
    ...(startsWith(head, 0x1f, 0x8b) ? [CODEC.GZIP] : []),
    ...(leadingVarint(head) === plain ? [CODEC.SNAPPY] : []),
  ]
  const unmarked = [CODEC.LZ4_RAW, CODEC.BROTLI, CODEC.LZ4]
  const none = stored === plain ? [CODEC.UNCOMPRESSED] : []
  const guesses = hints.isMixed ? [...byMagic, ...unmarked, ...none] : [...none, ...byMagic, ...unmarked]
  const preferred =
    hints.preferred !== undefined && (guesses as number[]).includes(hints.preferred) ? [hints.preferred] : []
  return [...new Set<number>([...preferred, ...guesses])]
}

function startsWith(bytes: Uint8Array, ...magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte)
}

function leadingVarint(bytes: Uint8Array): number | undefined {
  let value = 0
  for (const [index, byte] of bytes.subarray(0, 5).entries()) {
    value += (byte & 127) * 128 ** index
    if ((byte & 128) === 0) return value
  }
  return undefined
}
