/** Small files whose rows are known, with damage to chosen pages; expected rows are worked out by hand. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { JsonValue, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'

import { decodeFooter } from '../../decode-footer.ts'
import { viewOf } from '../../source/pieces.ts'
import { bytesSource } from '../../testing/byte-source.ts'
import { dataPagesOf, withoutHeaders } from '../../testing/damage-page.ts'
import { layoutOf } from '../../testing/layout.ts'
import { CODECS, openSoundFiles } from '../../testing/sound-files.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { itemsIn } from '../../thrift/thrift-value.ts'
import type { PagesPlan } from '../stages.ts'
import { planPages, type PagesOptions } from './plan-pages.ts'

let folder: string
let session: Session
let written = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

type Patched = Extract<PagesPlan, { kind: 'patched' }>

async function fileOf(query: string, options = ''): Promise<Uint8Array> {
  const path = join(folder, `${written++}.parquet`)
  await session.query(`COPY (${query}) TO '${path}' (FORMAT parquet, COMPRESSION gzip${options})`)
  return new Uint8Array(readFileSync(path))
}

async function planOf(bytes: Uint8Array, options: PagesOptions = {}): Promise<PagesPlan> {
  const offset = bytes.length - 8 - Buffer.from(bytes).readUInt32LE(bytes.length - 8)
  const end = bytes.length - 8
  const decoded = decodeFooter(bytes.subarray(offset, end), { footerOffset: offset, trailingBytes: 0 })
  if (decoded.kind === 'bad') throw new Error('no footer')
  const tree = parseThrift(bytes.subarray(offset, end)).struct
  return await planPages(bytesSource(bytes), { footer: decoded.footer, tree, steps: [] }, options)
}

async function patchedOf(bytes: Uint8Array, options?: PagesOptions): Promise<Patched> {
  const plan = await planOf(bytes, options)
  if (plan.kind !== 'patched') throw new Error(`${plan.kind}: ${plan.kind === 'refused' ? plan.because : ''}`)
  return plan
}

async function bytesOf(source: Uint8Array, { pieces }: Patched): Promise<Uint8Array> {
  const view = viewOf(bytesSource(source), pieces)
  return new Uint8Array(await view.read(0, view.sizeBytes))
}

async function rowsOf(bytes: Uint8Array, select = '*'): Promise<readonly (readonly JsonValue[])[]> {
  const path = join(folder, `${written++}.parquet`)
  writeFileSync(path, bytes)
  return (
    await session.query(
      `SELECT ${select} FROM read_parquet('${path}', file_row_number = true) ORDER BY file_row_number`,
    )
  ).rows as readonly (readonly JsonValue[])[]
}

/** Rows as hyparquet reads them, as JSON. */
async function foreignRowsOf(bytes: Uint8Array): Promise<unknown> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const rows = await parquetReadObjects({ file, compressors })
  return JSON.parse(
    JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : (value ?? null))),
  )
}

function damagedIn(bytes: Uint8Array, ...columns: readonly string[]): Uint8Array {
  const layout = layoutOf(bytes)
  return withoutHeaders(
    bytes,
    columns.flatMap((column) => dataPagesOf(layout, column)),
  )
}

const briefly = ({ loss }: Patched): unknown =>
  loss.map(({ column, rows, wrote, cells }) => [column, rows, wrote, cells])

describe('a struct', () => {
  const query = `SELECT * FROM (VALUES ({a: 1, b: 'p'}), (NULL), ({a: NULL, b: 'q'}), ({a: 4, b: NULL})) t(s)`

  it('stays, with NULL in the field that is damaged', async () => {
    const bytes = damagedIn(await fileOf(query), 's.a')
    const plan = await patchedOf(bytes)
    expect(briefly(plan)).toEqual([['s.a', [0, 4], 'null', 4]])
    const repaired = await bytesOf(bytes, plan)
    expect(await rowsOf(repaired, 's IS NULL, s.a, s.b')).toEqual([
      [false, null, 'p'],
      [true, null, null],
      [false, null, 'q'],
      [false, null, null],
    ])
    expect(await foreignRowsOf(repaired)).toEqual([
      { s: { a: null, b: 'p' } },
      { s: null },
      { s: { a: null, b: 'q' } },
      { s: { a: null, b: null } },
    ])
  })

  it('is NULL where all of its fields are damaged', async () => {
    const bytes = damagedIn(await fileOf(query), 's.a', 's.b')
    const plan = await patchedOf(bytes)
    expect(await rowsOf(await bytesOf(bytes, plan), 's IS NULL')).toEqual([[true], [true], [true], [true]])
    expect(plan.rowGroups[0]?.columns.map(({ status }) => status)).toEqual(['nulled', 'nulled'])
  })
})

