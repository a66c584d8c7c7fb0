import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readFooter } from '../../read-footer.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import type { LostFooterPlan } from '../stages.ts'
import { planLostFooter } from './plan-lost-footer.ts'

let folder: string
let session: Session

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Columns as SQL over `i`. First and last are of one type, as a cascade of wrong columns needs it. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  'of many types': [
    'i',
    '(i * 7 % 1000)::INT',
    'sin(i)',
    "'word ' || (i % 31)",
    "'u' || i * 7919",
    "TIMESTAMP '2024-01-01' + INTERVAL 1 SECOND * i",
    "DATE '2024-01-01' + (i % 90)::INT",
    'i % 2 = 0',
    'i % 13',
    'i * 3 % 97',
  ],
  'all of 64-bit integers': [
    'i',
    'i % 5',
    'i * 7919',
    'i % 97',
    '-i',
    'i * i',
    'i % 3',
    'i % 1000',
    '1000000 + i % 11',
  ],
  'of five 64-bit integers': ['i', 'i % 5', 'i * 7919', 'i % 97', 'i * i'],
}

const OTHERS: readonly (readonly [what: string, change: (columns: readonly string[]) => readonly number[]])[] = [
  ['lacks the first column', (columns) => without(columns, 0)],
  ['lacks the last column', (columns) => without(columns, columns.length - 1)],
  ['lacks a column in the middle', (columns) => without(columns, 3)],
  ['lacks the last two columns', (columns) => without(columns, columns.length - 1).slice(0, -1)],
  ['has one more at the end', (columns) => [...columns.keys(), 0]],
  ['has one more at the start', (columns) => [0, ...columns.keys()]],
]

describe.each(Object.keys(TABLES))('a sibling of a table %s', (table) => {
  const columns = TABLES[table] ?? []

  it.each(OTHERS)('that %s is not trusted', { timeout: 60_000 }, async (what, change) => {
    const file = await write([...columns.keys()], columns, 0, 3)
    const data = await dataOf(file)
    const sibling = join(folder, 'sibling.parquet')
    writeFileSync(sibling, await write(change(columns), columns, 500, 3))
    for (const end of [data, Math.floor(data * 0.9)]) {
      const plan = await planned(file.subarray(0, end), sibling)
      expect([what, end === data, plan.kind, plan.confidence]).toEqual([
        what,
        end === data,
        'refused',
        expect.stringMatching(/weak|rejected/),
      ])
    }
  })

  it('that has the same columns is', { timeout: 60_000 }, async () => {
    const file = await write([...columns.keys()], columns, 0, 3)
    const data = await dataOf(file)
    const sibling = join(folder, 'right.parquet')
    writeFileSync(sibling, await write([...columns.keys()], columns, 500, 3))
    for (const [end, groups] of [
      [data, 3],
      [Math.floor(data * 0.9), 2],
    ] as const) {
      const plan = await planned(file.subarray(0, end), sibling)
      expect([plan.doubts.filter((doubt) => !doubt.includes('stored alike')), plan.kind, plan.confidence]).toEqual([
        [],
        'salvaged',
        'strong',
      ])
      expect(plan.rowGroups.map(({ rows }) => rows)).toEqual(Array<number>(groups).fill(2048))
    }
  })
})

it('columns that all look the same do not tell how many they are', async () => {
  const columns = Array.from({ length: 7 }, (_, index) => `i + ${index * 10}`)
  const file = await write([...columns.keys()], columns, 0, 3)
  const sibling = join(folder, 'same.parquet')
  writeFileSync(sibling, await write(without(columns, 2), columns, 500, 3))
  const data = await dataOf(file)
  for (const end of [data, Math.floor(data * 0.6)])
    expect(await planned(file.subarray(0, end), sibling)).toMatchObject({ kind: 'refused', confidence: 'weak' })
})

