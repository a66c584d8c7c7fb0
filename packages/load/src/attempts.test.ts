import { expect, test } from 'vitest'
import { collectAttempts, collectCommitted, createAttempt, dropAttempt } from './attempts.ts'
import { emptyLogState, foldEntry } from './log-state.ts'
import { batchOf, entryOf, loadOf } from './testing/drafts.ts'
import { tempTarget, tree } from './testing/temp-target.ts'

test('attempts at one batch that are made, given up and collected all the time never lose a folder', async () => {
  using temp = tempTarget()
  const state = emptyLogState()
  const committed = foldEntry(emptyLogState(), entryOf(1, loadOf('b', { 'a#1': 1 })))
  const ending = new AbortController()
  const collect = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await collectCommitted(temp.target, 'b', new Set())
      await collectAttempts(temp.target, state, { batches: new Set(), source: undefined })
      await collectAttempts(temp.target, committed, { batches: new Set(), source: undefined })
    }
  }
  const make = async (writer: number): Promise<void> => {
    for (let at = 0; at < 40; at += 1) {
      const folder = await createAttempt(temp.target, batchOf('b', { attempt: writer }))
      expect(await tree(`${temp.target}/${folder}`)).toEqual(['owner.json'])
      await dropAttempt(temp.target, folder)
    }
  }
  const collecting = [collect(), collect()]
  try {
    await Promise.all([make(1), make(2), make(3)])
  } finally {
    ending.abort()
    await Promise.all(collecting)
  }
  expect((await tree(`${temp.target}/_tidegate/staging`)).filter((name) => name !== 'b')).toEqual([])
})
