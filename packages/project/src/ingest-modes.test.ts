import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cell, SourceConfig, TargetConfig } from '@tidegate/core'
import type { SourceReport } from '@tidegate/pipeline'
import { openBench, outcomes, type Bench, type IngestRun, type TempProject } from './testing/temp-project.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

async function ingest(
  p: TempProject,
  mode: Partial<TargetConfig>,
  more: Partial<SourceConfig> = {},
  effects?: IngestRun['effects'],
): Promise<SourceReport> {
  const project = await p.open()
  const [source] = project.config.sources
  await project.close()
  if (source === undefined) throw new Error('no source')
  const target = { ...source.target, ...mode }
  return p.ingest({ source: { target, targets: [target], ...more }, effects })
}

/** Rows read, loaded and dropped of each file. */
function counts(report: SourceReport): readonly (readonly [string, number, number, number])[] {
  return report.files.map(({ path, rowsRead, rowsLoaded, rowsDropped }) => [path, rowsRead, rowsLoaded, rowsDropped])
}

async function all(p: TempProject): Promise<readonly (readonly Cell[])[]> {
  return p.rows('id, v', 'ORDER BY id, v')
}

function values(...rows: readonly (readonly [number | null, string])[]): string {
  const list = rows.map(([id, v]) => `(${id ?? 'NULL'}::BIGINT, '${v}')`)
  return `SELECT * FROM (VALUES ${list.join(', ')}) t(id, v)`
}

describe('replace', () => {
  test('all: the rows of this run take the place of those that were there', async () => {
    const p = bench.project()
    await p.landRows('1.parquet', values([1, 'a'], [2, 'b']))
    await ingest(p, { mode: 'replace' })
    await p.landRows('2.parquet', values([3, 'c']))
    await p.landRows('3.parquet', values([4, 'd']))
    expect(outcomes(await ingest(p, { mode: 'replace' }))).toEqual(['2.parquet: loaded', '3.parquet: loaded'])
    expect(await all(p)).toEqual([
      [3, 'c'],
      [4, 'd'],
    ])
  })

  test('a run without new files takes nothing away', async () => {
    const p = bench.project()
    await p.landRows('1.parquet', values([1, 'a']))
    await ingest(p, { mode: 'replace' })
    await ingest(p, { mode: 'replace' })
    expect(await all(p)).toEqual([[1, 'a']])
  })

  test('partitions: only those that come again are replaced', async () => {
    const p = bench.project()
    const mode: Partial<TargetConfig> = { mode: 'replace', replace: 'partitions', partitionBy: ['id'] }
    await p.landRows('1.parquet', values([1, 'a'], [2, 'b'], [2, 'c']))
    await ingest(p, mode)
    await p.landRows('2.parquet', values([2, 'new'], [3, 'd']))
    await ingest(p, mode)
    expect(await all(p)).toEqual([
      [1, 'a'],
      [2, 'new'],
      [3, 'd'],
    ])
  })

  test('of many files one that is held does not spoil the batch', async () => {
    const p = bench.project({ gate: { on_fail: 'quarantine' } })
    p.contract('s', { id: { type: 'BIGINT', nullable: false }, v: { type: 'VARCHAR' } })
    await p.landRows('1.parquet', values([1, 'a']))
    await ingest(p, { mode: 'replace' })
    await p.landRows('2.parquet', values([2, 'b']))
    await p.landRows('3.parquet', values([null, 'c']))
    await p.landRows('4.parquet', values([4, 'd']))
    await ingest(p, { mode: 'replace' })
    expect(await all(p)).toEqual([
      [2, 'b'],
      [4, 'd'],
    ])
  })
})

