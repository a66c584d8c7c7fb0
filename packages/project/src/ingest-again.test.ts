import { appendFileSync, copyFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { knowledgeOf, planSource, surveySource, type PipelineEffects } from '@tidegate/pipeline'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Effects that do something once, right after a phase. */
function once(phase: string, what: () => void): (effects: PipelineEffects) => PipelineEffects {
  let done = false
  return (effects) => ({
    ...effects,
    mark(name, detail) {
      if (name === phase && !done) {
        done = true
        what()
      }
      effects.mark(name, detail)
    },
  })
}

async function ids(p: TempProject): Promise<unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => row[0])
}

const MAX_10 = {
  expectations: [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }],
}
const ID = { id: { type: 'BIGINT' } }

describe('--force and retry', () => {
  test('force never doubles rows, however often', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n2\n')
    p.land('b.csv', 'id\n3\n')
    await p.ingest()
    for (let time = 0; time < 3; time += 1) {
      const report = await p.ingest({ force: true })
      expect(report.totals).toMatchObject({ loaded: 2, rowsLoaded: 3 })
      expect(await ids(p)).toEqual([1, 2, 3])
    }
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('force under a stricter contract takes the rows of a file that fails now away, and back', async () => {
    const p = bench.project()
    p.contract('s', ID)
    p.land('a.csv', 'id\n1\n')
    p.land('b.csv', 'id\n99\n')
    await p.ingest()
    p.contract('s', ID, MAX_10)
    expect(outcomes(await p.ingest({ force: true }))).toEqual(['a.csv: loaded', 'b.csv: held max'])
    expect(await ids(p)).toEqual([1])
    p.contract('s', ID)
    await p.ingest({ force: true })
    expect(await ids(p)).toEqual([1, 99])
  })

  test('retry loads a held file after its contract was mended, and nothing else', async () => {
    const p = bench.project()
    p.contract('s', ID, MAX_10)
    p.land('a.csv', 'id\n1\n')
    p.land('b.csv', 'id\n99\n')
    p.land('c.csv', 'id\n98\n')
    await p.ingest()
    p.contract('s', ID)
    expect((await p.ingest()).status).toBe('nothing-new')
    const report = await p.ingest({ retry: new Set(['b.csv']) })
    expect(outcomes(report)).toEqual(['b.csv: loaded'])
    expect(await ids(p)).toEqual([1, 99])
  })

  test('a held new version beside its loaded old one: retried while bad it changes nothing, once good it replaces', async () => {
    const p = bench.project()
    p.contract('s', ID, MAX_10)
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    p.land('a.csv', 'id\n99\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: held max'])
    expect(outcomes(await p.ingest({ retry: new Set(['a.csv']) }))).toEqual(['a.csv: held max'])
    expect(await ids(p)).toEqual([1])
    p.contract('s', ID)
    expect(outcomes(await p.ingest({ retry: new Set(['a.csv']) }))).toEqual(['a.csv: loaded'])
    expect(await ids(p)).toEqual([99])
  })
})

describe('a file that changed', () => {
  test.each([
    ['replace', 'loaded', [2]],
    ['append', 'loaded', [1, 2]],
    ['ignore', 'duplicate', [1]],
    ['fail', 'failed', [1]],
  ] as const)('overwrites: %s', async (overwrites, status, expected) => {
    const p = bench.project({ overwrites })
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    p.land('a.csv', 'id\n2\n')
    const report = await p.ingest()
    expect(report.files[0]).toMatchObject({ status })
    expect(await ids(p)).toEqual(expected)
    // Again: a settled file has nothing to say, a refused one says it each time.
    expect((await p.ingest()).files.map((file) => file.status)).toEqual(overwrites === 'fail' ? ['failed'] : [])
    expect(await ids(p)).toEqual(expected)
  })

  test('A→B→A is three versions, and the target follows', async () => {
    const p = bench.project()
    for (const [content, row] of [
      ['id\n1\n', 1],
      ['id\n2\n', 2],
      ['id\n1\n', 1],
    ] as const) {
      p.land('a.csv', content)
      expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
      expect(await ids(p)).toEqual([row])
    }
    const project = await p.open({ readOnly: true })
    const files = await project.state.listFiles({ source: 's' })
    await project.close()
    const oldestFirst = files.toSorted((a, b) => a.ordinal - b.ordinal)
    expect(oldestFirst.map((file) => [file.ordinal, file.live])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ])
  })

  test('a touch alone does nothing, and is not opened twice', async () => {
    const p = bench.project()
    const file = p.land('a.csv', 'id\n1\n')
    await p.ingest()
    const before = p.tree('lake')
    utimesSync(file, new Date(0), new Date(0))
    expect(await p.ingest()).toMatchObject({ status: 'nothing-new', files: [], filesUnchanged: 1 })
    expect(p.tree('lake')).toEqual(before)
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        store: { ...effects.store, hash: () => Promise.reject(new Error('hashed')) },
      }),
    })
    expect(report).toMatchObject({ status: 'nothing-new', files: [] })
  })

  test('a file written a moment ago waits until it has settled', async () => {
    const p = bench.project({ ready: { settle: '1h' } })
    const file = p.land('a.csv', 'id\n1\n')
    p.land('old.csv', 'id\n2\n')
    utimesSync(path.join(p.directory, 'landing/old.csv'), new Date(0), new Date(0))
    expect(outcomes(await p.ingest())).toEqual(['a.csv: waiting FILE_SETTLING', 'old.csv: loaded'])
    utimesSync(file, new Date(0), new Date(0))
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
  })

  test.each(['pinned', 'checked'])(
    'written to while it is read (after %s): it waits, the others are loaded',
    async (phase) => {
      const p = bench.project()
      const file = p.land('a.csv', 'id\n1\n')
      p.land('b.csv', 'id\n5\n')
      const report = await p.ingest({ effects: once(phase, () => appendFileSync(file, '2\n')) })
      expect(outcomes(report)).toEqual(['a.csv: waiting FILE_CHANGING', 'b.csv: loaded'])
      expect(report.status).toBe('ok')
      expect(await ids(p)).toEqual([5])
      expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
      expect(await ids(p)).toEqual([1, 2, 5])
    },
  )

  test('cut short while it is read: it waits too, and is not held as broken', async () => {
    const p = bench.project()
    const file = await p.landRows('a.parquet', 'SELECT range AS id FROM range(1000)')
    const report = await p.ingest({ effects: once('pinned', () => writeFileSync(file, 'PAR1')) })
    expect(outcomes(report)).toEqual(['a.parquet: waiting FILE_CHANGING'])
    expect(await p.count()).toBe(0)
    expect(p.tree('lake/s/_tidegate/staging')).toEqual({})
    expect((await p.ingest()).files[0]).toMatchObject({ status: 'held', cause: 'unreadable' })
  })
})

