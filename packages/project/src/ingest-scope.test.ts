import { rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cell, Expectation, OnFail } from '@tidegate/core'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const COLUMNS = { id: { type: 'BIGINT' }, v: { type: 'BIGINT', required: false } }

function unique(scope: 'batch' | 'target', more: Readonly<Record<string, unknown>> = {}): Expectation {
  return {
    id: 'id-once',
    type: 'expect_column_values_to_be_unique',
    kwargs: { column: 'id', scope, ...more } as Expectation['kwargs'],
  }
}

function withRule(
  rule: Expectation,
  onFail: OnFail = 'quarantine',
  source: Readonly<Record<string, unknown>> = {},
): TempProject {
  const p = bench.project({ gate: { on_fail: onFail }, ...source })
  p.contract('s', COLUMNS, { expectations: [rule] })
  return p
}

/** Rows in quarantine that were split off: id, file, place in the file, rules. */
async function rejected(p: TempProject): Promise<readonly (readonly Cell[])[]> {
  const { rows } = await bench.witness.query(
    `SELECT id, __tg_file, __tg_row, __tg_rules FROM read_parquet('${p.directory}/quarantine/**/*.rows.parquet', union_by_name = true) ORDER BY __tg_file, __tg_row`,
  )
  return rows
}

async function ids(p: TempProject): Promise<readonly Cell[]> {
  return (await p.rows('id', 'ORDER BY id')).map(([id]) => id ?? null)
}

describe('scope: batch', () => {
  test('two files of one batch repeat a key: both are held, a third one is loaded', async () => {
    const p = withRule(unique('batch'))
    await p.landRows('a.parquet', 'SELECT range AS id, 0 AS v FROM range(4)')
    await p.landRows('b.parquet', 'SELECT 3 + range AS id, 0 AS v FROM range(4)')
    await p.landRows('c.parquet', 'SELECT 20 AS id, 0 AS v')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['a.parquet: held id-once', 'b.parquet: held id-once', 'c.parquet: loaded'])
    expect(report.files[0]?.reasons[0]?.message).toContain('unique in the batch')
    expect(await ids(p)).toEqual([20])
  })

  test('split sets exactly the rows aside that repeat each other, with rule, file and row', async () => {
    const p = withRule(unique('batch'), 'split')
    await p.landRows('a.parquet', 'SELECT range AS id, 0 AS v FROM range(4)')
    await p.landRows('b.parquet', 'SELECT 3 + range AS id, 0 AS v FROM range(4)')
    p.land('c.csv', 'id,v\n50,1\n5,1\n50,1\n51,1\n')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual([
      'a.parquet: loaded id-once',
      'b.parquet: loaded id-once',
      'c.csv: loaded id-once',
    ])
    // 3 is in a and b, 5 in b and c, 50 twice in c: files of another format are compared, too.
    expect(await rejected(p)).toEqual([
      [3, 'a.parquet', 3, ['id-once']],
      [3, 'b.parquet', 0, ['id-once']],
      [5, 'b.parquet', 2, ['id-once']],
      [50, 'c.csv', 0, ['id-once']],
      [5, 'c.csv', 1, ['id-once']],
      [50, 'c.csv', 2, ['id-once']],
    ])
    expect(await ids(p)).toEqual([0, 1, 2, 4, 6, 51])
    for (const file of report.files) expect(file.rowsRead).toBe(file.rowsLoaded + file.rowsQuarantined)
  })

  test('files with other columns, another order or narrower types are compared by the columns they share', async () => {
    const p = withRule(unique('batch'), 'split')
    await p.landRows('a.parquet', 'SELECT range AS id, 0 AS v FROM range(3)')
    await p.landRows('b.parquet', "SELECT 'x' AS more, (2 + range)::INTEGER AS id FROM range(3)")
    await p.ingest()
    expect(await rejected(p)).toEqual([
      [2, 'a.parquet', 2, ['id-once']],
      [2, 'b.parquet', 0, ['id-once']],
    ])
    expect(await ids(p)).toEqual([0, 1, 3, 4])
  })

  test('a file without the key is an error of its own and spoils no other', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', { v: { type: 'BIGINT' } }, { expectations: [unique('batch')] })
    await p.landRows('a.parquet', 'SELECT 1 AS id, 1 AS v')
    await p.landRows('b.parquet', 'SELECT 2 AS v')
    await p.landRows('c.parquet', 'SELECT 3 AS id, 3 AS v')
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded', 'b.parquet: held id-once', 'c.parquet: loaded'])
  })

  test('mostly: what is kept lets all rows in; rows that are not considered repeat nothing', async () => {
    const p = withRule(unique('batch', { mostly: 0.5 }), 'split')
    await p.landRows('a.parquet', 'SELECT unnest([1, 2, 3, NULL]) AS id')
    await p.landRows('b.parquet', 'SELECT unnest([3, NULL]) AS id')
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded', 'b.parquet: loaded id-once'])
    expect(await rejected(p)).toEqual([[3, 'b.parquet', 0, ['id-once']]])
  })

  test('keys of several columns, with the rule beside others that files answer for themselves', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', COLUMNS, {
      expectations: [
        { type: 'expect_compound_columns_to_be_unique', kwargs: { column_list: ['id', 'v'], scope: 'batch' } },
        { type: 'expect_column_values_to_be_between', kwargs: { column: 'v', max_value: 9 } },
      ],
    })
    await p.landRows('a.parquet', 'SELECT * FROM (VALUES (1, 1), (1, 2), (2, 99)) t(id, v)')
    await p.landRows('b.parquet', 'SELECT * FROM (VALUES (1, 2), (2, 1)) t(id, v)')
    await p.ingest()
    expect(await rejected(p)).toEqual([
      [1, 'a.parquet', 1, ['id+v:unique']],
      [2, 'a.parquet', 2, ['v:between']],
      [1, 'b.parquet', 0, ['id+v:unique']],
    ])
  })
})

