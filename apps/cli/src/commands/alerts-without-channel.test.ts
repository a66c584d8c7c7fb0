/** `alerts` where nobody is told: the same things are wrong, and the terminal says no more than before. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProgress } from '../render/index.ts'
import { plainContext } from '../testing/plain-context.ts'
import { ordersProject } from '../testing/small-project.ts'
import { alerts, type AlertsArgs } from './alerts.ts'
import { ingest } from './ingest.ts'
import { quarantine } from './quarantine.ts'

const project = ordersProject({ 'landing/bad.csv': 'id,amount,city\n,5,Oslo\n' })
let onTerminal = ''

beforeAll(async () => {
  const stream = { write: (text: string) => (onTerminal += text) }
  const context = { ...plainContext(project.directory, 'table'), progress: createProgress({ stream, quiet: false }) }
  expect(await ingest({ sources: [] }, context)).toBe(3)
})

afterAll(() => {
  project.remove()
})

type Json = Readonly<Record<string, unknown>>

async function run(args: AlertsArgs): Promise<Json> {
  const context = plainContext(project.directory)
  await alerts(args, context)
  return JSON.parse(context.written()) as Json
}

async function openKinds(): Promise<readonly string[]> {
  return ((await run({ action: 'ls' }))['items'] as Json[]).map(({ kind }) => String(kind)).toSorted()
}

test('held files are wrong, whether or not a channel is named; the command says nothing of channels', async () => {
  expect(await openKinds()).toEqual(['file_quarantined', 'gate_failed'])
  expect(onTerminal).not.toMatch(/notice|channel/i)
})

test('explain says that there is no channel', async () => {
  const [first] = (await run({ action: 'ls' }))['items'] as Json[]
  const id = String(first?.['id'])
  expect(await run({ action: 'explain', id })).toMatchObject({ channels: [], decisions: [], deliveries: [] })
  const context = plainContext(project.directory, 'table')
  await alerts({ action: 'explain', id }, context)
  expect(context.written()).toContain('No channel: none is named for alerts of orders (notify).')
})

test('what is mended is over', async () => {
  const contract = project.read('contracts/orders.yaml')
  project.write('contracts/orders.yaml', contract.replace(', nullable: false', ''))
  expect(await quarantine({ action: 'replay', all: true }, plainContext(project.directory))).toBe(0)
  expect(await openKinds()).toEqual([])
})