describe('the same bytes under another name', () => {
  test.each([
    ['skip', 'duplicate', 1, 'nothing-new'],
    ['warn', 'loaded', 2, 'ok'],
    ['quarantine', 'held', 1, 'gate-failed'],
    ['load', 'loaded', 2, 'ok'],
  ] as const)('duplicates: %s', async (duplicates, status, rows, runStatus) => {
    const p = bench.project({ duplicates })
    const file = p.land('a.csv', 'id\n1\n')
    await p.ingest()
    copyFileSync(file, path.join(p.directory, 'landing/copy.csv'))
    const report = await p.ingest()
    expect(report.files[0]).toMatchObject({ path: 'copy.csv', status })
    expect(report.status).toBe(runStatus)
    if (duplicates !== 'load') expect(report.files[0]?.reasons[0]?.check).toBe('DUPLICATE_CONTENT')
    expect(await p.count()).toBe(rows)
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('a renamed file is its own copy: nothing is loaded twice', async () => {
    const p = bench.project()
    const file = p.land('a.csv', 'id\n1\n')
    await p.ingest()
    renameSync(file, path.join(p.directory, 'landing/b.csv'))
    expect(outcomes(await p.ingest())).toEqual(['b.csv: duplicate DUPLICATE_CONTENT'])
    expect(await ids(p)).toEqual([1])
  })

  test('files that rotate their names lose no row', async () => {
    const p = bench.project()
    p.land('latest.csv', 'id\n1\n')
    await p.ingest()
    p.land('2024-01.csv', 'id\n1\n')
    p.land('latest.csv', 'id\n2\n')
    expect((await p.ingest()).totals).toMatchObject({ loaded: 2 })
    expect(await ids(p)).toEqual([1, 2])
    // Both swap their bytes.
    p.land('2024-01.csv', 'id\n2\n')
    p.land('latest.csv', 'id\n1\n')
    expect((await p.ingest()).totals).toMatchObject({ loaded: 2 })
    expect(await ids(p)).toEqual([1, 2])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('a whole row of files rotates in one run', async () => {
    const p = bench.project()
    const names = Array.from({ length: 12 }, (_, at) => `log-${String(at).padStart(2, '0')}.parquet`)
    for (const [at, name] of names.entries()) await p.landRows(name, `SELECT ${at} AS id`)
    await p.ingest()
    const landing = path.join(p.directory, 'landing')
    for (const [at, name] of names.entries())
      renameSync(path.join(landing, name), path.join(landing, `${names[(at + 1) % 12] ?? ''}.new`))
    for (const name of names) renameSync(path.join(landing, `${name}.new`), path.join(landing, name))
    expect((await p.ingest()).totals).toMatchObject({ loaded: 12, failed: 0, duplicate: 0 })
    expect(await ids(p)).toEqual(names.map((_, at) => at))
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('a copy is loaded after all when its original changes later', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    p.land('copy.csv', 'id\n1\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded', 'copy.csv: duplicate DUPLICATE_CONTENT'])
    p.land('a.csv', 'id\n2\n')
    await p.ingest()
    await p.ingest()
    expect(await ids(p)).toEqual([1, 2])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('a copy is loaded after all when its original was written to while it was read', async () => {
    const p = bench.project()
    const file = p.land('a.csv', 'id\n1\n')
    p.land('copy.csv', 'id\n1\n')
    await p.ingest({ effects: once('checked', () => writeFileSync(file, 'id\n2\n')) })
    await p.ingest()
    expect(await ids(p)).toEqual([1, 2])
  })

  test('a file that becomes a copy gives up the rows it had', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    p.land('b.csv', 'id\n2\n')
    await p.ingest()
    p.land('b.csv', 'id\n1\n')
    expect(outcomes(await p.ingest())).toEqual(['b.csv: duplicate DUPLICATE_CONTENT'])
    expect(await ids(p)).toEqual([1])
  })

  test('two copies loaded under `load` become one by force under `skip`', async () => {
    const p = bench.project({ duplicates: 'load' })
    p.land('a.csv', 'id\n1\n')
    p.land('b.csv', 'id\n1\n')
    await p.ingest()
    expect(await p.count()).toBe(2)
    const file = path.join(p.directory, 'tidegate.yaml')
    writeFileSync(file, p.read('tidegate.yaml').replace('"load"', '"skip"'))
    const report = await p.ingest({ force: true })
    expect(report.error).toBeUndefined()
    expect(await p.count()).toBe(1)
  })
})

test('after the dataset template changed, known files stay where they are, and a changed one says why it cannot move', async () => {
  const p = bench.project({ dataset: '{source}' })
  p.land('a.csv', 'id\n1\n')
  await p.ingest()
  const file = path.join(p.directory, 'tidegate.yaml')
  writeFileSync(file, p.read('tidegate.yaml').replace('{source}', '{stem}'))
  expect((await p.ingest()).status).toBe('nothing-new')
  p.land('a.csv', 'id\n2\n')
  p.land('b.csv', 'id\n3\n')
  const report = await p.ingest()
  expect(outcomes(report)).toEqual(['a.csv: failed FILE_CHANGED', 'b.csv: loaded'])
  expect(report.files[0]?.reasons[0]?.message).toContain('its rows are in dataset s')
  expect(await ids(p)).toEqual([1, 3])
})

describe('what a run leaves behind', () => {
  test('planning a run changes nothing on disk, state included', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    p.land('b.csv', 'id\n2\n')
    p.land('a.csv', 'id\n3\n')
    const before = p.tree()
    const project = await p.open({ readOnly: true })
    const [source] = project.config.sources
    if (source === undefined) throw new Error('no source')
    const { effects, exclude } = project
    const survey = await surveySource(source, { exclude }, effects)
    const knowledge = knowledgeOf('s', survey, undefined, project.state)
    const plan = await planSource(source, survey, knowledge, [], { force: false, workers: 2, exclude }, effects)
    await project.close()
    expect(plan.work.map((item) => [item.version.id, item.treatment.kind, item.replaces?.id])).toEqual([
      ['s/a.csv#2', 'judge', 's/a.csv#1'],
      ['s/b.csv#1', 'judge', undefined],
    ])
    expect(p.tree()).toEqual(before)
  })

  test('no work folder, no staging and no pin stay', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    p.land('bad.parquet', 'x')
    await p.ingest()
    expect(Object.keys(p.tree()).filter((name) => /staging|work/.test(name))).toEqual([])
    const project = await p.open({ readOnly: true })
    expect(await project.state.openBatches('s')).toEqual([])
    expect(await project.state.listLeases(Date.now())).toEqual([])
    await project.close()
  })

  test('two runs at once: one of them is told who holds the source', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    let second: Promise<unknown> = Promise.resolve()
    const first = await p.ingest({
      effects: once('leased', () => {
        second = p.ingest()
      }),
    })
    expect(await second).toMatchObject({ status: 'failed', error: { code: 'LEASE_HELD' }, files: [] })
    expect(first.status).toBe('ok')
    expect(await p.count()).toBe(1)
  })

  test('a run is closed before its lease is free: the next one finds nothing interrupted', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    const report = await p.ingest()
    expect(report.recovered.interruptedRuns).toBe(0)
    const project = await p.open({ readOnly: true })
    expect((await project.state.listRuns({ source: 's' })).map((run) => run.status).toSorted()).toEqual([
      'nothing-new',
      'ok',
    ])
    await project.close()
  })

  test('stopped on request, it continues where it was', async () => {
    const p = bench.project({ dataset: '{stem}' })
    for (const name of ['a', 'b', 'c']) p.land(`${name}.csv`, `id\n${name.charCodeAt(0)}\n`)
    const stop = new AbortController()
    const report = await p.ingest({
      workers: 1,
      effects: (effects) => once('indexed', () => stop.abort())({ ...effects, signal: stop.signal }),
    })
    expect(report).toMatchObject({ status: 'interrupted', error: { code: 'CANCELLED' } })
    expect(await p.count()).toBe(1)
    expect((await p.ingest()).totals.loaded).toBe(2)
    expect(await ids(p)).toEqual([97, 98, 99])
  })
})

test('the watermark of a run is the highest of its batches, not the last', async () => {
  const p = bench.project({ watermark: { column: 'id' }, dataset: '{stem}' })
  p.land('a.csv', 'id\n100\n')
  p.land('b.csv', 'id\n9\n')
  expect((await p.ingest({ workers: 1 })).watermark).toMatchObject({ column: 'id', value: '100' })
})