describe('a list of structs', () => {
  it('keeps its lengths, with NULL in the field that is damaged', async () => {
    const rows = `([{a: 1, b: 'p'}, {a: 2, b: 'q'}]), ([]), (NULL), ([NULL, {a: NULL, b: 'r'}])`
    const bytes = damagedIn(await fileOf(`SELECT * FROM (VALUES ${rows}) t(l)`), 'l.list.element.a')
    const repaired = await bytesOf(bytes, await patchedOf(bytes))
    const expected = [
      {
        l: [
          { a: null, b: 'p' },
          { a: null, b: 'q' },
        ],
      },
      { l: [] },
      { l: null },
      { l: [null, { a: null, b: 'r' }] },
    ]
    expect(await foreignRowsOf(repaired)).toEqual(expected)
    expect(await rowsOf(repaired, 'to_json(l)::VARCHAR')).toEqual(
      expected.map(({ l }) => [l === null ? null : JSON.stringify(l)]),
    )
  })
})

describe('a list', () => {
  it('of numbers is NULL', async () => {
    const bytes = damagedIn(await fileOf('SELECT * FROM (VALUES ([1, 2]), ([]), (NULL)) t(l)'), 'l.list.element')
    const plan = await patchedOf(bytes)
    expect(briefly(plan)).toEqual([['l.list.element', [0, 3], 'null', 3]])
    expect(await rowsOf(await bytesOf(bytes, plan), 'l')).toEqual([[null], [null], [null]])
  })
})

describe('a map', () => {
  const query = `SELECT * FROM (VALUES (MAP {'k': 1, 'l': 2}), (MAP {}), (NULL), (MAP {'m': NULL})) t(m)`

  it('keeps its keys where the values are damaged', async () => {
    const bytes = damagedIn(await fileOf(query), 'm.key_value.value')
    const plan = await patchedOf(bytes)
    expect(briefly(plan)).toEqual([['m.key_value.value', [0, 4], 'null', 4]])
    const repaired = await bytesOf(bytes, plan)
    expect(await rowsOf(repaired, 'm IS NULL, map_keys(m)::VARCHAR, list_count(map_values(m))')).toEqual([
      [false, '[k, l]', 0],
      [false, '[]', 0],
      [true, null, null],
      [false, '[m]', 0],
    ])
  })

  it('is NULL where the keys are damaged, and the values are listed as lost too', async () => {
    const bytes = damagedIn(await fileOf(query), 'm.key_value.key')
    const plan = await patchedOf(bytes)
    expect(briefly(plan)).toEqual([
      ['m.key_value.key', [0, 4], 'null', 4],
      ['m.key_value.value', [0, 4], 'null', 4],
    ])
    const repaired = await bytesOf(bytes, plan)
    expect(await rowsOf(repaired, 'm IS NULL')).toEqual([[true], [true], [true], [true]])
    expect(await foreignRowsOf(repaired)).toEqual([{ m: null }, { m: null }, { m: null }, { m: null }])
  })
})

describe('a required field of an optional struct', () => {
  const count = 600
  const rows = Array.from({ length: count }, (_, row) => (row % 7 === 3 ? null : { a: row, b: `text ${row}` }))
  const bytes = (): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name: 's', data: rows }],
        schema: [
          { name: 'root', num_children: 1 },
          { name: 's', repetition_type: 'OPTIONAL', num_children: 2 },
          { name: 'a', type: 'INT32', repetition_type: 'REQUIRED' },
          { name: 'b', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        ],
        pageSize: 512,
      }),
    )

  it('takes the struct with it, in the rows of its page and in no others', async () => {
    const sound = bytes()
    const pages = dataPagesOf(layoutOf(sound), 's.a')
    const [from, to] = pages[1]?.rows ?? [0, 0]
    expect(pages.length).toBeGreaterThan(2)
    const damaged = withoutHeaders(sound, [pages[1]])
    const plan = await patchedOf(damaged)
    expect(briefly(plan)).toEqual([
      ['s.a', [from, to], 'null', to - from],
      ['s.b', [from, to], 'null', to - from],
    ])
    const expected = rows.map((row, index) => ({ s: index >= from && index < to ? null : row }))
    const repaired = await bytesOf(damaged, plan)
    expect(await foreignRowsOf(repaired)).toEqual(expected)
    expect(await rowsOf(repaired, 's.a, s.b')).toEqual(expected.map(({ s }) => [s?.a ?? null, s?.b ?? null]))
  })
})

