import { chmodSync, rmSync, truncateSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBench, outcomes, type Bench } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

test('Parquet, CSV, gzip of cp1252 with semicolons, JSON and NDJSON end as the same rows', async () => {
  const p = bench.project({ dataset: '{stem}', target: { path: 'lake/{dataset}' } })
  await p.landRows('a.parquet', "SELECT 1::BIGINT AS id, 'Ærø' AS town UNION ALL SELECT 2, NULL")
  p.land('b.csv', 'id,town\n1,Ærø\n2,\n')
  // 0xC6 is Æ and 0xF8 is ø in windows-1252.
  p.land('c.csv.gz', gzipSync(Buffer.from('id;town\n1;\xc6r\xf8\n2;\n', 'latin1')))
  p.land('d.json', '[{"id": 1, "town": "Ærø"}, {"id": 2, "town": null}]')
  p.land('e.ndjson', '{"id": 1, "town": "Ærø"}\n{"id": 2, "town": null}\n')
  const report = await p.ingest()
  expect(outcomes(report)).toEqual(['a.parquet', 'b.csv', 'c.csv.gz', 'd.json', 'e.ndjson'].map((f) => `${f}: loaded`))
  expect(report.status).toBe('ok')
  expect(await p.rows('count(*), count(DISTINCT id), count(town), min(town), max(town)')).toEqual([
    [10, 2, 5, 'Ærø', 'Ærø'],
  ])
  expect(report.totals).toMatchObject({ loaded: 5, rowsRead: 10, rowsLoaded: 10, rowsQuarantined: 0 })
})

test('a second run has nothing to do and opens no file', async () => {
  const p = bench.project()
  p.land('a.csv', 'id\n1\n2\n')
  await p.ingest()
  const report = await p.ingest({
    effects: (effects) => ({
      ...effects,
      store: {
        ...effects.store,
        hash: () => Promise.reject(new Error('hashed')),
        open: () => Promise.reject(new Error('opened')),
      },
    }),
  })
  expect(report).toMatchObject({ status: 'nothing-new', filesSeen: 1, filesUnchanged: 1, files: [] })
  expect(await p.count()).toBe(2)
})

describe('bad files among good ones', () => {
  test('each is held with its reason, and the good ones are loaded', async () => {
    const p = bench.project()
    p.land('good-1.csv', 'id\n1\n')
    p.land('good-2.csv', 'id\n2\n')
    p.land('empty.csv', '')
    p.land('text.parquet', 'id\n3\n')
    const cut = await p.landRows('cut.parquet', 'SELECT range AS id FROM range(5000)')
    truncateSync(cut, 4000)
    p.land('garbage.json', '{"id": ')
    const report = await p.ingest()
    expect(report.status).toBe('partial')
    const byPath = new Map(report.files.map((file) => [file.path, file]))
    for (const name of ['empty.csv', 'text.parquet', 'cut.parquet', 'garbage.json']) {
      const file = byPath.get(name)
      expect(file, name).toMatchObject({ status: 'held', cause: 'unreadable', rowsLoaded: 0 })
      expect(file?.reasons[0]?.check, name).toMatch(/^PQ\d{3}$/)
      expect(file?.reasons[0]?.message, name).not.toBe('')
    }
    expect(byPath.get('good-1.csv')?.status).toBe('loaded')
    expect(byPath.get('good-2.csv')?.status).toBe('loaded')
    expect(await p.rows('id', 'ORDER BY id')).toEqual([[1], [2]])
    // The copies in quarantine are the files, byte for byte.
    const copies = Object.values(p.tree('quarantine'))
    for (const hash of Object.entries(p.tree('landing'))
      .filter(([name]) => !name.startsWith('good'))
      .map(([, h]) => h))
      expect(copies).toContain(hash)
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('what cannot be opened fails, is tried again, and stops nobody', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    p.land('locked.csv', 'id\n2\n')
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'SOURCE_UNREADABLE' })
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        store: {
          ...effects.store,
          hash: (uri, signal) =>
            uri.endsWith('locked.csv') ? Promise.reject(denied) : effects.store.hash(uri, signal),
        },
      }),
    })
    expect(outcomes(report)).toEqual(['a.csv: loaded', 'locked.csv: failed SOURCE_UNREADABLE'])
    expect(report.status).toBe('partial')
    expect(outcomes(await p.ingest())).toEqual(['locked.csv: loaded'])
    expect(await p.count()).toBe(2)
  })

  test.skipIf(process.getuid?.() === 0)('a file without permission to read fails alone', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    chmodSync(p.land('locked.csv', 'id\n2\n'), 0o000)
    const report = await p.ingest()
    expect(report.files.map((file) => [file.path, file.status])).toEqual([
      ['a.csv', 'loaded'],
      ['locked.csv', 'failed'],
    ])
    expect(report.status).toBe('partial')
  })

  test('a file that goes away after it was listed fails alone', async () => {
    const p = bench.project()
    p.land('a.csv', 'id\n1\n')
    const gone = p.land('gone.csv', 'id\n2\n')
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        mark(phase, detail) {
          if (phase === 'pinned') rmSync(gone, { force: true })
          effects.mark(phase, detail)
        },
      }),
    })
    expect(report.files.find((file) => file.path === 'a.csv')?.status).toBe('loaded')
    expect(report.files.find((file) => file.path === 'gone.csv')?.status).toMatch(/failed|waiting/)
    expect(await p.count()).toBe(1)
  })
})

