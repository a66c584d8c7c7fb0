import type { FactReader } from '@tidegate/core'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import { failedChecks, sumCheckDays, sumCheckFailures } from './check-sums.ts'
import { contractVersions } from './contract-versions.ts'
import { sumFileHours, sumFolders, sumScores } from './file-sums.ts'
import { lastLoaded, openHeld, queryFiles } from './query-files.ts'
import { factFailures, factRuns } from './run-facts.ts'
import { schemaVersions } from './schema-versions.ts'
import { sumQuarantine, sumRepairs } from './trouble-sums.ts'

/** The sums of a state; what it shares with the ledger is not among them. */
export function factReader(db: Kysely<Schema>): Omit<FactReader, 'listWatermarks' | 'listLeases'> {
  return {
    factRuns: async (window, latest, limit) => factRuns(db, window, latest, limit),
    sumFileHours: async (window) => sumFileHours(db, window),
    sumFolders: async (window, limit) => sumFolders(db, window, limit),
    sumScores: async (window) => sumScores(db, window),
    sumCheckDays: async (window) => sumCheckDays(db, window),
    sumCheckFailures: async (window) => sumCheckFailures(db, window),
    failedChecks: async (window, perCheck, only) => failedChecks(db, window, perCheck, only),
    queryFiles: async (query) => queryFiles(db, query),
    lastLoaded: async (sources) => lastLoaded(db, sources),
    openHeld: async (sources, limit) => openHeld(db, sources, limit),
    factFailures: async (window, limit) => factFailures(db, window, limit),
    sumQuarantine: async (window) => sumQuarantine(db, window),
    sumRepairs: async (window) => sumRepairs(db, window),
    schemaVersions: async (window) => schemaVersions(db, window),
    contractVersions: async (window) => contractVersions(db, window),
  }
}
