import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { bytesSource } from '../../testing/byte-source.ts'
import { runRepair } from '../repair.ts'
import type { RepairReport } from '../report.ts'
import { unpackFile, type UnpackLimits, type Unpacked } from './unpack-file.ts'

let base: string
let folder: string
let session: Session
let sound: Buffer

beforeAll(async () => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  session = await openDuckDB({ threads: 1 })
  await session.query(
    `COPY (SELECT i::INT AS i, md5(i::VARCHAR) AS n, i / 7 AS d, i % 5 AS k FROM range(9000) t(i)) TO '${path.join(base, 'sound.parquet')}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 2048)`,
  )
  sound = fs.readFileSync(path.join(base, 'sound.parquet'))
})
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(base, 'case-'))
})
afterAll(async () => {
  await session.close()
  fs.rmSync(base, { recursive: true, force: true })
})

describe('a packed file', () => {
  test.each<[string, () => Buffer]>([
    ['gzip', () => zlib.gzipSync(sound)],
    [
      'two gzip members',
      () => Buffer.concat([zlib.gzipSync(sound.subarray(0, 9999)), zlib.gzipSync(sound.subarray(9999))]),
    ],
    ['zstd', () => zlib.zstdCompressSync(sound)],
    ['a ZIP archive, deflated', () => zip([{ name: 'a.parquet', bytes: sound }])],
    [
      'a ZIP archive, stored, with a folder',
      () =>
        zip([
          { name: 'x/', bytes: Buffer.alloc(0) },
          { name: 'x/a.parquet', bytes: sound, stored: true },
        ]),
    ],
  ])('comes out of %s as it was', async (_how, pack) => {
    const report = await mend(pack())
    expect(report).toMatchObject({ status: 'repaired', summary: { lossless: true, untouchedPrefixBytes: 0 } })
    expect(report.summary.steps[0]?.code).toMatch(/^PQ1(10|08)$/)
    expect(fs.readFileSync(inside('out.parquet'))).toEqual(sound)
    expect(fs.readdirSync(folder).toSorted()).toEqual(['a.parquet', 'out.parquet'])
  })

  test('that is damaged inside is repaired as well', async () => {
    const report = await mend(zlib.gzipSync(Buffer.concat([sound, Buffer.alloc(7)])))
    expect(report.summary.steps.map(({ code }) => code)).toEqual(['PQ110', 'PQ107'])
    expect(fs.readFileSync(inside('out.parquet'))).toEqual(sound)
  })

  test('that was cut off gives the row groups before the cut', async () => {
    const packed = zlib.gzipSync(sound)
    const report = await mend(packed.subarray(0, Math.floor(packed.length * 0.8)))
    expect(report).toMatchObject({ status: 'partial', summary: { lossless: false } })
    expect(report.summary.findings.map(({ code }) => code)).toContain('PQ704')
    expect(report.summary.totals.rowsRecovered).toBeGreaterThanOrEqual(2048)
    const { rows } = await session.query(
      `SELECT count(*) FROM (FROM '${inside('out.parquet')}' EXCEPT ALL FROM '${path.join(base, 'sound.parquet')}')`,
    )
    expect(rows).toEqual([[0]])
  })

  test.each<[string, () => Buffer]>([
    [
      'an archive of two files',
      () =>
        zip([
          { name: 'a.parquet', bytes: sound },
          { name: 'b.parquet', bytes: sound },
        ]),
    ],
    ['gzip in gzip', () => zlib.gzipSync(zlib.gzipSync(sound))],
    ['an archive without directory', () => zip([{ name: 'a.parquet', bytes: sound }]).subarray(0, -40)],
    ['a wrong checksum in an archive', () => zip([{ name: 'a.parquet', bytes: sound, crc: 1 }])],
    ['a gzip with a flipped bit', () => flip(zlib.gzipSync(sound))],
  ])('that is %s is refused, and nothing is left', async (_what, pack) => {
    const report = await mend(pack())
    expect(report.status).toBe('refused')
    expect(report.summary.findings.length).toBeGreaterThan(0)
    expect(fs.readdirSync(folder)).toEqual(['a.parquet'])
  })

  test.each<[string, 'zip' | 'gzip', () => Buffer, RegExp]>([
    [
      'two files',
      'zip',
      () =>
        zip([
          { name: 'a', bytes: sound },
          { name: 'b', bytes: sound },
        ]),
      /holds 2 files/,
    ],
    ['no file', 'zip', () => zip([]), /empty/],
    ['a wrong checksum', 'zip', () => zip([{ name: 'a', bytes: sound, crc: 1 }]), /checksum/],
    ['an encrypted file', 'zip', () => zip([{ name: 'a', bytes: sound, flags: 1 }]), /encrypted/],
    ['another method', 'zip', () => zip([{ name: 'a', bytes: sound, method: 12 }]), /method 12/],
    ['no directory', 'zip', () => zip([{ name: 'a', bytes: sound }]).subarray(0, -40), /no directory/],
    ['a directory that lies', 'zip', () => lie(zip([{ name: 'a', bytes: sound }])), /directory/],
    ['a flipped bit', 'gzip', () => flip(zlib.gzipSync(sound)), /damaged/],
  ])('with %s is a finding', async (_what, packed, pack, why) => {
    const result = await unpack(pack(), packed)
    expect(result.kind === 'refused' ? result.finding.message : result.kind).toMatch(why)
  })
})

