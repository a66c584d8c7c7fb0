import { describe, expect } from 'vitest'
import type { Destination } from '@tidegate/core'
import { fileOf } from '../drafts.ts'
import { liveRows, loadBatch, prepareBatch, promise } from './contract-batch.ts'
import type { ContractContext } from './destination-contract.ts'

export function replayTests(context: ContractContext): void {
  describe('quarantine as a loop', () => {
    promise(context, ['rows', 'replays'], 'rows of a record come back once', async (open, session) => {
      const target = await afterSplit(open, session)
      const replay = { batch: 'b2', replays: { r1: ['a#1', [[2, 'now good']]] } } as const
      const outcome = await loadBatch(target, session, replay)
      expect(outcome).toMatchObject({
        kind: 'committed',
        entry: { consumes: ['r1'], replays: [{ record: 'r1', rowsLoaded: 1 }] },
      })
      expect(await liveRows(await open(), session)).toEqual(['1 a - a#1 0', '2 now good - a#1 0'])
      const again = { batch: 'b3', replays: { r1: ['a#1', [[2, 'now good']]] } } as const
      expect((await loadBatch(await open(), session, again)).kind).toBe('conflict')
      expect(await liveRows(target, session)).toEqual(['1 a - a#1 0', '2 now good - a#1 0'])
    })

    promise(
      context,
      ['rows', 'replays', 'leaving'],
      'what came back leaves with its file version',
      async (open, session) => {
        const target = await afterSplit(open, session)
        await loadBatch(target, session, { batch: 'b2', replays: { r1: ['a#1', [[2, 'good']]] } })
        await loadBatch(target, session, { batch: 'b3', files: { 'a#2': [[1, 'A']] }, replaces: { 'a#2': 'a#1' } })
        expect(await liveRows(target, session)).toEqual(['1 A - a#2 0'])
        const late = { batch: 'b4', replays: { r9: ['a#1', [[3, 'late']]] } } as const
        expect((await loadBatch(target, session, late)).kind).toBe('conflict')
      },
    )

    promise(context, ['rows', 'replays'], 'a record may be given up, and is closed', async (open, session) => {
      const target = await afterSplit(open, session)
      const discard = { record: 'r1', file: 'a#1', action: 'discard', rowsRead: 1, rowsLoaded: 0, rowsRejected: 0, rowsDropped: 0, rowsDiscarded: 1 } as const // prettier-ignore
      const more = { replays: [discard], consumes: ['r1'] }
      expect((await loadBatch(target, session, { batch: 'b2', more })).kind).toBe('committed')
      expect((await loadBatch(target, session, { batch: 'b3', more })).kind).toBe('conflict')
    })

    promise(
      context,
      ['rows', 'replays'],
      'counts of a record that do not add up commit nothing',
      async (open, session) => {
        const target = await afterSplit(open, session)
        const { draft } = await prepareBatch(target, session, { batch: 'b2', replays: { r1: ['a#1', [[2, 'good']]] } })
        const [replay] = draft.replays ?? []
        if (replay === undefined) throw new Error('no replay')
        for (const wrong of [
          { ...draft, consumes: [] },
          { ...draft, replays: [{ ...replay, rowsRead: 2 }] },
          { ...draft, replays: [{ ...replay, rowsRead: 0, rowsLoaded: 0 }] },
          { ...draft, replays: [replay, replay] },
        ]) {
          await expect(target.commit(wrong)).rejects.toMatchObject({ code: 'LEDGER_CONSERVATION' })
        }
        expect((await target.commit(draft)).kind).toBe('committed')
      },
    )

    promise(
      context,
      ['rows', 'replays'],
      'rows of a file version that nobody knows are a conflict',
      async (open, session) => {
        const target = await afterSplit(open, session)
        const strange = { batch: 'b2', replays: { r1: ['zzz#1', [[2, 'good']]] } } as const
        expect((await loadBatch(target, session, strange)).kind).toBe('conflict')
      },
    )

    promise(context, ['rows', 'replays'], 'a held file is judged again as a whole, once', async (open, session) => {
      const target = await open()
      await target.recover()
      await loadBatch(target, session, { batch: 'b1', more: { files: [fileOf('h#1', 0, { outcome: 'held' })] } })
      const again = { files: { 'h#1': [[1, 'good']] }, replaces: { 'h#1': 'h#1' }, more: { consumes: ['h'] } } as const
      expect((await loadBatch(target, session, { batch: 'b2', ...again })).kind).toBe('committed')
      expect((await loadBatch(target, session, { batch: 'b3', ...again })).kind).toBe('conflict')
      expect(await liveRows(target, session)).toEqual(['1 good - h#1 0'])
    })
  })
}

/** `a#1` with one row loaded and one rejected. */
async function afterSplit(
  open: () => Promise<Destination>,
  session: Parameters<typeof loadBatch>[1],
): Promise<Destination> {
  const target = await open()
  await target.recover()
  const { staging, draft } = await prepareBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'a']] } })
  const rejected = await staging.stageRejectedRows(session, 'SELECT 2 AS k', {
    visible: 'r.parquet',
    file: 'a#1',
    kind: 'rows',
  })
  await staging.seal()
  const files = [fileOf('a#1', 2, { rowsLoaded: 1, rowsRejected: 1 })]
  await target.commit({ ...draft, files, rejected: [rejected] })
  await target.publish()
  return target
}
