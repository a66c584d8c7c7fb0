import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

const CHILD = fileURLToPath(new URL('testing/ingest-child.ts', import.meta.url))

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

function ingest(p: TempProject, killAt = ''): { readonly signal: string | null; readonly printed: string } {
  const args = ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning', CHILD, p.directory, killAt]
  const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { signal, printed: stdout + stderr }
}

test('killed again and again during a repair: the source is untouched, the last run repairs it and loads it once', async () => {
  const p = bench.project()
  const file = await p.landRows('bad.parquet', 'SELECT range AS id FROM range(5000)')
  p.land('bad.parquet', Buffer.concat([readFileSync(file), Buffer.from('and more')]))
  const landed = p.tree('landing')
  for (const moment of ['repairing', 'in-repair', 'repaired', 'staged']) {
    expect(ingest(p, moment).signal).toBe('SIGKILL')
    expect(p.tree('landing')).toEqual(landed)
    expect(await p.count()).toBe(0)
  }
  expect(ingest(p)).toEqual({ signal: null, printed: 'bad.parquet: loaded' })
  expect(await p.rows('count(*), count(DISTINCT id), sum(id)')).toEqual([[5000, 5000, 12_497_500]])
  expect(p.tree('landing')).toEqual(landed)
  const project = await p.open({ readOnly: true })
  const [record] = await project.state.listFiles()
  await project.close()
  // What the killed runs left is gone: copies half written, and whole ones that no entry names.
  expect(p.tree('.tidegate/repaired')).toEqual({ [record?.repair?.path ?? '']: record?.repair?.repairedSha256 })
}, 300_000)
