import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContractVersion } from '@tidegate/core'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const COLUMNS = { id: { type: 'BIGINT' } }

async function versions(p: TempProject): Promise<readonly ContractVersion[]> {
  const project = await p.open({ readOnly: true })
  const known = await project.state.contractVersions({ sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER })
  await project.close()
  return known
}

test('the state knows which contract was used from which run on', async () => {
  const p = bench.project()
  const rule = (max_value: number): { readonly type: string; readonly kwargs: Readonly<Record<string, number>> } => ({
    type: 'expect_table_row_count_to_be_between',
    kwargs: { min_value: 1, max_value },
  })
  p.contract('s', COLUMNS, { expectations: [rule(100)] })
  await p.landRows('a.parquet', 'SELECT 1::BIGINT AS id')
  const first = await p.ingest()
  await p.landRows('b.parquet', 'SELECT 2::BIGINT AS id')
  await p.ingest()
  expect(await versions(p)).toMatchObject([{ source: 's', dataset: 's', run: first.run }])

  p.contract('s', COLUMNS, { expectations: [rule(200)] })
  await p.landRows('c.parquet', 'SELECT 3::BIGINT AS id')
  const changed = await p.ingest()
  const known = await versions(p)
  expect(known.map(({ run }) => run)).toEqual([first.run, changed.run])
  const [before, after] = known.map(({ checks }) => checks[0])
  expect(before?.id).toBe(after?.id)
  expect(before?.digest).not.toBe(after?.digest)
})
