import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { parseThrift } from '../thrift/parse-thrift.ts'
import { itemsIn, type TypedValue } from '../thrift/thrift-value.ts'
import { CODEC } from '../pages/decompress-page.ts'
import { compressBody } from './compress-body.ts'
import { buildFooter, closeFile, type ChunkPages } from './footer-builder.ts'
import { buildNullPage } from './null-page.ts'
import { leavesOf } from './schema-sources.ts'

let folder: string
let session: Session
let elements: readonly TypedValue[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB()
  const path = join(folder, 'schema.parquet')
  await session.query(
    `COPY (SELECT 1 AS i, 'x' AS s, [1, 2] AS l, {a: 1, b: [{c: 'd'}]} AS n, MAP {'k': 1.5} AS m) TO '${path}' (FORMAT parquet)`,
  )
  elements = itemsIn(parseThrift(footerOf(readFileSync(path))).struct, 2)
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a NULL page', () => {
  const codecs = Object.entries(CODEC)
    .filter(([name]) => !['LZ4', 'LZO'].includes(name))
    .flatMap(([name, codec]) => [[name, codec, 1] as const, [name, codec, 2] as const])
  it.each(codecs)(
    'is read as NULL from a chunk of codec %s (%i, V%i pages), at any depth',
    async (name, codec, version) => {
      const leaves = leavesOf(elements) ?? []
      expect(leaves).toHaveLength(7)
      const rows = 100_000
      const parts: Uint8Array[] = [Buffer.from('PAR1')]
      let at = 4
      const chunks = leaves.map((leaf): ChunkPages => {
        const built = buildNullPage(leaf, rows, { version, codec })
        if (built === undefined) throw new Error('no page')
        parts.push(built.bytes)
        at += built.bytes.length
        return { ...leaf, codec, pages: [{ ...built.page, offset: at - built.bytes.length }] }
      })
      parts.push(closeFile(buildFooter({ schema: elements, rowGroups: [{ rows, chunks }] })))
      const path = join(folder, `${name}-${version}.parquet`)
      writeFileSync(path, Buffer.concat(parts))
      const read = await session.query(
        `SELECT count(*)::INT, count(i)::INT, count(s)::INT, count(l)::INT, count(m)::INT, count(n.a)::INT FROM read_parquet('${path}')`,
      )
      expect(read.rows).toEqual([[rows, 0, 0, 0, 0, 0]])
    },
  )

  it('does not exist for a required column, nor for a codec that is not known', () => {
    const required = { maxDefinitionLevel: 0, maxRepetitionLevel: 0 }
    expect(buildNullPage(required, 5, { version: 1, codec: 0 })).toBeUndefined()
    expect(buildNullPage({ ...required, maxDefinitionLevel: 1 }, 5, { version: 1, codec: 3 })).toBeUndefined()
  })

  it('is the shortest that says it', () => {
    const leaf = { maxDefinitionLevel: 1, maxRepetitionLevel: 0 }
    const built = buildNullPage(leaf, 3, { version: 1, codec: 0 })
    // Body: length 2, then a run of 3 (header 06) of level 0. Header: 1: 0, 2: 6, 3: 6, 5: {3, PLAIN, RLE, RLE}.
    expect(Buffer.from(built?.bytes ?? []).toString('hex')).toBe('1500150c150c2c15061500150615060000020000000600')
  })
})

describe('literal compression', () => {
  it.each([0, 1, 14, 15, 59, 60, 61, 255, 256, 257, 269, 270, 271, 525, 65_536, 65_537])(
    'holds %i bytes in snappy and LZ4 as a foreign reader understands them',
    async (length) => {
      const { compressors } = await import('hyparquet-compressors')
      const body = Uint8Array.from({ length }, (_, index) => (index * 7) & 255)
      for (const [codec, name] of [
        [CODEC.SNAPPY, 'SNAPPY'],
        [CODEC.LZ4_RAW, 'LZ4_RAW'],
        [CODEC.LZ4, 'LZ4'],
      ] as const) {
        const stored = compressBody(codec, body) ?? new Uint8Array()
        if (length === 0) continue
        expect(Buffer.from(compressors[name]?.(stored, length) ?? []).equals(body)).toBe(true)
      }
    },
  )
})

function footerOf(file: Buffer): Uint8Array {
  return file.subarray(file.length - 8 - file.readUInt32LE(file.length - 8), file.length - 8)
}
