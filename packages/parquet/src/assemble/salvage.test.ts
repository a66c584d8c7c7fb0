import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Cell, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { assessSchema } from '../repair/lost-footer/assess-schema.ts'
import type { LostFooterOptions } from '../repair/lost-footer/plan-lost-footer.ts'
import { planOfAssessment } from '../repair/lost-footer/plan-of-assessment.ts'
import type { LostFooterPlan } from '../repair/stages.ts'
import { writePieces } from '../repair/write-pieces.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { SLOW } from '../testing/lane.ts'
import { findCutFooter } from './find-cut-footer.ts'
import { schemaFromFile, type SchemaSource } from './schema-sources.ts'

const ROWS = 10_000
const GROUP_ROWS = 2048

let folder: string
let session: Session

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB()
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

const CODECS = ['snappy', 'zstd', 'gzip', 'uncompressed', 'lz4_raw', 'brotli'] as const
// The fast lane has each codec with one kind of pages.
const CUTS = CODECS.map((codec, index) => ({ codec, versions: SLOW ? ['V1', 'V2'] : [index % 2 === 0 ? 'V1' : 'V2'] }))

describe.each(CUTS)('a $codec file that was cut', ({ codec, versions }) => {
  it.each(versions)(
    'gives back every complete row group and nothing else (%s pages)',
    { timeout: 60_000 },
    async (version) => {
      const options = `CODEC '${codec}', PARQUET_VERSION '${version}', ROW_GROUP_SIZE ${GROUP_ROWS}`
      const file = await copy(`${codec}-${version}`, mixedRows(1, ROWS), options)
      const sibling = await copy(`${codec}-${version}-sibling`, mixedRows(777, 3 * GROUP_ROWS), options)
      const schema = await schemaOf(readFileSync(sibling), 'sibling')
      const bytes = readFileSync(file)
      const groups = await groupEnds(file)
      for (const share of [0.3, 0.5, 0.75, 0.99, 1]) {
        const length = Math.floor(footerStart(bytes) * share)
        const cut = join(folder, 'cut.parquet')
        writeFileSync(cut, bytes.subarray(0, length))
        const intact = groups.filter(({ end }) => end <= length).reduce((sum, { rows }) => sum + rows, 0)

        const plan = await salvage(cut, schema)
        if (intact === 0) {
          expect(plan).toMatchObject({ kind: 'refused', because: expect.stringContaining('no row group') })
          continue
        }
        expect(plan).toMatchObject({ kind: 'salvaged', confidence: 'strong', rowsLost: undefined })
        expect(rowsOf(plan)).toBe(intact)
        const out = await written(cut, plan)
        expect(await single(`SELECT count(*)::INT FROM read_parquet('${out}')`)).toBe(intact)
        expect(await single(`SELECT count(*)::INT FROM (FROM '${out}' EXCEPT ALL FROM '${file}')`)).toBe(0)
        const [kept] = plan.pieces
        if (kept?.kind !== 'source') throw new Error('the bytes of the file come first')
        expect(kept.offset).toBe(0)
        expect(readFileSync(out).subarray(0, kept.length).equals(bytes.subarray(0, kept.length))).toBe(true)

        const filled = await salvage(cut, schema, { partialRowGroup: 'null-fill' })
        const more = await written(cut, filled)
        const names = ['i', 'b', 'd', 'k', 's', 't', 'f', 'l', 'n'] as const
        const wrong = names
          .map((name) => `(o.${name} IS NOT NULL AND o.${name} IS DISTINCT FROM f.${name})`)
          .join(' OR ')
        const joined = `(FROM '${more}' SELECT *, row_number() OVER () AS place) o JOIN (FROM '${file}' SELECT *, row_number() OVER () AS place) f USING (place)`
        expect(await single(`SELECT count(*)::INT FROM ${joined} WHERE ${wrong}`)).toBe(0)
        expect(await single(`SELECT count(*)::INT FROM read_parquet('${more}')`)).toBe(rowsOf(filled))
        expect(rowsOf(filled) - partialRowsOf(filled)).toBe(intact)
      }
    },
  )
})

