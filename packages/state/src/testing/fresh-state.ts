import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect } from '@tidegate/postgres'
import { startPostgres } from '@tidegate/postgres/testing'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { openState, type State, type StateOptions } from '../index.ts'

/**
 * The tests of what both engines promise open their databases here. Run by themselves they are on SQLite;
 * `on-postgres.test.ts` and `on-postgres.slow.ts` run all of them again after {@link usePostgres}.
 */
export async function freshState(options: Partial<StateOptions> = {}): Promise<State> {
  if (newPath === undefined) return reopen(':memory:', options)
  // To empty the tables of a test that is over takes a tenth of the time that it takes to make them.
  const path = emptied.pop() ?? newPath()
  const state = await reopen(path, options)
  fresh.add(state)
  return state
}

/** A path that several processes can open, of a database that is not there yet. */
export function freshPath(): string {
  if (newPath !== undefined) return newPath()
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  folders.push(folder)
  return path.join(folder, 'state.db')
}

/** Opens what {@link freshPath} gave; closed after the test, if not before. */
export async function reopen(path: string, options: Partial<StateOptions> = {}): Promise<State> {
  const state = await openState({ path, nowMs: () => 0, ...options })
  opened.push(state)
  return state
}

/** From here on databases are schemas of one Postgres server. Called while the tests are collected. */
export function usePostgres(): void {
  let schemas = 0
  newPath = () => `${server}?schema=s${String((schemas += 1))}`
  beforeAll(async () => {
    const started = await startPostgres()
    server = await started.createDatabase()
    return async () => started.close()
  })
}

export function onPostgres(): boolean {
  return newPath !== undefined
}

/** Address of the database. */
let server = ''
let newPath: (() => string) | undefined
const opened: State[] = []
const fresh = new Set<State>()
/** Paths of Postgres schemas with the newest tables and nothing in them. */
const emptied: string[] = []

async function empty(url: string): Promise<void> {
  const schema = new URL(url).searchParams.get('schema') ?? ''
  const client = await connect(url, { searchPath: schema })
  await client.query(`do $$ declare name text; begin
    for name in select tablename from pg_tables where schemaname = current_schema and tablename <> 'tidegate_state' loop
      execute format('delete from %I', name);
    end loop;
  end $$`)
  await client.close()
}
const folders: string[] = []

afterEach(async () => {
  for (const state of opened.splice(0)) {
    await state.close()
    if (!fresh.delete(state)) continue
    const url = `${server}${new URL(state.path).search}`
    await empty(url)
    emptied.push(url)
  }
})
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
