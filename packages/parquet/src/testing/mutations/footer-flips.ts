/** One to three flipped bits in one value of the footer. */
import type { FindingCode } from '@tidegate/core'

import { footerTree } from '../footer-tree.ts'
import { ANY_DAMAGE, expected, flipBits, type Expected, type Mutation } from '../mutation.ts'
import type { SoundFile } from '../sound-file.ts'
import { applySplices, type ByteRange, type Splice } from '../splices.ts'
import { nodesAt, readThriftTree, type ThriftNode, type ThriftPath } from '../thrift-tree.ts'

const CHUNK: ThriftPath = [4, '*', 1, '*']
/** Readable codecs; 3 is LZO. */
const KNOWN_CODECS: ReadonlySet<number> = new Set([0, 1, 2, 4, 5, 6, 7])

export const FOOTER_FLIPS: readonly Mutation[] = [
  flip('schema-name', [2, '*', 4], () => seen(['PQ205'], ['PQ207', 'PQ206'])),
  flip('schema-type', [2, '*', 1], () => seen(['PQ205'], ['PQ206'])),
  flip('num-rows', [3], () => seen(['PQ211'], [])),
  flip('row-group-rows', [4, '*', 3], () => seen(['PQ211'], ['PQ212'])),
  flip('chunk-values', [...CHUNK, 3, 5], () => ({ ...seen(['PQ212', 'PQ310'], []), level: 'headers' })),
  flip('data-page-offset', [...CHUNK, 3, 9], () => ({
    ...seen(['PQ208', 'PQ209', 'PQ210', 'PQ301', 'PQ307'], ['PQ302', 'PQ310', 'PQ212']),
    level: 'headers',
  })),
  flip('codec', [...CHUNK, 3, 4], (codec) =>
    codec !== undefined && KNOWN_CODECS.has(codec)
      ? { ...seen(['PQ304', 'PQ305', 'PQ313', 'PQ316'], ['PQ306', 'PQ310', 'PQ308']), level: 'pages' }
      : seen(['PQ213'], []),
  ),
  // Other bounds are still bounds, and other metadata is still metadata: the bytes do not show it.
  flip('statistics', [...CHUNK, 3, 12, 5], () => unseen(['PQ214', 'PQ215'])),
  flip('key-value', [5, '*', 2], () => unseen(['PQ218'])),
]

const BROKEN: readonly FindingCode[] = ['PQ201', 'PQ203', 'PQ204', 'PQ205', 'PQ903']
const FOOTER: readonly FindingCode[] = [
  ...BROKEN,
  'PQ206',
  'PQ207',
  'PQ208',
  'PQ209',
  'PQ210',
  'PQ211',
  'PQ212',
  'PQ213',
  'PQ214',
  'PQ219',
  'PQ301',
]

function seen(must: readonly FindingCode[], may: readonly FindingCode[]): Expected {
  return expected([must], { level: 'footer', may, verdicts: ['ok-with-warnings', ...ANY_DAMAGE] })
}

function unseen(may: readonly FindingCode[]): Expected {
  return expected([], { level: 'values', may, verdicts: ['ok', 'ok-with-warnings', ...ANY_DAMAGE] })
}

function flip(name: string, path: ThriftPath, judge: (value: number | undefined) => Expected): Mutation {
  return {
    family: 'footer',
    kind: `footer-flip-${name}`,
    apply: ({ file, random }) => {
      const nodes = nodesAt(footerTree(file), path).filter(
        (node, index) => rangeOf(node) !== undefined && !isRoot(path, index),
      )
      const node = random.pick(nodes)
      const range = node && rangeOf(node)
      if (node === undefined || range === undefined) return undefined
      const splice = flipBits(file.bytes, range, random)
      return { kind: 'splices', splices: [splice], expected: expectedOf(file, node, splice, judge) }
    },
  }
}

/** The schema's first element is the table: its name means nothing. */
function isRoot(path: ThriftPath, index: number): boolean {
  return path[0] === 2 && path.at(-1) === 4 && index === 0
}

/** The value's own bytes, without the length of a text. */
function rangeOf(node: ThriftNode): ByteRange | undefined {
  if (node.kind === 'int') return [node.start, node.end]
  if (node.kind === 'binary' && node.bytes.length > 0) return [node.end - node.bytes.length, node.end]
  return undefined
}

/** A flip can make a number longer or shorter, and then the rest of the footer means something else. */
function expectedOf(
  file: SoundFile,
  node: ThriftNode,
  splice: Splice,
  judge: (value: number | undefined) => Expected,
): Expected {
  const bytes = applySplices(file.bytes, [splice])
  const [start, end] = file.layout.footer
  const tree = readOrUndefined(bytes.subarray(0, end), start)
  if (tree === undefined || tree.end !== end) return expected([BROKEN], { may: FOOTER })
  const found = nodeAt(tree.root, node)
  if (found === undefined) return expected([FOOTER], { level: 'footer', verdicts: ['ok-with-warnings', ...ANY_DAMAGE] })
  return judge(found.kind === 'int' ? Number(found.value) : undefined)
}

function readOrUndefined(bytes: Uint8Array, start: number): ReturnType<typeof readThriftTree> | undefined {
  try {
    return readThriftTree(bytes, start)
  } catch {
    return undefined
  }
}

/** The node that lies where `place` lay. */
function nodeAt(root: ThriftNode, place: ThriftNode): ThriftNode | undefined {
  if (root.kind === place.kind && root.start === place.start && root.end === place.end) return root
  const inner = root.kind === 'struct' ? root.fields.map(({ node }) => node) : root.kind === 'list' ? root.items : []
  for (const node of inner) {
    const found = node.start <= place.start && node.end >= place.end ? nodeAt(node, place) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
