/** Row counts that contradict each other: what the column chunks and their pages say decides. */
import type { ByteSource } from '@tidegate/core'

import { dataEnd } from '../../diagnose/footer/read-layout.ts'
import type { ColumnChunk, ParquetFooter, RowGroup } from '../../footer.ts'
import { scanChunks, type ScanOptions } from '../../pages/scan-chunks.ts'
import { walkPages } from '../../pages/walk-pages.ts'
import { replaceItem, setField } from '../../thrift/patch-thrift.ts'
import { i64, isStruct, structField, structIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import type { RepairStep } from '../plan.ts'

export type MendedCounts =
  | { readonly kind: 'mended'; readonly tree: TypedStruct; readonly steps: readonly RepairStep[] }
  /** There are rows in the file that the footer does not list. */
  | { readonly kind: 'unlisted' }

export async function mendCounts(
  view: ByteSource,
  footer: ParquetFooter,
  tree: TypedStruct,
  options: Pick<ScanOptions, 'limits' | 'signal'>,
): Promise<MendedCounts> {
  const steps: RepairStep[] = []
  let result = tree
  const rowsOf: number[] = []
  for (const [rowGroup, group] of footer.rowGroups.entries()) {
    const rows = await rowsOfGroup(view, footer, rowGroup, options)
    rowsOf.push(rows)
    if (rows !== group.rows) {
      result = replaceItem(result, 4, rowGroup, (item) => (isStruct(item) ? setField(item, 3, i64(rows)) : item))
      steps.push(
        step(
          'PQ211',
          `Row group ${rowGroup} has ${counted(rows)} rows, as its columns say, not ${counted(group.rows)}`,
        ),
      )
    }
    for (const column of await wrongChunks(view, footer, rowGroup, rows, options)) {
      result = setValues(result, rowGroup, column, rows)
      const name = footer.leaves[column]?.path.join('.') ?? ''
      steps.push(step('PQ212', `Column ${name} has ${counted(rows)} values in row group ${rowGroup}, as its pages say`))
    }
  }
  const sum = rowsOf.reduce((total, rows) => total + rows, 0)
  // Some writers leave the total at 0; readers go by the row groups.
  if (sum === footer.rows || footer.rows === 0) return { kind: 'mended', tree: result, steps }
  if (footer.rows > sum && (await hasPagesBehind(view, footer))) return { kind: 'unlisted' }
  steps.push(step('PQ211', `The file has ${counted(sum)} rows, as its row groups say, not ${counted(footer.rows)}`))
  return { kind: 'mended', tree: setField(result, 3, i64(sum)), steps }
}

function step(code: RepairStep['code'], what: string): RepairStep {
  return { code, what, lossless: true }
}

/** What the chunks agree on, where they do. */
async function rowsOfGroup(
  view: ByteSource,
  footer: ParquetFooter,
  rowGroup: number,
  options: Pick<ScanOptions, 'limits' | 'signal'>,
): Promise<number> {
  const group = footer.rowGroups[rowGroup] as RowGroup
  const flat = flatChunks(footer, group)
  const isSum = footer.rowGroups.reduce((sum, { rows }) => sum + rows, 0) === footer.rows
  if (flat.length === 0)
    return isSum || footer.rows === 0 ? group.rows : await rowsOfPages(view, footer, rowGroup, options)
  if (flat.some(({ chunk }) => chunk.values === group.rows)) return group.rows
  // The total is for the row group, its columns are against it.
  if (isSum) return await rowsOfPages(view, footer, rowGroup, options)
  const [first] = flat
  const isUnanimous = flat.every(({ chunk }) => chunk.values === first?.chunk.values)
  return isUnanimous && first !== undefined && first.chunk.values >= 0 ? first.chunk.values : group.rows
}

/** Rows that the pages of the first chunk hold, if all of it can be decoded. */
async function rowsOfPages(
  view: ByteSource,
  footer: ParquetFooter,
  rowGroup: number,
  options: Pick<ScanOptions, 'limits' | 'signal'>,
): Promise<number> {
  const stated = footer.rowGroups[rowGroup]?.rows ?? 0
  const only = (group: number, column: number): boolean => group === rowGroup && column === 0
  for await (const { items, rows } of scanChunks(view, footer, { ...options, level: 'pages', only }))
    if (rows !== undefined && items.every((item) => item.kind === 'page' && item.check.ok)) return rows
  return stated
}

/** Flat chunks that have as many values as the group has rows, but say something else. */
async function wrongChunks(
  view: ByteSource,
  footer: ParquetFooter,
  rowGroup: number,
  rows: number,
  options: Pick<ScanOptions, 'limits' | 'signal'>,
): Promise<readonly number[]> {
  const group = footer.rowGroups[rowGroup] as RowGroup
  const wrong = new Set(
    flatChunks(footer, group).flatMap(({ chunk, column }) => (chunk.values === rows ? [] : [column])),
  )
  if (wrong.size === 0) return []
  const mended: number[] = []
  const only = (scanned: number, column: number): boolean => scanned === rowGroup && wrong.has(column)
  for await (const scan of scanChunks(view, footer, { ...options, level: 'headers', only }))
    if (scan.values === rows && scan.items.every(({ kind }) => kind === 'page')) mended.push(scan.column)
  return mended
}

function flatChunks(
  { leaves }: ParquetFooter,
  group: RowGroup,
): { readonly chunk: ColumnChunk; readonly column: number }[] {
  if (group.chunks.length !== leaves.length) return []
  return group.chunks.flatMap((chunk, column) =>
    leaves[column]?.maxRepetitionLevel === 0 && !chunk.encrypted ? [{ chunk, column }] : [],
  )
}

function setValues(tree: TypedStruct, rowGroup: number, column: number, values: number): TypedStruct {
  return replaceItem(tree, 4, rowGroup, (group) =>
    isStruct(group)
      ? replaceItem(group, 1, column, (chunk) => {
          const metadata = isStruct(chunk) ? structIn(chunk, 3) : undefined
          return isStruct(chunk) && metadata !== undefined
            ? setField(chunk, 3, structField(setField(metadata, 5, i64(values))))
            : chunk
        })
      : group,
  )
}

/** A page behind the last chunk that the footer knows of. */
async function hasPagesBehind(view: ByteSource, footer: ParquetFooter): Promise<boolean> {
  const from = Math.max(
    4,
    ...footer.rowGroups.map(({ chunks }) => chunks.reduce((end, chunk) => Math.max(end, chunk.end), 4)),
  )
  if (from >= footer.footerOffset || dataEnd(footer) > footer.footerOffset) return false
  for await (const item of walkPages(view, { from, to: footer.footerOffset })) return item.kind === 'page'
  return false
}

/** For people, with separators. */
function counted(count: number): string {
  return count.toLocaleString('en-US')
}
