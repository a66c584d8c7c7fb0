import type { Contract, Ledger } from '@tidegate/core'
import { checkIds, findExpectation, type MetricPoint } from '@tidegate/dq'

/** How far a check over time looks back at most. */
const WINDOW_DAYS = 90
const DAY_MS = 86_400_000
/** Latest results of one check that are read: a band is made of the last 60 values, unless it is told otherwise. */
const MAX_RESULTS = 2000

/**
 * Earlier values of the contract's checks over time on this dataset, by check id, oldest first: one per file version, that of
 * its latest judgement. Files that are held are left out: what was not let in is no measure of what is normal.
 */
export async function metricHistory(
  contract: Contract | undefined,
  dataset: string,
  source: string,
  ledger: Pick<Ledger, 'listChecks' | 'listFiles'>,
  nowMs: number,
): Promise<ReadonlyMap<string, readonly MetricPoint[]>> {
  const wanted = contract === undefined ? [] : checksOverTime(contract)
  if (wanted.length === 0) return new Map()
  const sinceMs = nowMs - WINDOW_DAYS * DAY_MS
  const held = new Set((await ledger.listFiles({ source, dataset, outcome: 'held', sinceMs })).map((file) => file.id))
  const points = new Map<string, readonly MetricPoint[]>()
  for (const check of wanted) {
    // Newest first.
    const records = await ledger.listChecks({ source, dataset, check, sinceMs, limit: MAX_RESULTS })
    const latest = new Map<string, MetricPoint>()
    for (const { file, result, checkedAtMs } of records) {
      const value = valueOf(result.observedValue)
      if (value === undefined || held.has(file) || latest.has(file)) continue
      latest.set(file, { atMs: checkedAtMs, value })
    }
    points.set(check, [...latest.values()].reverse())
  }
  return points
}

/** A decimal comes as a text of digits; no value is none, and not 0. */
function valueOf(observed: unknown): number | undefined {
  const isValue = typeof observed === 'number' || (typeof observed === 'string' && observed.trim() !== '')
  const value = isValue ? Number(observed) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

export function checksOverTime(contract: Contract): readonly string[] {
  const ids = checkIds(contract)
  return contract.expectations.flatMap(({ type }, index) =>
    findExpectation(type)?.usesHistory === true ? [ids[index] ?? ''] : [],
  )
}
