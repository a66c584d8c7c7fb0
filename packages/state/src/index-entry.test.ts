import type { FileRecord, RejectedPart } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import type { State } from './index.ts'
import { makeEntry, makeFile, makePart } from './testing/entries.ts'
import { freshState, onPostgres } from './testing/fresh-state.ts'

const LAKE = '/lake/raw/flights'

async function emptyState(): Promise<State> {
  return freshState({ nowMs: () => 5_000_000 })
}

async function onlyFile(state: State, path: string): Promise<FileRecord> {
  const files = await state.listFiles({ path })
  expect(files).toHaveLength(1)
  return files[0] as FileRecord
}

describe('indexing an entry', () => {
  test('files come back with everything that the entry said of them', async () => {
    const state = await emptyState()
    const reasons = [{ check: 'delay', severity: 'critical', message: 'too late', failedRows: 3 }] as const
    const file = makeFile({
      path: 'a/b.parquet',
      score: 87.5,
      verdict: 'split',
      reasons,
      rowsRead: 20,
      rowsLoaded: 15,
      rowsRejected: 3,
      rowsDropped: 2,
      modifiedAtMs: 900_000.25,
    })
    await state.indexEntry(LAKE, makeEntry(1, [], { files: [file] }), { durationMs: new Map([[file.id, 12.5]]) })
    expect(await state.listFiles()).toEqual([
      {
        id: 'flights/a/b.parquet#1',
        source: 'flights',
        dataset: 'flights',
        path: 'a/b.parquet',
        ordinal: 1,
        uri: '/landing/a/b.parquet',
        stamp: '100:1:1:1',
        bytes: 100,
        modifiedAtMs: 900_000.25,
        hash: 'hash of a/b.parquet 1',
        outcome: 'loaded',
        live: true,
        rowsRead: 20,
        rowsLoaded: 15,
        rowsRejected: 3,
        rowsDropped: 2,
        rowsReplayed: 0,
        rowsDiscarded: 0,
        rowsSuperseded: 0,
        score: 87.5,
        verdict: 'split',
        reasons,
        duplicateOf: null,
        quarantinePath: null,
        batch: 'batch-1',
        run: 'run-1',
        location: LAKE,
        seq: 1,
        decidedAtMs: 1_001_000,
        durationMs: 12.5,
      },
    ])
  })

  test('an entry that is indexed already changes nothing', async () => {
    const state = await emptyState()
    const watermark = { column: 'date', type: 'BIGINT', value: '5' }
    await state.indexEntry(LAKE, makeEntry(1, ['a'], { watermark }))
    await state.indexEntry(LAKE, makeEntry(1, ['b'], { watermark: { ...watermark, value: '9' } }))
    expect((await state.listFiles()).map((file) => file.path)).toEqual(['a'])
    expect(await state.getWatermark('flights')).toMatchObject({ value: '5', recordsProcessed: 10 })
  })

  test('a gap is refused and leaves nothing behind', async () => {
    const state = await emptyState()
    await state.indexEntry(LAKE, makeEntry(1, ['a']))
    await expect(state.indexEntry(LAKE, makeEntry(3, ['c']))).rejects.toMatchObject({ code: 'STATE_GAP' })
    await expect(state.indexEntry('/other', makeEntry(2, ['c']))).rejects.toMatchObject({ code: 'STATE_GAP' })
    expect(await state.indexedSeq(LAKE)).toBe(1)
    expect(await state.indexedSeq('/other')).toBe(0)
    expect(await state.listFiles()).toHaveLength(1)
  })

  test.each([0, -1, 1.5, Number.NaN, 2 ** 60])('an entry with the number %d is refused', async (seq) => {
    const state = await emptyState()
    await expect(state.indexEntry(LAKE, { ...makeEntry(1), seq })).rejects.toMatchObject({ code: 'STATE_BAD_ENTRY' })
  })

  test('an entry without a time is refused', async () => {
    const state = await emptyState()
    const entry = makeEntry(1, ['a'], { committedAt: 'yesterday' })
    await expect(state.indexEntry(LAKE, entry)).rejects.toMatchObject({ code: 'STATE_BAD_ENTRY' })
  })

  test('each ledger has its own numbers', async () => {
    const state = await emptyState()
    await state.indexEntry('/lake/a', makeEntry(1, ['a']))
    await state.indexEntry('/lake/b', makeEntry(1, ['b']))
    await state.indexEntry('/lake/b', makeEntry(2, ['c']))
    expect([await state.indexedSeq('/lake/a'), await state.indexedSeq('/lake/b')]).toEqual([1, 2])
  })

  test('the pinned batch ends, the failure of a judged path is forgotten, others stay', async () => {
    const state = await emptyState()
    const batch = { run: 'r', source: 'flights', dataset: 'flights', location: LAKE, attempt: 1, files: [] }
    await state.pinBatch({ ...batch, batch: 'batch-1', pinnedAtMs: 1 })
    await state.pinBatch({ ...batch, batch: 'batch-2', pinnedAtMs: 2 })
    const failure = { dataset: 'flights', stamp: 's', run: 'r', code: 'X', message: 'm', failedAtMs: 1 }
    await state.recordFailures([
      { ...failure, source: 'flights', path: 'a' },
      { ...failure, source: 'flights', path: 'b' },
      { ...failure, source: 'trains', path: 'a' },
    ])
    await state.indexEntry(LAKE, makeEntry(1, ['a']))
    expect((await state.openBatches('flights')).map((open) => open.batch)).toEqual(['batch-2'])
    expect((await state.listFailures()).map((open) => [open.source, open.path])).toEqual([
      ['flights', 'b'],
      ['trains', 'a'],
    ])
  })

  test('schema versions are noted once, with the first entry that brought them', async () => {
    const state = await emptyState()
    const wider = { id: 'schema-2', columns: [{ name: 'x', type: 'STRUCT(a INTEGER)' }] }
    await state.indexEntry(LAKE, makeEntry(1))
    await state.indexEntry(LAKE, makeEntry(2))
    await state.indexEntry(LAKE, makeEntry(3, [], { schema: wider }))
    const schemas = await state.listSchemas({ source: 'flights', dataset: 'flights' })
    expect(schemas.map(({ id, seq, columns }) => ({ id, seq, columns }))).toEqual([
      { id: 'schema-1', seq: 1, columns: [{ name: 'delay', type: 'BIGINT' }] },
      { id: 'schema-2', seq: 3, columns: wider.columns },
    ])
  })
})

