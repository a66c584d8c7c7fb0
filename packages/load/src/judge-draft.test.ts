import { describe, expect, test } from 'vitest'
import { foldEntries, type LogState } from './log-state.ts'
import { judgeDraft } from './judge-draft.ts'
import { batchOf, draftOf, entryOf, fileOf, loadOf, partOf, rejectedOf } from './testing/drafts.ts'

function after(...drafts: readonly ReturnType<typeof draftOf>[]): LogState {
  return foldEntries(drafts.map((draft, index) => entryOf(index + 1, draft)))
}

function replacing(batch: string, id: string, rows: number, replaces: string, remove: readonly string[]) {
  return draftOf(batch, {
    files: [fileOf(id, rows, { replaces })],
    add: [partOf(batch, `part-${batch}.parquet`, rows, [id])],
    remove,
  })
}

describe('a draft is refused', () => {
  test('when its batch has an entry, whatever else is wrong with it', () => {
    const state = after(loadOf('b1', { a: 1 }))
    expect(judgeDraft(state, { ...loadOf('b1', { a: 1 }), fence: 0 })).toEqual({ kind: 'already-committed', seq: 1 })
  })

  test('as stale when its source has a higher fence in the log', () => {
    const state = after({ ...loadOf('b1', { a: 1 }), fence: 5 })
    expect(judgeDraft(state, { ...loadOf('b2', { b: 1 }), fence: 4 }).kind).toBe('stale')
    expect(judgeDraft(state, { ...loadOf('b2', { b: 1 }), fence: 5 }).kind).toBe('ok')
    const other = { ...loadOf('b2', { b: 1 }), fence: 1, batch: batchOf('b2', { source: 'trains' }) }
    expect(judgeDraft(state, other).kind).toBe('ok')
  })

  test('when one of its file versions was judged before, loaded, held or skipped', () => {
    for (const outcome of ['loaded', 'held', 'skipped'] as const) {
      const state = after(draftOf('b1', { files: [fileOf('a', 0, { outcome })] }))
      expect(judgeDraft(state, draftOf('b2', { files: [fileOf('a', 0)] }))).toEqual({
        kind: 'conflict',
        because: `file version a was ${outcome} by entry 1`,
      })
    }
  })

  test('when it removes a part that is not live, or removes it twice', () => {
    const state = after(loadOf('b1', { a: 1 }))
    expect(judgeDraft(state, draftOf('b2', { remove: ['part-b9.parquet'] })).kind).toBe('conflict')
    expect(judgeDraft(state, draftOf('b2', { remove: ['part-b1.parquet', 'part-b1.parquet'] })).kind).toBe('conflict')
  })

  test('when it replaces a file version that is not live', () => {
    const state = after(draftOf('b1', { files: [fileOf('a#1', 0, { outcome: 'held' })] }))
    expect(judgeDraft(state, replacing('b2', 'a#2', 1, 'a#1', [])).kind).toBe('conflict')
    expect(judgeDraft(state, replacing('b2', 'a#2', 1, 'a#0', [])).kind).toBe('conflict')
  })

  test('when it replaces a file version but leaves one of its parts', () => {
    const state = after(loadOf('b1', { 'a#1': 1 }))
    expect(judgeDraft(state, replacing('b2', 'a#2', 1, 'a#1', [])).kind).toBe('conflict')
    expect(judgeDraft(state, replacing('b2', 'a#2', 1, 'a#1', ['part-b1.parquet'])).kind).toBe('ok')
  })

  test('when two of its files replace the same one, or it names a file twice', () => {
    const state = after(loadOf('b1', { 'a#1': 1 }))
    const files = [fileOf('a#2', 1, { replaces: 'a#1' }), fileOf('a#3', 1, { replaces: 'a#1' })]
    expect(judgeDraft(state, draftOf('b2', { files, remove: ['part-b1.parquet'] })).kind).toBe('conflict')
    expect(judgeDraft(state, draftOf('b2', { files: [fileOf('x', 1), fileOf('x', 1)] })).kind).toBe('conflict')
  })

  test('when it gives a part a name that was used before, even by a part that is gone', () => {
    const state = after(loadOf('b1', { 'a#1': 1 }), replacing('b2', 'a#2', 1, 'a#1', ['part-b1.parquet']))
    for (const name of ['part-b1.parquet', 'part-b2.parquet']) {
      expect(judgeDraft(state, draftOf('b3', { add: [partOf('b3', name, 1, ['c'])] })).kind).toBe('conflict')
    }
  })

  test('when it gives a rejected part a name that was used before', () => {
    const state = after(draftOf('b1', { rejected: [rejectedOf('b1', 'why.json', 'a')] }))
    expect(judgeDraft(state, draftOf('b2', { rejected: [rejectedOf('b2', 'why.json', 'a')] })).kind).toBe('conflict')
  })

  test('when it consumes a quarantine record that was replayed', () => {
    const state = after(draftOf('b1', { consumes: ['q1'] }))
    expect(judgeDraft(state, draftOf('b2', { consumes: ['q1'] })).kind).toBe('conflict')
    expect(judgeDraft(state, draftOf('b2', { consumes: ['q2', 'q2'] })).kind).toBe('conflict')
    expect(judgeDraft(state, draftOf('b2', { consumes: ['q2'] })).kind).toBe('ok')
  })
})

