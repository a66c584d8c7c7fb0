import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceCleaner } from '@tidegate/core'
import type { PipelineEffects } from '@tidegate/pipeline'
import { listRecords, settleRecords } from './quarantine-loop.ts'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** A project that holds files with an id above 5. */
function strict(more: Readonly<Record<string, unknown>> = {}): TempProject {
  const p = bench.project({ quarantine: { path: 'quarantine/s', original: 'move' }, ...more })
  setLimit(p, 5)
  return p
}

function setLimit(p: TempProject, most: number): void {
  const rule = { type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: most } }
  p.contract('s', { id: { type: 'BIGINT' } }, { expectations: [rule] })
}

function names(p: TempProject, folder = 'landing'): readonly string[] {
  return Object.keys(p.tree(folder))
}

/** Hashes of the copies of held files. */
function copies(p: TempProject): readonly string[] {
  const found = Object.entries(p.tree('quarantine/s'))
  return found.flatMap(([name, hash]) => (name.endsWith('.csv') ? [hash] : [])).sort()
}

async function ids(p: TempProject): Promise<readonly number[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => Number(row[0]))
}

const killed: SourceCleaner['delete'] = () => Promise.reject(new Error('killed'))

function withDelete(own: (real: SourceCleaner['delete']) => SourceCleaner['delete']) {
  return (effects: PipelineEffects): PipelineEffects => ({
    ...effects,
    cleaner: { ...effects.cleaner, delete: own(effects.cleaner.delete) },
  })
}

test('a held file leaves the landing zone and is in quarantine byte for byte; the others stay', async () => {
  const p = strict()
  p.land('x/bad.csv', 'id\n99\n')
  p.land('good.csv', 'id\n1\n')
  const before = p.tree('landing')
  expect(await p.ingest()).toMatchObject({ status: 'gate-failed', filesMoved: 1 })
  expect(names(p)).toEqual(['good.csv'])
  expect(copies(p)).toEqual([before['x/bad.csv']])
  expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesMoved: 0 })
})

test('sent again: other bytes are a new version, the same bytes are known and leave again', async () => {
  const p = strict()
  p.land('a.csv', 'id\n99\n')
  await p.ingest()
  p.land('a.csv', 'id\n99\n')
  expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesMoved: 1 })
  expect(names(p)).toEqual([])
  p.land('a.csv', 'id\n3\n')
  expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
  expect([names(p), await ids(p)]).toEqual([['a.csv'], [3]])
  p.land('a.csv', 'id\n77\n')
  expect(await p.ingest()).toMatchObject({ filesMoved: 1 })
  // The rows of the version before stay, since the newer one is held.
  expect([names(p), await ids(p), copies(p).length]).toEqual([[], [3], 2])
})

test('a kill between commit and move: the next run moves it, and nothing is held twice', async () => {
  const p = strict()
  p.land('a.csv', 'id\n99\n')
  const report = await p.ingest({ effects: withDelete(() => killed) })
  expect(report.error?.message).toBe('killed')
  expect([names(p), copies(p).length]).toEqual([['a.csv'], 1])
  expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesMoved: 1 })
  expect([names(p), copies(p).length]).toEqual([[], 1])
})

test('nothing leaves that is not in quarantine: a copy that is gone or broken keeps the file where it is', async () => {
  const p = strict()
  p.land('a.csv', 'id\n99\n')
  await p.ingest({ effects: withDelete(() => killed) })
  const copy = names(p, 'quarantine/s').find((name) => name.endsWith('.csv'))
  writeFileSync(path.join(p.directory, 'quarantine/s', copy ?? ''), 'id\n98\n')
  expect(await p.ingest()).toMatchObject({ filesMoved: 0 })
  expect(names(p)).toEqual(['a.csv'])
})

test('what was written to meanwhile, and links, stay', async () => {
  const p = strict()
  const file = p.land('a.csv', 'id\n99\n')
  symlinkSync(file, path.join(p.directory, 'landing/link.csv'))
  const report = await p.ingest({
    source: { duplicates: 'load' },
    effects: (effects) => ({
      ...effects,
      mark: (phase, detail) => {
        if (phase === 'indexed') writeFileSync(file, 'id\n4\n')
        effects.mark(phase, detail)
      },
    }),
  })
  expect(report).toMatchObject({ filesMoved: 0 })
  expect(names(p)).toContain('a.csv')
  expect(existsSync(path.join(p.directory, 'landing/link.csv'))).toBe(true)
  await p.ingest({ source: { duplicates: 'skip' } })
  expect(await ids(p)).toEqual([4])
})

test('replay finds what was moved: by the contract of now it is loaded, once', async () => {
  const p = strict()
  p.land('a.csv', 'id\n99\n')
  await p.ingest()
  expect(names(p)).toEqual([])
  setLimit(p, 100)
  const project = await p.open()
  try {
    const [record] = await listRecords(project)
    expect(record).toMatchObject({ filePath: 'a.csv', content: 'file', status: 'open' })
    const [source] = project.config.sources
    if (source === undefined) throw new Error('no source')
    const replay = await settleRecords(project, source, { action: 'replay', wants: () => true })
    expect(replay.items).toMatchObject([{ result: 'loaded', rowsLoaded: 1 }])
    const again = await settleRecords(project, source, { action: 'replay', wants: () => true })
    expect(again.items).toEqual([])
    // The log says where it came from.
    expect((await project.state.listFiles({ source: 's' }))[0]?.uri).toBe(path.join(p.directory, 'landing/a.csv'))
  } finally {
    await project.close()
  }
  expect(await ids(p)).toEqual([99])
  expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesMoved: 0 })
})