describe('which files are live', () => {
  test('a replaced version is not', async () => {
    const state = await emptyState()
    await state.indexEntry(LAKE, makeEntry(1, ['a', 'b']))
    const second = makeFile({ path: 'a', ordinal: 2, replaces: 'flights/a#1' })
    await state.indexEntry(LAKE, makeEntry(2, [], { files: [second], remove: ['part-1-a'] }))
    const known = await state.knownFiles('flights')
    expect(known.get('a')?.map((file) => [file.ordinal, file.live])).toEqual([
      [1, false],
      [2, true],
    ])
    expect(known.get('b')?.[0]?.live).toBe(true)
  })

  test('a version loaded again under --force is', async () => {
    const state = await emptyState()
    await state.indexEntry(LAKE, makeEntry(1, ['a']))
    const again = makeFile({ path: 'a', replaces: 'flights/a#1' })
    const add = [makePart('part-2-a', [again.id])]
    await state.indexEntry(LAKE, makeEntry(2, [], { files: [again], remove: ['part-1-a'], add }))
    expect(await onlyFile(state, 'a')).toMatchObject({ live: true, seq: 2 })
  })

  test('a file of a removed part is not, unless its rows moved into another part', async () => {
    const state = await emptyState()
    const files = [makeFile({ path: 'a' }), makeFile({ path: 'b' })]
    const add = [
      makePart(
        'both',
        files.map((file) => file.id),
      ),
    ]
    await state.indexEntry(LAKE, makeEntry(1, [], { files, add }))
    const rest = [makePart('rest', ['flights/b#1'])]
    await state.indexEntry(LAKE, makeEntry(2, [], { remove: ['both'], add: rest }))
    expect([(await onlyFile(state, 'a')).live, (await onlyFile(state, 'b')).live]).toEqual([false, true])
  })

  test('a file in two parts is, until the second is removed', async () => {
    const state = await emptyState()
    const file = makeFile({ path: 'a' })
    const add = [makePart('one', [file.id]), makePart('two', [file.id])]
    await state.indexEntry(LAKE, makeEntry(1, [], { files: [file], add }))
    await state.indexEntry(LAKE, makeEntry(2, [], { remove: ['one'] }))
    expect((await onlyFile(state, 'a')).live).toBe(true)
    await state.indexEntry(LAKE, makeEntry(3, [], { remove: ['two'] }))
    expect((await onlyFile(state, 'a')).live).toBe(false)
  })

  test('a held or skipped file is not', async () => {
    const state = await emptyState()
    const files = [
      makeFile({ path: 'held', outcome: 'held' }),
      makeFile({ path: 'skipped', outcome: 'skipped', duplicateOf: 'flights/held#1' }),
    ]
    await state.indexEntry(LAKE, makeEntry(1, [], { files }))
    expect((await state.listFiles()).map((file) => file.live)).toEqual([false, false])
    expect(await onlyFile(state, 'skipped')).toMatchObject({ duplicateOf: 'flights/held#1' })
  })

  test('the same part name in another ledger is not touched', async () => {
    const state = await emptyState()
    await state.indexEntry('/lake/a', makeEntry(1, ['x']))
    await state.indexEntry('/lake/b', makeEntry(1, ['x']))
    await state.indexEntry('/lake/b', makeEntry(2, [], { remove: ['part-1-x'] }))
    expect((await state.listFiles()).map((file) => [file.location, file.live])).toEqual([
      ['/lake/a', true],
      ['/lake/b', false],
    ])
  })
})

