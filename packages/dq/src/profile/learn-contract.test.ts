import type { CheckResult, Contract, Expectation, Relation, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { validateExpectations } from '../compile/validate-expectations.ts'
import { learnContract, type LearnedContract, type LearnOptions } from './learn-contract.ts'
import { profileRelation } from './profile-relation.ts'
import { formatSuggestion } from './suggestion.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB()
})
afterAll(async () => {
  await session.close()
})

interface Made {
  readonly files?: number
  readonly rows?: number
  /** First file's number. */
  readonly from?: number
}

/** In SQL, `f` is the file's number and `i` the row's. */
async function made(select: string, { files = 9, rows = 300, from = 0 }: Made = {}): Promise<Relation> {
  const numbers = Array.from({ length: files }, (_, at) => from + at)
  const sql = `(SELECT ${select}, 'f' || f AS __tg_file, i AS __tg_row FROM range(${from}, ${from + files}) AS a(f), range(${rows}) AS b(i))`
  const described = await session.query(`DESCRIBE SELECT * FROM ${sql}`)
  return {
    sql,
    columns: described.rows.map(([name, type]) => ({ name: String(name), type: String(type) })).slice(0, -2),
    fileColumn: '__tg_file',
    rowColumn: '__tg_row',
    files: numbers.map((number) => ({ key: `f${number}`, path: `day-${number}.csv` })),
  }
}

async function learned(select: string, how: Made = {}, options: Partial<LearnOptions> = {}): Promise<LearnedContract> {
  const profile = await profileRelation(session, await made(select, how))
  return learnContract(profile, { dataset: 'test', ...options })
}

async function judged(contract: Contract, relation: Relation): Promise<readonly CheckResult[]> {
  const plan = planChecks(compileContract(contract, relation.columns), relation, session.dialect)
  return [...(await evaluateChecks(session, plan)).values()].flat()
}

/** Rules about columns, without the row count. */
function rules({ contract }: LearnedContract): readonly Expectation[] {
  return contract.expectations.filter((rule) => rule.type !== 'expect_table_row_count_to_be_between')
}

const MIXED = '((i * 7919 + f * 104729) % 1000)'

