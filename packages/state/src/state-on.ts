import { dropBatch, openBatches, pinBatch } from './batches.ts'
import { changeMarker } from './change-marker.ts'
import { checkConservation } from './check-conservation.ts'
import { listChecks, recordChecks } from './checks.ts'
import { clearIndex } from './clear-index.ts'
import { recordContract } from './contracts.ts'
import { exportState } from './export-state.ts'
import { factReader } from './facts/fact-reader.ts'
import { listFailures, recordFailures } from './failures.ts'
import { liveByHash, lostDuplicates, versionsOf } from './find-files.ts'
import { importRows } from './import-rows.ts'
import { indexedSeq, indexEntry } from './index-entry.ts'
import { knownDatasets, knownStamps } from './known-stamps.ts'
import { acquireLease, listLeases, raiseFence, releaseLease, renewLease } from './lease.ts'
import { knownFiles, listFiles, updateStamps } from './list-files.ts'
import { listSchemas } from './list-schemas.ts'
import { lastListing, saveListing } from './listing.ts'
import { completeLoad, getLoadHistory, startLoad } from './load-history.ts'
import { SCHEMA_VERSION } from './migrations/index.ts'
import { operationsOn } from './operations/operations-on.ts'
import { currentOwner, isOwnerAlive } from './owner.ts'
import { pruneHistory } from './prune-history.ts'
import { heldPaths, listQuarantine } from './quarantine.ts'
import { renameLocation, renameSource } from './rename.ts'
import { closeDeadRuns, closeRun, listRuns, openRun } from './runs.ts'
import type { State, StateOptions } from './state.ts'
import { verifyIndex } from './verify-index.ts'
import { getWatermark, listWatermarks, resetWatermark, updateWatermark } from './watermark.ts'
import type { OpenedDatabase } from './opened-database.ts'

/** The methods of a state on an open database. In a file of its own: it brings Kysely, which takes its time to load. */
export function stateOn({ db, path, close }: OpenedDatabase, options: StateOptions): State {
  const { nowMs, isAlive = isOwnerAlive } = options
  const ownerId = currentOwner('').id
  return {
    path,
    schemaVersion: SCHEMA_VERSION,
    close,

    acquireLease: async (source, owner, atMs, ttlMs) => acquireLease(db, isAlive, source, owner, atMs, ttlMs),
    renewLease: async (source, owner, fence, atMs, ttlMs) => renewLease(db, source, owner, fence, atMs, ttlMs),
    releaseLease: async (source, owner, fence) => releaseLease(db, source, owner, fence),
    raiseFence: async (source, atLeast) => raiseFence(db, source, atLeast),
    listLeases: async (atMs) => listLeases(db, atMs),

    knownFiles: async (source) => knownFiles(db, source),
    listFiles: async (filter) => listFiles(db, filter),
    knownStamps: (source) => knownStamps(db, source),
    knownDatasets: async (source) => knownDatasets(db, source),
    versionsOf: async (source, paths) => versionsOf(db, source, paths),
    liveByHash: async (source, hashes) => liveByHash(db, source, hashes),
    lostDuplicates: async (source, leaving) => lostDuplicates(db, source, leaving),
    lastListing: async (source) => lastListing(db, source),
    saveListing: async (source, change) => saveListing(db, source, change),
    heldPaths: async (source) => heldPaths(db, source),
    updateStamps: async (changes) => updateStamps(db, changes),

    pinBatch: async (batch) => pinBatch(db, batch),
    openBatches: async (source) => openBatches(db, source),
    dropBatch: async (batch) => dropBatch(db, batch),

    indexedSeq: async (location) => indexedSeq(db, location),
    indexEntry: async (location, entry, extra) => indexEntry(db, location, entry, extra),
    clearIndex: async (location) => clearIndex(db, location),
    listQuarantine: async (filter) => listQuarantine(db, filter),
    listSchemas: async (filter) => listSchemas(db, filter),

    openRun: async (run) => openRun(db, run, ownerId),
    closeRun: async (run, ending = {}) => closeRun(db, run, ending, ownerId),
    closeDeadRuns: async (source, exceptRun, atMs) => closeDeadRuns(db, isAlive, source, exceptRun, atMs),
    listRuns: async (filter) => listRuns(db, filter),
    recordChecks: async (records) => recordChecks(db, records),
    listChecks: async (filter) => listChecks(db, filter),
    recordFailures: async (failures) => recordFailures(db, failures),
    recordContract: async (version) => recordContract(db, version),
    listFailures: async (filter) => listFailures(db, filter),

    getWatermark: async (source) => getWatermark(db, source),
    listWatermarks: async () => listWatermarks(db),
    updateWatermark: async (source, value, update = {}) => updateWatermark(db, source, value, update, nowMs()),
    resetWatermark: async (source) => resetWatermark(db, source),
    startLoad: async (source) => startLoad(db, source, nowMs(), ownerId),
    completeLoad: async (id, completion) => completeLoad(db, id, completion, nowMs()),
    getLoadHistory: async (filter) => getLoadHistory(db, filter),

    ...operationsOn(db, nowMs, isAlive),
    ...factReader(db),
    changeMarker: async () => changeMarker(db),

    exportState: () => exportState(db),
    importRows: async (rows) => importRows(db, rows),
    verifyIndex: (ledgers) => verifyIndex(db, ledgers),
    checkConservation: async () => checkConservation(db),
    renameLocation: async (from, to) => renameLocation(db, from, to),
    renameSource: async (from, to, options) => renameSource(db, from, to, options),
    pruneHistory: async (beforeMs, { dryRun = false } = {}) => pruneHistory(db, beforeMs, nowMs(), dryRun),
  }
}
