import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { droppedSql, rowFilterOf } from './row-filter.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

/** Which of the values, literals of the engine, are dropped. */
async function dropped(
  watermark: readonly [type: string, value: string],
  own: string,
  values: readonly string[],
  lagMs = 0,
): Promise<readonly string[]> {
  const [type, value] = watermark
  const setting = { column: 'C', type: undefined, lagMs, filter: true }
  const filter = rowFilterOf({ watermark: setting }, { column: 'c', type, value })
  const condition = filter === undefined ? undefined : droppedSql(filter, [{ name: 'c', type: own }], session.dialect)
  if (condition === undefined) return []
  const lost: string[] = []
  for (const literal of values) {
    const { rows } = await session.query(`SELECT ${condition} FROM (SELECT CAST(${literal} AS ${own}) AS c)`)
    if (rows[0]?.[0] === true) lost.push(literal)
  }
  return lost
}

const HOUR = 3_600_000

test.each<[readonly [string, string], string, readonly string[], readonly string[], number?]>([
  // The same type: what is equal stays, also without a value.
  [['BIGINT', '9007199254740993'], 'BIGINT', ['9007199254740992', '9007199254740993', 'NULL'], ['9007199254740992']],
  [['VARCHAR', '9'], 'VARCHAR', [`'10'`, `'9'`, `'91'`], [`'10'`]],
  [['DECIMAL(38,10)', '0.0000000002'], 'DECIMAL(38,10)', ['0.0000000001', '0.0000000002'], ['0.0000000001']],
  [['TIMESTAMP_NS', '2026-01-01 00:00:00.000000002'], 'TIMESTAMP_NS', [`'2026-01-01 00:00:00.000000001'`, `'2026-01-01 00:00:00.000000002'`], [`'2026-01-01 00:00:00.000000001'`]],
  // A wider or narrower one.
  [['BIGINT', '3000000000'], 'INTEGER', ['5', '2147483647'], []],
  [['INTEGER', '100'], 'BIGINT', ['99', '3000000000'], ['99']],
  [['DOUBLE', '2.5'], 'BIGINT', ['2', '3'], ['2']],
  [['BIGINT', '2'], 'DOUBLE', ['1.9', '2.0', `'nan'`], ['1.9']],
  [['DATE', '2026-01-02'], 'TIMESTAMP', [`'2026-01-01 23:59:59.999999'`, `'2026-01-02'`], [`'2026-01-01 23:59:59.999999'`]],
  [['TIMESTAMP WITH TIME ZONE', '2026-01-02 00:00:00+00'], 'TIMESTAMP', [`'2026-01-01 23:00:00'`, `'2026-01-02'`], [`'2026-01-01 23:00:00'`]],
  // Text that stands for something else, and the reverse.
  [['BIGINT', '900'], 'VARCHAR', [`'1500'`, `'0899'`, `'n/a'`, 'NULL'], [`'0899'`]],
  [['TIMESTAMP', '2026-01-02 12:00:00'], 'VARCHAR', [`'2026-01-02T11:30:00'`, `'2026-01-02T10:59:59'`], [`'2026-01-02T10:59:59'`], HOUR],
  [['VARCHAR', '900'], 'BIGINT', ['1500', '899'], ['899']],
  [['VARCHAR', 'zoe'], 'BIGINT', ['1'], []],
  // The lag, across midnight and for what is no time.
  [['DATE', '2026-01-02'], 'DATE', [`'2026-01-01'`, `'2025-12-31'`], [`'2025-12-31'`], 24 * HOUR],
  [['DATE', '2026-01-02'], 'DATE', [`'2026-01-01'`], [`'2026-01-01'`], HOUR],
  [['BIGINT', '10'], 'BIGINT', ['9'], ['9'], HOUR],
  // Nothing comes after these.
  [['DOUBLE', 'nan'], 'DOUBLE', ['1', `'inf'`], []],
  [['DOUBLE', 'inf'], 'DOUBLE', ['1'], []],
  [['TIMESTAMP', 'infinity'], 'TIMESTAMP', [`'2026-01-01'`], []],
  [['BIGINT', '5'], 'INTEGER[]', ['[1]'], []],
])('a watermark of %j and a column of %s: of %j it drops %j', async (watermark, own, values, wanted, lagMs) => {
  expect(await dropped(watermark, own, values, lagMs)).toEqual(wanted)
}) // prettier-ignore
