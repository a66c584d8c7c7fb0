import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectTargets } from './inspect-targets.ts'
import { rebuildState } from './rebuild-state.ts'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function problems(p: TempProject): Promise<readonly string[]> {
  const project = await p.open({ readOnly: true })
  const [source] = project.config.sources
  const found = source === undefined ? [] : await inspectTargets(project, source)
  await project.close()
  return found.map((problem) => problem.code)
}

async function rebuild(p: TempProject): Promise<void> {
  const project = await p.open()
  await rebuildState(project)
  await project.close()
}

function retarget(p: TempProject, from: string, to: string): void {
  const file = path.join(p.directory, 'tidegate.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
}

test('a target that is gone is an error and not "nothing to do"; a rebuild says that it is meant to be empty', async () => {
  const p = bench.project()
  p.land('a.csv', 'id\n1\n')
  p.land('b.csv', 'id\n2\n')
  await p.ingest()
  expect(await problems(p)).toEqual([])
  rmSync(path.join(p.directory, 'lake'), { recursive: true })
  for (const force of [false, true]) {
    const report = await p.ingest({ force })
    expect(report).toMatchObject({ status: 'failed', error: { code: 'LEDGER_BEHIND_STATE' } })
  }
  expect(await problems(p)).toEqual(['LEDGER_BEHIND_STATE'])
  await rebuild(p)
  expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded', 'b.csv: loaded'])
  expect(await p.rows('count(*)')).toEqual([[2]])
})

test('a target path that was edited is refused as long as the rows lie elsewhere', async () => {
  const p = bench.project()
  p.land('a.csv', 'id\n1\n')
  await p.ingest()
  retarget(p, 'lake/{dataset}', 'lake/new/{dataset}')
  p.land('b.csv', 'id\n2\n')
  expect(await p.ingest()).toMatchObject({ status: 'failed', error: { code: 'CONFIG_TARGET_MOVED' } })
  expect(await problems(p)).toEqual(['CONFIG_TARGET_MOVED'])
  expect(await p.rows('count(*)')).toEqual([[1]])
  // Moved by hand and rebuilt, the rows are known at their new place.
  renameSync(path.join(p.directory, 'lake/s'), path.join(p.directory, 'kept'))
  rmSync(path.join(p.directory, 'lake'), { recursive: true })
  mkdirSync(path.join(p.directory, 'lake/new'), { recursive: true })
  renameSync(path.join(p.directory, 'kept'), path.join(p.directory, 'lake/new/s'))
  await rebuild(p)
  expect(outcomes(await p.ingest())).toEqual(['b.csv: loaded'])
  expect(await p.rows('count(*)')).toEqual([[2]])
})

test('a part that somebody deleted is found', async () => {
  const p = bench.project()
  p.land('a.csv', 'id\n1\n')
  await p.ingest()
  const part = Object.keys(p.tree('lake')).find((name) => name.endsWith('.parquet'))
  rmSync(path.join(p.directory, 'lake', part ?? 'none'))
  expect(await problems(p)).toEqual(['LEDGER_PART_MISSING'])
  expect(await p.ingest()).toMatchObject({ error: { code: 'LEDGER_PART_MISSING' } })
  expect(outcomes(await p.ingest({ force: true }))).toEqual(['a.csv: loaded'])
  expect(await p.rows('count(*)')).toEqual([[1]])
  expect(await problems(p)).toEqual([])
})
