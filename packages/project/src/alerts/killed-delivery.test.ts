/** Messages to a real receiver, from processes that are killed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openState } from '@tidegate/state'
import { openAlertReceiver, type AlertReceiver } from '../testing/alert-receiver.ts'

const CHILD = fileURLToPath(new URL('../testing/settle-child.ts', import.meta.url))
const START = Date.UTC(2026, 10, 21, 12)
/** What was taken and not marked is offered again after it. */
const AGAIN_MS = 61_000

let folder: string
let receiver: AlertReceiver
let processes: ChildProcess[]

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-'))
  receiver = await openAlertReceiver()
  processes = []
})

afterEach(() => {
  for (const child of processes) child.kill('SIGKILL')
  receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

const statePath = (): string => path.join(folder, 'state.db')

function start(nowMs: number, sources = '', env: NodeJS.ProcessEnv = {}): ChildProcess {
  const args = ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning', CHILD]
  const child = spawn(process.execPath, [...args, statePath(), receiver.url, String(nowMs), sources], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  processes.push(child)
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('close', resolve))
}

async function deliveredKeys(): Promise<readonly string[]> {
  const state = await openState({ path: statePath(), readOnly: true, nowMs: () => START })
  try {
    const { items } = await state.listDeliveries({ limit: 100 })
    return [...new Set(items.flatMap(({ outcome, notice }) => (outcome === 'delivered' ? [notice] : [])))]
  } finally {
    await state.close()
  }
}

test('killed between the answer and its mark: the receiver gets the same webhook-id again, and then no more', async () => {
  const first = start(START, 'a', { HOLD: '1' })
  await new Promise((resolve) => first.stdout?.once('data', resolve))
  first.kill('SIGKILL')
  await ended(first)
  expect(receiver.heard).toHaveLength(1)
  for (const turn of [1, 2]) await ended(start(START + turn * AGAIN_MS))
  const ids = receiver.heard.map(({ id }) => id)
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
  expect(await deliveredKeys()).toEqual([ids[0]])
})

test('killed wherever it was: each of eight messages comes at least once, and never under a second id', async () => {
  const sources = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  let nowMs = START
  for (const [round, source] of [sources.join(','), ''].entries()) {
    const child = start(nowMs, source)
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    // From right after the first answer on.
    await delay(round * 4)
    child.kill('SIGKILL')
    await ended(child)
    nowMs += AGAIN_MS
  }
  await ended(start(nowMs))
  const ids = receiver.heard.map(({ id }) => id)
  expect(new Set(ids).size).toBe(sources.length)
  expect((await deliveredKeys()).toSorted()).toEqual([...new Set(ids)].toSorted())
})
