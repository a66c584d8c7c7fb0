import { expect, test } from 'vitest'
import { shareAnswers } from './share-answers.ts'

function counted(): { readonly work: () => Promise<{ status: number; body: number }>; times(): number } {
  let times = 0
  return { work: async () => ({ status: 200, body: ++times }), times: () => times }
}

test('who asks the same within the time gets the same answer; another question, or a later one, is worked out', async () => {
  let now = 0
  const shared = shareAnswers(100, () => now)
  const { work, times } = counted()
  const [one, two] = await Promise.all([shared.share('read /runs', work), shared.share('read /runs', work)])
  expect(one).toBe(two)
  now = 99
  expect(await shared.share('read /runs', work)).toBe(one)
  expect(await shared.share('admin /runs', work)).not.toBe(one)
  now = 100
  expect(await shared.share('read /runs', work)).not.toBe(one)
  expect(times()).toBe(3)
})

test('after a change everything is worked out anew', async () => {
  const shared = shareAnswers(100, () => 0)
  const { work, times } = counted()
  await shared.share('q', work)
  shared.forget()
  await shared.share('q', work)
  expect(times()).toBe(2)
})

test('a failure is told to those who wait, and not kept', async () => {
  const shared = shareAnswers(100, () => 0)
  const { work } = counted()
  const failing = shared.share('q', () => Promise.reject(new Error('busy')))
  const waiting = shared.share('q', work)
  await expect(failing).rejects.toThrow('busy')
  await expect(waiting).rejects.toThrow('busy')
  expect(await shared.share('q', work)).toMatchObject({ body: 1 })
})

test('with nothing to share every question is worked out', async () => {
  const shared = shareAnswers(0)
  const { work, times } = counted()
  await Promise.all([shared.share('q', work), shared.share('q', work)])
  expect(times()).toBe(2)
})

test('what is kept is bounded, whatever is asked', async () => {
  const shared = shareAnswers(1e9, () => 0)
  const { work, times } = counted()
  for (let at = 0; at < 2000; at += 1) await shared.share(`q${at}`, work)
  await shared.share('q1999', work)
  expect(times()).toBe(2000)
  await shared.share('q0', work)
  expect(times()).toBe(2001)
})
