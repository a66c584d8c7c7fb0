import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batchOf, draftOf, fileOf } from '../testing/drafts.ts'
import { collect, tree } from '../testing/temp-target.ts'
import { openDeltaTable } from './open-delta-table.ts'
import { actionsIn, loadBatch, openIn, rowsIn, stageBatch, tempTable } from './testing/delta-story.ts'
import { commitByHand } from './testing/foreign-writer.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const COUNT = 'SELECT count(*) FROM $TABLE'

function selectOf(rows: number, more = ''): string {
  return `SELECT range AS n, 'x' || range AS s${more} FROM range(${rows})`
}

describe('the log', () => {
  test('of a first batch is, action by action, what the protocol asks for', async () => {
    using places = tempTable()
    const target = await openIn(places, session, { now: () => 1_700_000_000_000 })
    const outcome = await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    const [part] = outcome.kind === 'committed' ? outcome.entry.add : []
    const actions = await actionsIn(places.log)
    expect(actions.map((action) => Object.keys(action))).toEqual([
      ['commitInfo'],
      ['protocol'],
      ['metaData'],
      ['txn'],
      ['txn'],
      ['add'],
    ])
    expect(actions[0]?.['commitInfo']).toMatchObject({ timestamp: 1_700_000_000_000, isBlindAppend: true })
    expect(actions[1]).toEqual({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } })
    expect(actions[2]).toEqual({
      metaData: {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/) as string,
        format: { provider: 'parquet', options: {} },
        schemaString:
          '{"type":"struct","fields":[{"name":"n","type":"long","nullable":true,"metadata":{}},{"name":"s","type":"string","nullable":true,"metadata":{}}]}',
        partitionColumns: [],
        configuration: {},
        createdTime: 1_700_000_000_000,
      },
    })
    expect(actions[3]).toEqual({ txn: { appId: 'tidegate/flights', version: 1, lastUpdated: 1_700_000_000_000 } })
    expect(actions[4]).toEqual({ txn: { appId: 'tidegate/flights/b1', version: 1, lastUpdated: 1_700_000_000_000 } })
    expect(actions[5]).toEqual({
      add: {
        path: part?.visible,
        partitionValues: {},
        size: part?.bytes,
        modificationTime: 1_700_000_000_000,
        dataChange: true,
        stats: '{"numRecords":3,"minValues":{"n":0,"s":"x0"},"maxValues":{"n":2,"s":"x2"},"nullCount":{"n":0,"s":0}}',
      },
    })
    expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
  })

  test('takes added columns in the commit that needs them, and the feature of a timestamp without a zone', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    await loadBatch(target, session, 'b2', 'b#1', selectOf(2, `, TIMESTAMP '2020-01-01' AS moment`))
    const second = (await actionsIn(places.log)).slice(6)
    expect(second.flatMap((action) => Object.keys(action))).toEqual([
      'commitInfo',
      'protocol',
      'metaData',
      'txn',
      'txn',
      'add',
    ])
    expect(second[1]?.['protocol']).toEqual({
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['timestampNtz'],
      writerFeatures: ['appendOnly', 'invariants', 'timestampNtz'],
    })
    expect(second[2]?.['metaData']?.['schemaString']).toContain(
      '{"name":"moment","type":"timestamp_ntz","nullable":true,"metadata":{}}',
    )
    expect(await target.currentSchema()).toMatchObject({ columns: [{ name: 'n', type: 'BIGINT' }, { name: 's', type: 'VARCHAR' }, { name: 'moment', type: 'TIMESTAMP' }] }) // prettier-ignore
    expect(await rowsIn(places, session, 'SELECT count(*), count(moment) FROM $TABLE')).toEqual([[5, 2]])
  })

  test('tells partition values, and the folders hold no partition column', async () => {
    using places = tempTable()
    const target = await openIn(places, session, { partitionBy: ['day', 'p'] })
    const select = `SELECT range AS n, CASE WHEN range < 2 THEN 'a/b' END AS p, DATE '2020-01-01' + (range // 2)::INTEGER AS day FROM range(4)`
    await loadBatch(target, session, 'b1', 'a#1', select)
    const adds = (await actionsIn(places.log)).flatMap(({ add }) => (add === undefined ? [] : [add]))
    expect(adds.map((add) => add['partitionValues'])).toEqual([{ day: '2020-01-01', p: 'a/b' }, { day: '2020-01-02', p: null }]) // prettier-ignore
    expect(adds.map((add) => String(add['path']).replace(/part-.*/, ''))).toEqual(['day=2020-01-01/p=a%252Fb/', 'day=2020-01-02/p=__HIVE_DEFAULT_PARTITION__/']) // prettier-ignore
    expect(await rowsIn(places, session, 'SELECT * FROM $TABLE ORDER BY n')).toEqual([[0], [1], [2], [3]])
    await expect((await openIn(places, session, { partitionBy: ['p'] })).prepare(batchOf('b2'))).rejects.toMatchObject({
      code: 'DELTA_SCHEMA',
    })
  })
})

