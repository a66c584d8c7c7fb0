import { copyFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failingRun, pausedRun } from '../crash/kill-run.ts'
import { ended } from '../crash/scene.ts'
import { runToEnd } from '../crash-harness.ts'
import { settle } from '../file-builders.ts'
import { openBundledCli, withScene, type BundledCli } from './fault-scene.ts'

// One fault of each kind; the others take minutes and are in the slow lane (disk.slow.ts, rivals.slow.ts).
let cli: BundledCli
beforeAll(async () => {
  cli = await openBundledCli()
})
afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

test.concurrent('an entry that cannot be linked ends the run, and the next one puts everything right', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2, changes: 0 }])
    const order = { on: 'fail', op: 'link', path: '_tidegate/log', nth: 1, times: 1000, code: 'EIO' } as const
    const end = await failingRun(scene.ingest(), order)
    expect(end.failures).toBeGreaterThan(0)
    expect(end.exitCode).toBe(1)
    expect(await scene.uncommitted()).toEqual([])
    expect(await scene.problems()).toEqual([])
  })
}, 120_000)

test.concurrent('two states over one target, one of them stopped before its commit: every file is loaded once', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2, changes: 0 }])
    const first = await pausedRun(scene.ingest(), { on: 'phase', phase: 'sealed', nth: 1 }, async () => {
      await runToEnd(scene.command('--set', 'state=.tidegate/other.db', 'ingest'))
    })
    expect(first.paused).toBe(true)
    expect(await scene.uncommitted()).toEqual([])
    expect(await scene.problems()).toEqual([])
  })
}, 120_000)

test.concurrent('a file that is overwritten while it is read is not loaded half', async () => {
  await withScene(cli, async (scene) => {
    await scene.lay([{ round: 2 }])
    const file = scene.place.project.at('landing/north/b-2.csv')
    const run = await pausedRun(scene.ingest(), { on: 'phase', phase: 'checked', nth: 1 }, async () => {
      writeFileSync(file, 'half of a fi')
    })
    expect(run.paused && ended(run), run.stdout).toBe(true)
    expect(await scene.uncommitted()).toEqual([])
    // The sender's second try brings it whole.
    copyFileSync(scene.zone.current.get('north/b-2.csv')?.copy ?? '', file)
    settle(file)
    scene.zone.prints.delete('north/b-2.csv')
    expect(await scene.problems()).toEqual([])
  })
}, 120_000)