test('files retry says where a file is that was moved', async () => {
  const p = strict()
  p.land('a.csv', 'id\n99\n')
  await p.ingest()
  const notes: string[] = []
  await p.ingest({
    retry: new Set(['a.csv']),
    effects: (effects) => ({
      ...effects,
      report: (event) => void (event.kind === 'note' && notes.push(event.message)),
    }),
  })
  expect(notes).toEqual([expect.stringContaining('"a.csv" is not in the source; `tidegate quarantine replay`')])
})

test('several targets: a file leaves only when each of them has decided over it', async () => {
  const p = strict({
    target: undefined,
    targets: { one: { path: 'lake/one/{dataset}' }, two: { path: 'lake/two/{dataset}' } },
  })
  p.land('a.csv', 'id\n99\n')
  const failing = await p.ingest({
    effects: (effects) => ({
      ...effects,
      openDestination: async (source, dataset, options) => {
        if (source.target.name === 'two') throw new Error('not mounted')
        return effects.openDestination(source, dataset, options)
      },
    }),
  })
  expect([failing.status, failing.filesMoved, names(p)]).toEqual(['partial', 0, ['a.csv']])
  expect(await p.ingest()).toMatchObject({ filesMoved: 1 })
  expect([names(p), copies(p).length]).toEqual([[], 2])
})

test('folders as units leave as a whole, also after a kill in the middle', async () => {
  const p = strict({ ready: { settle: '0s', unit: 'folder' } })
  for (const name of ['d/a.csv', 'd/b.csv', 'd/c.csv'])
    p.land(name, `id\n${name === 'd/b.csv' ? 99 : name.charCodeAt(2) - 96}\n`)
  let deleted = 0
  await p.ingest({
    effects: withDelete((real) => async (file) => (++deleted > 2 ? killed(file) : real(file))),
  })
  expect(names(p)).toEqual(['d/c.csv'])
  // What comes now is another delivery: it is not judged with what is left of the first.
  p.land('d/new.csv', 'id\n4\n')
  expect(outcomes(await p.ingest())).toEqual(['d/new.csv: loaded'])
  expect([names(p), await ids(p)]).toEqual([['d/new.csv'], [4]])
})

test('a unit of which one file was changed meanwhile stays as a whole, and is judged as a whole', async () => {
  const p = strict({ ready: { settle: '0s', unit: 'folder' } })
  p.land('d/a.csv', 'id\n1\n')
  const bad = p.land('d/b.csv', 'id\n99\n')
  await p.ingest({
    effects: (effects) => ({
      ...effects,
      mark: (phase, detail) => {
        if (phase === 'indexed') writeFileSync(bad, 'id\n2\n')
        effects.mark(phase, detail)
      },
    }),
  })
  expect(names(p)).toEqual(['d/a.csv', 'd/b.csv'])
  expect(outcomes(await p.ingest()).toSorted()).toEqual(['d/a.csv: loaded', 'd/b.csv: loaded'])
  expect(await ids(p)).toEqual([1, 2])
})

test('a unit that is sent again with one file corrected is loaded as a whole', async () => {
  const p = strict({ ready: { settle: '0s', unit: 'folder' } })
  p.land('d/a.csv', 'id\n1\n')
  p.land('d/b.csv', 'id\n99\n')
  expect(await p.ingest()).toMatchObject({ filesMoved: 2 })
  p.land('d/a.csv', 'id\n1\n')
  p.land('d/b.csv', 'id\n2\n')
  expect(outcomes(await p.ingest()).toSorted()).toEqual(['d/a.csv: loaded', 'd/b.csv: loaded'])
  expect([names(p), await ids(p)]).toEqual([
    ['d/a.csv', 'd/b.csv'],
    [1, 2],
  ])
})

test.each([
  ['duckdb', { kind: 'duckdb', path: 'lake/s.duckdb' }, {}],
  ['delta', { kind: 'delta', path: 'delta/{dataset}' }, { overwrites: 'fail' }],
  ['none', { kind: 'none' }, {}],
])('with a target of kind %s as well', async (_kind, target, more) => {
  const p = strict({ target, ...more })
  p.land('a.csv', 'id\n99\n')
  p.land('b.csv', 'id\n1\n')
  const before = p.tree('landing')
  expect(await p.ingest()).toMatchObject({ filesMoved: 1, totals: { loaded: 1, held: 1 } })
  expect([names(p), copies(p)]).toEqual([['b.csv'], [before['a.csv']]])
  // The state is lost: the log knows that it is held, and where its copy is.
  const project = await p.open()
  await project.state.clearIndex()
  await project.close()
  expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesMoved: 0 })
})

test('files that were held before, with a copy, leave as well; those that are only referred to stay', async () => {
  const p = strict({ quarantine: { path: 'quarantine/s', original: 'copy' } })
  p.land('copied.csv', 'id\n99\n')
  await p.ingest()
  const quarantine = (original: 'move' | 'reference') => ({ path: path.join(p.directory, 'quarantine/s'), original })
  p.land('named.csv', 'id\n98\n')
  await p.ingest({ source: { quarantine: quarantine('reference') } })
  expect(names(p)).toEqual(['copied.csv', 'named.csv'])
  expect(await p.ingest({ source: { quarantine: quarantine('move') } })).toMatchObject({ filesMoved: 1 })
  expect(names(p)).toEqual(['named.csv'])
})
