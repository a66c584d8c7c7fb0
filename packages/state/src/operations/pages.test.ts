import { expect, test } from 'vitest'
import type { State } from '../index.ts'
import { freshState } from '../testing/fresh-state.ts'
import { makeJob } from '../testing/make-job.ts'

async function stateWithJobs(): Promise<State> {
  const state = await freshState()
  // Several of one moment: the id decides between them.
  for (let n = 0; n < 25; n += 1) {
    const id = `j${String(n).padStart(2, '0')}`
    await state.createJob(makeJob({ id, createdAtMs: Math.floor(n / 4), source: n % 2 === 0 ? 'even' : 'odd' }))
  }
  return state
}

async function walk(state: State, filter: Omit<Parameters<State['listJobs']>[0], 'after'>): Promise<string[][]> {
  const pages: string[][] = []
  for (let after: string | undefined; ;) {
    const { items, next } = await state.listJobs({ ...filter, after })
    pages.push(items.map(({ id }) => id))
    if (next === null) return pages
    after = next
  }
}

const descending = Array.from({ length: 25 }, (_, index) => `j${String(24 - index).padStart(2, '0')}`)

test.each([1, 7, 25, 1000])('pages of %i rows hold everything once, newest first', async (limit) => {
  const pages = await walk(await stateWithJobs(), { limit })
  expect(pages.flat()).toEqual(descending)
  expect(pages.every((page) => page.length <= limit)).toBe(true)
  expect(pages).toHaveLength(Math.ceil(25 / limit))
})

test('a filter counts on every page', async () => {
  const state = await stateWithJobs()
  const odd = descending.filter((id) => Number(id.slice(1)) % 2 === 1)
  expect((await walk(state, { limit: 5, source: 'odd' })).flat()).toEqual(odd)
  expect((await walk(state, { limit: 5, sinceMs: 5 })).flat()).toEqual(descending.slice(0, 5))
  expect((await walk(state, { limit: 5, states: ['ok', 'dead'] })).flat()).toEqual([])
  expect((await walk(state, { limit: 50, states: ['ok', 'queued'] })).flat()).toEqual(descending)
  expect((await walk(state, { limit: 5, states: [] })).flat()).toEqual([])
})

test('what is new meanwhile moves nothing between the pages', async () => {
  const state = await stateWithJobs()
  const { items, next } = await state.listJobs({ limit: 10 })
  await state.createJob(makeJob({ id: 'new', createdAtMs: 100 }))
  const rest = await state.listJobs({ limit: 100, after: next ?? '' })
  expect([...items, ...rest.items].map(({ id }) => id)).toEqual(descending)
})

test('a cursor that is none of this list is refused', async () => {
  const state = await stateWithJobs()
  const { next } = await state.listJobs({ limit: 1 })
  const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const cursors = ['', 'x', '%00', made(null), made(['jobs']), made(['jobs', 'a', 'b']), made(['jobs', 1.5, 'b'])]
  cursors.push(made(['jobs', 1, 2]), made(['jobs', 1, 'b', 'c']), made({ length: 3, 0: 'jobs' }), 'x'.repeat(100_000))
  for (const after of cursors) {
    await expect(state.listJobs({ limit: 1, after }), after.slice(0, 50)).rejects.toMatchObject({
      code: 'STATE_BAD_CURSOR',
    })
  }
  for (const list of [state.listAlerts, state.listAudit, state.listTicks, state.listDeliveries]) {
    await expect(list({ limit: 1, after: next ?? '' })).rejects.toMatchObject({ code: 'STATE_BAD_CURSOR' })
  }
})

test.each([0, -1, 1001, 1.5, Number.NaN])('a page of %d rows is refused', async (limit) => {
  const state = await freshState()
  await expect(state.listAudit({ limit })).rejects.toMatchObject({ code: 'STATE_BAD_INPUT' })
})

test('the audit is listed by actor and by action, and an id is written once', async () => {
  const state = await freshState()
  const record = { actor: 'token:a', action: 'run.cancel', subject: 'j', outcome: 'done', detail: { n: 1 } } as const
  await state.addAudit({ ...record, id: '1', atMs: 1 })
  await state.addAudit({ ...record, id: '1', atMs: 1, actor: 'eve' })
  await state.addAudit({ ...record, id: '2', atMs: 2, outcome: 'refused' })
  await state.addAudit({ ...record, id: '3', atMs: 3, actor: 'token:b', action: 'alert.acknowledge' })
  const ids = async (filter: { actor?: string; action?: string }): Promise<string[]> =>
    (await state.listAudit({ limit: 10, ...filter })).items.map(({ id }) => id)
  expect(await ids({})).toEqual(['3', '2', '1'])
  expect(await ids({ actor: 'token:a' })).toEqual(['2', '1'])
  expect(await ids({ action: 'alert.acknowledge' })).toEqual(['3'])
  expect((await state.listAudit({ limit: 10 })).items[2]).toEqual({ ...record, id: '1', atMs: 1 })
})
