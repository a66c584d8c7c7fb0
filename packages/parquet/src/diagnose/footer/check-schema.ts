/** The schema against the column chunks, which name and type their columns too. Pure. */
import type { Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import type { LeafColumn, ParquetFooter } from '../../footer.ts'

/** What contradicts, and what is right by majority. */
export interface SchemaFacts {
  /** Row groups whose chunks are the right ones in another order: number of the chunk for each leaf. */
  readonly reordered: readonly { readonly rowGroup: number; readonly chunks: readonly number[] }[]
  /** Leaves that all chunks call something else. */
  readonly renamed: readonly { readonly leaf: number; readonly path: readonly string[] }[]
  /** Leaves of which all chunks say another type. */
  readonly retyped: readonly { readonly leaf: number; readonly physicalType: number }[]
  /** Chunks that contradict the schema and other chunks of their column. */
  readonly oddChunks: readonly { readonly rowGroup: number; readonly column: number }[]
  readonly findings: readonly Finding[]
}

export const PHYSICAL_NAMES: readonly string[] = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
]

export function checkSchema(footer: ParquetFooter): SchemaFacts {
  const { leaves, rowGroups } = footer
  const findings: Finding[] = []
  const reordered: { rowGroup: number; chunks: readonly number[] }[] = []
  const doubtful: number[] = []
  for (const [rowGroup, { chunks }] of rowGroups.entries()) {
    if (chunks.length !== leaves.length) continue
    const wrong = chunks.findIndex((chunk, column) => !fits(chunk.path, leaves[column]))
    const isTyped = chunks.every(
      (chunk, column) => chunk.encrypted || chunk.physicalType === leaves[column]?.physicalType,
    )
    if (wrong < 0 && isTyped) continue
    const order =
      wrong < 0
        ? undefined
        : orderOf(
            chunks.map(({ path }) => path),
            leaves,
          )
    if (order === undefined) {
      doubtful.push(rowGroup)
      continue
    }
    reordered.push({ rowGroup, chunks: order })
    const name = nameOf(leaves[wrong])
    findings.push(
      finding(
        'PQ205',
        `The columns of row group ${rowGroup} are in another order than in the schema, from ${name} on.`,
        {
          repairable: 'lossless',
          where: { rowGroup, column: name },
          evidence: { order: order.slice(0, 100) },
        },
      ),
    )
  }
  const perLeaf = doubtful.length === 0 ? NOTHING : leafFaults(footer, doubtful)
  return { reordered, ...perLeaf, findings: [...findings, ...perLeaf.findings] }
}

const NOTHING = { renamed: [], retyped: [], oddChunks: [], findings: [] } as const

function fits(path: readonly string[], leaf: LeafColumn | undefined): boolean {
  // Encrypted chunks, and those of some old writers, have no path.
  if (path.length === 0 || leaf === undefined) return true
  if (path.length !== leaf.path.length) return false
  for (let depth = path.length - 1; depth >= 0; depth--) if (path[depth] !== leaf.path[depth]) return false
  return true
}

/** Number of the chunk for each leaf, where the paths are those of the leaves, each once. */
function orderOf(paths: readonly (readonly string[])[], leaves: readonly LeafColumn[]): readonly number[] | undefined {
  const places = new Map(paths.map((path, index) => [path.join('\u0000'), index]))
  if (places.size !== paths.length) return undefined
  const order = leaves.map(({ path }) => places.get(path.join('\u0000')))
  // Where two leaves have one name, the chunks do not say which is which.
  if (order.includes(undefined) || new Set(order).size !== order.length) return undefined
  return order as readonly number[]
}

function leafFaults({ leaves, rowGroups }: ParquetFooter, doubtful: readonly number[]): Omit<SchemaFacts, 'reordered'> {
  const renamed: { leaf: number; path: readonly string[] }[] = []
  const retyped: { leaf: number; physicalType: number }[] = []
  const oddChunks: { rowGroup: number; column: number }[] = []
  const findings: Finding[] = []
  const groups = rowGroups.filter(({ chunks }) => chunks.length === leaves.length)
  for (const [column, leaf] of leaves.entries()) {
    const name = nameOf(leaf)
    const chunks = groups
      .flatMap((group) => group.chunks.slice(column, column + 1))
      .filter(({ encrypted }) => !encrypted)
    const [first] = chunks
    if (first === undefined) continue
    const isNamed = chunks.some(({ path }) => fits(path, leaf))
    const isTyped = chunks.some(({ physicalType }) => physicalType === leaf.physicalType)
    if (!isNamed) {
      const key = first.path.join('\u0000')
      const isUnanimous =
        first.path.length === leaf.path.length &&
        chunks.every(({ path }) => path.join('\u0000') === key) &&
        !leaves.some(({ path }) => path.join('\u0000') === key)
      if (isUnanimous) renamed.push({ leaf: column, path: first.path })
      findings.push(
        contradiction(`The schema calls column ${column + 1} ${name}; its data is called ${first.path.join('.')}`, {
          column: name,
          isUnanimous,
          evidence: { schema: name, chunks: first.path.join('.') },
        }),
      )
    }
    if (!isTyped) {
      const isUnanimous =
        chunks.every(({ physicalType }) => physicalType === first.physicalType) && first.physicalType < 8
      if (isUnanimous) retyped.push({ leaf: column, physicalType: first.physicalType })
      const [schema, data] = [PHYSICAL_NAMES[leaf.physicalType] ?? '', PHYSICAL_NAMES[first.physicalType] ?? '']
      findings.push(
        contradiction(`The schema says that column ${name} is ${schema}; its data says ${data}`, {
          column: name,
          isUnanimous,
          evidence: { schema, chunks: data },
        }),
      )
    }
    for (const rowGroup of doubtful) {
      const chunk = rowGroups[rowGroup]?.chunks[column]
      if (chunk === undefined || chunk.encrypted) continue
      const isOdd = (isNamed && !fits(chunk.path, leaf)) || (isTyped && chunk.physicalType !== leaf.physicalType)
      if (!isOdd) continue
      oddChunks.push({ rowGroup, column })
      findings.push(
        contradiction(`Row group ${rowGroup} has other data than the schema says for column ${name}`, {
          column: name,
          rowGroup,
          isUnanimous: true,
          evidence: { chunk: chunk.path.join('.'), type: PHYSICAL_NAMES[chunk.physicalType] ?? chunk.physicalType },
        }),
      )
    }
  }
  return { renamed, retyped, oddChunks, findings }
}

function contradiction(
  message: string,
  details: {
    readonly column: string
    readonly rowGroup?: number
    readonly isUnanimous: boolean
    readonly evidence: Readonly<Record<string, string | number>>
  },
): Finding {
  const { column, rowGroup, isUnanimous, evidence } = details
  return finding('PQ205', `${message}.`, {
    repairable: isUnanimous ? 'lossless' : 'no',
    where: rowGroup === undefined ? { column } : { column, rowGroup },
    evidence,
  })
}

function nameOf(leaf: LeafColumn | undefined): string {
  return leaf?.path.join('.') ?? ''
}
