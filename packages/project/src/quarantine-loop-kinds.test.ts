import { rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rebuildState } from './rebuild-state.ts'
import { SLOW } from './testing/lane.ts'
import { openDesk, results } from './testing/quarantine-desk.ts'
import { openKinds, type Kinds, type RowKind } from './testing/target-kinds.ts'
import { openBench, type Bench, type TempProject } from './testing/temp-project.ts'
import { verifyState } from './verify-state.ts'

let bench: Bench
let kinds: Kinds
beforeAll(async () => {
  bench = await openBench()
  kinds = openKinds(bench.witness)
})
afterAll(async () => {
  await kinds.close()
  await bench.close()
})

function limit(p: TempProject, max: number): void {
  const kwargs = { column: 'v', max_value: max }
  const expectations = [{ id: 'max', type: 'expect_column_values_to_be_between', kwargs }]
  p.contract('s', { id: { type: 'BIGINT' }, v: { type: 'BIGINT' } }, { expectations })
}

interface Case {
  readonly p: TempProject
  readonly values: (column?: string) => Promise<string[]>
}

async function begin(kind: RowKind, onFail: 'split' | 'quarantine', more: Record<string, unknown> = {}): Promise<Case> {
  const target = { ...(await kinds.targetOf(kind)), ...more }
  const p = bench.project({ gate: { on_fail: onFail }, on_missing_contract: 'hold', target })
  limit(p, 20)
  return { p, values: (column) => kinds.values(kind, p, target, column) }
}

// The fast lane has every promise on some kinds, and every kind with some promises; the slow lane has all with all.
describe.each(['duckdb', 'postgres', 'delta'] as const)('a target of kind %s', (kind) => {
  test('rejected rows that are good now come in once, the rest stays, and what is given up is closed', async () => {
    const { p, values } = await begin(kind, 'split')
    p.land('a.csv', 'id,v\n1,5\n2,30\n3,99\n')
    {
      await using desk = await openDesk(p)
      await desk.ingest()
      limit(p, 50)
      expect(results(await desk.settle('replay', { dryRun: true }))).toEqual(['a.csv#1: partly 1+1+0'])
      expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: partly 1+1+0'])
      expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: stays 0+1+0'])
    }
    expect(await values()).toEqual(['1', '2'])
    {
      await using desk = await openDesk(p)
      expect(results(await desk.settle('discard'))).toEqual(['a.csv#1: discarded 0+0+1'])
      expect((await desk.settle('release')).items).toEqual([])
      expect((await desk.ingest()).status).toBe('nothing-new')
      expect(await verifyState(desk.project)).toMatchObject({ total: 0 })
    }
    expect(await values()).toEqual(['1', '2'])
  })

  if (SLOW || kind !== 'duckdb')
    test('held files go in whole, released ones whatever the rules say, also after the index was made anew', async () => {
      const { p, values } = await begin(kind, 'quarantine')
      p.land('a.csv', 'id,v\n1,5\n2,30\n')
      p.land('b.csv', 'id,v\n3,5\n4,99\n')
      {
        await using desk = await openDesk(p)
        await desk.ingest()
        limit(p, 50)
        expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: loaded 2+0+0', 'b.csv#1: stays 0+2+0'])
        await rebuildState(desk.project)
      }
      rmSync(path.join(p.directory, 'landing', 'b.csv'))
      {
        await using desk = await openDesk(p)
        expect(results(await desk.settle('release', { note: 'agreed' }))).toEqual(['b.csv#1: loaded 2+0+0'])
        expect(await desk.open()).toEqual([])
        expect(await verifyState(desk.project)).toMatchObject({ total: 0 })
      }
      expect(await values()).toEqual(['1', '2', '3', '4'])
    })
})

test('a gate without rows of its own: files pass it once, and rows are left to the loader behind it', async () => {
  const p = bench.project({ gate: { on_fail: 'quarantine' }, on_missing_contract: 'hold', target: { kind: 'none', path: 'gate/{dataset}' } }) // prettier-ignore
  limit(p, 20)
  p.land('a.csv', 'id,v\n1,30\n')
  await using desk = await openDesk(p)
  await desk.ingest()
  limit(p, 50)
  expect(results(await desk.settle('replay'))).toEqual(['a.csv#1: loaded 1+0+0'])
  expect(await desk.open()).toEqual([])
  expect((await desk.ingest()).status).toBe('nothing-new')
  expect(await verifyState(desk.project)).toMatchObject({ total: 0 })
})

describe.each(['parquet', 'duckdb', 'postgres'] as const)('upsert into %s', (kind) => {
  const upsert = { mode: 'upsert', keys: ['id'] }

  test('a row that comes back takes the place of older ones, and gives way to those of later files', async () => {
    const { p, values } = await begin(kind, 'split', upsert)
    {
      await using desk = await openDesk(p)
      p.land('a.csv', 'id,v\n1,1\n2,2\n')
      await desk.ingest()
      p.land('b.csv', 'id,v\n1,30\n2,31\n3,32\n')
      await desk.ingest()
      p.land('c.csv', 'id,v\n2,7\n')
      await desk.ingest()
      limit(p, 50)
      const report = await desk.settle('replay')
      expect(results(report)).toEqual(['b.csv#1: loaded 2+0+0'])
      expect(report.items[0]).toMatchObject({ rowsRead: 3, rowsDropped: 1 })
      expect(await verifyState(desk.project)).toMatchObject({ total: 0 })
    }
    expect(await values('v')).toEqual(['30', '32', '7'])
  })

  if (SLOW || kind === 'postgres')
    test('so does a held file as a whole', async () => {
      const { p, values } = await begin(kind, 'quarantine', upsert)
      {
        await using desk = await openDesk(p)
        p.land('a.csv', 'id,v\n1,1\n2,2\n')
        await desk.ingest()
        p.land('b.csv', 'id,v\n1,30\n2,31\n3,32\n')
        await desk.ingest()
        p.land('c.csv', 'id,v\n2,7\n')
        await desk.ingest()
        limit(p, 50)
        expect(results(await desk.settle('replay'))).toEqual(['b.csv#1: loaded 2+0+0'])
        expect(await verifyState(desk.project)).toMatchObject({ total: 0 })
      }
      expect(await values('v')).toEqual(['30', '32', '7'])
    })

  if (SLOW || kind === 'duckdb')
    test('with an order it is the order that decides, whenever a row comes', async () => {
      const { p, values } = await begin(kind, 'split', { ...upsert, dedup: { keys: ['id'], order_by: 'v' } })
      {
        await using desk = await openDesk(p)
        p.land('b.csv', 'id,v\n1,30\n2,31\n')
        await desk.ingest()
        p.land('c.csv', 'id,v\n1,7\n2,8\n')
        await desk.ingest()
        limit(p, 50)
        expect(results(await desk.settle('replay'))).toEqual(['b.csv#1: loaded 2+0+0'])
      }
      expect(await values('v')).toEqual(['30', '31'])
    })
})
