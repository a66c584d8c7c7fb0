/** Statistics that cannot be true, in a footer that is otherwise in order. */
import { footerTree, replaceFooter } from '../footer-tree.ts'
import { expected, type Mutation } from '../mutation.ts'
import { changeNodes, nodesAt, numberAt, withField, type ThriftNode, type ThriftPath } from '../thrift-tree.ts'

const PROVEN_WRONG = expected([['PQ214', 'PQ215']], { level: 'footer', verdicts: ['ok-with-warnings'] })

export const STATISTICS_MUTATIONS: readonly Mutation[] = [
  statistics('statistics-swapped', (chunk) => (isOrdered(chunk) ? swapBounds : undefined)),
  statistics('statistics-null-count', (chunk) => {
    const values = numberAt(chunk, [3, 5]) ?? 0
    return nodesAt(chunk, [3, 12]).length === 0
      ? undefined
      : (node) => withField(node, 3, { kind: 'int', type: 6, value: BigInt(values + 7), start: -1, end: -1 })
  }),
]

function statistics(
  kind: string,
  choose: (chunk: ThriftNode) => ((statistics: ThriftNode) => ThriftNode) | undefined,
): Mutation {
  return {
    family: 'footer',
    kind,
    apply: ({ file, random }) => {
      const root = footerTree(file)
      const places = file.layout.rowGroups.flatMap((group, rowGroup) =>
        group.chunks.map(({ leaf }): ThriftPath => [4, rowGroup, 1, leaf]),
      )
      const usable = places.filter((place) => nodesAt(root, place).some((chunk) => choose(chunk) !== undefined))
      const place = random.pick(usable)
      const change = place && nodesAt(root, place).map(choose)[0]
      if (place === undefined || change === undefined) return undefined
      return {
        kind: 'splices',
        splices: replaceFooter(file, changeNodes(root, [...place, 3, 12], change)),
        expected: PROVEN_WRONG,
      }
    },
  }
}

/** INT32, INT64 and DOUBLE: their order needs no knowledge of the logical type, the tables having no unsigned columns. */
function isOrdered(chunk: ThriftNode): boolean {
  const type = numberAt(chunk, [3, 1])
  const [max, min] = [nodesAt(chunk, [3, 12, 5])[0], nodesAt(chunk, [3, 12, 6])[0]]
  if (max?.kind !== 'binary' || min?.kind !== 'binary') return false
  const read = (bytes: Uint8Array): number | bigint | undefined => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (type === 1 && bytes.length === 4) return view.getInt32(0, true)
    if (type === 2 && bytes.length === 8) return view.getBigInt64(0, true)
    return type === 5 && bytes.length === 8 ? view.getFloat64(0, true) : undefined
  }
  const [low, high] = [read(min.bytes), read(max.bytes)]
  return low !== undefined && high !== undefined && low < high
}

/** Fields 5 and 6, and the deprecated 1 and 2 where they are written too. */
function swapBounds(statistics: ThriftNode): ThriftNode {
  if (statistics.kind !== 'struct') return statistics
  const partner: Readonly<Record<number, number>> = { 1: 2, 2: 1, 5: 6, 6: 5 }
  const fields = statistics.fields.map(({ id, node }) => ({ id: partner[id] ?? id, node })).sort((a, b) => a.id - b.id)
  return { ...statistics, fields }
}
