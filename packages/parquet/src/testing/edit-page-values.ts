import { crc32 } from 'node:zlib'

import { compressBody } from './compress-body.ts'
import { decompressBody } from './decompress-body.ts'
import { pageHeaderTree } from './footer-tree.ts'
import type { ChunkMap, LeafMap, PageMap } from './layout.ts'
import type { SoundFile } from './sound-file.ts'
import type { Splice } from './splices.ts'
import { i32, withField, writeThriftTree } from './thrift-tree.ts'

/**
 * Writes the values of a page anew, as a writer that meant them so: compressed again, sizes and CRC in the header right.
 * `edit` gets the encoded values without the levels; it returns undefined where there is nothing to change.
 */
export function editPageValues(
  file: SoundFile,
  chunk: ChunkMap,
  page: PageMap,
  edit: (values: Uint8Array) => Uint8Array | undefined,
): Splice | undefined {
  const leaf = file.layout.leaves[chunk.leaf] as LeafMap
  const stored = file.bytes.subarray(...page.body)
  const outside = page.kind === 'data-v2' && page.levels !== undefined ? page.levels[1] - page.levels[0] : 0
  const plain = decompressBody(stored.subarray(outside), chunk.codec, page.uncompressedBytes - outside)
  if (plain === undefined) return undefined
  const inside = page.kind === 'data-v1' ? levelBytes(plain, leaf) : 0
  const values = edit(plain.slice(inside))
  if (values === undefined) return undefined
  const body = Buffer.concat([plain.subarray(0, inside), values])
  const packed = Buffer.concat([stored.subarray(0, outside), compressBody(body, chunk.codec)])
  const sizes = [
    [2, body.length + outside],
    [3, packed.length],
    ...(page.crc === undefined ? [] : [[4, crc32(packed) | 0]]),
  ] as [number, number][]
  const header = sizes.reduce(
    (tree, [id, value]) => withField(tree, id, i32(value)),
    pageHeaderTree(file.bytes, page.header[0]),
  )
  return {
    offset: page.header[0],
    length: page.body[1] - page.header[0],
    bytes: new Uint8Array(Buffer.concat([writeThriftTree(header), packed])),
  }
}

/** Bytes of repetition and definition levels at the start of a V1 page. */
function levelBytes(body: Uint8Array, leaf: LeafMap): number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  let bytes = 0
  if (leaf.maxRepetitionLevel > 0) bytes += 4 + view.getUint32(bytes, true)
  if (leaf.maxDefinitionLevel > 0) bytes += 4 + view.getUint32(bytes, true)
  return bytes
}
