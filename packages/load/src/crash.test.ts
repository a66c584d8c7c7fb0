import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runChild } from './testing/run-child.ts'
import { foldersIn, openTarget } from './testing/story.ts'
import { entriesOf, expectSurvival, marksOfStory, visibleRows } from './testing/survive-kill.ts'
import { tempTarget } from './testing/temp-target.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const marks = await marksOfStory()
/** Here recovery has work to do. Every mark has its turn in `crash.slow.ts`. */
const HALFWAY = new Set(['sealed 1', 'attempt-claimed 2', 'entry-linked 2', 'retired-one 1', 'published-one 2'])
const sample = marks.filter(([phase, hit]) => HALFWAY.has(`${phase} ${hit}`))

test('the story passes every phase of the protocol', () => {
  const phases = new Set(marks.map(([phase]) => phase))
  const first = ['staging-created', 'part-written', 'rejected-written', 'original-copied', 'sealed', 'attempt-claimed']
  const second = ['entry-temp-written', 'entry-linked', 'entry-durable', 'retired-one', 'published-one', 'published']
  for (const phase of [...first, ...second, 'recovered']) expect(phases).toContain(phase)
  expect(sample).toHaveLength(HALFWAY.size)
})

describe.concurrent('killed at', () => {
  test.for(sample)('%s, time %i: nothing is lost, nothing doubled, and a second run converges', ([phase, hit]) =>
    expectSurvival(phase, hit, session),
  )
})

test('a part whose staged file was lost after the entry is named, and other parts are published', async () => {
  using temp = tempTarget()
  const { root } = temp
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
  expect(await visibleRows(folders, session)).toEqual(new Map([['b#1', 20]]))
})
