import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabaseFile, openDuckDB } from '@tidegate/duckdb'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { openSqlTarget } from './testing/sql-target.ts'
import { ask, expectSurvival, loadInChild, withRoot } from './testing/survive-kill.ts'
import { load } from './testing/type-tests.ts'

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.close())

for (const kind of ['duckdb', 'postgres'] as const) {
  // Every phase has its turn in `crash.slow.ts`.
  test.each(['entry-inserted', 'entry-durable'] as const)(
    `${kind}: killed at %s of the second batch, it has the first alone or both, and a second run ends it`,
    async (phase) => expectSurvival(phase, kind === 'duckdb' ? '-' : await server.createDatabase()),
    60_000,
  )

  test(`${kind}: two processes at once load each file once`, () =>
    withRoot(async (root) => {
      const url = kind === 'duckdb' ? '-' : await server.createDatabase()
      const ends = await Promise.all([loadInChild(root, url, 'x', '4'), loadInChild(root, url, 'y', '4')])
      const counts: Record<string, number> = {}
      for (const end of ends) {
        for (const [ended, times] of Object.entries(JSON.parse(end.out || `{"${end.err}":1}`) as Record<string, number>)) {
          counts[ended] = (counts[ended] ?? 0) + times
        }
      }
      expect(counts).toEqual({ committed: 4, conflict: 4 })
      expect(await ask(root, url)).toEqual([10, 10, 4, 4])
    }), 60_000) // prettier-ignore
}

test('duckdb: while another process has the file, it is busy, and that may be tried again', () =>
  withRoot(async (root) => {
    const file = join(root, 'w.duckdb')
    const session = await openDatabaseFile(file)
    await session.query('CREATE TABLE own (a INTEGER)')
    const other = await loadInChild(root, '-', 'b', '1')
    await session.close()
    expect(other.err).toContain('TARGET_BUSY')
    expect((await loadInChild(root, '-', 'b', '1')).out).toBe('{"committed":1}')
  }), 60_000) // prettier-ignore

test.each(['rows-copied', 'entry-inserted'])('postgres: a server that is shut down at %s leaves all or nothing, and the next try ends it', (phase) =>
  withRoot(async (root) => {
    const url = await server.createDatabase()
    const session = await openDuckDB({ threads: 1 })
    const columns = [{ name: 'file', type: 'VARCHAR' }, { name: 'n', type: 'BIGINT' }] // prettier-ignore
    const pid = Number.parseInt(readFileSync(join(server.folder, 'postmaster.pid'), 'utf8'), 10)
    let restarted: Promise<void> | undefined
    const target = openSqlTarget(root, url, (passed) => {
      if (passed !== phase || restarted !== undefined) return
      // A fast shutdown, as of an administrator; the wait lets it happen before the next statement.
      process.kill(pid, 'SIGINT')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
      restarted = server.start()
    })
    await target.recover()
    const select = `SELECT 'f' AS file, range AS n FROM range(1000)`
    const first = await load(target, session, 'b1', columns, select, 1000).then(() => undefined, (error: unknown) => error) // prettier-ignore
    await restarted
    if (first !== undefined) expect(first).toMatchObject({ retryable: true })
    await target.close()
    const next = openSqlTarget(root, url)
    await next.recover()
    if ((await next.lookup('b1')) === undefined) {
      expect((await ask(root, url))[0] ?? 0).toBe(0)
      await load(next, session, 'b1', columns, select, 1000)
    }
    expect(await ask(root, url)).toEqual([1000, 1000, 0, 1])
    await next.close()
    await session.close()
  }), 60_000) // prettier-ignore
