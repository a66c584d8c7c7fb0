import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openState } from './index.ts'
import { FILES_PER_ENTRY } from './testing/index-for-ever.ts'
import { withFolder } from './testing/with-folder.ts'

test('a process killed while it indexes leaves position, files, watermark and outbox in agreement', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'state.db')
    for (let round = 0; round < 8; round += 1) {
      const child = fork(path.join(import.meta.dirname, 'testing/index-for-ever.ts'), ['run', file], {
        execArgv: ['--conditions=tidegate:source'],
      })
      await once(child, 'message')
      await sleep(Math.random() * 60)
      child.kill('SIGKILL')
      await once(child, 'exit')

      const state = await openState({ path: file, nowMs: () => 0 })
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
    const state = await openState({ path: file, nowMs: () => 0 })
    expect(await state.indexedSeq('/lake')).toBeGreaterThan(8)
    await state.close()
  })
})
