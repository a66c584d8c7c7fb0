import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { join } from 'node:path'
import type { Session, WritePlan } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { openParquetFolder } from '../index.ts'
import { batchOf, draftOf, fileOf } from '../testing/drafts.ts'
import { tempTarget, tree, type TempTarget } from '../testing/temp-target.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 2 })
})
afterAll(() => session.close())

const PLAN: WritePlan = { mode: 'append', replace: 'all', keys: [], dedup: undefined, partitionBy: [] }

/** Loads the rows of these selects, one file version each, in one part. */
async function load(
  temp: TempTarget,
  batch: string,
  files: Readonly<Record<string, string>>,
  plan: Partial<WritePlan> = {},
) {
  const target = await openParquetFolder({ directory: temp.target, quarantineDirectory: temp.quarantine })
  await target.recover()
  const staging = await target.prepare(batchOf(batch), { ...PLAN, ...plan })
  const counts: { file: string; rows: number }[] = []
  for (const [file, select] of Object.entries(files)) {
    counts.push({ file, rows: Number((await session.query(`SELECT count(*) FROM (${select})`)).rows[0]?.[0]) })
  }
  // The branches of a bare UNION ALL do not come one after another.
  const branches = Object.values(files).map(
    (sql, at) => `SELECT *, ${at} AS "branch ", row_number() OVER () AS "place " FROM (${sql})`,
  )
  const all = branches.join(' UNION ALL BY NAME ')
  const select = `SELECT * EXCLUDE ("branch ", "place ") FROM (${all}) ORDER BY "branch ", "place "`
  await staging.stageRows(session, select, { visible: `part-${batch}.parquet`, files: counts })
  const settled = await staging.settle(session, { leaving: new Set() })
  await staging.seal()
  const { add, remove, superseded, basedOn, dropped } = settled
  const lost = new Map(dropped.map((item) => [item.file, item.rows]))
  const judged = counts.map(({ file, rows }) =>
    fileOf(file, rows, { rowsLoaded: rows - (lost.get(file) ?? 0), rowsDropped: lost.get(file) ?? 0 }),
  )
  const draft = draftOf(batch, { files: judged, add, remove, superseded, basedOn })
  expect((await target.commit(draft)).kind).toBe('committed')
  await target.publish()
  return settled
}

async function query(temp: TempTarget, select: string, options = 'hive_partitioning = false'): Promise<unknown> {
  return (
    await session.query(`SELECT ${select} FROM read_parquet('${temp.target}/**/*.parquet', ${options}) ORDER BY ALL`)
  ).rows
}

describe('column names that nobody chose well', () => {
  test.each([
    ['quotes and newlines', `"a ""b""\n'c'"`, `a "b"\n'c'`],
    ["the engine's own name for row numbers", 'file_row_number', 'FILE_ROW_NUMBER'],
    ["the engine's own name for files", 'file_index', 'file_index'],
    ['the names that the rows are counted by', 'tidegate_row', 'Tidegate_Row'],
    ['filename', 'filename', 'filename'],
    ['part', 'part', 'PART'],
  ])('%s', async (_, column, key) => {
    using temp = tempTarget()
    const plan = { mode: 'upsert', keys: [key], partitionBy: [key] } as const
    const rows = (from: number, to: number, v: string): string =>
      `SELECT range % 5 AS ${column}, '${v}' AS v, range AS tidegate_file FROM range(${from}, ${to})`
    // Keys 0…4 twice: the later five stay, 5 to 9.
    const first = await load(temp, 'b1', { 'a#1': rows(0, 7, 'a'), 'b#1': rows(7, 10, 'b') }, plan)
    expect(first.dropped).toEqual([{ file: 'a#1', rows: 5 }])
    const second = await load(temp, 'b2', { 'c#1': rows(1, 3, 'c') }, plan)
    // 1 was row 6 of a, 2 row 7 of b.
    expect(second.superseded.toSorted((x, y) => (x.file < y.file ? -1 : 1))).toEqual([{ file: 'a#1', rows: 1 }, { file: 'b#1', rows: 1 }]) // prettier-ignore
    expect(await query(temp, `${column}, v, tidegate_file`)).toEqual([[0, 'a', 5], [1, 'c', 1], [2, 'c', 2], [3, 'b', 8], [4, 'b', 9]]) // prettier-ignore
  })
})

