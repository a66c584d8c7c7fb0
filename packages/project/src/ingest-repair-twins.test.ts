/** A repaired file can become, byte for byte, another file of the source: its rows must not count twice. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const ROWS = 500

/** A sound file under `name`, as bytes. */
async function landSound(p: TempProject, name: string): Promise<Buffer> {
  await p.landRows(name, `SELECT range AS id, range * 0.5::DOUBLE AS amount FROM range(${ROWS})`)
  return readFileSync(path.join(p.directory, 'landing', name))
}

test('the sound file comes after its damaged copy was loaded: it is a duplicate', async () => {
  const p = bench.project({})
  const bytes = await landSound(p, 'a.parquet')
  p.land('a.parquet', Buffer.concat([bytes, Buffer.alloc(8)]))
  expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded PQ107'])
  p.land('b.parquet', bytes)
  expect(outcomes(await p.ingest())).toContain('b.parquet: duplicate DUPLICATE_CONTENT')
  expect(await p.rows('count(*), count(DISTINCT id)')).toEqual([[ROWS, ROWS]])
})

test('the damaged copy comes after the sound file: held, and what it would become is said', async () => {
  const p = bench.project({})
  const bytes = await landSound(p, 'a.parquet')
  await p.ingest()
  p.land('b.parquet', Buffer.concat([bytes, Buffer.alloc(8)]))
  expect(outcomes(await p.ingest()).join()).toContain('b.parquet: held DUPLICATE_CONTENT')
  expect(await p.rows('count(*), count(DISTINCT id)')).toEqual([[ROWS, ROWS]])
})

test('both in one run, and two damaged copies: the rows are there once', async () => {
  const p = bench.project({})
  const bytes = await landSound(p, 'm.parquet')
  p.land('a.parquet', Buffer.concat([bytes, Buffer.alloc(8)]))
  p.land('z.parquet', Buffer.concat([bytes, Buffer.alloc(16)]))
  await p.ingest()
  expect(await p.rows('count(*), count(DISTINCT id)')).toEqual([[ROWS, ROWS]])
  const q = bench.project({})
  const same = await landSound(q, 'a.parquet')
  q.land('a.parquet', Buffer.concat([same, Buffer.alloc(8)]))
  q.land('b.parquet', Buffer.concat([same, Buffer.alloc(16)]))
  await q.ingest()
  expect(await q.rows('count(*), count(DISTINCT id)')).toEqual([[ROWS, ROWS]])
})

test('duplicates: load wants them both', async () => {
  const p = bench.project({ duplicates: 'load' })
  const bytes = await landSound(p, 'a.parquet')
  p.land('b.parquet', Buffer.concat([bytes, Buffer.alloc(8)]))
  await p.ingest()
  expect(await p.rows('count(*), count(DISTINCT id)')).toEqual([[2 * ROWS, ROWS]])
})
