import { utimesSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { knowledgeOf, planSource, surveySource, type SourcePlan } from '@tidegate/pipeline'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const ID = { id: { type: 'BIGINT' } }
const MAX_10 = {
  expectations: [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }],
}

async function ids(p: TempProject): Promise<unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => row[0])
}

/** `a.csv` is loaded, each of `copies` is skipped as its duplicate. */
async function withCopies(p: TempProject, ...copies: readonly string[]): Promise<void> {
  p.land('a.csv', 'id\n1\n')
  age(p, 'a.csv')
  for (const copy of copies) p.land(copy, 'id\n1\n')
  expect((await p.ingest()).totals).toMatchObject({ loaded: 1, duplicate: copies.length })
  expect(await ids(p)).toEqual([1])
}

/** Of equal files the oldest is the original. */
function age(p: TempProject, name: string): void {
  utimesSync(path.join(p.directory, 'landing', name), 1_000, 1_000)
}

async function planOf(p: TempProject): Promise<SourcePlan> {
  const project = await p.open({ readOnly: true })
  try {
    const [source] = project.config.sources
    if (source === undefined) throw new Error('no source')
    const { effects, exclude } = project
    const survey = await surveySource(source, { exclude }, effects)
    const knowledge = knowledgeOf('s', survey, undefined, project.state)
    return await planSource(source, survey, knowledge, [], { force: false, workers: 2, exclude }, effects)
  } finally {
    await project.close()
  }
}

describe('a skipped copy whose original changes', () => {
  test('is loaded in the same run, in one commit with the change', async () => {
    const p = bench.project()
    await withCopies(p, 'b.csv')
    p.land('a.csv', 'id\n2\n')
    const plan = await planOf(p)
    expect(plan.unchanged).toEqual([])
    expect(plan.batches.map((batch) => batch.files.map((file) => file.id))).toEqual([['s/a.csv#2', 's/b.csv#1']])
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['a.csv: loaded', 'b.csv: loaded'])
    expect(report).toMatchObject({ status: 'ok', filesUnchanged: 0 })
    expect(new Set(report.files.map((file) => file.batch)).size).toBe(1)
    expect(await ids(p)).toEqual([1, 2])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('one of several copies is enough', async () => {
    const p = bench.project()
    await withCopies(p, 'b.csv', 'c.csv')
    age(p, 'b.csv')
    await p.ingest()
    p.land('a.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded', 'b.csv: loaded', 'c.csv: duplicate DUPLICATE_CONTENT'])
    expect(await ids(p)).toEqual([1, 2])
    expect((await p.ingest()).status).toBe('nothing-new')
    p.land('b.csv', 'id\n3\n')
    expect((await p.ingest()).totals).toMatchObject({ loaded: 2 })
    expect(await ids(p)).toEqual([1, 2, 3])
  })

  test('also when the copy was touched meanwhile', async () => {
    const p = bench.project()
    await withCopies(p, 'b.csv')
    p.land('a.csv', 'id\n2\n')
    age(p, 'b.csv')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded', 'b.csv: loaded'])
    expect(await ids(p)).toEqual([1, 2])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('stays skipped where the old rows stay', async () => {
    const p = bench.project({ overwrites: 'append' })
    await withCopies(p, 'b.csv')
    p.land('a.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
    expect(await ids(p)).toEqual([1, 2])
  })

  test('a retry of the original alone brings the copy with it', async () => {
    const p = bench.project()
    p.contract('s', ID, MAX_10)
    await withCopies(p, 'b.csv')
    p.land('a.csv', 'id\n99\n')
    await p.ingest()
    // The new bytes are held, so the old ones stay, once.
    expect(await ids(p)).toEqual([1])
    expect((await p.ingest()).status).toBe('nothing-new')
    p.contract('s', ID)
    expect(outcomes(await p.ingest({ retry: new Set(['a.csv']) }))).toEqual(['a.csv: loaded', 'b.csv: loaded'])
    expect(await ids(p)).toEqual([1, 99])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('stays skipped when the change is held, and its neighbours are loaded', async () => {
    const p = bench.project()
    p.contract('s', ID, MAX_10)
    await withCopies(p, 'b.csv')
    p.land('a.csv', 'id\n99\n')
    p.land('c.csv', 'id\n7\n')
    expect(outcomes(await p.ingest())).toEqual([
      'a.csv: held max',
      'b.csv: duplicate DUPLICATE_CONTENT',
      'c.csv: loaded',
    ])
    expect(await ids(p)).toEqual([1, 7])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('the older rows of the copy leave in their turn, and a copy of those is loaded as well', async () => {
    const p = bench.project()
    p.land('b.csv', 'id\n5\n')
    await p.ingest()
    p.land('c.csv', 'id\n5\n')
    await p.ingest()
    // Both become equal in one run: b keeps its older rows, since its original is not loaded yet.
    p.land('a.csv', 'id\n1\n')
    age(p, 'a.csv')
    p.land('b.csv', 'id\n1\n')
    await p.ingest()
    expect(await ids(p)).toEqual([1, 5])
    p.land('a.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded', 'b.csv: loaded', 'c.csv: loaded'])
    expect(await ids(p)).toEqual([1, 2, 5])
    expect((await p.ingest()).status).toBe('nothing-new')
  })
})

describe('a skipped copy whose original is held', () => {
  test('for its name: the next run judges the copy', async () => {
    const p = bench.project()
    p.contract('s', ID, { file: { name: 'good*' } })
    p.land('bad.csv', 'id\n1\n')
    age(p, 'bad.csv')
    p.land('good.csv', 'id\n1\n')
    expect(outcomes(await p.ingest())).toEqual(['bad.csv: held file:name', 'good.csv: duplicate DUPLICATE_CONTENT'])
    expect(await p.count()).toBe(0)
    expect(outcomes(await p.ingest())).toEqual(['good.csv: loaded'])
    expect(await ids(p)).toEqual([1])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('for its rows: the copy would be too, and is left alone', async () => {
    const p = bench.project()
    p.contract('s', ID, MAX_10)
    p.land('a.csv', 'id\n99\n')
    p.land('b.csv', 'id\n99\n')
    await p.ingest()
    expect((await p.ingest()).status).toBe('nothing-new')
    expect(await p.count()).toBe(0)
  })
})
