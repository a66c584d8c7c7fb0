import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { profileSource, type DatasetProfile, type ProfileSourceOptions } from '@tidegate/pipeline'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function profile(
  p: TempProject,
  options: Partial<ProfileSourceOptions> = {},
): Promise<readonly DatasetProfile[]> {
  const project = await p.open({ readOnly: options.dryRun ?? false })
  try {
    const [source] = project.config.sources
    if (source === undefined) throw new Error('no source')
    const defaults = {
      sampleRows: 100_000,
      update: false,
      dryRun: false,
      workers: 2,
      exclude: project.exclude,
      force: false,
    }
    return await profileSource(source, { ...defaults, ...options }, project.effects)
  } finally {
    await project.close()
  }
}

test('quarantined, unreadable and odd data is not learned from, and each is named', async () => {
  const p = bench.project()
  p.contract(
    's',
    { delay: { type: 'BIGINT' } },
    {
      expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'delay', max_value: 100 } }],
    },
  )
  for (let week = 1; week <= 6; week += 1)
    await p.landRows(`week-${week}.parquet`, `SELECT (range % 60)::BIGINT AS delay FROM range(${1000 + week})`)
  await p.landRows('held.parquet', 'SELECT 777777::BIGINT AS delay FROM range(1000)')
  expect((await p.ingest()).totals).toMatchObject({ loaded: 6, held: 1 })
  p.land('broken.parquet', 'PAR1 no more')
  await p.landRows('odd.parquet', 'SELECT (range + 400000)::BIGINT AS delay FROM range(1000)')
  rmSync(path.join(p.directory, 'contracts/s.yaml'))
  const [learned] = await profile(p)
  expect(learned?.action).toBe('written')
  expect(learned?.leftOut.map((file) => file.path).toSorted()).toEqual([
    'broken.parquet',
    'held.parquet',
    'odd.parquet',
  ])
  expect(learned?.leftOut.find((file) => file.path === 'held.parquet')?.why).toContain('quarantine')
  expect(learned?.oddFiles.map((file) => file.file)).toEqual(['odd.parquet'])
  const contract = p.read('contracts/s.yaml')
  expect(contract).not.toMatch(/777777|40\d{4}/)
})

test('an edited contract stays as it is until an update is asked for', async () => {
  const p = bench.project()
  await p.landRows('a.parquet', 'SELECT range AS id FROM range(100)')
  expect((await profile(p))[0]?.action).toBe('written')
  const file = path.join(p.directory, 'contracts/s.yaml')
  const edited = `# mine\n${p.read('contracts/s.yaml')}`
  writeFileSync(file, edited)
  await p.landRows('b.parquet', "SELECT range + 1000 AS id, 'new' AS note FROM range(100)")
  expect((await profile(p))[0]?.action).toBe('kept')
  expect(p.read('contracts/s.yaml')).toBe(edited)
})

test('a dry run says what it would write and writes nothing, in a project that has never run', async () => {
  const p = bench.project()
  await p.landRows('a.parquet', 'SELECT range AS id FROM range(100)')
  const before = p.tree()
  const [learned] = await profile(p, { dryRun: true })
  expect(learned).toMatchObject({ action: 'would-write', rows: 100 })
  expect(Object.keys(learned?.contract?.schema.columns ?? {})).toEqual(['id'])
  expect(p.tree()).toEqual(before)
})

test('a dataset that cannot be learned from does not stop the others', async () => {
  const p = bench.project({ dataset: '{stem}' })
  p.land('bad.parquet', 'PAR1')
  p.land('good.csv', 'id\n1\n')
  p.land('invalid.csv', 'id\n1\n')
  p.contract('invalid', {}, { nonsense: true })
  const profiles = await profile(p, { update: true })
  expect(profiles.map((item) => [item.dataset, item.action])).toEqual([
    ['bad', 'nothing-readable'],
    ['good', 'written'],
    ['invalid', 'invalid'],
  ])
})

test('an update shows no value of a sensitive column and gives grounds only to what it learned', async () => {
  const p = bench.project()
  const byHand = [
    { type: 'expect_column_values_to_be_in_set', kwargs: { column: 'dept', value_set: ['sales'] } },
    { type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 5000 } },
  ]
  p.contract('s', { dept: { type: 'VARCHAR', sensitive: 'hash' }, id: { type: 'BIGINT' } }, { expectations: byHand })
  for (let week = 1; week <= 6; week += 1)
    await p.landRows(
      `week-${week}.parquet`,
      `SELECT 'SECRET' || range % 3 AS dept, range AS id, 'c' || range % 4 AS code FROM range(${400 + week})`,
    )
  const [learned] = await profile(p, { update: true })
  expect(learned?.action).toBe('updated')
  expect(learned?.contract?.schema.columns['dept']?.sensitive).toBe('hash')
  expect(learned?.contract?.expectations.slice(0, 2)).toEqual(byHand)
  const text = p.read('contracts/s.yaml')
  expect(JSON.stringify(learned) + text).not.toContain('SECRET')
  // Only the new column's rule has grounds, on the line above it.
  const rules = text.slice(text.indexOf('expectations:')).split('\n')
  const grounds = rules.flatMap((line, at) => (line.trim().startsWith('#') ? [at] : []))
  expect(grounds).toHaveLength(1)
  expect(rules[(grounds[0] ?? 0) + 2]).toContain('c0')
})
