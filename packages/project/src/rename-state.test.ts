import { renameSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renameState } from './rename-state.ts'
import { openDesk } from './testing/quarantine-desk.ts'
import { openBench, type Bench } from './testing/temp-project.ts'
import { verifyState } from './verify-state.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

test('a target that was moved is known at its new place, by a path below the project', async () => {
  const p = bench.project()
  p.land('a.csv', 'id\n1\n')
  {
    await using desk = await openDesk(p)
    await desk.ingest()
    renameSync(path.join(p.directory, 'lake'), path.join(p.directory, 'moved'))
    expect(await renameState(desk.project, 'lake/s', 'moved/s')).toEqual({
      what: 'location',
      from: path.join(p.directory, 'lake/s'),
      to: path.join(p.directory, 'moved/s'),
    })
  }
  const project = await p.open({ set: ['sources.s.target.path=moved/{dataset}'] })
  expect(await verifyState(project)).toMatchObject({ total: 0, breaks: [] })
  await project.close()
})

test('nothing is renamed while a run works on a source', async () => {
  const p = bench.project()
  await using desk = await openDesk(p)
  const { effects, state } = desk.project
  const other = { id: 'elsewhere:1:1', what: 'tidegate ingest' }
  await state.acquireLease('s', other, effects.clock.nowMs(), 60_000)
  await expect(renameState(desk.project, 'lake/s', 'moved/s')).rejects.toMatchObject({ code: 'LEASE_HELD' })
  await expect(renameState(desk.project, 's', 't')).rejects.toMatchObject({ code: 'LEASE_HELD' })
})
