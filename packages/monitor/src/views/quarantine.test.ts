import { expect, test } from 'vitest'
import { aFile, aSource, DAY, factsOf, HOUR, NOW } from '../testing/facts-builder.ts'
import { quarantine } from './quarantine.ts'

const context = { nowMs: NOW, config: [aSource()] }
const reason = (check: string) => ({ check, severity: 'critical', message: `${check} broke` }) as const

test('quarantine counts what is open, by reason, oldest first', async () => {
  const files = [
    aFile({ path: 'n', outcome: 'held', rowsRejected: 5, reasons: [reason('a'), reason('a')] }),
    aFile({
      path: 'o',
      outcome: 'held',
      rowsRejected: 7,
      decidedAtMs: NOW - 3 * HOUR,
      reasons: [reason('a'), reason('b')],
    }),
    // A later version of the same path was judged.
    aFile({ path: 'g', outcome: 'held', rowsRejected: 100, decidedAtMs: NOW - 5 * HOUR }),
    aFile({ path: 'g', ordinal: 2, rowsRejected: 3, reasons: [reason('c')] }),
  ]
  const view = quarantine(await factsOf({ files }), context)
  expect(view).toMatchObject({
    openFiles: 2,
    openRows: 12,
    oldestAgeMs: 3 * HOUR,
    rejectedRows: 3,
    openSplitRows: 3,
    openSplitItems: 1,
  })
  expect(view.items.map(({ path }) => path)).toEqual(['o', 'n'])
  expect(view.reasons.map(({ check, files: count, rows }) => [check, count, rows])).toEqual([
    // 5 and 7 rows of two held files, one of them for two reasons; 3 split off a loaded one.
    ['a', 2, 12],
    ['b', 1, 7],
    ['c', 1, 3],
  ])
  expect(view.byStatus.map(({ kind, status, items }) => [kind, status, items])).toEqual([
    ['held', 'open', 2],
    ['held', 'superseded', 1],
    ['rows', 'open', 1],
  ])
  expect(view.days.at(-1)).toMatchObject({ day: '2026-11-21', held: 3, openItems: 3 })
})

test('what was held long before the window is still open', async () => {
  const files = [aFile({ outcome: 'held', rowsRejected: 9, decidedAtMs: NOW - 300 * DAY })]
  expect(quarantine(await factsOf({ files }), context)).toMatchObject({ openFiles: 1, oldestAgeMs: 300 * DAY })
})

test('rows that came back and rows that were given up are told apart', async () => {
  const files = [aFile({ rowsLoaded: 7, rowsRejected: 1, rowsReplayed: 2, rowsDiscarded: 4, reasons: [reason('a')] })]
  const view = quarantine(await factsOf({ files }), context)
  expect(view).toMatchObject({ replayedRows: 2, discardedRows: 4 })
  expect(view.summary).toContain('2 rows came back by replay.')
})

test('rows that a replay put back are counted once', async () => {
  // 48 and 22 rows were split off two days ago. A replay yesterday loaded 46 and put 2 and 22 back.
  const before = { decidedAtMs: NOW - 2 * DAY }
  const files = [
    aFile({ path: 'a', ...before, rowsLoaded: 900, rowsRejected: 2, rowsReplayed: 46, reasons: [reason('fast')] }),
    aFile({ path: 'b', ...before, rowsLoaded: 900, rowsRejected: 22, reasons: [reason('unreadable')] }),
  ]
  const day = (back: number): number => Date.UTC(2026, 10, 21 - back)
  const of = { source: 'flights', dataset: 'flights', kind: 'rows', bytes: 0, items: 1 } as const
  const recorded = [
    { ...of, status: 'replayed', reason: 'fast', dayMs: day(2), rows: 48 },
    { ...of, status: 'replayed', reason: 'unreadable', dayMs: day(2), rows: 22 },
    { ...of, status: 'open', reason: 'fast', dayMs: day(1), rows: 2 },
    { ...of, status: 'open', reason: 'unreadable', dayMs: day(1), rows: 22 },
  ] as const
  const view = quarantine(await factsOf({ files, quarantine: recorded }), context)
  expect(view).toMatchObject({ rejectedRows: 70, replayedRows: 46, openSplitRows: 24 })
  expect(view.byStatus.map(({ status, rows }) => [status, rows])).toEqual([
    ['open', 24],
    ['replayed', 46],
  ])
  expect(view.days.slice(-3).map(({ rows }) => rows)).toEqual([70, 0, 0])
})

test('files that were loaded repaired are counted, those with losses apart', async () => {
  const repair = {
    status: 'repaired',
    sourceSha256: 'a',
    repairedSha256: 'b',
    path: 's/d/r/f',
    codes: ['PQ107'],
    confidence: 'proven',
    rowsLost: 0,
    cellsNulled: 3,
  } as const
  const files = [
    aFile({ path: 'a', repair }),
    aFile({ path: 'b', rowsLoaded: 10, repair: { ...repair, status: 'partial', rowsLost: 'unknown' } }),
    aFile({ path: 'c', repair, decidedAtMs: NOW - 400 * DAY }),
    aFile({ path: 'd', outcome: 'held', repair }),
    aFile({ path: 'e' }),
  ]
  expect(quarantine(await factsOf({ files }), context).repair).toMatchObject({
    files: 2,
    partial: 1,
    rowsLoaded: 1010,
    rowsLost: 0,
    unknownLoss: 1,
    cellsNulled: 6,
    byCodes: [{ codes: ['PQ107'], files: 2, partial: 1 }],
  })
})

test('where more files are open than are listed, the sums tell how many, whose, and since which day', async () => {
  const dayMs = Date.UTC(2026, 9, 1)
  const quarantined = [
    {
      source: 'flights',
      dataset: 'flights',
      kind: 'held',
      status: 'open',
      reason: 'a',
      dayMs,
      items: 9,
      rows: 90,
      bytes: 8,
    },
  ] as const
  const facts = await factsOf({ files: [aFile({ outcome: 'held' })], quarantine: quarantined })
  const cut = { ...facts, held: { items: facts.held.items, total: 9 } }
  expect(quarantine(cut, context)).toMatchObject({
    openFiles: 9,
    openRows: 90,
    openBytes: 8,
    oldestAt: '2026-10-01T00:00:00.000Z',
    datasets: [{ files: 9, rows: 90 }],
  })
})
