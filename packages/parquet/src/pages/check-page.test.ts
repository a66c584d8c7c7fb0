import { crc32, gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { bytesSource } from '../testing/byte-source.ts'
import {
  dictionaryPage,
  header,
  int32,
  join,
  OPTIONAL_INT32,
  packed,
  plainTexts,
  REQUIRED_INT32,
  REQUIRED_TEXT,
  run,
  v1Fields,
  v2Fields,
  withLength,
} from '../testing/hand-built-pages.ts'
import { checkPage, checkPageBody, type CheckPageOptions, type PageCheck } from './check-page.ts'
import type { PageLeaf } from './decode-levels.ts'
import { CODEC } from './decompress-page.ts'
import type { Page } from './page.ts'
import { readPageHeader } from './read-page-header.ts'

/** 10, NULL, 30 as an optional INT32. */
const BODY = join(withLength(packed([1, 0, 1], 1)), int32(10), int32(30))
const CRC = crc32(BODY)

test('a sound V1 page tells its rows, NULLs and CRC', async () => {
  const bytes = join(header({ type: 0, uncompressed: BODY.length, crc: CRC, fields: v1Fields(3) }), BODY)
  expect(await check(bytes, OPTIONAL_INT32)).toEqual({
    ok: true,
    rows: 3,
    nulls: 1,
    nonNull: 2,
    continuesRow: false,
    crc: 'ok',
    findings: [],
  })
})

test('the CRC is over the stored bytes; where it is wrong the page is damaged though it can be read', async () => {
  const stored = gzipSync(BODY)
  const parts = { type: 0, uncompressed: BODY.length, compressed: stored.length, fields: v1Fields(3) }
  const right = join(header({ ...parts, crc: crc32(stored) }), stored)
  expect(await check(right, OPTIONAL_INT32, CODEC.GZIP)).toMatchObject({ ok: true, crc: 'ok' })
  const wrong = join(header({ ...parts, crc: CRC }), stored)
  expect(await check(wrong, OPTIONAL_INT32, CODEC.GZIP)).toMatchObject({
    ok: false,
    crc: 'mismatch',
    findings: [{ code: 'PQ303' }],
  })
})

test('without a CRC one flipped value cannot be seen, with it it can', async () => {
  const flipped = Uint8Array.from(BODY)
  flipped[flipped.length - 1] = 99
  const plain = join(header({ type: 0, uncompressed: BODY.length, fields: v1Fields(3) }), flipped)
  expect(await check(plain, OPTIONAL_INT32)).toMatchObject({ ok: true, crc: 'absent' })
  const summed = join(header({ type: 0, uncompressed: BODY.length, crc: CRC, fields: v1Fields(3) }), flipped)
  expect(await check(summed, OPTIONAL_INT32)).toMatchObject({ ok: false, crc: 'mismatch' })
})

test('at level headers no body is read', async () => {
  const bytes = join(header({ type: 0, uncompressed: BODY.length, crc: CRC, fields: v1Fields(3) }))
  expect(await check(bytes, OPTIONAL_INT32, 0, { level: 'headers' })).toMatchObject({
    ok: true,
    rows: 3,
    nulls: undefined,
    crc: 'not-checked',
  })
})

test('a body that ends with the file is PQ302', async () => {
  const bytes = join(header({ type: 0, uncompressed: BODY.length, fields: v1Fields(3) }), BODY.subarray(0, 7))
  expect(await check(bytes, OPTIONAL_INT32)).toMatchObject({ ok: false, findings: [{ code: 'PQ302' }] })
})

test('of a V2 page only the values are compressed', async () => {
  const levels = packed([1, 0, 1], 1)
  const values = gzipSync(join(int32(10), int32(30)))
  const parts = { type: 3, uncompressed: levels.length + 8, compressed: levels.length + values.length }
  const bytes = join(header({ ...parts, fields: v2Fields(3, 1, 3, 0, levels.length, 0) }), levels, values)
  expect(await check(bytes, OPTIONAL_INT32, CODEC.GZIP)).toMatchObject({ ok: true, rows: 3, nulls: 1, nonNull: 2 })
  const stored = { type: 3, uncompressed: levels.length + 8 }
  const plain = join(levels, int32(10), int32(30))
  const flagged = join(header({ ...stored, fields: v2Fields(3, 1, 3, 0, levels.length, 0, false) }), plain)
  expect(await check(flagged, OPTIONAL_INT32, CODEC.GZIP)).toMatchObject({ ok: true, findings: [] })
  const lying = join(header({ ...stored, fields: v2Fields(3, 1, 3, 0, levels.length, 0, true) }), plain)
  expect(await check(lying, OPTIONAL_INT32, CODEC.GZIP)).toMatchObject({
    ok: true,
    findings: [{ code: 'PQ313', severity: 'warn' }],
  })
})

test('a dictionary is checked as plain values, and damage in it is PQ308', async () => {
  const sound = dictionaryPage(Uint8Array.from(plainTexts('a', 'bc')), 2)
  expect(await check(sound, REQUIRED_TEXT)).toMatchObject({ ok: true, rows: 0, nonNull: 2 })
  const damaged = dictionaryPage(Uint8Array.from(plainTexts('a', 'bc').slice(0, -1)), 2)
  expect(await check(damaged, REQUIRED_TEXT)).toMatchObject({ ok: false, findings: [{ code: 'PQ308' }] })
})

test('only at level values text is looked at', async () => {
  const body = Uint8Array.from(plainTexts('a', Uint8Array.from([0xff])))
  const bytes = join(header({ type: 0, uncompressed: body.length, fields: v1Fields(2) }), body)
  expect(await check(bytes, REQUIRED_TEXT)).toMatchObject({ ok: true, findings: [] })
  expect(await check(bytes, REQUIRED_TEXT, 0, { level: 'values' })).toMatchObject({
    ok: true,
    findings: [{ code: 'PQ401', severity: 'warn' }],
  })
})

test('a page above the limit is not read', async () => {
  const bytes = header({ type: 0, uncompressed: 2 ** 30, compressed: 4300, fields: v1Fields(2) })
  expect(await check(bytes, REQUIRED_INT32, CODEC.BROTLI)).toMatchObject({ ok: false, findings: [{ code: 'PQ315' }] })
})

test('a page without values may have levels or nothing', async () => {
  const empty = header({ type: 0, uncompressed: 0, fields: v1Fields(0) })
  expect(await check(empty, REQUIRED_INT32)).toMatchObject({ ok: true, rows: 0 })
  const noEntries = join(header({ type: 0, uncompressed: 7, fields: v1Fields(2, 8) }), withLength(run(0, 2, 1)), [4])
  expect(await check(noEntries, OPTIONAL_INT32)).toMatchObject({ ok: true, rows: 2, nulls: 2, nonNull: 0 })
})

test('a body of another length than the header says is refused', () => {
  const page = pageOf(header({ type: 0, uncompressed: 8, fields: v1Fields(2) }))
  expect(checkPageBody(new Uint8Array(7), page, REQUIRED_INT32, 0, { level: 'pages' })).toMatchObject({ ok: false })
})

async function check(
  bytes: Uint8Array,
  leaf: PageLeaf,
  codec = 0,
  options: CheckPageOptions = { level: 'pages' },
): Promise<PageCheck> {
  return await checkPage(bytesSource(bytes), pageOf(bytes), leaf, codec, options)
}

function pageOf(bytes: Uint8Array): Page {
  const outcome = readPageHeader(bytes, 0, 0)
  if (outcome.kind !== 'page') throw new Error(outcome.reason)
  return outcome.page
}
