/**
 * Puts a ledger's entries into the index.
 *
 *   (1) Position and content agree: an entry is in the index with everything that follows from it if and only if its
 *       number is not above the ledger's position.                         [indexEntry: one transaction]
 *   (2) Entries come in order, each once; a gap is refused.                [takePosition]
 *   (3) A file version is live when its rows are in the target: it was loaded, and no later entry replaced it, removed
 *       its last part or superseded its last row.                          [retireFiles, writeFiles, moveRows]
 *   (4) Its live rows = loaded + replayed − superseded.                    [write-files.ts, moveRows]
 */
import { fileVersionId, stringifyJson, TidegateError, type IndexExtra, type LedgerEntry } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { entriesOf, sumEntries } from './facts/sum-entries.ts'
import { findFiles, keysOf, readSourceIds, takeSourceId, type SourceIds } from './file-keys.ts'
import { forEachRow } from './for-each-row.ts'
import { moveRows, replayedOf, supersededOf } from './move-rows.ts'
import { insertNotices } from './outbox.ts'
import { indexQuarantine } from './quarantine.ts'
import type { Schema } from './schema.ts'
import { raiseShare } from './watermark.ts'
import { writeEntry, writeFiles } from './write-files.ts'
import { removeParts, writeParts } from './write-parts.ts'

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
  const misnamed = entry.files.find((file) => file.id !== fileVersionId(entry.source, file.path, file.ordinal))
  if (misnamed !== undefined) throw badId(location, entry, misnamed.id)
  await db.transaction().execute(async (trx) => {
    const ledgerId = await takePosition(trx, location, entry)
    if (ledgerId === undefined) return
    const sourceId = await takeSourceId(trx, entry.source)
    const sources = await readSourceIds(trx)
    await retireFiles(trx, ledgerId, entry, sources)
    await moveRows(trx, ledgerId, supersededOf(entry), sources)
    const written = await writeEntry(trx, ledgerId, sourceId, entry, committedAtMs)
    const files = await writeFiles(trx, written, entry, sources, extra.durationMs ?? new Map())
    await writeParts(trx, ledgerId, entry, sources, files)
    const replayed = replayedOf(entry)
    await moveRows(trx, ledgerId, replayed, sources)
    const moved = replayed.map((move) => move.file)
    await sumEntries(trx, [written.id, ...(await entriesOf(trx, ledgerId, moved, sources))])
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
    await forgetFailures(trx, entry)
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

async function retireFiles(
  trx: Transaction<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
  sources: SourceIds,
): Promise<void> {
  const gone = new Set(await removeParts(trx, ledgerId, entry, sources))
  const replaced = entry.files.flatMap((file) => file.replaces ?? [])
  for (const id of (await findFiles(trx, ledgerId, keysOf(replaced, sources))).values()) gone.add(id)
  await forEachRow(
    trx,
    { id: 'bigint' },
    [...gone].map((id) => [id]),
    'update file_version_row set live = 0, rows_live = 0 from new where file_version_row.id = new.id',
  )
}

/** Most sources have none: then there is no need to look for each file. */
async function forgetFailures(trx: Transaction<Schema>, { source, files }: LedgerEntry): Promise<void> {
  const any = await trx.selectFrom('failure').select('path').where('source', '=', source).limit(1).executeTakeFirst()
  if (any === undefined) return
  await forEachRow(
    trx,
    { source: 'text', path: 'text' },
    [...new Set(files.map((file) => file.path))].map((path) => [source, path]),
    'delete from failure where (source, path) in (select source, path from new)',
  )
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

function badId(location: string, entry: LedgerEntry, id: string): TidegateError {
  return new TidegateError(
    'STATE_BAD_ENTRY',
    `entry ${String(entry.seq)} has a file whose id is not its source, path and ordinal, ${JSON.stringify(id)}: ${location}`,
    {
      hint: 'The commit log may be damaged: look at `_tidegate/log` in the target.',
      dataNow: 'Nothing of this entry was indexed. The loaded data is not affected.',
    },
  )
}
