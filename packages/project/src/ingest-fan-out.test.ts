import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SourceReport } from '@tidegate/pipeline'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const BOTH = { one: { path: 'lake/one/{dataset}' }, two: { path: 'lake/two/{dataset}' } }

function project(targets: object, more: Readonly<Record<string, unknown>> = {}): TempProject {
  return bench.project({ target: null, targets, ...more })
}

async function ids(p: TempProject, target: string): Promise<readonly unknown[]> {
  const glob = path.join(p.directory, 'lake', target, '**', '*.parquet')
  const { rows } = await bench.witness.query(`SELECT id FROM read_parquet('${glob}') ORDER BY id`)
  return rows.map((row) => Number(row[0]))
}

function told(report: SourceReport): readonly string[] {
  return report.files.map((file) => `${file.target ?? '-'} ${file.path}: ${file.status}`).toSorted()
}

/** Versions that the state knows, by location. */
async function versions(p: TempProject): Promise<readonly string[]> {
  const opened = await p.open({ readOnly: true })
  try {
    const known = await opened.state.knownFiles('s')
    return [...known.values()]
      .flat()
      .map((file) => `${path.basename(path.dirname(file.location))} ${file.id} ${file.live ? 'live' : 'gone'}`)
      .toSorted()
  } finally {
    await opened.close()
  }
}

describe('a source with two targets', () => {
  test('each file goes to both, and a second run does nothing', async () => {
    const p = project(BOTH)
    p.land('a.csv', 'id\n1\n')
    p.land('b.csv', 'id\n2\n')
    const report = await p.ingest()
    expect(report.error).toBeUndefined()
    expect(told(report)).toEqual(['one a.csv: loaded', 'one b.csv: loaded', 'two a.csv: loaded', 'two b.csv: loaded'])
    expect(report.totals).toMatchObject({ loaded: 4, rowsLoaded: 4 })
    expect(report.targets?.map(({ target, totals }) => [target, totals.loaded])).toEqual([
      ['one', 2],
      ['two', 2],
    ])
    expect([await ids(p, 'one'), await ids(p, 'two')]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesUnchanged: 2, files: [] })
  })

  test('the bytes of a file are read once for both', async () => {
    const p = project(BOTH)
    p.land('a.csv', 'id\n1\n')
    const hashed: string[] = []
    await p.ingest({
      effects: (effects) => ({
        ...effects,
        store: {
          ...effects.store,
          hash: async (uri, ...rest) => {
            hashed.push(path.basename(uri))
            return effects.store.hash(uri, ...rest)
          },
        },
      }),
    })
    expect(hashed).toEqual(['a.csv'])
  })

  test('a target that is added later is filled, and the first one is left alone', async () => {
    const p = project({ one: BOTH.one })
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    rewrite(p, BOTH)
    p.land('b.csv', 'id\n2\n')
    expect(told(await p.ingest())).toEqual(['one b.csv: loaded', 'two a.csv: loaded', 'two b.csv: loaded'])
    expect([await ids(p, 'one'), await ids(p, 'two')]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect((await p.ingest()).status).toBe('nothing-new')
  })

  test('ordinals agree, also where one target missed a version', async () => {
    const p = project(BOTH)
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    rewrite(p, { one: BOTH.one })
    // The other one's rows are still live, and nobody says where they went.
    expect((await p.ingest()).error?.code).toBe('CONFIG_TARGET_MOVED')
    rewrite(p, BOTH)
    breakTarget(p, 'two')
    p.land('a.csv', 'id\n2\n')
    await p.ingest()
    mendTarget(p, 'two')
    p.land('a.csv', 'id\n3\n')
    await p.ingest()
    expect(await versions(p)).toEqual([
      'one s/a.csv#1 gone',
      'one s/a.csv#2 gone',
      'one s/a.csv#3 live',
      'two s/a.csv#1 gone',
      'two s/a.csv#3 live',
    ])
    expect([await ids(p, 'one'), await ids(p, 'two')]).toEqual([[3], [3]])
  })

  test('one that fails does not stop the other, and catches up', async () => {
    const p = project(BOTH)
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    breakTarget(p, 'one')
    p.land('b.csv', 'id\n2\n')
    const report = await p.ingest()
    expect(report).toMatchObject({ status: 'partial' })
    expect(report.error).toBeUndefined()
    expect(report.targets?.find(({ target }) => target === 'one')?.error?.code).toBe('LEDGER_BEHIND_STATE')
    expect(await ids(p, 'two')).toEqual([1, 2])
    mendTarget(p, 'one')
    expect(told(await p.ingest())).toEqual(['one b.csv: loaded'])
    expect(await ids(p, 'one')).toEqual([1, 2])
  })

  test('a file that is held is held in both, and waiting files are told once', async () => {
    const p = project(BOTH, { ready: { settle: '1h' } })
    p.contract(
      's',
      { id: { type: 'BIGINT' } },
      { expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 5 } }] },
    )
    p.land('bad.csv', 'id\n9\n')
    p.land('new.csv', 'id\n1\n')
    const old = new Date(Date.now() - 7_200_000)
    utimesSync(path.join(p.directory, 'landing', 'bad.csv'), old, old)
    const report = await p.ingest()
    expect(told(report)).toEqual(['- new.csv: waiting', 'one bad.csv: held', 'two bad.csv: held'])
    const held = readdirSync(path.join(p.directory, 'quarantine'), { recursive: true }).filter((name) =>
      String(name).endsWith('.csv'),
    )
    expect(held).toHaveLength(2)
  })

  test('a gate beside a lake', async () => {
    const p = project({ lake: { path: 'lake/one/{dataset}' }, gate: { kind: 'none', path: 'gate/{dataset}' } })
    p.land('a.csv', 'id\n1\n')
    expect(told(await p.ingest())).toEqual(['gate a.csv: loaded', 'lake a.csv: loaded'])
    expect(await ids(p, 'one')).toEqual([1])
    expect((await p.ingest()).status).toBe('nothing-new')
  })
})

function rewrite(p: TempProject, targets: object): void {
  const file = path.join(p.directory, 'tidegate.yaml')
  const config = JSON.parse(p.read('tidegate.yaml')) as { sources: { s: Record<string, unknown> } }
  config.sources.s['targets'] = targets
  writeFileSync(file, JSON.stringify(config))
}

/** The target is not mounted: an empty folder is in its place. */
function breakTarget(p: TempProject, name: string): void {
  renameFolder(p, name, `${name}-away`)
  mkdirSync(path.join(p.directory, 'lake', name, 's'), { recursive: true })
}

function mendTarget(p: TempProject, name: string): void {
  rmSync(path.join(p.directory, 'lake', name), { recursive: true })
  renameFolder(p, `${name}-away`, name)
}

function renameFolder(p: TempProject, from: string, to: string): void {
  renameSync(path.join(p.directory, 'lake', from), path.join(p.directory, 'lake', to))
}