describe('quarantine', () => {
  const original: RejectedPart = {
    kind: 'original',
    staged: 's',
    visible: 'bad/held.parquet',
    bytes: 77,
    rows: 9,
    hash: 'h1',
    file: 'flights/held#1',
  }
  const reasons = [{ check: 'PQ105', severity: 'critical', message: 'no footer' }] as const
  const held = makeFile({
    path: 'held',
    outcome: 'held',
    rowsRead: 9,
    rowsLoaded: 0,
    rowsRejected: 9,
    reasons,
    quarantinePath: 'bad/held.parquet',
  })
  const split = makeFile({ path: 'split', rowsRead: 10, rowsLoaded: 8, rowsRejected: 2 })
  const rows: RejectedPart = { ...original, kind: 'rows', visible: 'rows.parquet', rows: 2, file: split.id, hash: 'h2' }

  test('held files and rejected rows are recorded with their reasons', async () => {
    const state = await emptyState()
    const note: RejectedPart = { ...original, kind: 'reasons', visible: 'bad/held.json' }
    const entry = makeEntry(1, [], { files: [held, split], rejected: [original, note, rows] })
    await state.indexEntry(LAKE, entry)
    const records = await state.listQuarantine({ source: 'flights', status: 'open' })
    expect(records).toMatchObject([
      { id: 'bad/held.parquet', kind: 'held', file: held.id, rows: 9, bytes: 77, hash: 'h1', reasons, location: LAKE },
      { id: 'rows.parquet', kind: 'rows', file: split.id, rows: 2, hash: 'h2', reasons: [], path: 'rows.parquet' },
    ])
  })

  test('a held file of which nothing was copied is recorded under its own id', async () => {
    const state = await emptyState()
    await state.indexEntry(LAKE, makeEntry(1, [], { files: [{ ...held, quarantinePath: null }] }))
    expect(await state.listQuarantine()).toMatchObject([{ id: 'flights/held#1', path: null, bytes: 100 }])
  })

  test('consuming closes a record as replayed, judging again as superseded', async () => {
    const state = await emptyState()
    await state.indexEntry(LAKE, makeEntry(1, [], { files: [held, split], rejected: [original, rows] }))
    await state.indexEntry(LAKE, makeEntry(2, [], { consumes: ['rows.parquet'] }))
    await state.indexEntry(LAKE, makeEntry(3, ['held']))
    expect((await state.listQuarantine()).map((record) => [record.id, record.status, record.closedAtMs])).toEqual([
      ['bad/held.parquet', 'superseded', 1_003_000],
      ['rows.parquet', 'replayed', 1_002_000],
    ])
    expect(await state.listQuarantine({ status: 'open' })).toEqual([])
  })

  test('a new version of the path supersedes what the old one left', async () => {
    const state = await emptyState()
    await state.indexEntry(LAKE, makeEntry(1, [], { files: [split], rejected: [rows] }))
    const second = makeFile({ path: 'split', ordinal: 2, replaces: split.id })
    await state.indexEntry(LAKE, makeEntry(2, [], { files: [second] }))
    expect(await state.listQuarantine({ limit: 1 })).toMatchObject([{ status: 'superseded' }])
  })
})

