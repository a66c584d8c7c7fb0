import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Contract, LedgerPart, Session, Watermark } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProgressEvent } from './effects.ts'
import { readWatermark } from './read-watermark.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
let session: Session
beforeAll(async () => {
  session = await openDuckDB()
  const file = session.dialect.literal(path.join(directory, 'a.parquet'))
  await session.query(`COPY (SELECT 'ann' AS nick, 9 AS id UNION ALL SELECT 'zoe', 100) TO ${file} (FORMAT parquet)`)
})
afterAll(async () => {
  await session.close()
  rmSync(directory, { recursive: true })
})

const part: LedgerPart = { staged: 'a.parquet', visible: 'a.parquet', rows: 2, bytes: 1, hash: '', files: [] }

function contractOf(columns: Contract['schema']['columns']): Contract {
  return { contract: 'd', version: 1, schema: { columns }, expectations: [] }
}

async function read(
  column: string,
  contract: Contract | undefined,
  add: readonly LedgerPart[] = [part],
): Promise<{ readonly watermark: Watermark | undefined; readonly events: readonly ProgressEvent[] }> {
  const events: ProgressEvent[] = []
  const columns = [
    { name: 'nick', type: 'VARCHAR' },
    { name: 'id', type: 'INTEGER' },
  ]
  const watermark = await readWatermark(
    { add: [...add], columns },
    { directory },
    { source: { watermark: { column, type: undefined, lagMs: 0, filter: false } }, contract },
    session,
    { report: (event) => events.push(event), signal: new AbortController().signal },
  )
  return { watermark, events }
}

test('the highest value of the column is the watermark, by its type', async () => {
  const contract = contractOf({ nick: { type: 'VARCHAR', sensitive: 'hash' }, id: { type: 'INTEGER' } })
  const kept = { watermark: { column: 'id', type: 'INTEGER', value: '100' }, events: [] }
  expect(await read('id', contract)).toEqual(kept)
  expect(await read('id', undefined)).toEqual(kept)
  expect((await read('nick', contractOf({ nick: { type: 'VARCHAR' } }))).watermark?.value).toBe('zoe')
})

test.each(['mask', 'hash', 'drop'] as const)(
  'a sensitive column (%s) has no watermark, and that is said',
  async (way) => {
    for (const name of ['nick', 'NICK']) {
      expect(await read('nick', contractOf({ [name]: { type: 'VARCHAR', sensitive: way } }))).toEqual({
        watermark: undefined,
        events: [
          {
            kind: 'note',
            level: 'warn',
            message: 'the watermark column "nick" is sensitive in the contract, so no watermark is kept',
          },
        ],
      })
    }
  },
)

test('without rows there is neither a watermark nor a note', async () => {
  const contract = contractOf({ nick: { type: 'VARCHAR', sensitive: 'mask' } })
  expect(await read('nick', contract, [{ ...part, rows: 0 }])).toEqual({ watermark: undefined, events: [] })
  expect(await read('constructor', contractOf({}))).toEqual({ watermark: undefined, events: [] })
})

test.each([
  ['DOUBLE', `VALUES ('nan'::DOUBLE), ('inf'), (2.5), ('-inf')`, undefined, '2.5'],
  ['DOUBLE', `VALUES ('nan'::DOUBLE)`, undefined, undefined],
  ['TIMESTAMP', `VALUES ('infinity'::TIMESTAMP), ('2026-01-01')`, undefined, '2026-01-01 00:00:00'],
  ['VARCHAR', `VALUES ('Infinity'), ('Aa')`, undefined, 'Infinity'],
  ['VARCHAR', `VALUES ('9'), ('10'), ('n/a')`, 'BIGINT', '10'],
])('of %s, %s, compared as %s, the highest is %s', async (type, values, wanted, highest) => {
  const file = `w${values.length}.parquet`
  await session.query(`COPY (SELECT * FROM (${values}) t(w)) TO '${path.join(directory, file)}' (FORMAT parquet)`)
  const found = await readWatermark(
    { add: [{ ...part, staged: file }], columns: [{ name: 'w', type }] },
    { directory },
    { source: { watermark: { column: 'w', type: wanted, lagMs: 0, filter: false } }, contract: undefined },
    session,
    { report: () => {}, signal: new AbortController().signal },
  )
  expect(found?.value).toBe(highest)
})
