import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import { runToEnd, type CommandUnderTest } from '../crash-harness.ts'
import { killRun } from '../crash/kill-run.ts'
import { ended, tellEnd } from '../crash/scene.ts'
import { settle } from '../file-builders.ts'
import { makeTempProject, type TempProject } from '../temp-project.ts'
import { openBundledCli, type BundledCli } from './fault-scene.ts'

let cli: BundledCli
beforeAll(async () => {
  cli = await openBundledCli()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

// A source with two targets is two batches over one set of files, one after the other. Killed in either, and between them.
test.for([
  ['entry-durable', 1],
  ['indexed', 1],
  ['pinned', 2],
  ['sealed', 2],
  ['entry-durable', 2],
  ['indexed', 2],
] as const)(
  'two targets, killed at %s number %i: both have every row once, and then the files go',
  async ([phase, nth]) => {
    using project = makeTempProject()
    project.write(
      'tidegate.yaml',
      `version: 1
sources:
  tide:
    path: landing/*.csv
    ready: { settle: 0s }
    on_missing_contract: admit
    clean_source: { mode: archive, after: 0s, to: archive }
    targets:
      folder: { kind: parquet, path: lake/folder }
      table: { kind: duckdb, path: lake/lake.duckdb, table: rows }
`,
    )
    const first = lay(project, 1)
    const killed = await killRun(ingest(project), { on: 'phase', phase, nth })
    expect(killed.death, tellEnd(killed)).toBeDefined()
    // No file may be gone before both targets have it.
    if (nth === 1 || phase !== 'indexed') expect(readdirSync(project.at('landing'))).toHaveLength(2)
    const second = lay(project, 2)
    const end = await runToEnd(ingest(project))
    expect(ended(end), tellEnd(end)).toBe(true)
    const expected = [...first, ...second].toSorted()
    expect(await read(project, `read_parquet('${project.at('lake/folder/*.parquet')}')`)).toEqual(expected)
    expect(await read(project, 'lake.rows')).toEqual(expected)
    expect(readdirSync(project.at('landing'))).toEqual([])
    expect(
      readdirSync(project.at('archive'), { recursive: true }).filter((name) => String(name).endsWith('.csv')),
    ).toHaveLength(4)
    const idle = await runToEnd(ingest(project))
    expect(idle.exitCode, tellEnd(idle)).toBe(0)
    expect(await read(project, 'lake.rows')).toEqual(expected)
  },
)

function lay(project: TempProject, round: number): readonly string[] {
  mkdirSync(project.at('landing'), { recursive: true })
  return ['a', 'b'].flatMap((name, at) => {
    const file = project.at('landing', `${name}-${round}.csv`)
    const rows = Array.from({ length: 20 }, (_, row) => `${round * 1000 + at * 100 + row},${name}`)
    writeFileSync(file, `id,name\n${rows.join('\n')}\n`)
    settle(file)
    return rows
  })
}

function ingest(project: TempProject): CommandUnderTest {
  const flags = cli.file.includes('source') ? ['--conditions=tidegate:source'] : []
  const args = [...flags, '--disable-warning=ExperimentalWarning', cli.file, 'ingest']
  return { command: process.execPath, args, cwd: project.directory, env: { NO_COLOR: '1' } }
}

async function read(project: TempProject, from: string): Promise<readonly string[]> {
  const session = await openDuckDB({ threads: 1 })
  try {
    const file = project.at('lake/lake.duckdb')
    if (existsSync(file)) await session.query(`ATTACH '${file}' AS lake (READ_ONLY)`)
    const { rows } = await session.query(`SELECT concat_ws(',', id, name) FROM ${from}`)
    return rows.map(([row]) => String(row)).toSorted()
  } finally {
    await session.close()
  }
}