describe('the remains of a footer', () => {
  it('give the schema, the row count and the row groups that are complete; the rest comes from the pages', async () => {
    const file = await copy('remains', mixedRows(1, ROWS), `ROW_GROUP_SIZE ${GROUP_ROWS}`)
    const bytes = readFileSync(file)
    const start = footerStart(bytes)
    const own: number[] = []
    for (const share of [0.12, 0.6, 0.9, 0.999]) {
      const cut = join(folder, 'cut.parquet')
      writeFileSync(cut, bytes.subarray(0, start + Math.floor((bytes.length - 8 - start) * share)))
      const schema = await findCutFooter(bytesSource(readFileSync(cut)))
      if (schema === undefined) throw new Error('no schema was found')
      own.push(schema.ownGroups?.length ?? 0)
      expect(schema).toMatchObject({ from: 'partial-footer', rows: ROWS, footerOffset: start })
      const plan = await salvage(cut, schema)
      expect(plan).toMatchObject({ kind: 'salvaged', confidence: 'proven', rowsLost: 0, loss: [] })
      expect(rowsOf(plan)).toBe(ROWS)
      await expectSameRows(await written(cut, plan), file)
    }
    expect(own[0]).toBe(0)
    expect(own.at(-1)).toBeGreaterThan(3)
  })

  it('are of use without a sibling even where hardly any rows can be told apart', async () => {
    const file = await copy(
      'alike',
      'SELECT i::DOUBLE AS a, i + 0.5::DOUBLE AS b, sin(i) AS c, cos(i) AS d FROM range(9000) t(i)',
      'ROW_GROUP_SIZE 2048',
    )
    const bytes = readFileSync(file)
    const cut = join(folder, 'cut.parquet')
    writeFileSync(cut, bytes.subarray(0, footerStart(bytes) + Math.floor((bytes.length - footerStart(bytes)) * 0.7)))
    const schema = await findCutFooter(bytesSource(readFileSync(cut)))
    if (schema === undefined) throw new Error('no schema was found')
    expect(schema.ownGroups?.length).toBeGreaterThan(0)
    const plan = await salvage(cut, schema)
    expect(plan).toMatchObject({ kind: 'salvaged', confidence: 'proven' })
    await expectSameRows(await written(cut, plan), file)
  })
})

describe('damage in the middle without a footer', () => {
  it('loses the row group that it hits and no other', async () => {
    const file = await copy('hole', mixedRows(1, ROWS), `ROW_GROUP_SIZE ${GROUP_ROWS}`)
    const bytes = Buffer.from(readFileSync(file))
    const schema = await schemaOf(bytes, 'sibling')
    const groups = await groupEnds(file)
    const [first, second] = groups
    if (first === undefined || second === undefined) throw new Error('two row groups are needed')
    const middle = Math.floor((first.end + second.end) / 2)
    bytes.fill(0xa5, middle, middle + 3000)
    const damaged = join(folder, 'damaged.parquet')
    writeFileSync(damaged, bytes.subarray(0, footerStart(bytes)))
    const plan = await salvage(damaged, schema, { onDamagedPage: 'drop-row-group' })
    expect(rowsOf(plan)).toBe(ROWS - GROUP_ROWS)
    const out = await written(damaged, plan)
    expect(await single(`SELECT count(*)::INT FROM (FROM '${out}' EXCEPT ALL FROM '${file}')`)).toBe(0)
    expect(await single(`SELECT count(*)::INT FROM read_parquet('${out}')`)).toBe(ROWS - GROUP_ROWS)

    // With NULLs in the damaged column, the columns before and after it stay.
    const filled = await salvage(damaged, schema)
    expect([rowsOf(filled), partialRowsOf(filled)]).toEqual([ROWS, GROUP_ROWS])
    const nulled = filled.rowGroups[1]?.columns.filter(({ nulledRows }) => nulledRows.length > 0) ?? []
    expect(nulled.map(({ column }) => column)).toEqual(['s'])
    const more = await written(damaged, filled)
    expect(
      await single(
        `SELECT count(*)::INT FROM (SELECT * EXCLUDE (s) FROM '${more}' EXCEPT ALL SELECT * EXCLUDE (s) FROM '${file}')`,
      ),
    ).toBe(0)
    expect(await single(`SELECT count(s)::INT FROM '${more}'`)).toBe(ROWS - GROUP_ROWS)
  })
})

describe('what must not be believed', () => {
  it('a schema of one column is never more than weak', async () => {
    const file = await copy('one', 'SELECT i::INT AS x FROM range(5000) t(i)', 'ROW_GROUP_SIZE 2048')
    const bytes = readFileSync(file)
    const cut = join(folder, 'cut.parquet')
    writeFileSync(cut, bytes.subarray(0, footerStart(bytes)))
    const schema = await schemaOf(bytes, 'sibling')
    expect(await salvage(cut, schema)).toMatchObject({ kind: 'refused', confidence: 'weak' })
    const plan = await salvage(cut, schema, { minConfidence: 'weak' })
    await expectSameRows(await written(cut, plan), file)
  })

  it('row groups of columns that look alike are refused without the size of a row group (PQ602)', async () => {
    const columns = Array.from({ length: 4 }, (_, index) => `sin(i * ${index + 1}) AS c${index}`).join(', ')
    const file = await copy(
      'ambiguous',
      `SELECT ${columns} FROM range(8192) t(i)`,
      "ROW_GROUP_SIZE 2048, CODEC 'uncompressed'",
    )
    const bytes = readFileSync(file)
    const cut = join(folder, 'cut.parquet')
    writeFileSync(cut, bytes.subarray(0, footerStart(bytes)))
    const schema = await schemaOf(bytes, 'sibling')
    const blind: SchemaSource = { ...schema, groupRows: [] }
    const refused = await salvage(cut, blind)
    expect(refused).toMatchObject({ kind: 'refused', confidence: 'weak' })
    expect(refused.findings.map(({ code }) => code)).toContain('PQ602')
    const plan = await salvage(cut, schema)
    expect(plan.kind).toBe('salvaged')
    expect(rowsOf(plan)).toBe(8192)
    await expectSameRows(await written(cut, plan), file)
  })

  it('the schema of another table is refused (PQ603), 300 random pairs of four columns and more', async () => {
    const random = seeded(20_240_501)
    const types = [
      'i::INT',
      'i * 3',
      'sin(i)',
      "'c' || (i % 17)",
      'md5(i::VARCHAR)',
      'i % 3 = 0',
      '[i, i % 5]',
      'cos(i)::FLOAT',
    ] as const
    const files: { readonly kinds: string; readonly bytes: Buffer }[] = []
    for (let index = 0; index < 18; index++) {
      const kinds = Array.from({ length: 4 + random(5) }, () => random(types.length))
      const select = kinds.map((kind, at) => `${types[kind]} AS c${at}`).join(', ')
      const rows = 2048 + random(4000)
      const path = await copy(`random-${index}`, `SELECT ${select} FROM range(${rows}) t(i)`, 'ROW_GROUP_SIZE 2048')
      files.push({ kinds: kinds.join(), bytes: readFileSync(path) })
    }
    let pairs = 0
    const accepted: string[] = []
    const cut = join(folder, 'cut.parquet')
    for (const file of files) {
      writeFileSync(cut, file.bytes.subarray(0, footerStart(file.bytes)))
      for (const other of files) {
        const plan = await salvage(cut, await schemaOf(other.bytes, 'sibling'))
        if (file.kinds === other.kinds) {
          if (file === other) expect(plan.kind).toBe('salvaged')
          continue
        }
        pairs++
        if (plan.kind === 'salvaged') accepted.push(`${file.kinds} read as ${other.kinds}`)
      }
    }
    expect(pairs).toBeGreaterThanOrEqual(300)
    expect(accepted).toEqual([])
  })
})