describe('forced processing of the same file version', () => {
  test('passes when it takes its own rows away', () => {
    const state = after(loadOf('b1', { a: 3 }))
    expect(judgeDraft(state, replacing('b2', 'a', 3, 'a', ['part-b1.parquet'])).kind).toBe('ok')
    expect(judgeDraft(state, replacing('b2', 'a', 3, 'a', [])).kind).toBe('conflict')
  })

  test('passes for a held file, which has no rows to take away', () => {
    const state = after(draftOf('b1', { files: [fileOf('a', 0, { outcome: 'held' })] }))
    expect(judgeDraft(state, replacing('b2', 'a', 3, 'a', [])).kind).toBe('ok')
  })

  test('is done by one of two writers that try at once', () => {
    const state = after(
      draftOf('b1', { files: [fileOf('a', 0, { outcome: 'held' })] }),
      replacing('b2', 'a', 3, 'a', []),
    )
    expect(judgeDraft(state, replacing('b3', 'a', 3, 'a', [])).kind).toBe('conflict')
  })
})

describe('duplicate content', () => {
  const twin = (batch: string, more = {}) =>
    draftOf(batch, { files: [fileOf('copy', 1, { hash: 'hash of a', ...more })], refuseDuplicateContent: true })

  test('is refused while the other file is live', () => {
    expect(judgeDraft(after(loadOf('b1', { a: 1 })), twin('b2'))).toEqual({
      kind: 'conflict',
      because: 'the bytes of copy are loaded already, as a',
    })
  })

  test('is allowed when asked for, when held or skipped, and when the other is replaced or gone', () => {
    const state = after(loadOf('b1', { a: 1 }))
    expect(judgeDraft(state, { ...twin('b2'), refuseDuplicateContent: false }).kind).toBe('ok')
    expect(judgeDraft(state, twin('b2', { outcome: 'skipped', rowsLoaded: 0 })).kind).toBe('ok')
    const replaced = { ...twin('b2', { replaces: 'a' }), remove: ['part-b1.parquet'] }
    expect(judgeDraft(state, replaced).kind).toBe('ok')
    const gone = after(loadOf('b1', { a: 1 }), replacing('b2', 'a2', 1, 'a', ['part-b1.parquet']))
    expect(judgeDraft(gone, twin('b3')).kind).toBe('ok')
  })

  test('is refused within one draft', () => {
    const files = [fileOf('a', 1), fileOf('b', 1, { hash: 'hash of a' })]
    expect(judgeDraft(after(), draftOf('b1', { files, refuseDuplicateContent: true })).kind).toBe('conflict')
  })
})