describe('rules', () => {
  test('schema: type, and not nullable where 100 rows or more have no null', async () => {
    const { contract } = await learned('i AS a, CASE WHEN i = 5 THEN NULL ELSE true END AS b, [i] AS c')
    expect(contract.schema.columns).toEqual({
      a: { type: 'BIGINT', nullable: false },
      b: { type: 'BOOLEAN' },
      c: { type: 'BIGINT[]', nullable: false },
    })
    const few = await learned('i AS a', { files: 1, rows: 99 })
    expect(few.contract.schema.columns).toEqual({ a: { type: 'BIGINT' } })
  })

  test('few nulls: mostly not null, with room for twice as many', async () => {
    // 27 nulls in 2,700: Wilson's upper bound is 1.4504%, twice that 2.9%, so 97% rounded down.
    const found = await learned(`CASE WHEN i % 100 = f % 100 THEN NULL ELSE true END AS b`, { rows: 300 })
    expect(rules(found)).toEqual([
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'b', mostly: 0.97 }, severity: 'critical' },
    ])
    expect(found.suggestions[0]?.basis).toBe('27 nulls in 2,700 rows (0.68% to 1.4%)')
  })

  test('an all-null column, nested and boolean columns ask for nothing', async () => {
    expect(
      rules(await learned("CAST(NULL AS INTEGER) AS n, CAST(NULL AS VARCHAR) AS t, {'a': i} AS s, i % 2 = 0 AS b")),
    ).toEqual([])
  })

  test('numbers get a range with head-room', async () => {
    // 0 to 999 in every file: head-room 100, steps of 20: 1,099 → 1,100.
    expect(rules(await learned(`${MIXED} AS x`, { rows: 2000 }))).toEqual([
      {
        type: 'expect_column_values_to_be_between',
        kwargs: { column: 'x', min_value: 0, max_value: 1100 },
        severity: 'critical',
      },
    ])
  })

  test('keys are unique and have no range; a running number over files neither', async () => {
    const found = await learned('i AS line, f * 300 + i AS id')
    expect(rules(found)).toEqual([
      { type: 'expect_column_values_to_be_unique', kwargs: { column: 'line' }, severity: 'critical' },
      { type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' }, severity: 'critical' },
    ])
    expect(rules(await learned('f * 100 + i // 3 AS order_id'))).toEqual([])
  })

  test('a single file that is sorted by a column of few values still has a range', async () => {
    const found = await learned('i // 100 AS level, i // 3 AS order_id', { files: 1, rows: 1000 })
    // 0 to 9: a head-room of 1, in steps of 1. The order numbers run on.
    expect(rules(found).map(({ kwargs }) => kwargs)).toEqual([{ column: 'level', min_value: 0, max_value: 10 }])
  })

  test('a column that only odd files have is not asked for; one that some lack is optional', async () => {
    const [x, y] = [
      { name: 'x', type: 'BIGINT' },
      { name: 'y', type: 'BIGINT' },
    ]
    const relation = await made('i % 7 AS x, CASE WHEN f = 3 THEN i % 5 END AS y', { files: 6 })
    const fileColumns = new Map(relation.files.map(({ key }) => [key, key === 'f3' ? [x, y] : [x]]))
    const found = learnContract(await profileRelation(session, relation, { fileColumns }), { dataset: 'test' })
    expect(found.oddFiles.map((odd) => [odd.key, odd.column])).toEqual([['f3', 'y']])
    expect(found.contract.schema.columns).toEqual({ x: { type: 'BIGINT', nullable: false } })
    const both = learnContract(await profileRelation(session, relation, { fileColumns }), {
      dataset: 'test',
      leaveOut: new Set(),
    })
    expect(both.contract.schema.columns).toEqual({
      x: { type: 'BIGINT', nullable: false },
      y: { type: 'BIGINT', required: false },
    })
  })

  test('numbers that are distinct by chance are unique only as a warning', async () => {
    // 300 of 10 million numbers: 300² / 2 × 10⁷ pairs expected, so none seen proves nothing.
    const found = await learned('(i * 1299709 + f * 15485863) % 10000019 AS amount')
    expect(rules(found)).toEqual([
      { type: 'expect_column_values_to_be_unique', kwargs: { column: 'amount' }, severity: 'warning' },
    ])
  })

  test('few texts are a set, flags and constants too', async () => {
    const found = await learned("'c' || (i % 3) AS code, i % 2 AS flag, 7 AS seven, 'eu' AS region")
    expect(rules(found).map(({ kwargs, severity }) => [kwargs['column'], kwargs['value_set'], severity])).toEqual([
      ['code', ['c0', 'c1', 'c2'], 'critical'],
      ['flag', [0, 1], 'critical'],
      ['seven', [7], 'warning'],
      ['region', ['eu'], 'critical'],
    ])
  })

  test('a list that grows with every file is no set', async () => {
    const found = await learned("CASE WHEN i < 100 THEN 'new ' || f ELSE 'c' || (i % 4) END AS code")
    expect(rules(found).map((rule) => rule.type)).toEqual(['expect_column_value_lengths_to_be_between'])
  })

  test('kinds of text become patterns, of a fixed length where it is fixed', async () => {
    const select = `'AB' || chr(CAST(65 + i % 26 AS INTEGER)) || chr(CAST(65 + (i + f) % 26 AS INTEGER)) AS port, printf('%05d', i // 3) AS zip, '2001-01-' || printf('%02d', 1 + i % 28) AS day`
    const found = rules(await learned(select)).filter(({ kwargs }) => kwargs['column'] !== undefined)
    expect(found.map(({ kwargs }) => [kwargs['column'], kwargs['regex'] ?? kwargs['value_set']])).toEqual([
      ['port', '^[A-Z]{4}$'],
      ['zip', '^[0-9]{5}$'],
      ['day', '^[0-9]{4}-[01][0-9]-[0-3][0-9]$'],
    ])
  })

  test('free text gets lengths, as a warning', async () => {
    const found = await learned("repeat('x y ', CAST(1 + (i * 7 + f) % 60 AS INTEGER)) AS note")
    // Longest 240 characters: 360 with half as many again, in steps of 50.
    expect(rules(found)).toEqual([
      {
        type: 'expect_column_value_lengths_to_be_between',
        kwargs: { column: 'note', min_value: 1, max_value: 400 },
        severity: 'warning',
      },
    ])
  })

  test('times have a lower bound; an upper one only where time stands still', async () => {
    const select = `TIMESTAMP '2001-03-01' + INTERVAL 7 DAY * f + INTERVAL 20 MINUTE * i AS at, DATE '1950-01-01' + CAST((i // 2 * 7919 + f * 104729) % 20000 AS INTEGER) AS birth`
    // Born 1950 to 2004: a tenth of the span is 5 years.
    expect(rules(await learned(select, { rows: 600 }))).toEqual([
      {
        type: 'expect_column_values_to_be_between',
        kwargs: { column: 'at', min_value: '2000-01-01 00:00:00' },
        severity: 'critical',
      },
      {
        type: 'expect_column_values_to_be_between',
        kwargs: { column: 'birth', min_value: '1944-01-01', max_value: '2010-12-31' },
        severity: 'critical',
      },
    ])
  })

  test('NaN among numbers: mostly', async () => {
    const found = await learned(`CASE WHEN i = 7 THEN 'NaN'::DOUBLE ELSE ${MIXED} + 0.5 END AS x`, { rows: 2000 })
    const [rule] = rules(found)
    // 9 of 18,000: at most 0.095%, twice that 0.19%: 0.998 rounded down.
    expect(rule?.kwargs['mostly']).toBe(0.998)
  })

  test('a file with no rows, one row, or no file at all gives a contract too', async () => {
    expect((await learned("i AS x, 'a' AS t", { files: 1, rows: 0 })).contract).toEqual({
      contract: 'test',
      version: 1,
      schema: { columns: { x: { type: 'BIGINT' }, t: { type: 'VARCHAR' } } },
      expectations: [],
    })
    const one = await learned("i AS x, 'a' AS t", { files: 1, rows: 1 })
    expect(one.contract.expectations).toEqual([
      { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1 }, severity: 'critical' },
    ])
  })
})

