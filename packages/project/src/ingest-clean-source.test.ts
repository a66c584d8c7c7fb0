import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sweepSource, type PipelineEffects } from '@tidegate/pipeline'
import { localSourceCleaner } from '@tidegate/storage'
import { openBench, outcomes, type Bench, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const ARCHIVE = { clean_source: { mode: 'archive', after: '0s', to: 'archive' } }

function names(p: TempProject, folder: string): readonly string[] {
  return Object.keys(p.tree(folder))
}

async function ids(p: TempProject): Promise<readonly unknown[]> {
  return (await p.rows('id', 'ORDER BY id')).map((row) => Number(row[0]))
}

/** The same run a number of milliseconds later. */
function later(ms: number): (effects: PipelineEffects) => PipelineEffects {
  return (effects) => ({ ...effects, clock: { nowMs: () => effects.clock.nowMs() + ms } })
}

describe('archive', () => {
  test('moves loaded files with their bytes and paths, and leaves the others', async () => {
    const p = bench.project(ARCHIVE)
    p.contract(
      's',
      { id: { type: 'BIGINT' } },
      {
        expectations: [{ type: 'expect_column_values_to_be_between', kwargs: { column: 'id', max_value: 5 } }],
      },
    )
    p.land('x/a.csv', 'id\n1\n')
    p.land('bad.csv', 'id\n99\n')
    p.land('x/copy.csv', 'id\n1\n')
    const before = p.tree('landing')
    expect(await p.ingest()).toMatchObject({ filesCleaned: 1 })
    expect(p.tree('archive')).toEqual({ 'x/a.csv': before['x/a.csv'] })
    expect(names(p, 'landing')).toEqual(['bad.csv', 'x/copy.csv'])
    expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesCleaned: 0 })
    expect(await ids(p)).toEqual([1])
  })

  test('never overwrites: a second file of the name gets a number, the same bytes are not kept twice', async () => {
    const p = bench.project({ ...ARCHIVE, overwrites: 'append' })
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    p.land('a.csv', 'id\n2\n')
    expect(outcomes(await p.ingest())).toEqual(['a.csv: loaded'])
    expect(names(p, 'archive')).toEqual(['a.csv', 'a.csv.2'])
    // Sent again as they were: nothing to load, and nothing new to keep.
    p.land('a.csv', 'id\n2\n')
    expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesCleaned: 1 })
    expect(names(p, 'archive')).toEqual(['a.csv', 'a.csv.2'])
    expect(names(p, 'landing')).toEqual([])
    expect(await ids(p)).toEqual([1, 2])
  })

  test('a move that was cut off is finished, and leaves one copy', async () => {
    const p = bench.project(ARCHIVE)
    p.land('a.csv', 'id\n1\n')
    const cutOff = await p.ingest({
      effects: (effects) => ({
        ...effects,
        cleaner: localSourceCleaner({
          mark: () => {
            throw new Error('killed')
          },
        }),
      }),
    })
    expect(cutOff.error?.message).toBe('killed')
    expect([names(p, 'landing'), names(p, 'archive')]).toEqual([['a.csv'], ['a.csv']])
    expect(await p.ingest()).toMatchObject({ status: 'nothing-new', filesCleaned: 1 })
    expect([names(p, 'landing'), names(p, 'archive')]).toEqual([[], ['a.csv']])
    expect(await ids(p)).toEqual([1])
  })

  test('a file that changed after it was loaded stays', async () => {
    const p = bench.project(ARCHIVE)
    p.land('a.csv', 'id\n1\n')
    const report = await p.ingest({
      effects: (effects) => ({
        ...effects,
        mark(phase, detail) {
          if (phase === 'indexed') p.land('a.csv', 'id\n2222\n')
          effects.mark(phase, detail)
        },
      }),
    })
    expect(report).toMatchObject({ status: 'ok', filesCleaned: 0 })
    expect([names(p, 'landing'), names(p, 'archive')]).toEqual([['a.csv'], []])
    await p.ingest()
    expect(await ids(p)).toEqual([2222])
    expect(names(p, 'archive')).toEqual(['a.csv'])
  })

  test('links stay, and a second name of a file is a file of its own', async () => {
    const p = bench.project({ ...ARCHIVE, duplicates: 'load' })
    const file = p.land('a.csv', 'id\n1\n')
    symlinkSync(file, path.join(p.directory, 'landing', 'link.csv'))
    linkSync(file, path.join(p.directory, 'landing', 'hard.csv'))
    await p.ingest()
    for (let run = 0; run < 3; run++) await p.ingest()
    expect(names(p, 'archive')).toEqual(['a.csv', 'hard.csv'])
  })
})

describe('delete', () => {
  test('waits for the retention after the commit', async () => {
    const p = bench.project({ clean_source: { mode: 'delete', after: '2h' } })
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    expect(await p.ingest({ effects: later(3_600_000) })).toMatchObject({ filesCleaned: 0 })
    expect(await p.ingest({ effects: later(7_300_000) })).toMatchObject({ filesCleaned: 1 })
    expect(names(p, 'landing')).toEqual([])
    expect(await ids(p)).toEqual([1])
    expect((await p.ingest()).status).toBe('nothing-new')
    // Equal bytes sent again are known, other bytes are the next version.
    p.land('a.csv', 'id\n1\n')
    expect((await p.ingest()).status).toBe('nothing-new')
    p.land('a.csv', 'id\n2\n')
    await p.ingest()
    expect(await ids(p)).toEqual([2])
  })

  test('waits for all targets', async () => {
    const targets = { one: { path: 'lake/one/{dataset}' }, two: { path: 'lake/two/{dataset}' } }
    const p = bench.project({ target: null, targets, clean_source: { mode: 'delete', after: '0s' } })
    mkdirSync(path.join(p.directory, 'lake', 'two'), { recursive: true })
    // A file stands where the second target's folder should be.
    writeFileSync(path.join(p.directory, 'lake', 'two', 's'), '')
    p.land('a.csv', 'id\n1\n')
    expect(await p.ingest()).toMatchObject({ status: 'partial', filesCleaned: 0 })
    expect(names(p, 'landing')).toEqual(['a.csv'])
  })

  test('the sweep of maintenance does the same', async () => {
    const p = bench.project({ clean_source: { mode: 'delete', after: '1h' } })
    p.land('a.csv', 'id\n1\n')
    await p.ingest()
    const project = await p.open()
    try {
      const [source] = project.config.sources
      if (source === undefined) throw new Error('no source')
      expect(await sweepSource(source, project.exclude, project.effects)).toEqual({ cleaned: 0, left: 0 })
      const swept = await sweepSource(source, project.exclude, later(3_700_000)(project.effects))
      expect(swept).toEqual({ cleaned: 1, left: 0 })
    } finally {
      await project.close()
    }
    expect(names(p, 'landing')).toEqual([])
    expect((await p.ingest()).status).toBe('nothing-new')
  })
})
