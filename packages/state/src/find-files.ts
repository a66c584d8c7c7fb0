import type { FileRecord, FileVersionId } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { chunksOf } from './chunks-of.ts'
import { findSourceId, keysOf, readSourceIds } from './file-keys.ts'
import { forEachRow } from './for-each-row.ts'
import { fromHashBytes, toHashBytes } from './hash-bytes.ts'
import { byAge, readLocations, toFileRecord } from './list-files.ts'
import type { FileVersionTable, Schema } from './schema.ts'

/** Every version of these paths, oldest first per path. */
export async function versionsOf(
  db: Kysely<Schema>,
  source: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, readonly FileRecord[]>> {
  const rows: FileVersionTable[] = []
  for (const chunk of chunksOf(paths, 500)) {
    rows.push(
      ...(await db
        .selectFrom('file_version')
        .selectAll()
        .where('source', '=', source)
        .where('path', 'in', chunk)
        .execute()),
    )
  }
  const found = Map.groupBy(await toRecords(db, rows), (record) => record.path)
  for (const versions of found.values()) versions.sort(byAge)
  return found
}

/** Live versions whose bytes, or whose repaired copy's bytes, have one of these hashes. */
export async function liveByHash(
  db: Kysely<Schema>,
  source: string,
  hashes: readonly string[],
): Promise<readonly FileRecord[]> {
  const sourceId = await findSourceId(db, source)
  if (sourceId === undefined) return []
  const wanted = [...new Set(hashes)]
  const byBytes = await liveIds(db, sourceId, wanted)
  const byCopy = await forEachRow<{ id: number }>(
    db,
    { repaired_hash: 'text' },
    wanted.map((hash) => [hash]),
    `select file.id from new join file_version_row as file on file.repaired_hash = new.repaired_hash
     where file.source_id = ${String(sourceId)} and file.live = 1`,
  )
  const ids = new Set([...byBytes, ...byCopy].map((row) => row.id))
  return (await toRecords(db, await readRows(db, [...ids]))).toSorted(byPath)
}

interface LiveRow {
  readonly id: number
  readonly hash: Buffer
  readonly ledger_id: number
  readonly dataset: string
}

async function liveIds(db: Kysely<Schema>, sourceId: number, hashes: readonly string[]): Promise<readonly LiveRow[]> {
  return forEachRow<LiveRow>(
    db,
    { hash: 'bytea' },
    hashes.map((hash) => [toHashBytes(hash)]),
    `select file.id, file.hash, file.ledger_id, entry.dataset from new
     join file_version_row as file on substr(file.hash, 1, 8) = substr(new.hash, 1, 8) and file.hash = new.hash
     join entry on entry.id = file.entry_id
     where file.live = 1 and file.source_id = ${String(sourceId)}`,
  )
}

/** See `Ledger.lostDuplicates`. All is looked up in the skipped version's own ledger: targets of a fan-out differ. */
export async function lostDuplicates(
  db: Kysely<Schema>,
  source: string,
  leaving: ReadonlySet<FileVersionId> = new Set(),
): Promise<readonly FileRecord[]> {
  const sourceId = await findSourceId(db, source)
  if (sourceId === undefined) return []
  const going = await goingFiles(db, sourceId, leaving)
  const copies = await skippedCopies(db, sourceId)
  const orphans = copies.filter((copy) => copy.original_live !== 1 || going.has(copy.original_id ?? 0))
  const staying = new Set<string>()
  for (const row of await liveIds(db, sourceId, [...new Set(orphans.map((copy) => fromHashBytes(copy.hash)))])) {
    if (!going.has(row.id)) staying.add(bytesKey(row))
  }
  const lost = orphans.filter((copy) => !staying.has(bytesKey(copy)))
  return (
    await toRecords(
      db,
      await readRows(
        db,
        lost.map((copy) => copy.id),
      ),
    )
  ).toSorted(byPath)
}

/** Numbers of these versions, in every ledger. */
async function goingFiles(
  db: Kysely<Schema>,
  sourceId: number,
  leaving: ReadonlySet<FileVersionId>,
): Promise<ReadonlySet<number>> {
  const keys = keysOf(leaving, await readSourceIds(db)).filter((key) => key.sourceId === sourceId)
  const found = await forEachRow<{ id: number }>(
    db,
    { path: 'text', ordinal: 'bigint' },
    keys.map((key) => [key.path, key.ordinal]),
    `select file.id from new join file_version_row as file on file.source_id = ${String(sourceId)}
     and file.path = new.path and file.ordinal = new.ordinal`,
  )
  return new Set(found.map((row) => row.id))
}

interface Copy extends LiveRow {
  readonly original_id: number | null
  readonly original_live: number | null
}

/**
 * Held for its name, a file says nothing of copies under other names; for any other reason they would be held too. Where
 * newer rows took the place of all of an original's rows, its copies are as old as it is, and must not come back over them.
 */
async function skippedCopies(db: Kysely<Schema>, sourceId: number): Promise<readonly Copy[]> {
  const { rows } = await sql<Copy>`
    select copy.id, copy.hash, copy.ledger_id, entry.dataset, copy.original_id, original.live as original_live
    from file_version_row as copy
    join entry on entry.id = copy.entry_id
    left join file_version_row as original on original.id = copy.original_id
    where copy.source_id = ${sourceId} and copy.outcome = 2 and copy.duplicate_of is not null
      and not (coalesce(original.outcome, 0) = 1 and coalesce(original.reasons, '') not like '%"check":"file:name"%')
      and not (
        coalesce(original.rows_superseded, 0) > 0
        and original.rows_superseded >= original.rows_loaded + original.rows_replayed
      )`.execute(db)
  return rows
}

function bytesKey(row: Pick<LiveRow, 'ledger_id' | 'dataset' | 'hash'>): string {
  return `${String(row.ledger_id)}\0${row.dataset}\0${row.hash.toString('latin1')}`
}

async function readRows(db: Kysely<Schema>, ids: readonly number[]): Promise<readonly FileVersionTable[]> {
  const keys = await forEachRow<{
    ledger_id: number
    source: string
    path: string
    ordinal: number
  }>(
    db,
    { id: 'bigint' },
    ids.map((id) => [id]),
    `select file.ledger_id, source_name.name as source, file.path, file.ordinal
     from new join file_version_row as file on file.id = new.id join source_name on source_name.id = file.source_id`,
  )
  return forEachRow<FileVersionTable>(
    db,
    { ledger_id: 'bigint', source: 'text', path: 'text', ordinal: 'bigint' },
    keys.map((key) => [key.ledger_id, key.source, key.path, key.ordinal]),
    `select file_version.* from new join file_version on file_version.ledger_id = new.ledger_id
     and file_version.source = new.source and file_version.path = new.path and file_version.ordinal = new.ordinal`,
  )
}

function byPath(left: FileRecord, right: FileRecord): number {
  return Buffer.compare(Buffer.from(left.path), Buffer.from(right.path)) || byAge(left, right)
}

async function toRecords(db: Kysely<Schema>, rows: readonly FileVersionTable[]): Promise<readonly FileRecord[]> {
  if (rows.length === 0) return []
  const locations = await readLocations(db)
  return rows.map((row) => toFileRecord(row, locations))
}
