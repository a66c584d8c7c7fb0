/**
 * The story is told in a process that SIGKILLs itself at a mark it passes, recovered by processes that are killed at each of
 * their marks too, and told again. After every death an independent reader counts rows by glob.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerEntry, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { expect } from 'vitest'
import { describeLedger, readLedger } from '../index.ts'
import { runChild } from './run-child.ts'
import { foldersIn, tellStory, type Folders } from './story.ts'
import { collect } from './temp-target.ts'

/** Dies at the nth mark of a phase; then nothing is lost, nothing doubled, and a second run converges. */
export async function expectSurvival(phase: string, hit: number, session: Session): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const folders = foldersIn(root)
  try {
    const end = await runChild('child.ts', [root, 'story', '1', phase, String(hit)])
    expect(end.signal, end.err).toBe('SIGKILL')
    await expectNothingUncommitted(folders, session)
    await recoverThroughDeaths(root, folders, session)
    await expectRecovered(folders, session)

    await tellStory(folders, session, 2)
    await expectStoryTold(folders, session)
    const before = await names(root)
    await tellStory(folders, session, 3)
    expect(await names(root)).toEqual(before)
    const log = await describeLedger(folders.target)
    expect(log.liveParts.map((part) => part.visible).toSorted()).toEqual([
      'day=1/part-b1-b.parquet',
      'part-b2-a.parquet',
    ])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** file version → rows, by a glob over the target. Fails if any row is there twice. */
export async function visibleRows({ target }: Folders, session: Session): Promise<ReadonlyMap<string, number>> {
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

export async function entriesOf({ target }: Folders): Promise<readonly LedgerEntry[]> {
  return collect(readLedger(target))
}

const AFTER_B1 = new Map([['a#1', 10], ['b#1', 20]]) // prettier-ignore
const AFTER_B2 = new Map([['a#2', 15], ['b#1', 20]]) // prettier-ignore

/** What a reader may see before recovery: rows of committed files only, each at most once, never two versions of `a`. */
async function expectNothingUncommitted(folders: Folders, session: Session): Promise<void> {
  const committed = (await entriesOf(folders)).flatMap((entry) => entry.files)
  const rows = await visibleRows(folders, session)
  for (const [id, count] of rows) expect(count).toBe(committed.find((file) => file.id === id)?.rowsLoaded)
  expect(rows.has('a#1') && rows.has('a#2')).toBe(false)
}

/** After recovery readers see exactly what the log says, and the log one of the three states of the story. */
async function expectRecovered(folders: Folders, session: Session): Promise<void> {
  const count = (await entriesOf(folders)).length
  expect(await visibleRows(folders, session)).toEqual([new Map(), AFTER_B1, AFTER_B2][count])
  expect(await names(folders.quarantine)).toEqual(count === 0 ? [] : ['a.parquet', 'c.csv', 'c.json'])
}

async function expectStoryTold(folders: Folders, session: Session): Promise<void> {
  expect(await visibleRows(folders, session)).toEqual(AFTER_B2)
  const entries = await entriesOf(folders)
  expect(entries.map((entry) => entry.batch)).toEqual(['b1', 'b2'])
  const judged = entries.flatMap((entry) => entry.files.map((file) => file.id))
  expect(judged.toSorted()).toEqual(['a#1', 'a#2', 'b#1', 'c#1'])
  expect(await names(folders.quarantine)).toEqual(['a.parquet', 'c.csv', 'c.json'])
  expect(await readFile(join(folders.quarantine, 'c.csv'), 'utf8')).toBe('not;a;good;file\n')
  const rejected = await session.query(`SELECT count(*) FROM '${folders.quarantine}/a.parquet'`)
  expect(rejected.rows).toEqual([[2]])
  const left = (await names(join(folders.target, '_tidegate'))).filter((name) => !/^(retired|checkpoint)/.test(name))
  expect(left).toEqual(['log', 'log/00000000000000000001.json', 'log/00000000000000000002.json', 'staging'])
}

/** Recovery, killed at its first mark, then at its second, and so on, until one gets through. */
async function recoverThroughDeaths(root: string, folders: Folders, session: Session): Promise<number> {
  for (let hit = 1; ; hit += 1) {
    const end = await runChild('child.ts', [root, 'recover', '0', '*', String(hit)])
    if (end.signal === null) {
      expect(end).toMatchObject({ code: 0, err: '' })
      return hit
    }
    expect(end.signal).toBe('SIGKILL')
    await expectNothingUncommitted(folders, session)
  }
}

/** Marks of an undisturbed run, as (phase, nth): each becomes a test of its own. */
export async function marksOfStory(): Promise<readonly (readonly [string, number])[]> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const local = await openDuckDB({ threads: 1 })
  const phases: string[] = []
  await tellStory(foldersIn(root), local, 1, (phase) => phases.push(phase))
  await local.close()
  rmSync(root, { recursive: true, force: true })
  return phases.map((phase, at) => [phase, phases.slice(0, at + 1).filter((other) => other === phase).length])
}
