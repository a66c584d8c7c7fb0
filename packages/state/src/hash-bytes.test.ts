import { expect, test } from 'vitest'
import { fromHashBytes, toHashBytes } from './hash-bytes.ts'

test.each([
  '',
  'ab',
  'ab'.repeat(32),
  'AB'.repeat(32),
  'x'.repeat(30),
  'x'.repeat(31),
  'x'.repeat(32),
  '=',
  'é'.repeat(16),
])('a hash comes back as it was: %j', (hash) => {
  expect(fromHashBytes(toHashBytes(hash))).toBe(hash)
})

test('a SHA-256 takes 32 bytes, and nothing else does', () => {
  expect(toHashBytes('0f'.repeat(32))).toEqual(Buffer.alloc(32, 0x0f))
  for (let length = 0; length < 70; length += 1) expect(toHashBytes('g'.repeat(length))).not.toHaveLength(32)
})
