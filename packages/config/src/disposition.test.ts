import { describe, expect, test } from 'vitest'
import type { TargetKind, WriteMode } from '@tidegate/core'
import { defaultOverwrites, judgeDisposition, type Overwrites } from './disposition.ts'
import { parseConfig } from './parse-config.ts'

const KINDS: readonly TargetKind[] = ['parquet', 'delta', 'duckdb', 'postgres', 'none']
const MODES: readonly WriteMode[] = ['append', 'replace', 'upsert']
const OVERWRITES: readonly Overwrites[] = ['ignore', 'replace', 'append', 'fail']

/** As docs/configuration.md has it: per kind and mode, which of ignore, replace, append and fail are possible. */
const TABLE: Readonly<Record<string, readonly Overwrites[]>> = {
  'parquet append': ['ignore', 'replace', 'append', 'fail'],
  'parquet replace': ['ignore', 'replace', 'fail'],
  'parquet upsert': ['ignore', 'replace', 'append', 'fail'],
  'duckdb append': ['ignore', 'replace', 'append', 'fail'],
  'duckdb replace': ['ignore', 'replace', 'fail'],
  'duckdb upsert': ['ignore', 'replace', 'append', 'fail'],
  'postgres append': ['ignore', 'replace', 'append', 'fail'],
  'postgres replace': ['ignore', 'replace', 'fail'],
  'postgres upsert': ['ignore', 'replace', 'append', 'fail'],
  'delta append': ['ignore', 'append', 'fail'],
  'delta replace': [],
  'delta upsert': [],
  'none append': ['ignore', 'replace', 'append', 'fail'],
  'none replace': [],
  'none upsert': [],
}

describe('disposition × overwrites', () => {
  test.each(KINDS.flatMap((kind) => MODES.map((mode) => [kind, mode] as const)))('%s %s', (kind, mode) => {
    const possible = OVERWRITES.filter((overwrites) => judgeDisposition(kind, mode, overwrites) === undefined)
    expect(possible).toEqual(TABLE[`${kind} ${mode}`])
    for (const overwrites of OVERWRITES) {
      const text = yamlOf(kind, mode, overwrites)
      const result = parseConfig(text, { directory: '/project' })
      const codes = result.kind === 'problems' ? result.problems.map(({ code }) => code) : []
      expect([overwrites, codes]).toEqual([overwrites, possible.includes(overwrites) ? [] : ['CONFIG_DISPOSITION']])
      if (result.kind === 'problems') expect(result.problems[0]?.hint).toBeDefined()
    }
  })

  test.each(KINDS)('the default of overwrites is possible for %s', (kind) => {
    expect(judgeDisposition(kind, 'append', defaultOverwrites([kind]))).toBeUndefined()
    expect(judgeDisposition(kind, 'append', defaultOverwrites([kind, 'delta']))).toBeUndefined()
  })
})

function yamlOf(kind: TargetKind, mode: WriteMode, overwrites: Overwrites): string {
  const target = {
    kind,
    mode,
    ...(mode === 'upsert' ? { keys: ['id'] } : {}),
    ...(kind === 'postgres' ? { url: 'postgres://h/d' } : {}),
  }
  return JSON.stringify({ version: 1, sources: { s: { path: 'in', overwrites, target } } })
}

describe('keys of a target that do not go together', () => {
  test.each([
    ['{ mode: upsert }', 'needs keys'],
    ['{ keys: [id] }', 'keys are for mode upsert'],
    ['{ mode: replace, replace: partitions }', 'needs partition_by'],
    ['{ replace: all }', 'replace says what mode replace takes away'],
    ['{ dedup: { order_by: at } }', 'dedup needs keys'],
    ['{ mode: upsert, keys: [id], dedup: { keys: [other] } }', 'deduplicated by its keys'],
    ['{ partition_by: [day, Day] }', 'names column "Day" twice'],
    ['{ add_columns: { source_path: x, batch_id: X } }', 'names column "X" twice'],
    ['{ kind: none, dedup: { keys: [id] } }', 'keeps none'],
    ['{ kind: none, add_columns: { row_number: true } }', 'keeps none'],
    ['{ kind: duckdb, partition_by: [day] }', 'a table has no folders'],
    ['{ kind: duckdb, mode: replace, replace: partitions }', 'needs partition_by'],
    ['{ table: t }', 'has no table'],
    ['{ kind: duckdb, url: "postgres://h/d" }', 'has no url'],
    ['{ kind: postgres, path: lake, url: "postgres://h/d" }', 'not a path'],
  ])('%s: %s', (target, message) => {
    const result = parseConfig(`version: 1\nsources: { s: { path: in, target: ${target} } }`, { directory: '/project' })
    const problems = result.kind === 'problems' ? result.problems : []
    expect(problems.map(({ code }) => code)).toEqual(['CONFIG_DISPOSITION'])
    expect(problems[0]?.message).toContain(message)
  })
})
