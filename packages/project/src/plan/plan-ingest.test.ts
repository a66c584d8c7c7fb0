import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBench, type Bench, type TempProject } from '../testing/temp-project.ts'
import type { IngestPlan } from './ingest-plan.ts'
import { planIngest } from './plan-ingest.ts'
import { assertFresh, readPlan, storePlan } from './stored-plan.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function makePlan(p: TempProject): Promise<IngestPlan> {
  const project = await p.open({ readOnly: true })
  const [source] = project.config.sources
  if (source === undefined) throw new Error('no source')
  const planned = await planIngest(source, { force: false, workers: 2 }, project, project.effects)
  const plan: IngestPlan = { format: 1, id: project.effects.newId(), madeAtMs: 0, force: false, sources: [planned] }
  await storePlan(project.config, plan)
  await project.close()
  return plan
}

async function runPlan(p: TempProject, { id }: IngestPlan): ReturnType<TempProject['ingest']> {
  const project = await p.open({ readOnly: true })
  const plan = await readPlan(project.config, id)
  try {
    const rootOf = (): string | undefined => project.config.sources[0]?.root
    await assertFresh(plan, rootOf, project.store, new AbortController().signal)
  } finally {
    await project.close()
  }
  const only = new Map(plan.sources[0]?.items.map((item) => [item.path, item.hash]))
  return p.ingest({ only, plan: id })
}

test('a plan tells columns, checks, calls and an estimate, and its run takes its files and no other', async () => {
  const p = bench.project()
  await p.landRows('a.parquet', 'SELECT range AS n FROM range(1000)')
  p.contract('s', { n: { type: 'BIGINT' } }, { expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'n', min_value: 0, max_value: 5000 } }] }) // prettier-ignore
  await p.ingest()
  await p.landRows('b.parquet', 'SELECT range AS n, 1.5::DOUBLE AS late FROM range(500)')
  p.land('deep/c.csv', 'n\n1\n')
  const plan = await makePlan(p)
  const [source] = plan.sources
  expect(source).toMatchObject({ filesSeen: 3, unchanged: 1, files: 2, calls: { list: 2, stat: 3 }, unreadable: [] })
  expect(source?.items.map((item) => [item.path, item.action, item.target])).toEqual([
    ['b.parquet', 'check and load', 'lake/s'],
    ['deep/c.csv', 'check and load', 'lake/s'],
  ])
  expect(source?.datasets).toMatchObject([
    {
      dataset: 's',
      files: 2,
      schema: { fresh: false, added: [{ name: 'late', type: 'DOUBLE' }], widened: [], filesSeen: 1, filesNotSeen: 1 },
      checks: { contract: 'contracts/s.yaml', byFooters: null },
    },
  ])
  expect(source?.estimate).toMatchObject({ runs: 1, durationMs: { low: expect.any(Number) as number } })
  p.land('later.csv', 'n\n7\n')
  const report = await runPlan(p, plan)
  expect(report.files.map((file) => [file.path, file.status])).toEqual([['b.parquet', 'loaded'], ['deep/c.csv', 'loaded']]) // prettier-ignore
  const next = await p.ingest()
  expect(next.files.map((file) => [file.path, file.status])).toEqual([['later.csv', 'loaded']])
  expect(await p.count()).toBe(1502)
})

test('footers tell which checks need no scan', async () => {
  const p = bench.project()
  p.contract('s', { n: { type: 'BIGINT' } }, { expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'n', min_value: 0, max_value: 5000 } }, { type: 'expect_column_values_to_be_unique', kwargs: { column: 'n' } }] }) // prettier-ignore
  await p.landRows('a.parquet', 'SELECT range AS n FROM range(1000)')
  const checks = (await makePlan(p)).sources[0]?.datasets[0]?.checks
  expect(checks?.checks).toBe((checks?.byFooters ?? 0) + (checks?.byScan ?? 0) + (checks?.byOwnQuery ?? 0))
  expect(checks?.byFooters).toBeGreaterThanOrEqual(1)
  expect(checks?.byOwnQuery).toBe(1)
})

test('a file that changed or went away makes the plan stale, a touched one does not, and nothing is written', async () => {
  const p = bench.project()
  p.land('a.csv', 'n\n1\n')
  p.land('b.csv', 'n\n2\n')
  const plan = await makePlan(p)
  p.land('a.csv', 'n\n1\n')
  const before = p.tree('.tidegate')
  p.land('b.csv', 'n\n3\n')
  await expect(runPlan(p, plan)).rejects.toMatchObject({ code: 'PLAN_STALE', message: expect.stringContaining('b.csv has changed') as string }) // prettier-ignore
  rmSync(path.join(p.directory, 'landing/b.csv'))
  await expect(runPlan(p, plan)).rejects.toMatchObject({ code: 'PLAN_STALE', message: expect.stringContaining('b.csv is gone') as string }) // prettier-ignore
  expect(p.tree('.tidegate')).toEqual(before)
  p.land('b.csv', 'n\n2\n')
  expect((await runPlan(p, plan)).totals.loaded).toBe(2)
})

test('a file that changes after the look at the plan is left for the next run', async () => {
  const p = bench.project()
  p.land('a.csv', 'n\n1\n')
  p.land('b.csv', 'n\n2\n')
  const [source] = (await makePlan(p)).sources
  p.land('b.csv', 'n\n3\n')
  const report = await p.ingest({ only: new Map(source?.items.map((item) => [item.path, item.hash])) })
  expect(report.files.map((file) => [file.path, file.status, file.reasons[0]?.check])).toEqual([['a.csv', 'loaded', undefined], ['b.csv', 'failed', 'PLAN_STALE']]) // prettier-ignore
})

test('what is no plan is refused, and an id is no path', async () => {
  const p = bench.project()
  p.land('a.csv', 'n\n1\n')
  const { id } = await makePlan(p)
  const project = await p.open({ readOnly: true })
  expect(readdirSync(path.join(p.directory, '.tidegate/plans'))).toEqual([`${id}.json`])
  writeFileSync(path.join(p.directory, '.tidegate/plans/half.json'), '{"format":1,"id":"half"')
  writeFileSync(path.join(p.directory, '.tidegate/plans/other.json'), '{"format":1,"id":"someone"}')
  for (const wrong of ['none', 'half', 'other', '../plans/half', '', 'a'.repeat(200)]) {
    await expect(readPlan(project.config, wrong)).rejects.toMatchObject({ code: 'PLAN_UNKNOWN' })
  }
  await project.close()
})
