import type { ByteSource } from '@tidegate/core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { findWrongChecksum, watchChecksums } from './find-wrong-checksum.ts'
import { bytesSource } from './testing/byte-source.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from './testing/sound-files.ts'

let files: SoundFiles
beforeAll(async () => {
  files = await openSoundFiles()
})
afterAll(() => files.close())

/** A source that counts the bytes read from it. */
function counted(bytes: Uint8Array): { readonly source: ByteSource; read(): number } {
  const source = bytesSource(bytes)
  let read = 0
  return {
    source: {
      ...source,
      async read(offset, length) {
        const part = await source.read(offset, length)
        read += part.length
        return part
      },
    },
    read: () => read,
  }
}

const WITH = SMALL_SPECS.filter(({ checksums }) => checksums)

test.each(SMALL_SPECS)('a sound file has no wrong one: $writer $shape $codec v$pages', async (spec) => {
  const { bytes } = await files.get(spec)
  expect(await findWrongChecksum(bytesSource(bytes))).toBeUndefined()
})

test.each(WITH)('one bit of any page is found at its page: $writer $shape $codec v$pages', async (spec) => {
  const file = await files.get(spec)
  const pages = file.layout.rowGroups.flatMap((group, rowGroup) =>
    group.chunks.flatMap(({ leaf, pages: own }) => own.map((page, number) => ({ rowGroup, leaf, page, number }))),
  )
  for (const [index, { rowGroup, leaf, page, number }] of pages.entries()) {
    const bytes = Uint8Array.from(file.bytes)
    const [from, to] = page.body
    const at = from + ((index * 7919) % (to - from))
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (index % 8))
    const column = file.layout.leaves[leaf]?.path.join('.')
    const where = { offset: page.header[0], length: to - page.header[0], rowGroup, column, page: number }
    expect(await findWrongChecksum(bytesSource(bytes))).toMatchObject({ code: 'PQ303', where })
  }
})

test('a file without checksums costs its footer and one small read', async () => {
  const file = await files.get({ ...WITH[0]!, checksums: false })
  const { source, read } = counted(file.bytes)
  expect(await findWrongChecksum(source)).toBeUndefined()
  expect(read()).toBeLessThan(64 * 1024 + 4096 + 1)
})

test.each([1, 7, 100, 4099])('shown on its way in blocks of %i bytes, the same page is found', async (block) => {
  const file = await files.get(WITH[0]!)
  const chunks = file.layout.rowGroups.flatMap(({ chunks: own }) => own)
  const page = chunks.at(-1)?.pages.at(-1)
  if (page === undefined) throw new Error('no page')
  for (const at of [undefined, page.body[1] - 1]) {
    const bytes = Uint8Array.from(file.bytes)
    if (at !== undefined) bytes[at] = (bytes[at] ?? 0) ^ 0x10
    const watch = watchChecksums(() => Promise.resolve(bytesSource(bytes)))
    let shown = 0
    for (let from = 0; from < bytes.length; from += block) {
      shown = Math.min(from + block, bytes.length)
      if (!(await watch.push(bytes.subarray(from, shown)))) break
    }
    expect(watch.found()?.where?.offset).toBe(at === undefined ? undefined : page.header[0])
    // The footer is nobody's page.
    expect(shown).toBeLessThan(page.body[1] + block)
  }
})

test('from the head alone it is known that there are none', async () => {
  const file = await files.get({ ...WITH[0]!, checksums: false })
  const watch = watchChecksums(() => Promise.reject(new Error('the footer was asked for')))
  expect(await watch.push(file.bytes)).toBe(false)
  expect(watch.found()).toBeUndefined()
})

test('what is no Parquet, and what is cut, is for others to say', async () => {
  const { bytes } = await files.get(WITH[0]!)
  expect(await findWrongChecksum(bytesSource(Buffer.from('id,name\n1,a\n')))).toBeUndefined()
  expect(await findWrongChecksum(bytesSource(new Uint8Array(0)))).toBeUndefined()
  expect(await findWrongChecksum(bytesSource(bytes.subarray(0, bytes.length >> 1)))).toBeUndefined()
})

test('pages that lie about their size end the look at their chunk', async () => {
  const file = await files.get(WITH[0]!)
  const page = file.layout.rowGroups[0]?.chunks[0]?.pages[0]
  if (page === undefined) throw new Error('no page')
  for (let at = page.header[0]; at < page.header[1]; at++)
    for (const value of [0x00, 0x7f, 0xff]) {
      const bytes = Uint8Array.from(file.bytes)
      bytes[at] = value
      const found = await findWrongChecksum(bytesSource(bytes))
      expect(found === undefined || found.code === 'PQ303').toBe(true)
    }
})
