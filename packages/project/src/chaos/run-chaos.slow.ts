import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '@tidegate/postgres'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { runChaos } from './run-chaos.ts'

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.close())

async function databases(): Promise<readonly string[]> {
  const client = await connect(server.url)
  try {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database ORDER BY 1')
    return rows.map(({ datname }) => datname)
  } finally {
    await client.close()
  }
}

test.for([
  { kinds: ['parquet', 'none'] as const, state: false },
  { kinds: ['delta'] as const, state: false },
  { kinds: ['duckdb'] as const, state: false },
  { kinds: ['postgres'] as const, state: false },
  { kinds: ['parquet', 'postgres'] as const, state: true },
])('$kinds (state in Postgres: $state) stand the kills, and nothing is left of them', async ({ kinds, state }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const before = await databases()
    const proofs = await runChaos({
      folder,
      kinds,
      onlyRounds: true,
      // A busy machine takes longer, and here all steps count.
      limitMs: 600_000,
      database: server.url,
      ...(state ? { state: server.url } : {}),
    })
    expect(proofs.filter(({ proved }) => !proved)).toEqual([])
    expect(proofs.map(({ found }) => found.split(';')[0])).toEqual(kinds.map(() => '8 kills at 8 steps of the commit'))
    expect(await databases()).toEqual(before)
    expect(readdirSync(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a user who may not make databases is told so, and that nothing is known', async () => {
  const admin = await connect(server.url)
  await admin.query("CREATE ROLE plain LOGIN PASSWORD 'plain'")
  await admin.close()
  const url = new URL(server.url)
  url.username = 'plain'
  url.password = 'plain'
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const [proof] = await runChaos({ folder, kinds: ['postgres'], onlyRounds: true, database: url.href })
    expect(proof).toMatchObject({ proved: false, skipped: true })
    expect(JSON.stringify(proof)).not.toContain('plain:plain')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a local disk stands the kills, and nothing is left of them', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const proofs = await runChaos({ folder: path.join(folder, 'lake/raw'), rounds: 3 })
    expect(proofs.filter(({ proved }) => !proved)).toEqual([])
    expect(proofs).toHaveLength(5)
    expect(proofs.at(-1)?.found).toMatch(/^3 kills at 3 steps/)
    expect(readdirSync(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
