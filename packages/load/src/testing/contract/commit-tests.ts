import { describe, expect } from 'vitest'
import { fileOf } from '../drafts.ts'
import { collect, liveRows, loadBatch, prepareBatch, promise } from './contract-batch.ts'
import type { ContractContext } from './destination-contract.ts'

export function commitTests(context: ContractContext): void {
  describe('exactly once', () => {
    promise(context, [], 'a fresh target has no entries, no rows and no schema', async (open, session) => {
      const target = await open()
      expect(await target.recover()).toMatchObject({ lastSeq: 0, published: 0, missing: [] })
      expect(await target.lookup('b1')).toBeUndefined()
      expect(await collect(target.tail(0))).toEqual([])
      expect(await target.liveParts()).toEqual([])
      expect(await target.currentSchema()).toBeUndefined()
      expect(await liveRows(target, session)).toEqual([])
    })

    promise(context, ['rows'], 'rows of a committed batch are there, for others as well', async (open, session) => {
      const target = await open()
      await target.recover()
      const files = { 'a#1': [[1, 'x'], [2, null]], 'b#1': [[3, "it's\n\"y\""]] } as const // prettier-ignore
      expect(await loadBatch(target, session, { batch: 'b1', files })).toMatchObject({ kind: 'committed' })
      const rows = ["1 x - a#1 0", "2 - - a#1 1", "3 it's\n\"y\" - b#1 0"] // prettier-ignore
      for (const reader of [target, await open()]) {
        expect(await liveRows(reader, session)).toEqual(rows)
        expect(await reader.lookup('b1')).toMatchObject({ seq: 1, batch: 'b1', source: 'flights' })
        expect((await reader.currentSchema())?.id).toBe('v1')
        const parts = await reader.liveParts()
        expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(3)
        expect(new Set(parts.flatMap((part) => part.files))).toEqual(new Set(['a#1', 'b#1']))
      }
    })

    promise(
      context,
      ['rows'],
      'rows that are staged, or whose batch was dropped, are not there',
      async (open, session) => {
        const target = await open()
        await target.recover()
        const { staging } = await prepareBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'x']] } })
        expect(await liveRows(await open(), session)).toEqual([])
        await staging.drop()
        await target.recover()
        expect(await liveRows(await open(), session)).toEqual([])
        expect(await target.lookup('b1')).toBeUndefined()
      },
    )

    promise(context, ['rows'], 'a batch that is committed again says so and doubles nothing', async (open, session) => {
      const [one, two] = [await open(), await open()]
      await one.recover()
      const { draft } = await prepareBatch(one, session, { batch: 'b1', files: { 'a#1': [[1, 'x']] } })
      const again = await prepareBatch(two, session, { batch: 'b1', files: { 'a#1': [[1, 'x']] } })
      expect(await one.commit(draft)).toMatchObject({ kind: 'committed', entry: { seq: 1 } })
      await one.publish()
      expect(await two.commit(again.draft)).toMatchObject({ kind: 'already-committed', entry: { seq: 1 } })
      await two.publish()
      await two.recover()
      for (const target of [one, two]) expect(await liveRows(target, session)).toEqual(['1 x - a#1 0'])
    })

    promise(
      context,
      ['rows'],
      'a file version that another batch loaded is a conflict, and writes nothing',
      async (open, session) => {
        const [one, two] = [await open(), await open()]
        await one.recover()
        const late = await prepareBatch(two, session, { batch: 'b2', files: { 'a#1': [[1, 'x']], 'b#1': [[2, 'y']] } })
        await loadBatch(one, session, { batch: 'b1', files: { 'a#1': [[1, 'x']] } })
        expect((await two.commit(late.draft)).kind).toBe('conflict')
        await late.staging.drop()
        expect(await liveRows(two, session)).toEqual(['1 x - a#1 0'])
        expect(await loadBatch(two, session, { batch: 'b3', files: { 'b#1': [[2, 'y']] } })).toMatchObject({ kind: 'committed', entry: { seq: 2 } }) // prettier-ignore
        expect(await liveRows(one, session)).toEqual(['1 x - a#1 0', '2 y - b#1 0'])
      },
    )

    promise(context, [], 'a writer with a lower fence is stale', async (open, session) => {
      const target = await open()
      await target.recover()
      await loadBatch(target, session, { batch: 'b1', more: { fence: 5, files: [fileOf('a#1', 0)] } })
      expect(
        (await loadBatch(target, session, { batch: 'b2', more: { fence: 4, files: [fileOf('b#1', 0)] } })).kind,
      ).toBe('stale')
      expect(
        (await loadBatch(target, session, { batch: 'b3', more: { fence: 5, files: [fileOf('b#1', 0)] } })).kind,
      ).toBe('committed')
    })

    promise(context, [], 'entries come in order, since any number, by any reader', async (open, session) => {
      const target = await open()
      await target.recover()
      for (const at of [1, 2, 3]) {
        await loadBatch(target, session, { batch: `b${at}`, more: { files: [fileOf(`f${at}`, 0)] } })
      }
      const batches = async (since: number) =>
        (await collect((await open()).tail(since))).map((entry) => [entry.seq, entry.batch])
      expect(await batches(0)).toEqual([[1, 'b1'], [2, 'b2'], [3, 'b3']]) // prettier-ignore
      expect(await batches(2)).toEqual([[3, 'b3']])
      expect(await batches(3)).toEqual([])
    })

    promise(
      context,
      ['rows'],
      'equal bytes under another name are a conflict where they are refused',
      async (open, session) => {
        const target = await open()
        await target.recover()
        await loadBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'x']] } })
        const { draft } = await prepareBatch(target, session, { batch: 'b2', files: { 'b#1': [[1, 'x']] } })
        const twin = { ...draft, files: draft.files.map((file) => ({ ...file, hash: 'hash of a#1' })) }
        expect((await target.commit({ ...twin, refuseDuplicateContent: true })).kind).toBe('conflict')
        expect((await target.commit(twin)).kind).toBe('committed')
      },
    )

    promise(context, ['rows'], 'counts that do not add up commit nothing', async (open, session) => {
      const target = await open()
      await target.recover()
      const { draft } = await prepareBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'x'], [2, 'y']] } }) // prettier-ignore
      const wrong = { ...draft, files: [fileOf('a#1', 3)] }
      await expect(target.commit(wrong)).rejects.toMatchObject({ code: 'LEDGER_CONSERVATION' })
      expect(await target.lookup('b1')).toBeUndefined()
    })
  })

  describe('what is not loaded', () => {
    promise(context, [], 'a held file and rejected rows are named by the entry', async (open, session) => {
      const target = await open()
      await target.recover()
      const { staging, draft } = await prepareBatch(target, session, { batch: 'b1' })
      const why = await staging.stageText('{"why":"no"}', { visible: 'h.json', file: 'h#1', kind: 'reasons' })
      const rows = await staging.stageRejectedRows(session, 'SELECT 1 AS k', {
        visible: 'r.parquet',
        file: 'a#1',
        kind: 'rows',
      })
      expect(rows.rows).toBe(1)
      await staging.seal()
      const files = [fileOf('h#1', 0, { outcome: 'held' }), fileOf('a#1', 0, { rowsRead: 1, rowsRejected: 1 })]
      expect(await target.commit({ ...draft, files, rejected: [why, rows] })).toMatchObject({ kind: 'committed' })
      await target.publish()
      const entry = await (await open()).lookup('b1')
      expect(entry?.rejected.map((part) => [part.file, part.kind, part.rows])).toEqual([['h#1', 'reasons', 0], ['a#1', 'rows', 1]]) // prettier-ignore
      expect(entry?.files.map((file) => [file.id, file.outcome, file.rowsRejected])).toEqual([['h#1', 'held', 0], ['a#1', 'loaded', 1]]) // prettier-ignore
      expect(await liveRows(target, session)).toEqual([])
    })
  })

  describe('a new version of a file', () => {
    promise(context, ['rows', 'leaving'], 'takes the place of the old one, and of it alone', async (open, session) => {
      const target = await open()
      await target.recover()
      const files = { 'a#1': [[1, 'a'], [2, 'a']], 'b#1': [[3, 'b']], 'c#1': [[4, 'c'], [5, 'c']] } as const // prettier-ignore
      await loadBatch(target, session, { batch: 'b1', together: true, files })
      const next = { batch: 'b2', files: { 'b#2': [[9, 'B']] }, replaces: { 'b#2': 'b#1' } } as const
      expect(await loadBatch(target, session, next)).toMatchObject({ kind: 'committed' })
      const rows = ['1 a - a#1 0', '2 a - a#1 1', '4 c - c#1 0', '5 c - c#1 1', '9 B - b#2 0']
      expect(await liveRows(await open(), session)).toEqual(rows)
      const again = { batch: 'b3', files: { 'a#2': [] }, replaces: { 'a#2': 'a#1' } } as const
      expect(await loadBatch(await open(), session, again)).toMatchObject({ kind: 'committed' })
      expect(await liveRows(await open(), session)).toEqual(rows.slice(2))
    })

    promise(
      context,
      ['rows', 'leaving'],
      'two writers that replace the same version: one of them is a conflict',
      async (open, session) => {
        const [one, two] = [await open(), await open()]
        await one.recover()
        await loadBatch(one, session, { batch: 'b1', files: { 'a#1': [[1, 'x']] } })
        const first = await prepareBatch(one, session, {
          batch: 'b2',
          files: { 'a#2': [[2, 'y']] },
          replaces: { 'a#2': 'a#1' },
        })
        const second = await prepareBatch(two, session, {
          batch: 'b3',
          files: { 'a#3': [[3, 'z']] },
          replaces: { 'a#3': 'a#1' },
        })
        expect((await two.commit(second.draft)).kind).toBe('committed')
        expect((await one.commit(first.draft)).kind).toBe('conflict')
        await first.staging.drop()
        await two.publish()
        expect(await liveRows(one, session)).toEqual(['3 z - a#3 0'])
      },
    )

    promise(context, ['rows'], 'rows of given file versions can be left out of what is read', async (open, session) => {
      const target = await open()
      await target.recover()
      const files = { 'a#1': [[1, 'a']], 'b#1': [[2, 'b']], 'c#1': [[3, 'c']] } as const
      await loadBatch(target, session, { batch: 'b1', together: true, files })
      expect(await liveRows(target, session, ['b#1'])).toEqual(['1 a - a#1 0', '3 c - c#1 0'])
    })
  })
}