describe('a batch that must not be parted', () => {
  /** Overwrites values behind the first page's header; header and footer stay as they are. */
  function spoil(file: string): void {
    const bytes = readFileSync(file)
    bytes.fill(0xff, 200, 1000)
    writeFileSync(file, bytes)
  }

  const rows = (name: string): string => `SELECT range::BIGINT AS id, md5('${name}' || range) AS v FROM range(500)`

  test('replace: a file that nobody can read is found by halving and held alone; the rest is one commit', async () => {
    const p = bench.project()
    await p.landRows('0.parquet', rows('old'))
    await ingest(p, { mode: 'replace' })
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const file = await p.landRows(`${name}.parquet`, rows(name))
      if (name === 'b' || name === 'e') spoil(file)
    }
    const report = await ingest(p, { mode: 'replace' }, { verify: 'off', repair: 'off' })
    expect(outcomes(report)).toEqual([
      'a.parquet: loaded',
      'b.parquet: held PQ406',
      'c.parquet: loaded',
      'd.parquet: loaded',
      'e.parquet: held PQ406',
    ])
    expect(new Set(report.files.map(({ batch }) => batch)).size).toBe(1)
    expect(await p.count()).toBe(1500)
  })

  test('a folder as one unit: the file is held for what it is, its neighbours because of it', async () => {
    const p = bench.project({ ready: { settle: '0s', unit: 'folder' } })
    await p.landRows('day/a.parquet', rows('a'))
    spoil(await p.landRows('day/b.parquet', rows('b')))
    await p.landRows('night/c.parquet', rows('c'))
    const report = await p.ingest({ source: { verify: 'off', repair: 'off' } })
    expect(outcomes(report)).toEqual([
      'day/a.parquet: held UNIT_HELD',
      'day/b.parquet: held PQ406',
      'night/c.parquet: loaded',
    ])
    expect(await p.count()).toBe(500)
  })
})

describe('two projects on one target', () => {
  test('a batch that is overtaken between its settling and its commit is judged and settled anew, again and again', async () => {
    const one = bench.project()
    const two = bench.project({ target: { path: `${one.directory}/lake/s` } })
    // Fences are counted per source: of one name in two states they would say who is the newer one.
    const config = path.join(two.directory, 'tidegate.yaml')
    writeFileSync(config, readFileSync(config, 'utf8').replace('"s":', '"other":'))
    const mode: Partial<TargetConfig> = { mode: 'upsert', keys: ['id'] }
    await one.landRows('first.parquet', values([1, 'one'], [2, 'one']))
    let overtaken = 0
    const report = await ingest(one, mode, {}, (effects) => ({
      ...effects,
      openDestination: async (...source) => {
        const target = await effects.openDestination(...source)
        return {
          ...target,
          commit: async (draft) => {
            if (overtaken < 3) {
              overtaken += 1
              await two.landRows(`${overtaken}.parquet`, values([2, `two ${overtaken}`], [10 + overtaken, 'two']))
              expect(outcomes(await ingest(two, mode))).toEqual([`${overtaken}.parquet: loaded`])
            }
            return target.commit(draft)
          },
        }
      },
    }))
    expect(outcomes(report)).toEqual(['first.parquet: loaded'])
    expect(overtaken).toBe(3)
    expect(await all(one)).toEqual([
      [1, 'one'],
      [2, 'one'],
      [11, 'two'],
      [12, 'two'],
      [13, 'two'],
    ])
    // Both know what happened, and neither does it again.
    expect(outcomes(await ingest(one, mode))).toEqual([])
    expect(outcomes(await ingest(two, mode))).toEqual([])
    expect((await all(one)).length).toBe(5)
  })
})

describe('upsert', () => {
  test('a row with a known key takes the place of the old one; rows without a key are all kept', async () => {
    const p = bench.project()
    const mode: Partial<TargetConfig> = { mode: 'upsert', keys: ['id'] }
    await p.landRows('1.parquet', values([1, 'a'], [2, 'b'], [null, 'x']))
    await ingest(p, mode)
    await p.landRows('2.parquet', values([2, 'B'], [3, 'c'], [null, 'y']))
    expect(counts(await ingest(p, mode))).toEqual([['2.parquet', 3, 3, 0]])
    expect(await all(p)).toEqual([
      [1, 'a'],
      [2, 'B'],
      [3, 'c'],
      [null, 'x'],
      [null, 'y'],
    ])
  })

  test('of rows with one key in one batch the last is kept, and the others are counted as dropped', async () => {
    const p = bench.project()
    await p.landRows('1.parquet', values([1, 'a'], [1, 'b']))
    await p.landRows('2.parquet', values([1, 'c'], [2, 'd']))
    const report = await ingest(p, { mode: 'upsert', keys: ['id'] })
    expect(counts(report)).toEqual([
      ['1.parquet', 2, 0, 2],
      ['2.parquet', 2, 2, 0],
    ])
    expect(report.files[0]?.reasons.map(({ check, message }) => [check, message])).toEqual([
      ['ROWS_DEDUPLICATED', '2 rows with the key of another row'],
    ])
    expect(await all(p)).toEqual([
      [1, 'c'],
      [2, 'd'],
    ])
  })
})