describe('a bomb', () => {
  test('is stopped by its ratio, long before the disk is full', async () => {
    expect(await unpack(zlib.zstdCompressSync(Buffer.alloc(64 * 2 ** 20)), 'zstd')).toMatchObject({
      kind: 'refused',
      finding: { code: 'PQ315' },
    })
    expect(size()).toBeLessThanOrEqual(16 * 2 ** 20)
    const gzip = zlib.gzipSync(Buffer.alloc(32 * 2 ** 20))
    expect(await unpack(gzip, 'gzip', { maxRatio: 100 })).toMatchObject({ kind: 'refused', finding: { code: 'PQ315' } })
  })

  test('is stopped by its size', async () => {
    const result = await unpack(zlib.gzipSync(sound), 'gzip', { maxBytes: 100_000 })
    expect(result).toMatchObject({ kind: 'refused', finding: { code: 'PQ903' } })
    expect(size()).toBeLessThanOrEqual(100_000)
  })
})

test('an abort ends an unpacking', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(unpackFile(bytesSource(zlib.gzipSync(sound)), 'gzip', inside('out'), { signal })).rejects.toThrow(
    'enough',
  )
})

async function mend(bytes: Uint8Array): Promise<RepairReport> {
  fs.writeFileSync(inside('a.parquet'), bytes)
  return await runRepair(inside('a.parquet'), inside('out.parquet'), {
    engine: { place: 'here' },
    schema: [{ sibling: path.join(base, 'sound.parquet') }],
  })
}

async function unpack(
  bytes: Uint8Array,
  packed: 'gzip' | 'zstd' | 'zip',
  limits?: Partial<UnpackLimits>,
): Promise<Unpacked> {
  fs.rmSync(inside('unpacked'), { force: true })
  return await unpackFile(bytesSource(bytes), packed, inside('unpacked'), { limits })
}

function size(): number {
  return fs.statSync(inside('unpacked')).size
}

function inside(name: string): string {
  return path.join(folder, name)
}

function flip(bytes: Buffer): Buffer {
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 0x55
  return bytes
}

/** The directory is said to be somewhere else. */
function lie(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(0x7f_ff_ff_00, bytes.length - 6)
  return bytes
}

interface Entry {
  readonly name: string
  readonly bytes: Buffer
  readonly stored?: boolean
  readonly crc?: number
  readonly flags?: number
  readonly method?: number
}

/** A ZIP archive, written by the text of its format. */
function zip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes, stored = false, crc = zlib.crc32(bytes), flags = 0, method = stored ? 0 : 8 } of entries) {
    const packed = stored ? bytes : zlib.deflateRawSync(bytes)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(flags, 2)
    shared.writeUInt16LE(method, 4)
    shared.writeUInt32LE(crc, 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(bytes.length, 18)
    shared.writeUInt16LE(name.length, 22)
    parts.push(Buffer.from('PK\u0003\u0004', 'latin1'), shared, Buffer.from(name), packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\u0001\u0002\u0014\0', 'latin1'), shared, rest, Buffer.from(name))
    offset += 30 + name.length + packed.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, listed, Buffer.from('PK\u0005\u0006', 'latin1'), end])
}
