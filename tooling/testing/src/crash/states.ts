import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { connect } from '@tidegate/postgres'
import type { TempProject } from '../temp-project.ts'

/** Where the state of a project under test is. */
export interface StateUnderTest {
  /** Value of `state:` in the configuration. */
  readonly address: string
  /** Loses it. */
  drop(): Promise<void>
  /** What the ledgers can restore, table by table, as texts that can be compared. Read without our code. */
  dump(): Promise<Readonly<Record<string, readonly string[]>>>
}

export function sqliteState(project: TempProject, name = 'state.db'): StateUnderTest {
  const file = project.at('.tidegate', name)
  return {
    address: `.tidegate/${name}`,
    async drop() {
      for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
    },
    async dump() {
      if (!existsSync(file)) return {}
      const database = new DatabaseSync(file, { readOnly: true })
      try {
        return await dumpTables((table) => database.prepare(`SELECT * FROM "${table}"`).all())
      } finally {
        database.close()
      }
    },
  }
}

export interface PostgresServer {
  readonly url: string
  createDatabase(name?: string): Promise<string>
}

/** A state in a database of its own. */
export async function postgresState(server: PostgresServer): Promise<StateUnderTest> {
  const address = await server.createDatabase()
  const name = decodeURIComponent(new URL(address).pathname.slice(1))
  return {
    address,
    async drop() {
      const admin = await connect(server.url)
      try {
        await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
      } finally {
        await admin.close()
      }
      await server.createDatabase(name)
    },
    async dump() {
      const client = await connect(address, { int8: 'number' })
      try {
        const { rows } = await client.query<{ schemaname: string; tablename: string }>(
          "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        )
        const schemas = new Map(rows.map((row) => [row.tablename, row.schemaname]))
        return await dumpTables(async (table) =>
          schemas.has(table) ? (await client.query(`SELECT * FROM "${schemas.get(table)}"."${table}"`)).rows : [],
        )
      } finally {
        await client.close()
      }
    },
  }
}

type Row = Readonly<Record<string, unknown>>

async function dumpTables(
  read: (table: string) => readonly Row[] | Promise<readonly Row[]>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const ledgers = new Map((await read('ledger')).map((row) => [row['id'], row['location']]))
  const dump: Record<string, readonly string[]> = {}
  for (const table of TABLES) {
    const rows = await read(table)
    dump[table] = rows.map((row) => lineOf(row, ledgers)).toSorted()
  }
  return dump
}

const TABLES = ['ledger', 'file_version', 'part', 'quarantine', 'schema_version']

/** Known to the live state only: a stamp that moved without the bytes, how long it took, numbers that the database gave. */
const LIVE_ONLY: ReadonlySet<string> = new Set(['stamp', 'modified_at_ms', 'duration_ms', 'ledger_id'])

function lineOf(row: Row, ledgers: ReadonlyMap<unknown, unknown>): string {
  const cells = Object.entries(row).filter(([name]) => !LIVE_ONLY.has(name) && !(name === 'id' && 'location' in row))
  const ledger = 'ledger_id' in row ? [['ledger', ledgers.get(row['ledger_id'])]] : []
  return JSON.stringify([...cells.toSorted(([a], [b]) => (a < b ? -1 : 1)), ...ledger])
}
