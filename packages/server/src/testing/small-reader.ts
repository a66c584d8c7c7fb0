import { stringifyJson, type CheckRecord, type RunRecord } from '@tidegate/core'
import type { LiveFacts } from '../serve-monitor.ts'

/** A state that knows runs only; each reading of the facts is counted. */
export interface SmallReader extends LiveFacts {
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
    failedChecks: async (window, perCheck, only) => {
      queries.push({ window, perCheck, only })
      return none
    },
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
    changeMarker: async () => stringifyJson(runs),
  }
  return reader
}

/** A result that failed a minute ago, with what it found in the rows. */
export function aFailedCheck(unexpected: readonly string[]): CheckRecord {
  return {
    run: 'r1',
    source: 'orders',
    dataset: 'orders',
    file: 'orders/a.csv#1',
    checkedAtMs: Date.now() - 60_000,
    result: {
      id: 'amount:between',
      type: 'expect_column_values_to_be_between',
      columns: ['amount'],
      severity: 'critical',
      dimension: 'validity',
      outcome: 'failed',
      rowLevel: true,
      message: 'one row is out of range',
      provedBy: 'scan',
      partialUnexpected: unexpected,
      partialUnexpectedRows: unexpected.map((value, row) => ({ file: 'a.csv', row, index: { value } })),
      observedValue: unexpected[0],
    },
  }
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