describe('dedup', () => {
  test('with append, of equal keys in a batch the one with the highest order stays', async () => {
    const p = bench.project()
    await p.landRows('1.parquet', values([1, 'z'], [2, 'a'], [null, 'n']))
    await p.landRows('2.parquet', values([1, 'm'], [2, 'b'], [null, 'n']))
    const report = await ingest(p, { dedup: { keys: ['id'], orderBy: 'v' } })
    expect(counts(report)).toEqual([
      ['1.parquet', 3, 2, 1],
      ['2.parquet', 3, 2, 1],
    ])
    expect(await all(p)).toEqual([
      [1, 'z'],
      [2, 'b'],
      [null, 'n'],
      [null, 'n'],
    ])
  })
})

describe.each([{ mode: 'replace' }, { mode: 'upsert', keys: ['id'] }] as const)(
  '$mode: of rows that newer ones took the place of',
  (mode) => {
    test('a copy that was skipped does not come back over them', async () => {
      const p = bench.project()
      await p.landRows('1.parquet', values([1, 'old']))
      await p.landRows('1copy.parquet', values([1, 'old']))
      expect(outcomes(await ingest(p, mode))).toEqual([
        '1.parquet: loaded',
        '1copy.parquet: duplicate DUPLICATE_CONTENT',
      ])
      await p.landRows('2.parquet', values([1, 'new']))
      await ingest(p, mode)
      expect(outcomes(await ingest(p, mode))).toEqual([])
      expect(await all(p)).toEqual([[1, 'new']])
    })

    test('the same bytes may be delivered again', async () => {
      const p = bench.project()
      for (const [at, v] of ['first', 'second', 'first'].entries()) {
        await p.landRows(`${at}.parquet`, values([1, v]))
        expect(outcomes(await ingest(p, mode))).toEqual([`${at}.parquet: loaded`])
        expect(await all(p)).toEqual([[1, v]])
      }
    })
  },
)

describe('watermark.filter', () => {
  test('rows below the watermark of the last run, less its lag, are dropped and counted; NULLs stay', async () => {
    const p = bench.project({ watermark: { column: 'seen', lag: '1h', filter: true } })
    const at = (...times: readonly (string | null)[]): string =>
      `SELECT unnest([${times.map((time) => (time === null ? 'NULL' : `TIMESTAMP '2024-01-01 ${time}'`)).join(', ')}]) AS seen`
    await p.landRows('1.parquet', at('10:00:00', '12:00:00'))
    await p.ingest()
    await p.landRows('2.parquet', at('10:59:59', '11:00:00', '13:00:00', null))
    await p.landRows('3.parquet', at('12:30:00'))
    const report = await p.ingest()
    expect(counts(report)).toEqual([
      ['2.parquet', 4, 3, 1],
      ['3.parquet', 1, 1, 0],
    ])
    expect(report.files[0]?.reasons[0]?.check).toBe('WATERMARK_FILTER')
    expect(await p.rows('CAST(seen AS VARCHAR)', 'ORDER BY seen')).toEqual([
      ['2024-01-01 10:00:00'],
      ['2024-01-01 11:00:00'],
      ['2024-01-01 12:00:00'],
      ['2024-01-01 12:30:00'],
      ['2024-01-01 13:00:00'],
      [null],
    ])
  })
})
