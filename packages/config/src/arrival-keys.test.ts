import { describe, expect, test } from 'vitest'
import type { SourceConfig } from '@tidegate/core'
import { parseConfig } from './parse-config.ts'
import { showConfig } from './show-config.ts'

describe('what a source says of arriving files', () => {
  test('is read into milliseconds, bytes and absolute paths', () => {
    const source = sourceOf(`
    path: in/*.csv
    ready: { settle: 1m, marker: _SUCCESS, control: "{stem}.ctl", unit: folder }
    resend: { name: "orders_{date}_v{n}.csv" }
    include_existing: false
    max_files_per_batch: 10
    max_bytes_per_batch: 1MiB
    max_file_age: 7d
    backfill_interval: 1d
    quarantine: { original: move }
    clean_source: { mode: archive, after: 2d, to: "old/{source}" }
    schema_evolution: { columns: rescue, types: fail, rescue_column: rest }
    schema_hints: { price: "DECIMAL(18,2)" }
    watermark: { column: at, lag: 1h, filter: true }`)
    expect(source).toMatchObject({
      ready: { settleMs: 60_000, marker: '_SUCCESS', control: '{stem}.ctl', unit: 'folder' },
      resend: { name: 'orders_{date}_v{n}.csv', policy: 'replace' },
      includeExisting: false,
      maxFilesPerBatch: 10,
      maxBytesPerBatch: 1_048_576,
      maxFileAgeMs: 604_800_000,
      backfillIntervalMs: 86_400_000,
      quarantine: { path: '/project/quarantine/s', original: 'move' },
      cleanSource: { mode: 'archive', afterMs: 172_800_000, to: '/project/old/s' },
      schemaEvolution: { columns: 'rescue', types: 'fail', rescueColumn: 'rest' },
      schemaHints: { price: 'DECIMAL(18,2)' },
      watermark: { lagMs: 3_600_000, filter: true },
    })
  })

  test.each([
    ['off', { mode: 'off', afterMs: 0, to: undefined }],
    ['delete', { mode: 'delete', afterMs: 2_592_000_000, to: undefined }],
    ['archive', { mode: 'archive', afterMs: 2_592_000_000, to: '/project/archive/s' }],
    ['{ mode: delete, after: 0s }', { mode: 'delete', afterMs: 0, to: undefined }],
  ])('clean_source: %s', (written, expected) => {
    expect(sourceOf(`\n    path: in/*.csv\n    clean_source: ${written}`).cleanSource).toEqual(expected)
  })

  test.each([
    ['add_columns', 'add', 'widen'],
    ['widen', 'fail', 'widen'],
    ['rescue', 'rescue', 'rescue'],
    ['fail', 'fail', 'fail'],
    ['ignore', 'ignore', 'widen'],
    ['{ columns: ignore }', 'ignore', 'widen'],
  ])('schema_evolution: %s', (written, columns, types) => {
    const { schemaEvolution } = sourceOf(`\n    path: in/*.csv\n    schema_evolution: ${written}`)
    expect(schemaEvolution).toEqual({ columns, types, rescueColumn: '_rescued' })
  })

  test.each([
    ['ready: { control: x.ctl }', 'CONFIG_VALUE'],
    ['ready: { marker: "a/_SUCCESS" }', 'CONFIG_VALUE'],
    ['ready: { marker: "{nam}.done" }', 'CONFIG_TEMPLATE'],
    ['ready: { marker: "{name}" }', 'CONFIG_VALUE'],
    ['ready: { unit: folder, marker: "{name}.done" }', 'CONFIG_VALUE'],
    ['ready: { unit: folder }, dataset: "{stem}"', 'CONFIG_VALUE'],
    ['ready: { markers: _SUCCESS }', 'CONFIG_UNKNOWN_KEY'],
    ['resend: { name: orders.csv }', 'CONFIG_VALUE'],
    ['resend: { name: "{n}_{n}.csv" }', 'CONFIG_TEMPLATE'],
    ['resend: { name: "{a}{n}.csv" }', 'CONFIG_TEMPLATE'],
    ['resend: { name: "x_{n}.csv" }, dataset: "{stem}"', 'CONFIG_VALUE'],
    ['resend: { name: "x_{n}.csv" }, target: { kind: delta }', 'CONFIG_DISPOSITION'],
    ['max_files_per_batch: 0', 'CONFIG_VALUE'],
    ['max_bytes_per_batch: 0', 'CONFIG_VALUE'],
    ['clean_source: archve', 'CONFIG_VALUE'],
    ['clean_source: { mode: delete, to: old }', 'CONFIG_VALUE'],
    ['clean_source: { mode: archive, aftr: 1d }', 'CONFIG_UNKNOWN_KEY'],
    ['clean_source: [archive]', 'CONFIG_TYPE'],
    ['clean_source: { mode: archive, to: in/old }', 'CONFIG_TARGET_IN_SOURCE'],
    ['schema_evolution: rescu', 'CONFIG_VALUE'],
    ['schema_evolution: { columns: add, types: never }', 'CONFIG_VALUE'],
    ['schema_hints: { a: "INT; DROP TABLE x" }', 'CONFIG_VALUE'],
  ])('%s is %s', (keys, code) => {
    const path = keys.includes('in/old') ? 'in/**/*.csv' : 'in/*.csv'
    const result = parseConfig(`version: 1\nsources: { s: { path: "${path}", ${keys} } }`, { directory: '/project' })
    expect(result.kind === 'problems' ? result.problems.map((problem) => problem.code) : []).toEqual([code])
  })
})

