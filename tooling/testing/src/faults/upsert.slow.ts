import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import { connect } from '@tidegate/postgres'
import { startPostgres, type TestPostgres } from '@tidegate/postgres/testing'
import { runToEnd, type CommandUnderTest } from '../crash-harness.ts'
import { killRun } from '../crash/kill-run.ts'
import { ended, tellEnd } from '../crash/scene.ts'
import { settle } from '../file-builders.ts'
import { makeTempProject, type TempProject } from '../temp-project.ts'
import { openBundledCli, type BundledCli } from './fault-scene.ts'

let cli: BundledCli
let server: TestPostgres
beforeAll(async () => {
  cli = await openBundledCli()
  server = await startPostgres()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
  await server.close()
})

type Kind = 'parquet' | 'duckdb' | 'postgres'

// The oracle is a map: the row with the higher number wins, whatever was killed.
test.for([
  ['parquet', 'settled', 1],
  ['parquet', 'entry-durable', 1],
  ['parquet', 'retired-one', 1],
  ['parquet', 'published-one', 1],
  ['duckdb', 'settled', 1],
  ['duckdb', 'entry-inserted', 1],
  ['duckdb', 'entry-durable', 1],
  ['postgres', 'settled', 1],
  ['postgres', 'rows-copied', 1],
  ['postgres', 'entry-durable', 1],
] as const)(
  '%s with mode upsert, killed at %s, number %i: of each key the last row is there, once',
  async ([kind, phase, nth]) => {
    using project = makeTempProject()
    const url = kind === 'postgres' ? await server.createDatabase() : ''
    const target = {
      parquet: 'kind: parquet, path: lake/table',
      duckdb: 'kind: duckdb, path: lake/lake.duckdb, table: rows',
      postgres: `kind: postgres, url: "${url}", table: rows`,
    }[kind]
    project.write(
      'tidegate.yaml',
      `version: 1
sources:
  tide:
    path: landing/*.csv
    ready: { settle: 0s }
    on_missing_contract: admit
    target: { ${target}, mode: upsert, keys: [id], dedup: { order_by: at } }
`,
    )
    const oracle = new Map<number, string>()
    lay(project, 1, oracle)
    const base = await runToEnd(ingest(project))
    expect(ended(base), tellEnd(base)).toBe(true)
    expect(await read(project, kind, url)).toEqual(rowsOf(oracle))

    lay(project, 2, oracle)
    const killed = await killRun(ingest(project), { on: 'phase', phase, nth })
    expect(killed.death, tellEnd(killed)).toBeDefined()
    lay(project, 3, oracle)
    const again = await killRun(ingest(project), { on: 'step', nth: 3, until: 'planned' })
    expect(again.death, tellEnd(again)).toBeDefined()
    const end = await runToEnd(ingest(project))
    expect(ended(end), tellEnd(end)).toBe(true)
    expect(await read(project, kind, url)).toEqual(rowsOf(oracle))
    const idle = await runToEnd(ingest(project))
    expect(idle.exitCode, tellEnd(idle)).toBe(0)
    expect(await read(project, kind, url)).toEqual(rowsOf(oracle))
  },
)

/** Two files of a round share keys with each other and with the rounds before. */
function lay(project: TempProject, round: number, oracle: Map<number, string>): void {
  mkdirSync(project.at('landing'), { recursive: true })
  for (const [at, name] of ['a', 'b'].entries()) {
    const rows = Array.from({ length: 30 }, (_, row) => {
      const [id, number] = [(row * 7 + round * 11 + at * 5) % 60, round * 1000 + at * 100 + row]
      return { id, number, text: `${id},${number},${name}${round}` }
    })
    for (const { id, number, text } of rows) {
      const known = oracle.get(id)
      if (known === undefined || Number(known.split(',')[1]) < number) oracle.set(id, text)
    }
    const file = project.at('landing', `${name}-${round}.csv`)
    writeFileSync(file, `id,at,name\n${rows.map(({ text }) => text).join('\n')}\n`)
    settle(file)
  }
}

function rowsOf(oracle: ReadonlyMap<number, string>): readonly string[] {
  return [...oracle.values()].toSorted()
}

function ingest(project: TempProject): CommandUnderTest {
  const flags = cli.file.includes('source') ? ['--conditions=tidegate:source'] : []
  const args = [...flags, '--disable-warning=ExperimentalWarning', cli.file, 'ingest']
  return { command: process.execPath, args, cwd: project.directory, env: { NO_COLOR: '1' } }
}

async function read(project: TempProject, kind: Kind, url: string): Promise<readonly string[]> {
  if (kind === 'postgres') {
    const client = await connect(url)
    try {
      const { rows } = await client.query(`SELECT concat_ws(',', id, "at", name) AS line FROM public.rows`)
      return rows.map((row) => String(row['line'])).toSorted()
    } finally {
      await client.close()
    }
  }
  const session = await openDuckDB({ threads: 1 })
  try {
    const file = project.at('lake/lake.duckdb')
    if (existsSync(file)) await session.query(`ATTACH '${file}' AS lake (READ_ONLY)`)
    const from = kind === 'duckdb' ? 'lake.rows' : `read_parquet('${project.at('lake/table/*.parquet')}')`
    const { rows } = await session.query(`SELECT concat_ws(',', id, "at", name) FROM ${from}`)
    return rows.map(([row]) => String(row)).toSorted()
  } finally {
    await session.close()
  }
}
