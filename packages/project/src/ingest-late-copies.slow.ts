import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openKinds, type Kinds, type RowKind } from './testing/target-kinds.ts'
import { openBench, outcomes, type Bench, type IngestRun, type TempProject } from './testing/temp-project.ts'

let bench: Bench
let kinds: Kinds
beforeAll(async () => {
  bench = await openBench()
  kinds = openKinds(bench.witness)
})
afterAll(async () => {
  await kinds.close()
  await bench.close()
})

interface Case {
  readonly p: TempProject
  readonly rows: () => Promise<string[]>
}

async function begin(
  kind: RowKind,
  more: Record<string, unknown> = {},
  settings: Record<string, unknown> = {},
): Promise<Case> {
  const target = { ...(await kinds.targetOf(kind)), mode: 'upsert', keys: ['id'], ...more }
  const p = bench.project({ target, ...settings })
  // Both columns in one text: `kinds` reads one.
  return { p, rows: () => kinds.values(kind, p, target, 'both') }
}

function csv(...rows: readonly (readonly [number, string])[]): string {
  return ['id,v,both', ...rows.map(([id, v]) => `${id},${v},${id} ${v}`), ''].join('\n')
}

const OLD = csv([1, 'old'], [2, 'old'])

/** 1 and a copy of it, then 2 with a newer row; then 1 is overwritten. */
async function tellStory({ p }: Case, overwritten = csv([3, 'x'])): Promise<string[]> {
  p.land('1.csv', OLD)
  expect(outcomes(await p.ingest())).toEqual(['1.csv: loaded'])
  p.land('1copy.csv', OLD)
  expect(outcomes(await p.ingest())).toEqual(['1copy.csv: duplicate DUPLICATE_CONTENT'])
  p.land('2.csv', csv([1, 'new']))
  expect((await p.ingest()).files).toMatchObject([{ path: '2.csv', status: 'loaded' }])
  p.land('1.csv', overwritten)
  return outcomes(await p.ingest())
}

describe.each(['parquet', 'duckdb', 'postgres'] as const)('a copy that comes back, %s', (kind) => {
  test('brings what is nowhere else, and leaves newer rows of its keys alone', async () => {
    const told = await begin(kind)
    expect(await tellStory(told)).toEqual(['1.csv: loaded', '1copy.csv: loaded ROWS_DEDUPLICATED'])
    expect(await told.rows()).toEqual(['1 new', '2 old', '3 x'])
    expect(outcomes(await told.p.ingest())).toEqual([])
    expect(await told.rows()).toEqual(['1 new', '2 old', '3 x'])
  })
})

describe('a copy that comes back', () => {
  test('leaves the rows that took the original’s place alone, too', async () => {
    const told = await begin('parquet')
    await tellStory(told, csv([2, 'newest'], [3, 'x']))
    expect(await told.rows()).toEqual(['1 new', '2 newest', '3 x'])
  })

  test('is not needed where what should take the original’s place is held', async () => {
    const told = await begin('parquet', {}, { on_missing_contract: 'hold' })
    const kwargs = { column: 'id', max_value: 5 }
    told.p.contract(
      's',
      { id: { type: 'BIGINT' }, v: { type: 'VARCHAR' }, both: { type: 'VARCHAR' } },
      {
        expectations: [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs }],
        gate: { on_fail: 'quarantine' },
      },
    )
    const said = await tellStory(told, csv([9, 'too high']))
    expect(said[0]).toMatch(/^1\.csv: held/)
    expect(said[1]).toBe('1copy.csv: duplicate DUPLICATE_CONTENT')
    expect(await told.rows()).toEqual(['1 new', '2 old'])
    expect(outcomes(await told.p.ingest())).toEqual([])
    told.p.land('1.csv', csv([3, 'x']))
    expect(outcomes(await told.p.ingest())).toEqual(['1.csv: loaded', '1copy.csv: loaded ROWS_DEDUPLICATED'])
    expect(await told.rows()).toEqual(['1 new', '2 old', '3 x'])
  })

  test('with an order, the order decides', async () => {
    const told = await begin('parquet', { dedup: { order_by: 'v' } })
    await tellStory(told)
    // old > new
    expect(await told.rows()).toEqual(['1 old', '2 old', '3 x'])
  })

  test('of two originals, the copy of the newer one wins', async () => {
    const told = await begin('parquet')
    const { p } = told
    p.land('1.csv', OLD)
    await p.ingest()
    p.land('2.csv', csv([2, 'newer'], [4, 'newer']))
    await p.ingest()
    p.land('1copy.csv', OLD)
    p.land('0copy.csv', csv([2, 'newer'], [4, 'newer']))
    await p.ingest()
    p.land('1.csv', csv([8, 'x']))
    p.land('2.csv', csv([9, 'x']))
    await p.ingest()
    await p.ingest()
    expect(await told.rows()).toEqual(['1 old', '2 newer', '4 newer', '8 x', '9 x'])
  })

  test('comes back in a later run when its own was cut off before its commit', async () => {
    const told = await begin('parquet')
    const { p } = told
    await tellStoryCut(told)
    expect(outcomes(await p.ingest())).toEqual(['1copy.csv: loaded ROWS_DEDUPLICATED'])
    expect(await told.rows()).toEqual(['1 new', '2 old', '3 x'])
  })
})

