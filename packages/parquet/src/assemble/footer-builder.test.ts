import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { decodeFooter } from '../decode-footer.ts'
import type { Page } from '../pages/page.ts'
import { walkPages } from '../pages/walk-pages.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { parseThrift } from '../thrift/parse-thrift.ts'
import { integerIn, isStruct, itemsIn, structIn, textIn, type TypedStruct } from '../thrift/thrift-value.ts'
import { writeThrift } from '../thrift/write-thrift.ts'
import { buildFooter, closeFile, createdBy, patchChunk } from './footer-builder.ts'
import { buildNullPage } from './null-page.ts'

let folder: string
let session: Session
let path: string
let bytes: Buffer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  session = await openDuckDB()
  path = join(folder, 'a.parquet')
  await session.query(
    `COPY (SELECT i AS a, 'k' || (i % 5) AS b, sin(i) AS c FROM range(6000) t(i)) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048, CODEC 'snappy')`,
  )
  bytes = readFileSync(path)
})

afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('patchChunk', () => {
  it.each([1, 2] as const)(
    'replaces one chunk by NULLs of V%i pages and leaves all else as it was',
    async (version) => {
      const { footer, start } = footerOf(bytes)
      const leaf = { maxDefinitionLevel: 1, maxRepetitionLevel: 0 }
      const built = buildNullPage(leaf, 2048, { version, codec: 1 })
      if (built === undefined) throw new Error('no page')
      const page: Page = { ...built.page, offset: start }
      const chunk = { path: ['b'], physicalType: 6, codec: 1, pages: [page] }
      const patched = patchChunk(footer, { rowGroup: 1, column: 1, chunk })
      const out = join(folder, 'patched.parquet')
      writeFileSync(out, Buffer.concat([bytes.subarray(0, start), built.bytes, closeFile(patched)]))

      const counts = await session.query(
        `SELECT count(*)::INT, count(b)::INT, count(*) FILTER (b IS NULL AND a BETWEEN 2048 AND 4095)::INT FROM '${out}'`,
      )
      expect(counts.rows).toEqual([[6000, 6000 - 2048, 2048]])
      const others = `SELECT count(*)::INT FROM (SELECT a, c FROM '${out}' EXCEPT ALL SELECT a, c FROM '${path}')`
      expect((await session.query(others)).rows).toEqual([[0]])

      const [before, after] = [groupsOf(footer), groupsOf(patched)]
      expect(hex(after[0])).toBe(hex(before[0]))
      expect(hex(after[2])).toBe(hex(before[2]))
      const meta = structIn(itemsIn(after[1] as TypedStruct, 1)[1] as TypedStruct, 3) as TypedStruct
      // Statistics 12, encoding statistics 13, bloom filter 14 and 15, size statistics 16.
      for (const field of [12, 13, 14, 15, 16]) expect(meta.fields.has(field)).toBe(false)
      const sum = itemsIn(after[1] as TypedStruct, 1).reduce<number>(
        (total, item) => total + (integerIn(structIn(item as TypedStruct, 3) as TypedStruct, 7) ?? 0),
        0,
      )
      if (after[1]?.fields.has(6) === true) expect(integerIn(after[1], 6)).toBe(sum)
      expect(textIn(patched, 6)).toBe(`${textIn(footer, 6) ?? ''}, footer rebuilt by Tidegate`)
    },
  )

  it('refuses chunks that do not exist and chunks without a page', () => {
    const { footer } = footerOf(bytes)
    const chunk = { path: ['b'], physicalType: 6, codec: 0, pages: [] }
    expect(() => patchChunk(footer, { rowGroup: 3, column: 0, chunk })).toThrow('no item 3')
    expect(() => patchChunk(footer, { rowGroup: 0, column: 3, chunk })).toThrow('no item 3')
    expect(() => patchChunk(footer, { rowGroup: 0, column: 1, chunk })).toThrow('no data page')
  })
})

describe('buildFooter', () => {
  it('describes pages with the same sizes, offsets and counts as the writer did', async () => {
    const { footer } = footerOf(bytes)
    const pages: Page[] = []
    for await (const item of walkPages(bytesSource(bytes), { to: footerOf(bytes).start }))
      if (item.kind === 'page') pages.push(item.page)
    const original = decoded(footer)
    const rebuilt = decoded(
      buildFooter({
        schema: itemsIn(footer, 2),
        rowGroups: original.rowGroups.map(({ rows, chunks }) => ({
          rows,
          chunks: chunks.map((chunk) => ({
            path: chunk.path,
            physicalType: chunk.physicalType,
            codec: chunk.codec,
            pages: pages.filter(({ offset }) => offset >= chunk.start && offset < chunk.end),
          })),
        })),
        createdBy: textIn(footer, 6),
      }),
    )
    const plain = (groups: typeof original.rowGroups): unknown =>
      groups.map(({ rows, chunks }) => ({
        rows,
        // Writers list encodings in their own order, some without those of levels.
        chunks: chunks.map((chunk) => ({
          ...chunk,
          auxiliary: [],
          statistics: undefined,
          indexes: undefined,
          encodings: undefined,
        })),
      }))
    expect(plain(rebuilt.rowGroups)).toEqual(plain(original.rowGroups))
    expect(rebuilt.columns).toEqual(original.columns)
    expect(rebuilt.rows).toBe(6000)
  })

  it('names the original writer first, once', () => {
    expect(createdBy('parquet-mr version 1.12.3')).toBe('parquet-mr version 1.12.3, footer rebuilt by Tidegate')
    expect(createdBy(createdBy('x'))).toBe('x, footer rebuilt by Tidegate')
    expect(createdBy(undefined)).toBe('Tidegate (footer rebuilt)')
  })
})

function footerOf(file: Buffer): { readonly footer: TypedStruct; readonly start: number } {
  const start = file.length - 8 - file.readUInt32LE(file.length - 8)
  return { footer: parseThrift(file.subarray(start, -8)).struct, start }
}

function groupsOf(footer: TypedStruct): readonly TypedStruct[] {
  return itemsIn(footer, 4).filter((item): item is TypedStruct => isStruct(item))
}

function decoded(footer: TypedStruct): Extract<ReturnType<typeof decodeFooter>, { readonly kind: 'ok' }>['footer'] {
  const outcome = decodeFooter(writeThrift(footer), { footerOffset: 0, trailingBytes: 0 })
  if (outcome.kind === 'bad') throw new Error(outcome.finding.message)
  return outcome.footer
}

function hex(value: TypedStruct | undefined): string {
  return value === undefined ? '' : Buffer.from(writeThrift(value)).toString('hex')
}
