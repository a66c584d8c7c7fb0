import { stringifyJson, type FactReader } from '@tidegate/core'

const HOUR_MS = 3_600_000

/**
 * A text that differs after the state moved, at a small part of what reading the facts costs: runs begin and end around
 * everything that is written, and of a run at work its newest files tell.
 */
export async function stateMarker(reader: FactReader, nowMs: number): Promise<string> {
  const runs = await reader.factRuns({ sinceMs: nowMs - HOUR_MS, untilMs: nowMs + HOUR_MS }, 1, 50)
  const files = await reader.lastLoaded()
  const watermarks = await reader.listWatermarks()
  const leases = await reader.listLeases(nowMs)
  return stringifyJson({
    runs: runs.items.map(({ id, status, endedAtMs }) => [id, status, endedAtMs]),
    files: files.map(({ id, decidedAtMs }) => [id, decidedAtMs]),
    watermarks: watermarks.map(({ source, value, updatedAtMs }) => [source, value, updatedAtMs]),
    leases: leases.map(({ source, owner }) => [source, owner.what]),
  })
}
