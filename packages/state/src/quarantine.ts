/**
 * What is in quarantine, one record per held file and per file of rejected rows.
 *
 * `open → replayed` when a later entry consumes it; `open → superseded` when a later entry judges the same file version
 * again or replaces it. Nothing leads back, except that a later entry may put the same path there anew.
 */
import { stringifyJson, type FileVersionId, type LedgerEntry, type Reason } from '@tidegate/core'
import type { Kysely, Transaction } from 'kysely'
import { chunksOf } from './chunks-of.ts'
import type { QuarantineTable, Schema } from './schema.ts'

export interface QuarantineRecord {
  /** Path below the quarantine folder; for a held file of which nothing was copied, the file version's id. */
  readonly id: string
  readonly location: string
  readonly source: string
  readonly dataset: string
  readonly file: FileVersionId
  readonly kind: 'held' | 'rows'
  /** Below the quarantine folder of the destination; null when nothing was copied. */
  readonly path: string | null
  readonly rows: number
  readonly bytes: number
  readonly hash: string | null
  readonly reasons: readonly Reason[]
  readonly status: 'open' | 'replayed' | 'superseded'
  readonly batch: string
  readonly run: string
  readonly seq: number
  readonly recordedAtMs: number
  readonly closedAtMs: number | null
}

export interface QuarantineFilter {
  readonly source?: string | undefined
  readonly status?: QuarantineRecord['status'] | undefined
  /** Newest first when given. */
  readonly limit?: number | undefined
}

/** Oldest first; with a limit the newest, newest first. */
export async function listQuarantine(
  db: Kysely<Schema>,
  filter: QuarantineFilter = {},
): Promise<readonly QuarantineRecord[]> {
  const direction = filter.limit === undefined ? 'asc' : 'desc'
  let query = db
    .selectFrom('quarantine')
    .innerJoin('ledger', 'ledger.id', 'quarantine.ledger_id')
    .selectAll('quarantine')
    .select('ledger.location')
  if (filter.source !== undefined) query = query.where('source', '=', filter.source)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  const rows = await query
    .orderBy('recorded_at_ms', direction)
    .orderBy('ledger.location', direction)
    .orderBy('quarantine.id', direction)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    location: row.location,
    source: row.source,
    dataset: row.dataset,
    file: row.file,
    kind: row.kind,
    path: row.path,
    rows: row.rows,
    bytes: row.bytes,
    hash: row.hash,
    reasons: JSON.parse(row.reasons) as Reason[],
    status: row.status,
    batch: row.batch,
    run: row.run,
    seq: row.seq,
    recordedAtMs: row.recorded_at_ms,
    closedAtMs: row.closed_at_ms,
  }))
}

/** Closes what this entry consumed, judged again or replaced, then opens what it put into quarantine. */
export async function indexQuarantine(
  trx: Transaction<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
  atMs: number,
): Promise<void> {
  const judged = entry.files.flatMap((file) =>
    file.replaces === undefined || file.replaces === file.id ? [file.id] : [file.id, file.replaces],
  )
  await close(trx, ledgerId, 'id', entry.consumes, 'replayed', atMs)
  await close(trx, ledgerId, 'file', judged, 'superseded', atMs)
  for (const chunk of chunksOf(recordsOf(ledgerId, entry, atMs), 100)) {
    await trx.replaceInto('quarantine').values(chunk).execute()
  }
}

async function close(
  trx: Transaction<Schema>,
  ledgerId: number,
  column: 'id' | 'file',
  values: readonly string[],
  status: 'replayed' | 'superseded',
  atMs: number,
): Promise<void> {
  for (const chunk of chunksOf(values, 500)) {
    await trx
      .updateTable('quarantine')
      .set({ status, closed_at_ms: atMs })
      .where('ledger_id', '=', ledgerId)
      .where(column, 'in', chunk)
      .where('status', '=', 'open')
      .execute()
  }
}

function recordsOf(ledgerId: number, entry: LedgerEntry, atMs: number): QuarantineTable[] {
  const files = new Map(entry.files.map((file) => [file.id, file]))
  const originals = new Map(entry.rejected.filter((part) => part.kind === 'original').map((part) => [part.file, part]))
  const held = entry.files.filter((file) => file.outcome === 'held')
  const rows = entry.rejected.filter((part) => part.kind === 'rows')
  const facts: Fact[] = [
    ...held.map((file): Fact => {
      const original = originals.get(file.id)
      const path = file.quarantinePath ?? original?.visible ?? null
      const { bytes, hash } = original ?? file
      return { kind: 'held', file: file.id, path, rows: file.rowsRejected, bytes, hash, reasons: file.reasons }
    }),
    ...rows.map((part): Fact => {
      const { file, visible, rows, bytes, hash } = part
      return { kind: 'rows', file, path: visible, rows, bytes, hash, reasons: files.get(file)?.reasons ?? [] }
    }),
  ]
  return facts.map((fact) => ({
    ledger_id: ledgerId,
    id: fact.path ?? fact.file,
    source: entry.source,
    dataset: entry.dataset,
    file: fact.file,
    kind: fact.kind,
    path: fact.path,
    rows: fact.rows,
    bytes: fact.bytes,
    hash: fact.hash,
    reasons: stringifyJson(fact.reasons),
    status: 'open',
    batch: entry.batch,
    run: entry.run,
    seq: entry.seq,
    recorded_at_ms: atMs,
    closed_at_ms: null,
  }))
}

type Fact = Pick<QuarantineRecord, 'kind' | 'file' | 'path' | 'rows' | 'bytes' | 'hash' | 'reasons'>
