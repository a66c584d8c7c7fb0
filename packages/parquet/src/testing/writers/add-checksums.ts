import { crc32 } from 'node:zlib'

import { pageHeaderTree, withMatchingFooter } from '../footer-tree.ts'
import { layoutOf } from '../layout.ts'
import { applySplices, type Splice } from '../splices.ts'
import { i32, withField, writeThriftTree } from '../thrift-tree.ts'

/** The same file with a CRC-32 in the header of every page, as Spark and Fabric write them. */
export function addChecksums(bytes: Uint8Array): Uint8Array {
  const layout = layoutOf(bytes)
  const splices: Splice[] = []
  for (const { chunks } of layout.rowGroups)
    for (const { pages } of chunks)
      for (const { header, body } of pages) {
        const crc = crc32(bytes.subarray(body[0], body[1])) | 0
        const changed = withField(pageHeaderTree(bytes, header[0]), 4, i32(crc))
        splices.push({ offset: header[0], length: header[1] - header[0], bytes: writeThriftTree(changed) })
      }
  return applySplices(bytes, withMatchingFooter({ bytes, layout }, splices))
}
