/** What a repair says it lost, against what was damaged and against what is NULL in the result. */
import type { RowSpan } from '../pages/row-spans.ts'
import { countRows, joinRanges, withoutRanges } from '../repair/pages/row-ranges.ts'
import type { LossEntry } from '../repair/plan.ts'
import type { CellComparison } from './compare-cells.ts'
import type { Layout } from './layout.ts'
import type { Truth } from './mutation.ts'

export interface LossCheck {
  /** Cells that are NULL in the result and in no entry. */
  readonly unclaimed: number
  /** Cells in entries that are of no damaged page. */
  readonly overclaimed: number
}

export interface LossInput {
  readonly layout: Layout
  readonly truth: Truth
  readonly loss: readonly LossEntry[]
  readonly compared: CellComparison
  /** Of each row group of the result that of the original. */
  readonly groups: readonly (number | undefined)[]
}

export function checkLoss({ layout, truth, loss, compared, groups }: LossInput): LossCheck {
  const claimed: RowSpan[][] = layout.leaves.map(() => [])
  for (const entry of loss) {
    const group = entry.rowGroup === undefined ? entry.sourceRowGroup : groups[entry.rowGroup]
    const place = group === undefined ? undefined : layout.rowGroups[group]
    if (place === undefined) continue
    const [first, end] = entry.rows ?? [0, place.rows]
    const span = { from: place.firstRow + first, to: place.firstRow + end }
    for (const [leaf, { path }] of layout.leaves.entries())
      if (entry.column === undefined || entry.column === path.join('.')) claimed[leaf]?.push(span)
  }
  const damaged = damagedRows(layout, truth)
  let overclaimed = 0
  for (const [leaf, spans] of claimed.entries())
    for (const span of joinRanges(spans)) overclaimed += countRows(withoutRanges(span, damaged[leaf] ?? []))
  let unclaimed = 0
  for (const { path, nulled } of compared.columns) {
    const spans = leavesOf(layout, path).flatMap((leaf) => claimed[leaf] ?? [])
    const joined = joinRanges(spans)
    for (const span of nulled) unclaimed += countRows(withoutRanges(span, joined))
  }
  return { unclaimed, overclaimed }
}

/** By leaf, as ordinals in the original. */
function damagedRows(layout: Layout, { intact }: Truth): readonly (readonly RowSpan[])[] {
  const damaged: RowSpan[][] = layout.leaves.map(() => [])
  for (const { rowGroup, leaf, rows } of intact.damagedPages) {
    const first = layout.rowGroups[rowGroup]?.firstRow ?? 0
    damaged[leaf]?.push({ from: first + rows[0], to: first + rows[1] })
  }
  return damaged.map(joinRanges)
}

/** Leaves of which a compared column is made: of a list or map all that are in it. */
export function leavesOf({ leaves }: Layout, column: readonly string[]): readonly number[] {
  return leaves.flatMap(({ path }, leaf) => (column.every((step, depth) => path[depth] === step) ? [leaf] : []))
}
