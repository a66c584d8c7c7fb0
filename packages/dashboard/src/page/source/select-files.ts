import type { Capped, FileQuery, FileRecord } from '@tidegate/core'
import type { Facts } from '@tidegate/monitor'

/** A query over the files that the facts have. `total` counts those that fit among them: more may fit in the state. */
export function selectFiles(facts: Facts, query: FileQuery): Capped<FileRecord> {
  const failed = filesThatFailed(facts, query.failedCheck)
  const found = facts.files.items.filter((file) => fits(file, query) && (failed === undefined || failed.has(file.id)))
  const ordered = found.toSorted(FILE_ORDERS[query.order ?? 'newest'])
  const offset = query.offset ?? 0
  return { items: ordered.slice(offset, offset + query.limit), total: found.length }
}

function filesThatFailed(facts: Facts, check: string | undefined): ReadonlySet<string> | undefined {
  if (check === undefined) return undefined
  return new Set(facts.failedChecks.items.flatMap(({ file, result }) => (result.id === check ? [file] : [])))
}

function fits(file: FileRecord, query: FileQuery): boolean {
  const { sinceMs, untilMs, sources, dataset, folder, outcome, repairedOnly, imperfectOnly, search, run } = query
  const { scoreFrom, scoreTo } = query
  if (sinceMs !== undefined && file.decidedAtMs < sinceMs) return false
  if (untilMs !== undefined && file.decidedAtMs >= untilMs) return false
  if (sources !== undefined && !sources.includes(file.source)) return false
  if (dataset !== undefined && file.dataset !== dataset) return false
  if (folder !== undefined && folder !== '' && !file.path.startsWith(`${folder}/`)) return false
  if (outcome !== undefined && file.outcome !== outcome) return false
  if (repairedOnly === true && file.repair === undefined) return false
  if (imperfectOnly === true && (file.score ?? 100) >= 100) return false
  if (scoreFrom !== undefined && !(file.score !== null && file.score >= scoreFrom)) return false
  if (scoreTo !== undefined && !(file.score !== null && file.score < scoreTo)) return false
  if (run !== undefined && file.run !== run) return false
  return search === undefined || file.path.toLowerCase().includes(search.toLowerCase())
}

export const FILE_ORDERS: Readonly<Record<NonNullable<FileQuery['order']>, (a: FileRecord, b: FileRecord) => number>> =
  {
    newest: (a, b) => b.decidedAtMs - a.decidedAtMs,
    'lowest-score': (a, b) => (a.score ?? 101) - (b.score ?? 101) || b.decidedAtMs - a.decidedAtMs,
    'most-rows': (a, b) => b.rowsRead - a.rowsRead,
    'most-bytes': (a, b) => b.bytes - a.bytes,
  }