describe('the ledger', () => {
  test('is read back by another process from the table alone', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    await loadBatch(target, session, 'b2', 'b#1', selectOf(2))
    const other = await openIn(places, session)
    expect((await other.lookup('b2'))?.files.map((file) => file.id)).toEqual(['b#1'])
    expect(await other.lookup('b3')).toBeUndefined()
    expect((await collect(other.tail(0))).map(({ seq, batch }) => [seq, batch])).toEqual([[1, 'b1'], [2, 'b2']]) // prettier-ignore
    expect((await collect(other.tail(1))).map(({ seq }) => seq)).toEqual([2])
    expect((await other.liveParts()).map(({ files, rows }) => [files, rows])).toEqual([[['a#1'], 3], [['b#1'], 2]]) // prettier-ignore
  })

  test('refuses what it has, what is older than it and what adds nothing new', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    const first = await stageBatch(target, session, 'b1', 'a#1', selectOf(3), { fence: 2 })
    await target.commit(first.draft)
    expect(await target.commit(first.draft)).toMatchObject({ kind: 'already-committed', entry: { seq: 1 } })
    const again = await stageBatch(target, session, 'b2', 'a#1', selectOf(3), { fence: 2 })
    expect(await target.commit(again.draft)).toMatchObject({ kind: 'conflict' })
    const late = await stageBatch(target, session, 'b3', 'c#1', selectOf(3), { fence: 1 })
    expect(await target.commit(late.draft)).toMatchObject({ kind: 'stale' })
    const files = [fileOf('d#1', 3, { hash: 'hash of a#1' })]
    const twin = await stageBatch(target, session, 'b4', 'd#1', selectOf(3), {
      fence: 2,
      files,
      refuseDuplicateContent: true,
    })
    expect(await target.commit(twin.draft)).toMatchObject({ kind: 'conflict' })
    for (const { staging } of [again, late, twin]) await staging.drop()
    expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
    expect(await (await openIn(places, session)).recover()).toMatchObject({ lastSeq: 1, unknown: [] })
    expect(await readdir(join(places.table, '_tidegate/staging'))).toEqual([])
  })

  test('does not replace', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    const files = [fileOf('a#2', 2, { replaces: 'a#1' })]
    const { draft } = await stageBatch(target, session, 'b2', 'a#2', selectOf(2), { files })
    await expect(target.commit(draft)).rejects.toMatchObject({ code: 'TARGET_APPEND_ONLY' })
    const remove = [(await target.liveParts())[0]?.visible ?? '']
    await expect(target.commit({ ...draft, remove })).rejects.toMatchObject({ code: 'TARGET_APPEND_ONLY' })
  })

  test('keeps held files without rows, also as the first thing that a table sees', async () => {
    using places = tempTable()
    const target = await openIn(places, session, { partitionBy: ['x'] })
    const staging = await target.prepare(batchOf('b1'))
    const part = await staging.stageText('why', { visible: 'a.json', file: 'a#1', kind: 'reasons' })
    await staging.seal()
    const files = [fileOf('a#1', 0, { outcome: 'held' })]
    expect(await target.commit(draftOf('b1', { files, rejected: [part] }))).toMatchObject({ kind: 'committed' })
    expect(await target.publish()).toMatchObject({ lastSeq: 1, published: 1 })
    expect(await tree(places.quarantine)).toEqual(['a.json'])
    expect(await target.currentSchema()).toBeUndefined()
    await loadBatch(target, session, 'b2', 'b#1', `SELECT 1::BIGINT AS x, TIMESTAMP '2020-01-01' AS y`)
    expect(await rowsIn(places, session, COUNT)).toEqual([[1]])
    const adds = (await actionsIn(places.log)).flatMap(({ add }) => (add === undefined ? [] : [add['partitionValues']]))
    expect(adds).toEqual([{ x: '1' }])
    const held = await stageBatch(target, session, 'b3', 'c#1', 'SELECT 2::BIGINT AS x, NULL::TIMESTAMP AS y', {
      add: [],
      files: [fileOf('c#1', 0, { outcome: 'held' })],
    })
    expect(await target.commit(held.draft)).toMatchObject({ kind: 'committed', entry: { seq: 3, add: [] } })
  })

  test('notices that transactions were dropped from the log', async () => {
    using places = tempTable()
    await loadBatch(await openIn(places, session), session, 'b1', 'a#1', selectOf(3))
    await commitByHand(places, [{ txn: { appId: 'tidegate/flights', version: 7 } }])
    await expect((await openIn(places, session)).recover()).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  })

  test('notices that a manifest was deleted', async () => {
    using places = tempTable()
    await loadBatch(await openIn(places, session), session, 'b1', 'a#1', selectOf(3))
    await rm(join(places.table, '_tidegate/batches/b1.json'))
    await expect((await openIn(places, session)).recover()).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  })
})

