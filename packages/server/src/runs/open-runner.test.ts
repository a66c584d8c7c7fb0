import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunnerBench, type RunnerBench } from '../testing/runner-bench.ts'
import type { AttemptExit, StartAttempt } from './attempt-protocol.ts'

let bench: RunnerBench
beforeEach(async () => {
  bench = await openRunnerBench()
})
afterEach(() => bench.close())

test('a job that was there before the runner, and one that comes later, are each done in one attempt', async () => {
  await bench.add('early', { args: { do: 'ok' } })
  const runner = bench.start()
  const early = await bench.until('early', 'ok')
  expect(early).toMatchObject({ attempts: 1, failedAttempts: 0, summary: { filesLoaded: 1 }, errorCode: null })
  await bench.add('late', { args: { do: 'ok' } })
  runner.wake()
  await bench.until('late', 'ok')
  await expect.poll(() => runner.running()).toEqual([])
})

test('what fails is tried again with growing waits until it goes well', async () => {
  await bench.add('j', { args: { do: 'fail-twice' } })
  bench.start()
  expect(await bench.until('j', 'ok')).toMatchObject({ attempts: 3, failedAttempts: 2 })
  const [first, second, third] = await bench.state.listAttempts('j')
  expect([first, second, third].map((each) => each?.outcome)).toEqual(['failed', 'failed', 'ok'])
  expect((second?.startedAtMs ?? 0) - (first?.endedAtMs ?? 0)).toBeGreaterThanOrEqual(40)
  expect((third?.startedAtMs ?? 0) - (second?.endedAtMs ?? 0)).toBeGreaterThanOrEqual(80)
})

test('what fails every time is dead after its last attempt, says so by a signal, and can be driven again', async () => {
  await bench.add('j', { args: { do: 'fail' }, maxAttempts: 2 })
  const runner = bench.start()
  expect(await bench.until('j', 'dead')).toMatchObject({ attempts: 2, failedAttempts: 2, errorCode: 'ENGINE_SQL' })
  expect(await bench.state.pendingSignals(10)).toMatchObject([
    { kind: 'job_dead', effect: 'raise', source: 'j', detail: { job: 'j', attempts: 2, code: 'ENGINE_SQL' } },
  ])
  await delay(150)
  expect(await bench.outcomes('j')).toHaveLength(2)
  await bench.state.redriveJob('j', 'somebody', Date.now())
  runner.wake()
  await expect.poll(() => bench.outcomes('j'), { timeout: 20_000 }).toHaveLength(4)
  await bench.until('j', 'dead')
})

test('a process that is killed costs no retry: the job goes on as its next attempt', async () => {
  await bench.add('j', { args: { do: 'die-once' }, maxAttempts: 1 })
  bench.start()
  expect(await bench.until('j', 'ok')).toMatchObject({ attempts: 2, failedAttempts: 0 })
  expect(await bench.state.listAttempts('j')).toMatchObject([
    { outcome: 'interrupted', errorCode: 'RUN_KILLED' },
    { outcome: 'ok' },
  ])
})

test('a process that ends without a word failed, and its last words are kept and logged', async () => {
  await bench.add('j', { args: { do: 'crash' }, maxAttempts: 1 })
  bench.start()
  expect(await bench.until('j', 'dead')).toMatchObject({
    errorCode: 'RUN_CRASHED',
    errorMessage: 'its process ended with code 3: out of luck',
  })
  expect(bench.heard).toContainEqual({ kind: 'line', job: 'j', attempt: 1, text: 'out of luck' })
})

test('a source that somebody else works on is waited for, and that is no failure', async () => {
  await bench.add('j', { args: { do: 'held-once' }, maxAttempts: 1 })
  bench.start()
  expect(await bench.until('j', 'ok')).toMatchObject({ attempts: 2, failedAttempts: 0 })
})

test.each(['work', 'deaf'])(
  'cancelled while it runs: who can (%s) stops in order, who does not is killed',
  async (how) => {
    await bench.add('j', { args: { do: how } })
    const runner = bench.start()
    const pid = await pidOf('j')
    await bench.state.requestCancel('j', 'somebody', Date.now())
    runner.wake()
    const job = await bench.until('j', 'cancelled')
    expect(job).toMatchObject({ attempts: 1, errorCode: 'RUN_CANCELLED' })
    expect(isThere(pid)).toBe(false)
  },
)

test('cancelled while it waits, a job never starts', async () => {
  await bench.add('j', { args: { do: 'ok' }, notBeforeMs: Date.now() + 60_000 })
  bench.start()
  await bench.state.requestCancel('j', 'somebody', Date.now())
  expect(await bench.until('j', 'cancelled')).toMatchObject({ attempts: 0 })
})

test('what takes longer than it may is ended, although its daemon says all the time that it lives, and counts as failed', async () => {
  await bench.add('j', { args: { do: 'deaf' }, maxAttempts: 1, expiryMs: 400 })
  bench.start()
  expect(await bench.until('j', 'dead')).toMatchObject({ failedAttempts: 1, errorCode: 'RUN_EXPIRED' })
  expect(await bench.outcomes('j')).toEqual(['expired'])
})