describe('hold-out', () => {
  test('a range that fails on held-back files is widened, and that is said', async () => {
    // Files 1, 4 and 7 are held back. File 4 reaches 1,998, the others 999.
    const found = await learned(`CASE WHEN f = 4 THEN 2 ELSE 1 END * ${MIXED} AS x`, { rows: 2000 })
    const suggestion = found.suggestions.find((item) => item.place === 'expectations')
    expect(suggestion?.holdOut).toBe('widened')
    expect(suggestion?.basis).toContain('too narrow (they go up to 1,998)')
    // Up to 1,998; median of the files' maxima 999: head-room 2 × 999, steps of 200.
    expect(suggestion?.expectation.kwargs['max_value']).toBe(4000)
  })

  test('a set that fails there is dropped, and another rule takes its place', async () => {
    const found = await learned("CASE WHEN f IN (1, 4) AND i % 3 = 0 THEN 'late one' ELSE 'c' || (i % 3) END AS code")
    expect(found.dropped.map((item) => item.reason)).toEqual([
      'only 3 values in 1,800 rows; but among the rows kept back 1 more value is there',
    ])
    expect(rules(found).map((rule) => rule.type)).toEqual(['expect_column_value_lengths_to_be_between'])
  })

  test('with one file, a third of its rows is held back', async () => {
    const found = await learned(`${MIXED} AS x`, { files: 1, rows: 3000 })
    expect(found.suggestions.map((item) => item.holdOut)).toEqual(['passed', 'passed', 'none'])
  })
})

