import type { FactReader, RunRecord } from '@tidegate/core'

/** A state that knows runs only; each reading of the facts is counted. */
export interface SmallReader extends FactReader {
  readonly runs: RunRecord[]
  readings: number
  readonly queries: unknown[]
}

const none = { items: [], total: 0 }

export function smallReader(): SmallReader {
  const runs: RunRecord[] = []
  const queries: unknown[] = []
  const reader: SmallReader = {
    runs,
    readings: 0,
    queries,
    factRuns: async ({ sources }) => {
      const items = runs.filter(({ source }) => sources?.includes(source) ?? true).toReversed()
      return { items, total: items.length }
    },
    sumFileHours: async () => {
      reader.readings++
      return []
    },
    sumFolders: async () => none,
    sumScores: async () => [],
    sumCheckDays: async () => [],
    sumCheckFailures: async () => [],
    failedChecks: async () => none,
    queryFiles: async (query) => {
      queries.push(query)
      return none
    },
    lastLoaded: async () => [],
    openHeld: async () => none,
    factFailures: async () => none,
    sumQuarantine: async () => [],
    sumRepairs: async () => [],
    schemaVersions: async () => [],
    contractVersions: async () => [],
    listWatermarks: async () => [],
    listLeases: async () => [],
  }
  return reader
}

export function aRun(id: string, source = 'orders'): RunRecord {
  const startedAtMs = Date.now() - 60_000
  return {
    id,
    command: 'ingest',
    source,
    startedAtMs,
    endedAtMs: startedAtMs + 1000,
    status: 'ok',
    filesSeen: 1,
    filesLoaded: 1,
    filesHeld: 0,
    filesSkipped: 0,
    filesFailed: 0,
    rowsRead: 10,
    rowsLoaded: 10,
    rowsRejected: 0,
    bytesRead: 100,
    errorCode: null,
    errorMessage: null,
    watermarkValue: null,
  }
}
