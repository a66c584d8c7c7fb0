import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBench, outcomes, type Bench } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

describe('types that Parquet does not keep', () => {
  test('HUGEINT of text arrives with all of its digits, in the part and among the rejected rows', async () => {
    const p = bench.project({ gate: { on_fail: 'split' } })
    p.contract('s', { h: { type: 'HUGEINT' }, n: { type: 'BIGINT', nullable: false } })
    p.land('a.csv', 'h,n\n12345678901234567890123,1\n-98765432109876543210987,\n7,3\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded schema:n:nullable'])
    expect(await p.rows('CAST(h AS VARCHAR), n', 'ORDER BY n')).toEqual([
      ['12345678901234567890123', 1],
      ['7', 3],
    ])
    const bad = Object.keys(p.tree('quarantine')).find((file) => file.endsWith('.rows.parquet'))
    const { rows } = await bench.witness.query(
      `SELECT CAST(h AS VARCHAR) FROM read_parquet('${p.directory}/quarantine/${bad}')`,
    )
    expect(rows).toEqual([['-98765432109876543210987']])
  })

  test('what would arrive as another value holds its file; the others are loaded', async () => {
    const p = bench.project()
    p.contract('s', { h: { type: 'HUGEINT' }, i: { type: 'INTERVAL' } })
    p.land('a.csv', 'h,i\n99999999999999999999999999999999999999,1 day\n')
    p.land('b.csv', 'h,i\n100000000000000000000000000000000000000,1 day\n')
    p.land('c.csv', 'h,i\n1,-1 day\n')
    p.land('d.csv', 'h,i\n2,00:00:00.000001\n')
    expect(outcomes(await p.ingest())).toEqual([
      'a.csv: loaded',
      'b.csv: held SCHEMA_TYPE',
      'c.csv: held SCHEMA_TYPE',
      'd.csv: held SCHEMA_TYPE',
    ])
    expect(await p.rows('CAST(h AS VARCHAR), CAST(i AS VARCHAR)')).toEqual([
      ['99999999999999999999999999999999999999', '1 day'],
    ])
  })
})
