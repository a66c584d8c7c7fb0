/**
 * Puts a ledger's entries into the index.
 *
 *   (1) Position and content agree: an entry is in the index with everything that follows from it if and only if its
 *       number is not above the ledger's position.                         [indexEntry: one transaction]
 *   (2) Entries come in order, each once; a gap is refused.                [takePosition]
 *   (3) A file version is live when its rows are in the target: it was loaded, and no later entry replaced it or
 *       removed its last part.                                             [retireFiles, writeFiles]
 */
import { stringifyJson, TidegateError, type FileVersionId, type IndexExtra, type LedgerEntry } from '@tidegate/core'
import { sql, type Kysely, type Transaction } from 'kysely'
import { chunksOf } from './chunks-of.ts'
import { insertNotices } from './outbox.ts'
import { indexQuarantine } from './quarantine.ts'
import type { FileVersionTable, Schema } from './schema.ts'
import { raiseShare } from './watermark.ts'

export async function indexedSeq(db: Kysely<Schema>, location: string): Promise<number> {
  const row = await db.selectFrom('ledger').select('seq').where('location', '=', location).executeTakeFirst()
  return row?.seq ?? 0
}

export async function indexEntry(
  db: Kysely<Schema>,
  location: string,
  entry: LedgerEntry,
  extra: IndexExtra = {},
): Promise<void> {
  const committedAtMs = Date.parse(entry.committedAt)
  if (!Number.isSafeInteger(entry.seq) || entry.seq < 1 || Number.isNaN(committedAtMs)) throw badEntry(location, entry)
  await db.transaction().execute(async (trx) => {
    const ledgerId = await takePosition(trx, location, entry)
    if (ledgerId === undefined) return
    await retireFiles(trx, ledgerId, entry)
    await writeParts(trx, ledgerId, entry)
    await writeFiles(trx, ledgerId, entry, committedAtMs, extra.durationMs ?? new Map())
    await indexQuarantine(trx, ledgerId, entry, committedAtMs)
    await noteSchema(trx, ledgerId, entry, committedAtMs)
    if (entry.watermark !== undefined) {
      await raiseShare(trx, {
        source: entry.source,
        ledgerId,
        ...entry.watermark,
        records: entry.files.reduce((sum, file) => sum + file.rowsLoaded, 0),
        atMs: committedAtMs,
      })
    }
    await trx.deleteFrom('batch').where('batch', '=', entry.batch).execute()
    for (const paths of chunksOf(entry.files, 500)) {
      await trx
        .deleteFrom('failure')
        .where('source', '=', entry.source)
        .where(
          'path',
          'in',
          paths.map((file) => file.path),
        )
        .execute()
    }
    await insertNotices(trx, extra.notices ?? [])
  })
}

