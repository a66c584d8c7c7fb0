import { createHash, randomBytes } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import type { ByteSource } from '@tidegate/core'

import { followSource } from './follow-source.ts'

const MIB = 1024 * 1024
const bytes = randomBytes(3 * MIB + 17)
const sha256 = createHash('sha256').update(bytes).digest('hex')

/** Counts what is read; changes when it is told to. */
function open(content: Buffer = bytes): ByteSource & { readonly counted: () => number } {
  let count = 0
  return {
    sizeBytes: content.length,
    async read(offset, length) {
      const part = content.subarray(offset, offset + length)
      count += part.length
      return Uint8Array.from(part)
    },
    close: async () => {},
    counted: () => count,
  }
}

describe('a source that is hashed while it is copied', () => {
  test('of a copy from the first to the last byte, no byte is read twice', async () => {
    const source = open()
    const followed = followSource(source, undefined)
    for (let at = 0; at < bytes.length; at += MIB) {
      const part = await followed.source.read(at, MIB)
      expect(Buffer.compare(part, bytes.subarray(at, at + MIB))).toBe(0)
    }
    expect(await followed.finish()).toBe(sha256)
    expect(source.counted()).toBe(bytes.length)
  })

  test.each([
    ['nothing was read', []],
    ['the head and the tail were left out', [[100, 5000]]],
    [
      'pieces overlap',
      [
        [0, 2000],
        [1000, 3000],
        [10, 20],
      ],
    ],
    [
      'pieces go backwards',
      [
        [2 * MIB, 40],
        [5, 40],
        [MIB, 40],
      ],
    ],
    ['a read leads beyond the end', [[3 * MIB, MIB]]],
  ])('where %s, the hash is that of all bytes', async (_what, reads) => {
    const followed = followSource(open(), undefined)
    for (const [offset = 0, length = 0] of reads) {
      const part = await followed.source.read(offset, length)
      expect(Buffer.compare(part, bytes.subarray(offset, offset + length))).toBe(0)
    }
    expect(await followed.finish()).toBe(sha256)
  })

  test('a byte that differs when it is copied is in the hash, though it is right again later', async () => {
    const changing = Buffer.from(bytes)
    const followed = followSource(open(changing), undefined)
    changing[7] = (changing[7] ?? 0) ^ 1
    await followed.source.read(0, 100)
    changing[7] = (changing[7] ?? 0) ^ 1
    expect(await followed.finish()).not.toBe(sha256)
  })

  test('a source that became shorter ends; one that is stopped stops', async () => {
    const shorter: ByteSource = { ...open(bytes.subarray(0, 100)), sizeBytes: bytes.length }
    expect(await followSource(shorter, undefined).finish()).toBe(
      createHash('sha256').update(bytes.subarray(0, 100)).digest('hex'),
    )
    await expect(followSource(open(), AbortSignal.abort()).finish()).rejects.toThrow()
  })
})
