import type { FactWindow } from '@tidegate/core'
import { expect, test } from 'vitest'
import type { State } from './index.ts'
import { makeEntry, makeFile } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'
import { makeCheck } from './testing/make-check.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Begin of a day. */
const DAY_1 = Date.UTC(2026, 2, 1)
const EVER: FactWindow = { sinceMs: 0, untilMs: DAY_1 * 2 }

function at(ms: number): { readonly committedAt: string } {
  return { committedAt: new Date(ms).toISOString() }
}

test('of an empty state everything is empty', async () => {
  const state = await freshState()
  const nothing = { items: [], total: 0 }
  expect(await state.factRuns(EVER, 10, 10)).toEqual(nothing)
  expect(await state.sumFolders(EVER, 10)).toEqual(nothing)
  expect(await state.failedChecks(EVER, 10)).toEqual(nothing)
  expect(await state.queryFiles({ limit: 10 })).toEqual(nothing)
  expect(await state.openHeld(undefined, 10)).toEqual(nothing)
  expect(await state.factFailures(EVER, 10)).toEqual(nothing)
  expect(await state.lastLoaded()).toEqual([])
  for (const list of [
    state.sumFileHours(EVER),
    state.sumScores(EVER),
    state.sumCheckDays(EVER),
    state.sumCheckFailures(EVER),
    state.sumQuarantine(EVER),
    state.sumRepairs(EVER),
    state.schemaVersions(EVER),
    state.contractVersions(EVER),
  ])
    expect(await list).toEqual([])
})

/** Three hours of two sources: loaded, held, skipped, repaired. */
async function smallHistory(): Promise<State> {
  const state = await freshState()
  await state.indexEntry(
    '/lake',
    makeEntry(1, [], {
      ...at(DAY_1 + 10 * HOUR_MS),
      files: [
        makeFile({ path: 'x/a', rowsRead: 10, rowsLoaded: 9, rowsRejected: 1, score: 92.5, bytes: 100 }),
        makeFile({
          path: 'x/y/b',
          outcome: 'held',
          rowsRead: 7,
          rowsLoaded: 0,
          rowsRejected: 7,
          score: 12.5,
          bytes: 70,
        }),
        makeFile({ path: 'c', outcome: 'skipped', rowsRead: 0, rowsLoaded: 0, score: null, bytes: 5 }),
      ],
    }),
  )
  await state.indexEntry('/lake', makeEntry(2, ['x/d'], at(DAY_1 + 10 * HOUR_MS + 59 * 60_000)))
  await state.indexEntry(
    '/lake',
    makeEntry(3, ['x/y/e'], { ...at(DAY_1 + 11 * HOUR_MS), source: 'trains', dataset: 't' }),
  )
  return state
}

test('files are summed by hour, folder and score', async () => {
  const state = await smallHistory()
  const firstHour = {
    source: 'flights',
    dataset: 'flights',
    hourMs: DAY_1 + 10 * HOUR_MS,
    loaded: 2,
    held: 1,
    skipped: 1,
    repaired: 0,
    rowsRead: 27,
    rowsLoaded: 19,
    rowsRejected: 8,
    rowsDropped: 0,
    rowsReplayed: 0,
    rowsDiscarded: 0,
    bytes: 275,
    scored: 3,
    scoreSum: 205,
    scoreMin: 12.5,
  }
  const hours = await state.sumFileHours(EVER)
  expect(hours).toHaveLength(2)
  expect(hours[0]).toEqual(firstHour)
  expect(hours[1]).toMatchObject({
    source: 'trains',
    dataset: 't',
    hourMs: DAY_1 + 11 * HOUR_MS,
    loaded: 1,
    rowsRead: 10,
  })
  const folders = await state.sumFolders(EVER, 10)
  expect(folders.total).toBe(4)
  expect(folders.items.map((one) => [one.source, one.folder, one.loaded, one.held, one.skipped, one.rowsRead])).toEqual(
    [
      ['flights', '', 0, 0, 1, 0],
      ['flights', 'x', 2, 0, 0, 20],
      ['flights', 'x/y', 0, 1, 0, 7],
      ['trains', 'x/y', 1, 0, 0, 10],
    ],
  )
  expect(folders.items[1]).toMatchObject({ firstMs: DAY_1 + 10 * HOUR_MS, lastMs: DAY_1 + 10 * HOUR_MS + 59 * 60_000 })
  expect((await state.sumFolders(EVER, 1)).items.map((one) => one.folder)).toEqual(['x'])
  const [scores] = await state.sumScores(EVER)
  expect(scores?.bins.map((files, bin) => [bin, files]).filter(([, files]) => files !== 0)).toEqual([
    [2, 1],
    [18, 1],
    [20, 1],
  ])
})