describe('another writer', () => {
  const OTHER = { add: { path: 'other.parquet', partitionValues: {}, size: 1, modificationTime: 1, dataChange: true } }

  test('may append between our stage and our commit', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    const { draft } = await stageBatch(target, session, 'b2', 'b#1', selectOf(2))
    await commitByHand(places, [OTHER, { txn: { appId: 'someone', version: 9 } }])
    expect(await target.commit(draft)).toMatchObject({ kind: 'committed', entry: { seq: 2 } })
    expect((await readdir(places.log)).toSorted().at(-1)).toBe('00000000000000000002.json')
  })

  test('may take the very number that we are about to link', async () => {
    using places = tempTable()
    let raced = false
    const rival = await openIn(places, session)
    await loadBatch(rival, session, 'b1', 'a#1', selectOf(3))
    const work: Promise<void>[] = []
    const target = await openIn(places, session, {
      mark: (phase) => {
        if (phase !== 'entry-temp-written' || raced) return
        raced = true
        work.push(commitByHand(places, [OTHER]))
      },
    })
    const { draft } = await stageBatch(target, session, 'b2', 'b#1', selectOf(2))
    expect(await target.commit(draft)).toMatchObject({ kind: 'committed', entry: { seq: 2 } })
    await Promise.all(work)
    const ours = (await actionsIn(places.log)).filter(({ txn }) => txn?.['appId'] === 'tidegate/flights')
    expect(ours.map(({ txn }) => txn?.['version'])).toEqual([1, 2])
  })

  test('that adds columns does not disturb, one that changes ours does, and then nothing of the batch is left', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    const metaData = (await actionsIn(places.log)).find((action) => action['metaData'] !== undefined)?.['metaData']
    const schema = String(metaData?.['schemaString'])
    const wider = schema.replace(']}', ',{"name":"z","type":"date","nullable":true,"metadata":{"comment":"kept"}}]}')
    const second = await stageBatch(target, session, 'b2', 'b#1', selectOf(2, ', TRUE AS late'))
    await commitByHand(places, [{ metaData: { ...metaData, schemaString: wider } }])
    expect(await target.commit(second.draft)).toMatchObject({ kind: 'committed' })
    const columns = (await target.currentSchema())?.columns.map(({ name }) => name)
    expect(columns).toEqual(['n', 's', 'z', 'late'])
    expect(JSON.stringify((await actionsIn(places.log)).at(-4))).toContain('kept')

    const third = await stageBatch(target, session, 'b3', 'c#1', selectOf(2))
    await commitByHand(places, [{ metaData: { ...metaData, schemaString: schema.replace('"long"', '"double"') } }])
    expect(await target.commit(third.draft)).toMatchObject({
      kind: 'conflict',
      because: expect.stringContaining('column n') as string,
    })
    await third.staging.drop()
    expect(await target.recover()).toMatchObject({ unknown: [], lastSeq: 2 })
    expect((await tree(places.table)).filter((name) => /part-b3|staging\/b3|batches\/b3/.test(name))).toEqual([])
  })

  test('that turns on a feature which we lack stops us by its name, before anything is sealed', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    const { draft } = await stageBatch(target, session, 'b2', 'b#1', selectOf(2))
    const dv = {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['deletionVectors'],
      writerFeatures: ['deletionVectors'],
    }
    await commitByHand(places, [{ protocol: dv }])
    await expect(target.commit(draft)).rejects.toMatchObject({
      code: 'DELTA_UNSUPPORTED',
      message: expect.stringContaining('deletionVectors') as string,
    })
    await expect(target.prepare(batchOf('b3'))).rejects.toMatchObject({ code: 'DELTA_UNSUPPORTED' })
    await expect((await openIn(places, session)).recover()).resolves.toMatchObject({ lastSeq: 1 })
  })

  test('may put another table in the place of ours: what was in the old one does not count, however long its log is', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', 'SELECT 1 AS n')
    const { draft } = await stageBatch(target, session, 'b2', 'b#1', 'SELECT 2 AS n')
    const [head = {}, ...rest] = (await actionsIn(places.log)).filter(({ metaData }) => metaData !== undefined)
    expect(rest).toEqual([])
    await rm(places.log, { recursive: true })
    await commitByHand(places, [
      { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
      { metaData: { ...head['metaData'], id: 'another' } },
    ])
    for (let version = 1; version < 5; version += 1) await commitByHand(places, [{ commitInfo: {} }])
    expect(await target.lookup('b1')).toBeUndefined()
    expect(await target.commit(draft)).toMatchObject({ kind: 'committed', entry: { seq: 1 } })
    expect(await (await openIn(places, session)).lookup('b2')).toMatchObject({ seq: 1 })
    expect(await rowsIn(places, session, 'SELECT n FROM $TABLE')).toEqual([[2]])
  })

  test('may compact and remove our parts; its leftovers are listed, its tombstones are not', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    const outcome = await loadBatch(target, session, 'b1', 'a#1', selectOf(3))
    const path = outcome.kind === 'committed' ? outcome.entry.add[0]?.visible : undefined
    for (const name of ['leftover.parquet', 'other.parquet', '_hidden/x.parquet', '_change_data/c.parquet']) {
      await mkdir(join(places.table, name, '..'), { recursive: true })
      await writeFile(join(places.table, name), 'x')
    }
    await commitByHand(places, [OTHER, { remove: { path, dataChange: false } }])
    expect(await target.recover()).toMatchObject({ unknown: ['leftover.parquet'], missing: [] })
    expect(await target.liveParts()).toEqual([])
    expect(await target.lookup('b1')).toMatchObject({ seq: 1 })
  })
})

