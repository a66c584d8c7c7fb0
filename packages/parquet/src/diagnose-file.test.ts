import { gzipSync, zstdCompressSync } from 'node:zlib'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { messageOf, type ByteSource, type Diagnosis, type FileFormat, type Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { diagnoseFile, FINDING_CODES, readFooter } from './index.ts'

let folder: string
let session: Session
/** 6,000 rows in three row groups, columns of several types. */
let sound: Buffer
let other: Buffer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB()
  sound = await build(
    "SELECT i AS id, 'name ' || i AS name, i / 7 AS share, [i, i + 1] AS list, {'a': i} AS \"a struct\" FROM range(6000) t(i)",
    'ROW_GROUP_SIZE 2048',
  )
  other = await build('SELECT 1 AS x', '')
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a sound file has no findings and tells its rows and columns', async () => {
  const diagnosis = await diagnose(sound)
  expect(diagnosis).toMatchObject({
    kind: 'sound',
    verdict: 'ok',
    detected: 'parquet',
    findings: [],
    rows: 6000,
    rowGroups: 3,
    sizeBytes: sound.length,
  })
  expect(diagnosis.schema).toEqual([
    { name: 'id', type: 'BIGINT' },
    { name: 'name', type: 'VARCHAR' },
    { name: 'share', type: 'DOUBLE' },
    { name: 'list', type: 'BIGINT[]' },
    { name: 'a struct', type: 'STRUCT("a" BIGINT)' },
  ])
  expect(diagnosis.createdBy).toContain('DuckDB')
})

test('the schema has the engine’s own type names', async () => {
  const types = [
    'BOOLEAN',
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'UTINYINT',
    'USMALLINT',
    'UINTEGER',
    'UBIGINT',
    'FLOAT',
    'DOUBLE',
    'DECIMAL(18,3)',
    'DATE',
    'TIME',
    'TIMESTAMP',
    'TIMESTAMP_NS',
    'TIMESTAMP WITH TIME ZONE',
    'UUID',
    'BLOB',
    'VARCHAR',
    'JSON',
    'INTERVAL',
    'MAP(VARCHAR, INTEGER[])',
  ]
  const bytes = await build(`SELECT ${types.map((type, index) => `CAST(NULL AS ${type}) AS c${index}`).join(', ')}`, '')
  expect((await diagnose(bytes)).schema?.map(({ type }) => type)).toEqual(types)
})

