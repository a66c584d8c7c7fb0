import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { compareRows } from './compare-rows.ts'
import type { SoundFile } from './sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from './sound-files.ts'

let files: SoundFiles

beforeAll(async () => {
  files = await openSoundFiles()
})

afterAll(async () => {
  await files.close()
})

test('a file is equal to itself, in every shape', async () => {
  for (const spec of SMALL_SPECS.filter(({ writer }) => writer === 'duckdb')) {
    const original = await files.get(spec)
    const compared = await compareRows({ ...files, original, repaired: original.bytes })
    const { rows } = original.layout
    expect(compared).toMatchObject({
      rowsOriginal: rows,
      rowsRepaired: rows,
      rowsRecovered: rows,
      rowsWhole: rows,
      rowsWrong: 0,
      cellsNulled: 0,
      cellsFalse: 0,
    })
  }
})

describe('a changed copy', () => {
  test('without its second row group has the others, once it is said which they are', async () => {
    const original = await flat()
    const repaired = await rewritten(original, 'id NOT BETWEEN 2048 AND 4095')
    const rowGroups = [{ original: 0 }, { original: 2 }]
    expect(await compareRows({ ...files, original, repaired, rowGroups })).toMatchObject({
      rowsOriginal: 5000,
      rowsRepaired: 2952,
      rowsRecovered: 2952,
      rowsWrong: 0,
    })
    expect((await compareRows({ ...files, original, repaired })).rowsWrong).toBe(904)
  })

  test('with 10 NULLs in place of values and 3 invented values has just those', async () => {
    const original = await flat()
    const repaired = await rewritten(
      original,
      'true',
      `* REPLACE (CASE WHEN id < 10 THEN NULL ELSE code END AS code, CASE WHEN id >= 4997 THEN -1 ELSE reading END AS reading)`,
    )
    const compared = await compareRows({ ...files, original, repaired })
    expect(compared).toMatchObject({
      rowsRecovered: 4997,
      rowsWhole: 4987,
      rowsWrong: 3,
      cellsNulled: 10,
      cellsFalse: 3,
    })
    expect(compared.columns.filter((column) => column.nulled + column.false > 0)).toEqual([
      { path: ['reading'], nulled: 0, false: 3 },
      { path: ['code'], nulled: 10, false: 0 },
    ])
  })

  test('with one field of a struct gone has no false cell', async () => {
    const original = await files.get(SMALL_SPECS[2] as never)
    const repaired = await rewritten(
      original,
      'true',
      `* REPLACE ({'a': CASE WHEN id < 7 THEN NULL ELSE pair.a END, 'b': pair.b} AS pair)`,
    )
    expect(await compareRows({ ...files, original, repaired })).toMatchObject({ cellsNulled: 7, cellsFalse: 0 })
  })
})

async function flat(): Promise<SoundFile> {
  return await files.get(SMALL_SPECS[0] as never)
}

async function rewritten(original: SoundFile, where: string, columns = '*'): Promise<Uint8Array> {
  const [from, to] = [join(files.folder, 'from.parquet'), join(files.folder, 'to.parquet')]
  writeFileSync(from, original.bytes)
  const { literal } = files.session.dialect
  await files.session.query(
    `COPY (SELECT ${columns} FROM read_parquet(${literal(from)}) WHERE ${where}) TO ${literal(to)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  )
  return new Uint8Array(readFileSync(to))
}
