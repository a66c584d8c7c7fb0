import type { ByteSource, Finding } from '@tidegate/core'

import { closeFile, patchChunk } from '../../assemble/footer-builder.ts'
import type { LeafColumn, ParquetFooter } from '../../footer.ts'
import { chunkFindings } from '../../pages/chunk-findings.ts'
import { scanChunks } from '../../pages/scan-chunks.ts'
import type { ChunkScan } from '../../pages/scan-chunk.ts'
import { mergePieces, type Piece } from '../../source/pieces.ts'
import { integerIn, isStruct, itemsIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import type { LossEntry, RepairedRowGroup, RepairOptions, RepairStep } from '../plan.ts'
import type { PagesPlan } from '../stages.ts'
import { buildChunk } from './build-chunk.ts'
import { chunkState, type ChunkPlace, type ChunkState } from './chunk-state.ts'
import { correctPlaces, placeFindings } from './correct-places.ts'
import { describeLosses, repairedColumns } from './describe-losses.ts'
import { doubtPages } from './doubt-pages.ts'
import { findMiscounted } from './find-miscounted.ts'
import { leaveOutGroups } from './leave-out-groups.ts'
import { locateChunks, type LocatedChunks } from './locate-chunks.ts'
import { makeOptional } from './make-optional.ts'
import type { LevelsContext } from './null-levels.ts'
import { joinRanges } from './row-ranges.ts'
import { schemaPaths, type SchemaNode } from './schema-paths.ts'
import { settleRows, type SettledGroup, type SettleOptions } from './settle-rows.ts'
import { canSlice } from './slice-page.ts'

export interface PagesInput {
  readonly footer: ParquetFooter
  /** The same footer, type-preserving. */
  readonly tree: TypedStruct
  /** What was corrected in it. Not empty: the footer is written anew whatever the pages say. */
  readonly steps: readonly RepairStep[]
}

export type PagesOptions = Pick<RepairOptions, 'onDamagedPage' | 'limits' | 'signal'> & {
  /** Bytes of column chunks that were looked at so far. */
  readonly onProgress?: (bytes: number) => void
}

/**
 * Looks at all pages and plans what becomes of those that cannot be decoded. All bytes up to the footer stay; a chunk with
 * damage gets a new run of pages behind them: its intact pages as they are stored, and pages of NULLs for the others. Only
 * the footer's entry of such a chunk changes. Reads the file once, and what has to be moved again; holds one row group's
 * page headers. Throws what the view throws and when aborted, never because of the bytes.
 */
export async function planPages(view: ByteSource, written: PagesInput, options: PagesOptions = {}): Promise<PagesPlan> {
  const paths = schemaPaths(itemsIn(written.tree, 2))
  const located = await locateChunks(view, written.footer)
  const from = correctPlaces(written, located)
  const looked = await lookAtPages(view, located, { paths, canSlice, isAligned: alignmentOf(written.tree) }, options)
  const findings = [...placeFindings(located), ...looked.findings]
  const { damaged, rowGroups } = looked
  if (damaged.length === 0) {
    if (from.steps.length === 0) return { kind: 'intact', rowGroups, findings }
    return { kind: 'patched', ...footerOnly(from), rowGroups, loss: [], dropRows: [], findings }
  }
  const { onDamagedPage = 'null' } = options
  if (onDamagedPage === 'fail')
    return { kind: 'refused', findings, because: 'pages are damaged, and a repair that loses anything was not wanted' }
  if (looked.beyondLimits)
    return {
      kind: 'refused',
      findings,
      because: 'pages are damaged, and others could not be looked at because they are above the limits',
    }
  if (onDamagedPage !== 'drop-row-group' && damaged.some(isOnlyClaimed))
    return {
      kind: 'refused',
      findings,
      because: 'no page of a row group can be read, and it claims more rows than should be believed without one',
    }
  if (onDamagedPage === 'drop-row-group') return leaveOutGroups(from, damaged, rowGroups, findings)
  return await patch(view, from, { ...looked, findings, paths }, options)
}

/** A row group without any page left becomes rows of NULLs; a damaged or hostile footer can claim billions of them. */
const MOST_CLAIMED_ROWS = 1_000_000

function isOnlyClaimed({ states }: SettledGroup): boolean {
  return states.every(({ pages, rows }) => pages.length === 0 && rows > MOST_CLAIMED_ROWS)
}

interface Looked {
  readonly findings: readonly Finding[]
  /** Row groups that lose something. */
  readonly damaged: readonly SettledGroup[]
  /** All of them, as they will be. */
  readonly rowGroups: readonly RepairedRowGroup[]
  /** A page is larger than the limits allow, so nothing is known of it. */
  readonly beyondLimits: boolean
}

async function lookAtPages(
  view: ByteSource,
  located: LocatedChunks,
  rules: SettleOptions,
  options: PagesOptions,
): Promise<Looked> {
  const { footer } = located
  const findings: Finding[] = []
  const damaged: SettledGroup[] = []
  const rowGroups: RepairedRowGroup[] = []
  const leafNumbers = new Map(footer.leaves.map((leaf, index) => [leaf.path.join('\u0000'), index]))
  const starts = new Set(footer.rowGroups.flatMap(({ chunks }) => chunks.map(({ start }) => start)))
  let beyondLimits = false
  let states: ChunkState[] = []
  let bytes = 0
  const finishGroup = (): void => {
    const settled = settleRows(states, rules)
    const index = rowGroups.length
    if ([...settled.dead.values()].some((ranges) => ranges.length > 0) || states.some(needsNewChunk))
      damaged.push({ ...settled, rowGroup: index })
    rowGroups.push({
      rows: footer.rowGroups[index]?.rows ?? 0,
      sourceRowGroup: index,
      columns: repairedColumns(settled),
    })
    states = []
  }
  const { limits, signal } = options
  for await (const scan of scanChunks(view, footer, { level: 'pages', limits, signal })) {
    while (rowGroups.length < scan.rowGroup) finishGroup()
    findings.push(...chunkFindings(scan))
    const place = placeOf(scan, footer, leafNumbers)
    if (place !== undefined) {
      if (isBeyondLimits(scan)) beyondLimits = true
      const trusted = await doubtPages(view, scan, { located, starts })
      states.push(chunkState(await findMiscounted(view, trusted, place, limits), place))
    }
    bytes += Math.max(0, scan.end - scan.start)
    options.onProgress?.(bytes)
  }
  while (rowGroups.length < footer.rowGroups.length) finishGroup()
  return { findings, damaged, rowGroups, beyondLimits }
}

function placeOf(
  scan: ChunkScan,
  footer: ParquetFooter,
  leafNumbers: ReadonlyMap<string, number>,
): ChunkPlace | undefined {
  const chunk = footer.rowGroups[scan.rowGroup]?.chunks[scan.column]
  const key = chunk?.path.join('\u0000') ?? ''
  // Two columns can have one name.
  const isOwn = footer.leaves[scan.column]?.path.join('\u0000') === key
  const leafIndex = isOwn ? scan.column : (leafNumbers.get(key) ?? scan.column)
  const leaf: LeafColumn | undefined = footer.leaves[leafIndex]
  return chunk === undefined || leaf === undefined ? undefined : { leafIndex, leaf, chunk }
}

/** Encrypted chunks and those in other files are unchecked without a finding. */
function isBeyondLimits(scan: ChunkScan): boolean {
  const isUnchecked = scan.items.some((item) => item.kind === 'page' && item.status === 'unchecked')
  return isUnchecked || (scan.status === 'unchecked' && scan.findings.length > 0)
}

/** Nothing of its rows is lost, but its bytes cannot stay: a dictionary is gone that only pages of NULLs name. */
function needsNewChunk({ status }: ChunkState): boolean {
  return status === 'damaged'
}

/** V2 pages begin with a row, and so do pages that an offset index lists. */
function alignmentOf(tree: TypedStruct): (state: ChunkState) => boolean {
  return ({ pages, rowGroup, column }) => {
    if (pages.some(({ page }) => page.kind === 'data-v2')) return true
    const group = itemsIn(tree, 4)[rowGroup]
    const chunk = isStruct(group) ? itemsIn(group, 1)[column] : undefined
    return isStruct(chunk) && (integerIn(chunk, 4) ?? 0) > 0
  }
}

function footerOnly({ footer, tree, steps }: PagesInput): {
  readonly pieces: readonly Piece[]
  readonly steps: readonly RepairStep[]
} {
  return { pieces: withFooter(footer, [], tree), steps }
}

function withFooter(footer: ParquetFooter, appended: readonly Piece[], tree: TypedStruct): readonly Piece[] {
  return mergePieces([
    { kind: 'source', offset: 0, length: footer.footerOffset },
    ...appended,
    { kind: 'new', bytes: closeFile(tree) },
  ])
}

async function patch(
  view: ByteSource,
  from: PagesInput,
  looked: Looked & { readonly paths: readonly (readonly SchemaNode[])[] },
  options: PagesOptions,
): Promise<PagesPlan> {
  const { findings, damaged, rowGroups, paths } = looked
  const { footer } = from
  const optional = becomingOptional(damaged, paths)
  let tree = makeOptional(
    from.tree,
    [...optional].map((leaf) => paths[leaf] ?? []),
  )
  let at = footer.footerOffset
  const appended: Piece[] = []
  const groups = await groupsToWrite(view, footer, damaged, optional, paths, options)
  for (const group of groups) {
    const context: LevelsContext = { view, group, paths, limits: options.limits }
    for (const state of group.states) {
      options.signal?.throwIfAborted()
      const becomesOptional = optional.has(state.leafIndex)
      const losesRows = (group.dead.get(state.leafIndex)?.length ?? 0) > 0
      const hasPages = losesRows || state.pages.length > 0
      if (!hasPages || (!losesRows && !becomesOptional && state.status !== 'damaged')) continue
      const built = await buildChunk(context, state, { at, becomesOptional })
      if (built === undefined)
        return {
          kind: 'refused',
          findings,
          because: `column ${state.leaf.path.join('.')} of row group ${state.rowGroup} cannot hold NULL in the place of what is damaged`,
        }
      appended.push(...built.pieces)
      at += built.bytes
      tree = patchChunk(tree, { rowGroup: state.rowGroup, column: state.column, chunk: built.chunk })
    }
  }
  const pieces = withFooter(footer, appended, tree)
  const { loss, steps } = describeLosses(damaged, paths, optional)
  const isDropped = options.onDamagedPage === 'drop-rows'
  return {
    kind: 'patched',
    pieces,
    steps: [...from.steps, ...steps],
    rowGroups,
    loss: isDropped ? leftOut(damaged, loss) : loss,
    dropRows: isDropped ? rowsToDrop(footer, damaged) : [],
    findings,
  }
}

/** Columns of which every node is required, and which have lost something: they must be able to hold NULL. */
function becomingOptional(
  damaged: readonly SettledGroup[],
  paths: readonly (readonly SchemaNode[])[],
): ReadonlySet<number> {
  const leaves = damaged.flatMap(({ dead }) => [...dead].flatMap(([leaf, ranges]) => (ranges.length > 0 ? [leaf] : [])))
  return new Set(leaves.filter((leaf) => paths[leaf]?.every(({ repetition }) => repetition === 'required') === true))
}

/** The damaged row groups; and of a column that becomes optional all others. */
async function groupsToWrite(
  view: ByteSource,
  footer: ParquetFooter,
  damaged: readonly SettledGroup[],
  optional: ReadonlySet<number>,
  paths: readonly (readonly SchemaNode[])[],
  options: PagesOptions,
): Promise<readonly SettledGroup[]> {
  if (optional.size === 0) return damaged
  const leafNumbers = new Map(footer.leaves.map((leaf, index) => [leaf.path.join('\u0000'), index]))
  const known = new Set(damaged.map(({ rowGroup }) => rowGroup))
  const states = new Map<number, ChunkState[]>()
  const scans = scanChunks(view, footer, {
    level: 'headers',
    limits: options.limits,
    signal: options.signal,
    only: (rowGroup, column) => {
      if (known.has(rowGroup)) return false
      const path = footer.rowGroups[rowGroup]?.chunks[column]?.path.join('\u0000') ?? ''
      return optional.has(leafNumbers.get(path) ?? column)
    },
  })
  for await (const scan of scans) {
    const place = placeOf(scan, footer, leafNumbers)
    if (place === undefined) continue
    states.set(scan.rowGroup, [...(states.get(scan.rowGroup) ?? []), chunkState(scan, place)])
  }
  const others = [...states.values()].map((group) => settleRows(group, { paths, canSlice, isAligned: () => true }))
  return [...damaged, ...others].toSorted((left, right) => left.rowGroup - right.rowGroup)
}

/** One entry per run of rows that go, whichever of its columns was damaged. */
function leftOut(damaged: readonly SettledGroup[], loss: readonly LossEntry[]): LossEntry[] {
  return damaged.flatMap(({ rowGroup, dead }) =>
    joinRanges([...dead.values()].flat()).map((range): LossEntry => {
      const cause = loss.find(
        ({ sourceRowGroup, rows }) =>
          sourceRowGroup === rowGroup && rows !== undefined && rows[0] < range.to && rows[1] > range.from,
      )
      return {
        code: cause?.code ?? 'PQ301',
        message: cause?.message ?? 'A page of these rows is damaged.',
        rowGroup: undefined,
        sourceRowGroup: rowGroup,
        column: undefined,
        bytes: cause?.bytes,
        rows: [range.from, range.to],
        wrote: 'left-out',
        cells: 0,
      }
    }),
  )
}

function rowsToDrop(footer: ParquetFooter, damaged: readonly SettledGroup[]): (readonly [number, number])[] {
  const firstRows: number[] = []
  let first = 0
  for (const { rows } of footer.rowGroups) {
    firstRows.push(first)
    first += rows
  }
  const ranges = damaged.flatMap(({ rowGroup, dead }) =>
    [...dead.values()].flat().map(({ from, to }) => {
      const offset = firstRows[rowGroup] ?? 0
      return { from: offset + from, to: offset + to }
    }),
  )
  return joinRanges(ranges).map(({ from, to }) => [from, to] as const)
}
