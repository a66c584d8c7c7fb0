import { stringifyJson, type FileOutcome, type FileVersionId, type LedgerEntry, type LedgerFile } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { entriesOf, sumEntries } from './facts/sum-entries.ts'
import { findFiles, keysOf, type SourceIds } from './file-keys.ts'
import { forEachRow, type Cell, type RowColumns } from './for-each-row.ts'
import { toHashBytes } from './hash-bytes.ts'
import type { Schema } from './schema.ts'

export interface WrittenEntry {
  readonly id: number
  readonly ledgerId: number
  readonly sourceId: number
  /** What most of its files' uris begin with, before the path. */
  readonly uriRoot: string
}

/** Notes what all files of the entry have in common. */
export async function writeEntry(
  trx: Kysely<Schema>,
  ledgerId: number,
  sourceId: number,
  entry: LedgerEntry,
  decidedAtMs: number,
): Promise<WrittenEntry> {
  const [first] = entry.files
  const uriRoot = first?.uri.endsWith(first.path) === true ? first.uri.slice(0, -first.path.length) : ''
  const { rows } = await sql<{ id: number }>`
    insert into entry (id, ledger_id, seq, source_id, dataset, batch, run, decided_at_ms, uri_root)
    values (
      (select coalesce(max(id), 0) + 1 from entry),
      ${ledgerId}, ${entry.seq}, ${sourceId}, ${entry.dataset}, ${entry.batch}, ${entry.run}, ${decidedAtMs}, ${uriRoot}
    ) returning id`.execute(trx)
  return { id: rows[0]?.id ?? 0, ledgerId, sourceId, uriRoot }
}

/**
 * Writes the entry's file versions; one that was judged before is written over. Nothing but the lock of the transaction keeps
 * a version from being there twice: the index of paths holds more than the key, and a second one would double it.
 *
 * @returns the number of each
 */
export async function writeFiles(
  trx: Kysely<Schema>,
  written: WrittenEntry,
  entry: LedgerEntry,
  sources: SourceIds,
  durations: ReadonlyMap<FileVersionId, number>,
): Promise<ReadonlyMap<FileVersionId, number>> {
  const { ledgerId, sourceId } = written
  // Of two judgements in one entry the last one counts.
  const files = [...new Map(entry.files.map((file) => [file.id, file])).values()]
  const keys = files.map(({ id, path, ordinal }) => ({ id, sourceId, path, ordinal }))
  const known = await findFiles(trx, ledgerId, keys)
  const rowOf = (id: number, file: LedgerFile): readonly Cell[] => toRow(id, written, file, durations.get(file.id))
  const again = files.flatMap((file) => {
    const id = known.get(file.id)
    return id === undefined ? [] : [rowOf(id, file)]
  })
  let last = await highestId(trx)
  const added = files
    .filter((file) => !known.has(file.id))
    .map((file) => {
      last += 1
      known.set(file.id, last)
      return rowOf(last, file)
    })
  await forEachRow(trx, COLUMNS, added, `insert into file_version_row (${NAMES.join(', ')}) select * from new`)
  const left = await entriesOf(trx, ledgerId, again.length === 0 ? [] : [...known.keys()], sources)
  await forEachRow(trx, COLUMNS, again, OVERWRITE)
  await sumEntries(trx, left)
  await noteOriginals(trx, written, files, sources, known)
  return known
}

async function highestId(trx: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{
    id: number | null
  }>`select max(id) as id from file_version_row`.execute(trx)
  return rows[0]?.id ?? 0
}

