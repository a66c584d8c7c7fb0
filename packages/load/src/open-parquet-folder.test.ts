import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { appendFile, mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TidegateError, type Session } from '@tidegate/core'
import { duckdbDialect, openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  describeLedger,
  openParquetFolder,
  safeName,
  type FolderDestination,
  type ParquetFolderOptions,
} from './index.ts'
import { batchOf, draftOf, fileOf } from './testing/drafts.ts'
import { runChild } from './testing/run-child.ts'
import { selectOf } from './testing/story.ts'
import { stageHold, stageLoad, stagePart, tempTarget, tree, type TempTarget } from './testing/temp-target.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

function openIn(temp: TempTarget, more: Partial<ParquetFolderOptions> = {}): Promise<FolderDestination> {
  return openParquetFolder({ directory: temp.target, quarantineDirectory: temp.quarantine, ...more })
}

async function load(target: FolderDestination, batch: string, id: string, rows: number): Promise<void> {
  const { draft } = await stageLoad(target, session, batch, id, rows)
  expect((await target.commit(draft)).kind).toBe('committed')
  await target.publish()
}

async function visible(temp: TempTarget): Promise<unknown> {
  const { rows } = await session.query(
    `SELECT file, count(*) FROM read_parquet('${temp.target}/**/*.parquet') GROUP BY file ORDER BY file`,
  )
  return Object.fromEntries(rows)
}

describe('staging', () => {
  test('tells rows, bytes and hash as they are on disk, in the compression asked for', async () => {
    using temp = tempTarget()
    for (const compression of ['zstd', 'snappy'] as const) {
      const target = await openIn(temp, { compression, rowGroupRows: 2048 })
      const staging = await target.prepare(batchOf(compression))
      const part = await stagePart(staging, session, 'a', 5000, 'p.parquet')
      const path = join(temp.target, part.staged)
      expect(part).toMatchObject({ visible: 'p.parquet', files: ['a'], rows: 5000, bytes: statSync(path).size })
      const { rows } = await session.query(
        `SELECT compression, row_group_num_rows FROM parquet_metadata('${path}') WHERE path_in_schema = 'n' ORDER BY 2`,
      )
      const codec = compression.toUpperCase()
      expect(rows).toEqual([[codec, 904], [codec, 2048], [codec, 2048]]) // prettier-ignore
      const sum = await session.query(`SELECT sha256(content) FROM read_blob('${path}')`)
      expect(sum.rows).toEqual([[part.hash]])
    }
  })

  test('nothing staged has a name that a data glob matches', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    const ref = batchOf('b1')
    const staging = await target.prepare(ref)
    await stagePart(staging, session, 'a', 1, 'p.parquet')
    await staging.stageRejectedRows(session, selectOf('a', 1), { visible: 'r.parquet', file: 'a', kind: 'rows' })
    await staging.stageText('{}', { visible: 'why.json', file: 'a', kind: 'reasons' })
    const names = (await tree(temp.target)).filter((name) => /\.(parquet|csv|json)$/.test(name))
    expect(names.map((name) => name.split('/').at(-1))).toEqual(['owner.json'])
    await staging.drop()
    expect(await readdir(join(temp.target, '_tidegate/staging'))).toEqual([])
  })

  test('no rows and hostile folder names are no problem', async () => {
    using temp = tempTarget()
    const target = await openParquetFolder({
      directory: join(temp.root, "it's; DROP TABLE x --", '飛行 "q"'),
      quarantineDirectory: temp.quarantine,
    })
    const ref = batchOf('b1')
    const staging = await target.prepare(ref)
    const name = `${safeName('../../evil\n".parquet')}.parquet`
    const part = await stagePart(staging, session, 'a', 0, name)
    expect(part.rows).toBe(0)
    await staging.seal()
    const draft = draftOf('b1', { batch: ref, add: [part], files: [fileOf('a', 0)] })
    expect((await target.commit(draft)).kind).toBe('committed')
    expect(await target.publish()).toMatchObject({ published: 1 })
    expect(statSync(join(target.location, name)).size).toBe(part.bytes)
  })

  test.each([
    ['cut short', (path: string) => truncate(path, 200)],
    ['grown', (path: string) => appendFile(path, 'x')],
    ['gone', (path: string) => rm(path)],
    ['with a broken footer', breakFooter],
  ])('sealing finds a part that is %s', async (_, harm) => {
    using temp = tempTarget()
    const staging = await (await openIn(temp)).prepare(batchOf('b1'))
    const part = await stagePart(staging, session, 'a', 9, 'p.parquet')
    await harm(join(temp.target, part.staged))
    await expect(staging.seal()).rejects.toMatchObject({ dataNow: 'Nothing was committed.' })
  })

  test('wrong SQL and a full disk come out as they are meant', async () => {
    using temp = tempTarget()
    const staging = await (await openIn(temp)).prepare(batchOf('b1'))
    const part = { visible: 'p.parquet', files: [{ file: 'a', rows: 1 }] }
    await expect(staging.stageRows(session, 'SELECT nonsense', part)).rejects.toMatchObject({ code: 'ENGINE_SQL' })
    const full: Session = {
      dialect: duckdbDialect,
      query: () => Promise.reject(new TidegateError('ENGINE_DISK_FULL', 'no space')),
      fileStatistics: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    }
    await expect(staging.stageRows(full, 'SELECT 1', part)).rejects.toMatchObject({
      code: 'DISK_FULL',
      dataNow: 'Nothing was committed.',
    })
  })
})

