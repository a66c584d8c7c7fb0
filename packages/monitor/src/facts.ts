import type {
  Capped,
  CheckDay,
  CheckFailures,
  CheckRecord,
  ContractVersion,
  FactReader,
  FileFailure,
  FileHour,
  FileRecord,
  FolderSums,
  QuarantineSums,
  RepairSums,
  RunRecord,
  SchemaVersionFact,
  ScoreBins,
  WatermarkRecord,
} from '@tidegate/core'

/**
 * The past as plain JSON-ready data, read once; every view is a pure function of it, on a server as in a browser. A page that
 * has the facts can narrow them (see narrowFacts) and show every view anew without asking anybody.
 */
export interface Facts {
  readonly factsVersion: 1
  /** The window that was asked for: from inclusive, to exclusive. Unix milliseconds. */
  readonly sinceMs: number
  readonly untilMs: number
  /** How far back `runs`, `fileHours`, `checkDays` and `scores` reach: comparisons need 28 days before today. */
  readonly reachMs: number
  /** Newest first. Also the newest 10 of each source, however old. */
  readonly runs: Capped<RunRecord>
  readonly fileHours: readonly FileHour[]
  /** Of the window, as all that follows. */
  readonly folders: Capped<FolderSums>
  readonly scores: readonly ScoreBins[]
  readonly checkDays: readonly CheckDay[]
  readonly checkFailures: readonly CheckFailures[]
  /** Newest first; of each check some. */
  readonly failedChecks: Capped<CheckRecord>
  /** Files worth a look: the newest, the lowest scores, the largest. Each once, newest first. */
  readonly files: Capped<FileRecord>
  /** Newest loaded file of each source, however old. */
  readonly lastLoaded: readonly FileRecord[]
  /** Held files that nobody dealt with, however old. Newest first. */
  readonly held: Capped<FileRecord>
  readonly failures: Capped<FileFailure>
  readonly quarantine: readonly QuarantineSums[]
  readonly repairs: readonly RepairSums[]
  readonly schemas: readonly SchemaVersionFact[]
  readonly contracts: readonly ContractVersion[]
  readonly watermarks: readonly WatermarkRecord[]
  readonly leases: readonly { readonly source: string; readonly what: string; readonly expiresAtMs: number }[]
}

export interface FactsWindow {
  /** Unix milliseconds, inclusive. */
  readonly sinceMs: number
  readonly nowMs: number
  /** Only these sources. @defaultValue all that have a history */
  readonly sources?: readonly string[] | undefined
}

/** How much of what is large is taken along. */
export const FACT_LIMITS = {
  latestRuns: 10,
  runs: 20_000,
  folders: 2_000,
  resultsPerCheck: 10,
  files: 1_000,
  held: 1_000,
  failures: 1_000,
} as const

const DAY_MS = 86_400_000
const COMPARED_DAYS = 29

/** Reads what the views need of the window. Costs grow with the window's hours, folders and causes, not with its files. */
export async function readFacts(reader: FactReader, window: FactsWindow): Promise<Facts> {
  const { sinceMs, nowMs, sources } = window
  const asked = { sinceMs, untilMs: nowMs, sources }
  const reachMs = Math.min(sinceMs, (Math.floor(nowMs / DAY_MS) - COMPARED_DAYS) * DAY_MS)
  const reach = { ...asked, sinceMs: reachMs }
  const leases = await reader.listLeases(nowMs)
  return {
    factsVersion: 1,
    sinceMs,
    untilMs: nowMs,
    reachMs,
    runs: await reader.factRuns(reach, FACT_LIMITS.latestRuns, FACT_LIMITS.runs),
    fileHours: await reader.sumFileHours(reach),
    folders: await reader.sumFolders(asked, FACT_LIMITS.folders),
    scores: await reader.sumScores(reach),
    checkDays: await reader.sumCheckDays(reach),
    checkFailures: await reader.sumCheckFailures(asked),
    failedChecks: await reader.failedChecks(asked, FACT_LIMITS.resultsPerCheck),
    files: await notableFiles(reader, asked),
    lastLoaded: await reader.lastLoaded(sources),
    held: await reader.openHeld(sources, FACT_LIMITS.held),
    failures: await reader.factFailures(asked, FACT_LIMITS.failures),
    quarantine: await reader.sumQuarantine(asked),
    repairs: await reader.sumRepairs(asked),
    schemas: await reader.schemaVersions(asked),
    contracts: await reader.contractVersions(asked),
    watermarks: (await reader.listWatermarks()).filter(({ source }) => sources?.includes(source) ?? true),
    leases: leases
      .filter(({ source }) => sources?.includes(source) ?? true)
      .map(({ source, owner, expiresAtMs }) => ({ source, what: owner.what, expiresAtMs })),
  }
}

async function notableFiles(
  reader: FactReader,
  window: { sinceMs: number; untilMs: number; sources: readonly string[] | undefined },
): Promise<Capped<FileRecord>> {
  const found = new Map<string, FileRecord>()
  let total = 0
  for (const order of ['newest', 'lowest-score', 'most-rows'] as const) {
    const imperfectOnly = order === 'lowest-score'
    const page = await reader.queryFiles({ ...window, order, imperfectOnly, limit: Math.ceil(FACT_LIMITS.files / 3) })
    if (!imperfectOnly) total = page.total
    for (const file of page.items) found.set(JSON.stringify([file.location, file.id]), file)
  }
  return { items: [...found.values()].toSorted((a, b) => b.decidedAtMs - a.decidedAtMs), total }
}
