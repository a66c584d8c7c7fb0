import { crc32 } from 'node:zlib'

import { pageHeaderTree, withMatchingFooter } from '../footer-tree.ts'
import { layoutOf } from '../layout.ts'
import { applySplices, type Splice } from '../splices.ts'
import { changeNodes, i32, withField, writeThriftTree, type ThriftNode, type ThriftPath } from '../thrift-tree.ts'

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
  // Their offsets would be wrong.
  for (const [start, end] of [...layout.columnIndexes, ...layout.offsetIndexes])
    splices.push({ offset: start, length: end - start, bytes: new Uint8Array() })
  const grow = (root: ThriftNode): ThriftNode => {
    let grown = root
    for (const [rowGroup, { chunks }] of layout.rowGroups.entries())
      for (const { leaf, range } of chunks) {
        const bytesMore = splices
          .filter(({ offset }) => offset >= range[0] && offset < range[1])
          .reduce((sum, splice) => sum + splice.bytes.length - splice.length, 0)
        // Headers count for the uncompressed sizes too, of the chunk and of its row group.
        for (const path of [
          [4, rowGroup, 1, leaf, 3, 6],
          [4, rowGroup, 2],
        ] satisfies ThriftPath[])
          grown = changeNodes(grown, path, (node) =>
            node.kind === 'int' ? { ...node, value: node.value + BigInt(bytesMore) } : node,
          )
      }
    return grown
  }
  return applySplices(bytes, withMatchingFooter({ bytes, layout }, splices, grow))
}