describe('damaged Parquet', () => {
  const footerBytes = (): number => sound.readUInt32LE(sound.length - 8)
  const cases: readonly (readonly [
    what: string,
    make: () => Uint8Array,
    verdict: Diagnosis['verdict'],
    codes: readonly string[],
  ])[] = [
    ['an empty file', () => Buffer.alloc(0), 'unrecoverable', ['PQ101']],
    ['eight bytes', () => Buffer.from('PAR1PAR1'), 'unrecoverable', ['PQ102']],
    ['zeros', () => Buffer.alloc(5000), 'not-parquet', ['PQ103']],
    ['text', () => Buffer.from('id,name\n1,a\n2,b\n'), 'not-parquet', ['PQ103']],
    ['an HTML page', () => Buffer.from('<!DOCTYPE html><html><body>404</body></html>'), 'not-parquet', ['PQ103']],
    ['a zeroed head', () => edit(sound, (bytes) => bytes.fill(0, 0, 4)), 'repairable-lossless', ['PQ104']],
    [
      'a file cut in the data',
      () => sound.subarray(0, Math.floor(sound.length / 2)),
      'repairable-lossy',
      ['PQ105', 'PQ201'],
    ],
    [
      'a file cut in the footer',
      () => sound.subarray(0, sound.length - Math.floor(footerBytes() / 3)),
      'repairable-lossy',
      ['PQ105', 'PQ202'],
    ],
    ['one byte missing', () => sound.subarray(0, -1), 'repairable-lossless', ['PQ106']],
    ['three bytes missing', () => sound.subarray(0, -3), 'repairable-lossless', ['PQ106']],
    ['a newline at the end', () => Buffer.concat([sound, Buffer.from('\n')]), 'repairable-lossless', ['PQ107']],
    ['zeros at the end', () => Buffer.concat([sound, Buffer.alloc(4096)]), 'repairable-lossless', ['PQ107']],
    [
      'a byte order mark in front',
      () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), sound]),
      'repairable-lossless',
      ['PQ108'],
    ],
    ['bytes in front', () => Buffer.concat([Buffer.alloc(1000, 7), sound]), 'repairable-lossless', ['PQ108']],
    ['the same file twice', () => Buffer.concat([sound, sound]), 'repairable-lossless', ['PQ109']],
    ['a gzip around it', () => gzipSync(sound), 'repairable-lossless', ['PQ110']],
    ['a gzip around a text', () => gzipSync('id,name\n1,a\n'), 'not-parquet', ['PQ110']],
    ['a zstd around it', () => zstdCompressSync(sound), 'repairable-lossless', ['PQ110']],
    [
      'an encrypted footer',
      () => edit(sound, (bytes) => bytes.write('PARE', bytes.length - 4)),
      'encrypted',
      ['PQ112'],
    ],
    [
      'a footer length of zero',
      () => edit(sound, (bytes) => bytes.writeUInt32LE(0, bytes.length - 8)),
      'repairable-lossless',
      ['PQ203'],
    ],
    [
      'a footer length off by one',
      () => edit(sound, (bytes) => bytes.writeUInt32LE(footerBytes() - 1, bytes.length - 8)),
      'repairable-lossless',
      ['PQ203'],
    ],
    [
      'a huge footer length',
      () => edit(sound, (bytes) => bytes.writeUInt32LE(0xff_ff_ff_ff, bytes.length - 8)),
      'repairable-lossless',
      ['PQ203'],
    ],
    [
      'a garbled footer',
      () => edit(sound, (bytes) => bytes.fill(0xff, bytes.length - 8 - footerBytes(), bytes.length - 8)),
      'unrecoverable',
      ['PQ204'],
    ],
    ['a zeroed first page', () => edit(sound, (bytes) => bytes.fill(0, 4, 60)), 'repairable-lossy', ['PQ301']],
  ]
  for (const [what, make, verdict, codes] of cases)
    test(`${what} is ${verdict} with ${codes.join(' and ')}`, async () => {
      const diagnosis = await diagnose(make())
      expect(diagnosis.findings.map(({ code }) => code)).toEqual(codes)
      expect(diagnosis).toMatchObject({ kind: 'unreadable', verdict })
      for (const found of diagnosis.findings)
        expect([found.name, found.message.endsWith('.')]).toEqual([FINDING_CODES[found.code as 'PQ101'].name, true])
    })

  test('another file in front hides the first one: it is not read as the second', async () => {
    const joined = await diagnose(Buffer.concat([other, sound]))
    expect(joined.kind).toBe('unreadable')
    expect(joined.findings.map(({ code }) => code)).toEqual(['PQ109'])
  })

  test('numbers in the evidence are those of the file', async () => {
    const trailing = await diagnose(Buffer.concat([sound, Buffer.alloc(77)]))
    expect(trailing.findings[0]?.evidence).toEqual({ trailingBytes: 77, content: 'zeros' })
    expect(trailing.findings[0]?.where).toEqual({ offset: sound.length, length: 77 })
    const leading = await diagnose(Buffer.concat([Buffer.alloc(9), sound]))
    expect(leading.findings[0]?.evidence).toEqual({ leadingBytes: 9 })
    const joined = await diagnose(Buffer.concat([sound, sound]))
    expect(joined.findings[0]?.evidence).toMatchObject({ firstFileBytes: sound.length, files: 2, sameSchema: true })
  })

  test('bytes that are missing before the footer are counted', async () => {
    const footerOffset = sound.length - 8 - footerBytes()
    const footer = sound.subarray(footerOffset)
    const shortened = Buffer.concat([sound.subarray(0, footerOffset - 1000), footer])
    const { findings } = await diagnose(shortened)
    expect(findings.map(({ code, evidence }) => [code, evidence?.['delta']])).toEqual([['PQ115', -1000]])
  })

  test('columns whose names are reserved or differ only by case are named', async () => {
    const reserved = await diagnose(await build('SELECT 1 AS "__TG_row"', ''))
    expect(reserved).toMatchObject({ kind: 'unreadable', findings: [{ code: 'PQ220', where: { column: '__TG_row' } }] })
  })
})

