import type { CheckRecord, CheckResult, LedgerFile } from '@tidegate/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { State } from './index.ts'
import { makeEntry, makeFile } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'
import { naiveCheckDays, naiveCheckFailures, naiveFileHours, naiveFolders, naiveScores } from './testing/naive-facts.ts'

const HOSTILE = [
  `it's "50%" _done_`,
  '../../etc/passwd',
  'ünï/çødé 🌊/x',
  'a//b/c',
  '/abs/x',
  'plain',
  'a/b/c',
  'a/bc',
  '</script>',
]
const SOURCES = ['flights', `o'hare/"x"%`, 'źródło']
const BEGIN_MS = Date.UTC(2026, 0, 5, 22, 15)
const HOUR_MS = 3_600_000

const fileShape = fc.record({
  path: fc.constantFrom(...HOSTILE),
  outcome: fc.constantFrom('loaded', 'held', 'skipped'),
  rows: fc.nat(1000),
  bytes: fc.nat(10_000),
  score: fc.constantFrom(null, 0, 4.875, 5, 77.25, 99.5, 100),
  isRepaired: fc.boolean(),
})
const stepShape = fc.record({
  source: fc.constantFrom(...SOURCES),
  dataset: fc.constantFrom('d', `d'"; drop table entry; --`),
  afterHours: fc.integer({ min: 0, max: 40 }),
  location: fc.constantFrom('/lake', '/second'),
  files: fc.uniqueArray(fileShape, { maxLength: 5, selector: (file) => file.path }),
  /** Judges the file of this path again, whose version is already there. */
  isForced: fc.boolean(),
  replayed: fc.boolean(),
  checks: fc.array(
    fc.record({
      check: fc.constantFrom('c', 'c%_', `c'"`),
      outcome: fc.constantFrom('passed', 'failed', 'error'),
      severity: fc.constantFrom('critical', 'warning'),
      unexpected: fc.nat(50),
      file: fc.constantFrom('f#1', 'g#1'),
    }),
    { maxLength: 6 },
  ),
})

type Step = typeof stepShape extends fc.Arbitrary<infer T> ? T : never

test('whatever happened, the sums are those of the files and results one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(stepShape, { maxLength: 8 }),
      fc.nat(200),
      fc.nat(200),
      fc.subarray(SOURCES),
      async (steps, begin, length, some) => {
        const state = await freshState()
        await play(state, steps)
        const sinceMs = BEGIN_MS + begin * HOUR_MS
        for (const window of [
          { sinceMs: 0, untilMs: BEGIN_MS * 2 },
          { sinceMs, untilMs: sinceMs + length * HOUR_MS + 1 },
          { sinceMs: 0, untilMs: BEGIN_MS * 2, sources: some },
        ]) {
          expect(await state.sumFileHours(window)).toEqual(await naiveFileHours(state, window))
          expect((await state.sumFolders(window, 1000)).items).toEqual(await naiveFolders(state, window))
          expect(await state.sumScores(window)).toEqual(await naiveScores(state, window))
          expect(await state.sumCheckFailures(window)).toEqual(await naiveCheckFailures(state, window))
          const { untilMs } = window
          const wholeDays = { ...window, untilMs: Math.ceil(untilMs / (24 * HOUR_MS)) * 24 * HOUR_MS }
          expect(await state.sumCheckDays(window)).toEqual(await naiveCheckDays(state, wholeDays))
        }
        await state.close()
      },
    ),
    { seed: 20_261_121, numRuns: 25 },
  )
})

async function play(state: State, steps: readonly Step[]): Promise<void> {
  const ordinals = new Map<string, number>()
  const seqs = new Map<string, number>()
  let atMs = BEGIN_MS
  for (const [index, step] of steps.entries()) {
    const { source, dataset, location } = step
    atMs += step.afterHours * HOUR_MS
    const seq = (seqs.get(location) ?? 0) + 1
    seqs.set(location, seq)
    const files = step.files.map((file) => {
      const key = JSON.stringify([location, source, file.path])
      const known = ordinals.get(key) ?? 0
      const ordinal = step.isForced && known > 0 ? known : known + 1
      ordinals.set(key, ordinal)
      return toFile(file, ordinal, source)
    })
    const held = files.find((file) => file.outcome === 'held')
    await state.indexEntry(
      location,
      makeEntry(seq, [], {
        source,
        dataset,
        files,
        run: `run-${String(index)}`,
        committedAt: new Date(atMs).toISOString(),
      }),
    )
    if (step.replayed && held !== undefined) {
      seqs.set(location, seq + 1)
      const rows = { rowsRead: held.rowsRejected, rowsLoaded: 0, rowsRejected: 0, rowsDropped: 0 }
      await state.indexEntry(
        location,
        makeEntry(seq + 1, [], {
          source,
          dataset,
          committedAt: new Date(atMs + 1).toISOString(),
          consumes: [held.id],
          replays: [{ ...rows, record: held.id, file: held.id, action: 'discard', rowsDiscarded: held.rowsRejected }],
        }),
      )
    }
    // The same run may record a result of the same file and check again.
    const run = `run-${String(Math.floor(index / 2))}`
    await state.recordChecks(step.checks.map((check) => toRecord(check, { run, source, dataset, checkedAtMs: atMs })))
  }
}

function toFile(file: Step['files'][number], ordinal: number, source: string): LedgerFile {
  const { path, outcome, rows, bytes, score, isRepaired } = file
  return makeFile(
    {
      path,
      ordinal,
      bytes,
      score,
      outcome: outcome as LedgerFile['outcome'],
      rowsRead: rows,
      rowsLoaded: outcome === 'loaded' ? rows : 0,
      rowsRejected: outcome === 'held' ? rows : 0,
      ...(isRepaired
        ? {
            repair: {
              status: 'partial',
              sourceSha256: 'a',
              repairedSha256: 'b',
              path: 'p',
              codes: ['PQ105'],
              confidence: 'strong',
              rowsLost: 'unknown',
              cellsNulled: 3,
            },
          }
        : {}),
    },
    source,
  )
}

function toRecord(
  { check, outcome, severity, unexpected, file }: Step['checks'][number],
  at: Omit<CheckRecord, 'file' | 'result'>,
): CheckRecord {
  const result: CheckResult = {
    id: check,
    type: 'expect_x',
    columns: ['a', `b"'`],
    severity: severity as CheckResult['severity'],
    dimension: 'validity',
    outcome: outcome as CheckResult['outcome'],
    rowLevel: true,
    message: 'm',
    unexpectedCount: unexpected,
    provedBy: 'scan',
  }
  return { ...at, file: `${at.source}/${file}`, result }
}
