/** The ledger in its table, read into a {@link LogState}. */
import { TidegateError, type LedgerEntry } from '@tidegate/core'
import { emptyLogState, foldEntry, type LogState } from '../log-state.ts'
import { parseEntry } from '../parse-entry.ts'
import { FORMAT, LEDGER, TABLES_FORMAT } from './ledger-tables.ts'
import type { SqlConnection, SqlDatabase } from './sql-database.ts'

export interface SqlLedger {
  state(): LogState
  /** Reads what was committed since. Returns the new entries in order. @throws LEDGER_CORRUPT, LEDGER_NEWER */
  refresh(connection: SqlConnection): Promise<readonly LedgerEntry[]>
  /** Entries with `since` < seq, at most `limit`. */
  page(connection: SqlConnection, since: number, limit: number): Promise<readonly LedgerEntry[]>
  entry(connection: SqlConnection, batch: string): Promise<LedgerEntry | undefined>
  /** Takes up an entry that was committed here. */
  add(entry: LedgerEntry): void
}

/** Entries hold a few hundred bytes per file; so many are in memory at once. */
const PAGE = 100

export function openSqlLedger(database: SqlDatabase): SqlLedger {
  let state = emptyLogState()
  const key = database.literal(database.tableKey)

  async function refresh(connection: SqlConnection): Promise<readonly LedgerEntry[]> {
    if (!(await database.hasLedger(connection))) {
      state = emptyLogState()
      return []
    }
    await assertFormat(connection)
    if (!(await isSameLedger(connection))) state = emptyLogState()
    const fresh: LedgerEntry[] = []
    for (;;) {
      const entries = await page(connection, state.lastSeq, PAGE)
      for (const entry of entries) state = foldEntry(state, entry)
      fresh.push(...entries)
      if (entries.length < PAGE) return fresh
    }
  }

  /** The database may have been made anew, or put back to an older state, since it was read last. */
  async function isSameLedger(connection: SqlConnection): Promise<boolean> {
    if (state.lastSeq === 0) return true
    const sql = `SELECT batch FROM ${LEDGER} WHERE table_name = ${key} AND seq = ${state.lastSeq}`
    const batch = (await connection.rows(sql))[0]?.[0]
    return batch !== undefined && state.batches.get(String(batch)) === state.lastSeq
  }

  async function page(connection: SqlConnection, since: number, limit: number): Promise<readonly LedgerEntry[]> {
    if (!(await database.hasLedger(connection))) return []
    return read(
      connection,
      `SELECT seq, entry FROM ${LEDGER} WHERE table_name = ${key} AND seq > ${Math.trunc(since)} ORDER BY seq LIMIT ${limit}`,
    )
  }

  async function read(connection: SqlConnection, sql: string): Promise<readonly LedgerEntry[]> {
    const rows = await connection.rows(sql)
    return rows.map(([seq, entry]) =>
      parseEntry(String(entry), `${database.location} entry ${String(seq)}`, Number(seq)),
    )
  }

  return {
    state: () => state,
    refresh,
    page,
    async entry(connection, batch) {
      if (!(await database.hasLedger(connection))) return undefined
      const of = `table_name = ${key} AND batch = ${database.literal(batch)}`
      return (await read(connection, `SELECT seq, entry FROM ${LEDGER} WHERE ${of}`))[0]
    },
    add(entry) {
      state = foldEntry(state, entry)
    },
  }

  async function assertFormat(connection: SqlConnection): Promise<void> {
    const format = Number((await connection.rows(`SELECT max(version) FROM ${FORMAT}`))[0]?.[0] ?? TABLES_FORMAT)
    if (format <= TABLES_FORMAT) return
    throw new TidegateError('LEDGER_NEWER', `The ledger of ${database.location} has format ${format}.`, {
      hint: 'A newer Tidegate wrote to this target; upgrade this one.',
      dataNow: 'Nothing was changed.',
    })
  }
}
