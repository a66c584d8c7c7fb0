/**
 * The story of a Delta table is told in a process that SIGKILLs itself at a mark it passes; then recovery is killed at its
 * marks, and the story told again. What a reader sees is counted by the log's text and the engine, not by our reader.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { expect } from 'vitest'
import { runChild } from '../../testing/run-child.ts'
import { collect, tree } from '../../testing/temp-target.ts'
import { actionsIn, openIn, placesIn, rowsIn, tellDeltaStory, tempTable } from './delta-story.ts'

const CHILD = '../delta/testing/child.ts'
const SELECT = 'SELECT file, count(*), count(DISTINCT n) FROM $TABLE GROUP BY file ORDER BY file'
/** Here recovery has work to do. */
export const HALFWAY: ReadonlySet<string> = new Set([
  'manifest-sealed',
  'part-placed',
  'entry-temp-written',
  'entry-linked',
  'published-one',
])
const STATES = [[], [['a#1', 10, 10]], [['a#1', 10, 10], ['b#1', 20, 20]]] // prettier-ignore

/** Marks that an undisturbed run passes, in order, each with its number from 1. */
export async function marksOfStory(): Promise<readonly (readonly [hit: number, phase: string])[]> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const local = await openDuckDB({ threads: 1 })
  const phases: string[] = []
  await tellDeltaStory(placesIn(root), local, 1, (phase) => phases.push(phase))
  await local.close()
  rmSync(root, { recursive: true, force: true })
  return phases.map((phase, at) => [at + 1, phase] as const)
}

/** Dies at the mark; then nothing is lost, nothing doubled, and a second run converges. */
export async function expectSurvival(hit: number, phase: string, session: Session): Promise<void> {
  using places = tempTable()
  const { root } = places
  const end = await runChild(CHILD, [root, 'story', String(hit)])
  expect(end.signal, end.err).toBe('SIGKILL')
  const committed = (await actionsIn(places.log)).filter(({ commitInfo }) => commitInfo !== undefined).length
  expect(await rowsIn(places, session, SELECT)).toEqual(STATES[committed])

  // Where recovery has work it dies, too, at a mark that depends on the case, before one gets through.
  if (HALFWAY.has(phase)) await runChild(CHILD, [root, 'recover', String(1 + (hit % 4))])
  const target = await openIn(places, session)
  const report = await target.recover()
  expect(report).toMatchObject({ unknown: [], missing: [] })
  const recovered = await collect(target.tail(0))
  expect(recovered.length).toBeGreaterThanOrEqual(committed)
  expect(await rowsIn(places, session, SELECT)).toEqual(STATES[recovered.length])

  await tellDeltaStory(places, session, 2)
  expect(await rowsIn(places, session, SELECT)).toEqual(STATES[2])
  expect(await tree(places.quarantine)).toEqual(['a.parquet', 'c.json'])
  const entries = await collect((await openIn(places, session)).tail(0))
  expect(entries.map(({ seq, batch }) => `${seq} ${batch}`)).toEqual(['1 b1', '2 b2'])
  const before = await tree(root)
  expect(before.filter((name) => /staging\/|temp\//.test(name))).toEqual([])
  expect(before.filter((name) => name.endsWith('.parquet') && name.startsWith('lake'))).toHaveLength(3)
  await tellDeltaStory(places, session, 3)
  expect(await tree(root)).toEqual(before)
}