describe('targets', () => {
  test('have their names in their default places, and all keys', () => {
    const { targets, target } = sourceOf(`
    path: in/*.csv
    dataset: "{stem}"
    targets:
      lake: { partition_by: [day], add_columns: { source_path: true, batch_id: b, row_number: false } }
      table: { kind: duckdb, mode: upsert, keys: [id], dedup: { order_by: at } }
      db: { kind: postgres, url: "postgres://u:p@h/d", mode: replace, replace: partitions, partition_by: [day] }
      gate: { kind: none }
      delta: { kind: delta, dedup: { keys: [id] } }
      plain:
    overwrites: ignore`)
    expect(target).toBe(targets[0])
    expect(targets.map(({ name, kind, path, table }) => [name, kind, path, table])).toEqual([
      ['lake', 'parquet', '/project/lake/lake/{source}/{dataset}', '{dataset}'],
      ['table', 'duckdb', '/project/lake/table/{source}.duckdb', '{dataset}'],
      ['db', 'postgres', 'postgres://u:p@h/d', '{source}_{dataset}'],
      ['gate', 'none', '/project/.tidegate/gate/gate/{source}/{dataset}', '{dataset}'],
      ['delta', 'delta', '/project/lake/delta/{source}/{dataset}', '{dataset}'],
      ['plain', 'parquet', '/project/lake/plain/{source}/{dataset}', '{dataset}'],
    ])
    expect(targets[0]?.lineage).toEqual({ sourcePath: '_source_path', rowNumber: undefined, batchId: 'b' })
    expect(targets[1]).toMatchObject({ keys: ['id'], dedup: { keys: ['id'], orderBy: 'at' } })
    expect(targets[2]).toMatchObject({ mode: 'replace', replace: 'partitions', partitionBy: ['day'] })
  })

  test.each([
    ['target: {}, targets: { a: {} }', 'CONFIG_VALUE', 'both target and targets'],
    ['targets: {}', 'CONFIG_VALUE', 'at least one'],
    ['targets: { a: { path: x }, b: { path: x } }', 'CONFIG_VALUE', 'the same place'],
    ['targets: { a: { path: in/x } }, path: "in/**"', 'CONFIG_TARGET_IN_SOURCE', 'target of source s'],
    ['target: { kind: duckdb, path: in/x.csv }', 'CONFIG_TARGET_IN_SOURCE', 'x.csv'],
    ['target: { kind: postgres }', 'CONFIG_MISSING_KEY', 'no url'],
    ['target: { kind: postgres, url: "http://h/d" }', 'CONFIG_VALUE', 'connection string'],
    ['target: { kind: postgres, url: "postgres:///d" }', 'CONFIG_VALUE', 'connection string'],
    ['target: { kind: duckdb, table: a.b.c }', 'CONFIG_VALUE', 'more than one dot'],
    ['target: { kind: duckdb, table: t }, dataset: "{stem}"', 'CONFIG_VALUE', 'must contain {dataset}'],
    ['target: { kind: iceberg }', 'CONFIG_NOT_YET', 'iceberg'],
    ['backfill_interval: daily', 'CONFIG_VALUE', 'backfill_interval'],
  ])('%s is %s', (keys, code, words) => {
    const path = keys.includes('path: "in/**"') ? '' : 'path: "in/*.csv", '
    const result = parseConfig(`version: 1\nsources: { s: { ${path}${keys} } }`, { directory: '/project' })
    const problems = result.kind === 'problems' ? result.problems : []
    expect([...new Set(problems.map((problem) => problem.code))]).toEqual([code])
    expect(JSON.stringify(problems)).toContain(words)
  })

  test('no password is shown, whatever is wrong', () => {
    const text = `version: 1
state: postgres://me:hun/ter@2@h/state
sources:
  s:
    path: in/*.csv
    target: { kind: postgres, url: "postgres://me:hun@ter2@h/d?password=hunter3", table: a.b.c }
    targets: { x: { kind: postgres, url: postgres://hunter4@h/d, mode: hunter } }
`
    const wrong = parseConfig(text, { directory: '/project' })
    expect(wrong.kind).toBe('problems')
    expect(JSON.stringify(wrong)).not.toMatch(/hun.?ter[@0-9]/)
    const right = parseConfig(text.replace(', table: a.b.c', '').replace(/ {4}targets:.*\n/, ''), {
      directory: '/project',
    })
    if (right.kind !== 'ok') throw new Error('problems')
    const shown = showConfig(right, { redact: true })
    expect(JSON.stringify(shown)).not.toMatch(/hun/)
    expect(shown.find(({ key }) => key === 'sources.s.target.url')?.value).toBe('***')
    expect(right.config.state).toBe('postgres://me:hun/ter@2@h/state')
  })

  test('config show fills in what depends on other keys', () => {
    const result = parseConfig(
      'version: 1\nsources: { s: { path: in, targets: { d: { kind: delta } }, clean_source: archive } }',
      {
        directory: '/project',
      },
    )
    const shown = new Map(
      (result.kind === 'ok' ? showConfig(result, { redact: true }) : []).map(({ key, value }) => [key, value]),
    )
    expect(shown.get('sources.s.targets.d.path')).toBe('lake/d/{dataset}')
    expect(shown.get('sources.s.overwrites')).toBe('fail')
    expect(shown.get('sources.s.clean_source.to')).toBe('archive/s')
  })
})

function sourceOf(keys: string): SourceConfig {
  const result = parseConfig(`version: 1\nsources:\n  s:${keys}\n`, { directory: '/project' })
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result, undefined, 1))
  const [source] = result.config.sources
  if (source === undefined) throw new Error('no source')
  return source
}
