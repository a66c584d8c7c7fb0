/**
 * What we write, read by a reader that we did not write: rows, partition values, statistics by which it passes files over,
 * transactions. Where Python or the package cannot be had the tests are skipped and say why.
 */
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batchOf, draftOf, fileOf } from '../testing/drafts.ts'
import { loadBatch, openIn, tempTable, type TempTable } from './testing/delta-story.ts'
import { openPythonReader } from './testing/python-reader.ts'

const reader = await openPythonReader()
const title =
  reader.kind === 'ok' ? `deltalake ${reader.version} reads` : `SKIPPED (${reader.because}): deltalake reads`

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 2 })
})
afterAll(async () => {
  await session.close()
  if (reader.kind === 'ok') reader.close()
})

const HEAD = `
import sys, json, os
from deltalake import DeltaTable, QueryBuilder
import pyarrow as pa, pyarrow.compute as pc, pyarrow.dataset as ds
dt = DeltaTable(sys.argv[1])
def say(value):
    print(json.dumps(value, default=str), flush=True)
    os._exit(0) # its threads do not always end well
`

async function ask(places: TempTable, script: string): Promise<unknown> {
  if (reader.kind !== 'ok') throw new Error(reader.because)
  return reader.ask(HEAD + script, places.table)
}

describe.skipIf(reader.kind !== 'ok')(title, () => {
  test('rows of every type, and NULL where an older part lacks a column', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(
      target,
      session,
      'b1',
      'a#1',
      `SELECT 9007199254740993::BIGINT AS big, 'ünï' AS text, 1.5::DOUBLE AS number, 12345678901234.5678::DECIMAL(18,4) AS price,
         DATE '2020-02-29' AS day, TIMESTAMPTZ '2020-01-01 12:00:00.123456+00' AS moment, TRUE AS flag, [1, 2]::INTEGER[] AS list,
         {'x': 1::SMALLINT, 'y': 'z'} AS struct, 'ab'::BLOB AS bytes`,
    )
    await loadBatch(
      target,
      session,
      'b2',
      'b#1',
      `SELECT 1::BIGINT AS big, TIMESTAMP '1969-12-31 23:59:59.999999' AS wall`,
    )
    const rows = await ask(places, `say(sorted(dt.to_pyarrow_table().to_pylist(), key=lambda row: row['big']))`)
    const none = { text: null, number: null, price: null, day: null, moment: null, flag: null, list: null, struct: null, bytes: null } // prettier-ignore
    expect(rows).toEqual([
      { ...none, big: 1, wall: '1969-12-31 23:59:59.999999' },
      {
        // Beyond what JSON of JavaScript holds: the next double.
        big: 9007199254740992,
        text: 'ünï',
        number: 1.5,
        price: '12345678901234.5678',
        day: '2020-02-29',
        moment: '2020-01-01 12:00:00.123456+00:00',
        flag: true,
        list: [1, 2],
        struct: { x: 1, y: 'z' },
        bytes: "b'ab'",
        wall: null,
      },
    ])
  })

  test('partition values of files that share parts, special characters and NULL included', async () => {
    using places = tempTable()
    const target = await openIn(places, session, { partitionBy: ['day', 'p'] })
    const staging = await target.prepare(batchOf('b1'))
    const select = `SELECT range AS n, CASE WHEN range < 4 THEN 'a/b=c%d é' END AS p, DATE '2020-01-01' + (range % 2)::INTEGER AS day FROM range(6)`
    const files = [{ file: 'a#1', rows: 3 }, { file: 'b#1', rows: 3 }] // prettier-ignore
    await staging.stageRows(session, select, { visible: 'part-b1.parquet', files })
    const { add } = await staging.settle(session, { leaving: new Set() })
    await staging.seal()
    await target.commit(draftOf('b1', { files: files.map(({ file, rows }) => fileOf(file, rows)), add }))
    const found = await ask(
      places,
      `say([sorted(dt.to_pyarrow_table(partitions=[('day', '=', '2020-01-02')])['n'].to_pylist()),
            sorted(dt.to_pyarrow_table().to_pylist(), key=lambda row: row['n'])])`,
    )
    const row = (n: number): unknown => ({ n, p: n < 4 ? 'a/b=c%d é' : null, day: n % 2 === 0 ? '2020-01-01' : '2020-01-02' }) // prettier-ignore
    expect(found).toEqual([[1, 3, 5], [0, 1, 2, 3, 4, 5].map(row)])
  })

  test('statistics, by which it opens only the files that can matter, and finds all of their rows', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    for (const [at, from] of [0, 1000, 2000].entries()) {
      const select = `SELECT (${from} + range)::BIGINT AS n, 'k' || lpad((${from} + range)::VARCHAR, 40, '0') AS s, TIMESTAMPTZ '2020-01-01 00:00:00.000999+00' + INTERVAL 1 MINUTE * (${from} + range)::INTEGER AS t, CASE WHEN range = 5 THEN 'NaN'::DOUBLE ELSE range END AS d, range = 7 AS f FROM range(1000)` // prettier-ignore
      await loadBatch(target, session, `b${at}`, `f${at}#1`, select)
    }
    const found = await ask(
      places,
      `
from datetime import datetime, timezone
data = dt.to_pyarrow_dataset()
def seen(condition):
    kept = list(data.get_fragments(filter=condition))
    return [len(kept), data.to_table(filter=condition).num_rows]
last = datetime(2020, 1, 2, 9, 19, 0, 999, tzinfo=timezone.utc) # row 1999
say([
    seen(ds.field('n') == 1500), seen(ds.field('n') > 5000),
    seen(ds.field('s') == 'k' + str(1999).rjust(40, '0')),
    seen(ds.field('t') == pa.scalar(last, pa.timestamp('us', 'UTC'))),
    seen(ds.field('f') == True),
    pa.table(QueryBuilder().register('t', dt).execute('SELECT count(*) FROM t WHERE d > 998').read_all()).to_pylist(),
    [action['num_records'] for action in pa.table(dt.get_add_actions(flatten=True)).to_pylist()],
])`,
    )
    // Texts are cut to 32 characters: a bound, not a value. `d` has a NaN in every file, so it has no bounds; SQL, for which
    // NaN is above 998, must find 999 and NaN in each. (Over a column without bounds the package's way by way of pyarrow finds
    // nothing at all, in tables of other writers as well.)
    expect(found).toEqual([[1, 1], [0, 0], [expect.any(Number), 1], [1, 1], [3, 3], [expect.anything()], [1000, 1000, 1000]]) // prettier-ignore
    expect(Object.values((found as readonly (readonly object[])[])[5]?.[0] ?? {})).toEqual([6])
  })

  test('transactions: how many batches of the source, and which', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', 'SELECT 1 AS n')
    await loadBatch(target, session, 'b2', 'b#1', 'SELECT 2 AS n')
    const names = ['tidegate/flights', 'tidegate/flights/b1', 'tidegate/flights/b2', 'tidegate/flights/b3']
    expect(await ask(places, `say([dt.transaction_version(name) for name in ${JSON.stringify(names)}])`)).toEqual([
      2,
      1,
      2,
      null,
    ])
  })
})
