import type { FindingCode } from '@tidegate/core'

import type { LossEntry, RepairedColumn, RepairStep } from '../plan.ts'
import { writtenInstead } from './null-levels.ts'
import { countRows } from './row-ranges.ts'
import type { SchemaNode } from './schema-paths.ts'
import type { SettledGroup } from './settle-rows.ts'

/** Every cell that becomes NULL, and in words what is done. */
export function describeLosses(
  damaged: readonly SettledGroup[],
  paths: readonly (readonly SchemaNode[])[],
  optional: ReadonlySet<number>,
): { readonly loss: readonly LossEntry[]; readonly steps: readonly RepairStep[] } {
  const loss = damaged.flatMap((group) =>
    group.states.flatMap(({ leafIndex, leaf }) =>
      (group.lost.get(leafIndex) ?? []).map(({ from, to, code, message, bytes }): LossEntry => ({
        code,
        message,
        rowGroup: group.rowGroup,
        sourceRowGroup: group.rowGroup,
        column: leaf.path.join('.'),
        bytes,
        rows: [from, to],
        wrote: writtenInstead({ group, paths }, leafIndex, { from, to }),
        cells: to - from,
      })),
    ),
  )
  return { loss, steps: stepsOf(loss, damaged, optional) }
}

function stepsOf(
  loss: readonly LossEntry[],
  damaged: readonly SettledGroup[],
  optional: ReadonlySet<number>,
): RepairStep[] {
  const byColumn = new Map<string, { cells: number; places: number; code: FindingCode; empty: boolean }>()
  for (const { column = '', cells, code, wrote } of loss) {
    const known = byColumn.get(column) ?? { cells: 0, places: 0, code, empty: false }
    byColumn.set(column, {
      cells: known.cells + cells,
      places: known.places + 1,
      code: known.code,
      empty: known.empty || wrote === 'empty-list',
    })
  }
  const steps = [...byColumn].map(([column, { cells, places, code, empty }]): RepairStep => {
    const what = places === 1 ? '1 damaged page' : `${places} damaged pages`
    const instead = empty ? 'empty' : 'NULL'
    return {
      code,
      what: `${what} of column ${column} ${places === 1 ? 'becomes' : 'become'} ${instead} (${cells.toLocaleString('en-US')} cells)`,
      lossless: false,
    }
  })
  const leaves = new Map(
    damaged.flatMap(({ states }) => states.map(({ leafIndex, leaf }) => [leafIndex, leaf] as const)),
  )
  for (const leaf of optional)
    steps.push({
      code: loss.find(({ column }) => column === leaves.get(leaf)?.path.join('.'))?.code ?? 'PQ301',
      what: `column ${leaves.get(leaf)?.path.join('.') ?? ''}, which was required, becomes optional in order to hold NULL`,
      lossless: true,
    })
  if (steps.length === 0)
    steps.push({ code: 'PQ301', what: 'bytes that belong to no page are left out; no cell is lost', lossless: true })
  return steps
}

/** What becomes of each column of a row group. */
export function repairedColumns({ states, dead }: SettledGroup): RepairedColumn[] {
  return states.map(({ leafIndex, leaf, rows, verified }) => {
    const ranges = dead.get(leafIndex) ?? []
    const lost = countRows(ranges)
    const status = lost === 0 ? (verified ? 'verified-crc' : 'intact') : lost >= rows ? 'nulled' : 'partly-nulled'
    return { column: leaf.path.join('.'), status, nulledRows: ranges.map(({ from, to }) => [from, to] as const) }
  })
}