describe('more failing rows than a statement lists', () => {
  test('files of the same columns are split all the same', async () => {
    const p = withRule(unique('batch'), 'split')
    await p.landRows('a.parquet', 'SELECT range AS id, 0 AS v FROM range(60000)')
    await p.landRows('b.parquet', 'SELECT range AS id, 1 AS v FROM range(60003)')
    const report = await p.ingest()
    expect(report.totals).toMatchObject({ rowsRead: 120_003, rowsLoaded: 3, rowsQuarantined: 120_000 })
    expect(await ids(p)).toEqual([60_000, 60_001, 60_002])
  })

  test('files of different columns are held as a whole', async () => {
    const p = withRule(unique('batch'), 'split')
    await p.landRows('a.parquet', 'SELECT range AS id, 0 AS v FROM range(60000)')
    await p.landRows('b.parquet', 'SELECT range AS id FROM range(60003)')
    await p.landRows('c.parquet', 'SELECT -1 AS id')
    expect(outcomes(await p.ingest())).toEqual([
      'a.parquet: held id-once',
      'b.parquet: held id-once',
      'c.parquet: loaded',
    ])
  })
})

describe('scope: target', () => {
  async function loadedOnce(onFail: OnFail, source: Readonly<Record<string, unknown>> = {}): Promise<TempProject> {
    const p = withRule(unique('target'), onFail, source)
    await p.landRows('a.parquet', 'SELECT range AS id, 0 AS v FROM range(5)')
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded'])
    return p
  }

  test('an append that repeats a loaded key is held', async () => {
    const p = await loadedOnce('quarantine')
    await p.landRows('b.parquet', 'SELECT 4 AS id, 1 AS v')
    await p.landRows('c.parquet', 'SELECT 9 AS id, 1 AS v')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['b.parquet: held id-once', 'c.parquet: loaded'])
    expect(report.files[0]?.reasons[0]?.message).toContain('unique in the batch and the target')
  })

  test('split sets aside what is loaded already and what repeats within the batch', async () => {
    const p = await loadedOnce('split')
    await p.landRows('b.parquet', 'SELECT unnest([3, 10, 11]) AS id')
    p.land('c.csv', 'id,v\n11,1\n12,1\n0,1\n')
    await p.ingest()
    expect(await rejected(p)).toEqual([
      [3, 'b.parquet', 0, ['id-once']],
      [11, 'b.parquet', 2, ['id-once']],
      [11, 'c.csv', 0, ['id-once']],
      [0, 'c.csv', 2, ['id-once']],
    ])
    expect(await ids(p)).toEqual([0, 1, 2, 3, 4, 10, 12])
  })

  test('batches of one run see each other in the target, and only there', async () => {
    for (const scope of ['target', 'batch'] as const) {
      const p = withRule(unique(scope), 'split', { max_files_per_batch: 8 })
      // Eight files make a batch; the ninth repeats a key of the first.
      for (let file = 0; file < 9; file++) await p.landRows(`${file}.parquet`, `SELECT ${file % 8} AS id, ${file} AS v`)
      const report = await p.ingest()
      expect(report.totals).toMatchObject(
        scope === 'target' ? { rowsLoaded: 8, rowsQuarantined: 1 } : { rowsLoaded: 9, rowsQuarantined: 0 },
      )
    }
  })

  test('a file does not collide with its own old rows: touched, forced, retried, or a new version of it', async () => {
    const p = await loadedOnce('quarantine')
    expect(outcomes(await p.ingest({ force: true }))).toEqual(['a.parquet: loaded'])
    expect(outcomes(await p.ingest({ retry: new Set(['a.parquet']) }))).toEqual(['a.parquet: loaded'])
    await p.landRows('a.parquet', 'SELECT range AS id, 7 AS v FROM range(3, 8)')
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded'])
    expect(await ids(p)).toEqual([3, 4, 5, 6, 7])
  })

  test('overwrites: append keeps the old rows, so a new version of the file collides with them', async () => {
    const p = await loadedOnce('split', { overwrites: 'append' })
    await p.landRows('a.parquet', 'SELECT range AS id, 7 AS v FROM range(3, 8)')
    await p.ingest()
    expect((await rejected(p)).map(([id]) => id)).toEqual([3, 4])
    expect(await ids(p)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('a key that moves to another file in the same batch is no repetition, unless its old file is held', async () => {
    const rules = [unique('target'), { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'v' } }]
    for (const v of ['1', 'NULL::BIGINT']) {
      const p = bench.project()
      p.contract('s', COLUMNS, { expectations: rules })
      await p.landRows('a.parquet', 'SELECT range AS id, 0 AS v FROM range(5)')
      await p.ingest()
      await p.landRows('a.parquet', `SELECT 100 AS id, ${v} AS v`)
      await p.landRows('b.parquet', 'SELECT 4 AS id, 1 AS v')
      const isHeld = v !== '1'
      expect(outcomes(await p.ingest())).toEqual(
        isHeld ? ['a.parquet: held v:not_null', 'b.parquet: held id-once'] : ['a.parquet: loaded', 'b.parquet: loaded'],
      )
      expect(await ids(p)).toEqual(isHeld ? [0, 1, 2, 3, 4] : [4, 100])
    }
  })

  test('an empty target repeats nothing; one of files without rows neither', async () => {
    const p = withRule(unique('target'))
    await p.landRows('a.parquet', 'SELECT 1::BIGINT AS id, 1::BIGINT AS v WHERE false')
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded'])
    await p.landRows('b.parquet', 'SELECT 1 AS id')
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: loaded'])
  })

  test('kind: none keeps no rows, so the check is an error that holds the file and says so', async () => {
    const p = withRule(unique('target'), 'split', { target: { kind: 'none', path: 'gate/{dataset}' } })
    await p.landRows('a.parquet', 'SELECT 1 AS id')
    const report = await p.ingest()
    expect(outcomes(report)).toEqual(['a.parquet: held id-once'])
    expect(report.files[0]?.reasons[0]?.message).toMatch(/no target to look in.*scope batch/)
  })

  test('parts written before a column came are read with NULLs; a part that goes may have been the only one with it', async () => {
    const p = bench.project()
    p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [unique('target')] })
    await p.landRows('a.parquet', 'SELECT 1 AS id')
    await p.ingest()
    await p.landRows('b.parquet', "SELECT 2 AS id, 'x' AS note")
    await p.ingest()
    p.contract(
      's',
      { id: { type: 'BIGINT' }, note: { type: 'VARCHAR', required: false } },
      {
        expectations: [
          unique('target'),
          {
            id: 'pair',
            type: 'expect_compound_columns_to_be_unique',
            kwargs: { column_list: ['id', 'note'], scope: 'target' },
          },
        ],
      },
    )
    await p.landRows('c.parquet', "SELECT 1 AS id, 'x' AS note")
    expect(outcomes(await p.ingest())).toEqual(['c.parquet: held id-once'])
    await p.landRows('b.parquet', "SELECT 2 AS id, 'y' AS note")
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: loaded'])
  })

  test('a key that the target does not have is an error and never a pass', async () => {
    const p = bench.project({ schema_evolution: 'ignore' })
    p.contract('s', { id: { type: 'BIGINT' } })
    await p.landRows('a.parquet', 'SELECT 1 AS id')
    await p.ingest()
    p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [unique('target', { column: 'key' })] })
    await p.landRows('b.parquet', 'SELECT 2 AS id, 2 AS key')
    const report = await p.ingest()
    expect(report.files[0]?.status).toBe('held')
    expect(report.files[0]?.reasons[0]?.message).toContain('the target has no column "key"')
  })

  test('the engine child may read the target, also in folders with wildcards and quotes in their names', async () => {
    const p = withRule(unique('target'), 'quarantine', { target: { path: "lake/{dataset}/odd [1] * it's" } })
    await p.landRows('a.parquet', 'SELECT 1 AS id')
    await p.ingest({ ownEngine: true })
    await p.landRows('b.parquet', 'SELECT 1 AS id, 2 AS v')
    expect(outcomes(await p.ingest({ ownEngine: true }))).toEqual(['b.parquet: held id-once'])
  })

  test('with --force, parts that somebody removed are not looked for', async () => {
    const p = await loadedOnce('quarantine', { dataset: 's' })
    await p.landRows('b.parquet', 'SELECT 9 AS id, 1 AS v')
    await p.ingest()
    for (const name of Object.keys(p.tree('lake')).filter((each) => each.endsWith('.parquet')))
      rmSync(path.join(p.directory, 'lake', name))
    expect(outcomes(await p.ingest({ force: true }))).toEqual(['a.parquet: loaded', 'b.parquet: loaded'])
    expect(await ids(p)).toEqual([0, 1, 2, 3, 4, 9])
  })
})

