import { describe, expect, test } from 'vitest'

import { header, v1Fields, v2Fields, type HeaderParts } from '../testing/hand-built-pages.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { readPageHeader } from './read-page-header.ts'

const V1: HeaderParts = { type: 0, uncompressed: 100, compressed: 60, fields: v1Fields(25, 8) }

test('a V1 header is read with its CRC as an unsigned number', () => {
  const bytes = header({ ...V1, crc: 0xfe_dc_ba_98 })
  expect(readPageHeader(bytes, 0, 4)).toEqual({
    kind: 'page',
    page: {
      offset: 4,
      headerBytes: bytes.length,
      kind: 'data-v1',
      compressedBytes: 60,
      uncompressedBytes: 100,
      values: 25,
      encoding: 8,
      definitionEncoding: 3,
      repetitionEncoding: 3,
      v2: undefined,
      crc: 0xfe_dc_ba_98,
    },
  })
})

test('a V2 header says that it is compressed unless it says otherwise', () => {
  const parts = { type: 3, uncompressed: 50, fields: v2Fields(10, 2, 9, 0, 3, 4) }
  expect(readPageHeader(header(parts), 0, 4)).toMatchObject({
    page: { kind: 'data-v2', v2: { rows: 9, nulls: 2, definitionBytes: 3, repetitionBytes: 4, compressed: true } },
  })
  const stored = { ...parts, fields: v2Fields(10, 2, 9, 0, 3, 4, false) }
  expect(readPageHeader(header(stored), 0, 4)).toMatchObject({ page: { v2: { compressed: false } } })
})

test('statistics are passed over, however long', () => {
  // Field 6 (min_value), a binary of 70,000 bytes: its length is A2 A2 04... as a varint F0 A2 04.
  const statistics = Uint8Array.from([0x68, 0xf0, 0xa2, 0x04, ...Array.from({ length: 70_000 }, () => 7), 0])
  const bytes = header({ ...V1, fields: [...v1Fields(25), [5, statistics]] })
  expect(readPageHeader(bytes, 0, 4)).toMatchObject({ page: { headerBytes: bytes.length, values: 25 } })
  expect(readPageHeader(bytes.subarray(0, 9000), 0, 4)).toMatchObject({ kind: 'no-page', truncated: true })
})

describe('what no writer can have meant is no page', () => {
  const cases: readonly (readonly [string, HeaderParts])[] = [
    ['a negative size', { ...V1, uncompressed: -1 }],
    ['a negative stored size', { ...V1, compressed: -5 }],
    ['a body larger than any codec makes it', { ...V1, compressed: 5000 }],
    ['negative values', { ...V1, fields: v1Fields(-1) }],
    ['values without bytes', { ...V1, uncompressed: 0, compressed: 0 }],
    ['an unknown encoding', { ...V1, fields: v1Fields(25, 11) }],
    ['BIT_PACKED values', { ...V1, fields: v1Fields(25, 4) }],
    ['delta-encoded levels', { ...V1, fields: v1Fields(25, 0, 5) }],
    ['a missing field', { ...V1, fields: v1Fields(25).slice(0, 3) }],
    ['a number where the statistics belong', { ...V1, fields: [...v1Fields(25), [5, 3]] }],
    [
      'a dictionary with an encoding of data',
      {
        ...V1,
        type: 2,
        fields: [
          [1, 3],
          [2, 8],
        ],
      },
    ],
    ['more NULLs than values', { ...V1, type: 3, fields: v2Fields(10, 11, 9, 0, 3, 4) }],
    ['more rows than values', { ...V1, type: 3, fields: v2Fields(10, 2, 11, 0, 3, 4) }],
    ['levels larger than the page', { ...V1, type: 3, fields: v2Fields(10, 2, 9, 0, 50, 14) }],
    ['a flag that is a number', { ...V1, type: 3, fields: [...v2Fields(10, 2, 9, 0, 3, 4), [7, 1]] }],
    ['an unknown type', { ...V1, type: 4 }],
  ]
  test.each(cases)('%s', (_, parts) => {
    expect(readPageHeader(header(parts), 0, 4)).toMatchObject({ kind: 'no-page', truncated: false })
  })

  test('a header struct of another type', () => {
    const bytes = header(V1)
    // Type 2 (dictionary) with the struct of a V1 page.
    bytes[1] = 4
    expect(readPageHeader(bytes, 0, 4)).toMatchObject({ kind: 'no-page' })
  })
})

test('every cut of a header is known to be cut', () => {
  const bytes = header({ ...V1, crc: 12_345 })
  for (let length = 1; length < bytes.length; length++)
    expect(readPageHeader(bytes.subarray(0, length), 0, 4), `${length} bytes`).toMatchObject({
      kind: 'no-page',
      truncated: true,
    })
})

test('random bytes are never a page', () => {
  const random = seededRandom('read-page-header')
  const bytes = random.bytes(2_000_000)
  let pages = 0
  for (let at = 0; at < bytes.length; at++) if (readPageHeader(bytes, at, at).kind === 'page') pages++
  expect(pages).toBe(0)
})
