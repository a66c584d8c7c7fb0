import type { Relation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { literalRelation } from '../testing/tables.ts'
import { profileRelation } from './profile-relation.ts'
import type { ColumnProfile, Profile } from './profile-types.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(async () => {
  await session.close()
})

function column(profile: Profile, name: string): ColumnProfile {
  const found = profile.columns.find((item) => item.name === name)
  if (found === undefined) throw new Error(`no column ${name}`)
  return found
}

/** Rows of `range(count)` as `i`, spread over `files` files in turn of blocks. */
async function generated(select: string, count: number, files = 1): Promise<Relation> {
  const perFile = Math.ceil(count / files)
  const sql = `(SELECT ${select}, 'f' || (i // ${perFile}) AS __tg_file, i % ${perFile} AS __tg_row FROM range(${count}) AS r(i))`
  const { rows } = await session.query(`DESCRIBE SELECT * FROM ${sql}`)
  return {
    sql,
    columns: rows.map(([name, type]) => ({ name: String(name), type: String(type) })).slice(0, -2),
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: Array.from({ length: files }, (_, at) => ({ key: `f${at}`, path: `day-${at}.parquet` })),
  }
}

describe('facts', () => {
  test('counts, extremes and lengths of a small table', async () => {
    const relation = literalRelation(
      session,
      { n: 'INTEGER', t: 'VARCHAR', d: 'DATE', b: 'BOOLEAN' },
      {
        'a.csv': [
          ['3', "'abc'", "'2001-02-03'", 'true'],
          ['NULL', "'é'", 'NULL', 'NULL'],
          ['-7', "''", "'1999-12-31'", 'false'],
        ],
      },
    )
    const profile = await profileRelation(session, relation)
    expect(profile.rows).toBe(3)
    expect(profile.sampledRows).toBe(3)
    expect(column(profile, 'n')).toMatchObject({
      family: 'integer',
      rows: 3,
      nulls: 1,
      min: '-7',
      max: '3',
      distinct: 2,
      unique: true,
    })
    expect(column(profile, 't')).toMatchObject({
      family: 'text',
      nulls: 0,
      min: null,
      minLength: 0,
      maxLength: 3,
      distinct: 3,
    })
    expect(column(profile, 'd')).toMatchObject({ family: 'date', nulls: 1, min: '1999-12-31', max: '2001-02-03' })
    expect(column(profile, 'b')).toMatchObject({ family: 'boolean', nulls: 1, min: null, max: null })
  })

  test('NaN and infinities are counted apart from the extremes', async () => {
    const relation = literalRelation(
      session,
      { x: 'DOUBLE' },
      {
        f: [["'NaN'"], ["'Infinity'"], ["'-Infinity'"], ['1.5'], ['-2'], ['NULL']],
      },
    )
    expect(column(await profileRelation(session, relation), 'x')).toMatchObject({
      nulls: 1,
      nonFinite: 3,
      min: '-2',
      max: '1.5',
    })
  })

  test('decimals and large integers keep all digits', async () => {
    const relation = literalRelation(
      session,
      { d: 'DECIMAL(38,2)', h: 'HUGEINT' },
      {
        f: [
          ['12345678901234567890123456.01', '170141183460469231731687303715884105727'],
          ['-0.07', '9007199254740993'],
        ],
      },
    )
    const profile = await profileRelation(session, relation)
    expect(column(profile, 'd')).toMatchObject({ min: '-0.07', max: '12345678901234567890123456.01' })
    expect(column(profile, 'h')).toMatchObject({
      min: '9007199254740993',
      max: '170141183460469231731687303715884105727',
    })
  })

  test('five files are five slices, fewer are parted into thirds', async () => {
    const five = await profileRelation(session, await generated('i AS x', 50, 5))
    expect(five.slices.map((slice) => slice.rows)).toEqual([10, 10, 10, 10, 10])
    expect(column(five, 'x').slices.map(({ min, max }) => [min, max])).toEqual([
      ['0', '9'],
      ['10', '19'],
      ['20', '29'],
      ['30', '39'],
      ['40', '49'],
    ])
    const two = await profileRelation(session, await generated('i AS x', 600, 2))
    expect(two.slices.map(({ file, part }) => [file, part])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ])
    expect(two.slices.reduce((sum, slice) => sum + slice.rows, 0)).toBe(600)
    for (const slice of two.slices) expect(slice.rows).toBeGreaterThan(90)
  })

  test('values, kinds of text, uniqueness and order', async () => {
    const select = `'c' || (i % 3) AS code, 'AB' || chr(CAST(65 + i % 26 AS INTEGER)) AS port, printf('%05d', i) AS zip, i // 2 AS half, gen_random_uuid() AS id`
    const profile = await profileRelation(session, await generated(select, 300))
    expect(column(profile, 'code').values).toEqual([
      { value: 'c0', count: 100 },
      { value: 'c1', count: 100 },
      { value: 'c2', count: 100 },
    ])
    expect(column(profile, 'port').textClass).toBe('upper-case letters')
    expect(column(profile, 'zip')).toMatchObject({
      textClass: 'digits',
      classTried: 300,
      classMatched: 300,
      unique: true,
      values: null,
    })
    expect(column(profile, 'half')).toMatchObject({ increasing: true, unique: false, distinct: 150 })
    expect(column(profile, 'id')).toMatchObject({ family: 'uuid', unique: true })
  })

  test('of a column that people call sensitive no value is kept, whatever its name and values', async () => {
    const relation = await generated("'secret' || (i % 3) AS Dept, 4711 + i AS pay, 'c' || (i % 3) AS code", 300)
    const profile = await profileRelation(session, relation, { sensitive: new Set(['dept', 'pay', 'not there']) })
    expect(profile.columns.map((item) => [item.name, item.sensitive])).toEqual([
      ['Dept', 'the contract says so'],
      ['pay', 'the contract says so'],
      ['code', null],
    ])
    expect(column(profile, 'Dept')).toMatchObject({ values: null, maxLength: 7, distinct: 3 })
    expect(column(profile, 'code').values).toHaveLength(3)
    expect(JSON.stringify(profile)).not.toMatch(/secret|4711|5010/)
  })

  test('nested columns are compared whole: nulls only', async () => {
    const relation = await generated(`CASE WHEN i > 0 THEN {'a': i, 'b': [i]} END AS s, [i] AS l`, 10)
    const profile = await profileRelation(session, relation)
    expect(column(profile, 's')).toMatchObject({ family: 'nested', nulls: 1, distinct: null, unique: null, min: null })
    expect(column(profile, 'l')).toMatchObject({ family: 'nested', nulls: 0 })
  })

  test('cells that did not fit their type are counted per file', async () => {
    const relation = await generated(
      `CASE WHEN i = 3 THEN NULL ELSE i END AS n, CASE WHEN i = 3 THEN ['n'] ELSE [] END AS misfit`,
      10,
    )
    const profile = await profileRelation(session, {
      ...relation,
      columns: relation.columns.slice(0, 1),
      misfitColumn: 'misfit',
    })
    expect(column(profile, 'n')).toMatchObject({ misfits: 1, nulls: 1 })
  })
})

