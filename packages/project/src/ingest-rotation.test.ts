/** Bytes that change names between runs are live once, and no run is stuck on them. */
import { utimesSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBench, outcomes, type Bench } from './testing/temp-project.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})

afterAll(async () => {
  await bench.close()
})

test('two files that swap their bytes beside an old copy of one of them are settled in one run', async () => {
  const p = bench.project({ dataset: 'd', overwrites: 'replace' })
  const land = (name: string, id: number, at: number): void => utimesSync(p.land(name, `id\n${id}\n`), at, at)
  land('x.csv', 1, 1_700_000_000)
  land('copy.csv', 1, 1_700_000_001)
  land('y.csv', 2, 1_700_000_002)
  expect(outcomes(await p.ingest())).toEqual([
    'copy.csv: duplicate DUPLICATE_CONTENT',
    'x.csv: loaded',
    'y.csv: loaded',
  ])
  land('x.csv', 2, 1_700_000_100)
  land('y.csv', 1, 1_700_000_101)
  const report = await p.ingest()
  expect(report.files.map((file) => file.status)).not.toContain('failed')
  expect((await p.rows('id', 'ORDER BY id')).map(([id]) => Number(id))).toEqual([1, 2])
  expect((await p.ingest()).status).toBe('nothing-new')
})

test('a file whose bytes go to another one waits together with it when it changes while it is read', async () => {
  const p = bench.project({ dataset: 'd', overwrites: 'replace' })
  p.land('y.csv', 'id\n1\n')
  await p.ingest()
  p.land('x.csv', 'id\n1\n')
  p.land('y.csv', 'id\n3\n')
  const report = await p.ingest({
    effects: (effects) => ({
      ...effects,
      mark(phase, detail) {
        if (phase === 'planned') p.land('y.csv', 'id\n1234\n')
        effects.mark(phase, detail)
      },
    }),
  })
  expect(outcomes(report)).toEqual(['x.csv: waiting FILE_CHANGING', 'y.csv: waiting FILE_CHANGING'])
  expect(outcomes(await p.ingest())).toEqual(['x.csv: loaded', 'y.csv: loaded'])
  expect((await p.rows('id', 'ORDER BY id')).map(([id]) => Number(id))).toEqual([1, 1234])
})
