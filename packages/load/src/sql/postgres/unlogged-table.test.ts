import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { connect } from '@tidegate/postgres'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { load } from '../testing/type-tests.ts'
import { openPostgresTable } from './open-postgres-table.ts'

let server: TestPostgres
let session: Session
beforeAll(async () => {
  server = await startPostgres()
  session = await openDuckDB({ threads: 1 })
}, 60_000)
afterAll(async () => {
  await session.close()
  await server.close()
})

test('a table that a crash of the server would empty is refused, also when it became one later', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const client = await connect(server.url)
  const open = (name: string) =>
    openPostgresTable({ url: server.url, table: { name }, workDirectory: root, quarantineDirectory: join(root, 'q') })
  const columns = [{ name: 'c', type: 'INTEGER' }]
  const refusal = { code: 'TARGET_TABLE_FOREIGN', message: expect.stringContaining('unlogged') as unknown }
  try {
    await client.query('CREATE UNLOGGED TABLE made (c integer)')
    const made = open('made')
    await expect(load(made, session, 'b1', columns, 'SELECT 1 AS c', 1)).rejects.toMatchObject(refusal)
    expect(await made.lookup('b1')).toBeUndefined()
    await made.close()
    const ours = open('ours')
    await load(ours, session, 'b1', columns, 'SELECT 1 AS c', 1)
    await client.query('ALTER TABLE ours SET UNLOGGED')
    await expect(load(ours, session, 'b2', columns, 'SELECT 2 AS c', 1)).rejects.toMatchObject(refusal)
    expect((await client.query('SELECT c FROM ours')).rows).toEqual([{ c: 1 }])
    await ours.close()
  } finally {
    await client.close()
    rmSync(root, { recursive: true, force: true })
  }
})
