/** Death at every phase of a batch, of both kinds of databases. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { expectSurvival, PHASES } from './testing/survive-kill.ts'

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.close())

describe.each(['duckdb', 'postgres'])('%s, killed at', (kind) => {
  test.each(PHASES)('%s of the second batch: it has the first alone or both, and a second run ends it', async (phase) =>
    expectSurvival(phase, kind === 'duckdb' ? '-' : await server.createDatabase()),
  )
})