test('the window begins inclusive and ends exclusive, and may name sources', async () => {
  const state = await smallHistory()
  const loaded = async (window: FactWindow): Promise<readonly number[]> =>
    (await state.sumFileHours(window)).map((hour) => hour.loaded)
  expect(await loaded({ sinceMs: DAY_1 + 10 * HOUR_MS + 1, untilMs: DAY_1 + 11 * HOUR_MS })).toEqual([1])
  expect(await loaded({ sinceMs: DAY_1 + 11 * HOUR_MS, untilMs: DAY_1 + 12 * HOUR_MS })).toEqual([1])
  expect(await loaded({ ...EVER, sources: ['trains', `' or 1=1 --`] })).toEqual([1])
  expect(await loaded({ ...EVER, sources: [] })).toEqual([])
})

test('rows that leave quarantine and files that are judged again change the sums of the hour they were judged in', async () => {
  const state = await smallHistory()
  await state.indexEntry(
    '/lake',
    makeEntry(4, [], {
      ...at(DAY_1 + 20 * HOUR_MS),
      replays: [
        {
          record: 'flights/x/y/b#1',
          file: 'flights/x/y/b#1',
          action: 'replay',
          rowsRead: 7,
          rowsLoaded: 4,
          rowsRejected: 0,
          rowsDropped: 1,
          rowsDiscarded: 2,
        },
      ],
      consumes: ['flights/x/y/b#1'],
    }),
  )
  expect((await state.sumFileHours(EVER))[0]).toMatchObject({
    rowsRejected: 1,
    rowsDropped: 1,
    rowsReplayed: 4,
    rowsDiscarded: 2,
  })
  await state.indexEntry(
    '/lake',
    makeEntry(5, [], { ...at(DAY_1 + 21 * HOUR_MS), files: [makeFile({ path: 'x/a', replaces: 'flights/x/a#1' })] }),
  )
  expect((await state.sumFileHours(EVER)).map((hour) => [hour.hourMs, hour.loaded, hour.held])).toEqual([
    [DAY_1 + 10 * HOUR_MS, 1, 1],
    [DAY_1 + 21 * HOUR_MS, 1, 0],
    [DAY_1 + 11 * HOUR_MS, 1, 0],
  ])
  await state.clearIndex('/lake')
  expect(await state.sumFileHours(EVER)).toEqual([])
})

test('files are asked for by what they are, in any order, page by page', async () => {
  const state = await smallHistory()
  const paths = async (query: Partial<Parameters<State['queryFiles']>[0]>): Promise<string[]> =>
    (await state.queryFiles({ limit: 10, ...query })).items.map((file) => `${file.source[0] ?? ''}:${file.path}`)
  expect(await paths({})).toEqual(['t:x/y/e', 'f:x/d', 'f:x/y/b', 'f:x/a', 'f:c'])
  expect(await paths({ order: 'lowest-score' })).toEqual(['f:x/y/b', 'f:x/a', 't:x/y/e', 'f:x/d', 'f:c'])
  expect(await paths({ order: 'lowest-score', imperfectOnly: true })).toEqual(['f:x/y/b', 'f:x/a'])
  // From inclusive, to exclusive; what has no score is in no stretch.
  expect(await paths({ scoreFrom: 92.5 })).toEqual(['t:x/y/e', 'f:x/d', 'f:x/a'])
  expect(await paths({ scoreTo: 92.5 })).toEqual(['f:x/y/b'])
  expect(await paths({ scoreFrom: 12.5, scoreTo: 100, order: 'lowest-score' })).toEqual(['f:x/y/b', 'f:x/a'])
  expect(await paths({ scoreFrom: 100, scoreTo: 105, order: 'most-rows' })).toEqual(['t:x/y/e', 'f:x/d'])
  expect(await paths({ order: 'most-rows' })).toEqual(['t:x/y/e', 'f:x/d', 'f:x/a', 'f:x/y/b', 'f:c'])
  expect(await paths({ order: 'most-rows', limit: 1 })).toEqual(['t:x/y/e'])
  expect(await paths({ order: 'most-bytes', limit: 2, offset: 3 })).toEqual(['f:x/y/b', 'f:c'])
  expect(await paths({ folder: 'x/y' })).toEqual(['t:x/y/e', 'f:x/y/b'])
  expect(await paths({ folder: 'x' })).toHaveLength(4)
  expect(await paths({ folder: '' })).toHaveLength(5)
  expect(await paths({ folder: 'x/y', sources: ['flights'], outcome: 'held' })).toEqual(['f:x/y/b'])
  expect(await paths({ search: 'X/Y' })).toEqual(['t:x/y/e', 'f:x/y/b'])
  expect(await paths({ search: '%' })).toEqual([])
  expect(await paths({ dataset: 't' })).toEqual(['t:x/y/e'])
  expect(await paths({ run: 'run-2' })).toEqual(['f:x/d'])
  expect(await paths({ sinceMs: DAY_1 + 11 * HOUR_MS })).toEqual(['t:x/y/e'])
  await state.recordChecks([
    makeCheck('c', 'failed', { file: 'flights/x/d#1' }),
    makeCheck('c', 'passed', { file: 'flights/x/a#1' }),
  ])
  expect(await paths({ failedCheck: 'c' })).toEqual(['f:x/d'])
  expect(await state.queryFiles({ limit: 1, offset: 9 })).toEqual({ items: [], total: 5 })
  const { items } = await state.queryFiles({ limit: 10 })
  expect(items).toEqual(await state.listFiles({ limit: 10 }))
})

