import type { ChunkStatistics, FileStatistics, Relation } from '@tidegate/core'
import type { Expression } from '../expression/expression.ts'

/**
 * Whether to judge the distinct values of this text instead of every row's: true when in every row group its dictionary
 * says that values repeat at least 20 times on average. A guess about cost; no answer depends on it.
 *
 * Measured with a regex on 5M rows: a code column of 400 values 110 ms per row, 16 ms by value (GROUP BY); e-mail addresses,
 * all different, 1.6 s per row, 4.1 s by value.
 */
export function cheaperByValue(item: Expression, relation: Relation, statistics: readonly FileStatistics[]): boolean {
  const name = columnUnder(item)
  if (name === undefined || relation.files.length === 0) return false
  const byAddress = new Map(statistics.map((file) => [file.file, file]))
  let rows = 0
  for (const file of relation.files) {
    const footer = file.parquet === undefined ? undefined : byAddress.get(file.parquet)
    const column = footer?.columns.find((candidate) => candidate.name === name)
    if (footer === undefined || column === undefined) return false
    if (!column.rowGroups.every((chunk) => repeatsOften(chunk))) return false
    rows += footer.rows
  }
  return rows > 0
}

const REPETITIONS = 20

function repeatsOften({ values, nulls, distinct, dictionaryBytes }: ChunkStatistics): boolean {
  const present = values - (nulls ?? 0)
  if (present <= 0) return true
  if (dictionaryBytes === null || dictionaryBytes <= 0) return false
  // Two bytes are the least that a compressed dictionary takes for a value; a writer that gave its dictionary up leaves one
  // of a megabyte behind.
  return (distinct ?? dictionaryBytes / 2) <= present / REPETITIONS
}

function columnUnder(item: Expression): string | undefined {
  if (item.op === 'column') return item.name
  return item.op === 'text' ? columnUnder(item.item) : undefined
}