describe('a required column', () => {
  test.each(CODECS)('becomes optional in all row groups and is read by both engines (%s)', async (codec) => {
    const files = await openSoundFiles()
    try {
      const spec = { shape: 'required', codec, dictionary: true, smallPages: true, checksums: true } as const
      const sound = await files.get({ ...spec, writer: 'arrow-rs', pages: 1 })
      const pages = dataPagesOf(sound.layout, 'code', 1)
      const [from, to] = pages[0]?.rows ?? [0, 0]
      const damaged = withoutHeaders(sound.bytes, [pages[0]])
      const plan = await patchedOf(damaged)
      expect(briefly(plan)).toEqual([['code', [from, to], 'null', to - from]])
      const repaired = await bytesOf(damaged, plan)
      const first = sound.layout.rowGroups[1]?.firstRow ?? 0
      const expected = (await rowsOf(sound.bytes, 'id, reading, code, value')).map((row, index) =>
        index >= first + from && index < first + to ? row.with(2, null) : row,
      )
      expect(await rowsOf(repaired, 'id, reading, code, value')).toEqual(expected)
      const foreign = (await foreignRowsOf(repaired)) as readonly { readonly code: string | null }[]
      expect(foreign.map(({ code }) => code)).toEqual(expected.map(([, , code]) => code))
      expect(await planOf(repaired)).toMatchObject({ kind: 'intact' })
    } finally {
      await files.close()
    }
  })
})

describe('damage can be answered in other ways', () => {
  const query = `SELECT i::INTEGER AS id, 'word ' || i AS word FROM range(5000) t(i)`
  const sound = async (): Promise<Uint8Array> => await fileOf(query, ', ROW_GROUP_SIZE 2048')

  it('by leaving the row group out', async () => {
    const bytes = await sound()
    const damaged = withoutHeaders(bytes, dataPagesOf(layoutOf(bytes), 'word', 1))
    const plan = await patchedOf(damaged, { onDamagedPage: 'drop-row-group' })
    expect(plan.loss).toMatchObject([{ sourceRowGroup: 1, rows: [0, 2048], wrote: 'left-out', cells: 0 }])
    expect(plan.rowGroups.map(({ sourceRowGroup }) => sourceRowGroup)).toEqual([0, 2])
    const ids = (await rowsOf(await bytesOf(damaged, plan), 'id')).map(([id]) => id)
    expect(ids).toEqual([...Array(2048).keys(), ...Array.from({ length: 904 }, (_, index) => 4096 + index)])
  })

  it('by naming the rows for a rewrite', async () => {
    const bytes = await sound()
    const damaged = withoutHeaders(bytes, dataPagesOf(layoutOf(bytes), 'word', 1))
    const plan = await patchedOf(damaged, { onDamagedPage: 'drop-rows' })
    expect(plan.dropRows).toEqual([[2048, 4096]])
    expect(plan.loss).toMatchObject([{ sourceRowGroup: 1, rows: [0, 2048], wrote: 'left-out', cells: 0 }])
  })

  it('by refusing, and there is nothing to refuse in a sound file', async () => {
    const bytes = await sound()
    const damaged = withoutHeaders(bytes, dataPagesOf(layoutOf(bytes), 'word', 1))
    expect(await planOf(damaged, { onDamagedPage: 'fail' })).toMatchObject({ kind: 'refused' })
    expect(await planOf(bytes, { onDamagedPage: 'fail' })).toMatchObject({ kind: 'intact' })
  })

  it('but not where a page is above the limits: nothing is known of it', async () => {
    const bytes = await sound()
    const damaged = withoutHeaders(bytes, dataPagesOf(layoutOf(bytes), 'word', 1))
    const limits = { maxPageBytes: 9000 }
    expect(await planOf(damaged, { limits })).toMatchObject({ kind: 'refused' })
    const untouched = await planOf(bytes, { limits })
    expect(untouched.kind).toBe('intact')
    expect(new Set(untouched.findings.map(({ code }) => code))).toEqual(new Set(['PQ315']))
  })
})

test('a corrected footer over sound pages is written behind the same prefix', async () => {
  const bytes = await fileOf('SELECT 1 AS i')
  const offset = bytes.length - 8 - Buffer.from(bytes).readUInt32LE(bytes.length - 8)
  const decoded = decodeFooter(bytes.subarray(offset, -8), { footerOffset: offset, trailingBytes: 0 })
  if (decoded.kind === 'bad') throw new Error('no footer')
  const { struct: tree } = parseThrift(bytes.subarray(offset, -8))
  const step = { code: 'PQ214', what: 'statistics are left out', lossless: true } as const
  const plan = await planPages(bytesSource(bytes), { footer: decoded.footer, tree, steps: [step] })
  expect(plan).toMatchObject({ kind: 'patched', steps: [step], loss: [], dropRows: [] })
  expect(itemsIn(tree, 4)).toHaveLength(1)
  expect(await bytesOf(bytes, plan as Patched)).toEqual(bytes)
})
