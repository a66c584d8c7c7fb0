import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { LedgerEntry } from '@tidegate/core'
import { sql, type Kysely } from 'kysely'
import { fromHashBytes } from './hash-bytes.ts'
import { indexedSeq, indexEntry } from './index-entry.ts'
import { openSqlite } from './open-sqlite.ts'
import type { Schema } from './schema.ts'

/** A ledger to compare with, as `Destination.location` and `Destination.tail` give it. */
export interface LedgerTail {
  readonly location: string
  readonly tail: (since: number) => AsyncIterable<LedgerEntry>
}

/** One thing that the index says otherwise than the ledger. */
export interface IndexDifference {
  readonly location: string
  readonly table: 'ledger' | 'file_version' | 'part' | 'quarantine' | 'schema_version' | 'watermark_share'
  /** The row: a file version's id, a part's visible path, … */
  readonly key: string
  /** Null where the whole row is in one of them only. */
  readonly column: string | null
  readonly inState: string | number | null
  readonly inLedger: string | number | null
}

/**
 * Builds the index anew from the ledgers, in a temporary file, and compares it row by row. Measured durations and moved
 * stamps, which no ledger knows, and watermarks that were set by hand are no differences. Entries that the state has not
 * indexed yet are one difference: the position; then the rest is compared at the state's position.
 */
export async function* verifyIndex(
  db: Kysely<Schema>,
  ledgers: readonly LedgerTail[],
): AsyncGenerator<IndexDifference, void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-verify-'))
  const rebuilt = await openSqlite({
    path: path.join(folder, 'state.db'),
    readOnly: false,
    busyTimeoutMs: 0,
  })
  try {
    for (const { location, tail } of ledgers) {
      const position = await indexedSeq(db, location)
      let last = 0
      for await (const entry of tail(0)) {
        last = entry.seq
        if (last <= position) await indexEntry(rebuilt.db, location, entry)
      }
      if (last !== position) {
        yield {
          location,
          table: 'ledger',
          key: location,
          column: 'seq',
          inState: position,
          inLedger: last,
        }
      }
      yield* compareLedger(db, rebuilt.db, location)
    }
  } finally {
    await rebuilt.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const TABLES = [
  { table: 'file_version', key: ['id'], ignored: ['stamp', 'modified_at_ms', 'duration_ms'] },
  { table: 'part', key: ['visible'], ignored: [] },
  { table: 'quarantine', key: ['id'], ignored: [] },
  { table: 'schema_version', key: ['source', 'dataset', 'schema_id'], ignored: [] },
  { table: 'watermark_share', key: ['source'], ignored: ['updated_at_ms'] },
] as const

type Row = Readonly<Record<string, string | number | null>>

/** Hashes are bytes in the database. */
type StoredRow = Readonly<Record<string, string | number | Buffer | null>>

async function* compareLedger(
  state: Kysely<Schema>,
  rebuilt: Kysely<Schema>,
  location: string,
): AsyncGenerator<IndexDifference, void> {
  for (const { table, key, ignored } of TABLES) {
    const left = rowsOf(state, table, key, location)
    const right = rowsOf(rebuilt, table, key, location)
    let ours = await left.next()
    let theirs = await right.next()
    while (ours.done !== true || theirs.done !== true) {
      const order = compareKeys(
        ours.done === true ? undefined : ours.value,
        theirs.done === true ? undefined : theirs.value,
        key,
      )
      const row = order <= 0 ? ours.value : theirs.value
      if (row === undefined) break
      const at = { location, table, key: key.map((column) => String(row[column])).join(' ') }
      if (order !== 0) {
        yield {
          ...at,
          column: null,
          inState: order < 0 ? 'there' : null,
          inLedger: order > 0 ? 'there' : null,
        }
      } else if (ours.done !== true && theirs.done !== true) {
        for (const difference of differingColumns(ours.value, theirs.value, table, ignored))
          yield { ...at, ...difference }
      }
      if (order <= 0) ours = await left.next()
      if (order >= 0) theirs = await right.next()
    }
  }
}

function differingColumns(
  ours: Row,
  theirs: Row,
  table: string,
  ignored: readonly string[],
): readonly Pick<IndexDifference, 'column' | 'inState' | 'inLedger'>[] {
  // A value set by hand took the place of the ledger's: then only the count of records is left to compare.
  const byHand = table === 'watermark_share' && ours['value'] === null
  return Object.keys(theirs).flatMap((column) => {
    if (column === 'ledger_id' || ignored.includes(column) || (byHand && column !== 'records_processed')) return []
    const inState = ours[column] ?? null
    const inLedger = theirs[column] ?? null
    return inState === inLedger ? [] : [{ column, inState, inLedger }]
  })
}

/** What is over counts as higher than everything. */
function compareKeys(left: Row | undefined, right: Row | undefined, key: readonly string[]): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? 1 : -1
  for (const column of key) {
    const order = Buffer.compare(Buffer.from(String(left[column])), Buffer.from(String(right[column])))
    if (order !== 0) return order
  }
  return 0
}

async function* rowsOf(
  db: Kysely<Schema>,
  table: string,
  key: readonly string[],
  location: string,
): AsyncGenerator<Row, undefined> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  let last: Row | undefined
  for (;;) {
    const after = last === undefined ? sql`1 = 1` : sql`(${columns}) > (${sql.join(key.map((name) => last?.[name]))})`
    const page = await sql<StoredRow>`
      select * from ${sql.table(table)}
      where ledger_id = (select id from ledger where location = ${location}) and ${after}
      order by ${columns} limit ${PAGE_ROWS}`.execute(db)
    const rows = page.rows.map((row) => shown(row))
    yield* rows
    if (rows.length < PAGE_ROWS) return undefined
    last = rows.at(-1)
  }
}

const PAGE_ROWS = 2000

function shown(row: StoredRow): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? fromHashBytes(value) : value]),
  )
}
