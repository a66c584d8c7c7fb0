/**
 * What is in quarantine, one record per held file and per file of rejected rows.
 *
 * `open → replayed`, `released` or `discarded` when a later entry consumes it; `open → superseded` when a later entry judges
 * the same file version again or replaces it. Nothing leads back, except that a later entry may put the same path there anew.
 */
import {
  comparePaths,
  stringifyJson,
  type FileVersionId,
  type LedgerEntry,
  type Reason,
  type Replay,
} from '@tidegate/core'
import { sql, type Kysely, type Transaction } from 'kysely'
import { forEachRow, type RowColumns } from './for-each-row.ts'
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
  readonly status: 'open' | 'replayed' | 'released' | 'discarded' | 'superseded'
  readonly batch: string
  readonly run: string
  readonly seq: number
  readonly recordedAtMs: number
  readonly closedAtMs: number | null
  /** The run that closed it. */
  readonly closedRun: string | null
  /** What the person who decided wrote. */
  readonly note: string | null
}

export interface QuarantineFilter {
  readonly source?: string | undefined
  readonly status?: QuarantineRecord['status'] | undefined
  readonly dataset?: string | undefined
  readonly id?: string | undefined
  /** Only records that come after this one in the list, which is newest first then. */
  readonly after?: { readonly recordedAtMs: number; readonly location: string; readonly id: string } | undefined
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
  if (filter.dataset !== undefined) query = query.where('dataset', '=', filter.dataset)
  if (filter.id !== undefined) query = query.where('quarantine.id', '=', filter.id)
  if (filter.after !== undefined) {
    const { recordedAtMs, location, id } = filter.after
    const place = sql`(${recordedAtMs}, ${location}, ${id})`
    query = query.where(sql<boolean>`(recorded_at_ms, ledger.location, quarantine.id) < ${place}`)
  }
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
    closedRun: row.closed_run,
    note: row.note,
  }))
}

export async function heldPaths(db: Kysely<Schema>, source: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('quarantine')
    .select('file')
    .distinct()
    .where('source', '=', source)
    .where('status', '=', 'open')
    .where('kind', '=', 'held')
    .execute()
  const paths = rows.map(({ file }) => file.slice(source.length + 1, file.lastIndexOf('#')))
  return [...new Set(paths)].sort(comparePaths)
}

/** Closes what this entry consumed, judged again, replaced or overtook, then opens what it put into quarantine. */
export async function indexQuarantine(
  trx: Transaction<Schema>,
  ledgerId: number,
  entry: LedgerEntry,
  atMs: number,
): Promise<void> {
  const judged = entry.files.flatMap(({ id, replaces, overtakes = [] }) => [
    id,
    ...(replaces === undefined || replaces === id ? [] : [replaces]),
    ...overtakes,
  ])
  const replays = new Map(entry.replays?.map((replay) => [replay.record, replay]))
  const ends = Map.groupBy(entry.consumes, (id) => {
    const replay = replays.get(id)
    return JSON.stringify([endOf(replay), replay?.note ?? null])
  })
  for (const [end, ids] of ends) {
    const [status, note] = JSON.parse(end) as [End['status'], string | null]
    await close(trx, ledgerId, 'id', ids, { status, note, run: entry.run, atMs })
  }
  const open = await trx
    .selectFrom('quarantine')
    .select('id')
    .where('source', '=', entry.source)
    .where('status', '=', 'open')
    .limit(1)
    .executeTakeFirst()
  // Mostly there is nothing open, and no need to look for each file.
  if (open !== undefined)
    await close(trx, ledgerId, 'file', judged, {
      status: 'superseded',
      note: null,
      run: entry.run,
      atMs,
    })
  const records = new Map(recordsOf(ledgerId, entry, atMs).map((record) => [record.id, record]))
  await forEachRow(
    trx,
    COLUMNS,
    Array.from(records.values(), (record) => NAMES.map((name) => record[name])),
    INSERT,
  )
}

const COLUMNS = {
  ledger_id: 'bigint',
  id: 'text',
  source: 'text',
  dataset: 'text',
  file: 'text',
  kind: 'text',
  path: 'text',
  rows: 'bigint',
  bytes: 'bigint',
  hash: 'text',
  reasons: 'text',
  status: 'text',
  batch: 'text',
  run: 'text',
  seq: 'bigint',
  recorded_at_ms: 'bigint',
  closed_at_ms: 'bigint',
  closed_run: 'text',
  note: 'text',
} as const satisfies RowColumns

const NAMES = Object.keys(COLUMNS) as readonly (keyof typeof COLUMNS)[]

const INSERT = `insert into quarantine (${NAMES.join(', ')}) select * from new where true
on conflict (ledger_id, id) do update set ${NAMES.slice(2)
  .map((name) => `${name} = excluded.${name}`)
  .join(', ')}`

/** A held file that was judged again as a whole has no replay of its own. */
function endOf(replay: Replay | undefined): End['status'] {
  switch (replay?.action) {
    case 'release':
      return 'released'
    case 'discard':
      return 'discarded'
    default:
      return 'replayed'
  }
}

interface End {
  readonly status: Exclude<QuarantineTable['status'], 'open'>
  readonly note: string | null
  readonly run: string
  readonly atMs: number
}

async function close(
  trx: Transaction<Schema>,
  ledgerId: number,
  column: 'id' | 'file',
  values: readonly string[],
  { status, note, run, atMs }: End,
): Promise<void> {
  await forEachRow(
    trx,
    { value: 'text', status: 'text', note: 'text', run: 'text', at_ms: 'bigint' },
    [...new Set(values)].map((value) => [value, status, note, run, atMs]),
    `update quarantine set status = new.status, note = new.note, closed_run = new.run, closed_at_ms = new.at_ms
     from new where quarantine.ledger_id = ${String(ledgerId)} and quarantine.${column} = new.value and quarantine.status = 'open'`,
  )
}

function recordsOf(ledgerId: number, entry: LedgerEntry, atMs: number): QuarantineTable[] {
  const files = new Map(entry.files.map((file) => [file.id, file]))
  const originals = new Map(entry.rejected.filter((part) => part.kind === 'original').map((part) => [part.file, part]))
  const held = entry.files.filter((file) => file.outcome === 'held')
  const rows = entry.rejected.filter((part) => part.kind === 'rows')
  const again = new Map(entry.replays?.map((replay) => [replay.file, replay.reasons]))
  const facts: Fact[] = [
    ...held.map((file): Fact => {
      const original = originals.get(file.id)
      const path = file.quarantinePath ?? original?.visible ?? null
      const { bytes, hash } = original ?? file
      return {
        kind: 'held',
        file: file.id,
        path,
        rows: file.rowsRejected,
        bytes,
        hash,
        reasons: file.reasons,
      }
    }),
    ...rows.map((part): Fact => {
      const { file, visible, rows, bytes, hash } = part
      return {
        kind: 'rows',
        file,
        path: visible,
        rows,
        bytes,
        hash,
        reasons: files.get(file)?.reasons ?? again.get(file) ?? [],
      }
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
    closed_run: null,
    note: null,
  }))
}

type Fact = Pick<QuarantineRecord, 'kind' | 'file' | 'path' | 'rows' | 'bytes' | 'hash' | 'reasons'>
