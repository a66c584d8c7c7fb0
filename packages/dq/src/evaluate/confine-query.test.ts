/** Queries of a contract's author on an engine that may read one folder: they see the rows, and nothing else of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contractOf, evaluateAll, literalRelation } from '../testing/tables.ts'
import { confineQuery } from './confine-query.ts'

let folder: string
let session: Session
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  writeFileSync(path.join(folder, 'secret.csv'), 'id\nSENTINEL\n')
  session = await openDuckDB({ threads: 1, allowedDirectories: [folder] })
  await session.query(`CREATE TABLE others AS SELECT 'SENTINEL' AS id`)
})
afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

const named = async (sql: string, tables: readonly string[] = []): Promise<string | undefined> =>
  confineQuery(session, { sql: sql.replaceAll('FILE', path.join(folder, 'secret.csv')), tables })

test.each([
  'SELECT * FROM {batch}',
  'FROM {batch} SELECT id',
  'WITH a AS (SELECT * FROM {batch}), b AS (SELECT * FROM a) SELECT * FROM a JOIN b USING (id)',
  'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT * FROM t',
  'SELECT x FROM (VALUES (1), (2)) v(x) WHERE x NOT IN (SELECT id FROM {batch})',
  'SELECT unnest([1, 2]), r FROM range(3) t(r), {batch}',
  "SELECT * FROM {batch} WHERE name = 'read_csv(''x.csv'')' -- FROM 'x.csv'",
  'SELECT * FROM {batch} b WHERE EXISTS (SELECT 1 FROM {batch} o WHERE o.id = b.id AND o.name <> b.name)',
  'SELECT id, count(*) OVER (PARTITION BY id) FROM {batch} QUALIFY count(*) OVER (PARTITION BY id) > 1',
])('%s is let through', async (sql) => {
  expect(await named(sql)).toBeUndefined()
})

test.each([
  "SELECT * FROM 'FILE'",
  'SELECT * FROM "FILE"',
  'SELECT * FROM {batch}, "FILE"',
  "SELECT * FROM read_csv('FILE')",
  "SELECT * FROM {batch} WHERE id IN (SELECT id FROM read_csv_auto(['FILE']))",
  "SELECT (SELECT content FROM read_text('FILE'))",
  "SELECT * FROM glob('FILE')",
  "SELECT * FROM (SELECT * FROM (FROM read_blob('FILE')))",
  "WITH a AS (SELECT * FROM read_csv('FILE')) SELECT * FROM a",
  'WITH "FILE" AS (SELECT 1) SELECT * FROM {batch}',
  "SELECT * FROM {batch} UNION ALL SELECT * FROM sniff_csv('FILE')",
  "SELECT * FROM {batch} LIMIT (SELECT count(*) FROM 'FILE')",
  "SELECT * FROM {batch} ORDER BY (SELECT max(id) FROM 'FILE')",
  "SELECT * FROM query('SELECT * FROM ''FILE''')",
  "SELECT * FROM query_table('FILE')",
  "SELECT json_serialize_plan('SELECT * FROM ''FILE''')",
  "SELECT * FROM (SUMMARIZE 'FILE')",
  "SELECT * FROM (DESCRIBE SELECT * FROM 'FILE')",
  "SELECT * FROM (PIVOT 'FILE' ON id USING count(*))",
  'SELECT * FROM others',
  'SELECT * FROM main.others',
  'SELECT * FROM memory.main.others',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM duckdb_secrets()',
  "SELECT current_setting('allowed_directories')",
  'SELECT "current_setting"(\'allowed_directories\')',
  "SELECT getvariable('x')",
  'SELECT * FROM pragma_database_list',
  "COPY {batch} TO 'FILE'",
  "ATTACH 'FILE'",
  'SELECT 1; SELECT 2',
  'not sql at all',
])('%s is refused', async (sql) => {
  expect(await named(sql)).toBeTypeOf('string')
})

test('tables that the caller gave may be named, by the query that they are for', async () => {
  expect(await named('SELECT * FROM warehouse', ['warehouse', '{comparison}'])).toBeUndefined()
  expect(await named('SELECT * FROM {comparison}', ['warehouse', '{comparison}'])).toBeUndefined()
  expect(await named('SELECT * FROM warehouse')).toContain('warehouse')
})

test('a check that asks for more is an error of its own and shows nothing; the others are answered', async () => {
  const relation = literalRelation(session, { id: 'INTEGER' }, { f: [['1']] })
  const query = (sql: string): [string, Record<string, JsonValue>] => [
    'unexpected_rows_expectation',
    { unexpected_rows_query: sql },
  ]
  const contract = contractOf({ id: 'INTEGER' }, [
    query('SELECT * FROM others'),
    query(`SELECT * FROM '${path.join(folder, 'secret.csv')}'`),
    query('SELECT * FROM {batch} WHERE id = 1'),
  ])
  const results = (await evaluateAll(session, contract, relation)).get('f')
  expect(results?.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
    ['error', 'CHECK_SQL'],
    ['error', 'CHECK_SQL'],
    ['failed', undefined],
  ])
  expect(JSON.stringify(results)).not.toContain('SENTINEL')
})

test('a caller whose session it is may let them look at all of it', async () => {
  const relation = literalRelation(session, { id: 'INTEGER' }, { f: [['1']] })
  const contract = contractOf({ id: 'INTEGER' }, [
    ['unexpected_rows_expectation', { unexpected_rows_query: 'SELECT * FROM others' }],
  ])
  const results = (await evaluateAll(session, contract, relation, { queriesReach: 'session' })).get('f')
  expect(results?.[0]).toMatchObject({ outcome: 'failed', observedValue: 1 })
})
