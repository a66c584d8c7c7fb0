/** Value faults sit in files that are otherwise in order: DuckDB, which knows nothing of this code, reads them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { compareRows } from '../compare-rows.ts'
import { mutate } from '../mutate.ts'
import type { SoundFile } from '../sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../sound-files.ts'
import { VALUE_MUTATIONS } from './value.ts'

let files: SoundFiles
let chosen: readonly SoundFile[]

beforeAll(async () => {
  files = await openSoundFiles()
  const specs = SMALL_SPECS.filter(({ shape }) => shape !== 'wide')
  chosen = await Promise.all(specs.map(async (spec) => await files.get(spec)))
})

afterAll(async () => {
  await files.close()
})

test('timestamps written as INT96 are the same timestamps', async () => {
  let compared = 0
  for (const original of chosen) {
    const mutated = mutate(original, 'timestamps-as-int96', 1)
    if (mutated === undefined) continue
    compared++
    expect(await compareRows({ ...files, original, repaired: mutated.bytes })).toMatchObject({
      rowsWhole: 5000,
      cellsFalse: 0,
    })
  }
  expect(compared).toBeGreaterThan(1)
})

test('a timestamp of the year 10000 and an overflowing decimal are one value each, all others stay', async () => {
  for (const kind of ['timestamp-year-10000', 'decimal-overflow'])
    for (const original of chosen) {
      const mutated = mutate(original, kind, 1)
      // A value of a dictionary stands in many rows.
      if (mutated === undefined || original.spec.dictionary) continue
      const compared = await compareRows({ ...files, original, repaired: mutated.bytes })
      expect([original.name, compared.cellsFalse + compared.cellsNulled]).toEqual([original.name, 1])
    }
})

test('DuckDB refuses a text that is not UTF-8', async () => {
  let refused = 0
  for (const kind of VALUE_MUTATIONS.map((mutation) => mutation.kind).filter((name) => name.startsWith('invalid-utf8')))
    for (const original of chosen) {
      const mutated = mutate(original, kind, 1)
      if (mutated === undefined) continue
      const path = join(files.folder, 'text.parquet')
      writeFileSync(path, mutated.bytes)
      const query = files.session.query(
        `SELECT max(hash(COLUMNS(*))) FROM read_parquet(${files.session.dialect.literal(path)})`,
      )
      const message = await query.then(() => 'read', String)
      expect([kind, original.name, message]).toEqual([kind, original.name, expect.stringMatching(/utf-?8/i)])
      refused++
    }
  expect(refused).toBeGreaterThan(8)
})