describe('hostile names', () => {
  const NAMES = [
    "it's.csv",
    "'; DROP TABLE x; --.csv",
    'new\nline.csv',
    'üñí 🦊.csv',
    '[a]{b}*?.csv',
    '%41$&.csv',
    '#1.csv',
  ]

  test('files of any name are loaded once each, also as datasets of their own', async () => {
    const p = bench.project({ dataset: '{stem}' })
    for (const [index, name] of NAMES.entries()) p.land(name, `id\n${index}\n`)
    p.land(`${'long'.repeat(60)}.csv`, 'id\n99\n')
    p.land("we're/b'ad/x.csv", 'id\n100\n')
    p.land('held-me.\u{202e}vsc', '')
    const report = await p.ingest()
    expect(report.error).toBeUndefined()
    expect(report.totals).toMatchObject({ loaded: NAMES.length + 2, held: 1 })
    expect(await p.count()).toBe(NAMES.length + 2)
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('columns of any name keep it', async () => {
    const p = bench.project()
    const columns = ['say "hi"', "'; DROP TABLE x; --", 'new\nline', 'ü 🦊', 'select', ' lead']
    const quoted = columns.map((name, index) => `${index} AS "${name.replaceAll('"', '""')}"`)
    await p.landRows('a.parquet', `SELECT ${quoted.join(', ')}`)
    p.contract('s', Object.fromEntries(columns.map((name) => [name, { type: 'INTEGER', nullable: false }])), {
      expectations: columns.map((column) => ({
        type: 'expect_column_values_to_be_between',
        kwargs: { column, min_value: 0, max_value: 10 },
      })),
    })
    expect(outcomes(await p.ingest())).toEqual(['a.parquet: loaded'])
    const names = await bench.witness.query(`DESCRIBE FROM '${p.directory}/lake/s/*.parquet'`)
    expect(names.rows.map((row) => row[0])).toEqual(columns)
    expect(await p.rows()).toEqual([[0, 1, 2, 3, 4, 5]])
  })

  test('a column of our own reserved name holds the file instead of confusing rows', async () => {
    const p = bench.project()
    await p.landRows('a.parquet', 'SELECT 1 AS __tg_file')
    expect((await p.ingest()).files[0]).toMatchObject({ status: 'held', reasons: [{ check: 'PQ220' }] })
  })
})

test('numbers beyond 2^53 and decimals stay exact, in the target and in what is said', async () => {
  const p = bench.project()
  const big = '9007199254740993'
  await p.landRows('a.parquet', `SELECT ${big}::BIGINT AS n, 12345678901234567.89::DECIMAL(19,2) AS d`)
  p.contract(
    's',
    { n: { type: 'BIGINT' }, d: { type: 'DECIMAL(19,2)' } },
    {
      expectations: [
        { type: 'expect_column_values_to_be_between', kwargs: { column: 'n', max_value: '9007199254740992' } },
        { type: 'expect_column_values_to_be_between', kwargs: { column: 'd', max_value: 1 } },
      ],
    },
  )
  const held = await p.ingest()
  expect(held.files[0]?.status).toBe('held')
  const paper = p.read(Object.keys(p.tree()).find((name) => name.endsWith('.reasons.json')) ?? '')
  expect(paper).toContain('"9007199254740993"')
  expect(paper).toContain('"12345678901234567.89"')
  p.contract('s', { n: { type: 'BIGINT' }, d: { type: 'DECIMAL(19,2)' } })
  await p.ingest({ force: true })
  expect(await p.rows('n::VARCHAR, d::VARCHAR')).toEqual([[big, '12345678901234567.89']])
})

test.each(['admit', 'profile'])('nested and wide types come through as they are (%s)', async (mode) => {
  const p = bench.project({ on_missing_contract: mode })
  const select = `SELECT {'a': 1, 'b': [1, 2]} AS st, [1.5::DECIMAL(10,2)] AS li, MAP {'k': 1} AS m, 'x'::BLOB AS bl,
    '7d6e1d3c-0000-4000-8000-000000000001'::UUID AS u, TIMESTAMPTZ '2020-01-01 00:00:00+02' AS tz, DATE '2020-02-29' AS d,
    TIME '10:00' AS t, 18446744073709551615::UBIGINT AS ub, 'NaN'::DOUBLE AS nan, true AS b,
    TIMESTAMP_NS '2020-01-01 00:00:00.123456789' AS ns`
  await p.landRows('a.parquet', select)
  await p.ingest()
  await p.landRows('b.parquet', `${select} UNION ALL ${select}`)
  expect(outcomes(await p.ingest())).toEqual(['b.parquet: loaded'])
  const described = async (from: string): Promise<unknown> => (await bench.witness.query(`DESCRIBE ${from}`)).rows
  const target = `FROM '${p.directory}/lake/s/*.parquet'`
  expect(await described(target)).toEqual(await described(`FROM '${p.directory}/landing/a.parquet'`))
  const different = await bench.witness.query(
    `SELECT count(*) FROM (${target} EXCEPT FROM '${p.directory}/landing/a.parquet')`,
  )
  expect(different.rows).toEqual([[0]])
  expect(await p.count()).toBe(3)
})

test('a folder named like a data file is no file, and what lies in it is found', async () => {
  const p = bench.project()
  p.land('dir.parquet/in.csv', 'id\n1\n')
  const report = await p.ingest()
  expect(report.error).toBeUndefined()
  expect(await p.count()).toBe(1)
})
