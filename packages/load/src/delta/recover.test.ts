import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntryDraft, Session, Staging } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchOf } from '../testing/drafts.ts'
import { tree } from '../testing/temp-target.ts'
import { dropManifest } from './drop-manifest.ts'
import { readManifest } from './manifest.ts'
import type { DeltaPhase } from './mark.ts'
import { actionsIn, loadBatch, openIn, rowsIn, stageBatch, tempTable, type TempTable } from './testing/delta-story.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const COUNT = 'SELECT count(*) FROM $TABLE'

function selectOf(rows: number): string {
  return `SELECT range AS n FROM range(${rows})`
}

/** Makes a staged attempt look like that of a process that no longer runs. */
async function bury(staging: Staging): Promise<void> {
  const path = join(staging.directory, 'owner.json')
  const owner = JSON.parse(await readFile(path, 'utf8')) as object
  await writeFile(path, JSON.stringify({ ...owner, pid: 2 ** 31 - 2 }))
}

/** A writer that stops for good right after a step of its commit. Returns its draft. */
async function stopAfter(places: TempTable, phase: DeltaPhase, batch: string, rows: number): Promise<EntryDraft> {
  const target = await openIn(places, session, {
    mark: (passed) => {
      if (passed === phase) throw new Error('stopped')
    },
  })
  const { draft, staging } = await stageBatch(target, session, batch, `${batch}#1`, selectOf(rows))
  await expect(target.commit(draft)).rejects.toThrow('stopped')
  await bury(staging)
  return draft
}

