import type { ByteSource } from '@tidegate/core'
import { expect, test } from 'vitest'

import { bytesSource } from '../testing/byte-source.ts'
import { dataPage, header, int32, join, v1Fields, varint, zigzag } from '../testing/hand-built-pages.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import type { WalkItem } from './page.ts'
import { walkPages, type WalkOptions } from './walk-pages.ts'

const random = seededRandom('walk-pages')
const MAGIC = Buffer.from('PAR1')
/** Five REQUIRED INT32. */
const PAGE = dataPage(Uint8Array.from([1, 2, 3, 4, 5].flatMap(int32)), 5)
const PADDING = new Uint8Array(40)
/** ColumnMetaData: INT64, [PLAIN], path "a", SNAPPY, 5 values, sizes 60 and 50, data page at 4. */
const METADATA = Uint8Array.from([
  0x15, 4, 0x19, 0x15, 0, 0x19, 0x18, 1, 0x61, 0x15, 2, 0x16, 10, 0x16, 120, 0x16, 100, 0x26, 8, 0,
])

test('pages follow each other to the end', async () => {
  const items = await walk(join(MAGIC, PAGE, PAGE, PAGE))
  expect(outline(items)).toEqual([
    ['page', 4, PAGE.length],
    ['page', 4 + PAGE.length, PAGE.length],
    ['page', 4 + 2 * PAGE.length, PAGE.length],
  ])
})

test('padding and inline column metadata are gaps of their own kind', async () => {
  const items = await walk(join(MAGIC, PAGE, METADATA, PAGE, PADDING, PAGE, [0, 0, 0], PAGE))
  expect(outline(items).map(([kind, , length]) => [kind, length])).toEqual([
    ['page', PAGE.length],
    ['column-metadata', METADATA.length],
    ['page', PAGE.length],
    ['zeros', 40],
    ['page', PAGE.length],
    ['zeros', 3],
    ['page', PAGE.length],
  ])
})

test('behind damage the walk goes on at the next page', async () => {
  const noise = random.bytes(3_000_000)
  const items = await walk(join(MAGIC, PAGE, noise, PAGE, PAGE))
  expect(outline(items)).toEqual([
    ['page', 4, PAGE.length],
    ['no-header', 4 + PAGE.length, noise.length],
    ['page', 4 + PAGE.length + noise.length, PAGE.length],
    ['page', 4 + 2 * PAGE.length + noise.length, PAGE.length],
  ])
})

test('a page whose body was cut off is a gap that tells what the page claims', async () => {
  const items = await walk(join(MAGIC, PAGE, PAGE.subarray(0, 20)))
  expect(items[1]).toMatchObject({ kind: 'gap', because: 'page-cut', length: 20, claimed: { values: 5 } })
})

test('the last page stays a page although the footer follows it', async () => {
  // FileMetaData: version 1, then a list of structs.
  const footer = [0x15, 2, 0x19, 0x2c, ...random.bytes(50)]
  const items = await walk(join(MAGIC, random.bytes(30), PAGE, footer))
  expect(outline(items).map(([kind]) => kind)).toEqual(['no-header', 'page', 'no-header'])
})

test('a page size that is too large does not swallow the pages behind it', async () => {
  const body = random.bytes(500)
  const big = dataPage(body, 125)
  const lying = join(
    header({ type: 0, uncompressed: 500, compressed: 500 + big.length + 77, fields: v1Fields(125) }),
    body,
  )
  const items = await walk(join(MAGIC, lying, big, big, big))
  expect(outline(items)).toEqual([
    ['page-size', 4, lying.length],
    ['page', 4 + lying.length, big.length],
    ['page', 4 + lying.length + big.length, big.length],
    ['page', 4 + lying.length + 2 * big.length, big.length],
  ])
})

test('a page size that is too small leaves a gap and no page is invented', async () => {
  const body = random.bytes(500)
  const lying = join(header({ type: 0, uncompressed: 500, compressed: 430, fields: v1Fields(125) }), body)
  const items = await walk(join(MAGIC, lying, PAGE, PAGE))
  expect(outline(items).map(([kind, , length]) => [kind, length])).toEqual([
    ['page', lying.length - 70],
    ['no-header', 70],
    ['page', PAGE.length],
    ['page', PAGE.length],
  ])
})

test('a Parquet file stored as a value is not taken for pages, even when the next header is damaged', async () => {
  const inner = join(MAGIC, PAGE, PAGE, [0x15, 2, 0x19, 0x2c], random.bytes(60))
  const outer = dataPage(join(random.bytes(100), inner, random.bytes(100)), 9)
  const damaged = join([0xff, 0xff, 0xff], PAGE.subarray(3))
  const items = await walk(join(MAGIC, outer, damaged, PAGE))
  expect(outline(items)).toEqual([
    ['page', 4, outer.length],
    ['no-header', 4 + outer.length, damaged.length],
    ['page', 4 + outer.length + damaged.length, PAGE.length],
  ])
})