/** Eleven leaves: dictionary and plain texts, nested columns, NULLs. */
function mixedRows(seed: number, rows: number): string {
  return `SELECT i::INT AS i, (i * 7919 + ${seed})::BIGINT AS b, sin(i + ${seed}) AS d, 'k' || (i % 13) AS k,
    md5((i + ${seed})::VARCHAR) AS s, TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS t, i % 3 = 0 AS f,
    [i, i + 1, i % 5] AS l, CASE WHEN i % 4 = 0 THEN NULL ELSE (i % 1000)::INT END AS n, {x: i::INT, y: 'v' || (i % 7)} AS r
    FROM range(${rows}) t(i)`
}

async function copy(name: string, select: string, options: string): Promise<string> {
  const path = join(folder, `${name}.parquet`)
  await session.query(`COPY (${select}) TO '${path}' (FORMAT parquet${options === '' ? '' : `, ${options}`})`)
  return path
}

async function schemaOf(bytes: Uint8Array, from: 'sibling' | 'own-footer'): Promise<SchemaSource> {
  const schema = await schemaFromFile(bytesSource(bytes), from)
  if (schema === undefined) throw new Error('the file has no schema')
  return schema
}

async function salvage(path: string, schema: SchemaSource, options: LostFooterOptions = {}): Promise<LostFooterPlan> {
  const source = bytesSource(readFileSync(path))
  const assessment = await assessSchema(source, { schema, name: 'another file' }, options)
  return await planOfAssessment(source, assessment, [], options)
}

async function written(path: string, plan: LostFooterPlan): Promise<string> {
  const out = join(folder, 'out.parquet')
  rmSync(out, { force: true })
  await writePieces(bytesSource(readFileSync(path)), plan.pieces, out)
  return out
}

function rowsOf({ rowGroups }: LostFooterPlan): number {
  return rowGroups.reduce((sum, { rows }) => sum + rows, 0)
}

/** Rows of which some cells are NULL now. */
function partialRowsOf({ rowGroups }: LostFooterPlan): number {
  const partial = rowGroups.filter(({ columns }) => columns.some(({ nulledRows }) => nulledRows.length > 0))
  return partial.reduce((sum, { rows }) => sum + rows, 0)
}

async function expectSameRows(out: string, file: string): Promise<void> {
  expect(await single(`SELECT count(*)::INT FROM (FROM '${out}' EXCEPT ALL FROM '${file}')`)).toBe(0)
  expect(await single(`SELECT count(*)::INT FROM (FROM '${file}' EXCEPT ALL FROM '${out}')`)).toBe(0)
}

async function groupEnds(path: string): Promise<readonly { readonly rows: number; readonly end: number }[]> {
  const { rows } = await session.query(
    `SELECT max(row_group_num_rows)::INT, max(coalesce(least(dictionary_page_offset, data_page_offset), data_page_offset) + total_compressed_size)::INT FROM parquet_metadata('${path}') GROUP BY row_group_id ORDER BY row_group_id`,
  )
  return rows.map(([count, end]) => ({ rows: Number(count), end: Number(end) }))
}

async function single(sql: string): Promise<Cell | undefined> {
  return (await session.query(sql)).rows[0]?.[0]
}

function footerStart(bytes: Buffer): number {
  return bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
}

/** Whole numbers below `n`, always the same ones. */
function seeded(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
    return Math.floor((state / 0x80_00_00_00) * n)
  }
}
