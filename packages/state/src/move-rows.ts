import type { FileVersionId, LedgerEntry } from '@tidegate/core'
import type { Kysely } from 'kysely'
import { findFiles, keysOf, type SourceIds } from './file-keys.ts'
import { forEachRow } from './for-each-row.ts'
import type { Schema } from './schema.ts'

/** Changes to the rows of file versions that an entry did not judge. */
export interface RowMove {
  readonly file: FileVersionId
  readonly live: number
  readonly rejected: number
  readonly dropped: number
  readonly replayed: number
  readonly discarded: number
  readonly superseded: number
}

/** Rows of earlier files that the entry's own rows took the place of. */
export function supersededOf(entry: LedgerEntry): readonly RowMove[] {
  return sumByFile(
    (entry.superseded ?? []).map(({ file, rows }) => ({
      ...NOTHING,
      file,
      live: -rows,
      superseded: rows,
    })),
  )
}

/** Rows that left quarantine: each is loaded, dropped, discarded, or rejected again. */
export function replayedOf(entry: LedgerEntry): readonly RowMove[] {
  return sumByFile(
    (entry.replays ?? []).map((replay) => ({
      file: replay.file,
      live: replay.rowsLoaded,
      rejected: replay.rowsRejected - replay.rowsRead,
      dropped: replay.rowsDropped,
      replayed: replay.rowsLoaded,
      discarded: replay.rowsDiscarded,
      superseded: 0,
    })),
  )
}

/** A version is live while it has live rows; one that never had any, since its file was empty, stays as it is. */
export async function moveRows(
  trx: Kysely<Schema>,
  ledgerId: number,
  moves: readonly RowMove[],
  sources: SourceIds,
): Promise<void> {
  if (moves.length === 0) return
  const files = await findFiles(
    trx,
    ledgerId,
    keysOf(
      moves.map((move) => move.file),
      sources,
    ),
  )
  const rows = moves.flatMap((move) => {
    const id = files.get(move.file)
    return id === undefined ? [] : [[id, ...COLUMNS.map((column) => move[column])]]
  })
  const types = Object.fromEntries(['id', ...COLUMNS].map((column) => [column, 'bigint' as const]))
  await forEachRow(trx, types, rows, MOVE)
}

const MOVE = `update file_version_row set
  live = case
    when new.live = 0 then file_version_row.live
    when file_version_row.rows_live + new.live > 0 then 1
    else 0
  end,
  rows_live = rows_live + new.live,
  rows_rejected = rows_rejected + new.rejected,
  rows_dropped = rows_dropped + new.dropped,
  rows_replayed = rows_replayed + new.replayed,
  rows_discarded = rows_discarded + new.discarded,
  rows_superseded = rows_superseded + new.superseded
from new where file_version_row.id = new.id`

const COLUMNS = ['live', 'rejected', 'dropped', 'replayed', 'discarded', 'superseded'] as const

const NOTHING: Omit<RowMove, 'file'> = {
  live: 0,
  rejected: 0,
  dropped: 0,
  replayed: 0,
  discarded: 0,
  superseded: 0,
}

/** An update takes one change per row: two records of one file may be replayed by one entry. */
function sumByFile(moves: readonly RowMove[]): readonly RowMove[] {
  const sums = new Map<FileVersionId, RowMove>()
  for (const move of moves) {
    const sum = sums.get(move.file) ?? { ...NOTHING, file: move.file }
    const added = Object.fromEntries(COLUMNS.map((column) => [column, sum[column] + move[column]]))
    sums.set(move.file, { ...sum, ...added })
  }
  return [...sums.values()]
}
