/** A folder as one unit is loaded as a whole or not at all: also where one of its files is late, gone or refused. */
import { rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})

afterAll(async () => {
  await bench.close()
})

const UNIT = { ready: { settle: '0s', unit: 'folder' } }

async function ids(p: TempProject): Promise<number[]> {
  return (await p.rows('id', 'ORDER BY id')).map(([id]) => Number(id))
}

function holdAbove(p: TempProject, highest: number): void {
  const kwargs = { column: 'id', max_value: highest }
  const limit = { id: 'max', type: 'expect_column_values_to_be_between', kwargs }
  p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [limit] })
}

/** `f/a.csv` is to blame, `f/b.csv` is held with it. */
async function heldFolder(): Promise<TempProject> {
  const p = bench.project(UNIT)
  holdAbove(p, 10)
  p.land('f/a.csv', 'id\n99\n')
  p.land('f/b.csv', 'id\n1\n')
  expect(outcomes(await p.ingest())).toEqual(['f/a.csv: held max', 'f/b.csv: held UNIT_HELD'])
  return p
}

test('a late file does not let the rest of a folder in beside one that is still held', async () => {
  const p = await heldFolder()
  p.land('f/c.csv', 'id\n2\n')
  expect(outcomes(await p.ingest())).toEqual([
    'f/a.csv: held max',
    'f/b.csv: held UNIT_HELD',
    'f/c.csv: held UNIT_HELD',
  ])
  expect(await ids(p)).toEqual([])
})

test.each(['f/a.csv', 'f/b.csv'])('a retry of %s judges all that is held of its folder', async (name) => {
  const p = await heldFolder()
  const retry = new Set([name])
  const before = await p.ingest({ retry })
  expect(outcomes(before)).toEqual(['f/a.csv: held max', 'f/b.csv: held UNIT_HELD'])
  expect(await ids(p)).toEqual([])
  holdAbove(p, 100)
  const mended = await p.ingest({ retry })
  expect(outcomes(mended)).toEqual(['f/a.csv: loaded', 'f/b.csv: loaded'])
  expect(new Set(mended.files.map((file) => file.batch)).size).toBe(1)
  expect(await ids(p)).toEqual([1, 99])
})

test('waits while one of its files cannot be read', async () => {
  const p = bench.project(UNIT)
  const link = path.join(path.dirname(p.land('f/a.csv', 'id\n1\n')), 'b.csv')
  symlinkSync(path.join(p.directory, 'nowhere'), link)
  p.land('g/a.csv', 'id\n3\n')
  expect(outcomes(await p.ingest()).toSorted()).toEqual([
    'f/a.csv: waiting UNIT_WAITING',
    'f/b.csv: failed SOURCE_GONE',
    'g/a.csv: loaded',
  ])
  rmSync(link)
  p.land('f/b.csv', 'id\n2\n')
  expect(outcomes(await p.ingest())).toEqual(['f/a.csv: loaded', 'f/b.csv: loaded'])
  expect(await ids(p)).toEqual([1, 2, 3])
})

test('waits while a person has to decide over one of its files', async () => {
  const p = bench.project({ ...UNIT, overwrites: 'fail' })
  p.land('f/a.csv', 'id\n1\n')
  await p.ingest()
  p.land('f/a.csv', 'id\n11\n')
  p.land('f/b.csv', 'id\n2\n')
  expect(outcomes(await p.ingest())).toEqual(['f/a.csv: failed FILE_CHANGED', 'f/b.csv: waiting UNIT_WAITING'])
  expect(await ids(p)).toEqual([1])
})
