import { rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FileRecord } from '@tidegate/core'
import { rebuildState } from './rebuild-state.ts'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function ids(p: TempProject): Promise<unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => row[0])
}

const MAX_10 = {
  expectations: [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }],
}
const ID = { id: { type: 'BIGINT' } }

describe('the state database', () => {
  test('is lost: the next run rebuilds the index from the logs and loads nothing twice', async () => {
    const p = bench.project()
    p.contract('s', ID, MAX_10)
    p.land('a.csv', 'id\n1\n')
    p.land('b.csv', 'id\n99\n')
    await p.ingest()
    rmSync(path.join(p.directory, '.tidegate'), { recursive: true })
    p.land('c.csv', 'id\n3\n')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['c.csv: loaded'])
    expect(report).toMatchObject({ filesUnchanged: 2, recovered: { indexed: 1 } })
    expect(await ids(p)).toEqual([1, 3])
  })

  test('rebuilt from the logs it equals the live one: files, watermark, quarantine', async () => {
    const p = bench.project({ watermark: { column: 'id' }, dataset: '{stem}' })
    for (const dataset of ['a', 'b']) p.contract(dataset, ID, MAX_10)
    p.land('a.csv', 'id\n7\n')
    p.land('b.csv', 'id\n3\n')
    await p.ingest()
    p.land('a.csv', 'id\n99\n')
    p.land('b.csv', 'id\n4\n')
    p.land('sub/b.csv', 'id\n4\n')
    await p.ingest()
    await p.ingest({ force: true })
    const project = await p.open()
    const { state } = project
    const unmeasured = (file: FileRecord): unknown => ({ ...file, durationMs: null })
    const snapshot = async (): Promise<unknown> => ({
      files: (await state.listFiles({ source: 's' })).map(unmeasured),
      known: [...(await state.knownFiles('s'))].map(([name, records]) => [name, records.map(unmeasured)]),
      watermarks: (await state.listWatermarks()).map(({ source, value, type }) => ({ source, value, type })),
      quarantine: (await state.listQuarantine()).map(({ file, kind }) => ({ file, kind })),
    })
    const live = await snapshot()
    const rebuilt = await rebuildState(project)
    expect(rebuilt.map((target) => path.basename(target.target))).toEqual(['a', 'b'])
    expect(await snapshot()).toEqual(live)
    expect(live).toMatchObject({ watermarks: [{ source: 's', value: '7' }] })
    await project.close()
    expect((await p.ingest()).status).toBe('nothing-new')
  })
})