describe('text', () => {
  const csv = 'id,name\n1,a\n2,b\n'
  const cases: readonly (readonly [
    what: string,
    bytes: Uint8Array | string,
    name: string,
    expected: FileFormat | 'auto',
    detected: Diagnosis['detected'],
    codes: readonly string[],
  ])[] = [
    ['CSV', csv, 'a.csv', 'csv', 'csv', []],
    ['CSV by its content', csv, 'a', 'auto', 'csv', []],
    ['a single column', 'id\n1\n', 'a.csv', 'csv', 'csv', []],
    ['CSV in gzip', gzipSync(csv), 'a.csv.gz', 'csv', 'csv', []],
    ['CSV in zstd', zstdCompressSync(csv), 'a.csv.zst', 'auto', 'csv', []],
    ['UTF-16', Buffer.from(`\ufeff${csv}`, 'utf16le'), 'a.csv', 'csv', 'csv', []],
    ['windows-1252', Buffer.from('name\nMüller\n', 'latin1'), 'a.csv', 'csv', 'csv', []],
    ['a JSON array', '[{"a":1},\n{"a":2}]', 'a.json', 'json', 'json', []],
    ['a JSON document', '{\n"features": [{"a":1}]}', 'a.json', 'auto', 'json', []],
    ['NDJSON', '{"a":1}\n{"a":2}\n', 'a.json', 'auto', 'ndjson', []],
    ['an empty file', '', 'a.csv', 'csv', 'empty', ['PQ101']],
    ['an empty file in gzip', gzipSync(''), 'a.csv.gz', 'csv', 'empty', ['PQ101']],
    ['a NUL byte', 'a,b\n1,\0\n', 'a.csv', 'csv', 'binary', ['PQ701']],
    ['binary in gzip', gzipSync(Buffer.from([1, 0, 2])), 'a.csv.gz', 'csv', 'binary', ['PQ701']],
    [
      'a broken gzip',
      Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(50, 9)]),
      'a.csv.gz',
      'csv',
      'gzip',
      ['PQ704'],
    ],
    ['HTML named CSV', '<html><body>Not found</body></html>', 'a.csv', 'csv', 'html', ['PQ707']],
    ['CSV where JSON was agreed', csv, 'a.json', 'json', 'csv', ['PQ707']],
    ['JSON where CSV was agreed', '[{"a":1}]', 'a.csv', 'csv', 'json', ['PQ707']],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
      'a.csv',
      'csv',
      'lfs-pointer',
      ['PQ707'],
    ],
    ['a zip archive', Buffer.from('PK\u0003\u0004xxxx'), 'a.csv', 'auto', 'zip', ['PQ707']],
  ]
  for (const [what, bytes, name, expected, detected, codes] of cases)
    test(`${what} (${name} as ${expected}) is ${detected} with ${codes.length === 0 ? 'no findings' : codes.join(', ')}`, async () => {
      const diagnosis = await diagnose(Buffer.from(bytes), { name, expected })
      expect([diagnosis.detected, diagnosis.findings.map(({ code }) => code)]).toEqual([detected, codes])
      expect(diagnosis.kind).toBe(codes.length === 0 ? 'sound' : 'unreadable')
    })

  test('a decompression bomb is looked at without unpacking it', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024, 'a,b\n'))
    expect(bomb.length).toBeLessThan(64 * 1024)
    expect(await diagnose(bomb, { name: 'a.csv.zst', expected: 'csv' })).toMatchObject({
      kind: 'sound',
      detected: 'csv',
    })
  })
})

test('2,000 mutations never throw, never hang, and always say the same', async () => {
  const random = xorshift(20_260_101)
  const seeds = [
    other,
    await build("SELECT i, 'x' || i AS s FROM range(40) t(i)", ''),
    await build('SELECT {a: [i]} AS n FROM range(9) t(i)', 'COMPRESSION uncompressed'),
  ]
  let unreadable = 0
  for (let run = 0; run < 2000; run++) {
    const bytes = mutate(seeds[run % seeds.length] as Buffer, random)
    const diagnosis = await diagnose(bytes)
    if (diagnosis.kind === 'unreadable') unreadable++
    expect(diagnosis.kind === 'unreadable').toBe(
      diagnosis.findings.some(({ severity }) => severity === 'error' || severity === 'fatal'),
    )
    if (run % 10 === 0) expect(await diagnose(bytes)).toEqual(diagnosis)
    const footer = await readFooter(sourceOf(bytes))
    expect(['ok', 'bad']).toContain(footer.kind)
  }
  expect(unreadable).toBeGreaterThan(1000)
}, 60_000)

test('what the source throws is not swallowed', async () => {
  const failing: ByteSource = { ...sourceOf(sound), read: async () => await Promise.reject(new Error('disk on fire')) }
  const outcome = await diagnoseFile(failing, { name: 'a.parquet', expected: 'parquet', level: 'footer' }).catch(
    messageOf,
  )
  expect(outcome).toBe('disk on fire')
})

async function build(select: string, options: string): Promise<Buffer> {
  const path = join(folder, 'built.parquet')
  await session.query(
    `COPY (${select}) TO ${session.dialect.literal(path)} (${['FORMAT parquet', ...(options === '' ? [] : [options])].join(', ')})`,
  )
  return readFileSync(path)
}

async function diagnose(
  bytes: Uint8Array,
  options: { readonly name: string; readonly expected: FileFormat | 'auto' } = {
    name: 'a.parquet',
    expected: 'parquet',
  },
): Promise<Diagnosis> {
  return await diagnoseFile(sourceOf(bytes), { ...options, level: 'footer' })
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => {
      if (!Number.isSafeInteger(offset) || offset < 0 || length < 0) throw new Error(`read at ${offset}, ${length}`)
      return bytes.slice(offset, offset + length)
    },
    close: async () => {},
  }
}

function edit(bytes: Buffer, change: (copy: Buffer) => unknown): Buffer {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}

function mutate(bytes: Buffer, random: () => number): Buffer {
  let copy = Buffer.from(bytes)
  const pick = (below: number): number => Math.floor(random() * below)
  const footer = bytes.readUInt32LE(bytes.length - 8) + 8
  for (let count = 1 + pick(3); count > 0; count--) {
    // Most damage goes to the footer, where the decoding is.
    const at = random() < 0.7 ? Math.max(0, copy.length - 1 - pick(footer)) : pick(copy.length)
    const kind = pick(5)
    if (copy.length < 13) break
    if (kind <= 1) copy[at] = (copy[at] ?? 0) ^ (1 << pick(8))
    else if (kind === 2) copy[at] = pick(256)
    else if (kind === 3) copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + pick(40))])
    else copy = Buffer.concat([copy.subarray(0, at), Buffer.alloc(pick(40), pick(256)), copy.subarray(at)])
  }
  return copy
}

function xorshift(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
