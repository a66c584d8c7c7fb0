/** Changes to a footer that are made only on request. */
import type { ByteSource, Finding } from '@tidegate/core'

import { checkIndexes } from '../../diagnose/footer/check-indexes.ts'
import { checkStatistics } from '../../diagnose/footer/check-statistics.ts'
import type { LeafColumn, ParquetFooter } from '../../footer.ts'
import { scanChunks, type ScanOptions } from '../../pages/scan-chunks.ts'
import { dropFields, replaceItem, setField } from '../../thrift/patch-thrift.ts'
import {
  i32,
  isStruct,
  itemsIn,
  listField,
  structField,
  structIn,
  textIn,
  TYPE,
  type TypedStruct,
} from '../../thrift/thrift-value.ts'
import type { RepairStep } from '../plan.ts'
import { elementPaths } from './element-paths.ts'

export interface Fixed {
  readonly tree: TypedStruct
  readonly steps: readonly RepairStep[]
  readonly findings: readonly Finding[]
}

type Options = Pick<ScanOptions, 'limits' | 'signal'>

const BOUNDS = [1, 2, 5, 6, 7, 8] as const
const COUNTS = [3, 4] as const

/** Statistics, page indexes and bloom filters that cannot be true are left out: readers can do without. */
export async function dropWrongStatistics(
  view: ByteSource,
  footer: ParquetFooter,
  tree: TypedStruct,
  { signal }: Options,
): Promise<Fixed> {
  const statistics = checkStatistics(footer)
  const indexes = await checkIndexes(view, footer, { signal })
  let result = tree
  for (const { rowGroup, column, wrong } of statistics)
    result = changeChunk(result, rowGroup, column, (chunk) =>
      changeMetadata(chunk, (metadata) => {
        const old = structIn(metadata, 12)
        const kept = old && dropFields(old, ...(wrong === 'bounds' ? BOUNDS : COUNTS))
        return kept === undefined || kept.fields.size === 0
          ? dropFields(metadata, 12)
          : setField(metadata, 12, structField(kept))
      }),
    )
  for (const { rowGroup, column, what } of indexes)
    result = changeChunk(result, rowGroup, column, (chunk) =>
      what === 'page-index'
        ? dropFields(chunk, 4, 5, 6, 7)
        : changeMetadata(chunk, (metadata) => dropFields(metadata, 14, 15)),
    )
  return {
    tree: result,
    steps: [
      ...counted('PQ214', statistics.length, 'Statistics of', 'that cannot be true are left out'),
      ...counted('PQ216', count(indexes, 'page-index'), 'The page index of', 'is left out'),
      ...counted('PQ217', count(indexes, 'bloom-filter'), 'The bloom filter of', 'is left out'),
    ],
    findings: [...statistics, ...indexes].map(({ finding }) => finding),
  }
}

function count(faults: readonly { readonly what: string }[], what: string): number {
  return faults.filter((fault) => fault.what === what).length
}

function counted(code: RepairStep['code'], chunks: number, before: string, after: string): RepairStep[] {
  if (chunks === 0) return []
  // Nothing of the rows is in them, but they were in the file.
  return [{ code, what: `${before} ${chunks} column ${chunks === 1 ? 'chunk' : 'chunks'} ${after}`, lossless: true }]
}

function changeChunk(
  tree: TypedStruct,
  rowGroup: number,
  column: number,
  change: (chunk: TypedStruct) => TypedStruct,
): TypedStruct {
  return replaceItem(tree, 4, rowGroup, (group) =>
    isStruct(group) ? replaceItem(group, 1, column, (chunk) => (isStruct(chunk) ? change(chunk) : chunk)) : group,
  )
}

function changeMetadata(chunk: TypedStruct, change: (metadata: TypedStruct) => TypedStruct): TypedStruct {
  const metadata = structIn(chunk, 3)
  return metadata === undefined ? chunk : setField(chunk, 3, structField(change(metadata)))
}

