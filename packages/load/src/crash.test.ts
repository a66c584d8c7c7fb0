/**
 * The crash matrix: the story is told in a process that SIGKILLs itself at every mark it passes, recovered by processes that
 * are killed at each of their marks too, and told again. After every death an independent reader counts rows by glob.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerEntry, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foldersIn, openTarget, tellStory, type Folders } from './testing/story.ts'
import { runChild } from './testing/run-child.ts'
import { collect } from './testing/temp-target.ts'
import { describeLedger, readLedger } from './index.ts'

let session: Session
const roots: string[] = []

beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})

afterAll(async () => {
  await session.close()
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  roots.push(root)
  return root
}

/** file version → rows, by a glob over the target. Fails if any row is there twice. */
async function visibleRows({ target }: Folders): Promise<ReadonlyMap<string, number>> {
  if (!(await names(target)).some((name) => name.endsWith('.parquet'))) return new Map()
  const { rows } = await session.query(
    `SELECT file, count(*), count(DISTINCT n) FROM read_parquet('${target}/**/*.parquet', hive_partitioning = false)
     GROUP BY file ORDER BY file`,
  )
  for (const [file, all, distinct] of rows) expect({ file, distinct }).toEqual({ file, distinct: all })
  return new Map(rows.map(([file, all]) => [String(file), Number(all)]))
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive: true })).toSorted()
  } catch {
    return []
  }
}

async function entriesOf({ target }: Folders): Promise<readonly LedgerEntry[]> {
  return collect(readLedger(target))
}

const AFTER_B1 = new Map([['a#1', 10], ['b#1', 20]]) // prettier-ignore
const AFTER_B2 = new Map([['a#2', 15], ['b#1', 20]]) // prettier-ignore

/** What a reader may see before recovery: rows of committed files only, each at most once, never two versions of `a`. */
async function expectNothingUncommitted(folders: Folders): Promise<void> {
  const committed = (await entriesOf(folders)).flatMap((entry) => entry.files)
  const rows = await visibleRows(folders)
  for (const [id, count] of rows) expect(count).toBe(committed.find((file) => file.id === id)?.rowsLoaded)
  expect(rows.has('a#1') && rows.has('a#2')).toBe(false)
}

/** After recovery readers see exactly what the log says, and the log one of the three states of the story. */
async function expectRecovered(folders: Folders): Promise<void> {
  const count = (await entriesOf(folders)).length
  expect(await visibleRows(folders)).toEqual([new Map(), AFTER_B1, AFTER_B2][count])
  expect(await names(folders.quarantine)).toEqual(count === 0 ? [] : ['a.parquet', 'c.csv', 'c.json'])
}

async function expectStoryTold(folders: Folders): Promise<void> {
  expect(await visibleRows(folders)).toEqual(AFTER_B2)
  const entries = await entriesOf(folders)
  expect(entries.map((entry) => entry.batch)).toEqual(['b1', 'b2'])
  const judged = entries.flatMap((entry) => entry.files.map((file) => file.id))
  expect(judged.toSorted()).toEqual(['a#1', 'a#2', 'b#1', 'c#1'])
  expect(await names(folders.quarantine)).toEqual(['a.parquet', 'c.csv', 'c.json'])
  expect(await readFile(join(folders.quarantine, 'c.csv'), 'utf8')).toBe('not;a;good;file\n')
  const rejected = await session.query(`SELECT count(*) FROM '${folders.quarantine}/a.parquet'`)
  expect(rejected.rows).toEqual([[2]])
  const left = (await names(join(folders.target, '_tidegate'))).filter((name) => !name.startsWith('retired'))
  expect(left).toEqual(['log', 'log/00000000000000000001.json', 'log/00000000000000000002.json', 'staging'])
}

/** Recovery, killed at its first mark, then at its second, and so on, until one gets through. */
async function recoverThroughDeaths(root: string, folders: Folders): Promise<number> {
  for (let hit = 1; ; hit += 1) {
    const end = await runChild('child.ts', [root, 'recover', '0', '*', String(hit)])
    if (end.signal === null) {
      expect(end).toMatchObject({ code: 0, err: '' })
      return hit
    }
    expect(end.signal).toBe('SIGKILL')
    await expectNothingUncommitted(folders)
  }
}

/** Marks of an undisturbed run, as (phase, nth). Told here so that each becomes a test of its own. */
async function marksOfStory(): Promise<readonly (readonly [string, number])[]> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const local = await openDuckDB({ threads: 1 })
  const phases: string[] = []
  await tellStory(foldersIn(root), local, 1, (phase) => phases.push(phase))
  await local.close()
  rmSync(root, { recursive: true, force: true })
  return phases.map((phase, at) => [phase, phases.slice(0, at + 1).filter((other) => other === phase).length])
}

const marks = await marksOfStory()

test('the story passes every phase of the protocol', () => {
  const phases = new Set(marks.map(([phase]) => phase))
  const first = ['staging-created', 'part-written', 'rejected-written', 'original-copied', 'sealed', 'attempt-claimed']
  const second = ['entry-temp-written', 'entry-linked', 'entry-durable', 'retired-one', 'published-one', 'published']
  for (const phase of [...first, ...second, 'recovered']) expect(phases).toContain(phase)
})

describe.concurrent('killed at', () => {
  test.for(marks)('%s, time %i: nothing is lost, nothing doubled, and a second run converges', async ([phase, hit]) => {
    const root = newRoot()
    const folders = foldersIn(root)
    const end = await runChild('child.ts', [root, 'story', '1', phase, String(hit)])
    expect(end.signal, end.err).toBe('SIGKILL')
    await expectNothingUncommitted(folders)
    await recoverThroughDeaths(root, folders)
    await expectRecovered(folders)

    await tellStory(folders, session, 2)
    await expectStoryTold(folders)
    const before = await names(root)
    await tellStory(folders, session, 3)
    expect(await names(root)).toEqual(before)
    const log = await describeLedger(folders.target)
    expect(log.liveParts.map((part) => part.visible).toSorted()).toEqual([
      'day=1/part-b1-b.parquet',
      'part-b2-a.parquet',
    ])
  })
})

test('a part whose staged file was lost after the entry is named, and other parts are published', async () => {
  const root = newRoot()
  const folders = foldersIn(root)
  await runChild('child.ts', [root, 'story', '1', 'entry-durable', '1'])
  const [entry] = await entriesOf(folders)
  const [lost] = entry?.add ?? []
  rmSync(join(folders.target, lost?.staged ?? 'none'))
  const target = await openTarget(folders)
  await expect(target.recover()).rejects.toMatchObject({
    code: 'LEDGER_PART_MISSING',
    message: expect.stringContaining('part-b1-a.parquet') as string,
  })
  expect(await visibleRows(folders)).toEqual(new Map([['b#1', 20]]))
})
