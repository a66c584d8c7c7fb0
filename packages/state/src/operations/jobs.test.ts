import type { AttemptEnd, LeaseOwner, NewJob } from '@tidegate/core'
import { describe, expect, test } from 'vitest'
import type { State } from '../index.ts'
import { freshState } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'

const owner: LeaseOwner = { id: 'far:1:1', what: 'daemon' }
const run = ({ id }: { readonly id: string }): string => `run of ${id}`

async function stateWith(...jobs: readonly (Partial<NewJob> & { readonly id: string })[]): Promise<State> {
  const state = await freshState({ isAlive: () => 'unknown' })
  for (const job of jobs) expect(await state.createJob(makeJob(job))).toBe(true)
  return state
}

async function claim(state: State, nowMs: number): Promise<string | undefined> {
  const claimed = await state.claimJob({ owner, run, nowMs })
  return claimed === undefined ? undefined : `${claimed.job.id}/${String(claimed.attempt.attempt)}`
}

const ok: AttemptEnd = {
  outcome: 'ok',
  errorCode: null,
  errorMessage: null,
  summary: { files: 3 },
  next: { state: 'ok', notBeforeMs: null, countsAsFailure: false },
}

function failed(state: 'retrying' | 'dead', notBeforeMs: number | null): AttemptEnd {
  return {
    outcome: 'failed',
    errorCode: 'SOURCE_UNREADABLE',
    errorMessage: "can't read",
    summary: null,
    next: { state, notBeforeMs, countsAsFailure: true },
  }
}

async function statesOf(state: State, job: string): Promise<readonly unknown[]> {
  const events = await state.listJobEvents(job, 0, 100)
  return events.filter(({ kind }) => kind === 'state').map(({ data }) => data['state'])
}

describe('a job', () => {
  test('is made once and comes back as it was made', async () => {
    const job = makeJob({
      id: 'j',
      args: { force: true, records: ['a', 'b'] },
      expiryMs: 5,
      instantMs: 7,
      schedule: 's',
    })
    const state = await freshState()
    expect(await state.createJob(job)).toBe(true)
    expect(await state.createJob({ ...job, source: 'other' })).toBe(false)
    expect(await state.getJob('j')).toEqual({
      ...job,
      state: 'queued',
      failedAttempts: 0,
      attempts: 0,
      startedAtMs: null,
      endedAtMs: null,
      errorCode: null,
      errorMessage: null,
      cancelRequestedAtMs: null,
      cancelRequestedBy: null,
      summary: null,
    })
    expect(await state.getJob('other')).toBe(undefined)
    expect(await state.listJobEvents('j', 0, 10)).toEqual([
      { job: 'j', seq: 1, atMs: job.createdAtMs, kind: 'state', data: { state: 'queued', by: 'me' } },
    ])
  })

  test('runs, ends and has its attempt and its summary', async () => {
    const state = await stateWith({ id: 'j' })
    expect(await state.claimJob({ owner, run, nowMs: 100 })).toMatchObject({
      job: { id: 'j', state: 'running', attempts: 1, startedAtMs: 100 },
      attempt: { job: 'j', attempt: 1, run: 'run of j', owner: 'far:1:1', outcome: 'running', heartbeatAtMs: 100 },
    })
    expect(await state.endAttempt('j', 1, ok, 200)).toBe(true)
    expect(await state.endAttempt('j', 1, failed('retrying', 300), 201)).toBe(false)
    expect(await state.getJob('j')).toMatchObject({
      state: 'ok',
      endedAtMs: 200,
      summary: { files: 3 },
      failedAttempts: 0,
    })
    expect(await state.listAttempts('j')).toMatchObject([{ attempt: 1, endedAtMs: 200, outcome: 'ok' }])
    expect(await statesOf(state, 'j')).toEqual(['queued', 'running', 'ok'])
    expect(await claim(state, 1000)).toBe(undefined)
  })

  test('is tried again when its time has come, until it is dead, and again when somebody drives it', async () => {
    const state = await stateWith({ id: 'j' })
    await claim(state, 100)
    await state.endAttempt('j', 1, failed('retrying', 500), 200)
    expect(await state.getJob('j')).toMatchObject({
      state: 'retrying',
      notBeforeMs: 500,
      failedAttempts: 1,
      endedAtMs: null,
      errorCode: 'SOURCE_UNREADABLE',
    })
    expect(await claim(state, 499)).toBe(undefined)
    expect(await claim(state, 500)).toBe('j/2')
    await state.endAttempt('j', 2, failed('dead', null), 600)
    expect(await state.getJob('j')).toMatchObject({
      state: 'dead',
      failedAttempts: 2,
      startedAtMs: 100,
      endedAtMs: 600,
    })
    expect(await state.redriveJob('j', 'bob', 700)).toMatchObject({
      state: 'queued',
      failedAttempts: 0,
      attempts: 2,
      errorCode: null,
    })
    expect(await state.redriveJob('j', 'bob', 701)).toBe(undefined)
    expect(await claim(state, 700)).toBe('j/3')
    expect(await state.redriveJob('j', 'bob', 702)).toBe(undefined)
    expect(await statesOf(state, 'j')).toEqual([
      'queued',
      'running',
      'retrying',
      'running',
      'dead',
      'queued',
      'running',
    ])
  })

  test.each(['ok', 'nothing-new'] as const)('that ended as %s is not driven again', async (ended) => {
    const state = await stateWith({ id: 'j' })
    await claim(state, 100)
    await state.endAttempt('j', 1, { ...ok, next: { ...ok.next, state: ended } }, 200)
    expect(await state.redriveJob('j', 'bob', 300)).toBe(undefined)
    expect(await state.requestCancel('j', 'bob', 300)).toBe(undefined)
  })

  test('the signals of its end come with it, once', async () => {
    const state = await stateWith({ id: 'j' })
    await claim(state, 100)
    const signal = {
      key: 'k',
      kind: 'job_dead',
      effect: 'raise',
      source: 's',
      dataset: null,
      severity: 'critical',
      run: null,
      atMs: 1,
      detail: {},
    } as const
    await state.endAttempt('j', 1, { ...failed('dead', null), signals: [signal] }, 200)
    await state.endAttempt('j', 1, { ...failed('dead', null), signals: [{ ...signal, key: 'late' }] }, 201)
    expect(await state.pendingSignals(10)).toEqual([signal])
  })
})