/** A copy that was skipped knows the row of the version that has its bytes, which may be in the same entry. */
async function noteOriginals(
  trx: Kysely<Schema>,
  { ledgerId, sourceId }: WrittenEntry,
  files: readonly LedgerFile[],
  sources: SourceIds,
  known: ReadonlyMap<FileVersionId, number>,
): Promise<void> {
  const copies = files.filter((file) => file.duplicateOf !== undefined)
  const missing = copies.flatMap(({ duplicateOf = '' }) => (known.has(duplicateOf) ? [] : [duplicateOf]))
  // Bytes are compared within a source.
  const keys = keysOf(missing, sources).filter((key) => key.sourceId === sourceId)
  const found = await findFiles(trx, ledgerId, keys)
  await forEachRow(
    trx,
    { id: 'bigint', original_id: 'bigint' },
    copies.map(({ id, duplicateOf = '' }) => [
      known.get(id) ?? 0,
      known.get(duplicateOf) ?? found.get(duplicateOf) ?? null,
    ]),
    'update file_version_row set original_id = new.original_id from new where file_version_row.id = new.id',
  )
}

export const OUTCOMES: readonly FileOutcome[] = ['loaded', 'held', 'skipped']

const COLUMNS = {
  id: 'bigint',
  ledger_id: 'bigint',
  source_id: 'bigint',
  entry_id: 'bigint',
  ordinal: 'bigint',
  outcome: 'bigint',
  live: 'bigint',
  bytes: 'bigint',
  rows_read: 'bigint',
  rows_loaded: 'bigint',
  rows_rejected: 'bigint',
  rows_dropped: 'bigint',
  rows_live: 'bigint',
  rows_replayed: 'bigint',
  rows_discarded: 'bigint',
  rows_superseded: 'bigint',
  modified_at_ms: 'double precision',
  score: 'double precision',
  duration_ms: 'double precision',
  path: 'text',
  stamp: 'text',
  hash: 'bytea',
  uri: 'text',
  verdict: 'text',
  reasons: 'text',
  duplicate_of: 'text',
  quarantine_path: 'text',
  repair: 'text',
  repaired_hash: 'text',
} as const satisfies RowColumns

const NAMES = Object.keys(COLUMNS)

/** Judging a file again does not take away the rows that an earlier entry loaded. */
const KEPT_WHILE_LIVE: ReadonlySet<string> = new Set(['live', 'rows_live', 'rows_superseded'])

const OVERWRITE = `update file_version_row set ${NAMES.filter((name) => name !== 'id')
  .map((name) =>
    KEPT_WHILE_LIVE.has(name)
      ? `${name} = case when new.live = 1 then new.${name} else file_version_row.${name} end`
      : `${name} = new.${name}`,
  )
  .join(', ')}, original_id = null from new where file_version_row.id = new.id`

function toRow(
  id: number,
  { id: entryId, ledgerId, sourceId, uriRoot }: WrittenEntry,
  file: LedgerFile,
  durationMs: number | undefined,
): readonly Cell[] {
  const isLoaded = file.outcome === 'loaded'
  const values: Readonly<Record<keyof typeof COLUMNS, Cell>> = {
    id,
    ledger_id: ledgerId,
    source_id: sourceId,
    entry_id: entryId,
    ordinal: file.ordinal,
    outcome: OUTCOMES.indexOf(file.outcome),
    live: isLoaded ? 1 : 0,
    bytes: file.bytes,
    rows_read: file.rowsRead,
    rows_loaded: file.rowsLoaded,
    rows_rejected: file.rowsRejected,
    rows_dropped: file.rowsDropped,
    rows_live: isLoaded ? file.rowsLoaded : 0,
    rows_replayed: 0,
    rows_discarded: 0,
    rows_superseded: 0,
    modified_at_ms: file.modifiedAtMs,
    score: file.score,
    duration_ms: durationMs ?? null,
    path: file.path,
    stamp: file.stamp,
    hash: toHashBytes(file.hash),
    uri: file.uri === uriRoot + file.path ? null : file.uri,
    verdict: file.verdict === 'admit' ? null : file.verdict,
    reasons: file.reasons.length === 0 ? null : stringifyJson(file.reasons),
    duplicate_of: file.duplicateOf ?? null,
    quarantine_path: file.quarantinePath ?? null,
    repair: file.repair === undefined ? null : stringifyJson(file.repair),
    repaired_hash: file.repair?.repairedSha256 ?? null,
  }
  return Object.values(values)
}
