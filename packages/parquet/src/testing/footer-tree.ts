/** The footer of a sound file as a Thrift tree, and changes to it. Field numbers are those of parquet.thrift. */
import type { SoundFile } from './sound-file.ts'
import { offsetAfter, type Splice } from './splices.ts'
import { changeNodes, readThriftTree, writeThriftTree, type ThriftNode, type ThriftPath } from './thrift-tree.ts'

type Bytes = Pick<SoundFile, 'bytes' | 'layout'>

/** Places of nodes are offsets in the file. */
export function footerTree({ bytes, layout }: Bytes): ThriftNode {
  return readThriftTree(bytes, layout.footer[0]).root
}

/** Splices that put another footer, with its right length, in the place of the file's. */
export function replaceFooter({ layout }: Pick<SoundFile, 'layout'>, root: ThriftNode): Splice[] {
  const bytes = writeThriftTree(root)
  return [
    { offset: layout.footer[0], length: layout.footer[1] - layout.footer[0], bytes },
    { offset: layout.lengthField[0], length: 4, bytes: uint32(bytes.length) },
  ]
}

export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true)
  return bytes
}

const CHUNKS: ThriftPath = [4, '*', 1, '*']

/** Every field of the footer that holds an offset in the file. */
const OFFSETS: readonly ThriftPath[] = [
  [...CHUNKS, 2],
  [...CHUNKS, 4],
  [...CHUNKS, 6],
  [...CHUNKS, 3, 9],
  [...CHUNKS, 3, 10],
  [...CHUNKS, 3, 11],
  [...CHUNKS, 3, 14],
  [4, '*', 5],
]

/** Every offset changed; 0 stands for "none" and stays. */
export function changeOffsets(root: ThriftNode, change: (offset: number) => number): ThriftNode {
  const replace = (node: ThriftNode): ThriftNode =>
    node.kind === 'int' && node.value > 0n ? { ...node, value: BigInt(change(Number(node.value))) } : node
  return OFFSETS.reduce((tree, path) => changeNodes(tree, path, replace), root)
}

/**
 * Adds to changes of pages what a writer of these pages would have said in the footer: offsets and sizes. References to
 * column and offset indexes go, because their content would no longer be true. `change` has the last word.
 */
export function withMatchingFooter(
  file: Bytes,
  splices: readonly Splice[],
  change: (root: ThriftNode) => ThriftNode = (root) => root,
): Splice[] {
  let root = changeOffsets(footerTree(file), (offset) => offsetAfter(splices, offset))
  for (const [rowGroup, group] of file.layout.rowGroups.entries()) {
    let grown = 0
    for (const { leaf, range } of group.chunks) {
      // The end belongs to the next chunk: what is put in exactly there is not of this one.
      const growth = splices
        .filter(({ offset }) => offset >= range[0] && offset < range[1])
        .reduce((sum, { bytes, length }) => sum + bytes.length - length, 0)
      grown += growth
      const chunk: ThriftPath = [4, rowGroup, 1, leaf]
      root = addTo(root, [...chunk, 3, 7], growth)
      for (const id of [4, 5, 6, 7]) root = changeNodes(root, [...chunk, id], () => undefined)
    }
    root = addTo(root, [4, rowGroup, 6], grown)
  }
  return [...splices, ...replaceFooter(file, change(root))]
}

function addTo(root: ThriftNode, path: ThriftPath, growth: number): ThriftNode {
  return changeNodes(root, path, (node) =>
    node.kind === 'int' ? { ...node, value: node.value + BigInt(growth) } : node,
  )
}

/** The header of a page as a tree. */
export function pageHeaderTree(bytes: Uint8Array, offset: number): ThriftNode {
  return readThriftTree(bytes, offset).root
}

/** A splice that gives the page at `header` another header with this number in a field. */
export function changeHeaderNumber(
  bytes: Uint8Array,
  header: readonly [number, number],
  path: ThriftPath,
  change: (value: number) => number,
): Splice {
  const changed = changeNodes(pageHeaderTree(bytes, header[0]), path, (node) =>
    node.kind === 'int' ? { ...node, value: BigInt(change(Number(node.value))) } : node,
  )
  return { offset: header[0], length: header[1] - header[0], bytes: writeThriftTree(changed) }
}