/** Required columns whose pages have NULLs become optional: those whose every page can be decoded only as such. */
export async function allowNulls(
  view: ByteSource,
  footer: ParquetFooter,
  tree: TypedStruct,
  options: Options,
): Promise<Fixed> {
  const paths = elementPaths(tree)
  const steps: RepairStep[] = []
  let result = tree
  for (const [column, leaf] of footer.leaves.entries()) {
    const element = paths[column]?.at(-1)
    const item = element === undefined ? undefined : itemsIn(tree, 2)[element]
    if (element === undefined || !isStruct(item) || (item.fields.get(3)?.value ?? 0) !== 0) continue
    if (await isIntact(view, footer, column, leaf, options)) continue
    const optional = { ...leaf, maxDefinitionLevel: leaf.maxDefinitionLevel + 1 }
    if (!(await isIntact(view, footer, column, optional, options))) continue
    result = replaceItem(result, 2, element, (old) => (isStruct(old) ? setField(old, 3, i32(1)) : old))
    steps.push({ code: 'PQ314', what: `Column ${leaf.path.join('.')} is optional: it holds NULLs`, lossless: true })
  }
  return { tree: steps.length === 0 ? tree : withoutSchemaCopies(result), steps, findings: [] }
}

/** True when all pages of a column can be decoded as those of `leaf`. */
async function isIntact(
  view: ByteSource,
  footer: ParquetFooter,
  column: number,
  leaf: LeafColumn,
  options: Options,
): Promise<boolean> {
  const supposed = { ...footer, leaves: footer.leaves.with(column, leaf) }
  const only = (_: number, scanned: number): boolean => scanned === column
  for await (const { status } of scanChunks(view, supposed, { ...options, level: 'pages', lenient: false, only }))
    if (status !== 'intact') return false
  return true
}

/** Text columns with bytes that are not UTF-8 become binary ones; the bytes stay. */
export async function textToBinary(
  view: ByteSource,
  footer: ParquetFooter,
  tree: TypedStruct,
  options: Options,
): Promise<Fixed> {
  const texts = new Set(footer.leaves.flatMap((leaf, column) => (leaf.text === true ? [column] : [])))
  const wrong = new Set<number>()
  const only = (_: number, column: number): boolean => texts.has(column) && !wrong.has(column)
  for await (const { column, items } of scanChunks(view, footer, { ...options, level: 'values', only }))
    if (items.some((item) => item.kind === 'page' && item.check.findings.some(({ code }) => code === 'PQ401')))
      wrong.add(column)
  if (wrong.size === 0) return { tree, steps: [], findings: [] }
  const paths = elementPaths(tree)
  let result = tree
  for (const column of wrong) {
    const element = paths[column]?.at(-1)
    if (element === undefined) continue
    result = replaceItem(result, 2, element, (item) => (isStruct(item) ? dropFields(item, 6, 10) : item))
  }
  const steps = [...wrong].map((column): RepairStep => {
    const name = footer.leaves[column]?.path.join('.') ?? ''
    return { code: 'PQ401', what: `Column ${name} is binary: some of its values are not UTF-8`, lossless: true }
  })
  return { tree: withoutSchemaCopies(result), steps, findings: [] }
}

/** Metadata that repeat the schema for other programs, which would believe them. */
const SCHEMA_COPIES: ReadonlySet<string> = new Set([
  'ARROW:schema',
  'org.apache.spark.sql.parquet.row.metadata',
  'parquet.avro.schema',
  'avro.schema',
  'iceberg.schema',
  'pandas',
])

export function withoutSchemaCopies(tree: TypedStruct): TypedStruct {
  const entries = itemsIn(tree, 5)
  const kept = entries.filter((entry) => !isStruct(entry) || !SCHEMA_COPIES.has(textIn(entry, 1) ?? ''))
  if (kept.length === entries.length) return tree
  return kept.length === 0 ? dropFields(tree, 5) : setField(tree, 5, listField(TYPE.STRUCT, kept))
}
