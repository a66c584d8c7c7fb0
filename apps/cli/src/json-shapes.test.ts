/**
 * The shape of each command's JSON, as docs/cli.md describes it. What differs from run to run (times, ids, paths, durations,
 * sizes of this machine) is replaced by the name of its kind.
 */
import { utimesSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cutTail, writeSound } from './testing/damaged-files.ts'
import { runJson } from './testing/run-cli.ts'
import { ordersCsv, ordersProject } from './testing/small-project.ts'

const project = ordersProject({
  'landing/good.csv': ordersCsv(1, 20),
  'landing/bad.csv': 'id,amount,city\n901,5000,Oslo\n',
  'landing/copy.csv': ordersCsv(1, 20),
})
const cwd = project.directory
// Of two files with equal bytes the older one is the original; of equal age, the first by name.
const landedAt = new Date(Date.now() - 60_000)
for (const name of ['good.csv', 'bad.csv', 'copy.csv']) utimesSync(path.join(cwd, 'landing', name), landedAt, landedAt)
let ingested: unknown
beforeAll(async () => {
  ingested = (await runJson(['ingest'], { cwd })).json
})
afterAll(() => project.remove())

test('repair and validate-source of a file that lacks its last two bytes', async () => {
  cutTail(await writeSound(project, 'broken/a.parquet'))
  for (const args of [
    ['validate-source', 'broken', '--level', 'pages'],
    ['repair', 'broken', '--dry-run'],
    ['repair', 'broken', '--out', 'repaired'],
  ])
    expect(withoutSizes(stable((await runJson(args, { cwd })).json))).toMatchSnapshot(args.join(' '))
})

test('ingest', () => expect(stable(ingested)).toMatchSnapshot())

test.for([
  [['ingest', '--dry-run']],
  [['init', '--from', 'landing', '-C', 'fresh']],
  [['config', 'check']],
  [['config', 'show']],
  [['contract', 'check']],
  [['contract', 'diff', 'contracts/orders.yaml', 'contracts/orders.yaml']],
  [['validate-source']],
  [['files', 'ls']],
  [['files', 'explain', 'bad.csv']],
  [['quarantine', 'ls']],
  [['quarantine', 'show', 'bad.csv']],
  [['quarantine', 'replay', '--all', '--dry-run']],
  [['alerts', 'ls']],
  [['alerts', 'deliveries']],
  [['state', 'verify']],
  [['state', 'migrate', '--status']],
  [['maintain', '--dry-run']],
  [['watermarks', 'ls']],
  [['watermarks', 'get', 'orders']],
  [['history']],
  [['explain', 'PQ105']],
  [['clean']],
] as const)('%j', async ([args]) => {
  expect(stable((await runJson(args, { cwd })).json)).toMatchSnapshot()
})

test.for([[['check', 'landing']], [['profile', '--update', '--dry-run']]] as const)(
  '%j: its fields, not what was learned',
  async ([args]) => {
    expect(keysOf((await runJson(args, { cwd })).json)).toMatchSnapshot()
  },
)

test('doctor and monitor: their sections, not their numbers', async () => {
  const doctor = (await runJson(['doctor'], { cwd })).json
  expect(Object.keys(doctor)).toEqual(['schemaVersion', 'kind', 'healthy', 'items'])
  const monitor = (await runJson(['monitor'], { cwd })).json
  expect(keysOf(monitor)).toMatchSnapshot()
  expect((await runJson(['monitor', 'quality'], { cwd })).json).toMatchObject({ kind: 'monitor-quality' })
})

/** Replaces what no two runs have in common. */
function stable(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => stable(item, key))
    // Alerts of one moment are in the order of their ids.
    return items.every((item) => typeof item === 'object' && item !== null && 'firingAtMs' in item)
      ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, stable(item, name)]))
  if (typeof value === 'number' && (key.endsWith('Ms') || key === 'peakMemoryBytes' || key === 'bytesWritten'))
    return '<number>'
  if (typeof value !== 'string') return value
  if (key === 'stamp') return '<stamp>'
  return value
    .replaceAll(cwd, '<project>')
    .replaceAll(/\d{8}T\d{6}-[0-9a-f]{8}/g, '<id>')
    .replaceAll(/[0-9a-f]{16,}/g, '<hash>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
}

/** Sizes of what the engine writes: they are those of its version. */
function withoutSizes(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSizes(item, key))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSizes(item, name)]))
  return typeof value === 'number' && /bytes|offset/i.test(key) && key !== 'missingBytes' ? '<number>' : value
}

/** The names of the fields, three levels deep; of lists, those of the first item. */
function keysOf(value: unknown, depth = 3): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return typeof value
  if (Array.isArray(value)) return value.length === 0 ? [] : [keysOf(value[0], depth - 1)]
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, keysOf(item, depth - 1)]))
}
