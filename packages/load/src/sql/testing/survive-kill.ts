import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openDatabaseFile } from '@tidegate/duckdb'
import { connect } from '@tidegate/postgres'
import { runChild, type ChildEnd } from '../../testing/run-child.ts'
import { ORACLE } from './sql-target.ts'

/** Where a run may die. */
export const PHASES = ['attempt-claimed', 'rows-copied', 'entry-inserted', 'entry-durable', 'published-one'] as const
export type SqlPhase = (typeof PHASES)[number]

/** Rows after one file and after two: 1 and 1 + 2. */
const AFTER = new Map([[0, []], [1, [1, 1, 1, 1]], [2, [3, 3, 2, 2]]]) // prettier-ignore

/** Killed in its second batch, it has the first alone or both, and a second run ends it. */
export function expectSurvival(phase: SqlPhase, url: string): Promise<void> {
  return withRoot(async (root) => {
    const died = await loadInChild(root, url, 'b', '2', phase, '2')
    expect(died.signal, died.err).toBe('SIGKILL')
    const committed = phase === 'entry-durable' || phase === 'published-one' ? 2 : 1
    expect(await ask(root, url)).toEqual(AFTER.get(committed))
    const ended = await loadInChild(root, url, 'b', '2')
    expect(JSON.parse(ended.out || ended.err)).toEqual(committed === 2 ? { known: 2 } : { known: 1, committed: 1 })
    expect(await ask(root, url)).toEqual(AFTER.get(2))
    expect(readdirSync(join(root, 'quarantine')).toSorted()).toEqual(['b0.rows', 'b1.rows'])
    const staging = readdirSync(join(root, 'work')).map((table) => join(root, 'work', table, '_tidegate/staging'))
    expect(staging.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))).toEqual([])
  })
}

/** `url` is `-` for a DuckDB file below `root`. */
export function loadInChild(root: string, url: string, ...more: readonly string[]): Promise<ChildEnd> {
  return runChild('../sql/testing/sql-child.ts', [root, url, ...more])
}

export async function withRoot(work: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  try {
    await work(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** The answer of {@link ORACLE}; nothing where there is no table yet. */
export async function ask(root: string, url: string): Promise<readonly number[]> {
  const database = url === '-' ? await openDatabaseFile(join(root, 'w.duckdb')) : await connect(url)
  try {
    const answer = await database.query(ORACLE)
    return Object.values(answer.rows[0] ?? {}).map(Number)
  } catch {
    return []
  } finally {
    await database.close()
  }
}
