import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileFilter, FileRecord, FileRepair, Reason, StampChange } from '@tidegate/core'
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely'
import type { FileVersionTable, Schema } from './schema.ts'

/** Oldest first; with a limit the newest, newest first. */
export async function listFiles(db: Kysely<Schema>, filter: FileFilter = {}): Promise<readonly FileRecord[]> {
  const direction = filter.limit === undefined ? 'asc' : 'desc'
  let query = selectFiles(db)
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.sinceMs !== undefined) query = query.where('decided_at_ms', '>=', filter.sinceMs)
  if (filter.dataset !== undefined) query = query.where('dataset', '=', filter.dataset)
  if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome)
  if (filter.path !== undefined) {
    const tail = `/${filter.path}`
    query = query.where(sql<boolean>`(path = ${filter.path} or substr(path, -length(${tail})) = ${tail})`)
  }
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
    let query = selectFiles(db)
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
function byAge(left: FileRecord, right: FileRecord): number {
  return (
    left.ordinal - right.ordinal || left.decidedAtMs - right.decidedAtMs || (left.location < right.location ? -1 : 1)
  )
}

/** One transaction for all: a remounted folder moves the stamps of every file in it. */
export async function updateStamps(db: Kysely<Schema>, changes: readonly StampChange[]): Promise<void> {
  if (changes.length === 0) return
  await db.transaction().execute(async (trx) => {
    for (const { id, stamp, modifiedAtMs } of changes) {
      await trx
        .updateTable('file_version')
        .set({ stamp, modified_at_ms: modifiedAtMs })
        // The ledgers are few; naming them lets the primary key find the file.
        .where('ledger_id', 'in', trx.selectFrom('ledger').select('id'))
        .where('id', '=', id)
        .execute()
    }
  })
}

const PAGE_ROWS = 5000

function selectFiles(db: Kysely<Schema>): SelectQueryBuilder<Schema, 'file_version', FileVersionTable> {
  return db.selectFrom('file_version').selectAll()
}

async function readLocations(db: Kysely<Schema>): Promise<ReadonlyMap<number, string>> {
  const rows = await db.selectFrom('ledger').select(['id', 'location']).execute()
  return new Map(rows.map((row) => [row.id, row.location]))
}

function toFileRecord(row: FileVersionTable, locations: ReadonlyMap<number, string>): FileRecord {
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
    hash: row.hash,
    outcome: row.outcome,
    live: row.live === 1,
    rowsRead: row.rows_read,
    rowsLoaded: row.rows_loaded,
    rowsRejected: row.rows_rejected,
    rowsDropped: row.rows_dropped,
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
