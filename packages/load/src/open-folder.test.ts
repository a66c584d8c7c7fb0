/** What every kind of destination must do, run against each. */
import { writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  describeLedger,
  openManifestFolder,
  openParquetFolder,
  readLedger,
  type FolderDestination,
  type FolderOptions,
} from './index.ts'
import { batchOf, draftOf, entryOf, fileOf } from './testing/drafts.ts'
import { collect, stageHold, tempTarget, tree, type TempTarget } from './testing/temp-target.ts'

type Open = (options: FolderOptions) => Promise<FolderDestination>

describe.each([
  ['parquet', openParquetFolder],
  ['none', openManifestFolder],
] as const)('a target of kind %s', (kind, open: Open) => {
  const openIn = (temp: TempTarget, more: Partial<FolderOptions> = {}) =>
    open({ directory: temp.target, quarantineDirectory: temp.quarantine, ...more })
  const entryFile = (temp: TempTarget, seq: number) =>
    join(temp.target, '_tidegate/log', `${seq}`.padStart(20, '0') + '.json')

  async function hold(target: FolderDestination, batch: string, id: string) {
    const { draft } = await stageHold(target, batch, id)
    const outcome = await target.commit(draft)
    await target.publish()
    return outcome
  }

  test('opening it and reading its ledger makes nothing', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    expect(target).toMatchObject({ kind, location: temp.target })
    expect(await target.lookup('b1')).toBeUndefined()
    expect(await target.currentSchema()).toBeUndefined()
    expect(await target.recover()).toEqual({ lastSeq: 0, published: 0, retired: 0, unknown: [], missing: [] })
    expect(await describeLedger(temp.target)).toMatchObject({ lastSeq: 0, entries: [], files: [] })
    expect(await tree(temp.root)).toEqual([])
  })

  test('what was committed can be looked up, tailed and described, also by another process', async () => {
    using temp = tempTarget()
    await hold(await openIn(temp), 'b1', 'a#1')
    await hold(await openIn(temp), 'b2', 'b#1')
    const target = await openIn(temp)
    expect(await target.lookup('b2')).toMatchObject({ seq: 2, batch: 'b2', source: 'flights', format: 1 })
    expect(await target.currentSchema()).toEqual({ id: 'v1', columns: [{ name: 'x', type: 'BIGINT' }] })
    const seqs = (await collect(target.tail(1))).map((entry) => entry.seq)
    expect(seqs).toEqual([2])
    const before = await tree(temp.root)
    const described = await describeLedger(temp.target)
    expect(described.files.map((file) => [file.id, file.outcome, file.live, file.seq])).toEqual([
      ['a#1', 'held', false, 1],
      ['b#1', 'held', false, 2],
    ])
    expect(described.rejected.map((part) => [part.visible, part.seq, part.batch])).toEqual([['b1.json', 1, 'b1'], ['b2.json', 2, 'b2']]) // prettier-ignore
    expect(described.fences).toEqual(new Map([['flights', 1]]))
    expect(await tree(temp.root)).toEqual(before)
  })

  test('a held file is copied byte for byte', async () => {
    using temp = tempTarget()
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251))
    const uri = join(temp.root, "'; DROP TABLE x; --\n.parquet")
    await writeFile(uri, bytes)
    const target = await openIn(temp)
    const ref = batchOf('b1')
    const staging = await target.prepare(ref)
    const part = await staging.stageOriginal(uri, {
      visible: 'day 1/held.parquet',
      file: 'a',
      kind: 'original',
      rows: 5,
    })
    expect(part).toMatchObject({ bytes: 3_000_000, rows: 5, hash: createHash('sha256').update(bytes).digest('hex') })
    expect(part.staged).toMatch(/^_tidegate\/staging\/b1\/1-.*\.sealed$/)
    await staging.seal()
    expect(await tree(temp.quarantine)).toEqual([])
    await target.commit(draftOf('b1', { batch: ref, rejected: [part] }))
    await target.publish()
    expect(bytes.equals(await readFile(join(temp.quarantine, 'day 1/held.parquet')))).toBe(true)
    expect(await readdir(join(temp.target, '_tidegate/staging'))).toEqual([])
  })

  test('a repeated commit gives the entry that is there', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    const { draft } = await stageHold(target, 'b1', 'a#1')
    const first = await target.commit(draft)
    expect(first.kind).toBe('committed')
    expect(await target.commit(draft)).toEqual({ ...first, kind: 'already-committed' })
    expect(await (await openIn(temp)).commit(draft)).toEqual({ ...first, kind: 'already-committed' })
  })

  test('an attempt at a batch that an earlier one committed leaves nothing behind', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    await hold(target, 'b1', 'a#1')
    const again = await stageHold(target, 'b1', 'a#1', 'other.json')
    expect((await target.commit(again.draft)).kind).toBe('already-committed')
    await target.publish()
    expect(await tree(join(temp.target, '_tidegate/staging'))).toEqual([])
    expect(await tree(temp.quarantine)).toEqual(['b1.json'])
  })

  test('of two writers with the same file one commits, the other is told, and may drop what it staged', async () => {
    using temp = tempTarget()
    const [one, two] = [await openIn(temp), await openIn(temp)]
    const first = await stageHold(one, 'b1', 'a#1')
    const second = await stageHold(two, 'b2', 'a#1')
    const outcomes = await Promise.all([one.commit(first.draft), two.commit(second.draft)])
    expect(outcomes.map((outcome) => outcome.kind).toSorted()).toEqual(['committed', 'conflict'])
    await (outcomes[0]?.kind === 'conflict' ? first : second).staging.drop()
    await Promise.all([one.publish(), two.publish()])
    expect(await readdir(join(temp.target, '_tidegate/staging'))).toEqual([])
    expect((await tree(temp.quarantine)).length).toBe(1)
  })

  test.each([
    ['another file', draftOf('b9', { files: [fileOf('z#1', 0)] }), 'committed', 2],
    ['the same file', draftOf('b9', { files: [fileOf('a#1', 0)] }), 'conflict', undefined],
    ['the same batch', draftOf('b1'), 'already-committed', 1],
    ['a higher fence', draftOf('b9', { fence: 2 }), 'stale', undefined],
  ])('an entry with %s that comes between test and link is read and judged', async (_, rival, kind, seq) => {
    using temp = tempTarget()
    let came = false
    const target = await openIn(temp, {
      mark: (phase) => {
        if (phase !== 'entry-temp-written' || came) return
        came = true
        writeFileSync(entryFile(temp, 1), JSON.stringify(entryOf(1, rival)))
      },
    })
    const { draft, staging } = await stageHold(target, 'b1', 'a#1')
    const outcome = await target.commit(draft)
    expect(outcome.kind).toBe(kind)
    expect('entry' in outcome ? outcome.entry.seq : undefined).toBe(seq)
    expect((await collect(readLedger(temp.target))).map((entry) => entry.seq)).toEqual(seq === 2 ? [1, 2] : [1])
    if (kind !== 'committed') await staging.drop()
    await target.publish()
    expect(await tree(join(temp.target, '_tidegate/staging'))).toEqual([])
  })

  test('a writer with a lower fence is stale once a higher one committed', async () => {
    using temp = tempTarget()
    const [zombie, heir] = [await openIn(temp), await openIn(temp)]
    const late = await stageHold(zombie, 'b1', 'a#1')
    const { draft } = await stageHold(heir, 'b2', 'b#1')
    expect((await heir.commit({ ...draft, fence: 2 })).kind).toBe('committed')
    expect((await zombie.commit(late.draft)).kind).toBe('stale')
  })

  test('a recovery that sweeps the temp file away does not stop a commit', async () => {
    using temp = tempTarget()
    let swept = 0
    const log = join(temp.target, '_tidegate/log')
    const other = await openIn(temp)
    const recovered: Promise<unknown>[] = []
    const target = await openIn(temp, {
      mark: (phase) => {
        if (phase === 'entry-temp-written' && (swept += 1) === 1) recovered.push(other.recover())
      },
    })
    const { draft } = await stageHold(target, 'b1', 'a#1')
    expect((await target.commit(draft)).kind).toBe('committed')
    await Promise.all(recovered)
    await writeFile(join(log, '.tmp-of-the-dead'), '{')
    await other.recover()
    expect(await readdir(log)).toEqual(['00000000000000000001.json'])
  })

  test.each([
    ['not JSON', 'LEDGER_CORRUPT', '{"format":1,'],
    ['empty', 'LEDGER_CORRUPT', ''],
    ['of a newer format', 'LEDGER_NEWER', '{"format":2}'],
    ['without a format', 'LEDGER_CORRUPT', '{}'],
    ['a list', 'LEDGER_CORRUPT', '[]'],
    ['under a wrong number', 'LEDGER_CORRUPT', undefined],
  ])('an entry that is %s is refused with its name', async (_, code, text) => {
    using temp = tempTarget()
    await hold(await openIn(temp), 'b1', 'a#1')
    if (text === undefined) await writeFile(entryFile(temp, 2), await readFile(entryFile(temp, 1)))
    else await writeFile(entryFile(temp, 1), text)
    const fresh = await openIn(temp)
    const broken = entryFile(temp, text === undefined ? 2 : 1)
    await expect(fresh.recover()).rejects.toMatchObject({ code, message: expect.stringContaining(broken) as string })
    await expect(fresh.commit(draftOf('b9'))).rejects.toMatchObject({ code })
    await expect(describeLedger(temp.target)).rejects.toMatchObject({ code })
  })

  test('an entry that points out of its folder is refused', async () => {
    using temp = tempTarget()
    await hold(await openIn(temp), 'b1', 'a#1')
    const text = await readFile(entryFile(temp, 1), 'utf8')
    for (const evil of [text.replace('b1.json', '../../b1.json'), text.replace(/_tidegate\/staging/, '../staging')]) {
      expect(evil).not.toBe(text)
      await writeFile(entryFile(temp, 1), evil)
      await expect((await openIn(temp)).recover()).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
    }
  })

  test('a gap in the log is refused', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    for (const batch of ['b1', 'b2', 'b3']) await hold(target, batch, batch)
    await rm(entryFile(temp, 2))
    await expect((await openIn(temp)).recover()).rejects.toMatchObject({
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining(entryFile(temp, 2)) as string,
    })
    await expect(collect(readLedger(temp.target))).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  })

  test('counts that do not add up commit nothing', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    const files = [fileOf('a', 3, { rowsRead: 4, rowsLoaded: 3 })]
    await expect(target.commit(draftOf('b1', { files }))).rejects.toMatchObject({ code: 'LEDGER_CONSERVATION' })
    expect(await describeLedger(temp.target)).toMatchObject({ lastSeq: 0 })
  })

  test('hostile names are refused', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    for (const batch of ['../b', '', 'a/b', '.', 'a\nb', "'; DROP TABLE x"]) {
      await expect(target.prepare(batchOf(batch))).rejects.toMatchObject({ code: 'LEDGER_PATH' })
    }
    const staging = await target.prepare(batchOf('b1'))
    for (const visible of ['../x', '/etc/x', '', 'a\0b', '_tidegate/log/x']) {
      await expect(staging.stageText('x', { visible, file: 'a', kind: 'reasons' })).rejects.toMatchObject({
        code: 'LEDGER_PATH',
      })
    }
    const { draft, part } = await stageHold(target, 'b2', 'a')
    for (const staged of ['../x', part.staged.replace('b2', 'b1'), `${part.staged}/../../../../x`]) {
      const rejected = [{ ...part, staged }]
      await expect(target.commit({ ...draft, rejected })).rejects.toMatchObject({ code: 'LEDGER_PATH' })
    }
    await expect(openIn(temp, { directory: 'lake' })).rejects.toMatchObject({ code: 'LEDGER_PATH' })
    const inside = join(temp.target, 'quarantine')
    await expect(openIn(temp, { quarantineDirectory: inside })).rejects.toMatchObject({ code: 'LEDGER_PATH' })
  })

  test('a name that is taken in the quarantine stops the commit, and publishing, without overwriting', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    await mkdir(temp.quarantine)
    const foreign = join(temp.quarantine, 'b1.json')
    await writeFile(foreign, 'mine')
    const { draft } = await stageHold(target, 'b1', 'a#1')
    await expect(target.commit(draft)).rejects.toMatchObject({ code: 'LEDGER_NAME_TAKEN' })
    await rename(foreign, `${foreign}.away`)
    expect((await target.commit(draft)).kind).toBe('committed')
    await rename(`${foreign}.away`, foreign)
    await expect(target.publish()).rejects.toMatchObject({ code: 'LEDGER_NAME_TAKEN' })
    await expect((await openIn(temp)).recover()).rejects.toMatchObject({ code: 'LEDGER_NAME_TAKEN' })
    expect(await readFile(foreign, 'utf8')).toBe('mine')
    await rm(foreign)
    await target.publish()
    expect(await readFile(foreign, 'utf8')).toBe('why a#1')
  })

  test('a file that people took from the quarantine is not missed', async () => {
    using temp = tempTarget()
    await hold(await openIn(temp), 'b1', 'a#1')
    await rm(join(temp.quarantine, 'b1.json'))
    expect(await (await openIn(temp)).recover()).toMatchObject({ lastSeq: 1, published: 0 })
  })

  test('many commits and publications at once in one process keep their order', async () => {
    using temp = tempTarget()
    const target = await openIn(temp)
    await target.recover()
    const ids = Array.from({ length: 12 }, (_, at) => `b${at}`)
    await Promise.all(ids.map((batch) => hold(target, batch, batch)))
    const described = await describeLedger(temp.target)
    expect(described.entries.map((entry) => entry.batch).toSorted()).toEqual(ids.toSorted())
    expect((await tree(temp.quarantine)).length).toBe(12)
  })
})
