/**
 * SQL in a contract that somebody put where an entry by API may name it, on a real daemon with the real engine. The engine may
 * read the vault of the operator and whoever comes by API may not.
 */
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attackDaemon, SECRETS, type AttackedDaemon } from './testing/attacked-daemon.ts'

let daemon: AttackedDaemon
beforeAll(async () => {
  daemon = await attackDaemon()
}, 60_000)
afterAll(() => daemon.remove(), 60_000)

const ROWS = 'id,text,day\n1,mine,2026-01-01\n2,yours,2026-01-02\n'
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

/** In a contract; FILE is in the vault, which the engine may read. */
const QUERIES = [
  "SELECT * FROM read_csv('FILE')",
  "SELECT text FROM 'FILE'",
  'SELECT * FROM {batch} UNION ALL SELECT * FROM "FILE"',
  "SELECT * FROM {batch} WHERE text IN (SELECT text FROM read_csv_auto('FILE'))",
  "SELECT (SELECT content FROM read_text('FILE')) AS text",
  "SELECT * FROM glob('VAULT/*')",
  "SELECT * FROM (SUMMARIZE 'FILE')",
  "WITH x AS (FROM 'FILE') SELECT * FROM x /* FROM {batch} */",
  "SELECT * FROM query('FROM ''FILE''')",
  "SELECT getenv('TIDEGATE_ATTACKED')",
  "SELECT current_setting('allowed_directories')",
  "SELECT * FROM read_parquet('TRAP/x.parquet')",
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('ENV')",
  'SELECT * FROM duckdb_settings()',
  "COPY (SELECT 1) TO 'OUT/copied.csv'",
  "ATTACH 'OUT/x.db'",
  'INSTALL httpfs',
  "SET temp_directory = '/tmp'",
  'PRAGMA database_list',
]
const CONDITIONS = [
  "text IN (SELECT text FROM read_csv('FILE'))",
  "id = 1 OR EXISTS (FROM 'FILE')",
  "id = 1) UNION SELECT * FROM read_text('FILE') --",
  "getenv('TIDEGATE_ATTACKED') LIKE 'S%'",
  `"getenv"('TIDEGATE_ATTACKED') LIKE 'S%'`,
  `"current_setting"('allowed_directories')::VARCHAR LIKE '%vault%'`,
  "json_serialize_plan('FROM ''FILE''') LIKE '%SENTINEL%'",
  "'FROM ''FILE'''.json_serialize_plan() LIKE '%SENTINEL%'",
  'id = 1; ATTACH x',
]

test('a contract in the folders of the API: its queries see the rows alone, its conditions no query', async () => {
  const vault = path.join(daemon.home, 'vault')
  const written = (text: string): string =>
    String(armed(text)).replaceAll('FILE', `${vault}/payroll.csv`).replaceAll('VAULT', vault).replaceAll('ENV', `${daemon.project}/.env`) // prettier-ignore
  const schema = { $ref: `${daemon.trap}/schema.json` }
  const expectations = [
    ...QUERIES.map((sql) => ({ type: 'unexpected_rows_expectation', kwargs: { unexpected_rows_query: written(sql) } })),
    ...QUERIES.slice(0, 5).map((sql) => ({
      type: 'expect_query_results_to_match_comparison',
      kwargs: { base_query: 'SELECT text FROM {batch}', comparison_query: written(sql) },
    })),
    ...CONDITIONS.map((condition) => ({
      type: 'expect_column_values_to_not_be_null',
      kwargs: { column: 'id', row_condition: written(condition), condition_parser: 'sql' },
    })),
    { type: 'expect_column_values_to_match_json_schema', kwargs: { column: 'text', json_schema: schema } },
    {
      type: 'expect_column_values_to_match_regex',
      kwargs: { column: 'text', regex: written("x') OR EXISTS (FROM 'FILE") },
    },
    {
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column: 'text', value_set: [written("x') OR EXISTS (FROM 'FILE")] },
    },
    {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'id', min_value: written("(SELECT 1 FROM 'FILE')") },
    },
    { type: written("expect'; FROM 'FILE"), kwargs: {} },
  ].map((one, index) => ({ ...one, id: `c${index}` }))
  daemon.land('landing/checks/a.csv', ROWS)
  daemon.land(
    'landing/checks.yaml',
    JSON.stringify({ contract: 'checks', version: 1, expectations, gate: { on_fail: 'warn' } }),
  )
  const entry = entryOf('checks', { contract: 'landing/checks.yaml' })
  const { status, body } = await daemon.call('POST', '/api/v1/ingestions/test', { id: 'checks', entry })
  expect(status).toBe(200)
  const [judged] = body['judged'] as readonly { readonly failed: readonly { readonly id: string; readonly outcome: string; readonly error?: { readonly code: string } }[] }[] // prettier-ignore
  const codes = new Map(judged?.failed.map(({ id, outcome, error }) => [id, `${outcome} ${error?.code ?? ''}`]))
  for (const index of QUERIES.keys())
    expect([QUERIES[index], codes.get(`c${index}`)]).toEqual([QUERIES[index], 'error CHECK_SQL'])
  for (const index of CONDITIONS.keys()) {
    const id = `c${QUERIES.length + 5 + index}`
    expect([CONDITIONS[index], codes.get(id)]).toEqual([CONDITIONS[index], 'error CHECK_CONDITION'])
  }
  expect(await daemon.attempt('checks', entry)).toMatch(/^(?:ok|partial|gate-failed|failed)$/)
  for (const address of [
    'validations?limit=500',
    'quarantine',
    'contracts/checks/checks',
    'files?source=checks',
    'runs',
    'alerts',
    'audit',
  ])
    await daemon.call('GET', `/api/v1/${address}`)
}, 120_000)

test('what was answered, logged, kept and written holds no secret, and nobody was called', async () => {
  const all = await daemon.everything()
  expect(all).toContain('yours')
  for (const secret of Object.values(SECRETS)) expect(all.split(secret).length - 1, secret).toBe(0)
  expect(daemon.trapped()).toEqual([])
}, 60_000)
