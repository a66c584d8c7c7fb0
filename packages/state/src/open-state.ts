import { existsSync } from 'node:fs'
import path from 'node:path'
import { Kysely } from 'kysely'
import { dropBatch, openBatches, pinBatch } from './batches.ts'
import { listChecks, recordChecks } from './checks.ts'
import { clearIndex } from './clear-index.ts'
import { exportState } from './export-state.ts'
import { listFailures, recordFailures } from './failures.ts'
import { indexedSeq, indexEntry } from './index-entry.ts'
import { acquireLease, listLeases, raiseFence, releaseLease, renewLease } from './lease.ts'
import { knownFiles, listFiles, updateStamps } from './list-files.ts'
import { listSchemas } from './list-schemas.ts'
import { completeLoad, getLoadHistory, startLoad } from './load-history.ts'
import { SCHEMA_VERSION } from './migrate.ts'
import { openForReading, openForWriting, tidyAfterReading } from './open-database.ts'
import { markDelivered, markFailed, takeNotices } from './outbox.ts'
import { currentOwner, isOwnerAlive } from './owner.ts'
import { listQuarantine } from './quarantine.ts'
import { closeDeadRuns, closeRun, listRuns, openRun } from './runs.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import type { State, StateOptions } from './state.ts'
import { getWatermark, listWatermarks, resetWatermark, updateWatermark } from './watermark.ts'

/**
 * Opens the state database, making or migrating it unless `readOnly`.
 *
 * @throws TidegateError `STATE_NOT_A_DATABASE`, `STATE_FOREIGN`, `STATE_NEWER`, `STATE_CORRUPT`, `STATE_FULL`,
 *   `STATE_BUSY` (retryable), `STATE_READ_ONLY`, `STATE_CANNOT_OPEN`, `STATE_IO`. The first three leave the file as it is.
 */
export async function openState(options: StateOptions): Promise<State> {
  const { nowMs, readOnly = false, busyTimeoutMs = 5000, isAlive = isOwnerAlive } = options
  const file = options.path === ':memory:' ? options.path : path.resolve(options.path)
  const leavesTraces = readOnly && !existsSync(`${file}-wal`)
  const database = await (readOnly ? openForReading(file, busyTimeoutMs) : openForWriting(file, busyTimeoutMs))
  const db = new Kysely<Schema>({ dialect: sqliteDialect({ database, path: file, readOnly, busyTimeoutMs }) })
  const ownerId = currentOwner('').id
  return {
    path: file,
    schemaVersion: SCHEMA_VERSION,
    close: async () => {
      await db.destroy()
      // Kysely does not destroy a driver that never ran a query.
      database.close()
      if (leavesTraces) tidyAfterReading(file)
    },

    acquireLease: async (source, owner, atMs, ttlMs) => acquireLease(db, isAlive, source, owner, atMs, ttlMs),
    renewLease: async (source, owner, fence, atMs, ttlMs) => renewLease(db, source, owner, fence, atMs, ttlMs),
    releaseLease: async (source, owner, fence) => releaseLease(db, source, owner, fence),
    raiseFence: async (source, atLeast) => raiseFence(db, source, atLeast),
    listLeases: async (atMs) => listLeases(db, atMs),

    knownFiles: async (source) => knownFiles(db, source),
    listFiles: async (filter) => listFiles(db, filter),
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
    closeRun: async (run, notices = []) => closeRun(db, run, notices, ownerId),
    closeDeadRuns: async (source, exceptRun, atMs) => closeDeadRuns(db, isAlive, source, exceptRun, atMs),
    listRuns: async (filter) => listRuns(db, filter),
    recordChecks: async (records) => recordChecks(db, records),
    listChecks: async (filter) => listChecks(db, filter),
    recordFailures: async (failures) => recordFailures(db, failures),
    listFailures: async (filter) => listFailures(db, filter),

    takeNotices: async (limit, atMs) => takeNotices(db, limit, atMs),
    markDelivered: async (key, atMs) => markDelivered(db, key, atMs),
    markFailed: async (key, atMs, error) => markFailed(db, key, atMs, error),

    getWatermark: async (source) => getWatermark(db, source),
    listWatermarks: async () => listWatermarks(db),
    updateWatermark: async (source, value, update = {}) => updateWatermark(db, source, value, update, nowMs()),
    resetWatermark: async (source) => resetWatermark(db, source),
    startLoad: async (source) => startLoad(db, source, nowMs(), ownerId),
    completeLoad: async (id, completion) => completeLoad(db, id, completion, nowMs()),
    getLoadHistory: async (filter) => getLoadHistory(db, filter),

    exportState: () => exportState(db),
  }
}
