/**
 * The story of a Delta table is told in a process that SIGKILLs itself at every mark it passes; then recovery is killed at
 * its marks, and the story told again. What a reader sees is counted by the log's text and the engine, not by our reader.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runChild } from '../testing/run-child.ts'
import { collect, tree } from '../testing/temp-target.ts'
import { actionsIn, openIn, placesIn, rowsIn, tellDeltaStory, tempTable } from './testing/delta-story.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const CHILD = '../delta/testing/child.ts'
const SELECT = 'SELECT file, count(*), count(DISTINCT n) FROM $TABLE GROUP BY file ORDER BY file'
const HALFWAY = new Set(['manifest-sealed', 'part-placed', 'entry-temp-written', 'entry-linked', 'published-one'])
const STATES = [[], [['a#1', 10, 10]], [['a#1', 10, 10], ['b#1', 20, 20]]] // prettier-ignore

async function marksOfStory(): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const local = await openDuckDB({ threads: 1 })
  const phases: string[] = []
  await tellDeltaStory(placesIn(root), local, 1, (phase) => phases.push(phase))
  await local.close()
  rmSync(root, { recursive: true, force: true })
  return phases
}

const marks = await marksOfStory()

test('the story passes every phase', () => {
  const first = ['staging-created', 'part-written', 'rejected-written', 'sealed', 'attempt-claimed', 'manifest-sealed']
  const second = ['part-placed', 'entry-temp-written', 'entry-linked', 'entry-durable', 'published-one', 'published']
  for (const phase of [...first, ...second, 'recovered']) expect(marks).toContain(phase)
})

describe.concurrent('killed at', () => {
  const cases = marks.map((phase, at) => [at + 1, phase] as const)
  test.for(cases)(
    'mark %i (%s): nothing is lost, nothing doubled, and a second run converges',
    async ([hit, phase]) => {
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
    },
  )
})

test('two processes that load the same files at once load each of them once', async () => {
  using places = tempTable()
  const files = 8
  const ends = await Promise.all(
    ['p', 'q'].map((name) => runChild('../delta/testing/racer.ts', [places.root, name, String(files)])),
  )
  for (const end of ends) expect(end).toMatchObject({ code: 0, err: '' })
  const won = ends.map((end) => JSON.parse(end.out) as Record<string, number>)
  expect(won.reduce((sum, counts) => sum + (counts['committed'] ?? 0), 0)).toBe(files)
  expect(won.reduce((sum, counts) => sum + (counts['conflict'] ?? 0), 0)).toBe(files)
  const rows = await rowsIn(places, session, 'SELECT file, count(*) FROM $TABLE GROUP BY file ORDER BY file')
  expect(rows).toEqual(Array.from({ length: files }, (_, at) => [`f${at}#1`, at + 1]))
})