describe('claiming', () => {
  test('takes the job whose time came first, then the older one, and one of a source at a time', async () => {
    const state = await stateWith(
      { id: 'late', source: 'a', notBeforeMs: 50 },
      { id: 'second', source: 'a', notBeforeMs: 10, createdAtMs: 9 },
      { id: 'first', source: 'a', notBeforeMs: 10, createdAtMs: 8 },
      { id: 'other', source: 'b', notBeforeMs: 20 },
      { id: 'not yet', source: 'c', notBeforeMs: 101 },
    )
    const taken = [await claim(state, 100), await claim(state, 100), await claim(state, 100)]
    expect(taken).toEqual(['first/1', 'other/1', undefined])
    await state.endAttempt('first', 1, ok, 101)
    expect(await claim(state, 100)).toBe('second/1')
    expect((await state.openJobs()).map(({ id }) => id)).toEqual(['second', 'late', 'not yet', 'other'])
  })

  test('jobs of the whole project wait for those of their schedule, without one for those of their command', async () => {
    const whole = { source: '', command: 'maintain' } as const
    const state = await stateWith(
      { ...whole, id: 'a', schedule: 'maintain' },
      { ...whole, id: 'b', schedule: 'maintain' },
      { ...whole, id: 'c', schedule: 'weekly' },
      { ...whole, id: 'd' },
      { ...whole, id: 'e' },
      { ...whole, id: 'f', command: 'arrivals' },
      { id: 'g', source: 's', schedule: 'maintain' },
    )
    const taken: (string | undefined)[] = []
    for (let n = 0; n < 6; n += 1) taken.push(await claim(state, 100))
    expect(taken).toEqual(['a/1', 'c/1', 'd/1', 'f/1', 'g/1', undefined])
    await state.endAttempt('d', 1, ok, 101)
    expect([await claim(state, 102), await claim(state, 102)]).toEqual(['e/1', undefined])
    // One that waits for its next try holds nobody up.
    await state.endAttempt('a', 1, failed('retrying', 500), 103)
    expect([await claim(state, 104), await claim(state, 600)]).toEqual(['b/1', undefined])
    await state.endAttempt('b', 1, ok, 601)
    expect(await claim(state, 602)).toBe('a/2')
  })
})

