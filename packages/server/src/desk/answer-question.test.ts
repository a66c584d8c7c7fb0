/** The desk over a real project. */
import { currentOwner, openState } from '@tidegate/state'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { smallProject, type SmallProject } from '../testing/small-project.ts'
import { openDesk, type OpenDesk } from './open-desk.ts'

/** Of a.csv below its head: ten rows `0,a.csv 0`, twenty `10,a.csv 10`, each with its line end. */
const LINES = 10 * 10 + 20 * 12

let project: SmallProject
let desk: OpenDesk
beforeAll(async () => {
  project = smallProject(['orders', 'empty'])
  project.land('orders', 'a.csv', 30)
  const state = await openState({ path: project.state, nowMs: Date.now })
  // The daemon, which has the state open and drives a run.
  await state.acquireLease('orders', currentOwner('a run'), Date.now(), 60_000)
  await state.close()
  desk = openDesk({ place: project })
})
afterAll(() => {
  desk.close()
  project.remove()
})

test('a preview lists the files that a run would take and judges the first rows, also while a run holds the source', async () => {
  expect(await desk.ask({ kind: 'preview', source: 'orders', files: 1, rows: 2 })).toMatchObject({
    source: 'orders',
    filesToDo: 1,
    judged: [{ path: 'a.csv', rows: 30, verdict: 'admit' }],
  })
  expect(project.loaded('orders')).toEqual([])
})

test('an entry that nobody has made yet is previewed in its own folder; one with mistakes is refused with the first of them', async () => {
  const entry = {
    path: 'elsewhere/*.csv',
    ready: { settle: '0s' },
    on_missing_contract: 'admit',
    target: { path: 'lake/draft' },
  }
  project.put('elsewhere/x.csv', 'id\n1\n2\n')
  expect(await desk.ask({ kind: 'preview', source: 'draft', entry, files: 1, rows: 5 })).toMatchObject({
    filesToDo: 1,
    judged: [{ path: 'x.csv', rows: 2, verdict: 'admit' }],
  })
  await expect(
    desk.ask({ kind: 'preview', source: 'draft', entry: { ...entry, path: '/etc/*.csv' }, files: 1, rows: 5 }),
  ).rejects.toMatchObject({ code: 'INGESTION_INVALID' })
  await expect(desk.ask({ kind: 'estimate', source: 'draft', entry: 'nonsense' })).rejects.toMatchObject({
    code: 'INGESTION_INVALID',
  })
})

test('estimates, looks and engines are answered; a source that is not there is refused with its code', async () => {
  expect(await desk.ask({ kind: 'estimate', source: 'orders', runsPerMonth: 30 })).toMatchObject({
    files: 1,
    bytes: 'id,text\n'.length + LINES,
  })
  expect(await desk.ask({ kind: 'look', source: 'orders' })).toMatchObject({ found: true, files: 1 })
  expect(await desk.ask({ kind: 'look', source: 'empty' })).toMatchObject({ found: false, files: 0 })
  expect(await desk.ask({ kind: 'engines' })).toMatchObject([{ name: 'duckdb' }])
  expect(await desk.ask({ kind: 'test-engine', engine: 'duckdb' })).toMatchObject({ ok: true })
  await expect(desk.ask({ kind: 'look', source: 'gone' })).rejects.toMatchObject({ code: 'CONFIG_UNKNOWN_SOURCE' })
})
