import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Contract } from '@tidegate/core'
import { literal, type BareEngine } from './bare-engine.ts'
import { age } from './bench-project.ts'

/** A contract of six checks for the small files: ids unique, values in range, names from a set. */
export const SMALL_CONTRACT: Contract = {
  contract: 'small',
  version: 1,
  schema: { columns: { id: { type: 'BIGINT' }, value: { type: 'DOUBLE' }, name: { type: 'VARCHAR' } } },
  expectations: [
    { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' } },
    { type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' } },
    { type: 'expect_column_values_to_be_between', kwargs: { column: 'value', min_value: 0, max_value: 1000 } },
    { type: 'expect_column_values_to_be_in_set', kwargs: { column: 'name', value_set: ['a', 'b', 'c', 'd', 'e'] } },
    { type: 'expect_column_mean_to_be_between', kwargs: { column: 'value', min_value: 0, max_value: 1000 } },
    { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1 } },
  ],
}

/** The same six checks by hand, over many files. */
export function smallCheckQuery(from: string): string {
  return `SELECT count(*), count(id), count_if(value < 0 OR value > 1000), avg(value),
      count_if(name NOT IN ('a', 'b', 'c', 'd', 'e')),
      (SELECT coalesce(sum(n) FILTER (WHERE n > 1), 0) FROM (SELECT id, count(*) AS n FROM ${from} GROUP BY id))
    FROM ${from}`
}

/** Writes so many small Parquet files, each with other rows, and returns their paths. */
export async function writeSmallFiles(
  engine: BareEngine,
  folder: string,
  files: number,
  rows: number,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (let index = 0; index < files; index += 1) {
    const file = path.join(folder, `small-${String(index).padStart(6, '0')}.parquet`)
    await engine.run(`COPY (SELECT i AS id, (hash(i) % 100000) / 100.0 AS value, chr(97 + CAST(hash(i) % 5 AS INTEGER)) AS name
      FROM range(${index * rows}, ${(index + 1) * rows}) t(i)) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`)
    age(file)
    paths.push(file)
  }
  return paths
}
