import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

function project(policy: string, more: Readonly<Record<string, unknown>> = {}): TempProject {
  return bench.project({ resend: { name: 'orders_{date}_v{n}.csv', policy }, ...more })
}

async function ids(p: TempProject): Promise<readonly unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => Number(row[0]))
}

describe('resend: replace', () => {
  test('a higher number takes the place of the older edition in one commit', async () => {
    const p = project('replace')
    p.land('orders_0301_v1.csv', 'id\n1\n2\n')
    p.land('orders_0302_v1.csv', 'id\n3\n')
    await p.ingest()
    p.land('orders_0301_v2.csv', 'id\n1\n22\n')
    expect(outcomes(await p.ingest())).toEqual(['orders_0301_v2.csv: loaded'])
    expect(await ids(p)).toEqual([1, 3, 22])
    expect((await p.ingest()).status).toBe('nothing-new')
    p.land('orders_0301_v10.csv', 'id\n5\n')
    await p.ingest()
    expect(await ids(p)).toEqual([3, 5])
    // Nine is less than ten, whatever the letters say.
    p.land('orders_0301_v9.csv', 'id\n4\n')
    expect(outcomes(await p.ingest())).toEqual(['orders_0301_v9.csv: duplicate RESEND_OLDER'])
    expect(await ids(p)).toEqual([3, 5])
  })

  test('of two editions that come together the higher is loaded', async () => {
    const p = project('replace')
    p.land('orders_a_v2.csv', 'id\n2\n')
    p.land('orders_a_v1.csv', 'id\n1\n')
    expect(outcomes(await p.ingest())).toEqual(['orders_a_v1.csv: waiting RESEND_WAITING', 'orders_a_v2.csv: loaded'])
    expect(await ids(p)).toEqual([2])
    expect(outcomes(await p.ingest())).toEqual(['orders_a_v1.csv: duplicate RESEND_OLDER'])
    expect((await p.ingest()).status).toBe('nothing-new')
    expect(await ids(p)).toEqual([2])
  })

  test('of two that come together the lower is loaded where the higher is held', async () => {
    const p = project('replace')
    const max = { id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }
    p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [max] })
    p.land('orders_a_v0.csv', 'id\n1\n')
    await p.ingest()
    p.land('orders_a_v1.csv', 'id\n2\n')
    p.land('orders_a_v2.csv', 'id\n99\n')
    expect(outcomes(await p.ingest())).toEqual(['orders_a_v1.csv: waiting RESEND_WAITING', 'orders_a_v2.csv: held max'])
    expect(await ids(p)).toEqual([1])
    expect(outcomes(await p.ingest())).toEqual(['orders_a_v1.csv: loaded'])
    expect(await ids(p)).toEqual([2])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('a newer edition that is a copy of another file keeps the older one out', async () => {
    const p = project('replace')
    p.land('other.csv', 'id\n2\n')
    await p.ingest()
    p.land('orders_a_v1.csv', 'id\n1\n')
    p.land('orders_a_v2.csv', 'id\n2\n')
    await p.ingest()
    expect(outcomes(await p.ingest())).toEqual(['orders_a_v1.csv: duplicate RESEND_OLDER'])
    expect(await ids(p)).toEqual([2])
  })

  test('editions that were there before the first run are all only noted', async () => {
    const p = project('replace', { include_existing: false })
    p.land('orders_a_v1.csv', 'id\n1\n')
    p.land('orders_a_v2.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual([
      'orders_a_v1.csv: duplicate FILE_EXISTING',
      'orders_a_v2.csv: duplicate FILE_EXISTING',
    ])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('the older rows stay when the new edition is held', async () => {
    const p = project('replace')
    const max = { id: 'max', type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 10 } }
    p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [max] })
    p.land('orders_a_v1.csv', 'id\n1\n')
    await p.ingest()
    p.land('orders_a_v2.csv', 'id\n99\n')
    expect(outcomes(await p.ingest())).toEqual(['orders_a_v2.csv: held max'])
    expect(await ids(p)).toEqual([1])
    p.land('orders_a_v3.csv', 'id\n3\n')
    await p.ingest()
    expect(await ids(p)).toEqual([3])
  })

  test('other bytes under the name of the live edition are a change of that file', async () => {
    const p = project('replace', { overwrites: 'fail' })
    p.land('orders_a_v1.csv', 'id\n1\n')
    await p.ingest()
    p.land('orders_a_v1.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual(['orders_a_v1.csv: failed FILE_CHANGED'])
    p.land('orders_a_v2.csv', 'id\n3\n')
    expect(outcomes(await p.ingest())).toContain('orders_a_v2.csv: loaded')
    expect(await ids(p)).toEqual([3])
  })

  test('folders and other names are other things', async () => {
    const p = project('replace')
    for (const name of ['x/orders_a_v1.csv', 'y/orders_a_v2.csv', 'returns_a_v1.csv', 'returns_a_v2.csv'])
      p.land(name, `id\n${name.length}${name.includes('v2') ? 2 : 1}\n`)
    expect((await p.ingest()).totals).toMatchObject({ loaded: 4, duplicate: 0 })
  })

  test('a resent edition with the same bytes takes the place of the older one, once', async () => {
    const p = project('replace')
    p.land('orders_a_v1.csv', 'id\n1\n')
    await p.ingest()
    p.land('orders_a_v2.csv', 'id\n1\n')
    await p.ingest()
    expect(await ids(p)).toEqual([1])
    expect((await p.ingest()).status).toBe('nothing-new')
    expect(await ids(p)).toEqual([1])
  })
})

test('resend: ignore notes what comes after the first edition', async () => {
  const p = project('ignore')
  p.land('orders_a_v2.csv', 'id\n2\n')
  await p.ingest()
  p.land('orders_a_v1.csv', 'id\n1\n')
  p.land('orders_a_v3.csv', 'id\n3\n')
  expect(outcomes(await p.ingest())).toEqual([
    'orders_a_v1.csv: duplicate RESEND_IGNORED',
    'orders_a_v3.csv: duplicate RESEND_IGNORED',
  ])
  expect(await ids(p)).toEqual([2])
})

test('resend: quarantine holds what comes after the first edition', async () => {
  const p = project('quarantine')
  p.land('orders_a_v1.csv', 'id\n1\n')
  p.land('orders_a_v2.csv', 'id\n2\n')
  expect(outcomes(await p.ingest())).toEqual(['orders_a_v1.csv: loaded', 'orders_a_v2.csv: waiting RESEND_WAITING'])
  expect(outcomes(await p.ingest())).toEqual(['orders_a_v2.csv: held RESEND_HELD'])
  expect(await ids(p)).toEqual([1])
})