describe('rows that do not fit an existing table are refused before anything is committed:', () => {
  test.each<[string, string, string]>([
    [
      'NULL where it may not be',
      `SELECT CASE WHEN range = 1 THEN NULL ELSE range END AS n, 's' AS s FROM range(3)`,
      'DELTA_SCHEMA',
    ],
    ['a wider type', `SELECT range::DOUBLE AS n, 's' AS s FROM range(3)`, 'DELTA_SCHEMA'],
    ['an empty text by which the table is partitioned', `SELECT range AS n, '' AS s FROM range(3)`, 'DELTA_PARTITION'],
    ['a name that Delta does not allow', `SELECT range AS n, 's' AS s, 1 AS "a b" FROM range(3)`, 'DELTA_COLUMN'],
  ])('%s', async (_, select, code) => {
    using places = tempTable()
    const fields = [{ name: 'n', type: 'long', nullable: false, metadata: {} }, { name: 's', type: 'string', nullable: true, metadata: {} }] // prettier-ignore
    const metaData = { id: 'x', format: { provider: 'parquet', options: {} }, schemaString: JSON.stringify({ type: 'struct', fields }), partitionColumns: ['s'], configuration: {} } // prettier-ignore
    await commitByHand(places, [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }])
    const target = await openIn(places, session)
    await expect(stageBatch(target, session, 'b1', 'a#1', select)).rejects.toMatchObject({ code })
    expect(
      await loadBatch(target, session, 'b2', 'b#1', `SELECT range::INTEGER AS N, 's' AS s FROM range(3)`),
    ).toMatchObject({ kind: 'committed' })
    expect(await rowsIn(places, session, 'SELECT count(n) FROM $TABLE')).toEqual([[3]])
  })
})

test('a folder that cannot be a target is refused', async () => {
  await expect(openDeltaTable({ directory: 'relative', quarantineDirectory: '/q', session })).rejects.toMatchObject({
    code: 'LEDGER_PATH',
  })
  await expect(openDeltaTable({ directory: '/t', quarantineDirectory: '/t/q', session })).rejects.toMatchObject({
    code: 'LEDGER_PATH',
  })
})
