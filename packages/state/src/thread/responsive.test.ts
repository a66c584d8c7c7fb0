import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openStateInThread, type State } from '../index.ts'
import { freshPath } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'
import { openSlot } from './open-slot.ts'

async function open(file: string): Promise<State> {
  const state = await openStateInThread({ path: file })
  onTestFinished(async () => state.close())
  return state
}

/**
 * For how long this thread came to nothing else while `work` went on: at the longest, and in 9 of 10 cases. The longest is
 * also that of a machine that has others to serve.
 */
async function stallsOf(
  work: () => Promise<unknown>,
): Promise<{ readonly mostMs: number; readonly longestMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  // What came before, a garbage collection say, is not meant.
  await sleep(50)
  delay.enable()
  await work()
  delay.disable()
  return { mostMs: delay.percentile(90) / 1e6, longestMs: delay.max / 1e6 }
}

/** The other process holds the lock for so long. */
async function holdLock(file: string, forMs: number): Promise<void> {
  const child = fork(path.join(import.meta.dirname, '../testing/lock-holder.ts'), [file, String(forMs)], {
    execArgv: ['--conditions=tidegate:source'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
}

test('this thread goes on while another process holds the lock, and what waits is written then', async () => {
  const file = freshPath()
  const state = await open(file)
  await state.createJob(makeJob({ id: 'first' }))
  // Its thread is there already.
  await state.listRuns()
  await holdLock(file, 1200)
  let waitedMs = 0
  let readMs = 0
  const stalls = await stallsOf(async () => {
    const startedAtMs = performance.now()
    const writing = Promise.all(
      Array.from({ length: 20 }, async (_, n) => state.createJob(makeJob({ id: `job ${String(n)}` }))),
    ).then(() => (waitedMs = performance.now() - startedAtMs))
    await state.listRuns()
    readMs = performance.now() - startedAtMs
    await writing
  })
  expect(waitedMs).toBeGreaterThan(800)
  expect(readMs).toBeLessThan(waitedMs)
  expect(stalls.mostMs).toBeLessThan(50)
  expect(stalls.longestMs).toBeLessThan(waitedMs / 3)
  expect(await state.openJobs()).toHaveLength(21)
})

test('this thread goes on during a heavy query, and so do short calls', async () => {
  const file = freshPath()
  const state = await open(file)
  const filler = new Sqlite(file)
  filler.exec(`insert into audit (id, at_ms, actor, action, subject, outcome, detail)
    with recursive n (i) as (values (1) union all select i + 1 from n where i < 300000)
    select cast(i as text), i, 'a', 'b', 'c', 'done', '{}' from n`)
  filler.close()
  // Its thread is there already.
  await state.listRuns()
  let heavyMs = 0
  const beatsMs: number[] = []
  const stalls = await stallsOf(async () => {
    const startedAtMs = performance.now()
    const over = new AbortController()
    const heavy = state.listAudit({ limit: 1, action: 'none' }).then((page) => {
      heavyMs = performance.now() - startedAtMs
      over.abort()
      expect(page).toEqual({ items: [], next: null })
    })
    while (!over.signal.aborted) {
      const askedAtMs = performance.now()
      await state.beatAttempt('nobody', 1, 1)
      beatsMs.push(performance.now() - askedAtMs)
      await sleep(5)
    }
    await heavy
  })
  expect(stalls.mostMs).toBeLessThan(50)
  expect(stalls.longestMs).toBeLessThan(heavyMs / 3)
  // Some were answered while the query went on: they did not wait for its end.
  expect(beatsMs.length).toBeGreaterThanOrEqual(2)
  expect(Math.min(...beatsMs)).toBeLessThan(heavyMs / 2)
})

test('who asks for a page of a list does not wait for who asks for everything', async () => {
  const file = freshPath()
  const state = await open(file)
  const filler = new Sqlite(file)
  filler.exec(`insert into delivery (at_ms, notice, channel, attempt, event, outcome)
    with recursive n (i) as (values (1) union all select i + 1 from n where i < 200000)
    select i, cast(i as text), 'c', 1, 'e', 'sent' from n`)
  filler.close()
  // Both threads are there already.
  await Promise.all([state.listRuns(), state.metricSums()])
  const order: string[] = []
  const everything = Promise.all([1, 2, 3].map(async () => state.metricSums())).then(() => order.push('everything'))
  await state.listRuns().then(() => order.push('a page'))
  await everything
  expect(order).toEqual(['a page', 'everything'])
})

test('a thread that ends takes the calls under way along, and the next call starts another', async () => {
  const file = freshPath()
  const slot = openSlot({ path: file })
  onTestFinished(async () => slot.close())
  const first = await slot.live()
  await first.call('createJob', [makeJob({ id: 'before' })])
  await holdLock(file, 300)
  const writing = first.call('createJob', [makeJob({ id: 'lost' })])
  await first.worker.terminate()
  await expect(writing).rejects.toMatchObject({ code: 'STATE_THREAD_GONE', retryable: true })
  await expect(first.call('getJob', ['before'])).rejects.toMatchObject({ code: 'STATE_THREAD_GONE' })
  const second = await slot.live()
  expect(second).not.toBe(first)
  expect(await slot.live()).toBe(second)
  expect(await second.call('getJob', ['before'])).toMatchObject({ state: 'queued' })
  expect(await second.call('getJob', ['lost'])).toBe(undefined)
})
