import type { Session } from '@tidegate/core'

import { openSource } from '../source/open-source.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import type { RepairedRowGroup } from './plan.ts'
import { readBack, type ReadBack } from './read-back.ts'
import type { RepairVerification } from './report.ts'
import { verifyWithDuckDB } from './verify-with-duckdb.ts'

export interface VerifyOptions {
  /** Undefined: no engine is installed. */
  readonly session: Session | undefined
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a file that was just written, from its first byte on: its footer and every page with our reader, every value with
 * DuckDB, and compares both with the plan and with each other. `rowGroups`: as planned; undefined: not known.
 */
export async function verifyRepair(
  path: string,
  rowGroups: readonly RepairedRowGroup[] | undefined,
  { session, limits, signal }: VerifyOptions,
): Promise<RepairVerification> {
  const source = await openSource({ path })
  let own: ReadBack
  try {
    own = await readBack(source, { limits, signal })
  } finally {
    await source.close()
  }
  const mismatches = [...own.faults, ...(rowGroups === undefined ? [] : differences(own, rowGroups))]
  if (session === undefined || own.footer === undefined || mismatches.length > 0)
    return { readers: ['own'], ok: mismatches.length === 0, rowsRead: own.rows, mismatches, notes: [] }
  const other = await verifyWithDuckDB(session, path, own, signal)
  return {
    readers: other.hasRead ? ['own', 'duckdb'] : ['own'],
    ok: other.mismatches.length === 0,
    rowsRead: own.rows,
    mismatches: other.mismatches,
    notes: other.notes,
  }
}

function differences({ footer, nulls }: ReadBack, planned: readonly RepairedRowGroup[]): string[] {
  if (footer === undefined) return []
  if (footer.rowGroups.length !== planned.length)
    return [`the file has ${footer.rowGroups.length} row groups; ${planned.length} were planned`]
  const found: string[] = []
  for (const [index, group] of planned.entries()) {
    const rows = footer.rowGroups[index]?.rows
    if (rows !== group.rows) found.push(`row group ${index} has ${rows} rows; ${group.rows} were planned`)
    for (const { column, nulledRows } of group.columns) {
      const leaf = footer.leaves.findIndex(({ path }) => path.join('.') === column)
      const isFlat = footer.leaves[leaf]?.maxRepetitionLevel === 0
      const expected = nulledRows.reduce((sum, [first, end]) => sum + end - first, 0)
      const counted = nulls[index]?.[leaf]
      if (isFlat && counted !== undefined && counted < expected)
        found.push(`column ${column} of row group ${index} has ${counted} NULLs; at least ${expected} were planned`)
    }
  }
  return found
}
