import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { openDuckDB } from '@tidegate/duckdb'
import type { JsonValue, Session } from '@tidegate/core'
import { validate } from '../validate/validate.ts'

let session: Session
let folder: string
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
  folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
})
afterAll(async () => {
  await session.close()
  rmSync(folder, { recursive: true, force: true })
})

/**
 * Its footer says 1 to 3 and knows nothing of NaN, as most writers leave it out; DuckDB answers comparisons from that. Of
 * four rows one is NaN, which is a missing value.
 */
function fileWithHiddenNaN(): string {
  const file = path.join(folder, 'hidden.parquet')
  const bytes = parquetWriteBuffer({ columnData: [{ name: 'x', data: [1, Number.NaN, 3, 2], type: 'DOUBLE' }] })
  writeFileSync(file, new Uint8Array(bytes))
  return file
}

test.each<[string, Record<string, JsonValue>, boolean, Record<string, JsonValue>]>([
  ['expect_column_values_to_not_be_null', {}, false, { unexpected_count: 1 }],
  ['expect_column_values_to_be_between', { min_value: 1, max_value: 3 }, true, { missing_count: 1 }],
  ['expect_column_values_to_be_between', { max_value: 1e19 }, true, { missing_count: 1, unexpected_count: 0 }],
  ['expect_column_mean_to_be_between', { min_value: 2, max_value: 2 }, true, { observed_value: 2 }],
  ['expect_column_sum_to_be_between', { min_value: 6, max_value: 6 }, true, { observed_value: 6 }],
  ['expect_column_stdev_to_be_between', { min_value: 1, max_value: 1 }, true, { observed_value: 1 }],
  ['expect_column_max_to_be_between', { min_value: 3, max_value: 3 }, true, { observed_value: 3 }],
  ['expect_column_unique_value_count_to_be_between', { min_value: 3, max_value: 3 }, true, { observed_value: 3 }],
])('NaN that the footer does not tell is missing: %s %j', async (type, kwargs, success, result) => {
  const suite = [{ type, kwargs: { column: 'x', ...kwargs } }]
  const answer = await validate(session, { files: fileWithHiddenNaN() }, suite)
  expect(answer.results[0]).toMatchObject({ success, result })
})
