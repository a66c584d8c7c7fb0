import type { FileVersionId } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** A place where the counts of the index contradict each other (invariant 3). */
export type ConservationBreak =
  /** read ≠ loaded + rejected + replayed + discarded + dropped, or live rows ≠ loaded + replayed − superseded. */
  | {
      readonly kind: 'file'
      readonly location: string
      readonly file: FileVersionId
      readonly rowsRead: number
      readonly rowsLoaded: number
      readonly rowsRejected: number
      readonly rowsReplayed: number
      readonly rowsDiscarded: number
      readonly rowsDropped: number
      readonly rowsSuperseded: number
      readonly rowsLive: number
    }
  /** The live parts of a ledger do not hold as many rows as its live files have. */
  | {
      readonly kind: 'ledger'
      readonly location: string
      readonly rowsInParts: number
      readonly rowsOfFiles: number
    }

/** All breaks; an index that is right has none. */
export async function checkConservation(db: Kysely<Schema>): Promise<readonly ConservationBreak[]> {
  const files = await sql<Record<string, number> & { location: string; id: string }>`
    select ledger.location, file.* from file_version as file join ledger on ledger.id = file.ledger_id
    where rows_read <> rows_loaded + rows_rejected + rows_replayed + rows_discarded + rows_dropped
      or (live = 1 and outcome = 'loaded' and rows_live <> rows_loaded + rows_replayed - rows_superseded)
      or (live = 0 and rows_live <> 0)
      or rows_rejected < 0
    order by ledger.location, file.path, file.ordinal`.execute(db)
  // A gate without a target has files and no parts.
  const ledgers = await sql<{ location: string; parts: number; files: number }>`
    select location, parts, files from (
      select location,
        (select cast(sum(rows) as bigint) from part_row where part_row.ledger_id = ledger.id and part_row.live = 1) as parts,
        (select cast(coalesce(sum(rows_live), 0) as bigint) from file_version_row as file where file.ledger_id = ledger.id) as files,
        (select count(*) from part_row where part_row.ledger_id = ledger.id) as any_parts
      from ledger
    ) as sums
    where any_parts > 0 and coalesce(parts, 0) <> files
    order by location`.execute(db)
  return [
    ...files.rows.map((row): ConservationBreak => ({
      kind: 'file',
      location: row.location,
      file: row.id,
      rowsRead: row['rows_read'] ?? 0,
      rowsLoaded: row['rows_loaded'] ?? 0,
      rowsRejected: row['rows_rejected'] ?? 0,
      rowsReplayed: row['rows_replayed'] ?? 0,
      rowsDiscarded: row['rows_discarded'] ?? 0,
      rowsDropped: row['rows_dropped'] ?? 0,
      rowsSuperseded: row['rows_superseded'] ?? 0,
      rowsLive: row['rows_live'] ?? 0,
    })),
    ...ledgers.rows.map((row): ConservationBreak => ({
      kind: 'ledger',
      location: row.location,
      rowsInParts: row.parts ?? 0,
      rowsOfFiles: row.files,
    })),
  ]
}
