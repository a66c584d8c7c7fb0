/** Everything in an entry that becomes SQL, tried by somebody who may write and run: through the API of a real daemon, with the real engine. */
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attackDaemon, SECRETS, type AttackedDaemon } from './testing/attacked-daemon.ts'

let daemon: AttackedDaemon
beforeAll(async () => {
  daemon = await attackDaemon()
}, 60_000)
afterAll(() => daemon.remove(), 60_000)

const ROWS = 'id,text,day\n1,mine,2026-01-01\n2,yours,2026-01-02\n'
/** Ends texts and names, then says more; with comments, so that the rest is not missed. */
const TAILS = [
  (file: string) => `' UNION ALL SELECT * FROM read_csv('${file}') --`,
  (file: string) => `"; COPY (SELECT * FROM '${file}') TO 'OUT/copied.csv'; --`,
  (file: string) => `'); ATTACH '${file}'; INSTALL httpfs; LOAD httpfs; SET enable_external_access = true; /*`,
  (file: string) => `') OR (SELECT count(*) FROM read_text('${file}')) > 0 OR getenv('HOME') = ('`,
  (file: string) => `\\'; PRAGMA database_list; SELECT * FROM read_parquet('TRAP/x.parquet') --${file}`,
]

function entryOf(folder: string, change: object): object {
  return {
    path: `landing/${folder}/*.csv`,
    ready: { settle: '0s' },
    on_missing_contract: 'admit',
    target: { path: `lake/${folder}` },
    ...change,
  }
}

function armed(value: unknown): unknown {
  const text = JSON.stringify(value)
  return JSON.parse(text.replaceAll('OUT', `${daemon.home}/outside`).replaceAll('TRAP', daemon.trap)) as unknown
}

/** Fields of the entry that end in a statement; each gets one tail after another. */
const FIELDS: readonly [string, (tail: string) => object][] = [
  ['null_values', (tail) => ({ options: { null_values: [tail] } })],
  ['date_format', (tail) => ({ options: { date_format: tail } })],
  ['timestamp_format', (tail) => ({ options: { timestamp_format: tail } })],
  ['encoding', (tail) => ({ options: { encoding: tail } })],
  ['delimiter', (tail) => ({ options: { delimiter: tail.slice(0, 4) } })],
  ['quote', (tail) => ({ options: { quote: tail.slice(0, 1) } })],
  ['records', (tail) => ({ format: 'json', options: { records: tail } })],
  ['timezone', (tail) => ({ timezone: tail })],
  ['schema_hints type', (tail) => ({ schema_hints: { id: `INTEGER${tail}` } })],
  ['schema_hints name', (tail) => ({ schema_hints: { [tail]: 'INTEGER' } })],
  ['watermark column', (tail) => ({ watermark: { column: tail } })],
  ['watermark type', (tail) => ({ watermark: { column: 'day', type: tail, filter: true } })],
  ['keys', (tail) => ({ target: { path: 'lake/PLACE', mode: 'upsert', keys: [tail] } })],
  ['order_by', (tail) => ({ target: { path: 'lake/PLACE', dedup: { keys: ['id'], order_by: tail } } })],
  ['partition_by', (tail) => ({ target: { path: 'lake/PLACE', partition_by: [tail] } })],
  ['add_columns', (tail) => ({ target: { path: 'lake/PLACE', add_columns: { source_path: tail, batch_id: true } } })],
  ['table', (tail) => ({ target: { kind: 'duckdb', path: 'lake/PLACE.duckdb', table: tail } })],
]

test.each(FIELDS)(
  '%s: is refused, or is a value and no more',
  async (name, change) => {
    const folder = name.replaceAll(/\W/g, '-')
    daemon.land(`landing/${folder}/a.csv`, ROWS)
    for (const [index, tail] of TAILS.entries()) {
      const made = change(tail(path.join(daemon.home, 'vault/payroll.csv')))
      const entry = JSON.parse(JSON.stringify(armed(entryOf(folder, made))).replaceAll('PLACE', folder)) as object
      const { status, type, body } = await daemon.call('POST', '/api/v1/ingestions/test', {
        id: folder,
        entry,
        files: 1,
      })
      expect([index, status === 200 || (status === 422 && /problem/.test(type)), body['code']]).toEqual([
        index,
        true,
        status === 200 ? undefined : expect.stringMatching(/^[A-Z_]+$/),
      ])
      // One of them is run to its end, whatever that is.
      if (index === 0)
        expect(await daemon.attempt(folder, entry)).toMatch(/^(?:refused: |ok|partial|gate-failed|failed|dead)/)
    }
  },
  120_000,
)

test('names of files and values of cells are no SQL, and no way out of the lake', async () => {
  for (const name of [
    "a' OR 1=1 --.csv",
    'a"; ATTACH.csv',
    '*.csv',
    '{a,b}.csv',
    '[a-z].csv',
    '$(id).csv',
    '${HOME}.csv',
  ])
    daemon.land(`landing/names/${name}`, `id,text\n1,"'; COPY x TO 'OUT' --"\n2,../../../outside\n`)
  const entry = entryOf('names', { target: { path: 'lake/names', partition_by: ['text'] } })
  expect(await daemon.attempt('names', entry)).toBe('ok')
  const { body } = await daemon.call('GET', '/api/v1/files?source=names')
  expect((body['items'] as readonly unknown[]).length).toBeGreaterThan(0)
}, 60_000)

test('what was answered, logged, kept and written holds no secret, and nobody was called', async () => {
  const all = await daemon.everything()
  expect(all).toContain('yours')
  for (const secret of Object.values(SECRETS)) expect(all.split(secret).length - 1, secret).toBe(0)
  expect(daemon.trapped()).toEqual([])
}, 60_000)