describe('partitions', () => {
  const days = `SELECT DATE '2026-01-01' + CAST(range % 3 AS INTEGER) AS day, range AS n FROM range(9)`

  test('lie in Hive layout, and read the same with it and without', async () => {
    using temp = tempTarget()
    const { add } = await load(
      temp,
      'b1',
      { 'a#1': days, 'b#1': `SELECT NULL AS day, 100 AS n` },
      { partitionBy: ['day'] },
    )
    expect(add.map((part) => [part.visible, part.partition, part.rows, part.files])).toEqual([
      ['day=__HIVE_DEFAULT_PARTITION__/part-b1.parquet', { day: null }, 1, ['b#1']],
      ['day=2026-01-01/part-b1.parquet', { day: '2026-01-01' }, 3, ['a#1']],
      ['day=2026-01-02/part-b1.parquet', { day: '2026-01-02' }, 3, ['a#1']],
      ['day=2026-01-03/part-b1.parquet', { day: '2026-01-03' }, 3, ['a#1']],
    ])
    const rows = [['2026-01-01', 3, 9], ['2026-01-02', 3, 12], ['2026-01-03', 3, 15], [null, 1, 100]] // prettier-ignore
    for (const hive of ['true', 'false']) {
      expect(
        await query(temp, 'day, count(*), sum(n)::BIGINT', `hive_partitioning = ${hive}`).catch(() => []),
      ).toBeDefined()
      const answer = await session.query(
        `SELECT day, count(*), sum(n)::BIGINT FROM read_parquet('${temp.target}/**/*.parquet', hive_partitioning = ${hive}) GROUP BY day ORDER BY day`,
      )
      expect(answer.rows).toEqual(rows)
    }
  })

  test('values are escaped as readers of the layout undo it', async () => {
    using temp = tempTarget()
    const values = ['a/b', 'x=y', '100%', "it's", 'ü ö', '%2F', 'a:b?c*d[e]', '"q"', 'tab\tnl\n']
    const select = values
      .map((value, at) => `SELECT ${session.dialect.literal(value)} AS p, ${at} AS n`)
      .join(' UNION ALL ')
    await load(temp, 'b1', { 'a#1': select }, { partitionBy: ['P'] })
    const all = values.map((value, at) => [at, value])
    for (const hive of ['true, hive_types_autocast = false', 'false']) {
      expect(await query(temp, 'n, p', `hive_partitioning = ${hive}`)).toEqual(all)
    }
    expect((await tree(temp.target)).filter((name) => name.startsWith('P=a'))).toContain('P=a%2Fb/part-b1.parquet')
  })

  test('rows keep their order, and ranges say whose they are', async () => {
    using temp = tempTarget()
    for (const [batch, count] of [
      ['few', 4],
      ['many', 40],
    ] as const) {
      const select = (from: number): string =>
        `SELECT range % ${count} AS p, range AS n FROM range(${from}, ${from + 1000})`
      const files = { [`${batch}-a`]: select(0), [`${batch}-b`]: select(1000) }
      const { add } = await load(temp, batch, files, { partitionBy: ['p'] })
      expect(add).toHaveLength(count)
      for (const part of add) {
        const { rows } = await session.query(`SELECT n FROM '${join(temp.target, part.visible)}'`)
        const numbers = rows.map(([n]) => Number(n))
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
        const ofA = numbers.filter((n) => n < 1000).length
        expect(part.ranges).toEqual([{ file: `${batch}-a`, rows: ofA }, { file: `${batch}-b`, rows: part.rows - ofA }]) // prettier-ignore
      }
    }
  })

  test('more than a thousand are refused, a thousand are not', async () => {
    using temp = tempTarget()
    const plan = { partitionBy: ['n'] }
    await expect(load(temp, 'b1', { 'a#1': 'SELECT range AS n FROM range(1001)' }, plan)).rejects.toMatchObject({ code: 'TARGET_TOO_MANY_PARTITIONS' }) // prettier-ignore
  })

  test('replace by partition needs parts that say where their rows are', async () => {
    using temp = tempTarget()
    await load(temp, 'b1', { 'a#1': 'SELECT 1 AS p' })
    const plan = { mode: 'replace', replace: 'partitions', partitionBy: ['p'] } as const
    await expect(load(temp, 'b2', { 'b#1': 'SELECT 1 AS p' }, plan)).rejects.toMatchObject({ code: 'TARGET_PARTITIONS_CHANGED' }) // prettier-ignore
    await load(temp, 'b3', { 'c#1': 'SELECT 2 AS p' }, { ...plan, replace: 'all' })
    expect(await query(temp, 'p')).toEqual([[2]])
  })
})

test('of a large part that loses some rows the others keep their order', async () => {
  using temp = tempTarget()
  const plan = { mode: 'upsert', keys: ['k'] } as const
  await load(
    temp,
    'b1',
    {
      'a#1': 'SELECT range AS k, 0 AS v FROM range(300000)',
      'b#1': 'SELECT 300000 + range AS k, 0 AS v FROM range(300000)',
    },
    plan,
  )
  const { add, superseded } = await load(
    temp,
    'b2',
    { 'c#1': 'SELECT 3 * range AS k, 1 AS v FROM range(200000)' },
    plan,
  )
  expect(superseded).toEqual([{ file: 'a#1', rows: 100_000 }, { file: 'b#1', rows: 100_000 }]) // prettier-ignore
  const kept = add.find((part) => part.ranges !== undefined)
  expect(kept?.ranges).toEqual([{ file: 'a#1', rows: 200_000 }, { file: 'b#1', rows: 200_000 }]) // prettier-ignore
  const disorder = await session.query(
    `SELECT count(*) FROM (SELECT k, lag(k) OVER (ORDER BY file_row_number) AS before FROM '${join(temp.target, kept?.visible ?? '')}') WHERE before >= k`,
  )
  expect(disorder.rows).toEqual([[0]])
})