test('a header with two megabytes of statistics is read', async () => {
  const length = 2_000_000
  const statistics = Buffer.concat([Buffer.from([0x68, ...varint(length)]), Buffer.alloc(length, 7), Buffer.from([0])])
  const base = header({ type: 0, uncompressed: 20, fields: v1Fields(5) })
  // The statistics are field 5 of the V1 struct, in front of the two stops.
  const long = Buffer.concat([base.subarray(0, base.length - 2), Buffer.from([0x1c]), statistics, Buffer.from([0, 0])])
  const items = await walk(Buffer.concat([MAGIC, long, new Uint8Array(20).fill(1), PAGE]))
  expect(outline(items)).toEqual([
    ['page', 4, long.length + 20],
    ['page', 24 + long.length, PAGE.length],
  ])
})

test('more pages than allowed end in one gap', async () => {
  const items = await walk(join(MAGIC, PAGE, PAGE, PAGE), { limits: { maxPages: 2 } })
  expect(outline(items).map(([kind, , length]) => [kind, length])).toEqual([
    ['page', PAGE.length],
    ['page', PAGE.length],
    ['limit', PAGE.length],
  ])
})

test('an aborted walk rejects', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(walk(join(MAGIC, PAGE), { signal })).rejects.toThrow('enough')
})

test('only headers are read: 100 MB in 200 pages cost less than 5 MB', async () => {
  const body = 500_000
  const head = header({ type: 0, uncompressed: body, fields: v1Fields(body / 4) })
  const one = head.length + body
  let read = 0
  // The bodies are 0xFF, made when they are read.
  const source: ByteSource = {
    sizeBytes: 4 + 200 * one,
    read: async (offset, length) => {
      read += length
      const bytes = Buffer.alloc(length, 0xff)
      for (let page = Math.max(0, Math.floor((offset - 4) / one)); 4 + page * one < offset + length; page++)
        for (const [index, byte] of head.entries()) {
          const at = 4 + page * one + index - offset
          if (at >= 0 && at < length) bytes[at] = byte
        }
      return bytes
    },
    close: async () => {},
  }
  let pages = 0
  for await (const item of walkPages(source)) if (item.kind === 'page') pages++
  expect(pages).toBe(200)
  expect(read).toBeLessThan(5_000_000)
})

test('bytes made to look like pages everywhere are given up on in time', async () => {
  // Each begins like a page whose statistics of 15 MB are not there, or whose body leads nowhere.
  const endless = header({ type: 0, uncompressed: 900_000, fields: v1Fields(5) }).subarray(0, -2)
  const one = join(endless, [0x1c, 0x68, 0xc0, 0xc3, 0x93, 0x07])
  const lost = header({ type: 0, uncompressed: 700, fields: v1Fields(5) })
  const bytes = Buffer.alloc(20_000_000)
  for (let at = 4; at + 80 < bytes.length; at += 80) bytes.set(join(one, lost, [0xff, 0xff]), at)
  const begun = performance.now()
  const items = await walk(bytes)
  expect(items.length).toBeGreaterThan(0)
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('bytes that claim millions of nested structs do not fill the memory', async () => {
  // ColumnMetaData whose encodings are a list of 15 million empty structs.
  const bytes = Buffer.concat([
    MAGIC,
    Buffer.from([0x15, 0, 0x19, 0xfc, ...varint(15_000_000)]),
    Buffer.alloc(16_000_000),
    PAGE,
  ])
  const before = process.memoryUsage().rss
  const items = await walk(bytes)
  expect(items.at(-1)).toMatchObject({ kind: 'page' })
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
})

test('long runs of zeros are one gap', async () => {
  const items = await walk(Buffer.concat([MAGIC, PAGE, Buffer.alloc(5_000_003), PAGE]))
  expect(outline(items).map(([kind, , length]) => [kind, length])).toEqual([
    ['page', PAGE.length],
    ['zeros', 5_000_003],
    ['page', PAGE.length],
  ])
})

test('the items always cover the range, whatever the bytes are', async () => {
  for (let round = 0; round < 300; round++) {
    const bytes = join(MAGIC, PAGE, METADATA, PAGE, PADDING, PAGE, zigzag(round), PAGE)
    for (let flip = 0; flip < 1 + (round % 4); flip++) bytes[random.below(bytes.length)] = random.below(256)
    let at = 4
    for (const [, offset, length] of outline(await walk(bytes))) {
      expect(offset).toBe(at)
      expect(length).toBeGreaterThan(0)
      at += length
    }
    expect(at).toBe(bytes.length)
  }
})

async function walk(bytes: Uint8Array, options: WalkOptions = {}): Promise<WalkItem[]> {
  return await Array.fromAsync(walkPages(bytesSource(bytes), options))
}

function outline(items: readonly WalkItem[]): [kind: string, offset: number, length: number][] {
  return items.map((item) =>
    item.kind === 'page'
      ? ['page', item.page.offset, item.page.headerBytes + item.page.compressedBytes]
      : [item.because, item.offset, item.length],
  )
}
