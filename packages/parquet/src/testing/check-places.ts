import type { Diagnosis, Finding } from '@tidegate/core'

import type { Layout } from './layout.ts'
import type { Truth } from './mutation.ts'
import type { PagePlace } from './physically-intact.ts'

/** Codes that speak of one page or one chunk. */
const PLACED = /^PQ(3\d\d|212|401|403|404|405)$/

/**
 * Compares where a diagnosis sees damage with where the truth knows it: no finding and no damaged row outside of the pages that
 * were touched; and all of their rows damaged, where the bytes prove it (`isProven`).
 */
export function checkPlaces(
  truth: Pick<Truth, 'intact'>,
  layout: Layout,
  diagnosis: Diagnosis,
  isProven: boolean,
): readonly string[] {
  const faults: string[] = []
  const damaged = truth.intact.damagedPages
  const leafOf = new Map(layout.leaves.map(({ path }, leaf) => [path.join('.'), leaf]))
  for (const found of diagnosis.findings) {
    if (!PLACED.test(found.code) || found.severity === 'info') continue
    const fault = placeFault(found, leafOf, damaged, layout)
    if (fault !== undefined) faults.push(fault)
  }
  for (const [rowGroup, group] of (diagnosis.layout ?? []).entries())
    for (const [leaf, column] of group.columns.entries()) {
      const touched = damaged.filter((page) => page.rowGroup === rowGroup && page.leaf === leaf)
      const expected = spanText(touched.map(({ rows }) => rows))
      const said = column.damagedRows === undefined ? 'unknown' : spanText(column.damagedRows)
      const isWithin = (column.damagedRows ?? []).every(
        ([from, to]) => touched.some(({ rows }) => rows[0] <= from) && touched.some(({ rows }) => rows[1] >= to),
      )
      // Where no page is to blame (a count that does not fit), the rows may be left open.
      const isOpen = said === 'unknown' && !hasPage(diagnosis.findings, rowGroup, column.column)
      if (!isWithin || (isProven && column.status !== 'unchecked' && said !== expected && !isOpen))
        faults.push(`${column.column} of row group ${rowGroup}: rows ${said} instead of ${expected}`)
    }
  return faults
}

function hasPage(findings: readonly Finding[], rowGroup: number, column: string): boolean {
  return findings.some(
    ({ severity, where }) =>
      severity === 'error' && where?.rowGroup === rowGroup && where.column === column && where.page !== undefined,
  )
}

function placeFault(
  { code, where }: Finding,
  leafOf: ReadonlyMap<string, number>,
  damaged: readonly PagePlace[],
  layout: Layout,
): string | undefined {
  const leaf = leafOf.get(where?.column ?? '')
  if (where?.rowGroup === undefined || leaf === undefined) return `${code} has no place`
  const there = damaged.filter((page) => page.rowGroup === where.rowGroup && page.leaf === leaf)
  const chunk = layout.rowGroups[where.rowGroup]?.chunks[leaf]
  const hasDictionary = chunk?.pages[0]?.kind === 'dictionary'
  if (there.length === 0 && !hasDictionary)
    return `${code} in ${where.column} of row group ${where.rowGroup}, which is intact`
  if (where.page === undefined || (where.page === 0 && hasDictionary)) return undefined
  return there.some(({ page }) => page === where.page) ? undefined : `${code} on page ${where.page}, which is intact`
}

function spanText(spans: readonly (readonly [number, number])[]): string {
  const merged: [number, number][] = []
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else if (to > from) merged.push([from, to])
  }
  return merged.map(([from, to]) => `${from}-${to}`).join(' ') || 'none'
}