test('the notices of an entry are in the outbox once', async () => {
  const state = await emptyState()
  const notice = { key: 'k', channel: 'ops', event: 'gate_failed', payload: { file: 'a' }, createdAtMs: 7 }
  await state.indexEntry(LAKE, makeEntry(1, ['a']), { notices: [notice] })
  await state.indexEntry(LAKE, makeEntry(2, ['b']), { notices: [notice, { ...notice, key: 'l' }] })
  expect(await state.takeNotices(10, 100)).toEqual([
    { ...notice, attempts: 0 },
    { ...notice, key: 'l', attempts: 0 },
  ])
})

test('hostile names go in and come out unchanged', async () => {
  const names = [
    `'; DROP TABLE file_version; --`,
    '../../etc/passwd',
    'new\nline',
    '"quoted"',
    // Postgres stores no zero byte, and its indexes hold no text beyond some 2,600 bytes that do not compress.
    ...(onPostgres() ? [] : ['nul\0nul']),
    'ünïcode 🛬',
    '%_',
    '__proto__',
    '',
    'x'.repeat(5000),
  ]
  for (const source of names) {
    const state = await emptyState()
    await state.indexEntry(
      source,
      makeEntry(1, names, { source, watermark: { column: source, type: 'X', value: source } }),
    )
    const known = await state.knownFiles(source)
    expect(new Set(known.keys())).toEqual(new Set(names))
    expect(await state.listFiles({ source, limit: 100 })).toHaveLength(names.length)
    expect(await state.indexedSeq(source)).toBe(1)
    expect(await state.getWatermark(source)).toMatchObject({ source, value: source })
    await state.close()
  }
})

test('clearing one ledger forgets it alone, and indexing it again gives the same', async () => {
  const state = await emptyState()
  const watermark = (value: string): { column: string; type: string; value: string } => ({
    column: 'n',
    type: 'BIGINT',
    value,
  })
  const entries = [makeEntry(1, ['a', 'b'], { watermark: watermark('7') }), makeEntry(2, ['c'])]
  for (const entry of entries) await state.indexEntry('/lake/a', entry)
  await state.indexEntry('/lake/b', makeEntry(1, ['d'], { watermark: watermark('10') }))
  await state.openRun({ id: 'r', command: 'ingest', source: 'flights', startedAtMs: 1 })
  const look = async (): Promise<unknown> => [
    await state.listFiles(),
    await state.listWatermarks(),
    await state.listSchemas(),
  ]
  const before = await look()

  await state.clearIndex('/lake/a')
  expect(await state.indexedSeq('/lake/a')).toBe(0)
  expect((await state.listFiles()).map((file) => file.path)).toEqual(['d'])
  expect(await state.getWatermark('flights')).toMatchObject({ value: '10', recordsProcessed: 10 })
  for (const entry of entries) await state.indexEntry('/lake/a', entry)
  expect(await look()).toEqual(before)

  await state.clearIndex()
  expect(await state.listFiles()).toEqual([])
  expect(await state.listWatermarks()).toEqual([])
  expect(await state.listRuns()).toHaveLength(1)
})
