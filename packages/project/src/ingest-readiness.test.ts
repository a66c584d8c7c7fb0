import { createHash } from 'node:crypto'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const HELD_ABOVE_10 = {
  expectations: [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }],
}

async function ids(p: TempProject): Promise<readonly unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => Number(row[0]))
}

function age(p: TempProject, name: string, seconds: number): void {
  const at = new Date(Date.now() - seconds * 1000)
  utimesSync(path.join(p.directory, 'landing', name), at, at)
}

describe('markers', () => {
  test('a file waits for its own marker, and markers are never data', async () => {
    const p = bench.project({ ready: { settle: '0s', marker: '{name}.done' } })
    p.land('a.csv', 'id\n1\n')
    p.land('b.csv', 'id\n2\n')
    p.land('b.csv.done', '')
    p.land('orphan.csv.done', 'id\n99\n')
    expect(await p.ingest()).toMatchObject({ filesSeen: 2, status: 'ok' })
    expect(await ids(p)).toEqual([2])
    expect(outcomes(await p.ingest())).toEqual(['a.csv: waiting MARKER_MISSING'])
    p.land('a.csv.done', '')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
    expect(await ids(p)).toEqual([1, 2])
  })

  test('a marker of a folder counts for the files beside it only', async () => {
    const p = bench.project({ ready: { settle: '0s', marker: '_SUCCESS' } })
    p.land('x/a.csv', 'id\n1\n')
    p.land('x/_SUCCESS', '')
    p.land('x/deep/b.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual(['x/a.csv: loaded', 'x/deep/b.csv: waiting MARKER_MISSING'])
  })
})

describe('control files', () => {
  test.each<[string, string, readonly string[]]>([
    ['the number of rows', '2\n', ['a.csv: loaded']],
    ['JSON with rows and bytes', '{"rows": 2, "bytes": 7}', ['a.csv: loaded']],
    ['another number of rows', '3', ['a.csv: held CONTROL_MISMATCH']],
    ['another number of bytes', '{"rows": 2, "bytes": 8}', ['a.csv: held CONTROL_MISMATCH']],
    ['another hash', JSON.stringify({ sha256: 'a'.repeat(64) }), ['a.csv: held CONTROL_MISMATCH']],
    ['its hash', JSON.stringify({ sha256: sha256('id\n1\n2\n').toUpperCase() }), ['a.csv: loaded']],
    ['nothing yet', '', ['a.csv: waiting CONTROL_UNREADABLE']],
    ['half of a JSON text', '{"rows": 2', ['a.csv: waiting CONTROL_UNREADABLE']],
    ['a negative number', '-1', ['a.csv: waiting CONTROL_UNREADABLE']],
    ['a key that cannot be read', '{"rows": "two", "bytes": 7}', ['a.csv: waiting CONTROL_UNREADABLE']],
  ])('with %s', async (_, control, outcome) => {
    const p = bench.project({ ready: { settle: '0s', control: '{stem}.ctl' } })
    p.land('a.csv', 'id\n1\n2\n')
    p.land('a.ctl', control)
    expect(outcomes(await p.ingest())).toEqual(outcome)
    expect(await p.count()).toBe(outcome[0] === 'a.csv: loaded' ? 2 : 0)
  })

  test('one that may be half written is waited for: half a number is a number', async () => {
    const p = bench.project({ ready: { settle: '1h', control: '{stem}.ctl' } })
    p.land('a.csv', `id\n${'1\n'.repeat(12)}`)
    age(p, 'a.csv', 7200)
    p.land('a.ctl', '1')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: waiting FILE_SETTLING'])
    p.land('a.ctl', '12')
    age(p, 'a.ctl', 3599)
    expect(outcomes(await p.ingest())).toEqual(['a.csv: waiting FILE_SETTLING'])
    age(p, 'a.ctl', 3601)
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
    // A clock that ran ahead must not make a file wait for ever.
    p.land('b.csv', 'id\n1\n')
    p.land('b.ctl', '1')
    for (const [name, seconds] of [['b.csv', 7200], ['b.ctl', -7200]] as const) age(p, name, seconds) // prettier-ignore
    expect(outcomes(await p.ingest())).toEqual(['b.csv: loaded'])
  })

  test('a file without one waits', async () => {
    const p = bench.project({ ready: { settle: '0s', control: '{name}.json' } })
    p.land('a.csv', 'id\n1\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: waiting CONTROL_MISSING'])
    p.land('a.csv.json', '1')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
  })
})

