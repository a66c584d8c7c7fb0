import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { footerTree } from './footer-tree.ts'
import { openSoundFiles, SMALL_SPECS, allSpecs, type SoundFiles } from './sound-files.ts'
import { rowsOfShape } from './writers/table-queries.ts'
import { writeThriftTree } from './thrift-tree.ts'

let files: SoundFiles

beforeAll(async () => {
  files = await openSoundFiles()
})

afterAll(async () => {
  await files.close()
})

describe('every writer', () => {
  for (const spec of SMALL_SPECS)
    test(`${Object.values(spec).join(' ')}: DuckDB and hyparquet read the rows, the byte map covers them`, async () => {
      const { bytes, layout } = await files.get(spec)
      const rows = rowsOfShape(spec.shape)
      const path = join(files.folder, 'read.parquet')
      writeFileSync(path, bytes)
      const counted = await files.session.query(
        `SELECT count(*), count(COLUMNS(*)) FROM read_parquet(${files.session.dialect.literal(path)})`,
      )
      expect(counted.rows[0]?.[0]).toBe(rows)
      expect(await parquetReadObjects({ file: bytes.slice().buffer, compressors })).toHaveLength(rows)
      expect(layout.rows).toBe(rows)
      expect(layout.rowGroups.map((group) => group.rows)).toEqual(rows === 2500 ? [2048, 452] : [2048, 2048, 904])
      for (const { chunks } of layout.rowGroups)
        for (const { pages } of chunks) {
          const data = pages.filter(({ kind }) => kind !== 'dictionary')
          expect(data.every(({ crc }) => (crc === undefined) === !spec.checksums)).toBe(true)
          expect(data.every(({ kind }) => kind === `data-v${spec.writer === 'duckdb' ? 1 : spec.pages}`)).toBe(true)
        }
      expect(writeThriftTree(footerTree({ bytes, layout }))).toEqual(bytes.subarray(...layout.footer))
    })
})

test('a file is written the same twice', async () => {
  const other = await openSoundFiles({ anew: true })
  try {
    for (const spec of SMALL_SPECS.filter(({ shape }) => shape !== 'wide').reverse())
      expect(Buffer.compare((await other.get(spec)).bytes, (await files.get(spec)).bytes)).toBe(0)
  } finally {
    await other.close()
  }
})

test('the whole matrix names every combination once', () => {
  const names = allSpecs().map((spec) => Object.values(spec).join(' '))
  expect(new Set(names).size).toBe(names.length)
})