describe('the contract', () => {
  const MANY = `${MIXED} AS x, 'c' || (i % 3) AS code, i AS id, CAST(${MIXED} AS DECIMAL(38,10)) AS d, TIMESTAMPTZ '2001-01-01' + INTERVAL 1 DAY * f AS at, ${MIXED} / 7 AS r, CASE WHEN i % 50 = 0 THEN NULL ELSE 'AB' END AS t`

  test('is accepted by the checks, and the data it came from passes it, so do later files', async () => {
    const { contract } = await learned(MANY)
    expect(validateExpectations(contract)).toEqual([])
    for (const from of [0, 20]) {
      const results = await judged(contract, await made(MANY, { from }))
      expect(results.filter((result) => result.outcome !== 'passed').map((result) => result.message)).toEqual([])
      expect(results.length).toBeGreaterThan(50)
    }
  })

  test('leaves odd files out and does not admit them', async () => {
    const spoiled = `CASE WHEN f = 5 AND i < 3 THEN 99999 ELSE ${MIXED} END AS x`
    const found = await learned(spoiled, { files: 12 })
    expect(found.oddFiles.map((odd) => [odd.key, odd.column])).toEqual([['f5', 'x']])
    const results = await judged(found.contract, await made(spoiled, { from: 5, files: 1 }))
    expect(results.filter((result) => result.outcome === 'failed')).toHaveLength(1)
    const all = await learned(spoiled, { files: 12 }, { leaveOut: new Set() })
    expect(all.contract.expectations[0]?.kwargs['max_value']).toBeGreaterThan(99_999)
  })

  test('is the same every time', async () => {
    expect(JSON.stringify(await learned(MANY))).toBe(JSON.stringify(await learned(MANY)))
  })

  test('never holds a value of a sensitive column, nor does what is said about it', async () => {
    const select = `'user' || (i % 5) || '@example.org' AS who, 491701234000 + i AS phone, 'DE89370400440532013' || printf('%03d', i) AS account`
    const found = await learned(select)
    expect(found.contract.schema.columns).toMatchObject({
      who: { sensitive: 'mask' },
      phone: { sensitive: 'mask' },
      account: { sensitive: 'mask' },
    })
    const text = JSON.stringify(found) + found.suggestions.map(formatSuggestion).join('\n')
    for (const secret of ['example', 'user1', '49170', 'DE89']) expect(text).not.toContain(secret)
    expect(
      rules(found).map((rule) => rule.kwargs['regex'] !== undefined || rule.type.endsWith('unique')),
    ).not.toContain(false)
  })

  test.each(['mask', 'hash', 'drop'] as const)(
    'learned again, a column called sensitive (%s) stays so and shows nothing new',
    async (sensitive) => {
      const set = { type: 'expect_column_values_to_be_in_set', kwargs: { column: 'dept', value_set: ['sales'] } }
      const range = { type: 'expect_column_values_to_be_between', kwargs: { column: 'pay', max_value: 10 } }
      const previous: Contract = {
        contract: 'test',
        version: 4,
        schema: { columns: { dept: { type: 'VARCHAR', sensitive }, pay: { type: 'BIGINT', sensitive } } },
        expectations: [set, range],
      }
      const relation = await made("'secret' || (i % 3) AS dept, 4711 + i % 100 AS pay")
      const profile = await profileRelation(session, relation, { sensitive: new Set(['dept', 'pay']) })
      const found = learnContract(profile, { dataset: 'test', previous })
      expect(found.contract).toEqual(previous)
      const said = found.suggestions.map(formatSuggestion).join('\n')
      expect(JSON.stringify(found) + said).not.toMatch(/secret|4,?711|4,?810/)
    },
  )

  test('keeps hostile names', async () => {
    const names = ['a"b', "x'; DROP TABLE t; --", 'line\nbreak', '__proto__', '☃']
    const { contract } = await learned(
      names.map((name) => `${MIXED} AS ${session.dialect.identifier(name)}`).join(', '),
    )
    expect(Object.keys(contract.schema.columns)).toEqual(names)
    expect(contract.expectations.slice(0, -1).map((rule) => rule.kwargs['column'])).toEqual(names)
  })

  test('numbers that no double can hold are written as text', async () => {
    // …7890 to …7989: a head-room of 10, in steps of 2; 7999 is odd, so 8000.
    const { contract } = await learned("CAST('12345678901234567890' AS HUGEINT) + (i * 7919) % 100 AS h", { rows: 300 })
    expect(contract.expectations[0]?.kwargs).toEqual({
      column: 'h',
      min_value: '12345678901234567880',
      max_value: '12345678901234568000',
    })
  })
})

describe('with a contract in force', () => {
  const SELECT = `${MIXED} AS x, 'c' || (i % 3) AS code`

  test('nothing changes while the data satisfies it', async () => {
    const { contract } = await learned(SELECT)
    const again = await learned(SELECT, {}, { previous: contract })
    expect(again.contract).toBe(contract)
  })

  test('a rule that the data breaks is loosened, what people wrote stays', async () => {
    const previous: Contract = {
      contract: 'test',
      version: 4,
      description: 'by hand',
      schema: { columns: { x: { type: 'INTEGER', nullable: false }, code: { type: 'VARCHAR', sensitive: 'drop' } } },
      expectations: [
        {
          type: 'expect_column_values_to_be_between',
          kwargs: { column: 'x', max_value: 500 },
          severity: 'info',
          id: 'mine',
        },
        { type: 'expect_column_sum_to_be_between', kwargs: { column: 'x', min_value: 1 } },
      ],
      gate: { threshold: 90 },
    }
    const { contract } = await learned(`${SELECT}, 'z' || (i % 2) AS fresh`, { rows: 2000 }, { previous })
    expect(contract).toEqual({
      ...previous,
      version: 5,
      schema: {
        columns: {
          x: { type: 'BIGINT', nullable: false },
          code: { type: 'VARCHAR', sensitive: 'drop' },
          fresh: { type: 'VARCHAR', nullable: false },
        },
      },
      expectations: [
        {
          type: 'expect_column_values_to_be_between',
          kwargs: { column: 'x', min_value: 0, max_value: 1100 },
          severity: 'info',
          id: 'mine',
        },
        { type: 'expect_column_sum_to_be_between', kwargs: { column: 'x', min_value: 1 } },
        {
          type: 'expect_column_values_to_be_in_set',
          kwargs: { column: 'fresh', value_set: ['z0', 'z1'] },
          severity: 'critical',
        },
      ],
    })
  })
})
