import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freshPath, reopen } from './testing/fresh-state.ts'
import { FILES_PER_ENTRY } from './testing/index-for-ever.ts'

/** In each at least one entry is indexed before the kill. */
const ROUNDS = 4

test('a process killed while it indexes leaves position, files, watermark and outbox in agreement', async () => {
  const file = freshPath()
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = fork(path.join(import.meta.dirname, 'testing/index-for-ever.ts'), ['run', file], {
      execArgv: ['--conditions=tidegate:source'],
    })
    // A test that runs out of time must not leave it behind.
    onTestFinished(() => void child.kill('SIGKILL'))
    // A child that cannot begin ends; then there is nothing to wait for.
    await Promise.race([once(child, 'message'), once(child, 'exit')])
    expect(child.exitCode).toBe(null)
    await sleep(Math.random() * 60)
    child.kill('SIGKILL')
    if (child.signalCode === null) await once(child, 'exit')

    const state = await reopen(file)
    const seq = await state.indexedSeq('/lake')
    const files = await state.listFiles()
    const expected = Array.from(
      { length: seq * FILES_PER_ENTRY },
      (_, index) => Math.floor(index / FILES_PER_ENTRY) + 1,
    )
    expect(files.map((one) => one.seq)).toEqual(expected)
    expect(await state.getWatermark('flights')).toMatchObject({
      value: String(seq),
      recordsProcessed: seq * FILES_PER_ENTRY * 10,
    })
    expect(await state.takeNotices(100_000, (round + 1) * 100_000_000)).toHaveLength(seq)
    await state.close()
  }
  const state = await reopen(file)
  expect(await state.indexedSeq('/lake')).toBeGreaterThanOrEqual(ROUNDS)
  await state.close()
}, 120_000)