describe('killed at the worst moments', () => {
  async function stopAt(p: TempProject, phase: string): Promise<void> {
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        mark(name, detail) {
          if (name === phase) throw new Error(`stopped at ${phase}`)
          effects.mark(name, detail)
        },
      }),
    })
    expect(report.status).toBe('failed')
  }

  test.each(['checked', 'staged'])('after %s: the next run judges against the same target again', async (phase) => {
    const p = withRule(unique('target'), 'split')
    await p.landRows('a.parquet', 'SELECT range AS id FROM range(5)')
    await p.ingest()
    await p.landRows('b.parquet', 'SELECT 3 + range AS id FROM range(5)')
    await stopAt(p, phase)
    expect(await ids(p)).toEqual([0, 1, 2, 3, 4])
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: loaded id-once'])
    expect((await rejected(p)).map(([id]) => id)).toEqual([3, 4])
    expect(await ids(p)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('after the commit and before its rows are visible: they are, before the next batch is judged', async () => {
    const p = withRule(unique('target'))
    await p.landRows('a.parquet', 'SELECT range AS id FROM range(5)')
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        async openDestination(...where) {
          const destination = await effects.openDestination(...where)
          return { ...destination, publish: () => Promise.reject(new Error('stopped before publish')) }
        },
      }),
    })
    expect(report.status).toBe('failed')
    expect(await ids(p)).toEqual([])
    await p.landRows('b.parquet', 'SELECT 4 AS id, 4 AS v')
    expect(outcomes(await p.ingest())).toEqual(['b.parquet: held id-once'])
    expect(await ids(p)).toEqual([0, 1, 2, 3, 4])
  })

  test('the engine child dies after the checks: the batch is judged again and loaded once', async () => {
    const p = withRule(unique('target'), 'split')
    await p.landRows('a.parquet', 'SELECT unnest([1, 2, 2]) AS id')
    let kills = 0
    await p.ingest({
      ownEngine: true,
      effects: (effects, project) => ({
        ...effects,
        mark(name, detail) {
          const { pid } = project.engine
          if (name === 'checked' && pid !== undefined && ++kills === 1) process.kill(pid, 'SIGKILL')
          effects.mark(name, detail)
        },
      }),
    })
    expect(kills).toBe(2)
    expect(await ids(p)).toEqual([1])
    expect((await rejected(p)).map(([, , row]) => row)).toEqual([1, 2])
  })
})