/** The ledger's id, its position moved to this entry; undefined when the entry is indexed already. */
async function takePosition(
  trx: Transaction<Schema>,
  location: string,
  entry: LedgerEntry,
): Promise<number | undefined> {
  const ledger = await trx
    .selectFrom('ledger')
    .select(['id', 'seq'])
    .where('location', '=', location)
    .executeTakeFirst()
  const position = ledger?.seq ?? 0
  if (entry.seq <= position) return undefined
  if (entry.seq > position + 1) throw gap(location, position, entry.seq)
  const row = await trx
    .insertInto('ledger')
    .values({ location, seq: entry.seq })
    .onConflict((conflict) => conflict.column('location').doUpdateSet({ seq: entry.seq }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

async function retireFiles(trx: Transaction<Schema>, ledgerId: number, entry: LedgerEntry): Promise<void> {
  const gone = new Set(entry.files.flatMap((file) => file.replaces ?? []))
  for (const id of await removeParts(trx, ledgerId, entry)) gone.add(id)
  for (const chunk of chunksOf([...gone], 500)) {
    await trx
      .updateTable('file_version')
      .set({ live: 0 })
      .where('ledger_id', '=', ledgerId)
      .where('id', 'in', chunk)
      .execute()
  }
}

/** Takes the entry's `remove` away. Returns the file versions that are in no part any more. */
async function removeParts(
  trx: Transaction<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
): Promise<ReadonlySet<FileVersionId>> {
  const gone = new Set<FileVersionId>()
  for (const chunk of chunksOf(entry.remove, 500)) {
    const parts = await trx
      .updateTable('part')
      .set({ live: 0 })
      .where('ledger_id', '=', ledgerId)
      .where('visible', 'in', chunk)
      .where('live', '=', 1)
      .returning('files')
      .execute()
    for (const part of parts) for (const id of JSON.parse(part.files) as FileVersionId[]) gone.add(id)
  }
  for (const part of entry.add) for (const id of part.files) gone.delete(id)
  if (gone.size === 0) return gone
  // A file may fill several parts: while one of them stays, so does the file.
  const staying = await sql<{ id: string }>`
    select distinct held.value as id
    from part, json_each(part.files) as held
    where part.ledger_id = ${ledgerId} and part.live = 1
      and held.value in (select value from json_each(${JSON.stringify([...gone])}))`.execute(trx)
  for (const { id } of staying.rows) gone.delete(id)
  return gone
}

async function writeParts(trx: Transaction<Schema>, ledgerId: number, entry: LedgerEntry): Promise<void> {
  const rows = entry.add.map((part) => ({
    ledger_id: ledgerId,
    visible: part.visible,
    seq: entry.seq,
    live: 1,
    bytes: part.bytes,
    rows: part.rows,
    hash: part.hash,
    files: stringifyJson(part.files),
  }))
  for (const chunk of chunksOf(rows, 100)) await trx.replaceInto('part').values(chunk).execute()
}

async function writeFiles(
  trx: Transaction<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
  committedAtMs: number,
  durations: ReadonlyMap<FileVersionId, number>,
): Promise<void> {
  const rows = entry.files.map((file): FileVersionTable => ({
    ledger_id: ledgerId,
    id: file.id,
    source: entry.source,
    dataset: entry.dataset,
    path: file.path,
    ordinal: file.ordinal,
    uri: file.uri,
    stamp: file.stamp,
    bytes: file.bytes,
    modified_at_ms: file.modifiedAtMs,
    hash: file.hash,
    outcome: file.outcome,
    live: file.outcome === 'loaded' ? 1 : 0,
    rows_read: file.rowsRead,
    rows_loaded: file.rowsLoaded,
    rows_rejected: file.rowsRejected,
    rows_dropped: file.rowsDropped,
    score: file.score,
    verdict: file.verdict,
    reasons: file.reasons.length === 0 ? '[]' : stringifyJson(file.reasons),
    duplicate_of: file.duplicateOf ?? null,
    quarantine_path: file.quarantinePath ?? null,
    repair: file.repair === undefined ? null : stringifyJson(file.repair),
    batch: entry.batch,
    run: entry.run,
    seq: entry.seq,
    decided_at_ms: committedAtMs,
    duration_ms: durations.get(file.id) ?? null,
  }))
  for (const chunk of chunksOf(rows, 50)) {
    await trx
      .insertInto('file_version')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['ledger_id', 'id']).doUpdateSet((row) => ({
          source: row.ref('excluded.source'),
          dataset: row.ref('excluded.dataset'),
          path: row.ref('excluded.path'),
          ordinal: row.ref('excluded.ordinal'),
          uri: row.ref('excluded.uri'),
          stamp: row.ref('excluded.stamp'),
          bytes: row.ref('excluded.bytes'),
          modified_at_ms: row.ref('excluded.modified_at_ms'),
          hash: row.ref('excluded.hash'),
          outcome: row.ref('excluded.outcome'),
          // Judging a file again does not take away the rows that an earlier entry loaded.
          live: sql<number>`max(excluded.live, file_version.live)`,
          rows_read: row.ref('excluded.rows_read'),
          rows_loaded: row.ref('excluded.rows_loaded'),
          rows_rejected: row.ref('excluded.rows_rejected'),
          rows_dropped: row.ref('excluded.rows_dropped'),
          score: row.ref('excluded.score'),
          verdict: row.ref('excluded.verdict'),
          reasons: row.ref('excluded.reasons'),
          duplicate_of: row.ref('excluded.duplicate_of'),
          quarantine_path: row.ref('excluded.quarantine_path'),
          repair: row.ref('excluded.repair'),
          batch: row.ref('excluded.batch'),
          run: row.ref('excluded.run'),
          seq: row.ref('excluded.seq'),
          decided_at_ms: row.ref('excluded.decided_at_ms'),
          duration_ms: row.ref('excluded.duration_ms'),
        })),
      )
      .execute()
  }
}

async function noteSchema(
  trx: Transaction<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
  committedAtMs: number,
): Promise<void> {
  await trx
    .insertInto('schema_version')
    .values({
      ledger_id: ledgerId,
      source: entry.source,
      dataset: entry.dataset,
      schema_id: entry.schema.id,
      columns: stringifyJson(entry.schema.columns),
      first_seen_ms: committedAtMs,
      seq: entry.seq,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function gap(location: string, position: number, seq: number): TidegateError {
  return new TidegateError(
    'STATE_GAP',
    `entry ${String(seq)} cannot be indexed after entry ${String(position)}: ${location}`,
    {
      hint: 'Index the entries between them first; `tidegate state rebuild` reads the whole log again.',
      dataNow: 'Nothing of this entry was indexed. The loaded data is not affected.',
    },
  )
}

function badEntry(location: string, entry: LedgerEntry): TidegateError {
  return new TidegateError(
    'STATE_BAD_ENTRY',
    `an entry needs a number from 1 and a time, not ${String(entry.seq)} and ${JSON.stringify(entry.committedAt)}: ${location}`,
    {
      hint: 'The commit log may be damaged: look at `_tidegate/log` in the target.',
      dataNow: 'Nothing of this entry was indexed. The loaded data is not affected.',
    },
  )
}
