import type { LossEntry, RepairedColumn, RepairedRowGroup } from '../plan.ts'

type Range = readonly [number, number]

/** Where rows of the patched file are in the rewritten one: `dropRows` are gone, and its row groups have other limits. */
export interface RowMap {
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly dropRows: readonly Range[]
}

/** The parts of a range of patched rows (counted through all row groups), by row group of the new file. */
export function placeRange(
  map: RowMap,
  [first, end]: Range,
): readonly { readonly rowGroup: number; readonly rows: Range }[] {
  const [from, to] = [first - droppedBefore(map, first), end - droppedBefore(map, end)]
  const parts: { readonly rowGroup: number; readonly rows: Range }[] = []
  let start = 0
  for (const [rowGroup, rows] of map.after.entries()) {
    const [low, high] = [Math.max(from, start), Math.min(to, start + rows)]
    if (low < high) parts.push({ rowGroup, rows: [low - start, high - start] })
    start += rows
  }
  return parts
}

function droppedBefore({ dropRows }: RowMap, row: number): number {
  return dropRows.reduce((sum, [first, end]) => sum + Math.max(0, Math.min(end, row) - first), 0)
}

/** Losses as they are in the new file. Rows that are left out stay as they are told: by the damaged file. */
export function mapLoss(map: RowMap, loss: readonly LossEntry[]): readonly LossEntry[] {
  return loss.flatMap((entry): readonly LossEntry[] => {
    const { rowGroup, rows } = entry
    if (entry.wrote === 'left-out' || rowGroup === undefined) return [entry]
    const start = startOf(map.before, rowGroup)
    const [first, end] = rows ?? [0, map.before[rowGroup] ?? 0]
    const parts = placeRange(map, [start + first, start + end])
    const isFlat = entry.cells === end - first
    return parts.map((part) => ({ ...entry, ...part, cells: isFlat ? part.rows[1] - part.rows[0] : entry.cells }))
  })
}

export function startOf(groups: readonly number[], index: number): number {
  return groups.slice(0, index).reduce((sum, rows) => sum + rows, 0)
}

/** The row groups of the new file, with the NULLs that were planned and those of the rewriting. */
export function mapGroups(
  map: RowMap,
  planned: readonly RepairedRowGroup[],
  loss: readonly LossEntry[],
): readonly RepairedRowGroup[] {
  const names = new Set([
    ...planned.flatMap(({ columns }) => columns.map(({ column }) => column)),
    ...loss.flatMap(({ column, wrote }) => (column === undefined || wrote === 'left-out' ? [] : [column])),
  ])
  return map.after.map((rows, rowGroup) => ({
    rows,
    sourceRowGroup: undefined,
    columns: [...names].map((column): RepairedColumn => {
      const nulledRows = loss.flatMap((entry): readonly Range[] =>
        entry.column === column && entry.rowGroup === rowGroup && entry.wrote !== 'left-out' && entry.rows !== undefined
          ? [entry.rows]
          : [],
      )
      const nulled = nulledRows.reduce((sum, [first, end]) => sum + end - first, 0)
      return { column, status: nulled === 0 ? 'intact' : nulled < rows ? 'partly-nulled' : 'nulled', nulledRows }
    }),
  }))
}