describe('a cancel request', () => {
  test('ends a waiting job at once', async () => {
    const state = await stateWith({ id: 'j' })
    expect(await state.requestCancel('j', 'bob', 50)).toMatchObject({
      state: 'cancelled',
      endedAtMs: 50,
      cancelRequestedAtMs: 50,
      cancelRequestedBy: 'bob',
    })
    expect(await claim(state, 100)).toBe(undefined)
    expect(await state.requestCancel('j', 'bob', 60)).toBe(undefined)
    expect(await state.requestCancel('nobody', 'bob', 60)).toBe(undefined)
  })

  test('is heard by the driver of a running one with its next beat; who asked first is kept', async () => {
    const state = await stateWith({ id: 'j' })
    await claim(state, 100)
    expect(await state.beatAttempt('j', 1, 110)).toBe('ok')
    expect(await state.requestCancel('j', 'bob', 120)).toMatchObject({ state: 'running', cancelRequestedBy: 'bob' })
    expect(await state.requestCancel('j', 'eve', 121)).toMatchObject({ state: 'running', cancelRequestedBy: 'bob' })
    expect(await state.beatAttempt('j', 1, 130)).toBe('cancel')
    expect(await state.listAttempts('j')).toMatchObject([{ heartbeatAtMs: 130 }])
  })

  test('is not lost when the attempt fails by itself, or its daemon dies: the job does not start again', async () => {
    const state = await stateWith({ id: 'a', source: 'a' }, { id: 'b', source: 'b' })
    await claim(state, 100)
    await claim(state, 100)
    await state.requestCancel('a', 'bob', 110)
    await state.requestCancel('b', 'bob', 110)
    await state.endAttempt('a', 1, failed('retrying', 500), 120)
    expect((await state.adoptOrphans(1000, 10)).map(({ id, state: is }) => [id, is])).toEqual([['b', 'cancelled']])
    expect(await state.getJob('a')).toMatchObject({ state: 'cancelled', endedAtMs: 120 })
    expect(await claim(state, 5000)).toBe(undefined)
  })
})

describe('orphans', () => {
  test('are adopted when their owner is dead or silent for too long, and cost no retry', async () => {
    const state = await freshState({ isAlive: (id) => (id === 'dead:1:1' ? false : 'unknown') })
    for (const id of ['a', 'b', 'c']) await state.createJob(makeJob({ id, source: id }))
    for (const [id, nowMs] of [
      ['dead:1:1', 1000],
      ['far:1:1', 1000],
      ['far:1:1', 1000],
    ] as const) {
      await state.claimJob({ owner: { id, what: '' }, run, nowMs })
    }
    await state.beatAttempt('c', 1, 1001)
    // b: 5,001 ms without a beat; c: 5,000.
    const adopted = await state.adoptOrphans(6001, 5000)
    expect(adopted.map(({ id, state: is, failedAttempts }) => [id, is, failedAttempts])).toEqual([
      ['a', 'queued', 0],
      ['b', 'queued', 0],
    ])
    expect(await state.beatAttempt('b', 1, 6002)).toBe('lost')
    expect(await state.endAttempt('b', 1, ok, 6003)).toBe(false)
    expect(await state.beatAttempt('c', 1, 6002)).toBe('ok')
    expect(await state.listAttempts('a')).toMatchObject([{ attempt: 1, outcome: 'interrupted', endedAtMs: 6001 }])
    expect([await claim(state, 6004), await claim(state, 6004), await claim(state, 6004)]).toEqual([
      'a/2',
      'b/2',
      undefined,
    ])
    expect(await state.adoptOrphans(6005, 5000)).toEqual([])
  })
})

describe('events', () => {
  test('are numbered in order, and the newest 1,000 stay', async () => {
    const state = await stateWith({ id: 'j' }, { id: 'k' })
    const progress = (count: number): { atMs: number; kind: 'progress'; data: { n: number } }[] =>
      Array.from({ length: count }, (_, n) => ({ atMs: n, kind: 'progress', data: { n } }))
    await state.addJobEvents('j', progress(300))
    await state.addJobEvents('j', progress(900))
    // 1 of its making, 300 and 900: 1,201, of which 201 are gone.
    expect((await state.listJobEvents('j', 0, 2)).map(({ seq }) => seq)).toEqual([202, 203])
    expect(await state.listJobEvents('j', 1200, 10)).toMatchObject([{ seq: 1201, data: { n: 899 } }])
    await state.addJobEvents('j', progress(2500))
    expect((await state.listJobEvents('j', 0, 5000)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 1000 }, (_, index) => 2702 + index),
    )
    await state.addJobEvents('nobody', progress(1))
    expect(await state.listJobEvents('nobody', 0, 10)).toEqual([])
    expect(await state.listJobEvents('k', 0, 10)).toHaveLength(1)
  })
})

test('attempts are found by the run of the pipeline, and runs by their id', async () => {
  const state = await stateWith({ id: 'a', source: 'a' }, { id: 'b', source: 'b' })
  await claim(state, 100)
  await claim(state, 100)
  expect((await state.attemptsOfRuns(['run of b', 'unknown'])).map(({ job }) => job)).toEqual(['b'])
  await state.openRun({ id: 'r', command: 'ingest', source: 'a', startedAtMs: 1 })
  expect(await state.getRun('r')).toMatchObject({ id: 'r', status: 'running' })
  expect(await state.getRun('q')).toBe(undefined)
})
