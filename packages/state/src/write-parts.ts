import type { FileVersionId, LedgerEntry, LedgerPart } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { findFiles, keysOf, type SourceIds } from './file-keys.ts'
import { forEachRow, type Cell } from './for-each-row.ts'
import { toHashBytes } from './hash-bytes.ts'
import type { Schema } from './schema.ts'

/**
 * Takes the entry's `remove` away. Returns the numbers of the file versions that are in no part any more, but for those of
 * which the entry itself says what became of their rows.
 */
export async function removeParts(
  trx: Kysely<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
  sources: SourceIds,
): Promise<ReadonlySet<number>> {
  if (entry.remove.length === 0) return new Set()
  const removed = await forEachRow<{ id: number }>(
    trx,
    { visible: 'text' },
    [...new Set(entry.remove)].map((visible) => [visible]),
    `update part_row set live = 0 from new
     where part_row.ledger_id = ${String(ledgerId)} and part_row.visible = new.visible and part_row.live = 1
     returning part_row.id`,
  )
  const left = await forEachRow<{ file_id: number }>(
    trx,
    { part_id: 'bigint' },
    removed.map(({ id }) => [id]),
    'select part_file.file_id from new join part_file on part_file.part_id = new.part_id',
  )
  const gone = new Set(left.map((row) => row.file_id))
  const told = [
    ...entry.add.flatMap((part) => part.files),
    ...entry.files.flatMap((file) => file.replaces ?? []),
    ...(entry.superseded ?? []).map(({ file }) => file),
  ]
  for (const id of (await findFiles(trx, ledgerId, keysOf(told, sources))).values()) gone.delete(id)
  // A file may fill several parts: while one of them stays, so does the file.
  const staying = await forEachRow<{ file_id: number }>(
    trx,
    { file_id: 'bigint' },
    [...gone].map((id) => [id]),
    `select new.file_id from new where exists (
       select 1 from part_file join part_row on part_row.id = part_file.part_id
       where part_file.file_id = new.file_id and part_row.live = 1
     )`,
  )
  for (const row of staying) gone.delete(row.file_id)
  return gone
}

/** @param written numbers of the entry's own file versions */
export async function writeParts(
  trx: Kysely<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
  sources: SourceIds,
  written: ReadonlyMap<FileVersionId, number>,
): Promise<void> {
  if (entry.add.length === 0) return
  const parts = [...new Map(entry.add.map((part) => [part.visible, part])).values()]
  const before = await forEachRow<{ n: number; id: number }>(
    trx,
    { n: 'bigint', visible: 'text' },
    parts.map((part, n) => [n, part.visible]),
    `select new.n, part_row.id from new join part_row
     on part_row.ledger_id = ${String(ledgerId)} and part_row.visible = new.visible`,
  )
  const known = new Map(before.map(({ n, id }) => [n, id]))
  await forEachRow(
    trx,
    { part_id: 'bigint' },
    before.map(({ id }) => [id]),
    'delete from part_file where part_id in (select part_id from new)',
  )
  const others = parts.flatMap((part) => part.files).filter((id) => !written.has(id))
  const numbers = await findFiles(trx, ledgerId, keysOf(others, sources))
  const highest = await sql<{ id: number | null }>`select max(id) as id from part_row`.execute(trx)
  let last = highest.rows[0]?.id ?? 0
  const rows: Cell[][] = []
  const files: Cell[][] = []
  for (const [n, part] of parts.entries()) {
    const id = known.get(n) ?? (last += 1)
    rows.push([id, ledgerId, entry.seq, 1, part.bytes, part.rows, part.visible, toHashBytes(part.hash)])
    for (const [position, { file, rows: many }] of contentOf(part).entries()) {
      const number = written.get(file) ?? numbers.get(file)
      if (number !== undefined) files.push([id, position, number, many])
    }
  }
  await forEachRow(trx, PART_COLUMNS, rows, INSERT_PART)
  await forEachRow(
    trx,
    { part_id: 'bigint', position: 'bigint', file_id: 'bigint', rows: 'bigint' },
    files,
    'insert into part_file (part_id, position, file_id, rows) select * from new',
  )
}

const PART_COLUMNS = {
  id: 'bigint',
  ledger_id: 'bigint',
  seq: 'bigint',
  live: 'bigint',
  bytes: 'bigint',
  rows: 'bigint',
  visible: 'text',
  hash: 'bytea',
} as const

const INSERT_PART = `insert into part_row (id, ledger_id, seq, live, bytes, rows, visible, hash) select * from new where true
on conflict (ledger_id, visible) do update set
  seq = excluded.seq, live = excluded.live, bytes = excluded.bytes, rows = excluded.rows, hash = excluded.hash`

/** Whose rows lie in it, in order; `rows` is null where the part does not say how many. */
function contentOf(part: LedgerPart): readonly { readonly file: FileVersionId; readonly rows: number | null }[] {
  const ranges = part.ranges ?? []
  const told = new Set(ranges.map((range) => range.file))
  return [...ranges, ...part.files.filter((file) => !told.has(file)).map((file) => ({ file, rows: null }))]
}
