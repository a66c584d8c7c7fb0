import { utimesSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function ids(p: TempProject): Promise<readonly unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => Number(row[0]))
}

function age(p: TempProject, name: string, seconds: number): void {
  const at = new Date(Date.now() - seconds * 1000)
  utimesSync(path.join(p.directory, 'landing', name), at, at)
}

describe('include_existing: false', () => {
  test('files that were there before the first run are noted, later ones are loaded', async () => {
    const p = bench.project({ include_existing: false })
    p.land('old.csv', 'id\n1\n')
    age(p, 'old.csv', 60)
    expect(outcomes(await p.ingest())).toEqual(['old.csv: duplicate FILE_EXISTING'])
    p.land('new.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual(['new.csv: loaded'])
    age(p, 'old.csv', 30)
    expect((await p.ingest()).status).toBe('nothing-new')
    expect(await ids(p)).toEqual([2])
    expect(outcomes(await p.ingest({ retry: new Set(['old.csv']) }))).toEqual(['old.csv: loaded'])
    expect(await ids(p)).toEqual([1, 2])
  })

  test('a first run that fails does not make the rest of them new', async () => {
    const p = bench.project({ include_existing: false, max_files_per_batch: 1 })
    for (const name of ['a.csv', 'b.csv', 'c.csv']) {
      p.land(name, `id\n${name.charCodeAt(0)}\n`)
      age(p, name, 60)
    }
    let batches = 0
    const failed = await p.ingest({
      effects: (effects) => ({
        ...effects,
        mark(phase, detail) {
          effects.mark(phase, detail)
          if (phase === 'indexed' && ++batches === 1) throw new Error('cut off')
        },
      }),
    })
    expect(failed.status).toBe('failed')
    const second = await p.ingest()
    expect(second.totals).toMatchObject({ loaded: 0, duplicate: 2 })
    expect(await p.count()).toBe(0)
    p.land('d.csv', 'id\n4\n')
    expect(outcomes(await p.ingest())).toEqual(['d.csv: loaded'])
  })

  test('an empty folder at the first run means that nothing was there', async () => {
    const p = bench.project({ include_existing: false })
    await p.ingest()
    p.land('a.csv', 'id\n1\n')
    age(p, 'a.csv', 3600)
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
  })
})

test('files older than max_file_age are not taken, and counted', async () => {
  const p = bench.project({ max_file_age: '1h' })
  p.land('old.csv', 'id\n1\n')
  p.land('new.csv', 'id\n2\n')
  age(p, 'old.csv', 7200)
  expect(await p.ingest()).toMatchObject({ status: 'ok', filesSeen: 2, filesTooOld: 1 })
  expect(await ids(p)).toEqual([2])
  // What is loaded stays known, however old it gets.
  age(p, 'new.csv', 7200)
  expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesUnchanged: 1, filesTooOld: 1 })
  expect(outcomes(await p.ingest({ retry: new Set(['old.csv']) }))).toEqual(['old.csv: loaded'])
})

describe('batches', () => {
  test('hold no more files and bytes than the source says', async () => {
    const p = bench.project({ max_files_per_batch: 2 })
    for (let n = 0; n < 5; n++) p.land(`${n}.csv`, `id\n${n}\n`)
    const report = await p.ingest()
    const sizes = [...Map.groupBy(report.files, (file) => file.batch).values()].map((files) => files.length)
    expect(sizes.toSorted((a, b) => a - b)).toEqual([1, 2, 2])
    const q = bench.project({ max_bytes_per_batch: '12B' })
    for (let n = 0; n < 4; n++) q.land(`${n}.csv`, `id\n${n}\n`)
    expect(new Set((await q.ingest()).files.map((file) => file.batch)).size).toBe(2)
  })

  test('with mode replace the files of a run are one batch, and the next run takes their place', async () => {
    const p = bench.project({ max_files_per_batch: 2, target: { path: 'lake/{dataset}', mode: 'replace' } })
    for (let n = 0; n < 5; n++) p.land(`${n}.csv`, `id\n${n}\n`)
    expect(new Set((await p.ingest()).files.map((file) => file.batch)).size).toBe(1)
    expect(await ids(p)).toEqual([0, 1, 2, 3, 4])
    p.land('next.csv', 'id\n9\n')
    await p.ingest()
    expect(await ids(p)).toEqual([9])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('with mode replace a run that died and what came since are one batch', async () => {
    const p = bench.project({ target: { path: 'lake/{dataset}', mode: 'replace' } })
    p.land('a.csv', 'id\n1\n')
    const died = await p.ingest({
      effects: (effects) => ({
        ...effects,
        mark(phase, detail) {
          if (phase === 'pinned') throw new Error('cut off')
          effects.mark(phase, detail)
        },
      }),
    })
    expect(died.status).toBe('failed')
    p.land('b.csv', 'id\n2\n')
    await p.ingest()
    expect(await ids(p)).toEqual([1, 2])
  })

  test('with mode replace a run in which every file is held takes nothing away', async () => {
    const p = bench.project({ target: { path: 'lake/{dataset}', mode: 'replace' } })
    const max = { id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 5 } }
    p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [max] })
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    p.land('b.csv', 'id\n9\n')
    expect(outcomes(await p.ingest())).toEqual(['b.csv: held max'])
    expect(await ids(p)).toEqual([1])
  })
})
