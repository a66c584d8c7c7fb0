import { describe, expect, test } from 'vitest'
import type { Destination } from '@tidegate/core'
import { batchOf, draftOf, fileOf } from '../drafts.ts'
import { liveRows, loadBatch, PLAN, prepareBatch, promise, withTarget, type Row } from './contract-batch.ts'
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

  describe('upsert of rows that come late', () => {
    const plan = { mode: 'upsert', keys: ['k'] } as const
    const files = { 'a#1': [[1, 'a'], [2, 'a'], [3, 'a']], 'b#1': [[4, 'b'], [5, 'b'], [null, 'b']] } as const // prettier-ignore

    promise(
      context,
      ['rows', 'upsert'],
      'what came after them stays, and they are dropped where they meet it',
      async (open, session) => {
        for (const together of [false, true]) {
          const target = await opened(open)
          const [one, two, three] = [`b1${together}`, `b2${together}`, `b3${together}`]
          // Keys of its own in each round: one target serves both.
          const own = (rows: readonly Row[]): readonly Row[] =>
            rows.map(([k, v]) => [k === null ? null : k + (together ? 10 : 0), v])
          const id = (name: string): string => `${name}${together ? 'T' : ''}#1`
          await loadBatch(target, session, {
            batch: one,
            files: { [id('a')]: own(files['a#1']), [id('b')]: own(files['b#1']) },
            together,
            plan,
          })
          await loadBatch(target, session, { batch: two, files: { [id('c')]: own([[2, 'c'], [9, 'c']]) }, plan }) // prettier-ignore
          const rows = own([[1, 'l'], [2, 'l'], [4, 'l'], [7, 'l'], [7, 'L'], [null, 'l']]) // prettier-ignore
          const late = { batch: three, files: { [id('l')]: rows }, plan, yieldTo: [id('b'), id('c'), 'nobody#1'] }
          const { settled, draft } = await prepareBatch(target, session, late)
          // 1 takes a's place; 2 and 4 yield; of the two 7 the last; NULL meets nobody.
          expect(byFile(settled.superseded)).toEqual({ [id('a')]: 1 })
          expect(byFile(settled.dropped)).toEqual({ [id('l')]: 3 })
          expect(settled.basedOn).toBeGreaterThan(1)
          expect((await target.commit(draft)).kind).toBe('committed')
          await target.publish()
          const live = (await liveRows(await open(), session)).map((row) => row.split(' ').slice(0, 2).join(' '))
          const wanted = own([[1, 'l'], [2, 'c'], [3, 'a'], [4, 'b'], [5, 'b'], [7, 'L'], [9, 'c'], [null, 'b'], [null, 'l']]) // prettier-ignore
          for (const [k, v] of wanted) expect(live).toContain(`${k ?? '-'} ${v}`)
          expect(live).toHaveLength(wanted.length * (together ? 2 : 1))
        }
      },
    )

    promise(
      context,
      ['rows', 'upsert', 'leaving'],
      'what they would yield to and what leaves with them is not in their way',
      async (open, session) => {
        const target = await opened(open)
        await loadBatch(target, session, { batch: 'b1', files, together: true, plan })
        const late = { batch: 'b2', files: { 'a#2': [[1, 'A'], [4, 'A']] }, replaces: { 'a#2': 'a#1' }, plan, yieldTo: ['a#1', 'b#1'] } as const // prettier-ignore
        expect(await loadBatch(target, session, late)).toMatchObject({ kind: 'committed' })
        expect(await liveRows(target, session)).toEqual(['- b - b#1 2', '1 A - a#2 0', '4 b - b#1 0', '5 b - b#1 1'])
      },
    )

    promise(context, ['rows', 'upsert'], 'where an order decides, it decides here too', async (open, session) => {
      const target = await opened(open)
      const ordered = { ...plan, dedup: { keys: ['k'], orderBy: 'o' } }
      await loadBatch(target, session, { batch: 'b1', files: { 'a#1': [[1, 'a', 1], [2, 'a', 9]] }, plan: ordered }) // prettier-ignore
      const late = { batch: 'b2', files: { 'l#1': [[1, 'l', 2], [2, 'l', 2]] }, plan: ordered, yieldTo: ['a#1'] } as const // prettier-ignore
      await loadBatch(target, session, late)
      expect(await liveRows(target, session)).toEqual(['1 l 2 l#1 0', '2 a 9 a#1 1'])
    })

    if (context.cannot('upsert') !== undefined && context.cannot('rows') === undefined) {
      test('a mode that takes rows away is refused before anything is staged', async () => {
        await withTarget(context, async (open) => {
          const target = await opened(open)
          for (const mode of ['upsert', 'replace'] as const)
            await expect(target.prepare(batchOf('b1'), { ...PLAN, mode, keys: ['k'] })).rejects.toMatchObject({
              code: 'TARGET_APPEND_ONLY',
            })
        })
      })
    }
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

    promise(
      context,
      ['rows', 'replace partitions'],
      'of rows that come late those are dropped whose partition has newer ones',
      async (open, session) => {
        const target = await opened(open)
        const byV = { mode: 'replace', replace: 'partitions', partitionBy: ['v'] } as const
        const files = { 'a#1': [[1, 'x'], [2, 'y'], [3, null]], 'b#1': [[4, 'z']] } as const // prettier-ignore
        await loadBatch(target, session, { batch: 'b1', files, together: true, plan: byV })
        await loadBatch(target, session, {
          batch: 'b2',
          files: {
            'c#1': [
              [5, 'x'],
              [6, null],
            ],
          },
          plan: byV,
        })
        const late = { 'l#1': [[7, 'x'], [8, 'y'], [9, null], [10, 'w']], 'm#1': [[11, 'x'], [12, null]] } as const // prettier-ignore
        const { settled, draft } = await prepareBatch(target, session, { batch: 'b3', files: late, plan: byV, yieldTo: ['c#1'] }) // prettier-ignore
        expect([byFile(settled.superseded), byFile(settled.dropped)]).toEqual([{ 'a#1': 1 }, { 'l#1': 2, 'm#1': 2 }])
        expect((await target.commit(draft)).kind).toBe('committed')
        await target.publish()
        expect(await liveRows(await open(), session)).toEqual(['10 w - l#1 3', '4 z - b#1 0', '5 x - c#1 0', '6 - - c#1 1', '8 y - l#1 1']) // prettier-ignore
      },
    )

    promise(
      context,
      ['rows', 'replace partitions'],
      'partitions that the rows that are there lack are refused, unless all of these leave',
      async (open, session) => {
        const target = await opened(open)
        const staging = await target.prepare(batchOf('b1'), PLAN)
        await staging.stageRows(session, "SELECT 1::BIGINT AS k, 'a#1' AS f", {
          visible: 'part-b1.parquet',
          files: [{ file: 'a#1', rows: 1 }],
        })
        const { add } = await staging.settle(session, { leaving: new Set() })
        await staging.seal()
        const schema = { id: 'v0', columns: [{ name: 'k', type: 'BIGINT' }, { name: 'f', type: 'VARCHAR' }] } // prettier-ignore
        const files = [fileOf('a#1', 1, { rowsLoaded: 1 })]
        expect((await target.commit(draftOf('b1', { batch: batchOf('b1'), files, add, schema }))).kind).toBe('committed') // prettier-ignore
        await target.publish()
        const byV = { mode: 'replace', replace: 'partitions', partitionBy: ['v'] } as const
        const wrong = { batch: 'b2', files: { 'b#1': [[2, 'x']] }, plan: byV } as const
        await expect(prepareBatch(target, session, wrong)).rejects.toMatchObject({ code: 'TARGET_PARTITIONS_CHANGED' })
        const right = { batch: 'b3', files: { 'a#2': [[2, 'x']] }, replaces: { 'a#2': 'a#1' }, plan: byV } as const
        expect((await loadBatch(target, session, right)).kind).toBe('committed')
        expect(await liveRows(target, session)).toEqual(['2 x - a#2 0'])
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
