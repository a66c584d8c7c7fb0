import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LeaseOutcome, LeaseOwner } from '@tidegate/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { currentOwner, isOwnerAlive, type IsAlive, type State } from './index.ts'
import { freshPath, freshState } from './testing/fresh-state.ts'

const alice: LeaseOwner = { id: 'far:1:1', what: 'tidegate ingest flights (pid 1)' }
const bob: LeaseOwner = { id: 'far:2:2', what: 'tidegate ingest flights (pid 2)' }

async function stateWith(isAlive?: IsAlive): Promise<State> {
  return freshState({ isAlive })
}

describe('a lease', () => {
  test('is given to the first, and the second is told who has it', async () => {
    const state = await stateWith()
    expect(await state.acquireLease('s', alice, 100, 50)).toEqual({ kind: 'acquired', fence: 1 })
    const held = { kind: 'held', by: alice, sinceMs: 100, expiresAtMs: 150 }
    expect(await state.acquireLease('s', bob, 149, 50)).toEqual(held)
    expect(await state.acquireLease('s', alice, 149, 50)).toEqual(held)
    expect(await state.acquireLease('other', bob, 149, 50)).toEqual({ kind: 'acquired', fence: 1 })
  })

  test('is taken over when its time has run out', async () => {
    const state = await stateWith()
    await state.acquireLease('s', alice, 100, 50)
    expect(await state.acquireLease('s', bob, 150, 50)).toEqual({ kind: 'acquired', fence: 2 })
    expect(await state.renewLease('s', alice, 1, 151, 50)).toBe(false)
    expect(await state.renewLease('s', bob, 2, 151, 50)).toBe(true)
    expect(await state.listLeases(160)).toEqual([{ source: 's', owner: bob, expiresAtMs: 201 }])
  })

  test('is taken over when its owner is dead, but not when nobody knows', async () => {
    let alive: boolean | 'unknown' = 'unknown'
    const state = await stateWith((id) => (id === alice.id ? alive : true))
    await state.acquireLease('s', alice, 100, 1000)
    expect(await state.acquireLease('s', bob, 101, 1000)).toMatchObject({ kind: 'held' })
    alive = true
    expect(await state.acquireLease('s', bob, 101, 1000)).toMatchObject({ kind: 'held' })
    alive = false
    expect(await state.acquireLease('s', bob, 101, 1000)).toEqual({ kind: 'acquired', fence: 2 })
  })

  test('is renewed late as long as nobody took it', async () => {
    const state = await stateWith()
    await state.acquireLease('s', alice, 100, 50)
    expect(await state.renewLease('s', alice, 1, 500, 50)).toBe(true)
    expect(await state.acquireLease('s', bob, 540, 50)).toMatchObject({ kind: 'held', expiresAtMs: 550 })
  })

  test('keeps its fence rising over releases', async () => {
    const state = await stateWith()
    await state.acquireLease('s', alice, 100, 50)
    await state.releaseLease('s', alice, 1)
    expect(await state.listLeases(101)).toEqual([])
    expect(await state.renewLease('s', alice, 1, 101, 50)).toBe(false)
    expect(await state.acquireLease('s', alice, 101, 50)).toEqual({ kind: 'acquired', fence: 2 })
  })

  test('is released only by its owner, with its fence', async () => {
    const state = await stateWith()
    await state.acquireLease('s', alice, 100, 50)
    await state.releaseLease('s', bob, 1)
    await state.releaseLease('s', alice, 7)
    expect(await state.acquireLease('s', bob, 101, 50)).toMatchObject({ kind: 'held' })
  })

  test('gets a fence above what the ledgers have seen', async () => {
    const state = await stateWith()
    await state.raiseFence('s', 41)
    expect(await state.listLeases(0)).toEqual([])
    expect(await state.acquireLease('s', alice, 100, 50)).toEqual({ kind: 'acquired', fence: 42 })
    await state.raiseFence('s', 3)
    await state.raiseFence('s', 60)
    expect(await state.renewLease('s', alice, 42, 101, 50)).toBe(true)
    await state.releaseLease('s', alice, 42)
    expect(await state.acquireLease('s', bob, 102, 50)).toEqual({ kind: 'acquired', fence: 61 })
  })

  test('survives clearing the index', async () => {
    const state = await stateWith()
    await state.acquireLease('s', alice, 100, 50)
    await state.clearIndex()
    expect(await state.acquireLease('s', bob, 200, 50)).toEqual({ kind: 'acquired', fence: 2 })
  })
})

describe('owners', () => {
  test('this process is alive', () => {
    const owner = currentOwner('testing')
    expect(owner.what).toBe('testing')
    expect(owner.id).toMatch(/:\d+:\d+$/)
    expect(isOwnerAlive(owner.id)).toBe(true)
  })

  test('a process of another start time is dead, where start times can be read', () => {
    const [, , start = ''] = currentOwner('').id.split(':')
    const other = `${hostname()}:${String(process.pid)}:${start}1`
    expect(isOwnerAlive(other)).toBe(process.platform === 'linux' ? false : 'unknown')
  })

  test.each([
    '',
    'x',
    'far:1:1',
    `${hostname()}:0:1`,
    `${hostname()}:-1:1`,
    `${hostname()}:abc:1`,
    `${hostname()}:99999999999:1`,
  ])('nothing is known of %j', (id) => {
    expect(isOwnerAlive(id)).toBe('unknown')
  })

  test('a process that ended is dead', async () => {
    const child = fork(path.join(import.meta.dirname, 'testing/lease-fighter.ts'), ['owner'], FORK)
    const [id] = (await once(child, 'message')) as [string]
    expect(isOwnerAlive(id)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isOwnerAlive(id)).toBe(false)
  })
})

test('of several processes one gets the lease, and when it is killed the next gets it at once', async () => {
  const file = freshPath()
  const children = Array.from({ length: 3 }, () =>
    fork(path.join(import.meta.dirname, 'testing/lease-fighter.ts'), ['fight', file], FORK),
  )
  onTestFinished(() => children.forEach((child) => child.kill('SIGKILL')))
  await Promise.all(children.map(async (child) => once(child, 'message')))
  for (let fence = 1; fence <= 2; fence += 1) {
    const outcomes = await Promise.all(children.map(async (child) => tryOnce(child)))
    const winners = outcomes.flatMap((outcome, index) => (outcome.kind === 'acquired' ? [index] : []))
    expect(winners).toHaveLength(1)
    const winner = winners[0] ?? -1
    expect(outcomes[winner]).toEqual({ kind: 'acquired', fence })
    const [killed] = children.splice(winner, 1)
    killed?.kill('SIGKILL')
    if (killed !== undefined) await once(killed, 'exit')
  }
  for (const child of children) child.kill('SIGKILL')
  await sleep(10)
})

const FORK = { execArgv: ['--conditions=tidegate:source'] }

async function tryOnce(child: ChildProcess): Promise<LeaseOutcome> {
  child.send('go')
  const [outcome] = (await once(child, 'message')) as [LeaseOutcome]
  return outcome
}
