import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { atMostEvery } from './at-most-every.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Notes when each work began; one takes `tookMs`. */
function noted(tookMs: number): { readonly began: number[]; readonly work: () => Promise<void> } {
  const startMs = performance.now()
  const began: number[] = []
  return {
    began,
    work: async () => {
      began.push(performance.now() - startMs)
      await new Promise((resolve) => setTimeout(resolve, tookMs))
    },
  }
}

test('the first is done at once, all that come in the rest after it are done as one, and the last is not forgotten', async () => {
  const { began, work } = noted(100)
  const ask = atMostEvery(() => 2000, work)
  ask()
  for (const waitMs of [10, 500, 700]) {
    await vi.advanceTimersByTimeAsync(waitMs)
    ask()
  }
  await vi.advanceTimersByTimeAsync(60_000)
  expect(began).toEqual([0, 2000])
  ask()
  expect(began).toHaveLength(3)
})

test('a steady stream of changes is read once per rest', async () => {
  const { began, work } = noted(10)
  const ask = atMostEvery(() => 2000, work)
  for (let turn = 0; turn < 100; turn += 1) {
    ask()
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(began).toEqual([0, 2000, 4000, 6000, 8000, 10_000])
})

test('what takes long is never done twice at a time, and rests longer', async () => {
  const { began, work } = noted(3000)
  const ask = atMostEvery((tookMs) => Math.max(2000, 4 * tookMs), work)
  ask()
  await vi.advanceTimersByTimeAsync(2500)
  ask()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(began).toEqual([0, 12_000])
})

test('work that fails does not end the turns', async () => {
  const told: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => told.push(error))
  let tries = 0
  const ask = atMostEvery(
    () => 1000,
    async () => {
      tries += 1
      throw new Error('no')
    },
  )
  ask()
  ask()
  await vi.advanceTimersByTimeAsync(5000)
  expect([tries, told.length]).toEqual([2, 2])
  vi.unstubAllGlobals()
})