test('what takes less than it may is left alone, however often its daemon beats meanwhile', async () => {
  await bench.add('j', { args: { do: 'late' }, maxAttempts: 1, expiryMs: 30_000 })
  bench.start()
  expect(await bench.until('j', 'ok', 'dead')).toMatchObject({ state: 'ok', failedAttempts: 0 })
  const [attempt] = await bench.state.listAttempts('j')
  expect(attempt?.heartbeatAtMs).toBeGreaterThan((attempt?.startedAtMs ?? 0) + 50)
})

test('a process that prints 10 MB without a line break and then 5,000 lines does its work, and of that the log has the beginning', async () => {
  await bench.add('j', { args: { do: 'shout' }, maxAttempts: 1 })
  bench.start()
  await bench.until('j', 'ok')
  const lines = bench.heard.filter(({ kind }) => kind === 'line')
  expect(lines.length).toBeLessThanOrEqual(1001)
  expect(Math.max(...lines.map((line) => ('text' in line ? line.text.length : 0)))).toBe(4000)
})

test('a drain lets work end, stops what does not, claims nothing more, and what was stopped goes on at the next start', async () => {
  await bench.add('long', { args: { do: 'work' } })
  const runner = bench.start({ maxRuns: 1 })
  await pidOf('long')
  await bench.add('waits', { args: { do: 'ok' } })
  await runner.drain(900)
  expect(runner.running()).toEqual([])
  expect(await bench.state.listAttempts('long')).toMatchObject([{ outcome: 'interrupted', errorCode: 'RUN_DRAINED' }])
  expect(await bench.state.getJob('long')).toMatchObject({ state: 'queued', failedAttempts: 0 })
  expect(await bench.state.getJob('waits')).toMatchObject({ state: 'queued', attempts: 0 })
  await runner.close()
  bench.start()
  await bench.until('waits', 'ok')
  await expect.poll(() => bench.outcomes('long')).toEqual(['interrupted', 'running'])
})

test('who is told that another daemon took a job over kills its process and writes nothing more', async () => {
  await bench.add('j', { args: { do: 'work' } })
  bench.start()
  const pid = await pidOf('j')
  // As another daemon does that heard nothing of this one for too long.
  const taken = await bench.state.adoptOrphans(Date.now() + 100_000, 30_000)
  expect(taken.map(({ id }) => id)).toEqual(['j'])
  await expect.poll(() => isThere(pid)).toBe(false)
  await expect.poll(() => bench.heard.some(({ kind }) => kind === 'lost')).toBe(true)
  expect((await bench.outcomes('j'))[0]).toBe('interrupted')
})

test('an end that the state refuses for a while is written all the same, once', async () => {
  await bench.add('j', { args: { do: 'ok' } })
  let refused = 0
  const { state } = bench
  bench.start({
    jobs: {
      ...state,
      endAttempt: async (...end) => {
        if (++refused <= 3) throw Object.assign(new Error('busy'), { code: 'STATE_BUSY' })
        return state.endAttempt(...end)
      },
    },
  })
  expect(await bench.until('j', 'ok')).toMatchObject({ attempts: 1 })
  expect(refused).toBe(4)
})

test('a job whose daemons died with it five times in a row waits before the next attempt, and then is tried', async () => {
  await bench.add('j', { args: { do: 'ok' } })
  const owner = { id: 'gone-host:1:1', what: 'a daemon of another machine' }
  for (let death = 1; death <= 5; death += 1) {
    await bench.state.claimJob({ owner, run: () => `dead${death}`, nowMs: Date.now() })
    await bench.state.adoptOrphans(Date.now(), -1)
  }
  // Long enough for a slow machine to see the wait.
  bench.start({ retriesOf: () => ({ firstDelayMs: 2000, maxDelayMs: 2000 }) })
  expect(await bench.until('j', 'ok')).toMatchObject({ failedAttempts: 0 })
  const attempts = await bench.state.listAttempts('j')
  expect(attempts.slice(5).map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([
    ['interrupted', 'RUN_SET_ASIDE'],
    ['ok', null],
  ])
})

test('three runners on one state drive each job once and of one source one at a time', async () => {
  const running = new Map<string, number>()
  const starts: string[] = []
  let together = 0
  const startAttempt: StartAttempt = ({ job, source }) => {
    starts.push(job)
    running.set(source, (running.get(source) ?? 0) + 1)
    together = Math.max(together, ...running.values())
    const exit = delay(5).then((): AttemptExit => {
      running.set(source, (running.get(source) ?? 0) - 1)
      return { kind: 'reported', result: { outcome: 'ok', errorCode: null, errorMessage: null, summary: null } }
    })
    return { pid: undefined, exit, stop: () => {}, kill: () => {} }
  }
  const ids = Array.from({ length: 60 }, (_, index) => `j${String(index).padStart(2, '0')}`)
  for (const [index, id] of ids.entries()) await bench.add(id, { source: `s${index % 7}` })
  for (let runner = 0; runner < 3; runner += 1) bench.start({ startAttempt, maxRuns: 3 })
  for (const id of ids) await bench.until(id, 'ok')
  expect(starts.toSorted()).toEqual(ids)
  expect(together).toBe(1)
})

async function pidOf(job: string): Promise<number> {
  let pid: unknown
  await expect
    .poll(
      async () => {
        pid = (await bench.state.listJobEvents(job, 0, 100)).findLast(({ data }) => 'pid' in data)?.data['pid']
        return typeof pid
      },
      { timeout: 20_000 },
    )
    .toBe('number')
  return pid as number
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