describe('sampling', () => {
  test('takes about as many rows as asked, evenly over the files', async () => {
    const profile = await profileRelation(session, await generated('i AS x', 60_000, 6), { sampleRows: 3_000 })
    expect(profile.rows).toBe(60_000)
    expect(profile.sampledRows).toBeGreaterThan(2_950)
    expect(profile.sampledRows).toBeLessThan(3_050)
    for (const file of column(profile, 'x').perFile) expect(Math.abs(file.sampled - 500)).toBeLessThan(20)
    expect(column(profile, 'x')).toMatchObject({ min: '0', max: '59999', unique: true })
  })

  test('a double that the sample cannot see still makes a column no key', async () => {
    const relation = await generated('CASE WHEN i = 19999 THEN 0 ELSE i END AS x', 20_000)
    expect(column(await profileRelation(session, relation, { sampleRows: 500 }), 'x').unique).toBe(false)
  })

  test('the same input gives the same profile, another seed another sample', async () => {
    const relation = await generated(`(i * 7919) % 1000 AS x, 'v' || (i % 7) AS t`, 20_000, 5)
    const first = await profileRelation(session, relation, { sampleRows: 1_000 })
    const second = await profileRelation(session, relation, { sampleRows: 1_000 })
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
    const other = await profileRelation(session, relation, { sampleRows: 1_000, seed: 12_345 })
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(first))
  })

  test('impossible options are refused with a hint', async () => {
    const relation = await generated('i AS x', 10)
    await expect(profileRelation(session, relation, { sampleRows: 0 })).rejects.toMatchObject({
      code: 'PROFILE_SAMPLE',
    })
    await expect(profileRelation(session, relation, { sampleRows: Number.NaN })).rejects.toMatchObject({
      code: 'PROFILE_SAMPLE',
    })
    await expect(profileRelation(session, relation, { seed: -1 })).rejects.toMatchObject({ code: 'PROFILE_SEED' })
  })

  test('an aborted signal stops it', async () => {
    const relation = await generated('i AS x', 10)
    await expect(profileRelation(session, relation, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})

describe('hostile input', () => {
  test('names with quotes, newlines and SQL', async () => {
    const names = ['a"b', "x'; DROP TABLE t; --", 'line\nbreak', 'ünïcode ☃', '../up', '__proto__', 'select', ' ']
    const relation = await generated(names.map((name) => `i AS ${session.dialect.identifier(name)}`).join(', '), 200)
    const profile = await profileRelation(session, { ...relation, files: [{ key: 'f0', path: "it's\n.parquet" }] })
    expect(profile.columns.map((item) => item.name)).toEqual(names)
    for (const item of profile.columns) expect(item).toMatchObject({ min: '0', max: '199', unique: true })
  })

  test('file keys with quotes', async () => {
    const keys = ["a'b", 'c"d', "'; DROP TABLE t; --"]
    const rows = Array.from({ length: 40 }, (_, at) => [String(at)])
    const relation = literalRelation(session, { x: 'INTEGER' }, Object.fromEntries(keys.map((key) => [key, rows])))
    const profile = await profileRelation(session, relation, { sampleRows: 60 })
    expect(profile.files.map(({ key, rows }) => [key, rows])).toEqual(keys.map((key) => [key, 40]))
  })

  test('no rows, no columns, one row', async () => {
    const empty = await profileRelation(session, literalRelation(session, { x: 'INTEGER', t: 'VARCHAR' }, { f: [] }))
    expect(empty.rows).toBe(0)
    expect(column(empty, 'x')).toMatchObject({ rows: 0, nulls: 0, min: null, distinct: 0, unique: null })
    const bare = await profileRelation(session, { ...(await generated('i AS x', 10)), columns: [] })
    expect(bare).toMatchObject({ rows: 10, columns: [] })
    const one = await profileRelation(session, await generated("i AS x, 'a' AS t", 1))
    expect(column(one, 'x')).toMatchObject({ rows: 1, min: '0', max: '0' })
  })

  test('300 columns', async () => {
    const select = Array.from({ length: 300 }, (_, at) =>
      at % 2 === 0 ? `i + ${at} AS c${at}` : `'v' || (i % 4) AS c${at}`,
    )
    const profile = await profileRelation(session, await generated(select.join(', '), 400, 5))
    expect(profile.columns).toHaveLength(300)
    expect(column(profile, 'c298')).toMatchObject({ min: '298', max: '697' })
    expect(column(profile, 'c299').values).toHaveLength(4)
  })
})

describe('personal data', () => {
  test('no value of a sensitive column is kept, whatever made it sensitive', async () => {
    const select = `'user' || (i % 5) || '@example.org' AS who, 491701234000 + i AS mobile, CASE i % 2 WHEN 0 THEN 'n/a' ELSE 'Ada <ada@example.org>' END AS note`
    const profile = await profileRelation(session, await generated(select, 200, 5))
    expect(column(profile, 'who')).toMatchObject({
      textClass: 'email',
      values: null,
      sensitive: '200 of 200 values look like email',
    })
    expect(column(profile, 'mobile')).toMatchObject({
      sensitive: 'its name says mobile',
      min: null,
      max: null,
      quantiles: null,
    })
    expect(column(profile, 'note')).toMatchObject({ values: null })
    const text = JSON.stringify(profile)
    expect(text).not.toContain('example')
    expect(text).not.toContain('49170123')
  })
})
