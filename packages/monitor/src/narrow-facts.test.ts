import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CheckRecord, FileFailure, FileRecord, RunRecord } from '@tidegate/core'
import { monitorReport } from './monitor-report.ts'
import { narrowContext, narrowFacts } from './narrow-facts.ts'
import { aCheck, aFile, aRun, aSource, DAY, factsOf, HOUR, NOW, type Records } from './testing/facts-builder.ts'

const SOURCES = ['a', 'b', "c'</script>"]
const DATASETS = ['x', 'y']
const SEED = 20261121

const source = fc.constantFrom(...SOURCES)
const dataset = fc.constantFrom(...DATASETS)
/** Times of their own, so that no order is left to chance: up to 40 days ago. */
const agoMs = fc.integer({ min: 1, max: 40 * 24 * 60 - 1 }).map((minutes) => minutes * 60_000)

const file: fc.Arbitrary<FileRecord> = fc
  .record({
    source,
    dataset,
    agoMs,
    path: fc.constantFrom('p', 'q', 'd/p', 'd/e/q'),
    outcome: fc.constantFrom('loaded', 'held', 'skipped'),
    score: fc.constantFrom(null, 0, 50, 99.9, 100),
    rows: fc.nat(1000),
    replayed: fc.nat(5),
  })
  .map(({ agoMs: ago, rows, replayed, ...facts }) =>
    aFile({ ...facts, rowsRead: rows, rowsLoaded: rows, rowsReplayed: replayed, decidedAtMs: NOW - ago }),
  )
const check: fc.Arbitrary<CheckRecord> = fc
  .record({
    source,
    dataset,
    agoMs,
    outcome: fc.constantFrom('passed', 'failed', 'error'),
    id: fc.constantFrom('k', 'l'),
  })
  .map(({ outcome, id, agoMs: ago, ...facts }) => aCheck(outcome, { ...facts, checkedAtMs: NOW - ago }, { id }))
const run: fc.Arbitrary<RunRecord> = fc
  .record({ source, agoMs, status: fc.constantFrom('ok', 'failed', 'gate-failed') })
  .map(({ agoMs: ago, ...facts }) => aRun({ ...facts, startedAtMs: NOW - ago }))
const failure: fc.Arbitrary<FileFailure> = fc.record({ source, dataset, agoMs }).map(({ agoMs: ago, ...facts }) => ({
  ...facts,
  path: 'z',
  stamp: '',
  run: 'r',
  code: 'ENOENT',
  message: 'gone',
  failedAtMs: NOW - ago,
  attempts: 1,
}))

const records: fc.Arbitrary<Records> = fc.record({
  files: fc
    .array(file, { maxLength: 30 })
    .map((files) =>
      files.map((item, index) => ({ ...item, ordinal: index + 1, id: `${item.source}/${item.path}#${index + 1}` })),
    ),
  checks: fc.array(check, { maxLength: 20 }),
  runs: fc.array(run, { maxLength: 20 }).map((runs) => runs.map((item, index) => ({ ...item, id: `r${index}` }))),
  failures: fc.array(failure, { maxLength: 5 }),
})

test('facts narrowed to some sources are those that would have been read for these sources alone', async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.subarray(SOURCES), async (recorded, sources) => {
      const narrowed = narrowFacts(await factsOf(recorded), { sources })
      expect(narrowed).toEqual(await factsOf(recorded, { sources }))
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('facts narrowed to whole days give the same sums as the same days read', async () => {
  const midnight = Math.floor(NOW / DAY) * DAY
  await fc.assert(
    fc.asyncProperty(records, fc.integer({ min: 0, max: 6 }), async (recorded, days) => {
      const sinceMs = midnight - days * DAY
      const narrowed = narrowFacts(await factsOf(recorded, { sinceMs: midnight - 20 * DAY }), { sinceMs })
      const read = await factsOf(recorded, { sinceMs })
      for (const key of [
        'fileHours',
        'folders',
        'scores',
        'checkDays',
        'checkFailures',
        'files',
        'failures',
      ] as const) {
        expect(narrowed[key], key).toEqual(read[key])
      }
      expect(narrowed.quarantine).toEqual(read.quarantine)
      expect(narrowed.held).toEqual(read.held)
    }),
    { seed: SEED, numRuns: 60 },
  )
})

test('narrowing is idempotent, and by nothing it changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.subarray(SOURCES),
      fc.subarray(DATASETS),
      agoMs,
      async (recorded, sources, datasets, ago) => {
        const facts = await factsOf(recorded)
        expect(narrowFacts(facts, {})).toEqual(facts)
        const filter = { sources, datasets, sinceMs: NOW - ago, untilMs: NOW - HOUR }
        const once = narrowFacts(facts, filter)
        expect(narrowFacts(once, filter)).toEqual(once)
        for (const list of [once.fileHours, once.checkDays, once.files.items, once.held.items]) {
          for (const item of list) {
            expect(sources).toContain(item.source)
            expect(datasets).toContain(item.dataset)
          }
        }
      },
    ),
    { seed: SEED, numRuns: 40 },
  )
})

test('a window in the past ends where it ends: nothing after it is shown, and comparisons look at its last whole day', async () => {
  const files = [0, 1, 2, 3].map((back) => aFile({ path: `f${back}`, decidedAtMs: NOW - HOUR - back * DAY }))
  const facts = narrowFacts(await factsOf({ files }), { untilMs: NOW - 2 * DAY })
  const report = monitorReport(facts, { nowMs: NOW, config: [aSource()] })
  expect(report.overview.totals.filesLoaded).toBe(2)
  expect(report.comparison.day).toBe('2026-11-18')
  expect(report.overview.days.at(-1)?.day).toBe('2026-11-19')
})

test('a list that was cut tells at most how many are meant', async () => {
  const facts = await factsOf({ files: [aFile({ source: 'a' }), aFile({ source: 'b', path: 'b' })] })
  const cut = { ...facts, files: { items: facts.files.items, total: 10 } }
  expect(narrowFacts(cut, { sources: ['a'] }).files).toMatchObject({ total: 9 })
})

test('the configuration of sources that the filter leaves out is left out too', async () => {
  const facts = await factsOf({
    files: [aFile({ source: 'a', dataset: 'x' }), aFile({ source: 'b', dataset: 'y', path: 'b' })],
  })
  const context = { nowMs: NOW, config: [aSource({ name: 'a' }), aSource({ name: 'b' })] }
  const names = (filter: Parameters<typeof narrowContext>[1]): readonly string[] =>
    narrowContext(context, filter, facts).config.map(({ name }) => name)
  expect([names({}), names({ sources: ['b'] }), names({ datasets: ['x'] })]).toEqual([['a', 'b'], ['b'], ['a']])
})
