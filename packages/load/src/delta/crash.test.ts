import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runChild } from '../testing/run-child.ts'
import { rowsIn, tempTable } from './testing/delta-story.ts'
import { expectSurvival, HALFWAY, marksOfStory } from './testing/survive-kill.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const marks = await marksOfStory()
const phases = marks.map(([, phase]) => phase)
/** Every mark has its turn in `crash.slow.ts`. */
const sample = marks.filter(([, phase], at) => HALFWAY.has(phase) && phases.indexOf(phase) === at)

test('the story passes every phase', () => {
  const first = ['staging-created', 'part-written', 'rejected-written', 'sealed', 'attempt-claimed', 'manifest-sealed']
  const second = ['part-placed', 'entry-temp-written', 'entry-linked', 'entry-durable', 'published-one', 'published']
  for (const phase of [...first, ...second, 'recovered']) expect(phases).toContain(phase)
  expect(sample).toHaveLength(HALFWAY.size)
})

describe.concurrent('killed at', () => {
  test.for(sample)(
    'mark %i (%s): nothing is lost, nothing doubled, and a second run converges',
    async ([hit, phase]) => await expectSurvival(hit, phase, session),
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
