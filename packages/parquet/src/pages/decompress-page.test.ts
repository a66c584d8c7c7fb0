import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { join } from '../testing/hand-built-pages.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { CODEC, decompressPage } from './decompress-page.ts'
import { snappyLength, unfoldSnappy } from './snappy.ts'

const TEXT = Buffer.from('abcabcabcabcabcabc-0123456789')
/** Length 29; 'abc' as it is; 15 bytes from 3 back (a copy of up to 64); the rest as it is. */
const SNAPPY = Uint8Array.from([
  29,
  2 << 2,
  ...Buffer.from('abc'),
  (14 << 2) | 2,
  3,
  0,
  10 << 2,
  ...Buffer.from('-0123456789'),
])
/** Three literals, a match of 15 from 3 back; then eleven literals. */
const LZ4 = Uint8Array.from([0x3b, ...Buffer.from('abc'), 3, 0, 0xb0, ...Buffer.from('-0123456789')])
const HADOOP = join([0, 0, 0, 29, 0, 0, 0, LZ4.length], LZ4)

const STORED: readonly (readonly [string, number, Uint8Array])[] = [
  ['UNCOMPRESSED', CODEC.UNCOMPRESSED, TEXT],
  ['SNAPPY', CODEC.SNAPPY, SNAPPY],
  ['GZIP', CODEC.GZIP, gzipSync(TEXT)],
  ['GZIP, really zlib', CODEC.GZIP, deflateSync(TEXT)],
  ['BROTLI', CODEC.BROTLI, brotliCompressSync(TEXT)],
  ['ZSTD', CODEC.ZSTD, zstdCompressSync(TEXT)],
  ['LZ4_RAW', CODEC.LZ4_RAW, LZ4],
  ['LZ4 in Hadoop frames', CODEC.LZ4, HADOOP],
  ['LZ4 as a bare block', CODEC.LZ4, LZ4],
]

describe.each(STORED)('%s', (_, codec, stored) => {
  test('unfolds to what was stored', () => {
    const outcome = decompressPage(stored, codec, TEXT.length)
    expect(outcome).toMatchObject({ kind: 'ok' })
    if (outcome.kind === 'ok') expect(Buffer.from(outcome.bytes).toString()).toBe(TEXT.toString())
  })

  test('another size than declared is a finding', () => {
    for (const size of [0, 1, TEXT.length - 1, TEXT.length + 1, TEXT.length * 100])
      expect(decompressPage(stored, codec, size), `${size}`).toMatchObject({ kind: 'fault' })
  })

  test('no cut and no flipped bit throws or unfolds to another size', () => {
    const random = seededRandom('decompress', codec)
    for (let round = 0; round < 400; round++) {
      const bytes = Uint8Array.from(stored.subarray(0, round % 3 === 0 ? random.below(stored.length) : stored.length))
      for (let flip = 0; flip < random.below(3); flip++) {
        const at = random.below(bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      }
      const outcome = decompressPage(bytes, codec, TEXT.length)
      if (outcome.kind === 'ok') expect(outcome.bytes).toHaveLength(TEXT.length)
    }
  })
})

test('a bare LZ4 block is told as a variant that not all readers know', () => {
  expect(decompressPage(LZ4, CODEC.LZ4, 29)).toMatchObject({ findings: [{ code: 'PQ316', severity: 'info' }] })
  expect(decompressPage(HADOOP, CODEC.LZ4, 29)).toMatchObject({ findings: [] })
})

test('several Hadoop frames, and several blocks in one frame, follow each other', () => {
  expect(decompressPage(join(HADOOP, HADOOP), CODEC.LZ4, 58)).toMatchObject({ kind: 'ok', findings: [] })
  const block = join([0, 0, 0, LZ4.length], LZ4)
  expect(decompressPage(join([0, 0, 0, 58], block, block), CODEC.LZ4, 58)).toMatchObject({ kind: 'ok', findings: [] })
})

test('a page above the limit is a finding before anything is allocated', () => {
  const bomb = brotliCompressSync(Buffer.alloc(4096))
  expect(decompressPage(bomb, CODEC.BROTLI, 2 ** 31 - 1)).toMatchObject({ finding: { code: 'PQ315' } })
  expect(decompressPage(bomb, CODEC.BROTLI, 200 * 2 ** 20)).toMatchObject({ finding: { code: 'PQ315' } })
  expect(decompressPage(bomb, CODEC.BROTLI, 4096, { maxPageBytes: 4095 })).toMatchObject({ finding: { code: 'PQ315' } })
})

test('a body that unfolds to more than declared stops at the declared size', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  const before = process.memoryUsage().arrayBuffers
  expect(decompressPage(bomb, CODEC.GZIP, 1000)).toMatchObject({ finding: { code: 'PQ305' } })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
})

test('LZO and codecs that do not exist are unknown', () => {
  for (const codec of [CODEC.LZO, 8, -1])
    expect(decompressPage(TEXT, codec, 29)).toMatchObject({ finding: { code: 'PQ213' } })
})

test('an empty body of nothing is nothing, in every codec', () => {
  for (const codec of [0, 1, 2, 4, 5, 6, 7])
    expect(decompressPage(new Uint8Array(0), codec, 0)).toMatchObject({ kind: 'ok' })
})

describe('Snappy elements', () => {
  test('every form of copy and of literal is followed', () => {
    // 70 literals with a length byte; a copy of 4 to 11 from 70 back; one with a 4-byte distance.
    const literals = Buffer.from(Array.from({ length: 70 }, (_, at) => at))
    const input = Uint8Array.from([81, 60 << 2, 69, ...literals, ((7 - 4) << 2) | 1, 70, (3 << 2) | 3, 70, 0, 0, 0])
    const output = new Uint8Array(81)
    expect(snappyLength(input)).toEqual({ length: 81, at: 1 })
    expect(unfoldSnappy(input, 1, output)).toBe(true)
    expect([...output.subarray(70)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('a copy from before the start, of nothing back, or beyond the end is refused', () => {
    const tries = [
      [4, 0, 65, (2 << 2) | 2, 2, 0],
      [4, 0, 65, (2 << 2) | 2, 0, 0],
      [4, 0, 65, (3 << 2) | 2, 1, 0],
      [4, 0, 65, (2 << 2) | 2],
      [4, 3 << 2, 65],
      [5, 0, 65, (2 << 2) | 2, 1, 0],
    ]
    for (const input of tries)
      expect(unfoldSnappy(Uint8Array.from(input), 1, new Uint8Array(input[0] as number)), `${input}`).toBe(false)
  })
})