it('a pipe in a table log is passed over', async () => {
  const table = join(folder, 'piped')
  mkdirSync(join(table, '_delta_log'), { recursive: true })
  execFileSync('mkfifo', [join(table, '_delta_log', `${'0'.repeat(20)}.json`)])
  const plan = await planLostFooter(bytesSource(Buffer.from('PAR1')), { schema: [{ deltaTable: table }] })
  expect(plan).toMatchObject({ kind: 'refused' })
})

describe.each(['UNCOMPRESSED', 'SNAPPY'] as const)('pages of equal rows, no dictionaries, %s', (codec) => {
  const kinds: readonly ((row: number) => number)[] = [
    (row) => row,
    (row) => row % 5,
    (row) => row * 7919,
    (row) => -row,
    (row) => row % 97,
    (row) => 100_000 + (row % 11),
  ]
  const rows = 3000
  const write = (columns: readonly number[], from: number): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        codec,
        rowGroupSize: 1000,
        pageSize: 2000,
        columnData: columns.map((column, place) => ({
          name: `c${place}`,
          type: 'INT64',
          encoding: 'PLAIN',
          nullable: false,
          data: Array.from({ length: rows }, (_, row) => BigInt(kinds[column]?.(row + from) ?? 0)),
        })),
      }),
    )
  const all = [...kinds.keys()]

  it.each([
    ['lacks the first', all.slice(1)],
    ['lacks the last', all.slice(0, -1)],
    ['lacks one in the middle', all.filter((column) => column !== 2)],
    ['has one more', [...all, 0]],
  ] as const)('a sibling that %s column is not trusted', async (what, columns) => {
    const file = write(all, 0)
    const data = await dataOf(file)
    const sibling = join(folder, 'equal.parquet')
    writeFileSync(sibling, write(columns, 400))
    for (const end of [data, Math.floor(data * 0.92)]) {
      const plan = await planned(file.subarray(0, end), sibling)
      expect([what, end === data, plan.kind]).toEqual([what, end === data, 'refused'])
    }
  })

  it('a sibling with the same columns is', async () => {
    const file = write(all, 0)
    const data = await dataOf(file)
    const sibling = join(folder, 'equal-right.parquet')
    writeFileSync(sibling, write(all, 400))
    for (const end of [data, Math.floor(data * 0.92)])
      expect(await planned(file.subarray(0, end), sibling)).toMatchObject({ kind: 'salvaged', confidence: 'strong' })
  })
})

it('a sibling of one row group that lacks a column is not trusted', async () => {
  const columns = TABLES['all of 64-bit integers'] ?? []
  const file = await write([...columns.keys()], columns, 0, 1)
  const sibling = join(folder, 'one.parquet')
  writeFileSync(sibling, await write(without(columns, 2), columns, 500, 1))
  const plan = await planned(file.subarray(0, await dataOf(file)), sibling)
  expect(plan).toMatchObject({ kind: 'refused', confidence: 'weak' })
})

function without(columns: readonly string[], index: number): number[] {
  return [...columns.keys()].filter((column) => column !== index)
}

async function write(
  chosen: readonly number[],
  columns: readonly string[],
  from: number,
  groups: number,
): Promise<Buffer> {
  const path = join(folder, 'written.parquet')
  const select = chosen.map((column, place) => `${columns[column]} AS c${place}`).join(', ')
  const rows = `range(${from}, ${from + groups * 2048}) t(i)`
  await session.query(
    `COPY (SELECT ${select} FROM ${rows}) TO '${path}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 2048)`,
  )
  return readFileSync(path)
}

/** Where the pages end. */
async function dataOf(file: Uint8Array): Promise<number> {
  const outcome = await readFooter(bytesSource(file))
  if (outcome.kind === 'bad') throw new Error('DuckDB wrote a file that cannot be read')
  return Math.max(...outcome.footer.rowGroups.flatMap(({ chunks }) => chunks.map(({ end }) => end)))
}

async function planned(bytes: Uint8Array, sibling: string): Promise<LostFooterPlan> {
  return await planLostFooter(bytesSource(bytes), { schema: [{ sibling }] })
}
