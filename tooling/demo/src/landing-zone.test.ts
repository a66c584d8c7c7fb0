import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LandedFile } from './landed-file.ts'
import { layArrivals, layLandingZone } from './landing-zone.ts'

const zone = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
let first: readonly LandedFile[] = []
let second: readonly LandedFile[] = []

beforeAll(async () => {
  first = (await layLandingZone(zone)).files
  second = (await layArrivals(zone)).files
}, 60_000)

afterAll(() => rmSync(zone, { recursive: true, force: true }))

test('the manifest names every file and nothing else', () => {
  const onDisk = readdirSync(zone, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(zone, name)).isFile(),
  )
  expect([...first, ...second].map((file) => file.path).toSorted()).toEqual(onDisk.toSorted())
})

test('all weeks together are the three million flights but the two that are hurt', async () => {
  const { rows } = await count('flights/*.parquet', [
    'flights-2001-06-04',
    'flights-2001-07-02',
    'flights-airport',
    'resent',
  ])
  const good = sumOf('flights', 'good')
  const broken = sumOf('flights', 'breaks-contract')
  expect(rows).toBe(good + broken)
  // The cut week had 116,594 rows: counted in the package's own file.
  expect(good + broken + 116_594).toBe(3_000_000)
})

test('the broken week has 40 wild delays and every twentieth origin missing', async () => {
  const file = second.find((landed) => landed.kind === 'breaks-contract')
  const session = await openDuckDB()
  const { rows } = await session.query(
    `SELECT count(*) FILTER (delay = 99999), count(*) FILTER (origin IS NULL), count(*) FILTER (delay = 99999 AND origin IS NULL)
     FROM read_parquet(${session.dialect.literal(path.join(zone, file?.path ?? ''))})`,
  )
  await session.close()
  expect(file?.broken).toEqual({ delayOutOfRange: 40, originMissing: 5825 })
  expect(rows).toEqual([[40, 5825, 0]])
})

test('68 tables in one folder, each a table of its own, with the rows the manifest says', async () => {
  const tables = first.filter((file) => file.source === 'tables')
  expect(tables).toHaveLength(68)
  expect(new Set(tables.map((file) => path.parse(file.path).name)).size).toBe(68)
  for (const extension of ['parquet', 'csv', 'json']) {
    for (const file of tables.filter((table) => table.path.endsWith(`.${extension}`)))
      expect(await count(file.path), file.path).toEqual({ rows: file.rows })
  }
})

test('the stations are windows-1252 with decimal commas, and not UTF-8', () => {
  const bytes = gunzipSync(readFileSync(path.join(zone, 'stations/stations-2001.csv.gz')))
  expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow()
  const [header, ...lines] = new TextDecoder('windows-1252').decode(bytes).trim().split('\n')
  expect(header).toBe('code;bezeichnung;ort;staat;breite;länge')
  expect(lines).toHaveLength(3376)
  expect(lines.filter((line) => line.includes('’'))).toHaveLength(9)
  expect(lines[0]).toBe('00M;Thigpen;Báy Springs;MS;31,95376472;-89,23450472')
})

test('what is sent twice is the same to the byte', () => {
  const twins = second.filter((file) => file.kind === 'duplicate')
  expect(twins).toHaveLength(2)
  for (const twin of twins) expect(hash(twin.path)).toBe(hash(twin.duplicateOf ?? ''))
})

test('every file landed in the past', () => {
  const latest = Math.max(...[...first, ...second].map((file) => statSync(path.join(zone, file.path)).mtimeMs))
  expect(new Date(latest).getUTCFullYear()).toBe(2001)
})

function sumOf(source: LandedFile['source'], kind: LandedFile['kind']): number {
  return [...first, ...second]
    .filter((file) => file.source === source && file.kind === kind)
    .reduce((sum, file) => sum + file.rows, 0)
}

async function count(glob: string, without: readonly string[] = []): Promise<{ readonly rows: number }> {
  const session = await openDuckDB()
  const found = await session.query(`SELECT file FROM glob(${session.dialect.literal(path.join(zone, glob))})`)
  const files = found.rows.map(([file]) => String(file)).filter((file) => !without.some((part) => file.includes(part)))
  const reader = { parquet: 'read_parquet', csv: 'read_csv', json: 'read_json' }[glob.split('.').at(-1) ?? ''] ?? ''
  const { rows } = await session.query(
    `SELECT count(*) FROM ${reader}([${files.map((file) => session.dialect.literal(file)).join(', ')}])`,
  )
  await session.close()
  return { rows: Number(rows[0]?.[0]) }
}

function hash(relative: string): string {
  return createHash('sha256')
    .update(readFileSync(path.join(zone, relative)))
    .digest('hex')
}
