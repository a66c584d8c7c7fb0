import type { LedgerEntry } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import type { IndexDifference, State } from './index.ts'
import { makeEntry, makeFile, makePart } from './testing/entries.ts'
import { freshState } from './testing/fresh-state.ts'

const LAKE = '/lake'
const a = 'flights/a#1'
const b = 'flights/b#1'

/** One file in part `p`, of whose 10 rows 6 were loaded and 4 set aside in `q`. */
function splitEntry(): LedgerEntry {
  const file = makeFile({ path: 'a', rowsLoaded: 6, rowsRejected: 4 })
  const rejected = { kind: 'rows', staged: 's', visible: 'q', bytes: 1, rows: 4, hash: 'h', file: a } as const
  return makeEntry(1, [], { files: [file], add: [{ ...makePart('p', [a]), rows: 6 }], rejected: [rejected] })
}

async function rowsOf(state: State, id: string): Promise<unknown> {
  const file = (await state.listFiles()).find((one) => one.id === id)
  return [
    file?.live,
    file?.rowsLoaded,
    file?.rowsRejected,
    file?.rowsReplayed,
    file?.rowsDiscarded,
    file?.rowsSuperseded,
  ]
}

describe('rows that leave quarantine', () => {
  test('are loaded, dropped, discarded or rejected again, and the counts conserve', async () => {
    const state = await freshState()
    await state.indexEntry(LAKE, splitEntry())
    const counts = { rowsRead: 4, rowsLoaded: 1, rowsRejected: 1, rowsDropped: 1, rowsDiscarded: 1 }
    const replay = { record: 'q', file: a, action: 'replay', note: 'rule 7 was wrong', ...counts } as const
    const again = { kind: 'rows', staged: 's', visible: 'q2', bytes: 1, rows: 1, hash: 'h', file: a } as const
    const part = { ...makePart('p2', [a]), rows: 1 }
    await state.indexEntry(
      LAKE,
      makeEntry(2, [], { add: [part], consumes: ['q'], replays: [replay], rejected: [again] }),
    )
    expect(await rowsOf(state, a)).toEqual([true, 6, 1, 1, 1, 0])
    expect((await state.listQuarantine()).map(({ id, status, note }) => [id, status, note])).toEqual([
      ['q', 'replayed', 'rule 7 was wrong'],
      ['q2', 'open', null],
    ])
    expect(await state.checkConservation()).toEqual([])
  })

  test.each([
    ['release', 'released'],
    ['discard', 'discarded'],
  ] as const)('%s: the record is %s', async (action, status) => {
    const state = await freshState()
    await state.indexEntry(LAKE, splitEntry())
    const [rowsLoaded, rowsDiscarded] = action === 'release' ? [4, 0] : [0, 4]
    const replay = {
      record: 'q',
      file: a,
      action,
      rowsRead: 4,
      rowsLoaded,
      rowsRejected: 0,
      rowsDropped: 0,
      rowsDiscarded,
    }
    const add = rowsLoaded === 0 ? [] : [{ ...makePart('p2', [a]), rows: rowsLoaded }]
    await state.indexEntry(LAKE, makeEntry(2, [], { add, consumes: ['q'], replays: [replay] }))
    expect(await rowsOf(state, a)).toEqual([true, 6, 0, rowsLoaded, rowsDiscarded, 0])
    expect(await state.listQuarantine()).toMatchObject([{ id: 'q', status, closedRun: 'run-2' }])
    expect(await state.checkConservation()).toEqual([])
  })
})

test('a file whose last row was superseded is not live, before that it is', async () => {
  const state = await freshState()
  await state.indexEntry(LAKE, makeEntry(1, ['a']))
  for (const [seq, rows, live] of [
    [2, 9, true],
    [3, 1, false],
  ] as const) {
    const file = makeFile({ path: `b${String(seq)}`, rowsRead: rows, rowsLoaded: rows })
    // The second one takes the first one's part along, with all that is left in it.
    const staying = seq === 2 ? a : 'flights/b2#1'
    const add = [{ ...makePart(`p${String(seq)}`, [file.id, staying]), rows: 10 }]
    const remove = [seq === 2 ? 'part-1-a' : 'p2']
    await state.indexEntry(
      LAKE,
      makeEntry(seq, [], { mode: 'upsert', files: [file], add, remove, superseded: [{ file: a, rows }] }),
    )
    expect(await rowsOf(state, a)).toEqual([live, 10, 0, 0, 0, seq === 2 ? 9 : 10])
  }
  expect(await state.checkConservation()).toEqual([])
})

test('counts that do not add up are found, in a file and in a ledger', async () => {
  const state = await freshState()
  const file = makeFile({ path: 'a', rowsLoaded: 8 })
  await state.indexEntry(LAKE, makeEntry(1, [], { files: [file], add: [makePart('p', [a])] }))
  expect(await state.checkConservation()).toMatchObject([
    { kind: 'file', location: LAKE, file: a, rowsRead: 10, rowsLoaded: 8 },
    { kind: 'ledger', location: LAKE, rowsInParts: 10, rowsOfFiles: 8 },
  ])
})