/** Keeps size and magics, so that only reading the footer can find it. */
async function breakFooter(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, size - 8)
    await handle.write(Buffer.alloc(buffer.readUInt32LE(0)), 0, undefined, size - 8 - buffer.readUInt32LE(0))
  } finally {
    await handle.close()
  }
}

describe('publishing', () => {
  test('replaces the rows of an older version, and keeps the old part aside', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    await target.recover()
    await load(target, 'b1', 'a#1', 3)
    const { draft } = await stageLoad(target, session, 'b2', 'a#2', 5)
    const files = [fileOf('a#2', 5, { replaces: 'a#1' })]
    await target.commit({ ...draft, files, remove: ['part-b1.parquet'] })
    expect(await visible(temp)).toEqual({ 'a#1': 3 })
    expect(await target.publish()).toMatchObject({ lastSeq: 2, published: 1, retired: 1 })
    expect(await visible(temp)).toEqual({ 'a#2': 5 })
    expect(await readdir(join(temp.target, '_tidegate/retired'))).toEqual([
      `00000000000000000002-${safeName('part-b1.parquet')}.sealed`,
    ])
    expect((await target.liveParts()).map((part) => part.visible)).toEqual(['part-b2.parquet'])
    expect(await target.publish()).toMatchObject({ published: 0, retired: 0 })
  })

  test('handles what another process committed and did not publish', async () => {
    using temp = tempTarget()
    const [one, two] = [await openIn(temp), await openIn(temp)]
    await one.recover()
    const { draft } = await stageLoad(two, session, 'b1', 'a#1', 3)
    await two.commit(draft)
    expect(await one.publish()).toMatchObject({ lastSeq: 1, published: 1 })
    expect(await two.publish()).toMatchObject({ lastSeq: 1, published: 0 })
    expect(await visible(temp)).toEqual({ 'a#1': 3 })
  })

  test('a part that was added and taken away before anyone published it never becomes visible', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    const first = await stageLoad(target, session, 'b1', 'a#1', 3)
    await target.commit(first.draft)
    const { draft } = await stageLoad(target, session, 'b2', 'a#2', 5)
    await target.commit({ ...draft, files: [fileOf('a#2', 5, { replaces: 'a#1' })], remove: ['part-b1.parquet'] })
    expect(await target.publish()).toMatchObject({ published: 1, retired: 1 })
    expect(await visible(temp)).toEqual({ 'a#2': 5 })
    expect(await readdir(join(temp.target, '_tidegate/staging'))).toEqual([])
  })

  test('reports files that the log does not know, and never touches them', async () => {
    using temp = tempTarget()
    await load(await openIn(temp), 'b1', 'a#1', 3)
    await mkdir(join(temp.target, 'old'))
    for (const name of ['old/x.parquet', 'y.csv', '_SUCCESS']) await writeFile(join(temp.target, name), 'mine')
    expect((await (await openIn(temp)).recover()).unknown).toEqual(['old/x.parquet', 'y.csv'])
    expect(await readFile(join(temp.target, 'old/x.parquet'), 'utf8')).toBe('mine')
  })

  test('a part that someone deleted or changed is an error, or a report where that is asked for', async () => {
    using temp = tempTarget()
    await load(await openIn(temp), 'b1', 'a#1', 3)
    const part = join(temp.target, 'part-b1.parquet')
    await appendFile(part, 'x')
    await expect((await openIn(temp)).recover()).rejects.toMatchObject({ code: 'LEDGER_PART_MISSING' })
    await rm(part)
    await expect((await openIn(temp)).recover()).rejects.toMatchObject({ code: 'LEDGER_PART_MISSING' })
    const lenient = await openIn(temp, { onMissing: 'report' })
    expect(await lenient.recover()).toMatchObject({ missing: ['part-b1.parquet'] })
    // The way out: the file is processed again under its own id.
    const { draft } = await stageLoad(lenient, session, 'b2', 'a#1', 3)
    const files = [fileOf('a#1', 3, { replaces: 'a#1' })]
    expect((await lenient.commit({ ...draft, files, remove: ['part-b1.parquet'] })).kind).toBe('committed')
    await lenient.publish()
    expect(await (await openIn(temp)).recover()).toMatchObject({ missing: [], lastSeq: 2 })
    expect(await visible(temp)).toEqual({ 'a#1': 3 })
  })
})

