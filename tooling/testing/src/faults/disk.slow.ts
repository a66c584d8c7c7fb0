import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failingRun } from '../crash/kill-run.ts'
import type { CommandUnderTest } from '../crash-harness.ts'
import { runToEnd } from '../crash-harness.ts'
import { openBundledCli, withScene, type BundledCli } from './fault-scene.ts'

let cli: BundledCli
beforeAll(async () => {
  cli = await openBundledCli()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

describe('a disk that fails', () => {
  // Places of the protocol: the parts, the folders of the attempt, the entry, its link, the way to the visible name.
  test.for([
    ['sync', '.sealed', 1, 'EIO'],
    ['sync', '_tidegate/log', 1, 'EIO'],
    ['sync', '_tidegate/staging', 3, 'EIO'],
    ['write', '_tidegate/log', 1, 'ENOSPC'],
    ['link', '_tidegate/log', 1, 'EIO'],
    ['rename', '.sealed', 1, 'EIO'],
    ['rename', '.sealed', 2, 'ENOSPC'],
    ['mkdir', '_tidegate/staging', 1, 'ENOSPC'],
  ] as const)(
    '%s of %s, time %i, with %s: the run says so, and the next one puts everything right',
    async ([op, path, nth, code]) => {
      await withScene(cli, async (scene) => {
        await scene.lay([{ round: 2, changes: 0 }])
        const end = await failingRun(scene.ingest(), { on: 'fail', op, path, nth, times: 1000, code })
        expect(end.failures).toBeGreaterThan(0)
        expect({ exitCode: end.exitCode, signal: end.exitSignal, timedOut: end.timedOut }).toEqual({
          exitCode: 1,
          signal: null,
          timedOut: false,
        })
        expect(await scene.uncommitted()).toEqual([])
        await scene.lay([{ round: 3, changes: 1 }])
        expect(await scene.problems()).toEqual([])
      })
    },
  )

  test('the engine cannot write a file to its end: the run says so, and the next one puts everything right', async () => {
    await withScene(cli, async (scene) => {
      await scene.lay([{ round: 2, changes: 0, rows: 200_000 }])
      const end = await runToEnd(withFileLimit(scene.ingest(), 64))
      expect({ ok: end.exitCode === 0, signal: end.exitSignal, timedOut: end.timedOut }).toEqual({
        ok: false,
        signal: null,
        timedOut: false,
      })
      expect(await scene.uncommitted()).toEqual([])
      await scene.lay([{ round: 3, changes: 1 }])
      expect(await scene.problems()).toEqual([])
    })
  })
})

/** No process of the command may make a file longer than this; writing on fails with EFBIG, as it would on a full disk. */
function withFileLimit(command: CommandUnderTest, kibibytes: number): CommandUnderTest {
  const script = `trap '' XFSZ; ulimit -f ${kibibytes * 2}; exec "$@"`
  return { ...command, command: '/bin/sh', args: ['-c', script, 'sh', command.command, ...command.args] }
}
