import type { Contract, Ledger } from '@tidegate/core'
import { checkIds, findExpectation, type MetricPoint } from '@tidegate/dq'

/** Runs back that a check over time looks at most. */
const WINDOW_DAYS = 90
const DAY_MS = 86_400_000

/**
 * Earlier values of the contract's checks over time on this dataset, by check id, oldest first. Files that were held are
 * left out: what was not let in is no measure of what is normal.
 */
export async function metricHistory(
  contract: Contract | undefined,
  dataset: string,
  source: string,
  ledger: Pick<Ledger, 'listChecks' | 'listFiles'>,
  nowMs: number,
): Promise<ReadonlyMap<string, readonly MetricPoint[]>> {
  const wanted = new Set(contract === undefined ? [] : checksOverTime(contract))
  if (wanted.size === 0) return new Map()
  const sinceMs = nowMs - WINDOW_DAYS * DAY_MS
  const held = new Set((await ledger.listFiles({ source, dataset, outcome: 'held', sinceMs })).map((file) => file.id))
  const points = new Map<string, MetricPoint[]>()
  for (const { result, checkedAtMs, dataset: of, file } of await ledger.listChecks({ source, sinceMs })) {
    const value = Number(result.observedValue ?? Number.NaN)
    if (of !== dataset || !wanted.has(result.id) || held.has(file) || !Number.isFinite(value)) continue
    const own = points.get(result.id) ?? []
    own.push({ atMs: checkedAtMs, value })
    points.set(result.id, own)
  }
  for (const own of points.values()) own.sort((a, b) => a.atMs - b.atMs)
  return points
}

function checksOverTime(contract: Contract): readonly string[] {
  const ids = checkIds(contract)
  return contract.expectations.flatMap(({ type }, index) =>
    findExpectation(type)?.usesHistory === true ? [ids[index] ?? ''] : [],
  )
}
