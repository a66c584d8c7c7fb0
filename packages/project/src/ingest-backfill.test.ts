import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PipelineEffects, SourceReport } from '@tidegate/pipeline'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const HOUR_MS = 3_600_000

/** Runs of one project, minutes apart, so that stamps of folders count as old enough. */
function runner(
  p: TempProject,
): (more?: Parameters<TempProject['ingest']>[0] & { hours?: number }) => Promise<SourceReport> {
  let aheadMs = 0
  return async ({ hours = 0, ...run } = {}) => {
    aheadMs += 60_000 + hours * HOUR_MS
    const later = (effects: PipelineEffects): PipelineEffects => {
      const clock = { nowMs: () => Date.now() + aheadMs }
      const own = { ...effects, clock }
      return run.effects === undefined ? own : run.effects(own, undefined as never)
    }
    return p.ingest({ ...run, effects: later })
  }
}

async function ids(p: TempProject): Promise<readonly number[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => Number(row[0]))
}

/** Loaded, and listed until nothing needs a look. */
async function calm(p: TempProject): Promise<ReturnType<typeof runner>> {
  const run = runner(p)
  for (let runs = 0; runs < 2; runs++) await run()
  return run
}

test('folders with nothing new are passed over; what is new is found at once, what was rewritten in place after the interval', async () => {
  const p = bench.project({ backfill_interval: '1d' })
  p.land('old/a.csv', 'id\n1\n')
  p.land('new/b.csv', 'id\n2\n')
  const run = await calm(p)
  expect(await run()).toMatchObject({ status: 'nothing-new', foldersPassed: 3, filesSeen: 0 })
  p.land('new/c.csv', 'id\n3\n')
  p.land('new/deep/d.csv', 'id\n4\n')
  writeFileSync(path.join(p.directory, 'landing/old/a.csv'), 'id\n10\n')
  const found = await run()
  expect(outcomes(found).toSorted()).toEqual(['new/c.csv: loaded', 'new/deep/d.csv: loaded'])
  expect(found).toMatchObject({ foldersPassed: 2, filesSeen: 3 })
  expect(outcomes(await run({ hours: 24 }))).toEqual(['old/a.csv: loaded'])
  expect(await ids(p)).toEqual([2, 3, 4, 10])
})

test('a file that waits, or is refused, is asked for in each run', async () => {
  const p = bench.project({ backfill_interval: '1d', overwrites: 'fail', ready: { settle: '0s', marker: '{name}.ok' } })
  p.land('x/a.csv', 'id\n1\n')
  p.land('x/a.csv.ok', '')
  p.land('x/b.csv', 'id\n2\n')
  const run = await calm(p)
  const statuses = ({ files }: SourceReport): readonly string[] => files.map((file) => `${file.path}: ${file.status}`)
  for (let runs = 0; runs < 2; runs++) expect(statuses(await run())).toEqual(['x/b.csv: waiting'])
  p.land('x/b.csv.ok', '')
  expect(statuses(await run())).toEqual(['x/b.csv: loaded'])
  writeFileSync(path.join(p.directory, 'landing/x/a.csv'), 'id\n5\n')
  expect(statuses(await run({ hours: 24 }))).toEqual(['x/a.csv: failed'])
  for (let runs = 0; runs < 2; runs++) expect(statuses(await run())).toEqual(['x/a.csv: failed'])
})

test('a copy whose original was replaced is loaded after all, also where its folder is as it was', async () => {
  const p = bench.project({ backfill_interval: '7d' })
  p.land('one/a.csv', 'id\n1\n')
  const run = runner(p)
  await run()
  p.land('two/copy.csv', 'id\n1\n')
  for (let runs = 0; runs < 3; runs++) await run()
  expect(await ids(p)).toEqual([1])
  // Another file under the old name: its folder shows it.
  rmSync(path.join(p.directory, 'landing/one/a.csv'))
  p.land('one/a.csv', 'id\n2\n')
  await run()
  expect(await ids(p)).toEqual([1, 2])
})

test('what the index forgets is listed again', async () => {
  const p = bench.project({ backfill_interval: '7d' })
  p.land('x/a.csv', 'id\n1\n')
  const run = await calm(p)
  expect(await run()).toMatchObject({ foldersPassed: 2 })
  const project = await p.open()
  await project.state.clearIndex()
  await project.close()
  rmSync(path.join(p.directory, 'lake'), { recursive: true })
  expect(outcomes(await run())).toEqual(['x/a.csv: loaded'])
})

test('a target that was down gets what it missed, though the folders are as they were', async () => {
  const targets = { one: { path: 'lake/one/{dataset}' }, two: { path: 'lake/two/{dataset}' } }
  const p = bench.project({ backfill_interval: '7d', target: undefined, targets })
  p.land('x/a.csv', 'id\n1\n')
  const run = runner(p)
  const down = (effects: PipelineEffects): PipelineEffects => ({
    ...effects,
    openDestination: async (source, dataset, options) => {
      if (source.target.name === 'two') throw new Error('not mounted')
      return effects.openDestination(source, dataset, options)
    },
  })
  for (let runs = 0; runs < 4; runs++) await run({ effects: down })
  expect(await ids(p)).toEqual([1])
  await run()
  expect(await ids(p)).toEqual([1, 1])
})

test('--force and retry list everything', async () => {
  const p = bench.project({ backfill_interval: '7d' })
  p.land('x/a.csv', 'id\n1\n')
  const run = await calm(p)
  expect(await run({ force: true })).toMatchObject({ foldersPassed: 0, totals: { loaded: 1 } })
  expect(await run({ retry: new Set(['x/a.csv']) })).toMatchObject({ foldersPassed: 0, totals: { loaded: 1 } })
  expect(await ids(p)).toEqual([1])
})
