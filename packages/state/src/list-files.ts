import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileFilter, FileRecord, FileRepair, Reason, StampChange } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { keysOf, readSourceIds } from './file-keys.ts'
import { forEachRow } from './for-each-row.ts'
import { fromHashBytes } from './hash-bytes.ts'
import type { FileVersionTable, Schema } from './schema.ts'

/** Oldest first; with a limit the newest, newest first. */
export async function listFiles(db: Kysely<Schema>, filter: FileFilter = {}): Promise<readonly FileRecord[]> {
  const direction = filter.limit === undefined ? 'asc' : 'desc'
  // Repaired files are few and have an index of their own.
  const table = filter.repairedOnly === true ? 'file_version' : 'file_version_by_time'
  let query = db.selectFrom(`${table} as file_version`).selectAll()
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.sinceMs !== undefined) query = query.where('decided_at_ms', '>=', filter.sinceMs)
  if (filter.dataset !== undefined) query = query.where('dataset', '=', filter.dataset)
  if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome)
  if (filter.path !== undefined) {
    const tail = `/${filter.path}`
    query = query.where(
      sql<boolean>`(path = ${filter.path} or substr(path, length(path) - length(${tail}) + 1) = ${tail})`,
    )
  }
  if (filter.liveOnly === true) query = query.where('live', '=', 1)
  if (filter.repairedOnly === true) query = query.where('repaired_hash', 'is not', null)
  query = query
    .orderBy('decided_at_ms', direction)
    .orderBy('seq', direction)
    .orderBy('path', direction)
    .orderBy('ordinal', direction)
    .orderBy(sql`(select location from ledger where ledger.id = file_version.ledger_id)`, direction)
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  const locations = await readLocations(db)
  return (await query.execute()).map((row) => toFileRecord(row, locations))
}

/** Reads in pages, so that a million files do not hold up the process's timers. */
export async function knownFiles(
  db: Kysely<Schema>,
  source: string,
): Promise<ReadonlyMap<string, readonly FileRecord[]>> {
  const locations = await readLocations(db)
  const known = new Map<string, FileRecord[]>()
  let last: FileVersionTable | undefined
  for (;;) {
    let query = db
      .selectFrom('file_version')
      .selectAll()
      .where('source', '=', source)
      .orderBy('path')
      .orderBy('ordinal')
      .orderBy('ledger_id')
      .limit(PAGE_ROWS)
    if (last !== undefined) {
      const after = sql`(${last.path}, ${last.ordinal}, ${last.ledger_id})`
      query = query.where(sql<boolean>`(path, ordinal, ledger_id) > ${after}`)
    }
    const rows = await query.execute()
    for (const row of rows) {
      const versions = known.get(row.path)
      if (versions === undefined) known.set(row.path, [toFileRecord(row, locations)])
      else versions.push(toFileRecord(row, locations))
    }
    if (rows.length < PAGE_ROWS) break
    last = rows.at(-1)
    await nextTurn()
  }
  for (const versions of known.values()) if (versions.length > 1) versions.sort(byAge)
  return known
}

/** Two ledgers may hold the same version; their numbers in the database say nothing of the order. */
export function byAge(left: FileRecord, right: FileRecord): number {
  return (
    left.ordinal - right.ordinal || left.decidedAtMs - right.decidedAtMs || (left.location < right.location ? -1 : 1)
  )
}

/** One transaction for all: a remounted folder moves the stamps of every file in it. */
export async function updateStamps(db: Kysely<Schema>, changes: readonly StampChange[]): Promise<void> {
  if (changes.length === 0) return
  await db.transaction().execute(async (trx) => {
    const sources = await readSourceIds(trx)
    for (const [location, moved] of Map.groupBy(changes, (change) => change.location)) {
      const byId = new Map(moved.map((change) => [change.id, change]))
      const rows = keysOf(byId.keys(), sources).flatMap((key) => {
        const change = byId.get(key.id)
        return change === undefined
          ? []
          : [[key.sourceId, key.path, key.ordinal, change.stamp, change.modifiedAtMs, location ?? '']]
      })
      await forEachRow(
        trx,
        {
          source_id: 'bigint',
          path: 'text',
          ordinal: 'bigint',
          stamp: 'text',
          at_ms: 'double precision',
          location: 'text',
        },
        rows,
        `update file_version_row set stamp = new.stamp, modified_at_ms = new.at_ms from new
         where file_version_row.source_id = new.source_id and file_version_row.path = new.path
           and file_version_row.ordinal = new.ordinal
           ${location === undefined ? '' : 'and file_version_row.ledger_id in (select id from ledger where location = new.location)'}`,
      )
    }
  })
}

const PAGE_ROWS = 5000

export async function readLocations(db: Kysely<Schema>): Promise<ReadonlyMap<number, string>> {
  const rows = await db.selectFrom('ledger').select(['id', 'location']).execute()
  return new Map(rows.map((row) => [row.id, row.location]))
}

export function toFileRecord(row: FileVersionTable, locations: ReadonlyMap<number, string>): FileRecord {
  return {
    id: row.id,
    source: row.source,
    dataset: row.dataset,
    path: row.path,
    ordinal: row.ordinal,
    uri: row.uri,
    stamp: row.stamp,
    bytes: row.bytes,
    modifiedAtMs: row.modified_at_ms,
    hash: fromHashBytes(row.hash),
    outcome: row.outcome,
    live: row.live === 1,
    rowsRead: row.rows_read,
    rowsLoaded: row.rows_loaded,
    rowsRejected: row.rows_rejected,
    rowsDropped: row.rows_dropped,
    rowsReplayed: row.rows_replayed,
    rowsDiscarded: row.rows_discarded,
    rowsSuperseded: row.rows_superseded,
    score: row.score,
    verdict: row.verdict,
    reasons: row.reasons === '[]' ? [] : (JSON.parse(row.reasons) as Reason[]),
    duplicateOf: row.duplicate_of,
    quarantinePath: row.quarantine_path,
    ...(row.repair === null ? {} : { repair: JSON.parse(row.repair) as FileRepair }),
    batch: row.batch,
    run: row.run,
    location: locations.get(row.ledger_id) ?? '',
    seq: row.seq,
    decidedAtMs: row.decided_at_ms,
    durationMs: row.duration_ms,
  }
}
