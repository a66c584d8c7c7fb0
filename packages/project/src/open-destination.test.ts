import path from 'node:path'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectTargets } from './inspect-targets.ts'
import { rebuildState } from './rebuild-state.ts'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** What the state knows, and what doctor says, before and after a rebuild from the targets alone. */
async function knownAfterRebuild(p: TempProject): Promise<{ before: unknown; after: unknown; problems: unknown }> {
  const project = await p.open()
  try {
    const known = async (): Promise<unknown> =>
      (await project.state.listFiles({ source: 's' }))
        .map(({ id, location, outcome, live, rowsLoaded }) => ({ id, location, outcome, live, rowsLoaded }))
        .toSorted((a, b) => (a.location < b.location ? -1 : 1))
    const before = await known()
    await rebuildState(project)
    const [source] = project.config.sources
    const problems = source === undefined ? [] : await inspectTargets(project, source)
    return { before, after: await known(), problems }
  } finally {
    await project.close()
  }
}

test('a Delta table as target: loaded once, read by its log, rebuilt from it', async () => {
  const p = bench.project({ target: { kind: 'delta', path: 'lake/{dataset}' } })
  p.land('a.csv', 'n\n1\n2\n')
  expect((await p.ingest()).totals).toMatchObject({ loaded: 1, rowsLoaded: 2 })
  p.land('b.csv', 'n,late\n3,x\n')
  expect((await p.ingest()).totals).toMatchObject({ loaded: 1, rowsLoaded: 1 })
  expect((await p.ingest()).status).toBe('nothing-new')
  expect(await p.count()).toBe(3)
  const { before, after, problems } = await knownAfterRebuild(p)
  expect(after).toEqual(before)
  expect(problems).toEqual([])
  expect((await p.ingest()).status).toBe('nothing-new')
})

test('a DuckDB file and a folder as targets of one source: both have all rows, and both are rebuilt', async () => {
  const targets = { folder: { path: 'lake/{dataset}' }, base: { kind: 'duckdb', path: 'base/all.duckdb', table: '{dataset}' } } // prettier-ignore
  const p = bench.project({ target: undefined, targets })
  p.land('a.csv', 'n\n1\n2\n')
  expect((await p.ingest()).totals).toMatchObject({ loaded: 2, rowsLoaded: 4 })
  expect((await p.ingest()).status).toBe('nothing-new')
  const { before, after, problems } = await knownAfterRebuild(p)
  expect(after).toEqual(before)
  expect(problems).toEqual([])
  expect(await p.count()).toBe(2)
  const session = await openDuckDB({ database: path.join(p.directory, 'base/all.duckdb'), threads: 1 })
  expect((await session.query('SELECT sum(n) FROM s')).rows).toEqual([[3]])
  await session.close()
})

test('a Delta table keeps the types of its columns: a file that would widen one is held, the others are loaded', async () => {
  const p = bench.project({ target: { kind: 'delta', path: 'lake/{dataset}' } })
  p.land('a.csv', 'n\n1\n2\n')
  expect((await p.ingest()).totals).toMatchObject({ loaded: 1 })
  p.land('b.csv', 'n\n12.5\n')
  p.land('c.csv', 'n\n3\n')
  const report = await p.ingest()
  expect(report.files.map(({ path: name, status, reasons }) => [name, status, reasons[0]?.check])).toEqual([
    ['b.csv', 'held', 'SCHEMA_TYPE'],
    ['c.csv', 'loaded', undefined],
  ])
})
