import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Session } from '@tidegate/core'
import { openDatabaseFile, openDuckDB } from '@tidegate/duckdb'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { openDuckDBTable } from './duckdb/open-duckdb-table.ts'
import { openPostgresTable } from './postgres/open-postgres-table.ts'
import { typeTests } from './testing/type-tests.ts'

const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
let session: Session
let server: TestPostgres
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
  server = await startPostgres()
}, 60_000)
afterAll(async () => {
  await session.close()
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

let count = 0
typeTests('duckdb', () => session, () => {
  const folder = join(root, `d${++count}`)
  const file = join(folder, 'w.duckdb')
  const folders = { workDirectory: `${file}.tidegate`, quarantineDirectory: join(folder, 'q') }
  const openSession = (): Promise<Session> => openDatabaseFile(file, { threads: 1 })
  return { root: folder, open: () => openDuckDBTable({ file, table: { name: `a "b".c'` }, openSession, ...folders }) }
}) // prettier-ignore

typeTests('postgres', () => session, () => {
  const folder = join(root, `p${++count}`)
  const folders = { workDirectory: join(folder, 'work'), quarantineDirectory: join(folder, 'q') }
  const name = `a "b".c' ${count}`
  return { root: folder, open: () => openPostgresTable({ url: server.url, table: { schema: 'Süd', name }, ...folders }) }
}) // prettier-ignore