describe('a quarantine on another device', () => {
  const device = otherDevice()
  test.skipIf(device === undefined)('gets whole files, and a copy that was cut short is settled', async () => {
    using temp = tempTarget()
    const quarantineDirectory = join(device ?? '', 'quarantine')
    const target = await openIn(temp, { quarantineDirectory })
    const { draft, part } = await stageHold(target, 'b1', 'a#1')
    await target.commit(draft)
    // As if a process had died after the copy and before it removed the staged file.
    await mkdir(quarantineDirectory)
    await writeFile(join(quarantineDirectory, part.visible), 'why a#1')
    await target.publish()
    const other = await stageHold(target, 'b2', 'b#1')
    await target.commit(other.draft)
    await target.publish()
    expect(await tree(quarantineDirectory)).toEqual(['b1.json', 'b2.json'])
    expect(await readFile(join(quarantineDirectory, 'b2.json'), 'utf8')).toBe('why b#1')
    expect(await readdir(join(temp.target, '_tidegate/staging'))).toEqual([])
  })
  afterAll(() => device !== undefined && rmSync(device, { recursive: true }))
})

function otherDevice(): string | undefined {
  using temp = tempTarget()
  try {
    const folder = mkdtempSync('/dev/shm/tidegate-')
    if (statSync(folder).dev !== statSync(temp.root).dev) return folder
    rmSync(folder, { recursive: true })
  } catch {
    // No such file system here.
  }
  return undefined
}