function ours(places: TempTable): Promise<readonly string[]> {
  return tree(places.table).then((names) => names.filter((name) => /staging\/|temp\/|part-|batches\//.test(name)))
}

test('what was sealed and not committed is committed by the next recovery', async () => {
  using places = tempTable()
  await stopAfter(places, 'part-placed', 'b1', 3)
  expect(await actionsIn(places.log)).toEqual([])
  expect(await (await openIn(places, session)).recover()).toMatchObject({ lastSeq: 1, unknown: [], missing: [] })
  expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
})

test('and it is left alone while its own writer is known to be at work, or if it is of another source', async () => {
  using places = tempTable()
  await stopAfter(places, 'part-placed', 'b1', 3)
  await (await openIn(places, session, { liveBatches: () => new Set(['b1']) })).recover()
  await (await openIn(places, session, { source: 'trains' })).recover()
  expect(await actionsIn(places.log)).toEqual([])
  await (await openIn(places, session, { source: 'flights' })).recover()
  expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
})

test('a writer whose sealed batch is committed by a recovery meanwhile hears that it is committed', async () => {
  using places = tempTable()
  const recoveries: Promise<unknown>[] = []
  const rival = await openIn(places, session)
  let isSealed = false
  const target = await openIn(places, session, {
    mark: (phase) => {
      if (phase === 'manifest-sealed' && !isSealed) recoveries.push(rival.recover())
      isSealed ||= phase === 'manifest-sealed'
    },
  })
  const { draft } = await stageBatch(target, session, 'b1', 'a#1', selectOf(3))
  expect(await target.commit(draft)).toMatchObject({ kind: 'committed', entry: { seq: 1 } })
  await Promise.all(recoveries)
  await target.publish()
  expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
  expect(await ours(places)).toHaveLength(2)
})

test('a second attempt finishes the first one that was sealed, and is itself dropped', async () => {
  using places = tempTable()
  await stopAfter(places, 'part-placed', 'b1', 3)
  const target = await openIn(places, session)
  const ref = batchOf('b1', { attempt: 2 })
  const { draft } = await stageBatch(target, session, 'b1', 'b1#1', selectOf(3), { batch: ref })
  expect(await target.commit(draft)).toMatchObject({ kind: 'already-committed', entry: { attempt: 1, seq: 1 } })
  await target.publish()
  expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
  expect(await ours(places)).toHaveLength(2)
})

test('a sealed batch that the log refuses is dropped, and its writer that wakes up is refused, too', async () => {
  using places = tempTable()
  const draft = await stopAfter(places, 'part-placed', 'b1', 3)
  // A newer run, which did not recover, loads the same file in another batch.
  const heir = await openIn(places, session)
  const { draft: next } = await stageBatch(heir, session, 'b2', 'b1#1', selectOf(3), { fence: 2 })
  expect(await heir.commit(next)).toMatchObject({ kind: 'committed' })
  expect(await (await openIn(places, session)).recover()).toMatchObject({ lastSeq: 1, unknown: [] })
  expect((await ours(places)).filter((name) => /part-b1|\/b1/.test(name))).toEqual([])
  expect(await (await openIn(places, session)).commit(draft)).toMatchObject({ kind: 'stale' })
  expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
})

test('a sealed batch whose part was vacuumed away is dropped and can be loaded anew', async () => {
  using places = tempTable()
  await stopAfter(places, 'part-placed', 'b1', 3)
  const part = (await readdir(places.table)).find((name) => name.startsWith('part-'))
  await rm(join(places.table, part ?? 'none'))
  const target = await openIn(places, session)
  expect(await target.recover()).toMatchObject({ lastSeq: 0, unknown: [] })
  expect(await ours(places)).toEqual([])
  expect(await loadBatch(target, session, 'b1', 'b1#1', selectOf(3))).toMatchObject({ kind: 'committed' })
  expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
})

test('a part gets a young date before it is committed, so that no VACUUM takes it', async () => {
  using places = tempTable()
  await stopAfter(places, 'part-placed', 'b1', 3)
  const part = (await readdir(places.table)).find((name) => name.startsWith('part-'))
  const path = join(places.table, part ?? 'none')
  await utimes(path, 1, 1)
  await (await openIn(places, session)).recover()
  expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(60_000)
})

test('a commit that was linked before its writer stopped is told to whoever asks, and is not repeated', async () => {
  using places = tempTable()
  const draft = await stopAfter(places, 'entry-linked', 'b1', 3)
  const target = await openIn(places, session)
  expect(await target.lookup('b1')).toMatchObject({ seq: 1 })
  expect(await target.commit(draft)).toMatchObject({ kind: 'already-committed' })
  await target.recover()
  expect(await rowsIn(places, session, COUNT)).toEqual([[3]])
  expect((await ours(places)).filter((name) => !name.includes('part-'))).toEqual(['_tidegate/batches/b1.json'])
})

test('staged files without a manifest are dropped', async () => {
  using places = tempTable()
  const { staging } = await stageBatch(await openIn(places, session), session, 'b1', 'a#1', selectOf(3))
  await bury(staging)
  await (await openIn(places, session)).recover()
  expect(await ours(places)).toEqual([])
})

test('a part that someone deleted is an error, or a report where that is asked for', async () => {
  using places = tempTable()
  const outcome = await loadBatch(await openIn(places, session), session, 'b1', 'a#1', selectOf(3))
  const visible = outcome.kind === 'committed' ? outcome.entry.add[0]?.visible : undefined
  await rm(join(places.table, visible ?? 'none'))
  await expect((await openIn(places, session)).recover()).rejects.toMatchObject({ code: 'LEDGER_PART_MISSING' })
  expect(await (await openIn(places, session, { onMissing: 'report' })).recover()).toMatchObject({ missing: [visible] })
})

test('recovery of a folder without a table does nothing', async () => {
  using places = tempTable()
  await mkdir(places.table, { recursive: true })
  expect(await (await openIn(places, session)).recover()).toEqual({
    lastSeq: 0,
    published: 0,
    retired: 0,
    unknown: [],
    missing: [],
  })
  expect(await tree(places.table)).toEqual([])
})

test('a manifest that a late writer moved away from the attempt after its own comes back', async () => {
  using places = tempTable()
  await loadBatch(await openIn(places, session), session, 'b1', 'a#1', selectOf(3))
  const batches = join(places.table, '_tidegate/batches')
  await rename(join(batches, 'b1.json'), join(batches, 'b1.dropping-0'))
  const target = await openIn(places, session)
  expect(await target.recover()).toMatchObject({ lastSeq: 1 })
  expect(await readdir(batches)).toEqual(['b1.json'])
  const own = await readManifest(places.table, 'b1')
  if (own === undefined) throw new Error('no manifest')
  await dropManifest(places.table, { ...own, entry: { ...own.entry, attempt: 7 } })
  expect(await readdir(batches)).toEqual(['b1.json'])
  await dropManifest(places.table, own)
  expect(await readdir(batches)).toEqual([])
})

test.each([
  ['of another batch', { batch: 'b2' }],
  ['with a path out of the table', { add: [{ visible: '../../evil.parquet' }] }],
  ['without what the log is to be told', { delta: undefined }],
])('a manifest %s is not followed', async (_, change) => {
  using places = tempTable()
  await stopAfter(places, 'part-placed', 'b1', 3)
  const file = join(places.table, '_tidegate/batches/b1.json')
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { readonly add: readonly object[] }
  const add = 'add' in change ? [{ ...manifest.add[0], ...change.add?.[0] }] : manifest.add
  await writeFile(file, JSON.stringify({ ...manifest, ...change, add }))
  await expect((await openIn(places, session)).recover()).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  expect(await actionsIn(places.log)).toEqual([])
})
