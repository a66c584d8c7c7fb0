import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { comparePaths, type FileRecord, type KnownStamp, type SourceConfig } from '@tidegate/core'
import { localStore } from '@tidegate/storage'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { surveySource, type Survey, type SurveyOptions } from './survey-source.ts'
import { recordOf } from './testing/records.ts'

const root = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Names whose order by bytes is not that of their folders, nor that of UTF-16. */
const NAMES = ['a', 'a-b', 'a/c', 'a/c-d', 'a/c/e', 'b.csv', 'b/x', 'ä', '\uE000', '😀', 'z/\uFFFD/1', 'z/😀/1']
for (const name of NAMES.map((name) => `${name}.csv`)) {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
  writeFileSync(path.join(root, name), name)
  utimesSync(path.join(root, name), 1000, 1000)
}

const source = {
  name: 's',
  root,
  pattern: '**/*.csv',
  ready: { settleMs: 0, marker: undefined, control: undefined, unit: 'file' },
} as unknown as SourceConfig

async function survey(
  stamps: readonly KnownStamp[],
  options: Partial<SurveyOptions>,
  pageRows: number,
  lost: readonly FileRecord[] = [],
): Promise<Survey> {
  const sorted = stamps.toSorted((a, b) => comparePaths(a.path, b.path))
  return surveySource(
    source,
    { exclude: [], ...options },
    {
      store: localStore(),
      report: () => {},
      signal: new AbortController().signal,
      ledger: {
        async *knownStamps() {
          // All of a path is in one page.
          const groups = [...Map.groupBy(sorted, ({ path: name }) => name).values()]
          for (let at = 0; at < groups.length; at += pageRows) yield groups.slice(at, at + pageRows).flat()
        },
        versionsOf: async () => new Map(),
        lostDuplicates: async () => lost,
      },
    },
  )
}

function pathsOf({ items }: Survey): readonly string[] {
  return items.flatMap((item) => (item.kind === 'file' ? [item.file.path] : []))
}

async function listed(): Promise<ReadonlyMap<string, string>> {
  const { items } = await survey([], {}, 1)
  return new Map(items.flatMap((item) => (item.kind === 'file' ? [[item.file.path, item.file.stamp]] : [])))
}

function stampOf(name: string, stamp: string, location = 'A', loaded?: string): KnownStamp {
  const version = (ordinal: number, own: string, outcome: 'held' | 'loaded'): KnownStamp['newest'] => ({
    id: `s/${name}#${ordinal}`,
    ordinal,
    stamp: own,
    outcome,
    live: outcome === 'loaded',
  })
  const newestLoaded = loaded === undefined ? undefined : version(1, loaded, 'loaded')
  return { path: name, location, newest: version(2, stamp, 'held'), newestLoaded }
}

test('whatever is known, and in whatever pages: what is kept is what a look at each file alone says', async () => {
  const files = await listed()
  expect(files.size).toBe(NAMES.length)
  const known = fc.array(
    fc.record({
      name: fc.constantFrom(...files.keys(), '!gone', 'a/gone', '\uFFFF'),
      newest: fc.constantFrom('same', 'other'),
      loaded: fc.constantFrom('same', 'other', undefined),
    }),
    { maxLength: 15 },
  )
  await fc.assert(
    fc.asyncProperty(known, fc.integer({ min: 1, max: 4 }), async (records, pageRows) => {
      const stampFor = (name: string, word: string): string => (word === 'same' ? (files.get(name) ?? '') : 'other')
      const byPath = new Map(records.map((record) => [record.name, record]))
      const stamps = [...byPath.values()].map(({ name, newest, loaded }) =>
        stampOf(name, stampFor(name, newest), 'A', loaded === undefined ? undefined : stampFor(name, loaded)),
      )
      const wanted = [...files.keys()].filter((name) => {
        const record = byPath.get(name)
        return record?.newest !== 'same' && record?.loaded !== 'same'
      })
      const found = await survey(stamps, { fewFiles: 0 }, pageRows)
      expect(pathsOf(found)).toEqual(wanted)
      expect(found).toMatchObject({ filesSeen: files.size, unchanged: files.size - wanted.length })
    }),
    { seed: 11, numRuns: 60 },
  )
})

test('with several targets a file is passed by only where each of them knows it', async () => {
  const files = await listed()
  const all = [...files].flatMap(([name, stamp]) => [stampOf(name, stamp, 'A'), stampOf(name, stamp, 'B')])
  const targets = [{ locations: new Set(['A']) }, { locations: new Set(['B', 'C']) }]
  expect(pathsOf(await survey(all, { fewFiles: 0, targets }, 3))).toEqual([])
  const lacking = all.filter(({ path: name, location }) => name !== 'ä.csv' || location === 'A')
  expect(pathsOf(await survey(lacking, { fewFiles: 0, targets }, 3))).toEqual(['ä.csv'])
})

test('a known file is kept where its rows were lost, and where everything is to be looked at again', async () => {
  const files = await listed()
  const all = Array.from(files, ([name, stamp]) => stampOf(name, stamp))
  const lost = [recordOf('b.csv.csv', 1, 'B')]
  expect(pathsOf(await survey(all, { fewFiles: 0 }, 2, lost))).toEqual(['b.csv.csv'])
  expect(pathsOf(await survey(all, { fewFiles: 0, force: true }, 2))).toHaveLength(NAMES.length)
  expect(pathsOf(await survey(all, { fewFiles: 0, retry: new Set(['a.csv']) }, 2))).toEqual(['a.csv'])
})

test('folders on the way to files are counted once each', async () => {
  // The root, a, a/c, b, z, z/\uFFFD, z/😀.
  expect((await survey([], {}, 1)).folders).toBe(7)
})
