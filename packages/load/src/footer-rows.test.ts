import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckDB } from '@tidegate/duckdb'
import { assert, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { footerRows } from './footer-rows.ts'

test('finds the row count behind schemas of any shape', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const session = await openDuckDB({ threads: 1 })
  const many = Array.from({ length: 40 }, (_, at) => `range AS c${at}`).join(', ')
  const shapes = [
    'range',
    many,
    "{'a': [range], 'b': {'c': now()}} AS s, 1.5::DECIMAL(18,3) AS d, uuid() AS u",
    "MAP {'k': range} AS m",
  ]
  for (const rows of [0, 1, 63, 64, 70_000]) {
    for (const shape of shapes) {
      const file = join(folder, 'x.parquet')
      await session.query(`COPY (SELECT ${shape} FROM range(${rows})) TO '${file}' (FORMAT parquet)`)
      expect(footerRows(footerOf(readFileSync(file)))).toBe(BigInt(rows))
    }
  }
  await session.close()
  rmSync(folder, { recursive: true })
})

function footerOf(bytes: Buffer): Buffer {
  const length = bytes.readUInt32LE(bytes.length - 8)
  return bytes.subarray(bytes.length - 8 - length, bytes.length - 8)
}

test('a footer worked out by hand: version 1, an empty schema, 300 rows', () => {
  // i32 field 1 = zigzag(1); list field 2 of 0 structs; i64 field 3 = zigzag(300) = 600 = 0xd8 0x04.
  expect(footerRows(Uint8Array.of(0x15, 0x02, 0x19, 0x0c, 0x16, 0xd8, 0x04))).toBe(300n)
})

test('any bytes give a number or undefined, never an exception', () => {
  assert(
    property(uint8Array({ maxLength: 200 }), (bytes) => {
      const rows = footerRows(bytes)
      expect(rows === undefined || typeof rows === 'bigint').toBe(true)
    }),
    { numRuns: 2000 },
  )
  // A list that claims 2^40 booleans must not be walked through.
  const bomb = Uint8Array.of(0x19, 0xf1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40)
  expect(footerRows(bomb)).toBeUndefined()
  expect(footerRows(new Uint8Array(5000).fill(0x1c))).toBeUndefined()
})