test('what is known of paths comes in byte order, newest and newest loaded of each ledger', async () => {
  const state = await freshState()
  const held = makeFile({ path: 'a', ordinal: 2, outcome: 'held', rowsLoaded: 0, rowsRejected: 10 })
  await state.indexEntry(LAKE, makeEntry(1, ['b', 'a', 'ä', 'Z', '🛬', '\uFFFD']))
  await state.indexEntry(LAKE, makeEntry(2, [], { files: [held] }))
  await state.indexEntry('/copy', makeEntry(1, ['a']))
  const stamps = (await Array.fromAsync(state.knownStamps('flights'))).flat()
  expect(stamps.map(({ path, location }) => `${path} ${location}`)).toEqual([
    'Z /lake',
    'a /copy',
    'a /lake',
    'b /lake',
    'ä /lake',
    '\uFFFD /lake',
    '🛬 /lake',
  ])
  expect(stamps[2]?.newest).toMatchObject({ id: 'flights/a#2', outcome: 'held', live: false, stamp: '100:1:1:2' })
  expect(stamps[2]?.newestLoaded).toMatchObject({ id: a, outcome: 'loaded', live: true, stamp: '100:1:1:1' })
  expect(await state.knownDatasets('flights')).toEqual([
    { dataset: 'flights', location: '/copy', live: true },
    { dataset: 'flights', location: LAKE, live: true },
  ])
  const versions = await state.versionsOf('flights', ['a', 'nowhere'])
  expect([...versions.keys()]).toEqual(['a'])
  expect(versions.get('a')).toEqual((await state.knownFiles('flights')).get('a'))
  expect((await state.liveByHash('flights', ['hash of b 1', 'x'])).map(({ id }) => id)).toEqual([b])
})

test('a skipped copy is lost when its original leaves, in its own ledger', async () => {
  const state = await freshState()
  const copy = makeFile({
    path: 'b',
    outcome: 'skipped',
    hash: 'hash of a 1',
    rowsRead: 0,
    rowsLoaded: 0,
    duplicateOf: a,
  })
  for (const location of [LAKE, '/copy']) await state.indexEntry(location, makeEntry(1, ['a']))
  for (const location of [LAKE, '/copy']) await state.indexEntry(location, makeEntry(2, [], { files: [copy] }))
  expect(await state.lostDuplicates('flights')).toEqual([])
  expect(await state.lostDuplicates('flights', new Set([a]))).toHaveLength(2)
  const newer = makeFile({ path: 'a', ordinal: 2, replaces: a })
  await state.indexEntry(
    LAKE,
    makeEntry(3, [], { files: [newer], remove: ['part-1-a'], add: [makePart('n', [newer.id])] }),
  )
  expect((await state.lostDuplicates('flights')).map(({ id, location }) => [id, location])).toEqual([[b, LAKE]])
})

test('a copy of what was superseded stays skipped, and one of what was replaced is missing', async () => {
  const copy = { ...makeFile({ path: 'b', outcome: 'skipped', rowsRead: 0, rowsLoaded: 0 }), duplicateOf: a }
  const original = makeFile({ path: 'a', hash: copy.hash })
  const after = async (given: Partial<LedgerEntry>): Promise<readonly string[]> => {
    const state = await freshState()
    await state.indexEntry(LAKE, makeEntry(1, [], { files: [original, copy], add: [makePart('p', [a])] }))
    await state.indexEntry(LAKE, makeEntry(2, [], { remove: ['p'], ...given }))
    return (await state.lostDuplicates('flights')).map(({ id }) => id)
  }
  expect(await after({ superseded: [{ file: a, rows: 10 }], mode: 'replace' })).toEqual([])
  expect(await after({ files: [makeFile({ path: 'a', ordinal: 2, replaces: a })] })).toEqual([b])
})

test('verify names what the index says otherwise than the ledger', async () => {
  const state = await freshState()
  const entries = [splitEntry(), makeEntry(2, ['b'])]
  await state.indexEntry(LAKE, entries[0] as LedgerEntry)
  const differences = async (given: readonly LedgerEntry[]): Promise<readonly IndexDifference[]> =>
    Array.fromAsync(
      state.verifyIndex([
        {
          location: LAKE,
          tail: async function* () {
            yield* given
          },
        },
      ]),
    )
  expect(await differences(entries)).toMatchObject([{ table: 'ledger', column: 'seq', inState: 1, inLedger: 2 }])
  await state.indexEntry(LAKE, entries[1] as LedgerEntry)
  await state.updateStamps([{ id: b, stamp: 'moved', modifiedAtMs: 5.5 }])
  expect(await differences(entries)).toEqual([])
  const other = { ...makeEntry(2, ['c']), batch: 'batch-2' }
  expect(
    (await differences([entries[0] as LedgerEntry, other])).map(({ table, key, column }) => [table, key, column]),
  ).toEqual([
    ['file_version', b, null],
    ['file_version', 'flights/c#1', null],
    ['part', 'part-2-b', null],
    ['part', 'part-2-c', null],
  ])
})