describe('a copy that comes back where rows are replaced', () => {
  test.each(['parquet', 'duckdb'] as const)('by partition: newer partitions stay as they are (%s)', async (kind) => {
    const told = await begin(kind, { mode: 'replace', replace: 'partitions', keys: undefined, partition_by: ['id'] })
    expect(await tellStory(told)).toEqual(['1.csv: loaded', '1copy.csv: loaded ROWS_DEDUPLICATED'])
    expect(await told.rows()).toEqual(['1 new', '2 old', '3 x'])
    expect(outcomes(await told.p.ingest())).toEqual([])
  })

  test('all: it went with its original', async () => {
    const told = await begin('parquet', { mode: 'replace', keys: undefined })
    const { p } = told
    p.land('1.csv', OLD)
    p.land('1copy.csv', OLD)
    await p.ingest()
    p.land('1.csv', csv([3, 'x']))
    expect(outcomes(await p.ingest())).toEqual(['1.csv: loaded'])
    expect(outcomes(await p.ingest())).toEqual([])
    expect(await told.rows()).toEqual(['3 x'])
  })
})

test('of very many files, one that is needed again is not counted as unchanged', async () => {
  const p = bench.project()
  // As with more files than are kept in memory.
  const many: IngestRun & { readonly fewFiles: number } = { fewFiles: 0 }
  p.land('1.csv', OLD)
  p.land('9.csv', csv([9, 'x']))
  await p.ingest(many)
  p.land('1copy.csv', OLD)
  expect(await p.ingest(many)).toMatchObject({ filesSeen: 3, filesUnchanged: 2 })
  expect(await p.ingest(many)).toMatchObject({ filesSeen: 3, filesUnchanged: 3, files: [] })
  p.land('1.csv', csv([3, 'x']))
  const report = await p.ingest(many)
  expect(outcomes(report)).toEqual(['1.csv: loaded', '1copy.csv: loaded'])
  expect(report).toMatchObject({ filesSeen: 3, filesUnchanged: 1 })
})

async function tellStoryCut({ p }: Case): Promise<void> {
  p.land('1.csv', OLD)
  await p.ingest()
  p.land('1copy.csv', OLD)
  await p.ingest()
  p.land('2.csv', csv([1, 'new']))
  await p.ingest()
  p.land('1.csv', csv([3, 'x']))
  let commits = 0
  await p.ingest({
    effects: (effects) => ({
      ...effects,
      openDestination: async (...source) => {
        const target = await effects.openDestination(...source)
        const commit: typeof target.commit = async (draft) => {
          if (++commits === 2) throw new Error('cut off')
          return target.commit(draft)
        }
        return { ...target, commit }
      },
    }),
  })
  expect(commits).toBe(2)
}
