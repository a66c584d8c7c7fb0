/**
 * What the files of an entry sum up to, by folder and score: a million files are a few ten thousand rows of `entry_sum`.
 *
 *   (1) The sums of an entry are those of the files that it decided last. [sumEntries, called for each entry of which a file
 *       came, went or moved rows, in the same transaction]
 *
 * They are always summed anew, never added to, so they cannot drift.
 */
import type { FileVersionId } from '@tidegate/core'
import type { Kysely } from 'kysely'
import { keysOf, type SourceIds } from '../file-keys.ts'
import { forEachRow } from '../for-each-row.ts'
import type { Schema } from '../schema.ts'

export async function sumEntries(trx: Kysely<Schema>, entries: Iterable<number>): Promise<void> {
  const rows = [...new Set(entries)].map((id) => [id])
  await forEachRow(trx, { id: 'bigint' }, rows, 'delete from entry_sum where entry_id in (select id from new)')
  await forEachRow(trx, { id: 'bigint' }, rows, INSERT)
}

/** Entries that decided these versions. */
export async function entriesOf(
  trx: Kysely<Schema>,
  ledgerId: number,
  files: readonly FileVersionId[],
  sources: SourceIds,
): Promise<readonly number[]> {
  const found = await forEachRow<{ entry_id: number }>(
    trx,
    { source_id: 'bigint', path: 'text', ordinal: 'bigint' },
    keysOf(files, sources).map((key) => [key.sourceId, key.path, key.ordinal]),
    `select file.entry_id from new join file_version_row as file on file.source_id = new.source_id
     and file.path = new.path and file.ordinal = new.ordinal and file.ledger_id = ${String(ledgerId)}`,
  )
  return [...new Set(found.map((row) => row.entry_id))]
}

// The folder is what is left of the path when all that is no slash is cut off its end. Files without a score: bin -1.
const INSERT = `insert into entry_sum (entry_id, folder, bin, loaded, held, skipped, repaired, rows_read, rows_loaded, rows_rejected,
  rows_dropped, rows_replayed, rows_discarded, bytes, rows_max, bytes_max, scored, score_sum, score_min)
select file.entry_id, rtrim(rtrim(file.path, replace(file.path, '/', '')), '/'),
  case when file.score is null then -1 when file.score >= 100 then 20 when file.score < 0 then 0 else cast(floor(file.score / 5) as bigint) end,
  sum(case when file.outcome = 0 then 1 else 0 end),
  sum(case when file.outcome = 1 then 1 else 0 end),
  sum(case when file.outcome = 2 then 1 else 0 end),
  sum(case when file.repair is not null and file.outcome < 2 then 1 else 0 end),
  sum(file.rows_read), sum(file.rows_loaded), sum(file.rows_rejected), sum(file.rows_dropped), sum(file.rows_replayed),
  sum(file.rows_discarded), sum(file.bytes), max(file.rows_read), max(file.bytes), count(file.score), coalesce(sum(file.score), 0), min(file.score)
from new join file_version_row as file on file.entry_id = new.id
group by 1, 2, 3`
