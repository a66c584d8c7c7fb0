import { describe, expect } from 'vitest'
import type { Destination } from '@tidegate/core'
import { liveRows, loadBatch, prepareBatch, promise } from './contract-batch.ts'
import type { ContractContext } from './destination-contract.ts'

export function modeTests(context: ContractContext): void {
  describe('dedup', () => {
    const dedup = { keys: ['K'], orderBy: 'O' }

    promise(
      context,
      ['rows', 'dedup'],
      'of equal keys the highest stays, NULL is lowest, of equals the later one',
      async (open, session) => {
        const target = await opened(open)
        const files = {
        // 1: 7 is highest, in b · 2: NULL and NULL, the later · 3: twice 5, the later · NULL keys all stay
        'a#1': [[1, 'a', 5], [2, 'b', null], [3, 'c', 5], [null, 'd', 1]],
        'b#1': [[1, 'e', 7], [1, 'f', 6], [2, 'g', null], [null, 'h', 1]],
        'c#1': [[3, 'i', 5], [3, 'j', null]],
      } as const // prettier-ignore
        for (const together of [false, true]) {
          const { settled, draft, staging } = await prepareBatch(target, session, {
            batch: `b${together}`,
            files,
            together,
            plan: { dedup },
          })
          // a loses 1, 2, 3; b loses f; c loses j.
          expect(byFile(settled.dropped)).toEqual({ 'a#1': 3, 'b#1': 1, 'c#1': 1 })
          expect(settled).toMatchObject({ remove: [], superseded: [], basedOn: undefined })
          if (!together) {
            await staging.drop()
            continue
          }
          expect((await target.commit(draft)).kind).toBe('committed')
          await target.publish()
          const rows = ['- d 1 a#1 3', '- h 1 b#1 3', '1 e 7 b#1 0', '2 g - b#1 2', '3 i 5 c#1 0']
          expect(await liveRows(await open(), session)).toEqual(rows)
        }
      },
    )

    promise(
      context,
      ['rows', 'dedup'],
      'without an order the last stays; rows of earlier batches are not looked at',
      async (open, session) => {
        const target = await opened(open)
        const plan = { dedup: { keys: ['k', 'v'], orderBy: undefined } }
        await loadBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'x', 1]] }, plan })
        const files = { 'b#1': [[1, 'x', 2], [1, 'y', 3], [1, 'x', 4]], 'c#1': [[1, 'x', 5]] } as const // prettier-ignore
        await loadBatch(target, session, { batch: 'b2', files, plan })
        expect(await liveRows(target, session)).toEqual(['1 x 1 a#1 0', '1 x 5 c#1 0', '1 y 3 b#1 1'])
      },
    )

    promise(context, ['rows', 'dedup'], 'a key that the rows lack is an error', async (open, session) => {
      const target = await opened(open)
      const wrong = {
        batch: 'b1',
        files: { 'a#1': [[1, 'x']] },
        plan: { dedup: { keys: ['nope'], orderBy: undefined } },
      } as const
      await expect(prepareBatch(target, session, wrong)).rejects.toMatchObject({ code: 'TARGET_COLUMN_MISSING' })
    })
  })

  describe('upsert', () => {
    const plan = { mode: 'upsert', keys: ['k'] } as const

    promise(
      context,
      ['rows', 'upsert'],
      'rows with the keys of the batch leave, the others stay',
      async (open, session) => {
        const target = await opened(open)
        const files = { 'a#1': [[1, 'a'], [2, 'a'], [null, 'a']], 'b#1': [[3, 'b'], [4, 'b']], 'c#1': [[5, 'c']] } as const // prettier-ignore
        await loadBatch(target, session, { batch: 'b1', files, together: true, plan })
        const next = { 'd#1': [[2, 'd'], [3, 'd'], [9, 'd'], [2, 'D'], [null, 'd']] } as const // prettier-ignore
        const { settled, draft } = await prepareBatch(target, session, { batch: 'b2', files: next, plan })
        expect(byFile(settled.superseded)).toEqual({ 'a#1': 1, 'b#1': 1 })
        expect(byFile(settled.dropped)).toEqual({ 'd#1': 1 })
        expect(settled.basedOn).toBe(1)
        expect(await target.commit(draft)).toMatchObject({ kind: 'committed', entry: { mode: 'upsert', seq: 2 } })
        await target.publish()
        const rows = ['- a - a#1 2', '- d - d#1 4', '1 a - a#1 0', '2 D - d#1 3', '3 d - d#1 1', '4 b - b#1 1', '5 c - c#1 0', '9 d - d#1 2'] // prettier-ignore
        expect(await liveRows(await open(), session)).toEqual(rows)
      },
    )

    promise(
      context,
      ['rows', 'upsert'],
      'a live row with a higher order stays, and the new one is dropped',
      async (open, session) => {
        const target = await opened(open)
        const ordered = { ...plan, dedup: { keys: ['k'], orderBy: 'o' } }
        const files = { 'a#1': [[1, 'a', 5], [2, 'a', 5], [3, 'a', 5], [4, 'a', null]] } as const // prettier-ignore
        await loadBatch(target, session, { batch: 'b1', files, plan: ordered })
        // 1: lower · 2: the same, so the later one · 3: NULL is lowest · 4: higher than NULL
        const next = { 'b#1': [[1, 'b', 4], [2, 'b', 5], [3, 'b', null], [4, 'b', 0]] } as const // prettier-ignore
        const { settled, draft } = await prepareBatch(target, session, { batch: 'b2', files: next, plan: ordered })
        expect([byFile(settled.superseded), byFile(settled.dropped)]).toEqual([{ 'a#1': 2 }, { 'b#1': 2 }])
        await target.commit(draft)
        await target.publish()
        expect(await liveRows(target, session)).toEqual(['1 a 5 a#1 0', '2 b 5 b#1 1', '3 a 5 a#1 2', '4 b 0 b#1 3'])
      },
    )

    promise(
      context,
      ['rows', 'upsert', 'leaving'],
      'rows of a version that leaves do not count',
      async (open, session) => {
        const target = await opened(open)
        const files = { 'a#1': [[1, 'a', 9], [2, 'a', 9]], 'b#1': [[3, 'b', 9]] } as const // prettier-ignore
        const ordered = { ...plan, dedup: { keys: ['k'], orderBy: 'o' } }
        await loadBatch(target, session, { batch: 'b1', files, together: true, plan: ordered })
        const next = { batch: 'b2', files: { 'a#2': [[1, 'A', 1], [3, 'A', 10]] }, replaces: { 'a#2': 'a#1' }, plan: ordered } as const // prettier-ignore
        const outcome = await loadBatch(target, session, next)
        expect(outcome).toMatchObject({ kind: 'committed', entry: { superseded: [{ file: 'b#1', rows: 1 }] } })
        expect(await liveRows(target, session)).toEqual(['1 A 1 a#2 0', '3 A 10 a#2 1'])
      },
    )

    promise(
      context,
      ['rows', 'upsert'],
      'what others committed meanwhile makes it a conflict',
      async (open, session) => {
        const [one, two] = [await opened(open), await open()]
        const late = await prepareBatch(one, session, { batch: 'b2', files: { 'b#1': [[1, 'b']] }, plan })
        await loadBatch(two, session, { batch: 'b1', files: { 'a#1': [[1, 'a']] } })
        expect((await one.commit(late.draft)).kind).toBe('conflict')
        await late.staging.drop()
        expect((await loadBatch(one, session, { batch: 'b3', files: { 'b#1': [[1, 'b']] }, plan })).kind).toBe(
          'committed',
        )
        expect(await liveRows(two, session)).toEqual(['1 b - b#1 0'])
      },
    )
  })

  describe('replace', () => {
    const plan = { mode: 'replace', replace: 'all' } as const

    promise(context, ['rows', 'replace'], 'all rows that were there leave', async (open, session) => {
      const target = await opened(open)
      await loadBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'a'], [2, 'a']], 'b#1': [[3, 'b']] }, plan }) // prettier-ignore
      const outcome = await loadBatch(target, session, { batch: 'b2', files: { 'c#1': [[4, 'c']] }, plan })
      expect(outcome).toMatchObject({ kind: 'committed', entry: { mode: 'replace' } })
      expect(outcome.kind === 'committed' ? byFile(outcome.entry.superseded ?? []) : {}).toEqual({ 'a#1': 2, 'b#1': 1 })
      expect(await liveRows(await open(), session)).toEqual(['4 c - c#1 0'])
    })

    promise(context, ['rows', 'replace'], 'a batch that loads nothing leaves all as it was', async (open, session) => {
      const target = await opened(open)
      await loadBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'a']] }, plan })
      await loadBatch(target, session, { batch: 'b2', plan })
      expect(await liveRows(target, session)).toEqual(['1 a - a#1 0'])
      await loadBatch(target, session, { batch: 'b3', files: { 'b#1': [] }, plan })
      expect(await liveRows(target, session)).toEqual([])
    })

    promise(
      context,
      ['rows', 'replace'],
      'what others committed meanwhile makes it a conflict',
      async (open, session) => {
        const [one, two] = [await opened(open), await open()]
        const late = await prepareBatch(one, session, { batch: 'b2', files: { 'b#1': [[1, 'b']] }, plan })
        await loadBatch(two, session, { batch: 'b1', files: { 'a#1': [[1, 'a']] } })
        expect((await one.commit(late.draft)).kind).toBe('conflict')
        await late.staging.drop()
        expect(await liveRows(two, session)).toEqual(['1 a - a#1 0'])
      },
    )

    promise(
      context,
      ['rows', 'replace partitions'],
      'the partitions that the batch brings rows for leave',
      async (open, session) => {
        const target = await opened(open)
        const byV = { mode: 'replace', replace: 'partitions', partitionBy: ['v'] } as const
        const files = { 'a#1': [[1, 'x'], [2, 'y'], [3, null]], 'b#1': [[4, 'x'], [5, 'z']] } as const // prettier-ignore
        await loadBatch(target, session, { batch: 'b1', files, together: true, plan: byV })
        const next = { batch: 'b2', files: { 'c#1': [[6, 'x'], [7, null]] }, plan: byV } as const // prettier-ignore
        const outcome = await loadBatch(target, session, next)
        expect(outcome.kind === 'committed' ? byFile(outcome.entry.superseded ?? []) : {}).toEqual({
          'a#1': 2,
          'b#1': 1,
        })
        expect(await liveRows(target, session)).toEqual(['2 y - a#1 1', '5 z - b#1 1', '6 x - c#1 0', '7 - - c#1 1'])
      },
    )
  })

  describe('partitions', () => {
    promise(
      context,
      ['rows', 'partitions'],
      'no row is lost or doubled, whatever the values',
      async (open, session) => {
        const target = await opened(open)
        const texts = ['x', 'X', ' ', 'a/b', "it's", '..', '%2F', '__HIVE_DEFAULT_PARTITION__', 'ü', 'a=b', null]
        const values = context.cannot('partitions of empty text') === undefined ? ['', ...texts] : texts
        const files = { 'a#1': values.map((value, at) => [at, value] as const) }
        const outcome = await loadBatch(target, session, { batch: 'b1', files, plan: { partitionBy: ['v'] } })
        expect(outcome.kind).toBe('committed')
        const parts = await target.liveParts()
        expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(values.length)
        expect(await liveRows(target, session)).toEqual(
          values.map((value, at) => `${at} ${value ?? '-'} - a#1 ${at}`).toSorted(),
        )
      },
    )
  })
}

async function opened(open: (options?: object) => Promise<Destination>): Promise<Destination> {
  const target = await open()
  await target.recover()
  return target
}

function byFile(rows: readonly { readonly file: string; readonly rows: number }[]): Readonly<Record<string, number>> {
  return Object.fromEntries(rows.map((item) => [item.file, item.rows]))
}