describe('a folder as one unit', () => {
  const unit = { ready: { settle: '0s', marker: '_SUCCESS', unit: 'folder' } }

  test('is held as a whole when one of its files is, and loaded as a whole when that is mended', async () => {
    const p = bench.project(unit)
    p.contract('s', { id: { type: 'BIGINT' } }, HELD_ABOVE_10)
    for (const name of ['d1', 'd2']) p.land(`${name}/_SUCCESS`, '')
    p.land('d1/a.csv', 'id\n1\n')
    p.land('d1/b.csv', 'id\n99\n')
    p.land('d2/a.csv', 'id\n3\n')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['d1/a.csv: held UNIT_HELD', 'd1/b.csv: held max', 'd2/a.csv: loaded'])
    expect(report.files[0]?.reasons[0]?.message).toContain('d1/b.csv')
    expect(await ids(p)).toEqual([3])
    expect((await p.ingest()).status).toBe('nothing-new')
    p.land('d1/b.csv', 'id\n2\n')
    const mended = await p.ingest()
    expect(outcomes(mended)).toEqual(['d1/a.csv: loaded', 'd1/b.csv: loaded'])
    expect(new Set(mended.files.map((file) => file.batch)).size).toBe(1)
    expect(await ids(p)).toEqual([1, 2, 3])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('waits as a whole while one of its files is written to', async () => {
    const p = bench.project({ ready: { settle: '1h', unit: 'folder' } })
    for (const name of ['d/a.csv', 'd/b.csv', 'e/a.csv']) p.land(name, `id\n${name.length}\n`)
    age(p, 'd/a.csv', 7200)
    age(p, 'e/a.csv', 7200)
    expect(outcomes(await p.ingest())).toEqual([
      'd/a.csv: waiting UNIT_WAITING',
      'd/b.csv: waiting FILE_SETTLING',
      'e/a.csv: loaded',
    ])
  })

  test('is one batch however many files it has', async () => {
    const p = bench.project({ ...unit, max_files_per_batch: 2 })
    p.land('d/_SUCCESS', '')
    for (let n = 0; n < 5; n++) p.land(`d/${n}.csv`, `id\n${n}\n`)
    const report = await p.ingest()
    expect(report.totals.loaded).toBe(5)
    expect(new Set(report.files.map((file) => file.batch)).size).toBe(1)
  })

  test('is held when one of its files is no file of its format', async () => {
    const p = bench.project({ ...unit, format: 'parquet', path: 'landing/**/*.parquet' })
    p.land('d/_SUCCESS', '')
    await p.landRows('d/a.parquet', 'SELECT 1 AS id')
    p.land('d/b.parquet', 'PAR1 and then nothing')
    const report = await p.ingest()
    expect(report.files.map((file) => file.status)).toEqual(['held', 'held'])
    expect(report.files[0]?.reasons[0]?.check).toBe('UNIT_HELD')
    expect(await p.count()).toBe(0)
  })
})

test('a folder with a Delta log is refused, and its neighbours are loaded', async () => {
  const p = bench.project({ path: 'landing/**/*.parquet' })
  mkdirSync(path.join(p.directory, 'landing', 'table', '_delta_log'), { recursive: true })
  writeFileSync(path.join(p.directory, 'landing', 'table', '_delta_log', `${'0'.repeat(20)}.json`), '{}')
  await p.landRows('table/part-0.parquet', 'SELECT 1 AS id')
  await p.landRows('table/day=1/part-1.parquet', 'SELECT 2 AS id')
  await p.landRows('other/a.parquet', 'SELECT 3 AS id')
  const report = await p.ingest()
  expect(outcomes(report)).toEqual(['other/a.parquet: loaded', 'table: failed SOURCE_IS_DELTA_TABLE'])
  expect(report.status).toBe('partial')
  expect(await ids(p)).toEqual([3])
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
