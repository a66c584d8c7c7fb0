import { setTimeout as delay } from 'node:timers/promises'
import type { IngestionRecord } from '@tidegate/core'
import { loadProjectConfig } from '@tidegate/project/open'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { smallProject, type SmallProject } from '../testing/small-project.ts'
import { openConfigFile, type ConfigFile, type ConfigFileEvent } from './config-file.ts'
import { openLiveConfig, type LiveConfig } from './live-config.ts'

let project: SmallProject
let heard: ConfigFileEvent[]
let ingestions: IngestionRecord[]
let file: ConfigFile
let live: LiveConfig

beforeEach(async () => {
  project = smallProject(['orders'])
  heard = []
  ingestions = []
  const { directory } = project
  const first = await loadProjectConfig({ directory, env: {} })
  if (first.kind !== 'ok') throw new Error(JSON.stringify(first))
  file = await openConfigFile({
    first,
    directory,
    read: async () => loadProjectConfig({ directory, env: {} }),
    server: { ...first.config.server, port: 1234 },
    report: (event) => heard.push(event),
    settleMs: 50,
  })
  live = await openLiveConfig(file, { listIngestions: async () => ingestions }, () => {})
})
afterEach(() => project.remove())

const source = (name: string, more: object = {}): object => ({
  path: `landing/${name}/*.csv`,
  target: { path: `lake/${name}` },
  ...more,
})

function edit(sources: Readonly<Record<string, object>>, more: object = {}): void {
  project.put('tidegate.yaml', JSON.stringify({ version: 1, state: 'state.db', sources, ...more }))
}

async function settled(): Promise<boolean> {
  const before = await live.reload()
  await delay(60)
  return (await live.reload()) || before
}

const names = (): readonly string[] => live.config().sources.map(({ name }) => name)

test('an edit of the file is in force without a restart, schedules and entries included', async () => {
  const before = live.schedules()
  expect(await settled()).toBe(false)
  expect(live.schedules()).toBe(before)
  edit({ orders: source('orders', { schedule: { every: '1h' } }), items: source('items') })
  expect(await settled()).toBe(true)
  expect(names()).toEqual(['orders', 'items'])
  expect(live.schedules().map(({ id }) => id)).toEqual(['ingest:orders'])
  expect(file.entry('items')).toMatchObject({ path: 'landing/items/*.csv' })
  expect(heard).toEqual([{ kind: 'read', sources: 2 }])
})

test('a file that is being written is not read', async () => {
  edit({})
  expect(await live.reload()).toBe(false)
  await delay(30)
  edit({ items: source('items') })
  expect(await live.reload()).toBe(false)
  expect(names()).toEqual(['orders'])
  expect(await settled()).toBe(true)
  expect(names()).toEqual(['items'])
})

test('a mistake is said once and changes nothing; neither does a file that is gone; mended, it is in force', async () => {
  for (const broken of ['sources: [', '{"version": 1, "sources": {"a": {"path": 7}}}']) {
    project.put('tidegate.yaml', broken)
    expect(await settled()).toBe(false)
    expect(await settled()).toBe(false)
    expect(names()).toEqual(['orders'])
  }
  expect(heard.map(({ kind }) => kind)).toEqual(['refused', 'refused'])
  edit({ mended: source('mended') })
  expect(await settled()).toBe(true)
  expect(names()).toEqual(['mended'])
})

test('the state and the listener stay those of the start, and who edits them is told so', async () => {
  edit({ orders: source('orders') }, { state: 'other.db', server: { port: 7 } })
  expect(await settled()).toBe(true)
  expect(live.config().state).toBe(project.state)
  expect(live.config().server.port).toBe(1234)
  expect(heard.filter(({ kind }) => kind === 'warning')).toHaveLength(1)
})

test('an ingestion that was made by API stays when the file is edited, unless the file has its name now', async () => {
  const made = { createdBy: 'a', createdAtMs: 1, updatedBy: 'a', updatedAtMs: 1, version: 1 }
  ingestions = [{ id: 'items', entry: { path: 'landing/items/*.csv', target: { path: 'lake/items' } }, ...made }]
  expect(await live.reload()).toBe(true)
  edit({ other: source('other') })
  expect(await settled()).toBe(true)
  expect(live.config().sources.map(({ name, origin }) => [name, origin])).toEqual([['other', 'file'], ['items', 'api']]) // prettier-ignore
  edit({ items: source('items') })
  expect(await settled()).toBe(true)
  expect(live.config().sources.map(({ name, origin }) => [name, origin])).toEqual([['items', 'file']])
})