test('of each source the newest loaded file comes, however old', async () => {
  const state = await smallHistory()
  await state.indexEntry(
    '/lake',
    makeEntry(4, [], { ...at(DAY_1 + DAY_MS), files: [makeFile({ path: 'z', outcome: 'held', rowsLoaded: 0 })] }),
  )
  expect((await state.lastLoaded()).map(({ id }) => id)).toEqual(['flights/x/d#1', 'trains/x/y/e#1'])
  expect((await state.lastLoaded(['trains'])).map(({ id }) => id)).toEqual(['trains/x/y/e#1'])
})

test('a held file is open until it is decided over or a later version is judged', async () => {
  const state = await freshState()
  const held = ['a', `b#1/'"%_`, '../c', 'd'].map((path) =>
    makeFile({ path, outcome: 'held', rowsLoaded: 0, rowsRejected: 10 }),
  )
  await state.indexEntry('/lake', makeEntry(1, [], { files: held }))
  const open = async (): Promise<readonly string[]> =>
    (await state.openHeld(undefined, 10)).items.map(({ path }) => path)
  expect(await open()).toEqual(['d', `b#1/'"%_`, 'a', '../c'])
  expect(await state.openHeld(['flights'], 1)).toMatchObject({ items: [{ path: 'd' }], total: 4 })
  expect(await state.openHeld(['trains'], 1)).toEqual({ items: [], total: 0 })
  await state.indexEntry('/lake', makeEntry(2, [], { files: [makeFile({ path: 'd', ordinal: 2 })] }))
  expect(await open()).not.toContain('d')
  await state.indexEntry('/lake', makeEntry(3, [], { consumes: ['flights/a#1'] }))
  expect(await open()).toEqual([`b#1/'"%_`, '../c'])
})

test('quarantine is summed by its first reason, what is open however old', async () => {
  const state = await freshState()
  const hostile = JSON.stringify([{ check: `it's "x"`, severity: 'critical', message: 'zero \u0000 and half \uD800' }])
  const file = (path: string): ReturnType<typeof makeFile> =>
    makeFile({ path, outcome: 'held', rowsLoaded: 0, rowsRejected: 5, reasons: JSON.parse(hostile) as [] })
  await state.indexEntry('/lake', makeEntry(1, [], { ...at(DAY_1), files: [file('a'), file('b')] }))
  const bare = makeFile({ path: 'c', outcome: 'held', rowsLoaded: 0, rowsRejected: 3 })
  await state.indexEntry('/lake', makeEntry(2, [], { ...at(DAY_1 + DAY_MS), files: [bare], consumes: ['flights/b#1'] }))
  const of = { source: 'flights', dataset: 'flights', kind: 'held' }
  const a = { ...of, status: 'open', reason: `it's "x"`, dayMs: DAY_1, items: 1, rows: 5, bytes: 100 }
  const b = { ...a, status: 'replayed' }
  const c = { ...of, status: 'open', reason: '', dayMs: DAY_1 + DAY_MS, items: 1, rows: 3, bytes: 100 }
  expect(await state.sumQuarantine(EVER)).toEqual([a, b, c])
  expect(await state.sumQuarantine({ ...EVER, sinceMs: DAY_1 + DAY_MS })).toEqual([a, c])
  expect(await state.sumQuarantine({ sinceMs: 0, untilMs: DAY_1 + DAY_MS })).toEqual([a, b])
})

test('repairs are summed by what was wrong; a loss that nobody knows is counted apart', async () => {
  const state = await freshState()
  const repair = { status: 'partial', sourceSha256: 'a', repairedSha256: 'b', path: 'p', confidence: 'strong' } as const
  const files = [
    makeFile({ path: 'a', repair: { ...repair, codes: ['PQ105', 'PQ201'], rowsLost: 3, cellsNulled: 1 } }),
    makeFile({ path: 'b', repair: { ...repair, codes: ['PQ105', 'PQ201'], rowsLost: 'unknown', cellsNulled: 2 } }),
    makeFile({ path: 'c', repair: { ...repair, status: 'repaired', codes: ['PQ105'], rowsLost: 0, cellsNulled: 0 } }),
    makeFile({ path: 'd' }),
  ]
  await state.indexEntry('/lake', makeEntry(1, [], { ...at(DAY_1 + 5), files }))
  const of = { source: 'flights', dataset: 'flights', dayMs: DAY_1 }
  expect(await state.sumRepairs(EVER)).toEqual([
    {
      ...of,
      codes: 'PQ105,PQ201',
      status: 'partial',
      files: 2,
      rowsLoaded: 20,
      rowsLost: 3,
      unknownLoss: 1,
      cellsNulled: 3,
    },
    {
      ...of,
      codes: 'PQ105',
      status: 'repaired',
      files: 1,
      rowsLoaded: 10,
      rowsLost: 0,
      unknownLoss: 0,
      cellsNulled: 0,
    },
  ])
  expect(await state.sumRepairs({ ...EVER, sources: ['trains'] })).toEqual([])
})