describe('an attempt', () => {
  const DEAD = 2 ** 31 - 2

  /** Makes a staged attempt look like that of a process that no longer runs. */
  async function orphan(directory: string): Promise<void> {
    const path = join(directory, 'owner.json')
    const owner = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    await writeFile(path, JSON.stringify({ ...owner, pid: DEAD }))
  }

  test('of a living writer is left alone by recovery, that of a dead one is dropped', async () => {
    using temp = tempTarget()
    const [target, other] = [await openIn(temp), await openIn(temp)]
    const { staging } = await stageLoad(target, session, 'b1', 'a#1', 3)
    await other.recover()
    expect(await readdir(staging.directory)).not.toEqual([])
    await orphan(staging.directory)
    await (await openIn(temp, { liveBatches: () => new Set(['b1']) })).recover()
    await (await openIn(temp, { source: 'trains' })).recover()
    expect(await readdir(staging.directory)).not.toEqual([])
    await (await openIn(temp, { source: 'flights' })).recover()
    expect(await tree(join(temp.target, '_tidegate/staging'))).toEqual([])
  })

  test('that was dropped under a stalled writer cannot be committed by it', async () => {
    using temp = tempTarget()
    const zombie = await openIn(temp)
    const { staging, draft } = await stageLoad(zombie, session, 'b1', 'a#1', 3)
    await orphan(staging.directory)
    await (await openIn(temp)).recover()
    await expect(zombie.commit(draft)).rejects.toMatchObject({ code: 'LEDGER_ATTEMPT_DROPPED', retryable: true })
    expect(await describeLedger(temp.target)).toMatchObject({ lastSeq: 0 })
  })

  test('that its writer is about to commit is kept until a higher fence rules that out', async () => {
    using temp = tempTarget()
    const recoveries: Promise<unknown>[] = []
    const heir = await openIn(temp)
    const { staging, draft } = await stageLoad(await openIn(temp), session, 'b1', 'a#1', 3)
    await orphan(staging.directory)
    // The writer stalls right before its link, and another process recovers meanwhile.
    await writeFile(join(staging.directory, 'claim.json'), '{"fence":1}')
    recoveries.push(heir.recover())
    await Promise.all(recoveries)
    expect(await readdir(staging.directory)).toContain('claim.json')
    const next = await stageLoad(heir, session, 'b2', 'b#1', 4)
    await heir.commit({ ...next.draft, fence: 2 })
    await heir.publish()
    await heir.recover()
    expect(await tree(join(temp.target, '_tidegate/staging'))).toEqual([])
    expect((await (await openIn(temp)).commit(draft)).kind).toBe('stale')
  })

  test('moved away by a recovery that died is put back if it got its entry, and its rows appear', async () => {
    using temp = tempTarget()
    const { staging, draft } = await stageLoad(await openIn(temp), session, 'b1', 'a#1', 3)
    const writer = await openIn(temp)
    expect((await writer.commit(draft)).kind).toBe('committed')
    await rename(staging.directory, join(temp.target, '_tidegate/staging/.dropped-x'))
    await rm(join(temp.target, '_tidegate/staging/b1'), { recursive: true })
    await (await openIn(temp)).recover()
    expect(await visible(temp)).toEqual({ 'a#1': 3 })
    expect(await tree(join(temp.target, '_tidegate/staging'))).toEqual([])
  })
})

test('two processes that load the same files at once load each of them once', async () => {
  using temp = tempTarget()
  const files = 12
  const ends = await Promise.all(['p', 'q'].map((name) => runChild('racer.ts', [temp.root, name, String(files)])))
  for (const end of ends) expect(end).toMatchObject({ code: 0, err: '' })
  const won = ends.map((end) => JSON.parse(end.out) as Record<string, number>)
  expect(won.reduce((sum, counts) => sum + (counts['committed'] ?? 0), 0)).toBe(files)
  expect(won.reduce((sum, counts) => sum + (counts['conflict'] ?? 0), 0)).toBe(files)
  const expected = Object.fromEntries(Array.from({ length: files }, (_, at) => [`f${at}#1`, at + 1]))
  expect(await visible(temp)).toEqual(expected)
  const { entries } = await describeLedger(temp.target)
  expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: files }, (_, at) => at + 1))
})
