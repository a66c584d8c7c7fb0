/** Few bytes that claim to be gigabytes: a finding, in no time and without the memory. */
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { bytesSource } from '../testing/byte-source.ts'
import { compressBody } from '../testing/compress-body.ts'
import { handBuiltFile, type HandBuiltColumn } from '../testing/hand-built-file.ts'
import {
  dataPage,
  dictionaryPage,
  header,
  join,
  plainTexts,
  run,
  v1Fields,
  varint,
} from '../testing/hand-built-pages.ts'
import { i32 } from '../thrift/thrift-value.ts'
import { diagnose } from './diagnose.ts'

const GIB = 1024 ** 3
const [INT32, BYTE_ARRAY, FIXED] = [1, 6, 7] as const

async function codesOf(column: HandBuiltColumn): Promise<readonly string[]> {
  const bytes = handBuiltFile(column)
  expect(bytes.length).toBeLessThan(64 * 1024)
  const before = process.memoryUsage().rss
  const started = performance.now()
  const { findings, kind } = await diagnose(bytesSource(bytes), { level: 'values' })
  expect(performance.now() - started).toBeLessThan(5000)
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
  expect(kind).toBe('unreadable')
  return findings.map(({ code }) => code)
}

const MEBIBYTE = new Uint8Array(1024 * 1024)
const PACKED = {
  gzip: [2, gzipSync(MEBIBYTE)],
  brotli: [4, brotliCompressSync(MEBIBYTE)],
  zstd: [6, zstdCompressSync(MEBIBYTE)],
  snappy: [1, compressBody(MEBIBYTE.subarray(0, 64 * 1024), 'SNAPPY')],
  lz4_raw: [7, lz4Zeros(MEBIBYTE.length)],
} as const

/** One literal, repeated: a token, the literal, a distance of 1, and the length in steps of 255. */
function lz4Zeros(length: number): Uint8Array {
  const more = length - 1 - 19
  const steps = Array.from({ length: Math.floor(more / 255) }, () => 255)
  return Uint8Array.from([0x1f, 0, 1, 0, ...steps, more % 255, 0x10, 0])
}

describe('pages that say they unfold to 2 GiB, and whose bytes prove that they do not', () => {
  for (const [name, [codec, body]] of Object.entries(PACKED))
    test(name, async () => {
      const head = header({ type: 0, uncompressed: 2 * GIB - 1, compressed: body.length, fields: v1Fields(2 ** 29) })
      expect(await codesOf({ pages: [join(head, body)], values: 2 ** 29, physicalType: INT32, codec })).toContain(
        'PQ305',
      )
    })
})

describe('pages that unfold to more than they say', () => {
  for (const [name, [codec, body]] of Object.entries(PACKED))
    test(name, async () => {
      const head = header({ type: 0, uncompressed: 64, compressed: body.length, fields: v1Fields(16) })
      const codes = await codesOf({ pages: [join(head, body)], values: 16, physicalType: INT32, codec })
      expect(['PQ305', 'PQ304']).toContain(codes[0])
    })
})

test('a run of two billion dictionary entries', async () => {
  const count = 2 ** 31 - 1
  const pages = [dictionaryPage(Uint8Array.of(1, 0, 0, 0), 1), dataPage(join([1], run(0, count, 1)), count, 8)]
  expect(await codesOf({ pages, values: count, physicalType: INT32 })).toEqual(['PQ315'])
})

test('a run of a million long texts', async () => {
  const count = 2 ** 20
  const pages = [
    dictionaryPage(join(plainTexts('x'.repeat(20_000))), 1),
    dataPage(join([1], run(0, count, 1)), count, 8),
  ]
  expect(await codesOf({ pages, values: count, physicalType: BYTE_ARRAY })).toEqual(['PQ315'])
})

test('a dictionary of two billion entries of no bytes', async () => {
  const count = 2 ** 31 - 1
  const pages = [
    join(
      header({
        type: 2,
        uncompressed: 1,
        fields: [
          [1, count],
          [2, 0],
        ],
      }),
      [0],
    ),
    dataPage(join([1], run(0, 1, 1)), 1, 8),
  ]
  const codes = await codesOf({ pages, values: 1, physicalType: FIXED, element: { 2: i32(0) } })
  expect(codes.length).toBeGreaterThan(0)
})

test('differences that claim 2^62 values, and a block of 2^31 values without bits', async () => {
  const huge = (count: number): number[] => {
    const half = varint(count)
    return [...varint(128), ...varint(4), ...half, 0]
  }
  const claimed = dataPage(join(huge(2 ** 62)), 10, 5)
  expect(await codesOf({ pages: [claimed], values: 10, physicalType: INT32 })).toEqual(['PQ310'])
  const count = 2 ** 31 - 1
  const flat = dataPage(join(varint(2 ** 31), varint(1), varint(count), [0, 0, 0]), count, 5)
  expect(await codesOf({ pages: [flat], values: count, physicalType: INT32 })).toEqual(['PQ315'])
})

test('levels that claim two billion NULLs in a column that has none', async () => {
  const count = 2 ** 31 - 1
  const codes = await codesOf({ pages: [dataPage(join(run(0, count, 1)), count)], values: count, physicalType: INT32 })
  expect(codes.length).toBeGreaterThan(0)
})
