import { expect, test } from 'vitest'

import { compressBody } from './compress-body.ts'
import { decompressBody } from './decompress-body.ts'
import { seededRandom } from './seeded-random.ts'

test('every codec gives back what went in, and the same bytes whatever came before', () => {
  const random = seededRandom('bodies')
  const repetitive = new TextEncoder().encode('abcabcabcd'.repeat(20_000))
  const bodies = [new Uint8Array(), Uint8Array.of(7), random.bytes(59), random.bytes(70_000), repetitive]
  for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'LZ4_RAW', 'BROTLI'])
    for (const body of bodies) {
      const packed = compressBody(body, codec)
      const again = decompressBody(packed, codec, body.length)
      expect([codec, body.length, again === undefined ? -1 : Buffer.compare(again, body)]).toEqual([
        codec,
        body.length,
        0,
      ])
      compressBody(random.bytes(1000), codec)
      expect(Buffer.compare(compressBody(body, codec), packed)).toBe(0)
    }
  expect(compressBody(repetitive, 'SNAPPY').length).toBeLessThan(repetitive.length / 10)
})