describe('a draft that stands on what was there', () => {
  const live = (): LogState => after(loadOf('b1', { a: 5 }))

  test('is a conflict when the log went on', () => {
    const draft = { ...loadOf('b9', { z: 1 }), basedOn: 1 }
    expect(judgeDraft(live(), draft).kind).toBe('ok')
    expect(judgeDraft(after(loadOf('b1', { a: 5 }), loadOf('b2', { b: 1 })), draft).kind).toBe('conflict')
    expect(judgeDraft(live(), { ...draft, basedOn: undefined }).kind).toBe('ok')
  })

  test('may supersede rows of live files, at most as many as they have', () => {
    const draft = (file: string, rows: number) => draftOf('b2', { superseded: [{ file, rows }] })
    expect(judgeDraft(live(), draft('a', 5)).kind).toBe('ok')
    expect(judgeDraft(live(), draft('a', 6)).kind).toBe('conflict')
    expect(judgeDraft(live(), draft('zzz', 1)).kind).toBe('conflict')
    const held = after(draftOf('b1', { files: [fileOf('h', 0, { outcome: 'held' })] }))
    expect(judgeDraft(held, draft('h', 0)).kind).toBe('conflict')
    const twice = draftOf('b2', { superseded: [{ file: 'a', rows: 1 }, { file: 'a', rows: 1 }] }) // prettier-ignore
    expect(judgeDraft(live(), twice).kind).toBe('conflict')
    const both = { ...replacing('b2', 'a2', 1, 'a', ['part-b1.parquet']), superseded: [{ file: 'a', rows: 1 }] }
    expect(judgeDraft(live(), both).kind).toBe('conflict')
  })

  test('counts what earlier entries superseded and replayed', () => {
    // 5 loaded, 4 superseded, 2 replayed: 3.
    const replay = { record: 'r', file: 'a', action: 'replay', rowsRead: 2, rowsLoaded: 2, rowsRejected: 0, rowsDropped: 0, rowsDiscarded: 0 } as const // prettier-ignore
    const state = after(
      loadOf('b1', { a: 5 }),
      draftOf('b2', { superseded: [{ file: 'a', rows: 4 }] }),
      draftOf('b3', { replays: [replay], consumes: ['r'] }),
    )
    expect(state.files.get('a')).toMatchObject({ live: true, rows: 3, rowsLoaded: 5 })
    expect(judgeDraft(state, draftOf('b4', { superseded: [{ file: 'a', rows: 3 }] })).kind).toBe('ok')
    expect(judgeDraft(state, draftOf('b4', { superseded: [{ file: 'a', rows: 4 }] })).kind).toBe('conflict')
    const again = draftOf('b4', { replays: [replay], consumes: ['r'] })
    expect(judgeDraft(state, again).kind).toBe('conflict')
  })

  test('lets bytes come again of which every row was superseded, as long as none came back', () => {
    const [a, twin] = [fileOf('a', 5, { hash: 'same' }), fileOf('twin', 5, { hash: 'same' })]
    const load = (batch: string, file: typeof a) =>
      draftOf(batch, { files: [file], add: [partOf(batch, `part-${batch}.parquet`, 5, [file.id])], refuseDuplicateContent: true }) // prettier-ignore
    const some = after(load('b1', a), draftOf('b2', { superseded: [{ file: 'a', rows: 4 }] }))
    expect(judgeDraft(some, load('b9', twin)).kind).toBe('conflict')
    const gone = [load('b1', a), draftOf('b2', { superseded: [{ file: 'a', rows: 5 }] })] as const
    expect(judgeDraft(after(...gone), load('b9', twin)).kind).toBe('ok')
    const replay = { record: 'r', file: 'a', action: 'replay', rowsRead: 1, rowsLoaded: 1, rowsRejected: 0, rowsDropped: 0, rowsDiscarded: 0 } as const // prettier-ignore
    const back = after(...gone, draftOf('b3', { replays: [replay], consumes: ['r'] }))
    expect(judgeDraft(back, load('b9', twin)).kind).toBe('conflict')
    const empty = after(draftOf('b1', { files: [fileOf('a', 0, { hash: 'same' })] }))
    expect(judgeDraft(empty, load('b9', twin)).kind).toBe('conflict')
  })

  test('brings rows back of known files only, and of none that was replaced', () => {
    const replay = (file: string, rowsLoaded: number) =>
      draftOf('b9', { consumes: ['r'], replays: [{ record: 'r', file, action: 'release', rowsRead: 1, rowsLoaded, rowsRejected: 0, rowsDropped: 0, rowsDiscarded: 1 - rowsLoaded }] }) // prettier-ignore
    expect(judgeDraft(live(), replay('a', 1)).kind).toBe('ok')
    expect(judgeDraft(live(), replay('zzz', 0)).kind).toBe('conflict')
    const replaced = after(loadOf('b1', { a: 5 }), replacing('b2', 'a2', 1, 'a', ['part-b1.parquet']))
    expect(judgeDraft(replaced, replay('a', 1)).kind).toBe('conflict')
    expect(judgeDraft(replaced, replay('a', 0)).kind).toBe('ok')
  })
})
