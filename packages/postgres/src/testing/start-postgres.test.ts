import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../connect.ts'
import { startPostgres, type TestPostgres } from './start-postgres.ts'

let server: TestPostgres

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(async () => {
  await server.close()
})

describe('a test server', () => {
  test('is a real one, and each database is empty', async () => {
    const client = await connect(await server.createDatabase())
    const { rows } = await client.query<{ version: string }>('select version()')
    expect(rows[0]?.version).toMatch(/^PostgreSQL 18/)
    await client.close()
  })

  test('keeps what was committed over a restart and over a SIGKILL', async () => {
    const url = await server.createDatabase()
    const first = await connect(url)
    await first.query('create table kept (n int); insert into kept values (1)')
    await first.close()
    await server.restart()
    const second = await connect(url)
    await second.query('insert into kept values (2)')
    await server.kill()
    await expect(second.query('select 1')).rejects.toMatchObject({ code: 'PG_GONE', retryable: true })
    await second.close()
    await server.start()
    const third = await connect(url)
    expect((await third.query('select n from kept order by n')).rows).toEqual([{ n: 1 }, { n: 2 }])
    await third.close()
  })

  test('dies with the process that started it, also by SIGKILL of its whole group', async () => {
    const program = fileURLToPath(new URL('start-and-tell.ts', import.meta.url))
    const child = spawn(process.execPath, ['--conditions=tidegate:source', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { folder, pid } = JSON.parse(line) as { folder: string; pid: number }
    expect(existsSync(folder)).toBe(true)
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL')
    await expect.poll(() => existsSync(folder), { timeout: 10_000, interval: 50 }).toBe(false)
    expect(() => execFileSync('kill', ['-0', String(pid)], { stdio: 'ignore' })).toThrow()
  })
})
