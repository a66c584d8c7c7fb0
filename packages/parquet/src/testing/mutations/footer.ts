/** Damage to the footer and to what it refers to besides pages. The pages stay as they are. */
import { changeOffsets, footerTree, replaceFooter, uint32 } from '../footer-tree.ts'
import { ANY_DAMAGE, expected, LOSSLESS, type Change, type Mutation, type MutationInput } from '../mutation.ts'
import type { ByteRange } from '../splices.ts'
import { changeNodes, numberAt, type ThriftNode } from '../thrift-tree.ts'
import { cutAt } from './cut.ts'
import { FOOTER_FLIPS } from './footer-flips.ts'
import { STATISTICS_MUTATIONS } from './footer-statistics.ts'

export const FOOTER_MUTATIONS: readonly Mutation[] = [
  footer('footer-removed', ({ file }) => cutAt(file, file.layout.footer[0])),
  ...[5, 15, 30, 60, 90, 99].map((percent) =>
    footer(`footer-cut-at-${percent}-percent`, ({ file }) => {
      const [start, end] = file.layout.footer
      return cutAt(file, start + Math.floor(((end - start) * percent) / 100))
    }),
  ),
  footer('footer-zeroed', ({ file }) => ({
    kind: 'splices',
    splices: [zeros(file.layout.footer)],
    expected: expected([['PQ201', 'PQ204']], { may: ['PQ203'] }),
  })),
  length('length-one-more', (bytes) => bytes + 1),
  length('length-one-less', (bytes) => bytes - 1),
  length('length-zero', () => 0),
  length('length-huge', () => 2 ** 31 - 1),
  length(
    'length-too-long',
    (bytes, { file, random }) => bytes + 2 + random.below(Math.max(1, file.bytes.length - bytes - 32)),
  ),
  ...FOOTER_FLIPS,
  footer('offsets-shifted', (input) => {
    const delta = input.random.pick([1, 78, 4096]) as number
    return changed(
      input,
      changeOffsets(footerTree(input.file), (offset) => offset + delta),
      {
        kind: 'splices',
        splices: [],
        expected: expected([['PQ208']], { level: 'footer', may: ['PQ209', 'PQ301'], verdicts: LOSSLESS }),
      },
    )
  }),
  footer('duplicate-column', (input) => {
    const flat = input.file.layout.leaves.flatMap(({ path }, leaf) =>
      path.length === 1 ? [{ name: path[0] as string, leaf }] : [],
    )
    const first = input.random.pick(flat)
    const second = input.random.pick(flat.filter(({ leaf }) => leaf !== first?.leaf))
    if (first === undefined || second === undefined) return undefined
    const rename = (node: ThriftNode): ThriftNode => (isText(node, second.name) ? withText(node, first.name) : node)
    const schema = changeNodes(footerTree(input.file), [2, '*', 4], rename)
    return changed(input, changeNodes(schema, [4, '*', 1, second.leaf, 3, 3, 0], rename), {
      kind: 'splices',
      splices: [],
      expected: expected([['PQ207']], { level: 'footer', verdicts: ['ok-with-warnings'] }),
    })
  }),
  footer('columns-swapped', (input) => {
    const { leaves } = input.file.layout
    if (leaves.length < 2) return undefined
    const at = input.random.below(leaves.length - 1)
    const swapped = changeNodes(footerTree(input.file), [4, '*', 1], (node) => swapItems(node, at))
    return changed(input, swapped, {
      kind: 'splices',
      splices: [],
      expected: expected([['PQ205']], { level: 'footer', may: ['PQ212', 'PQ206'] }),
    })
  }),
  footer('row-group-unlisted', (input) => {
    const last = input.file.layout.rowGroups.length - 1
    const root = changeNodes(footerTree(input.file), [4, last], () => undefined)
    return changed(input, root, {
      kind: 'splices',
      splices: [],
      expected: expected([['PQ211']], { level: 'footer' }),
    })
  }),
  ...STATISTICS_MUTATIONS,
  // A sound file that never had an index: nothing may be said of it.
  footer('page-index-dropped', (input) => {
    const root = footerTree(input.file)
    if (numberAt(root, [4, '*', 1, '*', 4]) === undefined) return undefined
    const without = [4, 5, 6, 7].reduce((tree, id) => changeNodes(tree, [4, '*', 1, '*', id], () => undefined), root)
    return changed(input, without, { kind: 'splices', splices: [], expected: expected([], { verdicts: ['ok'] }) })
  }),
  zeroedAuxiliary('column-index-zeroed', 'PQ216', ({ file, random }) => random.pick(file.layout.columnIndexes)),
  zeroedAuxiliary('offset-index-zeroed', 'PQ216', ({ file, random }) => random.pick(file.layout.offsetIndexes)),
  zeroedAuxiliary('bloom-zeroed', 'PQ217', ({ file, random }) => random.pick(file.layout.bloomFilters)),
]

function footer(kind: string, apply: Mutation['apply']): Mutation {
  return { family: 'footer', kind, apply }
}

function changed({ file }: MutationInput, root: ThriftNode, change: Extract<Change, { kind: 'splices' }>): Change {
  return { ...change, splices: replaceFooter(file, root) }
}

function length(kind: string, claim: (bytes: number, input: MutationInput) => number): Mutation {
  return footer(kind, (input) => {
    const { layout } = input.file
    const footerBytes = layout.footer[1] - layout.footer[0]
    const claimedBytes = claim(footerBytes, input)
    return {
      kind: 'splices',
      splices: [{ offset: layout.lengthField[0], length: 4, bytes: uint32(claimedBytes) }],
      expected: expected([['PQ203']], {
        verdicts: LOSSLESS,
        evidence: { PQ203: { claimedBytes, foundBytes: footerBytes } },
      }),
    }
  })
}

function zeroedAuxiliary(
  kind: string,
  code: 'PQ216' | 'PQ217',
  choose: (input: MutationInput) => ByteRange | undefined,
): Mutation {
  return footer(kind, (input) => {
    const chosen = choose(input)
    // DuckDB does not say how long its bloom filters are; their header alone is enough.
    const range: ByteRange | undefined = chosen && [chosen[0], Math.max(chosen[1], chosen[0] + 8)]
    if (range === undefined || input.file.bytes.subarray(...range).every((byte) => byte === 0)) return undefined
    return {
      kind: 'splices',
      splices: [zeros(range)],
      expected: expected([[code]], { level: 'headers', verdicts: ['ok-with-warnings', ...ANY_DAMAGE] }),
    }
  })
}

function zeros([start, end]: ByteRange): {
  readonly offset: number
  readonly length: number
  readonly bytes: Uint8Array
} {
  return { offset: start, length: end - start, bytes: new Uint8Array(end - start) }
}

function isText(node: ThriftNode, text: string): boolean {
  return node.kind === 'binary' && Buffer.from(node.bytes).toString() === text
}

function withText(node: ThriftNode, text: string): ThriftNode {
  return node.kind === 'binary' ? { ...node, bytes: new TextEncoder().encode(text) } : node
}

function swapItems(node: ThriftNode, at: number): ThriftNode {
  if (node.kind !== 'list') return node
  const items = [...node.items]
  const [first, second] = [items[at], items[at + 1]]
  if (first === undefined || second === undefined) return node
  items[at] = second
  items[at + 1] = first
  return { ...node, items }
}
